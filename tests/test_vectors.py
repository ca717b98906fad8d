"""The command: it writes one complete file or none, and reports mistakes in one line before importing gensim."""

import json
import os
import random
import subprocess
import sys

import pytest

from seqlab import vectors
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.encoding.vector_file import load_vectors

FAST = ["--dim", "5", "--epochs", "2", "--min-count", "2", "--workers", "1"]
LIGHT = """
import sys, time
from seqlab.vectors import main
code = main(sys.argv[1:])
slow = {"gensim", "keras", "tensorflow", "sklearn", "scipy"} & set(sys.modules)
print(code, sorted(slow), time.process_time())
"""


@pytest.fixture
def text(tmp_path):
    dice = random.Random(2)  # noqa: S311  (no secret)
    words = ("Ada", "saw", "Oslo", "in", "1999")
    lines = (" ".join(dice.choices(words, k=5 + n % 3)) for n in range(99))
    path = tmp_path / "text.txt"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def run(capsys):
    def run(*argv):
        code = vectors.main([str(word) for word in argv])
        out, err = capsys.readouterr()
        return code, out.splitlines(), err

    return run


def test_a_text_becomes_a_file_that_train_reads(run, text, tmp_path):
    out = tmp_path / "words.vec"
    code, lines, err = run(text, "--out", out, *FAST)
    assert (code, err) == (0, "")
    starts = ["counting words: 594 words in", "epoch 1/2: 594 words in", "epoch 2/2: 594 words in"]
    for line, start in zip(lines, starts, strict=False):
        assert line.startswith(start)
    assert lines[3:] == [
        "5 words of 5 dimensions, from 594 words of text",
        f"vectors: {out}",
    ]
    assert set(load_vectors(str(out)).rows) == {"ada", "saw", "oslo", "in", "0000"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["text.txt", "words.vec"]


@pytest.mark.bits("repeated")
def test_one_worker_writes_the_same_bytes_twice(run, text, tmp_path):
    files = [tmp_path / "one.vec", tmp_path / "two.vec"]
    for out in files:
        assert run(text, "--out", out, *FAST)[0] == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_case_and_digits_can_be_kept(run, text, tmp_path):
    run(text, "--out", tmp_path / "w.vec", *FAST, "--no-normalise")
    found = load_vectors(str(tmp_path / "w.vec"))
    assert set(found.rows) == {"Ada", "saw", "Oslo", "in", "1999"}


def test_a_file_is_replaced_only_with_overwrite(run, text, tmp_path):
    out = tmp_path / "w.vec"
    out.write_text("mine", encoding="utf-8")
    code, lines, err = run(text, "--out", out, *FAST)
    assert (code, lines) == (2, [])
    assert err == f"error: {out}: exists; give --overwrite to replace it, or another --out\n"
    assert out.read_text(encoding="utf-8") == "mine"
    assert run(text, "--out", out, *FAST, "--overwrite")[0] == 0
    assert len(load_vectors(str(out)).rows) == 5


def test_a_failure_leaves_nothing_behind(run, text, tmp_path):
    code, _, err = run(text, "--out", tmp_path / "w.vec", "--min-count", "9999")
    assert code == 2
    assert err == "error: no word occurs 9999 times; give more text or a smaller --min-count\n"
    assert list(tmp_path.iterdir()) == [text]


def test_a_text_that_disappears_during_training_is_reported(run, text, tmp_path, monkeypatch):
    from seqlab.experiment import vector_training

    def spoil(sentences, settings):
        list(sentences)
        text.unlink()
        list(sentences)

    monkeypatch.setattr(vector_training, "train_model", spoil)
    code, _, err = run(text, "--out", tmp_path / "w.vec")
    assert (code, err) == (2, f"error: {text}: no such file\n")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "out is missing; give TEXT and --out FILE, or --vectors FILE"),
        (["TEXT"], "out is missing; give TEXT and --out FILE, or --vectors FILE"),
        (["--out", "x.vec"], "no text is given; give files of text with one sentence per line"),
        (["-", "--out", "x.vec"], vectors.STANDARD_INPUT),
        (["TEXT", "--out", "TEXT", "--overwrite"], "out is 'TEXT', which is one of the texts; give another file"),
        (["TEXT", "--out", "x.vec", "--vectors", "y"], "vectors is given together with text or out; give only one of them"),
        (["--vectors", "y"], "vectors is given without cover; give --cover CORPUS"),
        (["TEXT", "--out", "x.vec", "--dim", "0"], "dim is 0: expected 1 or more"),
        (["TEXT", "--out", "x.vec", "--dim", "1.5"], "dim is '1.5': expected a whole number"),
        (["TEXT", "--out", "nowhere/x.vec"], "nowhere/x.vec: there is no directory 'nowhere'"),
        (["TEXT", "--out", "x.gz", "--model", "fasttext"], "out is 'x.gz'; a fasttext model cannot be gzipped; drop .gz"),
        (["TEXT", "--out", "."], ".: is a directory; expected the path of a file to write"),
        (["text.tx", "--out", "x.vec"], "text.tx: no such file; nearest: 'text.txt'"),
        (["TEXT", "--out", "x.vec", "--cover", "no"], "no: no such file"),
    ],
)  # fmt: skip
def test_mistakes_in_one_line(run, text, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    argv = ["text.txt" if word == "TEXT" else word for word in argv]
    code, lines, err = run(*argv)
    assert (code, lines) == (2, [])
    assert (
        err == f"error: {message.replace('TEXT', 'text.txt') if 'is one' in message else message}\n"
    )
    assert [path.name for path in tmp_path.iterdir()] == ["text.txt"]


@pytest.fixture
def corpus(tmp_path):
    path = tmp_path / "dev.conll"
    sentences = [Sentence(tokens=("Ada", "saw", "Rome"), tags=("B-PER", "O", "B-LOC"))]
    write_corpus(sentences, str(path), format="conll")
    return path


TABLE = [
    "coverage by vectors       number  exact  lower-case  unknown",
    "dev.conll: tokens              3  33.3%       33.3%    33.3%",
    "dev.conll: types               3  33.3%       33.3%    33.3%",
    "dev.conll: entity tokens       2   0.0%       50.0%    50.0%",
]


def test_coverage_after_training_and_of_an_existing_file(run, text, corpus, tmp_path):
    out = tmp_path / "w.vec"
    assert run(text, "--out", out, *FAST, "--cover", corpus)[1][4:8] == TABLE
    assert run("--vectors", out, "--cover", corpus) == (0, TABLE, "")


def test_quiet_prints_the_coverage_and_the_file(run, text, corpus, tmp_path):
    out = tmp_path / "w.vec"
    argv = (text, "--out", out, *FAST, "--cover", corpus, "--quiet")
    assert run(*argv) == (0, [*TABLE, f"vectors: {out}"], "")


def test_json_is_one_object(run, text, corpus, tmp_path):
    out = tmp_path / "w.vec"
    code, lines, err = run(text, "--out", out, *FAST, "--cover", corpus, "--json")
    printed = json.loads("\n".join(lines))
    tokens = {"exact": 1, "lower": 1, "unknown": 1}
    coverage = printed.pop("coverage")
    assert (code, err) == (0, "")
    assert printed == {"vectors": str(out), "rows": 5, "dimensions": 5, "words": 594}
    assert coverage[str(corpus)]["tokens"] == tokens
    code, lines, _ = run("--vectors", out, "--cover", corpus, "--json")
    assert json.loads("\n".join(lines)) == {"coverage": coverage}


def test_corpora_with_the_same_name_are_shown_by_path(run, text, corpus, tmp_path):
    out, copy = tmp_path / "w.vec", tmp_path / "other" / "dev.conll"
    copy.parent.mkdir()
    copy.write_bytes(corpus.read_bytes())
    run(text, "--out", out, *FAST)
    lines = run("--vectors", out, "--cover", corpus, copy)[1]
    assert [line.split(": ")[0] for line in lines[1:]] == [str(corpus)] * 3 + [str(copy)] * 3


@pytest.mark.parametrize("argv", [["--help"], ["x", "--modle", "y"], ["x.txt", "--out", "x.vec"]])
def test_help_and_mistakes_need_no_gensim(tmp_path, argv):
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *argv], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}, check=True,
    )  # fmt: skip
    code, slow, seconds = done.stdout.splitlines()[-1].split()
    assert (code, slow) == ("0" if argv == ["--help"] else "2", "[]")
    assert float(seconds) < 1.5  # 0.3 s on an idle core


