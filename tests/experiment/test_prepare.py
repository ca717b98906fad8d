"""Preparation: what weights and resampling change, and what they leave unchanged."""

from dataclasses import fields, replace

import numpy as np
import pytest

from seqlab.corpus import cache_writing
from seqlab.corpus import corpus_arrays as corpus_arrays_module
from seqlab.corpus.corpus_arrays import CorpusArraysBuilder
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.encoding.batches import Batcher
from seqlab.encoding.vectors import vector_spellings
from seqlab.errors import SettingsError, UserError, WeightsError
from seqlab.experiment.prepare import prepare
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from tests import tiny


@pytest.fixture
def paths(tmp_path_factory):
    return tiny.corpus(tmp_path_factory)


def prepared(paths, **settings):
    """The prepared training, and the lines of the log."""
    lines: list[str] = []
    return prepare(make_settings(**{**paths, **settings}), Log(lines.append, None)), lines


def test_sentence_weights_reach_the_arrays_of_both_splits(paths):
    found, lines = prepared(paths, sentence_weights="length", resample="none")
    longest = max(map(len, found.splits.train))
    expected = [len(s) / longest for s in found.splits.train]
    np.testing.assert_allclose(found.train.sentence_weights, expected)
    assert [s.weight for s in found.splits.valid] == [len(s) / longest for s in found.splits.valid]
    assert {s.weight for s in found.splits.test} == {1.0}  # nothing is weighed in test
    (line,) = (line for line in lines if line.startswith("sentence weights: length; smallest 0."))
    assert line in found.splits.notes  # the report shows them


def test_confidence_is_read_from_comments_and_an_error_names_the_line(paths, tmp_path):
    sentences = [
        Sentence(tokens=s.tokens, tags=s.tags, metadata={"confidence": "0.8"})
        for s in read_corpus(paths["train"])
    ]
    path = str(tmp_path / "sure.conll")
    write_corpus(sentences, path, format="conll")
    found, _ = prepared(paths, train=path, sentence_weights="confidence")
    np.testing.assert_allclose(found.train.sentence_weights, 0.8)
    with pytest.raises(UserError) as caught:
        prepared(paths, sentence_weights="confidence")
    assert str(caught.value) == f"{paths['train']}:1: this sentence has no field 'confidence'"


@pytest.mark.parametrize("cached", [False, True])
def test_every_split_becomes_arrays_once(paths, tmp_path, monkeypatch, cached):
    taken = []

    class Counting(CorpusArraysBuilder):
        def take(self, sentences):
            taken.append(len(sentences))
            return super().take(sentences)

    monkeypatch.setattr(corpus_arrays_module, "CorpusArraysBuilder", Counting)
    monkeypatch.setattr(cache_writing, "CorpusArraysBuilder", Counting)
    options = {"cache": str(tmp_path / "cache")} if cached else {}
    found, _ = prepared(paths, resample="sc", sentence_weights="length", **options)
    assert taken == [len(found.splits.arrays[name].weights) for name in ("train", "valid", "test")]


def test_token_weights_from_a_column(paths, tmp_path):
    path = tmp_path / "weighed.conll"
    text = "".join(
        "".join(f"{token} {tag} 0.5\n" for token, tag in zip(s.tokens, s.tags, strict=True)) + "\n"
        for s in read_corpus(paths["train"])
    )
    path.write_text(text, encoding="utf-8")
    found, _ = prepared(
        paths,
        train=str(path),
        valid=str(path),
        tag_column=1,
        token_weight_column=2,
        class_weight="O=0.2",
        accept="same-files",
    )
    assert found.train.token_weights is not None
    assert set(found.train.token_weights.tolist()) == {0.5}
    assert all(s.token_weights is None for s in found.splits.test)


@pytest.mark.bits("copied")
@pytest.mark.parametrize("name", ["auto", "sc", "scr", "scrd", "nscrd", "balanced"])
def test_resampling_changes_nothing_that_is_counted(paths, name):
    plain, _ = prepared(paths, resample="none", class_weights="sqrt-inverse")
    found, lines = prepared(paths, resample=name, class_weights="sqrt-inverse")
    assert plain.resampler is None
    assert found.resampler is not None
    assert found.encoder == plain.encoder
    np.testing.assert_array_equal(found.class_weights, plain.class_weights)
    np.testing.assert_array_equal(found.tag_counts, plain.tag_counts)
    np.testing.assert_array_equal(found.tag_counts, found.train.tag_counts())
    assert found.windows.words is plain.windows.words or len(found.windows) == len(plain.windows)
    (line,) = (line for line in lines if line.startswith(f"resampling {name}: "))
    assert "an epoch holds " in line
    assert line in found.splits.notes
    twice = "class weights favour the same classes a second time"
    assert twice in line
    _, lines = prepared(paths, resample=name)
    assert not any(twice in line for line in lines)
    _, lines = prepared(paths, resample="none", keep_empty=0.5, class_weights="sqrt-inverse")
    assert not any(twice in line for line in lines)


