"""`tag` on raw text: one JSON object per document, with exact offsets, equal to `Tagger.tag_text`."""

import io
import json
import random
import shutil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab import tag
from seqlab.storing import save_and_load as loading
from seqlab.streaming import stream, tag_input, worker_pool
from seqlab.tagging import text_pieces
from seqlab.text.offset_units import offset_table
from tests import tiny
from tests.sealing import seal

pytestmark = [tiny.KERAS_NOISE, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]

JSON_LINES = ("--output-format", "jsonl")
WORDS = (
    "Ada Stone",
    "saw",
    "Oslo",
    "Paris.",
    "He left",
    "e\u0301",
    "é",
    "👩\u200d👧",
    "😀",
    "שלום",
    '"',
    "\\",
    "\ufeff",
)
GAPS = (" ", "  ", "\t", "\u2028", "\u00a0", "", "\x0b", "\x1f")
ENDS = ("\n", "\r\n", "\n\n", "\r\n \r\n")
LINES = st.lists(st.sampled_from(WORDS + GAPS), max_size=12).map("".join)
TEXTS = st.lists(st.tuples(LINES, st.sampled_from(ENDS)), max_size=6).map(
    lambda rows: "".join(line + end for line, end in rows)
)


@pytest.fixture
def span_run(tmp_path_factory):
    return tiny.span_run(tmp_path_factory)


@pytest.fixture
def tagger(span_run):
    return span_run.run.tagger


@pytest.fixture
def tagged(span_run, tagger, monkeypatch, capsysbinary):
    """Tag piped input with the tagger in memory. Returns the output; the command must succeed without a note."""
    monkeypatch.setattr(loading, "load_run", lambda path: tagger)

    def run(piped, *argv, note="", code=0):
        raw = piped if isinstance(piped, bytes) else piped.encode()
        monkeypatch.setattr(tag_input, "standard_input", lambda: io.BytesIO(raw))
        found = tag.main([str(tiny.folder_of(span_run)), *argv])
        out, err = capsysbinary.readouterr()
        assert (err.decode(), found) == (note, code)
        return out.decode()

    return run


def objects(out):
    return [json.loads(line) for line in out.splitlines()] if "\u2028" not in out else [
        json.loads(line) for line in out.removesuffix("\n").split("\n")
    ]  # fmt: skip


def assert_exact(found, *, unit="codepoints"):
    """Every span and token stands where it says, in the unit of the output."""
    raw = {
        "codepoints": found["text"],
        "bytes": found["text"].encode(),
        "utf16": found["text"].encode("utf-16-le"),
    }[unit]
    width = 2 if unit == "utf16" else 1
    for part in (*found["spans"], *found["tokens"]):
        piece = raw[width * part["start"] : width * part["end"]]
        text = (
            piece
            if unit == "codepoints"
            else piece.decode("utf-16-le" if unit == "utf16" else "utf-8")
        )
        assert text == part["text"] != ""


TEXT = "Ada Stone saw Oslo in 1999. Boris Marsh left Paris.\r\n\nClara 😀 praised\tLima .\n"


def test_one_object_per_line_with_the_keys_of_tag_text(tagged, tagger):
    out = tagged(TEXT, *JSON_LINES)
    lines = ["Ada Stone saw Oslo in 1999. Boris Marsh left Paris.", "", "Clara 😀 praised\tLima ."]
    assert [found["text"] for found in objects(out)] == lines
    assert out == "".join(f"{one.to_json()}\n" for one in tagger.tag_texts(lines))
    assert sum(len(found["spans"]) for found in objects(out)) > 0
    scored = tagged(TEXT, *JSON_LINES, "--scores")
    assert scored == "".join(f"{one.to_json(scores=True)}\n" for one in tagger.tag_texts(lines))


@pytest.mark.parametrize(
    ("documents", "texts"),
    [
        ("paragraph", ["Ada left.\r\nShe saw\tOslo.", "\ufeffBoris 😀"]),
        ("file", ["Ada left.\r\nShe saw\tOslo.\r\n \r\n\r\n\ufeffBoris 😀\r\n"]),
        ("line", ["Ada left.", "She saw\tOslo.", " ", "", "\ufeffBoris 😀"]),
    ],
)
def test_documents_keep_the_line_ends_of_the_file(tagged, documents, texts):
    piped = "\ufeffAda left.\r\nShe saw\tOslo.\r\n \r\n\r\n\ufeffBoris 😀\r\n"
    out = tagged(piped, "--format", "text", *JSON_LINES, "--documents", documents)
    assert [found["text"] for found in objects(out)] == texts
    for found in objects(out):
        assert_exact(found)


@given(
    TEXTS,
    st.sampled_from(("line", "paragraph", "file")),
    st.sampled_from(("codepoints", "utf16", "bytes")),
)
@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_every_offset_is_exact_and_equal_to_tag_text(tagged, tagger, text, documents, unit):
    out = tagged(text, "--format=text", *JSON_LINES, "--documents", documents, "--offsets", unit)
    found = objects(out)
    for one in found:
        assert_exact(one, unit=unit)
    expected = []
    for one in tagger.tag_texts([each["text"] for each in found]):
        fields, table = json.loads(one.to_json()), offset_table(one.text, unit)
        for part in (*fields["spans"], *fields["tokens"]):
            part["start"], part["end"] = table[part["start"]], table[part["end"]]
        expected.append(fields)
    assert found == expected
    if documents == "file":
        assert "".join(one["text"] for one in found) == text.removeprefix("\ufeff")