def test_a_corpus_is_text_too_and_the_log_says_how_it_was_read(run, corpus, tmp_path):
    lines = run(corpus, "--out", tmp_path / "w.vec", "--min-count", "1", "--workers", "1")[1]
    assert lines[0] == f"note: {corpus} is read as conll; --format text reads one sentence per line"
    assert set(load_vectors(str(tmp_path / "w.vec")).rows) == {"ada", "saw", "rome"}


def test_a_fasttext_model_is_one_file_with_vectors_for_unseen_words(run, text, corpus, tmp_path):
    out = tmp_path / "model.bin"
    argv = [text, "--out", out, *FAST, "--model", "fasttext", "--buckets", "50"]
    code, lines, _ = run(*argv, "--cover", corpus)
    assert code == 0
    assert lines[4:9] == [*TABLE, "unknown words get the vectors of their n-grams"]
    found = load_vectors(str(out))
    assert set(found.rows) == {"ada", "saw", "oslo", "in", "0000"}
    assert found.vector("unheard-of").any()
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "dev.conll",
        "model.bin",
        "text.txt",
    ]
    assert run("--vectors", out, "--cover", corpus)[1] == lines[4:9]


PEAK = """
import sys
from pathlib import Path
from seqlab.vectors import main
code = main(sys.argv[1:])
print(code, Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0])
"""  # `ru_maxrss` would be that of pytest, which it starts from


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="peak memory is read off /proc")
def test_memory_does_not_grow_with_the_text(tmp_path):
    dice, peaks = random.Random(6), []  # noqa: S311  (no secret)
    words = [f"w{number}" for number in range(2_000)]
    lines = [" ".join(dice.choices(words, k=5 + n % 9)) for n in range(10_000)]
    for copies in (1, 10):  # 90,000 words, and 900,000 of the same: 0.5 and 5 MB
        path = tmp_path / f"{copies}.txt"
        path.write_text("\n".join(lines * copies) + "\n", encoding="utf-8")
        argv = [str(path), "--out", f"{path}.vec", "--dim", "10", "--epochs", "1"]
        done = subprocess.run(
            [sys.executable, "-c", PEAK, *argv], capture_output=True, text=True, check=True,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
        )  # fmt: skip
        code, peak = done.stdout.splitlines()[-1].split()
        assert code == "0"
        peaks.append(int(peak))
    assert peaks[1] < 1.05 * peaks[0]  # 124.4 and 124.9 MB


def test_a_named_pipe_is_refused(run, tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    code, _, err = run(pipe, "--out", tmp_path / "w.vec")
    message = (
        f"error: {pipe}: not a regular file, but each epoch reads the text again; give a file\n"
    )
    assert (code, err) == (2, message)


def test_a_corpus_to_cover_is_never_written_over(run, text, corpus, tmp_path):
    before = corpus.read_bytes()
    code, _, err = run(text, "--out", corpus, "--overwrite", "--cover", corpus)
    assert (code, err) == (
        2,
        f"error: out is {str(corpus)!r}, which is one of the corpora to cover; give another file\n",
    )
    assert corpus.read_bytes() == before
