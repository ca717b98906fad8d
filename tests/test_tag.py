import gzip
import io
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from seqlab import tag
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.storing import save_and_load as loading
from seqlab.streaming import tag_input
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@pytest.fixture
def tiny_run(tmp_path_factory):
    return tiny.span_run(tmp_path_factory)


@pytest.fixture
def tagger(tiny_run):
    return tiny_run.run.tagger


@pytest.fixture
def tagged(tiny_run, tagger, monkeypatch, capsysbinary):
    """Tag piped input with the tagger in memory. Returns exit code, output and errors."""
    monkeypatch.setattr(loading, "load_run", lambda path: tagger)

    def run(piped, *argv):
        raw = piped if isinstance(piped, bytes) else piped.encode()
        monkeypatch.setattr(tag_input, "standard_input", lambda: io.BytesIO(raw))
        code = tag.main([str(tiny.folder_of(tiny_run)), *argv])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return run


def columns(tokens, tags):
    return "".join(f"{token}\t{t}\n" for token, t in zip(tokens, tags, strict=True)) + "\n"


TOKENS = ["Ada", "Stone", "saw", "Oslo", "in", "1999", "."]
TEXT = "Ada Stone saw Oslo in 1999 .\n"
COLUMNS = "".join(f"{token}\tO\n" for token in TOKENS) + "\n"
CONLLU = "".join(
    f"{number}\t{token}" + "\t_" * 8 + "\n" for number, token in enumerate(TOKENS, 1)
) + "\n"  # fmt: skip
JSONL = json.dumps({"tokens": TOKENS}) + "\n"


@pytest.fixture
def tags(tagger):
    """The network's tags for TOKENS. Some must differ from O, or the tests below would show nothing."""
    found = tagger.tag(TOKENS)
    assert len(set(found)) > 1
    return found


@pytest.mark.parametrize("piped", [COLUMNS, CONLLU], ids=["conll", "conllu"])
def test_columns_in_and_columns_out(tagged, tags, piped):
    assert tagged(piped) == (0, columns(TOKENS, tags), "")


def test_jsonl_in_and_jsonl_out(tagged, tags):
    code, out, err = tagged(JSONL)
    assert (code, err) == (0, "")
    assert json.loads(out) == {"tokens": TOKENS, "tags": tags}


def test_text_in_and_text_out(tagged, tags):
    code, out, err = tagged(TEXT)
    assert (code, err) == (0, "")
    assert re.sub(r"\[\w+ |\]", "", out) == TEXT
    assert out.count("[") == sum(label[0] in "BS" for label in tags) > 0


def words_of(found):
    """The tokens of an object, which of raw text are objects themselves."""
    return [one["text"] if isinstance(one, dict) else one for one in found["tokens"]]


def tags_of(found):
    """The tags of an object."""
    return [one["tag"] for one in found["tokens"]] if "text" in found else found["tags"]


@pytest.mark.parametrize("piped", [TEXT, COLUMNS, CONLLU, JSONL], ids=["text", "c", "u", "j"])
def test_any_input_is_written_in_the_given_format(tagged, tags, piped):
    assert tagged(piped, "--output-format", "conll")[1] == columns(TOKENS, tags)
    found = json.loads(tagged(piped, "--output-format", "jsonl")[1])
    assert (words_of(found), tags_of(found)) == (TOKENS, tags)
    assert tagged(piped, "--output-format", "text") == tagged(TEXT)


def test_scores_are_the_probabilities_of_the_tags(tagged, tagger, tags):
    (prediction,) = tagger.predict_chunk(list(sentences_of(TOKENS)))
    shown = [f"{score:.4f}" for score in prediction.scores]
    assert all(0.1 < float(score) <= 1 for score in shown)
    expected = columns(TOKENS, [f"{t}\t{s}" for t, s in zip(tags, shown, strict=True)])
    assert tagged(COLUMNS, "--scores")[1] == expected
    assert json.loads(tagged(JSONL, "--scores")[1])["scores"] == [float(s) for s in shown]
    line, mean = tagged(TEXT, "--scores")[1].rstrip("\n").split("\t")
    assert line + "\n" == tagged(TEXT)[1]
    assert float(mean) == pytest.approx(prediction.scores.mean(), abs=1e-4)


