"""report.json: what is written is read back; damage is one line that names the entry."""

import json
from pathlib import Path

import pytest

from seqlab.errors import RunError
from seqlab.reporting.run_details import (
    DETAILS,
    AuditFinding,
    Browser,
    BrowserSentence,
    ChangedSetting,
    ClassDetails,
    ClassThresholds,
    ErrorMark,
    GoldSpan,
    MajorityBaseline,
    PredictedSpan,
    ReliabilityBin,
    ReliabilityDiagrams,
    RunDetails,
    RunInput,
    SuspectMark,
    ThresholdCurves,
    ThresholdPoint,
    WeightedSentence,
    WeightExamples,
    details_text,
    read_details,
)
from seqlab.storing.run_files import RunFiles

SENTENCE = BrowserSentence(
    split="valid",
    source="dev.conll:17",
    tokens=("Saint", "Alban", "\ud800"),
    gold=(GoldSpan(0, 2, "VES"),),
    predicted=(PredictedSpan(0, 1, "PER", 0.75),),
    errors=(ErrorMark("wrong type", 0, 0, "VES"),),
    suspects=(SuspectMark(2, "O", "B-PER", 0.01),),
)
DETAILS_OF_RUN = RunDetails(
    title="train.conll",
    finished="2026-11-30T14:30:00Z",
    command="python -m seqlab.train --train 'a b.conll'",
    inputs=(RunInput(name="train", path="/a b.conll", sha256="00", sentences=3, tokens=9),),
    changed={"epochs": ChangedSetting(3, 50), "recall": ChangedSetting({"PER": 0.9}, {})},
    versions={"seqlab": "1.0"},
    plain=False,
    scheme="iob2",
    classes={"VES": ClassDetails(tokens=4, items=2, weight=50.2, why="It is rare.")},
    baseline=MajorityBaseline(class_name="O", token_accuracy=0.9, micro_f1=0.0, macro_f1=None),
    browser=Browser(rule="All.", with_errors=1, sentences=(SENTENCE,)),
    thresholds=ThresholdCurves(
        split="valid",
        classes={"VES": ClassThresholds(bias=0.5, points=(ThresholdPoint(0.0, None, 0.0, 0),))},
    ),
    reliability=ReliabilityDiagrams(
        split="valid", classes={"VES": (ReliabilityBin(0.9, 0.5, 12),)}
    ),
    weights=WeightExamples(
        sentences=(WeightedSentence(tokens=("a",), tags=("O",), weights=(0.5,), padding=149),),
    ),
    audit=(AuditFinding(severity="problem", text="One."),),
)


def files_with(directory: Path, text: str) -> RunFiles:
    (directory / DETAILS).write_text(text, encoding="ascii")
    return RunFiles(directory=directory)


def test_details_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    files = files_with(tmp_path, details_text(DETAILS_OF_RUN))
    assert read_details(files) == DETAILS_OF_RUN


def test_the_json_has_the_names_that_the_documentation_states() -> None:
    content = json.loads(details_text(DETAILS_OF_RUN))
    assert content["format"] == 1
    assert content["changed"]["epochs"] == [3, 50]
    assert content["baseline"]["class"] == "O"
    assert content["browser"]["sentences"][0]["errors"] == [["wrong type", 0, 0, "VES"]]
    assert content["thresholds"]["classes"]["VES"]["points"] == [[0.0, None, 0.0, 0]]


def test_a_run_without_the_file_has_no_details(tmp_path: Path) -> None:
    assert read_details(RunFiles(directory=tmp_path)) is None


@pytest.mark.parametrize(
    ("path", "value", "fact"),
    [
        (["plain"], 1, "plain is 1: expected true or false"),
        (["browser", "sentences", 0, "tokens"], "ab", "browser.sentences.tokens is 'ab': expected a list"),
        (["browser", "sentences", 0, "gold"], [[0, 2]], "browser.sentences.gold holds a list of 2: expected 3 values"),
        (["classes", "VES", "weight"], "x", "classes.VES.weight is 'x': expected a number"),
        (["inputs"], {}, "inputs is an object: expected a list"),
        (["weights", "sentences"], [3], "weights.sentences is 3: expected an object"),
    ],
)  # fmt: skip
def test_a_value_of_another_type_is_one_line(
    tmp_path: Path, path: list[str | int], value: object, fact: str
) -> None:
    content = json.loads(details_text(DETAILS_OF_RUN))
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    with pytest.raises(RunError) as caught:
        read_details(files_with(tmp_path, json.dumps(content)))
    name = tmp_path / DETAILS
    assert str(caught.value) == f"{name}: damaged: {fact}; copy or train the run again"


def test_another_format_is_refused(tmp_path: Path) -> None:
    files = files_with(tmp_path, json.dumps(DETAILS_OF_RUN.to_json() | {"format": 2}))
    with pytest.raises(RunError) as caught:
        read_details(files)
    assert str(caught.value) == (
        f"{tmp_path / DETAILS}: has format 2, but this version of seqlab reads format 1; "
        "install a newer version of seqlab"
    )
