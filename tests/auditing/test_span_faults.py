"""The audit shows the annotated spans that did not become tags."""

import json
from pathlib import Path

import seqlab
from seqlab.annotations.span_report import SpanReport
from seqlab.auditing.audit_text import audit_text
from seqlab.auditing.span_faults import span_faults_text

RECORDS = [
    {
        "text": "Ada Lovelace sailed to London.",
        "label": [[0, 12, "PER"], [0, 3, "PER"], [23, 29, "LOC"]],
    },
    {
        "text": "Boris saw Malmö in 1999 .",
        "label": [[10, 14, "LOC"], [10, 16, "LOC"], [100, 105, "LOC"], [3, 3, "PER"]],
    },
]
TABLE = """\
annotated spans of train: 7 spans, 4 dropped, 1 adjusted
  class  lies within another span  is empty  lies outside the text  has white space at its edges
  LOC                           1         0                      1                             1
  PER                           1         1                      0                             0
  {path}:1, characters 0 to 3: PER 'Ada' lies within another span; dropped
  {path}:2, characters 100 to 105: LOC '' lies outside the text; dropped
  {path}:2, characters 3 to 3: PER '' is empty; dropped
  {path}:2, characters 10 to 14: LOC 'Malm' lies within another span; dropped
  {path}:2, characters 10 to 16: LOC 'Malmö ' has white space at its edges; trimmed
"""


def damaged(folder: Path) -> Path:
    path = folder / "damaged.jsonl"
    path.write_text("".join(json.dumps(record) + "\n" for record in RECORDS), encoding="utf-8")
    return path


def test_the_text_has_a_table_and_the_places(tmp_path: Path):
    path = damaged(tmp_path)
    audit = seqlab.audit_corpora(path)
    assert f"\n\n{TABLE.format(path=path)}\nclasses: counts" in audit_text(audit)


def test_dropped_spans_are_a_warning(tmp_path: Path):
    path = damaged(tmp_path)
    audit = seqlab.audit_corpora(path)
    (warning,) = (one for one in audit.warnings if one.rule == "dropped-spans")
    assert (warning.split, warning.value) == ("train", 4)
    assert warning.message == (
        "4 of 7 annotated spans of train did not become tags: correct them in the annotation tool"
    )
    assert warning.details == (  # one of each fault
        f"{path}:1, characters 0 to 3: PER 'Ada' lies within another span; dropped",
        f"{path}:2, characters 100 to 105: LOC '' lies outside the text; dropped",
        f"{path}:2, characters 3 to 3: PER '' is empty; dropped",
    )


def test_cut_tokens_are_a_warning(tmp_path: Path):
    path = tmp_path / "cut.jsonl"
    labels = [[[0, 3, "PER"], [11, 15, "LOC"]], [[0, 3, "PER"]]]
    texts = ["Ada sailed Kelderby.", "Bea stayed."]
    records = [{"text": t, "label": each} for t, each in zip(texts, labels, strict=True)]
    path.write_text("".join(json.dumps(record) + "\n" for record in records))
    audit = seqlab.audit_corpora(path)
    (warning,) = (one for one in audit.warnings if one.rule == "cut-tokens")
    assert (warning.split, warning.value) == ("train", 1)
    assert warning.message == (
        "1 of 3 annotated spans of train cuts a token, which was split: correct the offsets, "
        "or give --misaligned refuse to leave such spans out"
    )
    assert warning.details == (
        f"{path}:1, characters 11 to 15: LOC 'Keld' cuts a token; token split",
    )
    refused = {one.rule for one in seqlab.audit_corpora(path, misaligned="refuse").warnings}
    assert {"cut-tokens", "dropped-spans"} & refused == {"dropped-spans"}


def test_json_has_every_count(tmp_path: Path):
    figures = seqlab.audit_corpora(damaged(tmp_path)).to_json()["spans"]["train"]
    assert figures["dropped"] == {
        "lies within another span": {"LOC": 1, "PER": 1},
        "is empty": {"PER": 1},
        "lies outside the text": {"LOC": 1},
    }
    assert figures["mended"] == {"has white space at its edges": {"LOC": 1}}
    assert (figures["spans"], figures["kept"], len(figures["examples"])) == (7, 3, 5)


def test_nothing_is_shown_without_faults():
    assert span_faults_text({"train": SpanReport(spans=3, kept=3)}) == ""
