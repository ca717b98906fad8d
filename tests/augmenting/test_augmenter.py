"""Changed windows keep what their method promises; the same seed gives the same changes."""

from collections import Counter
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme, decode_spans, encode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.gazetteer_features import ids_of_tokens
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.errors import SettingsError
from seqlab.experiment.augmentation import (
    augmentation_text,
    augmenter_of,
    with_cased_spellings,
)
from seqlab.settings.training import make_settings

METHODS = ("mentions", "tokens", "segments", "case")
SENTENCES = (
    ("Ada Lovelace met Bob in New York .", [(0, 2, "PER"), (3, 4, "PER"), (5, 7, "LOC")]),
    ("Oslo is far from Rio de Janeiro", [(0, 1, "LOC"), (4, 7, "LOC")]),
    ("nobody was there", []),
    ("UN and Eve", [(0, 1, "ORG"), (2, 3, "PER")]),
)


def sentences(scheme=Scheme.IOB2):
    made = []
    for text, spans in SENTENCES:
        tokens = tuple(text.split())
        weights = tuple(float(1 + len(token)) for token in tokens)
        tags = encode_spans(spans, len(tokens), Scheme.IOB2 if scheme is Scheme.PLAIN else scheme)
        made.append(
            Sentence(
                tokens=tokens,
                tags=tags,
                token_weights=weights,
                features={"length": tuple(str(len(token)) for token in tokens)},
            )
        )
    return made


class Changes:
    """A batcher whose batches are read back as words, tags, features and weights."""

    def __init__(self, *methods, scheme=Scheme.IOB2, share=1.0, max_tokens=150, lists=None):
        corpus = sentences(scheme)
        options = make_settings(augment=methods, augment_share=share)
        encoder = fit_encoder(corpus, feature_columns=("length",))
        encoder = replace(encoder, gazetteers=make_gazetteers(lists or {}))
        self.arrays = with_cased_spellings(options, corpus_arrays(corpus, ("length",)))
        train = encoder.encode(self.arrays)
        self.augmenter = augmenter_of(options, scheme, encoder, self.arrays, train)
        self.encoder, self.windows = encoder, train.windows(max_tokens)
        self.batcher = Batcher(self.windows, size=9, augmenter=self.augmenter)

    def rows(self, seed):
        tokens = self.batcher.tokens(self.batcher.all(), (1, 1, seed))
        batch = self.batcher.batch(self.batcher.all(), seed=(1, 1, seed))
        lengths = self.encoder.feature_columns["length"]
        for number, mask in enumerate(tokens.mask):
            yield (
                [self.arrays.spellings[i] for i in tokens.spelling_ids[number, mask].tolist()],
                [self.encoder.tags.symbol(i) for i in batch.labels[number, mask].tolist()],
                [
                    "" if i == 1 else lengths.symbol(i)
                    for i in batch.features["column_length"][number, mask].tolist()
                ],
                batch.token_weights[number, mask].tolist(),
            )


seeds = st.integers(0, 10_000)
MENTIONS = {
    (" ".join(text.split()[start:stop]), name)
    for text, spans in SENTENCES
    for start, stop, name in spans
}


@pytest.mark.parametrize("scheme", [Scheme.IOB1, Scheme.IOB2, Scheme.IOBES])
@settings(max_examples=15)
@given(seeds)
def test_mentions_become_mentions_of_their_type_and_the_rest_stays(scheme, seed):
    rows = Changes("mentions", scheme=scheme).rows(seed)
    for (words, tags, features, weights), (text, spans) in zip(rows, SENTENCES, strict=True):
        found = decode_spans(tags, scheme)
        assert [name for _, _, name in found] == [name for _, _, name in spans]
        assert {(" ".join(words[a:b]), name) for a, b, name in found} <= MENTIONS
        outside = [w for w, tag in zip(words, tags, strict=True) if tag == "O"]
        inside = {i for start, stop, _ in spans for i in range(start, stop)}
        assert outside == [w for i, w in enumerate(text.split()) if i not in inside]
        assert tags == list(encode_spans(found, len(words), scheme))
        assert weights == [1.0 + len(word) for word in words]
        assert all(f in ("", str(len(w))) for f, w in zip(features, words, strict=True))


