"""Thresholds: which spans every function of a tagger leaves out, and what they refuse."""

from dataclasses import replace

import pandas as pd
import pytest

from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import SettingsError
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TEXTS = ["Ada Stone saw Oslo.", "Boris Marsh left Paris.\n\nClara Vale praised Lima."]


@pytest.fixture
def tagger(span_run):
    return replace(span_run.tagger, decision=DecisionRule(temperature=9.0))  # scores that differ


def spans_with(tagger, thresholds):
    """By function, the (label, score) of the spans that it returns."""
    frame = pd.DataFrame({"text": TEXTS, "words": [text.split() for text in TEXTS]})
    batch = frame.to_dict("list")
    options = {"thresholds": thresholds}
    rows = {
        "tag_text": [tagger.tag_text(text, **options).spans for text in TEXTS],
        "tag_texts": [one.spans for one in tagger.tag_texts(TEXTS, **options)],
        "tag_frame": [tagger.tag_frame(frame, text="text", **options).itertuples()],
        "same": tagger.tag_frame(frame, text="text", rows="same", **options)["spans"],
        "map_batches": tagger.map_batches(text="text", **options)(batch)["spans"],
        "tokens": tagger.map_batches(tokens="words", **options)(batch)["spans"],
    }
    return {
        name: [(s["label"], s["score"]) if isinstance(s, dict) else (s.label, s.score) for own in one for s in own]
        for name, one in rows.items()
    }  # fmt: skip


def test_spans_below_the_threshold_of_their_label_are_left_out(tagger):
    every = spans_with(tagger, None)
    scores = sorted(score for label, score in every["tag_text"] if label == "PER")
    least = scores[1]  # this span stays
    kept = spans_with(tagger, {"PER": least})
    assert spans_with(tagger, {}) == spans_with(tagger, {"PER": 0}) == every
    for name, spans in every.items():
        assert kept[name] == [one for one in spans if one[0] != "PER" or one[1] >= least]
    assert len(kept["tag_text"]) == len(every["tag_text"]) - 1
    text = tagger.tag_text(TEXTS[0], thresholds={"PER": 1})
    assert text.tokens == tagger.tag_text(TEXTS[0]).tokens


FAULTS = {
    "unknown label": ({"PRE": 0.5}, "thresholds: the tagger has no label 'PRE'; nearest: 'PER'"),
    "too large": ({"PER": 50}, "thresholds['PER'] is 50: expected a number from 0 to 1"),
    "text": ({"PER": "0.5"}, "thresholds['PER'] is '0.5': expected a number from 0 to 1"),
    "nan": ({"PER": float("nan")}, "thresholds['PER'] is nan: expected a number from 0 to 1"),
    "one for all": (
        0.5,
        "thresholds is float 0.5: expected a number from 0 to 1 by label, such as {'PER': 0.5}",
    ),
}


@pytest.mark.parametrize(("thresholds", "message"), FAULTS.values(), ids=FAULTS)
def test_a_mistake_is_one_line(tagger, thresholds, message):
    frame = pd.DataFrame({"text": TEXTS})
    for call in (
        lambda: tagger.tag_text("Ada", thresholds=thresholds),
        lambda: tagger.tag_frame(frame, text="text", thresholds=thresholds),
        lambda: tagger.map_batches(text="text", thresholds=thresholds),
    ):
        with pytest.raises(SettingsError) as caught:
            call()
        assert str(caught.value) == message


def test_thresholds_are_for_spans(tagger, plain_run):
    with pytest.raises(SettingsError) as caught:
        plain_run.tagger.tag_text("Ada", thresholds={"NAME": 0.5})
    assert str(caught.value) == (
        "thresholds are for spans, but this tagger predicts plain tags, which have no spans"
    )
    frame = pd.DataFrame({"text": TEXTS})
    with pytest.raises(SettingsError) as caught:
        tagger.tag_frame(frame, text="text", rows="tokens", thresholds={"PER": 0.5})
    assert str(caught.value) == "thresholds choose spans: expected rows 'spans' or 'same'"
    plain_run.tagger.tag_frame(frame, text="text", thresholds={})