def test_n_best_adds_the_most_probable_sequences(tagged, tagger, tags):
    code, out, err = tagged(JSONL + JSONL, "--n-best", "3", "--scores")
    assert (code, err, out.count("\n")) == (0, "", 2)
    for line in out.splitlines():
        found = json.loads(line)
        assert list(found) == ["tokens", "tags", "scores", "n_best"]
        assert found["tags"] == found["n_best"][0]["tags"] == tags
        expected = [
            {"tags": list(path.tags), "probability": float(f"{path.probability:.4g}")}
            for path in tagger.n_best(TOKENS, 3)
        ]
        assert found["n_best"] == expected
        assert len(expected) == 3
    of_text = json.loads(
        tagged(TEXT * 2, "--n-best=3", "--output-format", "jsonl")[1].splitlines()[1]
    )
    assert list(of_text) == ["text", "spans", "tokens", "n_best"]
    assert of_text["n_best"] == [json.loads(tagged(JSONL, "--n-best=3")[1])["n_best"]]


@pytest.mark.parametrize(
    ("piped", "argv", "message"),
    [
        (TEXT, ["--n-best", "2"], "--n-best adds to JSON lines, not to text; give --output-format jsonl"),
        (COLUMNS, ["--n-best", "2"], "--n-best adds to JSON lines, not to conll; give --output-format jsonl"),
        (
            JSONL,
            ["--n-best", "2", "--output-format", "text"],
            "--n-best adds to JSON lines, not to text; give --output-format jsonl",
        ),
        (TEXT, ["--span-scores"], "--span-scores adds to JSON lines, not to text; give --output-format jsonl"),
        (
            JSONL,
            ["--span-scores", "--output-format", "conll"],
            "--span-scores adds to JSON lines, not to conll; give --output-format jsonl",
        ),
        (
            TEXT,
            ["--offsets", "utf16", "--output-format", "displacy"],
            "--offsets adds to JSON lines, not to displacy; give --output-format jsonl",
        ),
        (JSONL, ["--n-best", "0"], "n_best is 0: expected a whole number from 1 to 1000"),
        (JSONL, ["--n-best", "1001"], "n_best is 1001: expected a whole number from 1 to 1000"),
        (JSONL, ["--n-best", "1.5"], "n_best is '1.5': expected a whole number"),
        (JSONL, ["--workers", "0"], "workers is 0: expected a whole number from 1 to 256"),
        (JSONL, ["--workers", "257"], "workers is 257: expected a whole number from 1 to 256"),
        (JSONL, ["--workers", "1.5"], "workers is '1.5': expected a whole number"),
    ],
)  # fmt: skip
def test_additions_that_the_output_format_cannot_hold(tagged, piped, argv, message):
    assert tagged(piped, *argv) == (2, "", f"error: {message}\n")


def test_html_is_one_page_whatever_comes_in(tagged):
    for piped in (TEXT, COLUMNS, ""):
        code, out, err = tagged(piped, "--output-format", "html")
        assert (code, err, out.count("<!doctype html>")) == (0, "", 1)
        assert "<h1>Tagged text</h1>" in out
        assert out.endswith("</p>\n" if piped != TEXT else "</article>\n")


def test_a_refused_file_gets_no_note(tagged, tmp_path):
    path = tmp_path / "text.txt"
    path.write_text("Ada saw Oslo in 1999.\nShe left.\n", encoding="utf-8")
    message = "--n-best adds to JSON lines, not to text; give --output-format jsonl"
    assert tagged("", str(path), "--n-best", "2") == (2, "", f"error: {message}\n")


def test_span_scores_add_each_span_with_its_probability(tagged, tagger, tags):
    from seqlab.corpus.schemes import decode_spans
    from seqlab.tagging.spans import span_confidences

    code, out, err = tagged(JSONL, "--span-scores", "--n-best", "1")
    found = json.loads(out)
    assert (code, err) == (0, "")
    assert list(found) == ["tokens", "tags", "n_best", "spans"]
    (expected,) = span_confidences(tagger, sentences_of(TOKENS))
    assert found["spans"] == [
        {
            "start": s.start,
            "stop": s.stop,
            "type": s.entity_type,
            "probability": float(f"{s.probability:.4g}"),
        }
        for s in expected
    ]
    named = [(span["start"], span["stop"], span["type"]) for span in found["spans"]]
    assert named == decode_spans(tags, tagger.scheme)
    assert all(0 < span["probability"] <= 1 for span in found["spans"])


