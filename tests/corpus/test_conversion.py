"""A corpus in one format becomes a corpus in another: equal spans, and a count of all that is left out."""

import json
import math
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seqlab import convert
from seqlab.corpus.conversion import convert_corpus
from seqlab.corpus.reading import Corpus, read_corpus
from seqlab.corpus.schemes import Scheme, decode_spans, detect_scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import UserError

FILES = {
    "conll": "x.conll",
    "conllu": "x.conllu",
    "jsonl": "x.jsonl",
    "csv": "x.csv",
    "hf": "x.jsonl",
    "hf parquet": "x.parquet",
    "parallel": "x",
    "doccano": "x.jsonl",
    "label-studio": "x.json",
    "prodigy": "x.jsonl",
    "brat": "x",
    "spacy": "x.spacy",
    "spacy json": "x.json",
    "bioc": "x.xml",
    "bioc json": "x.json",
    "bioc pubtator": "x.txt",
    "cas": "x",
}
TOOLS = ("doccano", "label-studio", "prodigy", "brat", "spacy", "bioc", "cas")
HOLD_TOKENS = ("conll", "conllu", "jsonl", "csv", "hf", "parallel", "prodigy", "spacy", "cas")
SLOW_LIBRARIES = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture]


def path_of(folder: Path, name: str) -> Path:
    (folder / name).mkdir(parents=True)
    return folder / name / FILES[name]


def format_of_name(name: str) -> str:
    return name.split(" ")[0]


def holds_tokens(name: str) -> bool:
    return format_of_name(name) in HOLD_TOKENS and name != "spacy json"


def spans_of(corpus: Corpus) -> list[tuple[str, str]]:
    """Class and text of each span, without white space."""
    scheme = detect_scheme(s.tags or () for s in corpus)
    assert scheme is not Scheme.PLAIN
    return [
        (label, "".join(s.tokens[start:stop]))
        for s in corpus
        for start, stop, label in decode_spans(s.tags or (), scheme)
    ]


WORDS = st.sampled_from(
    ["Ada", "Malmö", "New", "York", "3.5", "don't", "東京", "😀", "é", ".", "U.S."]
)
LABELS = st.sampled_from(["PER", "LOC", "Job_Title"])


@st.composite
def corpora(draw: st.DrawFn) -> list[Sentence]:
    """Sentences of one or more documents, with spans in IOB2."""
    sentences = []
    for document in range(draw(st.integers(1, 3))):
        for _ in range(draw(st.integers(1, 2))):
            tokens, tags = [], []
            for _ in range(draw(st.integers(1, 4))):
                size, label = draw(st.integers(1, 2)), draw(st.none() | LABELS)
                tokens += [draw(WORDS) for _ in range(size)]
                inside = [] if label is None else [f"B-{label}", f"I-{label}"]
                tags += inside[:size] if label else ["O"] * size
            sentences.append(Sentence(tokens=tuple(tokens), tags=tuple(tags), document=document))
    sentences.append(Sentence(tokens=("Ada",), tags=("B-PER",), document=3))
    return sentences


@settings(max_examples=80, deadline=None, suppress_health_check=SLOW_LIBRARIES)
@given(corpora(), st.sampled_from(sorted(product(FILES, FILES))))
def test_spans_survive_every_pair_of_formats(tmp_path_factory, corpus, pair):
    folder = tmp_path_factory.mktemp("pair")
    first, second, third = (
        path_of(folder / str(n), name) for n, name in enumerate([*pair, pair[0]])
    )
    one, two = map(format_of_name, pair)
    write_corpus(corpus, first, format=one)
    before = read_corpus(first, format=one)
    assert spans_of(before) == spans_of(corpus)
    found = convert_corpus(first, second, to=two, format=one)
    convert_corpus(second, third, to=one, format=two)
    for path, name in ((second, two), (third, one)):
        after = read_corpus(path, format=name)
        assert spans_of(after) == spans_of(before)
        if all(map(holds_tokens, pair)):
            assert [t for s in after for t in s.tokens] == [t for s in before for t in s.tokens]
    assert sum(found.classes.values()) == len(spans_of(before))


