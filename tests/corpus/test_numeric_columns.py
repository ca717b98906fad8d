"""Numbers in the columns of each format: the same floats, missing numbers, and errors with file and line."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.cache import Cache, cached_corpus
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.reading_options import reading_options
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, SettingsError, UserError

MISSING = ["_", "NA", "na", "NaN", "nan", "null"]


@pytest.fixture
def read(tmp_path):
    """Write a text and read it."""

    def call(name, text, **options):
        (tmp_path / name).write_text(text, encoding="utf-8")
        return read_corpus(tmp_path / name, **{"numeric_columns": {"size": 1}} | options)

    return call


def fact_of(error, tmp_path):
    return str(error.value).removeprefix(f"{tmp_path}/")


def test_the_same_numbers_from_every_format(read):
    rows = [("EU", "1.5", "B-ORG"), ("calls", "-2e3", "O"), ("now", "NA", "O")]
    expected = {"size": (1.5, -2000.0, math.nan)}
    columns = "\n".join("\t".join(row) for row in rows) + "\n"
    assert read("x.conll", columns)[0].numbers == expected
    assert read("spaces.conll", columns.replace("\t", " "))[0].numbers == expected
    table = "Word,size,Tag\n" + "\n".join(",".join(row) for row in rows) + "\n"
    by_name = {"numeric_columns": {"size": "size"}}
    assert read("x.csv", table, **by_name)[0].numbers == expected
    words, cells, tags = zip(*rows, strict=True)
    fields = {"tokens": words, "tags": tags, "size": [1.5, -2000, None]}
    assert read("x.jsonl", json.dumps(fields), **by_name)[0].numbers == expected
    assert (
        read("text.jsonl", json.dumps(fields | {"size": cells}), **by_name)[0].numbers == expected
    )
    assert read("own.jsonl", json.dumps(fields))[0].numbers == expected
    moved = {"metadata": {"size": fields.pop("size")}}
    assert read("metadata.jsonl", json.dumps(fields | moved))[0].numbers == expected
    hf = {"tokens": words, "ner_tags": tags, "size": [1.5, -2000, None]}
    assert read("hf.jsonl", json.dumps(hf), format="hf")[0].numbers == expected
    conllu = "".join(
        f"{i}\t{word}\t_\t{tag}\t_\t_\t_\t_\t_\t{cell.replace('NA', '_')}\n"
        for i, (word, cell, tag) in enumerate(rows, start=1)
    )
    misc = {"numeric_columns": {"size": "misc"}}
    assert read("x.conllu", conllu, **misc)[0].numbers == expected
    assert (
        read("range.conllu", "1-2\tEUc" + "\t_" * 8 + f"\n{conllu}", **misc)[0].numbers == expected
    )


@pytest.mark.parametrize("cell", [*MISSING, ""])
def test_a_missing_number_is_nan(read, cell):
    sentence = read("x.conll", f"a\t{cell}\tO\nb\t2\tO\n")[0]
    assert sentence.numbers == {"size": (math.nan, 2.0)}
    assert sentence == read("y.conll", f"a\t{cell}\tO\nb\t2\tO\n")[0].__class__(
        tokens=("a", "b"),
        tags=("O", "O"),
        numbers={"size": (math.nan, 2.0)},
        source=sentence.source,
    )


@pytest.mark.parametrize(
    ("cell", "fact"),
    [
        ("abc", "'abc' is not a number"),
        ("1,5", "'1,5' is not a number"),
        ("1_000", "'1_000' is not a number"),
        ("inf", "'inf' is infinite"),
        ("-Infinity", "'-Infinity' is infinite"),
        ("1e999", "'1e999' is infinite"),
    ],
)
def test_no_number_is_an_error_with_its_line(read, tmp_path, cell, fact):
    rest = "but --numeric-columns reads it as 'size'; expected a finite number, or NA where it is missing"
    for name, text in (
        ("clean.conll", f"a\t1\tO\nb\t{cell}\tO\n"),
        ("lines.conll", f"a\t1\tO\nb\t{cell}\tO\nc\t\tO\n"),
        ("x.csv", f'Word;size;Tag\nb;"{cell}";O\n'),
    ):
        with pytest.raises(CorpusError) as caught:
            read(name, text)
        assert fact_of(caught, tmp_path) == f"{name}:2: {fact}, {rest}"


@pytest.mark.parametrize(
    ("values", "fact"),
    [
        (["x", 1], "'x' is not a number, but --numeric-columns reads it as 'size'"),
        ([True, 1], "True is not a number, but --numeric-columns reads it as 'size'"),
        ([[1], 1], "[1] is not a number, but --numeric-columns reads it as 'size'"),
        ([1], "1 value in 'size' for 2 tokens; expected one per token"),
        (1.5, "'size' is the number 1.5; expected a list"),
    ],
)
def test_json_that_holds_no_numbers(read, values, fact):
    with pytest.raises(CorpusError) as caught:
        read("x.jsonl", json.dumps({"tokens": ["a", "b"], "tags": ["O", "O"], "size": values}))
    assert f"x.jsonl:1: {fact}" in str(caught.value)


def test_infinity_and_digits_without_end_in_json(read):
    for value, shown in (("Infinity", "inf"), ("1" * 400, "1" * 39 + "…")):
        with pytest.raises(CorpusError) as caught:
            read("x.jsonl", f'{{"tokens": ["a"], "tags": ["O"], "size": [{value}]}}')
        assert f"x.jsonl:1: {shown} is infinite, but --numeric-columns" in str(caught.value)


def test_a_missing_column_key_or_name_is_named(read, tmp_path):
    with pytest.raises(CorpusError) as caught:
        read("x.conll", "a\t1\tO\n", numeric_columns={"size": 7})
    assert fact_of(caught, tmp_path).startswith(
        "x.conll:1: there is no numeric 'size' column 7: found 3 columns, counted from 0"
    )
    with pytest.raises(CorpusError) as caught:
        read("x.jsonl", '{"tokens": ["a"], "tags": ["O"], "sizes": [1]}')
    assert fact_of(caught, tmp_path).startswith(
        "x.jsonl:1: there is no key 'size' for numeric 'size'; nearest: 'sizes'; add --numeric-columns size=KEY"
    )
    with pytest.raises(SettingsError) as settings:
        read("x.conll", "a\t1\tO\n", numeric_columns={"size": "width"})
    assert str(settings.value).startswith(
        "numeric 'size' has column 'width'; expected an index, because columns of conll have no names"
    )


def test_the_tag_column_is_no_input(read, tmp_path):
    with pytest.raises(CorpusError) as caught:
        read("x.conll", "a\t1\n", numeric_columns={"size": 1})
    assert fact_of(caught, tmp_path).startswith(
        "x.conll:1: column 1 can't be both tag and numeric 'size'; found 2 columns"
    )
    with pytest.raises(CorpusError) as caught:
        read("x.jsonl", '{"tokens": ["a"], "tags": ["1"]}', numeric_columns={"size": "tags"})
    assert fact_of(caught, tmp_path) == "x.jsonl: key 'tags' can't be both tags and numeric 'size'"


def test_columns_of_another_type_and_a_name_twice():
    with pytest.raises(SettingsError) as caught:
        reading_options(numeric_columns=["size=1"])
    assert str(caught.value) == (
        "numeric_columns is ['size=1']; expected a column per feature name, such as {'size': 1}"
    )
    with pytest.raises(SettingsError) as caught:
        reading_options(numeric_columns={"size": 1}, feature_columns={"size": 2})
    assert str(caught.value) == "feature_columns and numeric_columns both name 'size'"
    with pytest.raises(SettingsError) as caught:
        reading_options(token_column="none")
    assert str(caught.value) == (
        "token_column is 'none', so there is nothing to read; give numeric_columns"
    )


def test_a_corpus_without_words_has_a_placeholder_per_row(read):
    options = {"token_column": "none", "numeric_columns": {"x": "0", "y": "1"}}
    sentence = read("x.conll", "1\t2\tB-F\n\t4\tO\n", **options)[0]
    assert sentence.tokens == ("_", "_")
    assert sentence.numbers == {"x": (1.0, math.nan), "y": (2.0, 4.0)}
    assert sentence.tags == ("B-F", "O")
    options = {"token_column": "none", "numeric_columns": {"x": "x"}}
    for name, text, more in (
        ("x.jsonl", '{"x": [1, 2], "tags": ["O", "O"]}', {}),
        ("hf.jsonl", '{"x": [1, 2], "tags": ["O", "O"]}', {"format": "hf"}),
        ("x.csv", "x,Tag\n1,O\n2,O\n", {"format": "csv"}),
    ):
        sentence = read(name, text, **options, **more)[0]
        assert (sentence.tokens, sentence.numbers) == (("_", "_"), {"x": (1.0, 2.0)})


def test_conllu_and_parallel_files_have_words(read, tmp_path):
    with pytest.raises(SettingsError) as caught:
        read("x.conllu", "1\ta" + "\t_" * 8 + "\n", token_column="none")
    assert fact_of(caught, tmp_path) == (
        f"token_column is 'none', but {tmp_path}/x.conllu is CoNLL-U, which has words; "
        "expected conll, jsonl or csv"
    )
    (tmp_path / "pair").mkdir()
    for name in ("seq.in", "seq.out"):
        (tmp_path / "pair" / name).write_text("a\n")
    with pytest.raises(SettingsError) as caught:
        read_corpus(tmp_path / "pair", numeric_columns={"x": 1})
    assert str(caught.value) == "parallel files have no columns; leave out numeric_columns"


def test_a_cache_returns_the_same_sentences(read, tmp_path):
    text = "".join(
        f"w{i}\t{'NA' if i % 5 == 0 else i / 7}\t{'O' if i % 4 else 'B-X'}\n" + "\n" * (i % 3 == 0)
        for i in range(99)
    )
    corpus = read("x.conll", text)
    options = reading_options(numeric_columns={"size": 1})
    said = []
    cache = Cache(folder=tmp_path / "cache", say=said.append)
    for _ in range(2):
        kept = cached_corpus(tmp_path / "x.conll", cache, options=options, scheme=None)
        assert tuple(kept.sentences) == corpus.sentences
        arrays = corpus_arrays(kept.sentences, numbers=["size"])
        assert arrays.numbers["size"].dtype == "float64"
    assert "was found at" in said[1]
    with pytest.raises(
        UserError, match="numeric column 'width': expected one number per token, found none"
    ):
        corpus_arrays(kept.sentences, numbers=["width"])
    assert (
        cached_corpus(tmp_path / "x.conll", cache, options=reading_options(), scheme=None)
        .sentences[0]
        .numbers
        == {}
    )


FLOATS = st.floats(-1e300, 1e300) | st.just(math.nan)


@given(st.lists(FLOATS, min_size=1, max_size=8), st.sampled_from(["conll", "csv", "jsonl", "hf"]))
def test_written_numbers_are_read_as_the_same_floats(tmp_path_factory, numbers, format):
    sentence = Sentence(
        tokens=("a",) * len(numbers),
        tags=("O",) * len(numbers),
        numbers={"size": tuple(numbers)},
    )
    file = tmp_path_factory.mktemp("written") / "x"
    write_corpus([sentence], file, format=format)
    column = 1 if format == "conll" else "size"
    back = read_corpus(file, format=format, numeric_columns={"size": column})
    assert back[0].numbers == {"size": tuple(numbers)}


def test_numbers_that_cannot_be_written(tmp_path):
    for numbers, fact in (
        ({"size": (1.0,)}, "numeric column 'size': expected one number per token, found (1.0,)"),
        ({"size": (1.0, "2")}, "numeric column 'size' holds str '2'; expected a finite number, or NaN if it is missing"),
        ([1.0], "the numbers are list [1.0]; expected a mapping by name"),
    ):  # fmt: skip
        sentence = Sentence(tokens=("a", "b"), tags=("O", "O"), numbers=numbers)
        with pytest.raises(UserError) as caught:
            write_corpus([sentence], tmp_path / "x.conll", format="conll")
        assert str(caught.value) == f"sentence 1: {fact}"
    sentence = Sentence(tokens=("a",), tags=("O",), numbers={"size": (1.0,)})
    with pytest.raises(UserError) as caught:
        write_corpus([sentence], tmp_path / "x.conllu", format="conllu")
    assert "can hold its features 'size'" in str(caught.value)