def sentences_of(*token_lists):
    from seqlab.corpus.sentence import Sentence

    return [Sentence(tokens=tuple(tokens)) for tokens in token_lists]


def test_tokenized_text_is_split_at_white_space_only(tagged):
    def tokens(*argv):
        out = tagged("Ada's co-op (est.1999).\n", "--output-format", "jsonl", *argv)[1]
        return words_of(json.loads(out))

    assert tokens("--tokenized") == ["Ada's", "co-op", "(est.1999)."]
    assert tokens() == ["Ada's", "co-op", "(", "est.1999", ")", "."]


def test_text_is_tokenised_with_the_clitics_of_the_taggers_vocabulary(tagged, tagger, monkeypatch):
    words = tagger.encoder.words
    known = replace(words, symbols=(*words.symbols[:-2], "'s", "d'"))
    knowing = replace(tagger, encoder=replace(tagger.encoder, words=known))
    monkeypatch.setattr(loading, "load_run", lambda path: knowing)
    line, cut = "Ada’s co-op saw d'Oslo.\n", "Ada ’s co-op saw d' Oslo .\n"
    out = tagged(line, "--output-format", "jsonl")[1]
    assert words_of(json.loads(out)) == cut.split()
    again = json.loads(tagged(cut, "--output-format", "jsonl", "--tokenized")[1])
    assert (words_of(again), tags_of(again)) == (cut.split(), tags_of(json.loads(out)))
    assert json.loads(tagged('{"tokens": ["Ada\'s"]}\n')[1])["tokens"] == ["Ada's"]


def test_a_file_is_read_by_its_name(tagged, tags, tmp_path):
    path = tmp_path / "one-column.conll"
    path.write_text("\n".join(TOKENS), encoding="utf-8")  # no line end at the end
    assert tagged("", str(path)) == (0, columns(TOKENS, tags), "")
    assert tagged(path.read_bytes(), "--format", "conll") == (0, columns(TOKENS, tags), "")


def test_one_token_per_line_that_is_read_as_text_is_noted(tagged):
    note = "note: standard input is read as text; --format conll reads columns\n"
    code, out, err = tagged("\n".join(TOKENS) + "\n")
    assert (code, out.count("\n"), err) == (0, len(TOKENS), note)
    assert tagged(TEXT)[2] == ""
    assert tagged("Ada\n", "--format", "text")[2] == ""
    assert tagged("\n")[2] == ""


def test_quiet_leaves_the_tags_alone(tagged):
    piped = "\n".join(TOKENS) + "\n"
    code, out, _ = tagged(piped)
    assert tagged(piped, "--quiet") == (code, out, "")


def test_token_column(tagged, tags):
    piped = "".join(f"{n}\t{token}\t_\n" for n, token in enumerate(TOKENS))
    assert tagged(piped, "--token-column", "1")[1] == columns(TOKENS, tags)


def test_tags_in_the_input_are_ignored(tagged, tags):
    wrong = "".join(f"{token}\tS-LAW\n" for token in TOKENS)
    assert tagged(wrong)[1] == columns(TOKENS, tags)


def test_gzip_byte_order_mark_and_crlf(tagged, tags):
    assert tagged(gzip.compress(COLUMNS.encode()))[1] == columns(TOKENS, tags)
    crlf = "\ufeff" + COLUMNS.replace("\n", "\r\n")
    assert tagged(crlf)[1] == columns(TOKENS, tags)


@pytest.mark.parametrize("piped", ["", "\n", "\n\n\n", "  \n \n"], ids=repr)
@pytest.mark.parametrize("argv", [(), ("--scores",)], ids=str)
def test_lines_out_match_lines_in_where_no_line_has_a_word(tagged, piped, argv):
    assert tagged(piped, *argv) == (0, "\n" * piped.count("\n"), "")


@pytest.mark.parametrize("format", ["conll", "conllu", "jsonl"])
def test_nothing_in_nothing_out(tagged, format):
    assert tagged("", "--format", format) == (0, "", "")
    assert tagged("\n\n", "--format", format) == (0, "", "")


def test_empty_lines_keep_their_place_in_text(tagged):
    code, out, err = tagged("\n" + TEXT + "\n" + TEXT)
    one = tagged(TEXT)[1]
    assert (code, out, err) == (0, "\n" + one + "\n" + one, "")