def test_a_long_document_is_tagged_in_pieces_with_the_offsets_of_the_whole(tagged, monkeypatch):
    text = "Ada 😀 saw Oslo.\nBoris left Paris.\r\n" * 60
    argv = ("--format=text", *JSON_LINES, "--documents=file", "--n-best=1", "--scores")
    expected = {
        unit: tagged(text, *argv, "--offsets", unit) for unit in ("codepoints", "utf16", "bytes")
    }
    monkeypatch.setattr(text_pieces, "LONGEST_PIECE", 100)
    monkeypatch.setattr("seqlab.streaming.text_writer.LONGEST_PIECE", 100)
    monkeypatch.setattr(text_pieces, "PIECES_TOKENS", 50)
    for unit, out in expected.items():
        (found,) = objects(tagged(text, *argv, "--offsets", unit))
        assert_exact(found, unit=unit)
        (whole,) = objects(out)
        assert found["tokens"] == [
            {**token, "score": pytest.approx(token["score"], abs=2e-4)} for token in whole["tokens"]
        ]
        assert len(found["n_best"]) == len(whole["n_best"]) == 120
        assert [{**s, "score": 0} for s in found["spans"]] == [
            {**s, "score": 0} for s in whole["spans"]
        ]


def test_workers_write_what_one_process_writes(span_run, monkeypatch, capsysbinary, tmp_path):
    dice = random.Random(3)  # noqa: S311, no secret
    path = tmp_path / "in.txt"
    lines = ["".join(dice.choices(WORDS + GAPS, k=dice.randrange(15))) for _ in range(3000)]
    path.write_text("\n".join(lines), encoding="utf-8")
    start = worker_pool.WorkerPool.__init__

    def start_and_wait(self, *arguments, **options):
        start(self, *arguments, **options)
        assert self.ready.wait(120)

    monkeypatch.setattr(worker_pool.WorkerPool, "__init__", start_and_wait)
    monkeypatch.setattr(stream, "TOKENS_BEFORE_WORKERS", 1)
    outputs = []
    for workers in ("1", "2"):
        argv = [str(tiny.folder_of(span_run)), str(path), *JSON_LINES, "--workers", workers]
        assert tag.main([*argv, "--format", "text"]) == 0
        outputs.append(capsysbinary.readouterr().out)
    assert outputs[0] == outputs[1]
    assert outputs[0].count(b"\n") == 3000


def test_span_scores_are_the_exact_probabilities(tagged, tagger):
    from seqlab.corpus.sentence import Sentence
    from seqlab.tagging.spans import span_confidences

    tokens = ("Ada", "Stone", "saw", "Oslo", ".")
    (found,) = objects(tagged("Ada Stone saw Oslo.\n", *JSON_LINES, "--span-scores"))
    (expected,) = span_confidences(tagger, [Sentence(tokens=tokens)])
    assert [s["score"] for s in found["spans"]] == [round(e.probability, 4) for e in expected] != []


def test_json_lines_of_raw_text_keep_their_other_keys(tagged, tagger):
    given = [
        {
            "id": 7,
            "text": "Ada saw Oslo.",
            "meta": {"source": "é"},
            "spans": [1],
            "tokens": [{"a": 1}],
        },
        {"text": ""},
        {"text": "Boris\r\nleft.\n", "score": float("nan")},
    ]
    note = "note: NaN or an infinite number under 'score' is written as null: JSON has no such numbers\n"
    out = tagged("".join(json.dumps(one) + "\n" for one in given), note=note)
    texts = [one["text"] for one in given]
    expected = [json.loads(one.to_json()) for one in tagger.tag_texts(texts)]
    more = [{"id": 7, "meta": {"source": "é"}}, {}, {"score": None}]
    assert objects(out) == [{**a, **b} for a, b in zip(expected, more, strict=True)]


def test_sentences_and_raw_texts_in_one_file_of_json_lines(tagged, tagger):
    out = tagged('{"tokens": ["Ada", "left"]}\n{"text": "Ada left"}\n{"tokens": ["Oslo"]}\n')
    first, second, third = objects(out)
    assert first == {"tokens": ["Ada", "left"], "tags": tagger.tag(["Ada", "left"])}
    assert [token["text"] for token in second["tokens"]] == ["Ada", "left"]
    assert third["tokens"] == ["Oslo"]


def test_half_a_surrogate_pair_in_a_text_is_named(tagged):
    line = '{"text": "\\ud800"}'
    note = f"error: standard input:1: 'text' holds half a surrogate pair: '{line}'\n".replace(
        "\\", "\\\\"
    )
    assert tagged(line + "\n", note=note, code=2) == ""


