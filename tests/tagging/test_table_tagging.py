"""Tables: pandas and datasets in, pandas and datasets out, with the tags of the tagger itself."""

import math
import os
import pickle
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seqlab.corpus.schemes import decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.number_scaling import NumberScaling
from seqlab.errors import SettingsError, UserError
from seqlab.tagging import tagged_tokens
from seqlab.tagging.table_columns import choose_columns, sentences_of_columns
from tests import tiny
from tests.conftest import ROOT

pytestmark = tiny.KERAS_NOISE

TEXTS = ["Ada Stone saw Oslo.", "", "Boris Marsh left 😀 Paris\n\nClara Vale praised Lima."]
TOKENS = [["Ada", "Stone", "saw", "Oslo", "."], [], ["Boris", "left", "Paris"]]
EMPTY = "in 1999 ."


@pytest.fixture
def tagger(span_run):
    return span_run.tagger


@pytest.fixture
def frame():
    """Rows with a repeated label, and one without a text."""
    index = pd.Index([7, 7, "x", "y"], name="review")
    return pd.DataFrame({"stars": [5, 4, 3, 2], "text": [*TEXTS, None]}, index=index)


def test_each_span_is_a_row_with_the_index_of_its_text(tagger, frame):
    spans = tagger.tag_frame(frame, text="text")
    assert list(spans.columns) == ["start", "end", "label", "text", "score"]
    assert spans.index.name == "review"
    expected = [
        (label, *span)
        for label, text in zip(frame.index, TEXTS, strict=False)
        for span in tagger.tag_text(text).spans
    ]
    assert len(expected) > 3
    assert list(spans.itertuples(name=None)) == expected
    for label, row in spans.iterrows():
        assert any(
            str(text)[row.start : row.end] == row.text for text in frame.text[frame.index == label]
        )


def test_each_token_is_a_row(tagger, frame):
    tokens = tagger.tag_frame(frame, text="text", rows="tokens")
    found = [tuple(row) for row in tokens.itertuples(index=False)]
    assert found == [token for text in TEXTS for token in tagger.tag_text(text).tokens]


def test_the_same_rows_get_columns(tagger, frame):
    tagged = tagger.tag_frame(frame, text="text", rows="same", prefix="found_")
    pd.testing.assert_frame_equal(tagged[["stars", "text"]], frame)
    spans = [[span._asdict() for span in tagger.tag_text(text).spans] for text in TEXTS]
    assert tagged["found_spans"].tolist() == [*spans, []]
    assert list(frame.columns) == ["stars", "text"], "the frame that was given has changed"


def test_tokens_count_in_tokens_and_have_the_tags_of_predict(tagger):
    frame = pd.DataFrame({"words": TOKENS}, index=[3, 1, 2])
    tagged = tagger.tag_frame(frame, tokens="words", rows="same")
    sentences = [Sentence(tokens=tuple(tokens)) for tokens in TOKENS]
    predictions = tagger.predict_chunk(sentences)
    assert tagged["tags"].tolist() == [list(p.tags) for p in predictions]
    for scores, prediction in zip(tagged["scores"], predictions, strict=True):
        assert scores == pytest.approx(prediction.scores, abs=1e-6)
    expected = [
        (label, start, stop, kind, " ".join(tokens[start:stop]), min(scores[start:stop]))
        for label, tokens, prediction, scores in zip(
            frame.index, TOKENS, predictions, tagged["scores"], strict=True
        )
        for start, stop, kind in decode_spans(prediction.tags, tagger.scheme)
    ]
    assert expected
    assert list(tagger.tag_frame(frame, tokens="words").itertuples(name=None)) == expected


def test_long_tables_are_tagged_in_chunks(tagger, monkeypatch):
    frame = pd.DataFrame({"words": TOKENS * 3})
    whole = tagger.tag_frame(frame, tokens="words", rows="tokens")
    monkeypatch.setattr(tagged_tokens, "READ_AHEAD", 2)
    parts = tagger.tag_frame(frame, tokens="words", rows="tokens")
    pd.testing.assert_frame_equal(parts, whole, rtol=1e-5)


@pytest.mark.parametrize("rows", [0, 1])
def test_a_table_without_spans_has_the_same_types(tagger, rows):
    some = tagger.tag_frame(pd.DataFrame({"text": TEXTS}), text="text")
    none = tagger.tag_frame(pd.DataFrame({"text": [""] * rows}), text="text")
    assert len(none) == 0
    assert none.dtypes.to_dict() == some.dtypes.to_dict()
    assert some.dtypes.to_dict() == {
        "start": np.int64, "end": np.int64, "score": np.float64, "label": "str", "text": "str",
    }  # fmt: skip