REAL = {
    "wikigold": "wikigold/CONLL-format/data/wikigold.conll.txt",
    "gum": "gum_ner/CONLL-format/data/test/gum-test.conll",
}


@pytest.mark.parametrize("corpus", REAL)
@pytest.mark.parametrize("name", [name for name in FILES if name != "conll"])
def test_real_corpora_survive_each_format(shared_data, tmp_path, corpus, name):
    before, out, back = (
        read_corpus(shared_data / REAL[corpus]),
        path_of(tmp_path, name),
        tmp_path / "b",
    )
    convert_corpus(before.path, out, to=format_of_name(name))
    found = convert_corpus(out, back, to="conll", format=format_of_name(name))
    after = read_corpus(back)
    assert spans_of(after) == spans_of(before)
    assert sum(found.classes.values()) == len(spans_of(before))
    if holds_tokens(name):
        assert [t for s in after for t in s.tokens] == [t for s in before for t in s.tokens]


RICH = Sentence(
    tokens=("Ada", "left"),
    tags=("B-PER", "O"),
    weight=2.0,
    features={"pos": ("N", "V")},
    metadata={"sent_id": "s1", "nested": {"a": [1]}, "pos": ["N", "V"]},
    document="log-7",
)


def rich_file(folder: Path) -> Path:
    path = folder / "rich.jsonl"
    fields = {"tokens": RICH.tokens, "tags": RICH.tags, "weight": 2.0, "document": "log-7"}
    fields |= {"pos": ["N", "V"], "sent_id": "s1", "nested": {"a": [1]}}
    path.write_text(json.dumps(fields) + "\n")
    return path


@pytest.mark.parametrize(
    ("to", "weight", "features", "metadata", "notes"),
    [
        ("jsonl", 2.0, True, {"sent_id", "nested", "document", "pos"}, []),
        ("conll", 2.0, True, {"sent_id", "nested", "newdoc id"}, []),
        (
            "hf",
            2.0,
            True,
            {"sent_id", "document"},
            ["left out 1 time: metadata 'nested', which hf can't hold"],
        ),
        (
            "csv",
            1.0,
            True,
            set(),
            [
                "left out 1 time: the weights of a sentence, which csv can't hold",
                "left out 1 time: metadata 'sent_id', which csv can't hold",
                "left out 1 time: metadata 'nested', which csv can't hold",
                "left out 1 time: metadata 'document', which csv can't hold",
            ],
        ),
        (
            "conllu",
            2.0,
            False,
            {"sent_id", "nested", "newdoc id", "pos"},
            [],
        ),
        (
            "doccano",
            1.0,
            False,
            {"sent_id", "nested", "pos"},
            [
                "left out 1 time: the weights of a sentence, which doccano can't hold",
            ],
        ),
        (
            "brat",
            1.0,
            False,
            set(),
            [
                "left out 1 time: the weights of a sentence, which brat can't hold",
                "left out 1 time: metadata 'sent_id', which brat can't hold",
                "left out 1 time: metadata 'nested', which brat can't hold",
                "left out 1 time: metadata 'pos', which brat can't hold",
            ],
        ),
    ],
)
def test_what_a_format_holds_is_kept_and_the_rest_counted(
    tmp_path, to, weight, features, metadata, notes
):
    source, target = rich_file(tmp_path), tmp_path / "out"
    found = convert_corpus(source, target, to=to, feature_columns={"pos": "pos"})
    assert sorted(found.notes) == sorted(notes)
    again = read_corpus(target, format=to)
    assert (again[0].tokens, again[0].tags) == (RICH.tokens, RICH.tags)
    assert again[0].weight == weight
    assert set(again[0].metadata) == metadata
    if to in ("doccano", "brat", "jsonl"):
        assert again[0].document == "log-7"
    if features:
        column: str | int = 1 if to == "conll" else "pos"
        read = read_corpus(target, format=to, feature_columns={"pos": column})
        assert read[0].features == RICH.features