def test_the_other_formats_have_a_line_or_a_block_per_sentence(tagged, tagger):
    text = "Ada left. Boris came.\n\nOslo\n"
    assert tagged(text, "--output-format", "conll").count("\n\n") == 3
    lines = tagged(text).split("\n")
    assert [line.replace("[PER ", "").replace("[LOC ", "").replace("]", "") for line in lines] == [
        "Ada left .", "Boris came .", "", "Oslo", "",
    ]  # fmt: skip
    assert tagged(text, "--sentences", "line").count("\n") == 3
    paragraphs = tagged(text, "--documents", "paragraph").split("\n")
    assert [bool(line) for line in paragraphs] == [True, True, False, True, False, False]


def test_texts_with_ids(tagged, tagger):
    text = "t1\tx\tAda saw\tOslo.\n\nt2\ty\tBoris left.\n"
    found = objects(tagged(text, "--format=text", "--id-column=1", *JSON_LINES))
    assert [(one["text"], one["id"]) for one in found] == [
        ("Ada saw\tOslo.", "x"),
        ("Boris left.", "y"),
    ]
    assert "# id = x\n" in tagged(text, "--format=text", "--id-column=1", "--output-format=conll")
    fact = (
        "expected an id in column 3 and a text after it, between TABs: 't1\\tx\\tAda saw\\tOslo.'"
    )
    message = f"error: standard input:1: {fact}\n"
    assert tagged(text, "--format=text", "--id-column=3", *JSON_LINES, note=message, code=2) == ""


def test_text_with_ids_that_is_read_as_columns_is_noted(tagged):
    text = "1\tAnna Berg flew to Oslo .\n2\tThe fleet left Port Elm !\n3\tNobody came .\n"
    note = (
        "note: standard input is read as columns, but its last column looks like text; --format text --id-column 0 "
        "reads an id and a text between TABs, --format text whole lines as text\n"
    )
    assert tagged(text, note=note).count("\n") == 4
    assert len(objects(tagged(text, "--format=text", "--id-column=0", *JSON_LINES))) == 3


def test_text_before_a_tab_that_is_read_as_columns_is_noted(tagged):
    text = "Anna Berg flew to Oslo .\tyes\nThe fleet left Port Elm !\tno\n"
    note = (
        "note: standard input is read as columns, but its first column looks like text; "
        "--format text reads whole lines as text\n"
    )
    assert tagged(text, note=note).count("\n") == 3


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--documents=file"], "--documents is for raw text, but standard input is conll; give --format text"),
        (["--id-column=0"], "--id-column is for raw text, but standard input is conll; give --format text"),
    ],
)  # fmt: skip
def test_options_of_raw_text_are_refused_for_columns(tagged, argv, message):
    assert tagged("Ada\tO\n", *argv, note=f"error: {message}\n", code=2) == ""


def test_columns_are_those_of_training(
    span_run, tagged, tagger, tmp_path_factory, monkeypatch, tmp_path
):
    run = tmp_path / "run"
    shutil.copytree(tiny.folder_of(span_run), run)
    config = run / "config.toml"
    config.write_text('token_column = "1"\ntag_column = "2"\n' + config.read_text("utf-8"), "utf-8")
    seal(run)
    monkeypatch.setattr(tiny, "folder_of", lambda _: run)
    path = tmp_path / "in.tsv"
    path.write_text("#\thttp://example.org\n1\tAda\tS-LOC\tO\n2\tleft\tO\tO\n\n", "utf-8")
    first, second = tagger.tag(["Ada", "left"])
    assert tagged("", str(path)) == f"Ada\t{first}\nleft\t{second}\n\n"
    assert tagged(path.read_bytes()) == f"Ada\t{first}\nleft\t{second}\n\n"
    other = tagger.tag(["1", "2"])
    assert tagged("", str(path), "--token-column", "0").splitlines()[0] == f"1\t{other[0]}"


def test_document_markers_are_read_as_in_training_in_any_token_column(tagged, tagger):
    text = "1\tX\t-DOCSTART-\tO\n\n1\tX\tAda\tO\n2\tX\tleft\tO\n"
    first, second = tagger.tag(["Ada", "left"])
    assert tagged(text, "--token-column=2") == f"Ada\t{first}\nleft\t{second}\n\n"


def test_parallel_files_are_tagged(tagged, tagger, tmp_path):
    (tmp_path / "seq.in").write_text("Ada left\nOslo\n", "utf-8")
    (tmp_path / "seq.out").write_text("O O\nO\n", "utf-8")
    first, second, third = [*tagger.tag(["Ada", "left"]), *tagger.tag(["Oslo"])]
    expected = f"Ada\t{first}\nleft\t{second}\n\nOslo\t{third}\n\n"
    assert tagged("", str(tmp_path)) == expected
    assert tagged("", str(tmp_path / "seq.in"), "--format=parallel") == expected


@pytest.mark.parametrize("name", ["parallel", "brat", "doccano"])
def test_files_of_several_kinds_cannot_come_from_a_pipe(tagged, name):
    message = f"error: {name} is read from a file or folder, not from a pipe\n"
    assert tagged("x", f"--format={name}", note=message, code=2) == ""
