"""Every command reads the files of annotation tools without further options."""

import json
from collections import Counter
from pathlib import Path

import pytest

from seqlab import audit, evaluate, suggest, tag, train
from seqlab.annotations.files import annotation_module
from seqlab.corpus.format_detection import ANNOTATION_FORMATS
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.writing import write_corpus
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@pytest.fixture(scope="module")
def tiny_run(tmp_path_factory):
    return tiny.span_run(tmp_path_factory)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    return tiny.corpus(tmp_path_factory)


@pytest.mark.parametrize("format", ANNOTATION_FORMATS)
def test_tag_gives_each_document_with_its_offsets(tiny_run, corpora, tmp_path, capfd, format):
    path = tmp_path / "in"
    write_corpus(read_corpus(corpora["test"])[:3], path, format=format)
    assert tag.main([str(tiny.folder_of(tiny_run)), str(path), "--workers", "1"]) == 0
    objects = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    texts = [
        one.text for one in annotation_module(format).read(path, encoding="utf-8", notes=Counter())
    ]
    assert [one["text"].strip() for one in objects] == [text.strip() for text in texts]
    for one in objects:
        for span in one["spans"]:
            assert one["text"][span["start"] : span["end"]] == span["text"]


def test_tag_says_what_was_left_out(tiny_run, tmp_path, capfd):
    path = tmp_path / "in.jsonl"
    path.write_text(
        '{"text": "Ada Stone saw Oslo .", "spans": [], "answer": "accept"}\n'
        '{"text": "No .", "spans": [], "answer": "reject"}\n'
    )
    assert tag.main([str(tiny.folder_of(tiny_run)), str(path), "--workers", "1"]) == 0
    output = capfd.readouterr()
    assert len(output.out.splitlines()) == 1
    assert output.err == f"note: {path}: 1 examples with answer 'reject'\n"


def test_tasks_without_annotation_are_tagged_and_suggested_again(tiny_run, tmp_path, capfd):
    run, path = str(tiny.folder_of(tiny_run)), tmp_path / "tasks.json"
    texts, second = tmp_path / "new.txt", tmp_path / "again.jsonl"
    texts.write_text("Ada Stone saw Oslo .\nNo .\n")
    assert suggest.main([run, str(texts), "--for", "label-studio", "--out", str(path)]) == 0
    capfd.readouterr()
    assert tag.main([run, str(path), "--workers", "1"]) == 0
    output = capfd.readouterr()
    assert {json.loads(line)["text"] for line in output.out.splitlines()} == {
        "Ada Stone saw Oslo .",
        "No .",
    }
    assert output.err == f"note: {path}: 2 predictions, not read\n"
    assert suggest.main([run, str(path), "--for", "doccano", "--out", str(second)]) == 0
    assert len(second.read_text().splitlines()) == 2
    path.write_text('[{"id": 0, "data": {"text": "No ."}}]')
    assert suggest.main([run, str(path), "--for", "doccano"]) == 0
    assert tag.main([run, str(path), "--format", "label-studio", "--workers", "1"]) == 0


@pytest.mark.parametrize("format", ["doccano", "brat"])
def test_evaluate_gives_the_figures_of_the_same_tokens(tiny_run, corpora, tmp_path, capsys, format):
    path, run = tmp_path / "test", str(tiny.folder_of(tiny_run))
    write_corpus(read_corpus(corpora["test"]), path, format=format)
    assert evaluate.main([run, corpora["test"], "--json"]) == 0
    expected = json.loads(capsys.readouterr().out)
    assert evaluate.main([run, str(path), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["classes"] == expected["classes"]


def test_train_reports_faulty_spans(corpora, tmp_path, capsys):
    path = tmp_path / "train.jsonl"
    write_corpus(read_corpus(corpora["train"]), path, format="doccano")
    damaged = json.loads(path.read_text().splitlines()[0])
    damaged["label"].append([0, 999, "PER"])
    lines = path.read_text().splitlines(keepends=True)
    path.write_text(json.dumps(damaged) + "\n" + "".join(lines[1:]))
    options = [f"--{key.replace('_', '-')}={value}" for key, value in tiny.CHEAP.items()]
    out = tmp_path / "run"
    code = train.main(
        ["--train", str(path), "--valid", corpora["valid"], "--out", str(out), *options]
    )
    assert code == 0
    note = "note: train: 1 span of PER dropped, which lies outside the text"
    assert note in capsys.readouterr().out
    assert audit.main([str(path), corpora["valid"]]) == 0
    assert f"{path}:1, characters 0 to 999" in capsys.readouterr().out


def test_columns_are_refused_in_one_line(tiny_run, corpora, tmp_path: Path, capsys):
    path = tmp_path / "test.jsonl"
    write_corpus(read_corpus(corpora["test"]), path, format="doccano")
    run = str(tiny.folder_of(tiny_run))
    assert evaluate.main([run, str(path), "--tag-column", "x"]) == 2
    fact = "error: doccano files have no columns; leave out token_column and tag_column\n"
    assert capsys.readouterr().err == fact