@settings(max_examples=15)
@given(seeds)
def test_tokens_become_tokens_with_their_tag(seed):
    tagged = {(w, t) for s in sentences() for w, t in zip(s.tokens, s.tags, strict=True)}
    for (words, tags, features, weights), before in zip(
        Changes("tokens").rows(seed), sentences(), strict=True
    ):
        assert tuple(tags) == before.tags
        assert set(zip(words, tags, strict=True)) <= tagged
        assert tuple(weights) == before.token_weights  # a weight belongs to the label
        assert all(f in ("", str(len(w))) for f, w in zip(features, words, strict=True))


@settings(max_examples=15)
@given(seeds)
def test_segments_keep_their_words_and_tags(seed):
    for (words, tags, _, _), before in zip(
        Changes("segments").rows(seed), sentences(), strict=True
    ):
        spans = decode_spans(before.tags, Scheme.IOB2)
        edges = sorted({0, len(before), *(edge for a, b, _ in spans for edge in (a, b))})
        assert tuple(tags) == before.tags
        for start, stop in pairwise(edges):
            assert Counter(words[start:stop]) == Counter(before.tokens[start:stop])


@settings(max_examples=15)
@given(seeds)
def test_case_changes_whole_windows(seed):
    for (words, tags, _, _), before in zip(Changes("case").rows(seed), sentences(), strict=True):
        text = " ".join(before.tokens)
        assert " ".join(words) in (text.lower(), text.upper())
        assert tuple(tags) == before.tags


@pytest.mark.bits("copied")
@settings(max_examples=15)
@given(seeds)
def test_a_seed_gives_the_same_changes_and_no_seed_gives_none(seed):
    changes = Changes(*METHODS, share=0.5)
    assert list(changes.rows(seed)) == list(Changes(*METHODS, share=0.5).rows(seed))
    batch = changes.batcher.batch(changes.batcher.all())
    plain = Batcher(changes.windows, size=9).batch(changes.batcher.all(), seed=(1, 1, seed))
    for name, array in plain.inputs.items():
        assert (batch.inputs[name] == array).all()
    assert (batch.labels == plain.labels).all()


def test_each_share_of_windows_is_changed():
    changes = Changes("case", share=0.25)
    texts = [" ".join(s.tokens) for s in sentences()]
    changed = [
        " ".join(words) != text
        for seed in range(400)
        for (words, *_), text in list(zip(changes.rows(seed), texts, strict=True))[:2]
    ]
    assert 0.21 < np.mean(changed) < 0.29  # binomial: 0.25 +- 0.014


@settings(max_examples=15)
@given(seeds)
def test_a_mention_that_a_window_cuts_stays_as_it_is(seed):
    changes = Changes("mentions", max_tokens=2)
    texts = [" ".join(words) for words, *_ in changes.rows(seed)]
    assert "York ." in texts  # 'New York' is cut: in New | York .


def test_the_line_of_the_log_counts_distinct_mentions():
    assert augmentation_text(Changes("mentions", "case", share=0.3).augmenter) == (
        "augmentation: 30% of an epoch's windows are changed: mentions, case; 7 distinct mentions in training, "
        "fewest for ORG: 1"
    )
    assert augmentation_text(Changes("tokens").augmenter) == (
        "augmentation: 100% of an epoch's windows are changed: tokens"
    )


@pytest.mark.parametrize("method", METHODS)
@settings(max_examples=15)
@given(seeds)
def test_phrases_of_gazetteers_are_found_in_the_changed_window(method, seed):
    phrases = [["New", "York"], ["Ada"], ["Rio", "de", "Janeiro"], ["Bob", "in"]]
    changes = Changes(method, share=0.7, lists={"listed": phrases, "other": [["met", "Eve"]]})
    batch = changes.batcher.batch(changes.batcher.all(), seed=(1, 1, seed))
    lengths = [int(mask.sum()) for mask in batch.words > 0]
    for number, (words, *_) in enumerate(changes.rows(seed)):
        found = ids_of_tokens(changes.encoder.gazetteers, words, np.array([0, len(words)]), "none")
        for name, ids in found.items():
            assert batch.features[name][number, : lengths[number]].tolist() == ids.tolist()
            assert not batch.features[name][number, lengths[number] :].any()


def test_plain_tags_have_no_mentions():
    with pytest.raises(SettingsError) as caught:
        Changes("mentions", scheme=Scheme.PLAIN)
    assert str(caught.value) == (
        "augment is 'mentions', but plain tags have no mentions: leave it out"
    )
