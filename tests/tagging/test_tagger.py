import random
from dataclasses import replace

import numpy as np
import pytest

from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import repair
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import UserError
from seqlab.tagging import tagger as module
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TOKENS = ["Ada", "Stone", "saw", "Oslo", "."]


def sentences(*token_lists):
    return [Sentence(tokens=tuple(tokens)) for tokens in token_lists]


def test_tags_and_scores_equal_those_of_keras_predict(span_run):
    """`model.predict` on padded arrays is independent of the tagger's batches."""
    tagger = replace(span_run.tagger, decision=DecisionRule(), constrained=False)
    given = list(read_corpus(span_run.settings.test))
    padded = tagger.encoder.encode(given).padded(max_tokens=40)
    inputs = {"words": padded.words, "chars": padded.chars, **padded.features}
    probabilities = tagger.network.predict(inputs, verbose=0)
    for sentence, row, prediction in zip(given, probabilities, tagger.predict(given), strict=True):
        real = row[: len(sentence)]
        symbols = tagger.encoder.tags.symbols
        assert prediction.tags == tuple(symbols[index] for index in real.argmax(axis=-1))
        np.testing.assert_allclose(prediction.scores, real.max(axis=-1), rtol=1e-5)


def test_a_constrained_tagger_predicts_legal_paths_with_true_probabilities(span_run):
    """Holds for any sentence and any bias."""
    plain = replace(span_run.tagger, decision=DecisionRule(), constrained=False)
    given = list(read_corpus(span_run.settings.test))
    symbols = plain.encoder.tags.symbols
    changed = 0
    for seed in range(4):
        bias = dict(
            zip(symbols, np.random.default_rng(seed).normal(0, 3, len(symbols)), strict=True)
        )
        free = replace(plain, decision=DecisionRule(bias=bias))
        bound = replace(free, constrained=True)
        scores = bound.token_log_probabilities(given)
        for sentence, one, other, row in zip(
            given, free.predict(given), bound.predict(given), scores, strict=True
        ):
            assert repair(other.tags, bound.scheme)[1] == 0
            changed += one.tags != other.tags
            ids = [symbols.index(tag) for tag in other.tags]
            expected = np.exp(row[np.arange(len(sentence)), ids])
            np.testing.assert_allclose(other.scores, expected, rtol=1e-4)
    assert changed
    assert span_run.tagger.constrained


def test_tag_gives_one_tag_per_token(span_run):
    tags = span_run.tagger.tag(TOKENS)
    assert isinstance(tags, list)
    assert len(tags) == len(TOKENS)
    assert set(tags) <= set(span_run.tagger.encoder.tags)
    assert span_run.tagger.tag(tuple(TOKENS)) == tags


def test_words_and_characters_never_seen_get_a_tag(span_run):
    tokens = ["zzzz", "東京", "", "x" * 5_000, "\ud800", "\x00", "😀"]
    assert len(span_run.tagger.tag(tokens)) == len(tokens)


def test_a_string_is_refused_with_a_hint(span_run):
    with pytest.raises(UserError) as caught:
        span_run.tagger.tag("Ada saw")
    message = "tag takes a list of tokens, not one string: 'Ada saw'; try .split()"
    assert str(caught.value) == message


@pytest.mark.parametrize("run", ["span_run", "plain_run"])
def test_sentences_without_tokens(request, run):
    tagger = request.getfixturevalue(run).tagger
    assert tagger.tag([]) == []
    assert list(tagger.predict([])) == []
    predictions = list(tagger.predict(sentences([], TOKENS, [])))
    assert [len(prediction.tags) for prediction in predictions] == [0, len(TOKENS), 0]
    assert [prediction.scores.shape for prediction in predictions] == [(0,), (5,), (0,)]
    only = list(tagger.predict(sentences([], [])))
    assert [prediction.tags for prediction in only] == [(), ()]