def test_plain_tags_are_rows_of_tokens(plain_run):
    tagger, frame = plain_run.tagger, pd.DataFrame({"text": TEXTS})
    tokens = tagger.tag_frame(frame, text="text")
    assert list(tokens.columns) == ["start", "end", "text", "tag", "score"]
    same = tagger.tag_frame(frame, text="text", rows="same")
    assert [t["tag"] for row in same["tokens"] for t in row] == tokens["tag"].tolist()
    words = tagger.tag_frame(pd.DataFrame({"words": TOKENS}), tokens="words", rows="same")
    assert list(words.columns) == ["words", "tags", "scores"]
    assert words["tags"].tolist()[0] == tagger.tag(TOKENS[0])
    with pytest.raises(SettingsError) as caught:
        tagger.tag_frame(frame, text="text", rows="spans")
    assert str(caught.value) == (
        "rows is 'spans', but this tagger predicts plain tags, which have no spans: "
        "expected 'tokens' or 'same'"
    )


def test_features_and_numbers_come_from_columns(tagger):
    encoder = replace(
        tagger.encoder,
        feature_columns={"pos": tagger.encoder.words},
        numeric_columns={"size": NumberScaling(mean=1.0, deviation=1.0, missing=True)},
    )
    reading = replace(tagger, encoder=encoder)
    table = {"w": [["Ada", "saw"], None], "upos": [["N", "V"], None], "size": [[9, None], None]}
    options = {"text": None, "tokens": "w"}
    chosen = choose_columns(reading, "tag_frame", columns={"pos": "upos"}, **options)
    first, second = sentences_of_columns(chosen, table.__getitem__, str)
    assert (first.tokens, first.features["pos"], len(second)) == (("Ada", "saw"), ("N", "V"), 0)
    assert first.numbers["size"] == pytest.approx((9, math.nan), nan_ok=True)
    chosen = choose_columns(reading, "tag_frame", columns=None, **options)
    assert chosen.features | chosen.numbers == {"pos": "pos", "size": "size"}
    table |= {"pos": [["N"], []]}
    with pytest.raises(UserError) as caught:
        list(sentences_of_columns(chosen, table.__getitem__, "row {}".format))
    assert (
        str(caught.value) == "row 0: feature 'pos' has 1 value for 2 tokens; expected one per token"
    )
    with pytest.raises(UserError, match="text has no column for feature 'pos'"):
        reading.map_batches(text="text")


FAULTS = {
    "no column": (
        {"text": "texts"},
        "there is no column 'texts'; nearest: 'text'",
    ),
    "both": (
        {"text": "text", "tokens": "text"},
        "tag_frame takes exactly one of text and tokens: the name of a column, such as text='text'",
    ),
    "neither": (
        {},
        "tag_frame takes exactly one of text and tokens: the name of a column, such as text='text'",
    ),
    "number": ({"text": "stars"}, "row 7: expected a text; found int 5"),
    "text as tokens": (
        {"tokens": "text"},
        "row 7: expected a list of tokens, not one string: 'Ada Stone saw Oslo.'; try .split()",
    ),
    "rows": (
        {"text": "text", "rows": "span"},
        "rows is 'span': expected one of spans, tokens, same; nearest: 'spans'",
    ),
    "unknown feature": (
        {"tokens": "text", "columns": {"pos": "text"}},
        "columns names 'pos', which is neither a feature nor a number of the tagger",
    ),
}


@pytest.mark.parametrize(("options", "message"), FAULTS.values(), ids=FAULTS)
def test_a_mistake_is_one_line(tagger, frame, options, message):
    with pytest.raises(UserError) as caught:
        tagger.tag_frame(frame, **options)
    assert str(caught.value) == message


def test_columns_that_are_there_are_not_replaced(tagger, frame):
    taken = frame.assign(spans=1)
    with pytest.raises(UserError) as caught:
        tagger.tag_frame(taken, text="text", rows="same")
    message = (
        "there is a column 'spans' already: give a prefix for the new columns, such as 'predicted_'"
    )
    assert str(caught.value) == message
    twice = pd.concat([frame, frame], axis=1)
    with pytest.raises(UserError) as caught:
        tagger.tag_frame(twice, text="text")
    assert str(caught.value) == "the frame has several columns 'text': rename them"
    with pytest.raises(UserError) as caught:
        tagger.tag_frame(frame["text"].tolist(), text="text")
    assert str(caught.value).startswith("tag_frame takes a pandas DataFrame; found list [")


