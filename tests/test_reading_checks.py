"""The commands stop, note or warn when a file is not what it seems."""

import shutil
from pathlib import Path

import pytest

import seqlab
from seqlab import audit, compare, evaluate, tag, train
from tests import tiny

TOKENS = ("Ada", "Stone", "saw", "Oslo", ".")
TAGS = ("B-PER", "I-PER", "O", "B-LOC", "O")


@pytest.fixture
def write(tmp_path: Path):
    def write_rows(name: str, *columns: tuple[str, ...], times: int = 9) -> str:
        """Sentences with these columns; the first token is another one in each, so that no two are equal."""
        blocks = []
        for number in range(times):
            rows = ["\t".join(cells) for cells in zip(*columns, strict=True)]
            blocks.append("\n".join(rows).replace("Ada", f"Ada{number}"))
        (tmp_path / name).write_text("\n\n".join(blocks) + "\n")
        return str(tmp_path / name)

    return write_rows


def test_train_stops_before_training(write, tmp_path, capsys):
    path = write("train.conll", TOKENS, ("B-PER", "I-PER", "0", "B-LOC", "O"))
    out = tmp_path / "run"
    assert train.main(["--train", path, "--out", str(out)]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}:3: tag '0' (9 tokens) is neither O nor PREFIX-TYPE, but 80.0% of the tags are; "
        "give --map-tag 0=O, or --scheme plain for tags that are no spans; --accept stray-tags goes on as it is\n"
    )
    assert not out.exists()


def test_compare_stops_before_the_first_training(write, tmp_path, capsys):
    path = write("train.conll", TAGS, TOKENS)
    argv = ["--train", path, "--vary", "loss=cross-entropy,focal", "--out", str(tmp_path / "out")]
    assert compare.main(argv) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: the tokens are tags ('B-PER', 'I-PER', 'O', …); give --token-column 1 --tag-column 0; "
        "--accept tags-as-tokens goes on as it is\n"
    )


def test_audit_shows_what_stops_training(write, capsys):
    path = write("train.conll", TOKENS, ("B-PER", "I-PER", "0", "B-LOC", "O"))
    assert audit.main([path]) == 0
    text = capsys.readouterr().out
    assert "tag '0' (9 tokens) is neither O nor PREFIX-TYPE, but 80.0% of the tags are" in text
    warnings = seqlab.audit_corpora(path).warnings
    assert next((w.rule, w.details) for w in warnings) == ("stray-tags", (f"{path}:3",))
    assert "stray-tags" not in {
        w.rule for w in seqlab.audit_corpora(path, accept=["stray-tags"]).warnings
    }
    assert audit.main([path, "--strict"]) == 1


def test_audit_says_that_two_files_are_the_same(write, tmp_path):
    path = write("train.conll", TOKENS, TAGS)
    copy = shutil.copy(path, tmp_path / "copy.conll")
    (same,) = (w for w in seqlab.audit_corpora(path, copy).warnings if w.rule == "same-files")
    assert same.message == (
        "valid holds the same 9 sentences as train: training sees what is scored: give another file, or leave out --valid"
    )


def test_tag_does_not_tag_ids(write, span_run, capsys):
    run = str(span_run.path)
    ids = tuple("12345")
    path = write("text.conll", ids, TOKENS, TAGS)
    assert tag.main([run, path]) == 2
    assert capsys.readouterr().err == (
        f"error: {path}: column 0 holds numbers ('1', '2', '3', …), and would be tagged as words, but column 1 holds words "
        "('Ada0', 'Stone', 'saw', …); give --token-column 1; --accept ids-as-tokens goes on as it is\n"
    )
    assert tag.main([run, path, "--token-column", "1"]) == 0
    assert capsys.readouterr().out.startswith("Ada0\t")
    assert tag.main([run, path, "--accept", "ids-as-tokens"]) == 0
    printed = capsys.readouterr()
    assert printed.out.startswith("1\t")
    assert printed.err.endswith(" (accepted: ids-as-tokens)\n")
    swapped = write("swapped.conll", TAGS, TOKENS)
    assert tag.main([run, swapped]) == 2
    assert capsys.readouterr().err == (
        f"error: {swapped}: column 0 holds span tags ('B-PER', 'I-PER', 'O', …), and would be tagged as words, but column 1 "
        "holds words ('Ada0', 'Stone', 'saw', …); give --token-column 1; --accept tags-as-tokens goes on as it is\n"
    )


def test_a_copy_of_the_training_file_is_recognised(span_run, tmp_path):
    settings = span_run.settings
    copy = shutil.copy(settings.train, tmp_path / "copy.conll")
    notes = evaluate.evaluate_tagger(span_run.path, copy).notes
    assert "copy.conll: the network was trained on this file: the figures are too high" in notes


@tiny.KERAS_NOISE
def test_the_run_keeps_what_was_accepted(write, tmp_path):
    path = write("train.conll", TOKENS, ("b-PER", "i-PER", "O", "b-LOC", "O"))
    lines: list[str] = []
    run = seqlab.train_tagger(
        path,
        valid=path,
        **tiny.CHEAP,
        accept="same-files",
        map_tag={"b-": "B-", "i-": "I-"},
        class_weight={"B-PER": 4},
        out=str(tmp_path / "run"),
        say=lines.append,
    )
    config = (tmp_path / "run" / "config.toml").read_text()
    assert 'accept = [\n    "same-files",\n]' in config
    assert 'map_tag = [\n    "b-=B-",\n    "i-=I-",\n]' in config
    assert (
        f"note: {path}: valid holds the same 9 sentences as train: training sees what is scored (accepted: same-files)"
        in lines
    )
    assert "note: train: 18 tags 'b-PER' read as 'B-PER'" not in lines
    assert "note: train: 9 tags 'b-PER' read as 'B-PER'" in lines
    assert (
        "class weights: B-PER 4, as given; I-PER 1, computed; tables show the mean of PER over its tokens"
    ) in lines
    # `evaluate` reads tags as training did.
    evaluation = evaluate.evaluate_tagger(run.path, path)
    assert "train.conll: 9 tags 'b-PER' read as 'B-PER'" in evaluation.notes


@tiny.KERAS_NOISE
def test_long_sentences_are_noted_before_training(write, tmp_path):
    path = write("train.conll", TOKENS * 3, TAGS * 3)
    lines: list[str] = []
    seqlab.train_tagger(path, valid_share=0.3, **tiny.CHEAP, max_tokens=10, say=lines.append)
    assert any(
        line.endswith("(100.0%) are longer than 10 tokens: are sentence breaks missing?")
        for line in lines
    )