def test_numbers_are_kept_or_counted(tmp_path):
    source = tmp_path / "x.csv"
    source.write_text("word,size,tag\nAda,1.5,B-PER\nleft,,O\n")
    numbers = {"size": "size"}
    convert_corpus(source, tmp_path / "y", to="jsonl", numeric_columns=numbers)
    again = read_corpus(tmp_path / "y", numeric_columns=numbers)
    assert again[0].numbers["size"] == pytest.approx((1.5, math.nan), nan_ok=True)
    found = convert_corpus(source, tmp_path / "z", to="doccano", numeric_columns=numbers)
    fact = "left out 1 time: feature 'size' of a sentence, which doccano can't hold"
    assert found.notes == (fact,)


def test_the_scheme_of_the_tags_is_converted(tmp_path):
    (tmp_path / "x").write_text("Ada B-PER\nStone I-PER\nleft O\n")
    convert_corpus(tmp_path / "x", tmp_path / "y", to="conll", scheme="iobes")
    assert read_corpus(tmp_path / "y")[0].tags == ("B-PER", "E-PER", "O")
    with pytest.raises(UserError) as error:
        convert_corpus(tmp_path / "x", tmp_path / "z", to="brat", scheme="iobes")
    fact = "scheme 'iobes' is given, but brat files hold spans, not tags; leave out scheme"
    assert str(error.value) == fact


def test_overlapping_spans_survive_between_tools(tmp_path):
    record = {"id": 1, "text": "New York Times", "label": [[0, 8, "LOC"], [0, 14, "ORG"]]}
    (tmp_path / "x.jsonl").write_text(json.dumps(record) + "\n")
    found = convert_corpus(tmp_path / "x.jsonl", tmp_path / "y.json", to="label-studio")
    assert (found.classes, found.documents) == ({"LOC": 1, "ORG": 1}, 1)
    convert_corpus(tmp_path / "y.json", tmp_path / "z.jsonl", to="doccano")
    assert json.loads((tmp_path / "z.jsonl").read_text()) == record


def test_a_key_of_the_format_never_replaces_the_labels(tmp_path):
    path = tmp_path / "x.jsonl"
    path.write_text('{"tokens": ["Ada"], "tags": ["B-PER"], "label": "intent"}\n')
    found = convert_corpus(path, tmp_path / "y.jsonl", to="doccano")
    assert found.notes == ("left out 1 time: metadata 'label', which doccano can't hold",)
    assert spans_of(read_corpus(tmp_path / "y.jsonl")) == [("PER", "Ada")]


DAMAGED = {"text": "Ada left.", "label": [[0, 3, "PER"], [0, 99, "PER"], [4, 6, "ACT"]]}


def test_the_report_lists_every_faulty_span(tmp_path):
    source, report = tmp_path / "x.jsonl", tmp_path / "faults"
    source.write_text(json.dumps(DAMAGED) + "\n")
    found = convert_corpus(source, tmp_path / "y", to="conll", report=report)
    assert [json.loads(line) for line in report.read_text().splitlines()] == [
        {
            "fault": "lies outside the text",
            "kept": False,
            "label": "PER",
            "source": f"{source}:1",
            "start": 0,
            "end": 99,
            "text": "Ada left.",
        },
        {
            "fault": "cuts a token",
            "kept": True,
            "label": "ACT",
            "source": f"{source}:1",
            "start": 4,
            "end": 6,
            "text": "le",
        },
    ]
    assert found.classes == {"PER": 1, "ACT": 1}


@pytest.mark.parametrize("to", ["conll", "doccano", "brat", "hf"])
def test_nothing_is_overwritten_unasked(tmp_path, to):
    source, target = tmp_path / "x.conll", tmp_path / "out"
    source.write_text("Ada B-PER\n")
    convert_corpus(source, target, to=to)
    with pytest.raises(UserError) as error:
        convert_corpus(source, target, to=to)
    assert str(error.value) == f"{target}: exists already; give another path, or --overwrite"
    source.write_text("Oslo B-LOC\n")
    convert_corpus(source, target, to=to, overwrite=True)
    assert spans_of(read_corpus(target)) == [("LOC", "Oslo")]
    assert {one.name for one in tmp_path.iterdir()} == {"x.conll", "out"}