def test_empty_lines_are_no_sentences_elsewhere(tagged, tags):
    piped = "\n" + TEXT + "\n"
    assert tagged(piped, "--output-format", "conll")[1] == columns(TOKENS, tags)
    texts = [
        json.loads(line)["text"]
        for line in tagged(piped, "--output-format", "jsonl")[1].splitlines()
    ]
    assert texts == ["", TEXT.rstrip("\n"), ""]  # each line is a document


def test_a_sentence_of_20_000_tokens_is_tagged_whole(tagged):
    out = tagged("word " * 20_000 + "\n", "--output-format", "conll")[1]
    lines = out.splitlines()
    assert len(lines) == 20_001
    assert {line.split("\t")[0] for line in lines[:-1]} == {"word"}


HOSTILE = [
    "a\u0000b",
    "\u202egnp",
    "😀",
    "👩\u200d👧",
    "\u0007",
    "\x1b[31m",
    "\ufeff",
    "e\u0301",
    "\u2028",
    " x ",
]


def test_hostile_tokens_come_back_as_they_were(tagged):
    code, out, err = tagged(json.dumps({"tokens": HOSTILE}) + "\n")
    assert (code, err) == (0, "")
    found = json.loads(out)
    assert found["tokens"] == HOSTILE
    assert len(found["tags"]) == len(HOSTILE)
    assert out.count("\n") == 1


def test_hostile_text_is_one_line_for_one(tagged):
    piped = "\u202eA\u200b 😀👩\u200d👧 e\u0301\u2028x\x0by \x07\x1b[31m\n" * 2
    code, out, err = tagged(piped)
    assert (code, out.count("\n"), err) == (0, 2, "")


@pytest.mark.parametrize(
    ("argv", "token", "fact"),
    [
        ("conll", "a\tb", "token 'a\\tb' holds '\\t', which columns can't hold; write jsonl"),
        ("conll", "a\0b", "token 'a\\x00b' holds '\\x00', which columns can't hold; write jsonl"),
        ("conll", "  ", "empty token '  '; columns can't hold it"),
        (
            "text",
            "a\nb",
            "token 'a\\nb' has a line break, which format text cannot hold; give --output-format jsonl",
        ),
        (
            "text",
            "\r",
            "token '\\r' has a line break, which format text cannot hold; give --output-format jsonl",
        ),
    ],
)
def test_a_token_that_the_output_cannot_hold_is_named_after_what_came_before(
    tagged, argv, token, fact
):
    piped = "".join(json.dumps({"tokens": tokens}) + "\n" for tokens in (["Ada"], [token], ["x"]))
    code, out, err = tagged(piped, "--output-format", argv)
    assert (code, err) == (2, f"error: standard input:2: {fact}\n")
    assert out == tagged(json.dumps({"tokens": ["Ada"]}), "--output-format", argv)[1]


@pytest.mark.parametrize(
    ("good", "bad", "fact"),
    [
        ("Ada O\n\n", "one two three\n", "expected 2 columns, found 3: 'one two three'"),
        (JSONL, "no json\n", "bad JSON (expecting value at position 1): 'no json'"),
        (
            JSONL,
            '{"tokens": ["\\ud800"]}\n',
            "tokens[0] holds half a surrogate pair: '\\ud800': '{\"tokens\": [\"\\\\ud800\"]}'",
        ),
        (JSONL, '{"tokens": [""]}\n', "tokens[0] is an empty string: '{\"tokens\": [\"\"]}'"),
        (JSONL, '{"token": ["a"]}\n', "there is no key 'tokens'; nearest: 'token': '{\"token\": [\"a\"]}'"),
        (TEXT, "a\0b\n", "a NUL byte; expected utf-8 text, which this may not be (UTF-16?): 'a\\x00b'"),
        (
            TEXT,
            b"caf\xe9\n",
            "byte 0xe9 at position 4 of the line can't be decoded; the encoding tried is utf-8, "
            "the likely one is latin-1: give --encoding latin-1: "
            "'caf\\xe9'",
        ),
    ],
)  # fmt: skip
def test_an_error_in_a_line_comes_after_the_text_of_the_lines_before(tagged, good, bad, fact):
    raw = good.encode() + (bad if isinstance(bad, bytes) else bad.encode())
    line = good.count("\n") + 1
    code, out, err = tagged(raw)
    assert (code, err) == (2, f"error: standard input:{line}: {fact}\n")
    assert out == tagged(good)[1] != ""


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (
            ["-", "--output-format", "xml"],
            'Invalid value "xml" for --output-format. Choose from: "conll", "jsonl", "text", "html", "displacy".',
        ),
        (["-", "--offsets", "bytes"], "--offsets adds to JSON lines, not to text; give --output-format jsonl"),
        (
            ["-", "--id-column=0", "--documents=file"],
            "--id-column is given, so each line is a document; leave out --documents file",
        ),
        (["-", "--id-column=-1"], "id_column is -1: expected 0 or more"),
        (["-", "--score"], "Unknown option: --score. Did you mean --scores?"),
        (["-", "more"], "unexpected 'more': options begin with --"),
    ],
)  # fmt: skip
def test_a_mistake_in_the_options(tagged, argv, message):
    assert tagged(TEXT, *argv) == (2, "", f"error: {message}\n")