@pytest.mark.bits("copied")
def test_by_default_spans_are_resampled_and_plain_tags_are_not(paths, tmp_path):
    by_default, _ = prepared(paths)
    asked, _ = prepared(paths, resample="scr")
    np.testing.assert_array_equal(by_default.resampler.copies, asked.resampler.copies)
    assert prepared(paths, resample="none")[0].resampler is None
    assert prepared(paths, scheme="plain")[0].resampler is None
    assert prepared(paths, scheme="plain", resample="sc")[0].resampler is not None


def test_without_a_rare_class_auto_copies_nothing_and_says_so(paths, tmp_path):
    """LAW is rare, so its two sentences are left out."""
    path = str(tmp_path / "train.conll")
    common = [s for s in read_corpus(paths["train"]) if not any("LAW" in tag for tag in s.tags)]
    write_corpus(common, path, format="conll")
    found, lines = prepared(paths, train=path, resample="auto", class_weights="balanced")
    line = "resampling auto: no class has under 2 % of the tokens; an epoch holds each window once"
    assert line in lines
    assert line in found.splits.notes
    assert found.resampler is None


def test_windows_are_the_unit_of_resampling(tmp_path):
    """The only span of a sentence of 8 tokens is at its end, so that its first window has none."""
    long = Sentence(tokens=tuple("abcdefgh"), tags=("O",) * 7 + ("B-PER",))
    short = Sentence(tokens=("i", "j"), tags=("O", "O"))
    path = str(tmp_path / "x.conll")
    write_corpus([long, short], path, format="conll")
    resampling = {"max_tokens": 4, "resample": "sc", "keep_empty": 0.5}
    found, _ = prepared({}, train=path, valid=path, accept="same-files", **resampling)
    assert found.windows.lengths.tolist() == [4, 4, 2]
    assert found.resampler.copies.tolist() == [1, 2, 1]
    assert found.resampler.empty.tolist() == [0, 2]
    assert len(found.resampler.draw(np.random.default_rng(1))) == 3


def test_plain_tags_are_all_classes_and_have_no_empty_sentences(tmp_path_factory):
    paths = tiny.plain_corpus(tmp_path_factory)
    found, lines = prepared(paths, resample="nscrd")
    assert len(found.resampler.empty) == 0
    assert any("NUM " in line for line in lines if line.startswith("resampling "))
    with pytest.raises(SettingsError, match=r"^keep_empty is 0.5: plain tags have no spans$"):
        prepared(paths, keep_empty=0.5)


def test_the_weight_of_the_outside_tag_alone_can_be_lowered(paths):
    found, _ = prepared(paths, class_weights="none", class_weight="O=0.2")
    weights = dict(zip(found.encoder.tags, found.class_weights.tolist(), strict=True))
    others = {weight for tag, weight in weights.items() if tag != "O"}
    assert len(others) == 1
    assert weights["O"] == pytest.approx(0.2 * others.pop())


def test_the_likelihood_of_sentences_refuses_token_weights(paths, tmp_path):
    sentences = [replace(s, token_weights=(0.5,) * len(s)) for s in read_corpus(paths["train"])]
    path = str(tmp_path / "weighed.jsonl")
    write_corpus(sentences, path, format="jsonl")
    likelihood = {"head": "crf", "crf_loss": "likelihood", "class_weights": "none"}
    with pytest.raises(SettingsError) as caught:
        prepared({**paths, "train": path}, **likelihood)
    assert str(caught.value) == (
        "the training corpus has token weights, but crf_loss is 'likelihood', a loss of whole "
        "sentences: choose crf_loss 'marginal', which honours them"
    )
    prepared({**paths, "train": path}, head="crf")


WAYS = {
    "plain": {},
    "windows and copies": {"max_tokens": 4, "resample": "scrd", "keep_empty": 0.5},
    "balanced": {"resample": "balanced", "scheme": "iobes"},
    "a rare class": {"resample": "auto"},
    "length": {"sentence_weights": "length", "min_word_count": 1},
    "features": {"feature_columns": "pos=looks", "word_features": ("shape", "suffix")},
    "fields": {
        "sentence_weights": ("confidence", "recency", "field"),
        "half_life": 10.0,
        "weight_field": "votes",
    },
}