def test_a_batch_does_not_change_a_prediction(span_run):
    """Sentences of all lengths, tagged together and one by one."""
    dice = random.Random(3)  # noqa: S311, no secret
    words = [*tiny.FIRST, *tiny.LAST, *tiny.PLACES, "saw", "1999", "."]
    given = sentences(*(dice.choices(words, k=dice.randint(1, 60)) for _ in range(40)))
    together = list(span_run.tagger.predict(given))
    for sentence, in_batch in zip(given, together, strict=True):
        (alone,) = span_run.tagger.predict([sentence])
        assert alone.tags == in_batch.tags
        np.testing.assert_allclose(alone.scores, in_batch.scores, rtol=1e-4)


def test_predict_is_lazy_and_reads_ahead_one_chunk(span_run, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 4)
    taken = []

    def source():
        for number in range(100):
            taken.append(number)
            yield Sentence(tokens=("Ada",))

    predictions = span_run.tagger.predict(source())
    assert taken == []
    next(predictions)
    assert len(taken) == 4
    assert len(list(predictions)) == 99


@pytest.mark.parametrize("run", ["span_run", "plain_run"])
@pytest.mark.parametrize("changed", ["nothing", "bias", "constrained"])
def test_tag_ids_are_those_of_the_predictions(request, run, changed):
    tagger = request.getfixturevalue(run).tagger
    symbols = tagger.encoder.tags.symbols
    if changed == "bias":
        tagger = replace(tagger, decision=DecisionRule(bias={symbols[0]: 3.0}))
    elif changed == "constrained":
        tagger = replace(tagger, constrained=not tagger.constrained)
    dice = random.Random(5)  # noqa: S311, no secret
    given = sentences(*(dice.choices(TOKENS, k=dice.randint(0, 9)) for _ in range(150)))
    expected = [tag for prediction in tagger.predict_chunk(given) for tag in prediction.tags]
    assert [symbols[number] for number in tagger.tag_ids_chunk(given)] == expected


def test_a_long_sentence_is_tagged_whole(span_run):
    """Longer than the 150 tokens of a training window; context still crosses token 150."""
    tokens = TOKENS * 40
    whole = span_run.tagger.tag(tokens)
    assert len(whole) == 200
    changed = [*tokens[:150], "museum", *tokens[151:]]
    one, other = (
        next(span_run.tagger.scorer.score(sentences(given))).logits[0, 149]
        for given in (tokens, changed)
    )
    assert (one != other).any()  # training would end a window here


def test_tags_of_the_given_sentences_are_ignored(span_run):
    given = Sentence(tokens=tuple(TOKENS), tags=("S-LAW",) * len(TOKENS))
    (prediction,) = span_run.tagger.predict([given])
    assert list(prediction.tags) == span_run.tagger.tag(TOKENS)


@pytest.mark.parametrize("given", [[["The", "French"]], ["The French"], "The French"])
def test_predict_refuses_other_things_with_an_example(span_run, given):
    with pytest.raises(UserError) as caught:
        list(span_run.tagger.predict(given))
    assert "such as" in str(caught.value)
    assert 'seqlab.Sentence(tokens=("Obama", "spoke"))' in str(caught.value)


@pytest.mark.parametrize("method", ["predict_chunk", "tag_ids_chunk", "n_best_chunk"])
@pytest.mark.parametrize("given", [None, Sentence(tokens=("a",)), [["The"]], iter([])])
def test_every_method_for_sentences_refuses_other_things(span_run, method, given):
    more = (3,) if method == "n_best_chunk" else ()
    with pytest.raises(UserError, match=r"expected (a list of )?sentences"):
        getattr(span_run.tagger, method)(given, *more)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (None, "found NoneType None"),
        (Sentence(tokens=("a",)), "found Sentence"),
        ({"tokens": ["a"]}, "found dict"),
        ({"a", "b"}, "found set"),
        (["a", None], "all of them strings; found NoneType None"),
        ([["a"]], r"all of them strings; found list \['a'\]"),
    ],
)
def test_tag_takes_the_tokens_of_one_sentence(span_run, given, message):
    with pytest.raises(UserError, match=f"tag takes a list of tokens.*{message}"):
        span_run.tagger.tag(given)


def test_tag_takes_tokens_from_any_ordered_source(span_run):
    expected = span_run.tagger.tag(TOKENS)
    for given in (tuple(TOKENS), np.array(TOKENS), iter(TOKENS)):
        assert span_run.tagger.tag(given) == expected