def test_half_a_surrogate_pair_is_kept(tagger):
    text = "Ada Stone saw Oslo \ud800."
    texts = pd.Series([text], dtype=object)
    tokens = tagger.tag_frame(texts.to_frame("text"), text="text", rows="tokens")
    assert "\ud800" in "".join(tokens["text"])
    assert all(text[row.start : row.end] == row.text for row in tokens.itertuples())


NOT_BATCHED = {
    "text": ("Ada saw Oslo.", "column 'text' holds one text, not a list: give batched=True to map"),
    "missing": (None, "column 'text' holds None, not a list: give batched=True to map"),
    "tokens": (
        ["Ada", "saw", "Oslo"],
        "column 'text' holds strings, not lists of tokens: give batched=True to map, "
        "or name a column of texts with text=",
    ),
}


@pytest.mark.parametrize(("given", "value", "message"), [
    ("tokens" if name == "tokens" else "text", *row) for name, row in NOT_BATCHED.items()
], ids=NOT_BATCHED)  # fmt: skip
def test_a_row_is_no_batch(tagger, given, value, message):
    with pytest.raises(UserError) as caught:
        tagger.map_batches(**{given: "text"})({"text": value})
    assert str(caught.value) == message


def test_a_batch_gets_the_columns_of_the_frame(tagger):
    tag = pickle.loads(pickle.dumps(tagger.map_batches(tokens="words")))  # noqa: S301, our own bytes
    columns = tag({"words": TOKENS})
    frame = tagger.tag_frame(pd.DataFrame({"words": TOKENS}), tokens="words", rows="same")
    assert columns == frame[["spans", "tags", "scores"]].to_dict("list")
    arrays = np.fromiter((np.array(t, object) for t in TOKENS), object)  # as Ray gives them
    assert tag({"words": arrays}) == columns
    with pytest.raises(UserError) as caught:
        tag({"words": [["Ada"], ["Boris", 3]]})
    assert str(caught.value) == (
        "row 1 of the batch: expected a list of tokens, all of them strings; found int 3"
    )


def test_datasets_maps_batches_only(tagger):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    rows = datasets.Dataset.from_dict({"text": TEXTS, "words": TOKENS})
    tag = tagger.map_batches(text="text")
    for one in (tag, tagger.map_batches(tokens="words")):
        with pytest.raises(UserError, match="give batched=True to map"):
            rows.map(one, load_from_cache_file=False)
    tagged = rows.map(tag, batched=True, features=tag.features(rows.features))
    spans = [[span._asdict() for span in tagger.tag_text(text).spans] for text in TEXTS]
    assert tagged["spans"][:] == spans


@pytest.mark.slow
def test_datasets_maps_with_workers(tagger):
    datasets = pytest.importorskip("datasets")
    datasets.disable_progress_bars()
    rows = [EMPTY] * 4 + ["Ada Stone saw Oslo ."] * 3
    plain = datasets.Dataset.from_dict({"text": rows, "id": list(range(7))})
    tag = tagger.map_batches(text="text")
    options = {"batched": True, "batch_size": 2, "features": tag.features(plain.features)}
    for workers in (None, 2):
        tagged = plain.map(tag, num_proc=workers, load_from_cache_file=False, **options)
        for text, spans, number in zip(tagged["text"], tagged["spans"], tagged["id"], strict=True):
            assert text == rows[number]
            assert spans == [span._asdict() for span in tagger.tag_text(text).spans]
    streamed = plain.to_iterable_dataset().map(tag, **options)
    assert [row["spans"] for row in streamed] == tagged["spans"][:]
    assert not tagged["spans"][0]
    assert tagged["spans"][-1]


CACHE = """
import sys, pickle
from datasets.fingerprint import Hasher
tagger = pickle.load(open(sys.argv[1], "rb"))
print(Hasher.hash(tagger.map_batches(text="text")))
"""


@pytest.mark.slow
def test_datasets_finds_its_cache_again(tagger, tmp_path):
    """The fingerprint of the function depends on the tagger alone: not on what it has tagged, nor on the process."""
    fingerprint = pytest.importorskip("datasets.fingerprint")
    (tmp_path / "tagger").write_bytes(pickle.dumps(tagger))
    fresh = pickle.loads((tmp_path / "tagger").read_bytes())  # noqa: S301, our own bytes
    before = fingerprint.Hasher.hash(fresh.map_batches(text="text"))
    fresh.tag_text("Ada Stone saw Oslo.")
    assert fingerprint.Hasher.hash(fresh.map_batches(text="text")) == before
    words = [sys.executable, "-c", CACHE, str(tmp_path / "tagger")]
    usual = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "17"}
    done = subprocess.run(words, env=usual, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == before
