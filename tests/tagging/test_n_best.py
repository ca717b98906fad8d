"""A tagger's n best tag sequences against brute force over all paths."""

from dataclasses import replace

import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme, repair
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import UserError
from seqlab.tagging.tagger import TagPath
from tests import tiny
from tests.strategies import LETTERS
from tests.tagging.test_spans import WORDS, make_tagger, scored_paths

pytestmark = tiny.KERAS_NOISE


@pytest.mark.parametrize("head", ["softmax", "crf"])
@pytest.mark.parametrize("scheme", list(LETTERS))
def test_sequences_equal_those_of_brute_force(scheme, head):
    """Of sentences of 5, 1 and 3 tokens; more are asked for than the shorter ones have."""
    tagger = make_tagger(scheme, head)
    given = [Sentence(tokens=tokens) for tokens in (WORDS, WORDS[:1], WORDS[1:4])]
    for sentence, sequences in zip(given, tagger.n_best_chunk(given, 30), strict=True):
        paths = list(scored_paths(tagger, sentence.tokens))
        whole = np.logaddexp.reduce([score for _, score in paths])
        legal = {
            tuple(tags): np.exp(score - whole)
            for tags, score in paths
            if repair(tags, scheme)[1] == 0
        }
        best = sorted(legal.values(), reverse=True)[:30]
        np.testing.assert_allclose([path.probability for path in sequences], best, rtol=1e-4)
        for path in sequences:
            assert path.probability == pytest.approx(legal[path.tags], rel=1e-4)
        assert len({path.tags for path in sequences}) == len(sequences)


@pytest.mark.parametrize("head", ["softmax", "crf"])
def test_without_constraints_all_paths_together_have_probability_1(head):
    tagger = replace(make_tagger(Scheme.IOB2, head), constrained=False)
    sequences = tagger.n_best(WORDS[:4], 1000)
    assert len(sequences) == 3**4
    assert sum(path.probability for path in sequences) == pytest.approx(1, abs=1e-6)


def test_the_first_sequence_of_a_softmax_without_a_bias_equals_tag():
    tagger = replace(make_tagger(Scheme.IOB2, "softmax"), decision=DecisionRule(temperature=3.0))
    assert list(tagger.n_best(WORDS, 2)[0].tags) == tagger.tag(WORDS)


def test_empty_sentences_have_one_path_and_a_batch_changes_nothing():
    tagger = make_tagger(Scheme.IOBES, "crf")
    empty = [TagPath(tags=(), probability=1.0)]
    assert tagger.n_best([], 3) == empty
    assert tagger.n_best_chunk([], 3) == []
    alone = tagger.n_best(WORDS, 3)
    given = [Sentence(tokens=tokens) for tokens in ((), WORDS, WORDS[::-1] * 3)]
    results = tagger.n_best_chunk(given, 3)
    assert results[0] == empty
    assert [path.tags for path in results[1]] == [path.tags for path in alone]
    assert [path.probability for path in results[1]] == pytest.approx(
        [path.probability for path in alone], rel=1e-4
    )


@pytest.mark.parametrize("n", [0, -1, 1001, 1.0, True, "3"])
def test_an_invalid_number_of_paths(n):
    with pytest.raises(UserError) as caught:
        make_tagger(Scheme.IOB2, "softmax").n_best(WORDS, n)
    assert str(caught.value) == f"n_best is {n!r}: expected a whole number from 1 to 1000"


def test_a_string_is_refused_with_a_hint():
    with pytest.raises(UserError) as caught:
        make_tagger(Scheme.IOB2, "softmax").n_best("Ada saw", 2)
    message = "n_best takes a list of tokens, not one string: 'Ada saw'; try .split()"
    assert str(caught.value) == message
