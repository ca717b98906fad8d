"""The tags of a sentence depend on the sentence alone: not on its batch, the order, the threads or the processes."""

import random
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.inference import scorer
from tests import tiny

pytestmark = tiny.KERAS_NOISE

WORDS = (*tiny.FIRST, *tiny.LAST, *tiny.PLACES, "saw", "the", "in", "1999", ".", "unseen", "Ünsen")


@pytest.fixture
def sentences():
    """60 sentences of 0 to 40 tokens; some words are unknown."""
    dice = random.Random(5)  # noqa: S311
    return [Sentence(tokens=tuple(dice.choices(WORDS, k=dice.randrange(41)))) for _ in range(60)]


@pytest.fixture
def alone(span_run, sentences):
    """The tags of each sentence when nothing else is tagged with it."""
    tags = [replace(span_run.tagger).tag(one.tokens) for one in sentences]
    assert len({tag for row in tags for tag in row}) > 2
    return tags


def tags_of(predictions):
    return [list(one.tags) for one in predictions]


@pytest.mark.parametrize("size", [1, 2, 7, 59, 1000])
def test_batches_of_any_size_in_any_order(span_run, sentences, alone, size, monkeypatch):
    monkeypatch.setattr(scorer, "BATCH_SENTENCES", size)
    monkeypatch.setattr(scorer, "GROUP_TOKENS", 30 * size)
    order = random.Random(size).sample(range(60), 60)  # noqa: S311
    shuffled = replace(span_run.tagger).predict([sentences[index] for index in order])
    assert tags_of(shuffled) == [alone[index] for index in order]


def test_any_threads(span_run, sentences, alone):
    tagger = replace(span_run.tagger)
    parts = [sentences[start : start + 5] for start in range(0, 60, 5)]
    with ThreadPoolExecutor(12) as pool:
        tagged = pool.map(tagger.predict_chunk, parts)
        assert [tags for part in tagged for tags in tags_of(part)] == alone
