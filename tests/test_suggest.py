"""`seqlab suggest`: predictions in the forms of annotation tools, the most valuable texts first."""

import json
from collections import Counter
from pathlib import Path

import pytest

from seqlab import suggest
from seqlab.annotations.files import annotation_module
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.writing import write_corpus
from tests import tiny

pytestmark = tiny.KERAS_NOISE
TEXTS = (
    "Ada Stone saw Oslo in 1999 .\nNo .\nFish Act under Paris .\nAda Stone saw Oslo in 2001 .\n\n"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    return str(tiny.folder_of(tiny.span_run(tmp_path_factory)))


@pytest.fixture
def texts(tmp_path: Path) -> str:
    path = tmp_path / "texts.txt"
    path.write_text(TEXTS)
    return str(path)


def written(capsysbinary, *argv: str) -> str:
    assert suggest.main([*argv]) == 0
    return capsysbinary.readouterr().out.decode()


def test_label_studio_gets_predictions(run, texts, capsysbinary):
    tasks = json.loads(written(capsysbinary, run, texts, "--for", "label-studio"))
    assert sorted(task["data"]["text"] for task in tasks) == sorted(TEXTS.split("\n")[:4])
    for task in tasks:
        (prediction,) = task["predictions"]
        assert prediction["model_version"] == Path(run).name
        assert 0 < prediction["score"] <= 1
        for region in prediction["result"]:
            value = region["value"]
            assert (region["from_name"], region["to_name"]) == ("label", "text")
            assert task["data"]["text"][value["start"] : value["end"]] == value["text"]
            assert 0 <= region["score"] <= 1
    assert any(task["predictions"][0]["result"] for task in tasks)


def test_doccano_gets_labels_that_it_reads(run, texts, capsysbinary, tmp_path):
    out = tmp_path / "out.jsonl"
    out.write_text(written(capsysbinary, run, texts, "--for", "doccano"))
    documents = read_corpus(out)
    assert documents.format.value == "doccano"
    values = [json.loads(line)["value"] for line in out.read_text().splitlines()]
    assert values[0] == max(values)


def test_prodigy_gets_scored_spans_without_an_answer(run, texts, capsysbinary):
    for line in written(capsysbinary, run, texts, "--for", "prodigy").splitlines():
        example = json.loads(line)
        assert "answer" not in example
        for span in example["spans"]:
            first, last = (example["tokens"][span[key]] for key in ("token_start", "token_end"))
            assert (first["start"], last["end"]) == (span["start"], span["end"])
            assert 0 <= span["score"] <= 1


def test_brat_gets_files_in_the_order_of_their_value(run, texts, capsysbinary, tmp_path):
    out = tmp_path / "brat"
    first = json.loads(written(capsysbinary, run, texts, "--for", "doccano").splitlines()[0])
    written(capsysbinary, run, texts, "--for", "brat", "--out", str(out))
    assert sorted(file.name for file in out.glob("*.txt")) == ["1.txt", "2.txt", "3.txt", "4.txt"]
    assert (out / "1.txt").read_text() == first["text"]
    (document, *_) = annotation_module("brat").read(out, encoding="utf-8", notes=Counter())
    assert [list(span) for span in document.spans] == first["label"]


def test_a_file_holds_what_standard_output_gets(run, texts, capsysbinary, tmp_path):
    for tool in ("label-studio", "doccano", "prodigy"):
        out = tmp_path / tool
        printed = written(capsysbinary, run, texts, "--for", tool)
        said = written(capsysbinary, run, texts, "--for", tool, "--out", str(out))
        assert said == f"4 texts written to {out}\n"
        assert out.read_text() == printed


def test_repeated_texts_come_late(run, texts, capsysbinary):
    lines = written(capsysbinary, run, texts, "--for", "doccano").splitlines()
    order = [json.loads(line)["text"] for line in lines]
    places = [order.index(f"Ada Stone saw Oslo in {year} .") for year in (1999, 2001)]
    assert abs(places[0] - places[1]) > 1 or max(places) == 3
    assert (
        len(written(capsysbinary, run, texts, "--for", "doccano", "--most", "2").splitlines()) == 2
    )


@pytest.mark.parametrize("format", ["conll", "jsonl", "doccano", "brat", "parallel"])
def test_texts_may_be_files_of_any_format(run, capsysbinary, tmp_path, tmp_path_factory, format):
    path, source = tmp_path / "in", read_corpus(tiny.corpus(tmp_path_factory)["test"])
    write_corpus(source[:3], path, format=format)
    lines = written(capsysbinary, run, str(path), "--for", "doccano").splitlines()
    words = [word for line in lines for word in json.loads(line)["text"].split()]
    assert sorted(words) == sorted(token for s in source[:3] for token in s.tokens)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "no texts are given: name the files to choose from"),
        (["TEXTS", "--most", "0"], "most is 0: expected 1 or more"),
        (["TEXTS", "--for", "brat"], "brat needs a folder: give --out"),
        (
            ["TEXTS", "--out", "TEXTS"],
            "TEXTS: exists already; give another --out, or --overwrite for a file",
        ),
        (["missing"], "missing: no such file"),
    ],
)
def test_mistakes_are_one_line(run, texts, capsys, argv, message):
    given = [texts if word == "TEXTS" else word for word in argv]
    tool = [] if "--for" in argv else ["--for", "doccano"]
    assert suggest.main([run, *given, *tool]) == 2
    assert capsys.readouterr() == ("", f"error: {message.replace('TEXTS', texts)}\n")


def test_the_tool_must_be_named(run, texts, capsys):
    assert suggest.main([run, texts]) == 2
    assert capsys.readouterr() == (
        "",
        "error: --for is missing: expected one of label-studio, doccano, prodigy, brat\n",
    )


def test_plain_tags_are_refused(tmp_path_factory, texts, capsys):
    run = str(tiny.folder_of(tiny.plain_run(tmp_path_factory)))
    assert suggest.main([run, texts, "--for", "doccano"]) == 2
    fact = "this tagger predicts plain tags; suggestions are spans"
    assert capsys.readouterr().err == f"error: {fact}\n"