def test_a_folder_of_other_files_is_never_replaced(tmp_path):
    source, folder = tmp_path / "x.conll", tmp_path / "thesis"
    source.write_text("Ada B-PER\n")
    folder.mkdir()
    (folder / "chapter.tex").write_text("…")
    for to, fact in (("brat", "a folder that holds chapter.tex"), ("conll", "a folder")):
        with pytest.raises(UserError) as error:
            convert_corpus(source, folder, to=to, overwrite=True)
        assert str(error.value) == (
            f"{folder}: {fact if to == 'brat' else 'a folder that holds chapter.tex'} "
            f"is not replaced by {to}; give another path"
        )
    assert [one.name for one in folder.iterdir()] == ["chapter.tex"]


@pytest.mark.parametrize("overwrite", [True, False])
def test_an_empty_folder_is_no_place_for_a_file(tmp_path, overwrite):
    source, folder = tmp_path / "x.conll", tmp_path / "empty"
    source.write_text("Ada B-PER\n")
    folder.mkdir()
    for to in ("doccano", "conll", "hf"):
        with pytest.raises(UserError) as error:
            convert_corpus(source, folder, to=to, overwrite=overwrite)
        assert str(error.value) == f"{folder}: a folder is not replaced by {to}; give another path"


def test_mistakes_are_one_line(tmp_path, capsys):
    source = tmp_path / "x.conll"
    source.write_text("Ada NOUN\nleft VERB\n")
    assert convert.main([str(source), str(source), "--to", "jsonl", "--overwrite"]) == 2
    fact = "this is the corpus that is read; give another path to write"
    assert capsys.readouterr() == ("", f"error: {source}: {fact}\n")
    assert convert.main([str(source), str(tmp_path / "y"), "--to", "doccano"]) == 2
    fact = (
        "tag 'NOUN' is neither O nor PREFIX-TYPE; annotation files hold spans; write plain tags as"
    )
    assert capsys.readouterr().err == f"error: {source}:1: {fact} conll, csv, hf or jsonl\n"
    assert convert.main([str(tmp_path / "no"), str(tmp_path / "y"), "--to", "doccano"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "y").exists()
    assert convert.main([str(source), str(tmp_path / "y"), "--to", "xml"]) == 2
    assert capsys.readouterr().err.startswith('error: Invalid value "xml" for --to.')


def test_the_folder_of_the_report_must_be_there(tmp_path):
    source, report = tmp_path / "x.conll", tmp_path / "no" / "faults"
    source.write_text("Ada B-PER\n")
    with pytest.raises(UserError) as error:
        convert_corpus(source, tmp_path / "y", to="jsonl", report=report)
    assert str(error.value) == f"{report}: there is no folder {report.parent}; make it first"


def test_a_wrong_offset_is_named_not_the_wrong_format(tmp_path):
    source = tmp_path / "x.jsonl"
    source.write_text('{"text": "Ada", "label": [[0, "3", "PER"]]}\n')
    with pytest.raises(UserError) as error:
        convert_corpus(source, tmp_path / "y", to="conll")
    assert str(error.value) == f"{source}:1: label[0][1] is a string; expected a whole number"


def test_the_command_prints_counts_and_faults(tmp_path, capsys):
    source, target = tmp_path / "x.jsonl", tmp_path / "y"
    source.write_text(json.dumps(DAMAGED) + "\n")
    assert convert.main([str(source), str(target), "--to", "conll"]) == 0
    assert (
        capsys.readouterr().out
        == f"""\
doccano to conll: 1 document, 1 sentence written to {target}
  class  spans
  PER        1
  ACT        1
annotated spans of doccano: 3 spans, 1 dropped, 1 adjusted
  class  cuts a token  lies outside the text
  ACT               1                      0
  PER               0                      1
  {source}:1, characters 0 to 99: PER 'Ada left.' lies outside the text; dropped
  {source}:1, characters 4 to 6: ACT 'le' cuts a token; token split
note: left out 1 time: the spacing between tokens, which conll can't hold
"""
    )
    assert convert.main([str(source), str(target), "--to", "conll", "--overwrite", "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["classes"] == {"PER": 1, "ACT": 1}
    assert figures["spans"]["dropped"] == {"lies outside the text": {"PER": 1}}