def test_a_missing_file_names_the_nearest(tagged, tmp_path):
    (tmp_path / "text.txt").touch()
    path = tmp_path / "tex.txt"
    message = f"error: {path}: no such file; nearest: 'text.txt'\n"
    assert tagged("", str(path)) == (2, "", message)


def test_a_missing_run(capsys, tmp_path):
    (tmp_path / "in.txt").write_text(TEXT, encoding="utf-8")
    assert tag.main([str(tmp_path / "run"), str(tmp_path / "in.txt")]) == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'run'}: no run of seqlab here\n"


def test_the_loaded_run_predicts_the_same(tiny_run, tags, tmp_path, capsysbinary):
    path = tmp_path / "in.conll"
    path.write_text(COLUMNS, encoding="utf-8")
    assert tag.main([str(tiny.folder_of(tiny_run)), str(path)]) == 0
    assert capsysbinary.readouterr().out.decode() == columns(TOKENS, tags)


@pytest.fixture
def plain_run(tmp_path_factory):
    return tiny.plain_run(tmp_path_factory)


def test_plain_tags_have_sequences_but_no_spans(plain_run, capsysbinary, tmp_path):
    path = tmp_path / "in.jsonl"
    path.write_text(JSONL, encoding="utf-8")
    assert tag.main([str(tiny.folder_of(plain_run)), str(path), "--n-best", "2"]) == 0
    best = json.loads(capsysbinary.readouterr().out)["n_best"]
    assert len(best) == 2
    assert best[0]["tags"] == plain_run.run.tagger.tag(TOKENS)
    assert tag.main([str(tiny.folder_of(plain_run)), str(path), "--span-scores"]) == 2
    run = tiny.folder_of(plain_run)
    message = f"--span-scores is given, but {run} predicts plain tags, which have no spans"
    assert capsysbinary.readouterr().err.decode() == f"error: {message}\n"


def test_plain_tags_in_text(plain_run, capsysbinary, tmp_path):
    path = tmp_path / "in.txt"
    path.write_text(TEXT, encoding="utf-8")
    assert tag.main([str(tiny.folder_of(plain_run)), str(path)]) == 0
    tags = plain_run.run.tagger.tag(TOKENS)
    line = " ".join(f"{token}/{t}" for token, t in zip(TOKENS, tags, strict=True))
    assert capsysbinary.readouterr().out.decode() == line + "\n"


@contextmanager
def process(run, *argv, start=("-m", "seqlab.tag"), stdin=subprocess.PIPE):
    command = [sys.executable, *start, str(tiny.folder_of(run)), *argv]
    # As in a shell, output is buffered until it is flushed.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes = {"stdin": stdin, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=usual, **pipes) as child:
        try:
            yield child
        finally:
            child.kill()


def test_many_sentences_from_a_pipe_come_out_in_order(tiny_run, tagger):
    """More sentences than one chunk holds, of all lengths."""
    tokens = [[f"w{number}"] * (number * 7919 % 23 + 1) for number in range(1_500)]
    lines = [json.dumps({"tokens": t, "id": n}) for n, t in enumerate(tokens)]
    with process(tiny_run, "--scores") as child:
        out, err = child.communicate("\n".join(lines).encode(), timeout=120)
    assert (child.returncode, err) == (0, b"")
    found = [json.loads(line) for line in out.splitlines()]
    assert [sentence["metadata"]["id"] for sentence in found] == list(range(1_500))
    assert [sentence["tokens"] for sentence in found] == tokens
    predictions = list(tagger.predict(sentences_of(*tokens)))
    assert [tuple(sentence["tags"]) for sentence in found] == [p.tags for p in predictions]