def weighed_corpus(paths, folder):
    """The tiny corpus as JSON lines with all weights and metadata."""
    for name in ("train", "valid"):
        sentences = [
            replace(
                s,
                weight=0.1 * (number % 7 + 1),
                token_weights=tuple(0.3 * (i + 1) for i in range(len(s))) if number % 3 else None,
                metadata={
                    "confidence": 0.9,
                    "date": f"2024-01-{number % 28 + 1:02}",
                    "votes": number,
                    "looks": [tiny.looks(token) for token in s.tokens],
                },
            )
            for number, s in enumerate(read_corpus(paths[name]))
        ]
        write_corpus(sentences, folder / f"{name}.jsonl", format="jsonl")
    return {name: str(folder / f"{name}.jsonl") for name in ("train", "valid")}


def assert_equal_arrays(one, other, fields):
    for name in fields:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name), err_msg=name)


@pytest.mark.bits("copied")
@pytest.mark.parametrize("way", WAYS)
def test_a_cached_corpus_is_prepared_like_one_in_memory(paths, tmp_path, way):
    paths = {**weighed_corpus(paths, tmp_path), "test": None}
    cache = str(tmp_path / "cache")
    plain, lines = prepared(paths, **WAYS[way])
    for expected in ("was read into", "was found at"):
        found, said = prepared(paths, **WAYS[way], cache=cache)
        assert expected in said[0]
        assert said[1:] == lines
        assert found.splits.notes == plain.splits.notes
        assert found.encoder == plain.encoder
        assert (found.watched, found.splits.scheme) == (plain.watched, plain.splits.scheme)
        np.testing.assert_array_equal(found.class_weights, plain.class_weights)
        for part in ("train", "windows"):
            one, other = getattr(found, part), getattr(plain, part)
            names = ("words", "spelling_ids", "labels", "offsets", "lengths", "sentence_weights")
            assert_equal_arrays(one, other, names)
            assert_equal_arrays(one.distinct_words, other.distinct_words, ("characters", "offsets"))
            np.testing.assert_array_equal(one.tag_counts(), other.tag_counts())
        batchers = [
            Batcher(each.windows, size=4, sampler=each.resampler) for each in (found, plain)
        ]
        epochs = [batcher.epoch(seed=1, number=2) for batcher in batchers]
        for first, second in zip(*epochs, strict=True):
            batch, other = (
                b.batch(part) for b, part in zip(batchers, (first, second), strict=True)
            )
            for arrays in zip(batch.inputs.values(), other.inputs.values(), strict=True):
                np.testing.assert_array_equal(*arrays)
            rest = {field.name for field in fields(batch)} - {"features"}
            assert_equal_arrays(batch, other, rest)
            assert batch.token_weights.dtype == np.float32


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # gensim leaves it open
def test_vectors_of_a_cached_corpus_equal_those_of_one_in_memory(paths, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("paris 1 2\nStone 3 4\nold 5 6\n")
    options = {"vectors": str(vectors), "min_word_count": 9}
    plain, lines = prepared(paths, **options)
    found, said = prepared(paths, **options, cache=str(tmp_path / "cache"))
    assert said[1:] == lines
    assert "by token: " in lines[1]
    assert found.encoder == plain.encoder
    assert vector_spellings(found.splits.train, found.vectors) == vector_spellings(
        plain.splits.train, plain.vectors
    )


def test_a_feature_of_one_value_is_noted(paths, tmp_path):
    train = tmp_path / "train.conll"
    rows = [
        "".join(f"{token} X {tag}\n" for token, tag in zip(s.tokens, s.tags, strict=True))
        for s in read_corpus(paths["train"])
    ]
    train.write_text("\n".join(rows), encoding="utf-8")
    options = {"train": str(train), "valid": None, "test": None}
    _, lines = prepared(paths, **options, feature_columns="chunk=1")
    assert "feature 'chunk': 1 value in training, 'X'" in lines
    assert "note: feature 'chunk' has one value in training: it carries no information" in lines
    _, lines = prepared(paths, **options, feature_columns="word=0")
    assert not any("carries no information" in line for line in lines)


def test_an_unknown_weighting_is_refused_before_a_corpus_is_read():
    settings = make_settings(train="no-such-file", class_weights="balance")
    with pytest.raises(WeightsError) as caught:
        prepare(settings, Log([].append, None))
    assert str(caught.value) == (
        "class_weights is 'balance': expected one of none, balanced, inverse, sqrt-inverse, log, "
        "effective-number, median-frequency, or a file NAME.toml; nearest: 'balanced'"
    )


def test_classes_with_few_validation_spans_are_noted_in_log_and_report(paths):
    found, lines = prepared(paths)
    (line,) = (line for line in lines if line.startswith("note: valid: fewer than 10 spans of "))
    assert line.removeprefix("note: ") in found.splits.notes