def test_a_sentence_is_tagged_before_the_pipe_is_closed_and_ctrl_c_ends_the_command(
    tiny_run, tagged
):
    answer = tagged(TEXT)[1].encode()
    with process(tiny_run) as child:
        for line, expected in ((TEXT, answer), ("\n", b"\n"), (TEXT, answer)):
            child.stdin.write(line.encode())
            child.stdin.flush()
            assert child.stdout.readline() == expected
        child.send_signal(signal.SIGINT)  # while it waits for the next line
        assert child.wait(60) == 130
        assert child.stderr.read() == b"error: interrupted\n"


def test_a_closed_output_is_no_error_even_if_the_input_is_open(tiny_run):
    with process(tiny_run) as child:
        child.stdin.write(TEXT.encode())
        child.stdin.flush()
        assert child.stdout.readline()
        child.stdout.close()
        child.stdin.write(TEXT.encode() * 2)
        child.stdin.flush()
        assert child.wait(60) == 0
        assert child.stderr.read() == b""


AT_ONCE = """
import sys
from seqlab import tag
from seqlab.streaming import stream
from seqlab.streaming.worker_pool import WorkerPool

usual = WorkerPool.__init__

def begin(self, *arguments, **more):
    usual(self, *arguments, **more)
    self.ready.wait()

usual_chunks = stream.ChunkReader.__init__

def patient(self, sentences, **more):
    if more["patience"] is not None:  # not a file
        more["patience"] = 60
    usual_chunks(self, sentences, **more)

WorkerPool.__init__ = begin
stream.ChunkReader.__init__ = patient
stream.TOKENS_BEFORE_WORKERS = 1
sys.exit(tag.main())
"""  # chunks wait until they are full; the pool starts after the first chunk, and is waited for


def text_lines(count):
    words = (*TOKENS, "unseen", "東京", "e\u0301")
    return [
        "".join(f"{words[(n * 7 + k) % 10]} " for k in range(n * 7919 % 9)) for n in range(count)
    ]


@pytest.mark.bits("stored")
@pytest.mark.parametrize("argv", [("--scores",), ("--output-format", "jsonl", "--span-scores")])
def test_workers_write_what_one_process_writes(tiny_run, tmp_path, argv):
    path = tmp_path / "in.txt"  # a pipe would be cut where it pauses, and rounding with it
    path.write_text("\n".join(text_lines(9_000)) + "\n", encoding="utf-8")
    found = []
    for start, count in ((("-m", "seqlab.tag"), 1), (("-c", AT_ONCE), 2)):
        options = ("--format", "text", "--tokenized", "--workers", str(count), *argv)
        with process(tiny_run, str(path), *options, start=start) as child:
            out, err = child.communicate(timeout=120)
        assert (child.returncode, err) == (0, b"")
        found.append(out)
    assert found[0] == found[1]


def test_workers_too_write_the_text_before_an_error(tiny_run):
    lines = [json.dumps({"tokens": ["Ada", str(n)]}) for n in range(9_000)]
    lines[8_500] = "no json"
    options = ("--output-format", "text", "--workers", "2")
    with process(tiny_run, *options, start=("-c", AT_ONCE)) as child:
        out, err = child.communicate("\n".join(lines).encode(), timeout=120)
    expected = b"error: standard input:8501: bad JSON (expecting value at position 1): 'no json'\n"
    assert (child.returncode, err, out.count(b"\n")) == (2, expected, 8_500)


def children_of(pid):
    """The ids of a process's children."""
    found = Path(f"/proc/{pid}/task/{pid}/children")
    if not found.exists():
        pytest.skip("the kernel does not tell of children")
    return [int(word) for word in found.read_text().split()]


def drain(stream):
    """Read to the end."""
    while stream.read1():
        pass


def interrupts_are_blocked(pid):
    status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8")
    blocked = int(re.search(r"SigBlk:\s*(\w+)", status)[1], 16)
    return blocked >> (signal.SIGINT - 1) & 1


def gone(pids):
    """Whether all of them end within a short time."""
    for _ in range(200):
        if not any(Path(f"/proc/{pid}").exists() for pid in pids):
            return True
        time.sleep(0.05)
    return False


KILLED = (
    b"error: a worker process was killed, as happens when memory runs out; "
    b"--workers 1 tags without any\n"
)


@pytest.mark.parametrize(
    ("end", "code", "said"),
    [
        ("kill", -9, b""),
        ("terminate", -15, b""),
        ("interrupt", 130, b"error: interrupted\n"),
        ("interrupt at a terminal", 130, b"error: interrupted\n"),
        ("reader has gone", 0, b""),
        ("worker is killed", 2, KILLED),
    ],
)
def test_however_it_ends_no_worker_is_left(tiny_run, end, code, said):
    options = ("--format", "text", "--workers", "2")
    endless = ["/usr/bin/env", "yes", " ".join(TOKENS)]
    with (
        subprocess.Popen(endless, stdout=subprocess.PIPE) as lines,
        process(tiny_run, *options, start=("-c", AT_ONCE), stdin=lines.stdout) as child,
    ):
        lines.stdout.close()  # the command alone reads them
        seen = 0
        while seen < 200_000:  # far beyond the first chunk
            text = child.stdout.read1()
            assert text, child.stderr.read()
            seen += len(text)
        tracker, *workers = children_of(child.pid)
        assert len(workers) == 2
        reader = threading.Thread(target=drain, args=(child.stdout,), daemon=True)
        if end == "reader has gone":
            child.stdout.close()
        else:
            reader.start()
        signals = {"kill": 9, "terminate": 15, "interrupt": 2}
        if end in signals:
            child.send_signal(signals[end])
        elif end == "interrupt at a terminal":  # which sends it to all processes
            assert all(map(interrupts_are_blocked, workers))
            for pid in (*workers, tracker, child.pid):
                os.kill(pid, signal.SIGINT)
        elif end == "worker is killed":
            os.kill(workers[0], signal.SIGKILL)
        assert child.wait(60) == code
        assert child.stderr.read() == said
        assert gone([tracker, *workers])


def test_nan_in_metadata_is_written_as_null_and_named_once(tagged):
    line = '{"tokens": ["Ada"], "p": NaN, "q": [Infinity]}\n'
    code, out, err = tagged(line * 600 + JSONL)
    rows = [json.loads(row) for row in out.splitlines()]
    assert (code, len(rows)) == (0, 601)
    assert rows[0]["metadata"] == {"p": None, "q": [None]}
    assert err == (
        "note: NaN or an infinite number under 'p' is written as null: JSON has no such numbers\n"
        "note: NaN or an infinite number under 'q' is written as null: JSON has no such numbers\n"
    )


TABLE = "Sentence #,Word,POS,Tag\n" + "".join(
    f"{'' if number else 'Sentence: 1'},{token},X,O\n" for number, token in enumerate(TOKENS)
)  # fmt: skip


def test_a_table_and_hugging_face_rows_are_tagged(tagged, tags):
    code, out, err = tagged(TABLE)
    assert (code, out, err) == (0, columns(TOKENS, tags), "")
    code, out, err = tagged(json.dumps({"tokens": TOKENS, "ner_tags": [0] * len(TOKENS)}) + "\n")
    assert (code, json.loads(out), err) == (0, {"tokens": TOKENS, "tags": tags}, "")


def test_parquet_is_tagged(tagger, tags, tiny_run, monkeypatch, capsys, tmp_path):
    pytest.importorskip("pyarrow", reason="needs seqlab[hf]")
    monkeypatch.setattr(loading, "load_run", lambda path: tagger)
    path = tmp_path / "x.parquet"
    write_corpus([Sentence(tokens=tuple(TOKENS), tags=("O",) * len(TOKENS))], path, format="hf")
    assert tag.main([str(tiny.folder_of(tiny_run)), str(path), "--output-format", "conll"]) == 0
    assert capsys.readouterr().out == columns(TOKENS, tags)


def test_text_in_another_encoding_is_tagged(tagged):
    text = "Zoë saw Malmö .\n"
    assert tagged(text.encode("latin-1"), "--encoding", "latin-1") == tagged(text)
    code, _, err = tagged(text, "--encoding", "latn-1")
    assert code == 2
    assert err == (
        "error: unknown encoding 'latn-1'; expected a name such as utf-8, latin-1 or cp1252; "
        "nearest: 'latin-1'\n"
    )
