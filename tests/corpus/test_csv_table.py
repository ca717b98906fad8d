"""Tables of tokens: Kaggle's shape, plain CSV and TSV, quotes, and the wording of errors."""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.csv_table import read_csv, write_csv
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, UserError

KAGGLE = '''Sentence #,Word,POS,Tag
Sentence: 1,Anna,NNP,B-PER
,",",",",O
,"""",``,O
,nan,NN,O
Sentence: 2,null,NN,O
,NA,NN,O
'''
WORDS = [("Anna", ",", '"', "nan"), ("null", "NA")]
TAGS = [("B-PER", "O", "O", "O"), ("O", "O")]


def read(text: str, *, tagged: bool = True, notes=None, **columns) -> list[Sentence]:
    lines = enumerate(text.removesuffix("\n").split("\n"), start=1)
    file = ColumnFile("x.csv", Counter() if notes is None else notes)
    return list(read_csv(lines, file, columns=ChosenColumns(**columns), tagged=tagged))


def words(text: str, **options) -> list[tuple[str, ...]]:
    return [sentence.tokens for sentence in read(text, **options)]


def fault(text: str, **options) -> str:
    with pytest.raises(CorpusError) as caught:
        read(text, **options)
    return str(caught.value)


def test_kaggles_shape():
    sentences = read(KAGGLE, features={"pos": "POS"})
    assert [s.tokens for s in sentences] == WORDS
    assert [s.tags for s in sentences] == TAGS
    assert sentences[0].features == {"pos": ("NNP", ",", "``", "NN")}
    assert [s.source for s in sentences] == ["x.csv:2", "x.csv:6"]


def test_the_sentence_number_on_each_row():
    number, rows = "", []
    for cells in csv.reader(io.StringIO(KAGGLE)):
        number = cells[0] or number
        rows.append([number, *cells[1:]])
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    assert text.getvalue() != KAGGLE
    assert words(text.getvalue()) == WORDS


def test_a_number_that_comes_again_begins_a_sentence_when_it_stands_on_first_rows_only():
    assert words("sent_id,token,tag\n1,a,O\n,b,O\n1,c,O\n,d,O\n") == [("a", "b"), ("c", "d")]
    assert words("sent_id,token,tag\n1,a,O\n1,b,O\n2,c,O\n") == [("a", "b"), ("c",)]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_is_that_of_the_header(delimiter: str):
    rows = [["token", "ner"], ["Anna", "B-PER"], ["a b", "O"], ["", ""], [".", "O"], [], ["x", "O"]]
    text = "\n".join(delimiter.join(row) for row in rows)
    assert words(text) == [("Anna", "a b"), (".",), ("x",)]


def test_blank_rows_do_not_end_a_sentence_that_has_a_number():
    notes: Counter[str] = Counter()
    assert words("sentence,word,tag\n1,a,O\n\n,,\n1,b,O\n", notes=notes) == [("a", "b")]
    assert notes == {"blank rows skipped": 2}


def test_columns_by_name_and_index():
    text = "id,mot,classe,lemme\n1,Anna,B-PER,anna\n2,va,O,aller\n"
    expected = [Sentence(tokens=("Anna", "va"), tags=("B-PER", "O"), source="x.csv:2")]
    assert read(text, token="mot", tag="classe") == expected
    assert read(text, token="MOT", tag=2) == expected
    assert read(text, token=1, tag=-2) == expected
    (sentence,) = read(text, token="mot", features={"lemma": "lemme"}, tagged=False)
    assert (sentence.tags, sentence.features) == (None, {"lemma": ("anna", "aller")})


def test_the_usual_names_of_columns():
    assert read("Token,POS tag,NER-Tag\nAnna,NNP,B-PER\n")[0].tags == ("B-PER",)
    assert read("FORM;POS\nAnna;NNP\n")[0].tags == ("NNP",)
    assert words('"word", "tag"\n"Anna", B-PER\nran, O\n') == [("Anna", "ran")]


def test_tsv_without_quoting():
    text = 'word\tpos\ttag\n"\t``\tO\n"\t"\tO\n"a"\tNN\tO\n""""\tNN\tO\n5"\tNN\tO\n"b\tNN\tO\n'
    assert words(text) == [('"', '"', "a", '"', '5"', '"b')]


def test_cells_over_several_lines():
    assert words('word,tag\n"\n",O\n"a\nb",O\nc,O\n') == [("\n", "a\nb", "c")]


QUOTES = "double each quote inside a cell, and put the cell between quotes"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\nc,d\n", ":1: no column is called 'word' or the like; found 'a', 'b'; name the token column "
         "with --token-column"),
        ("word,b\nc,d\n", ":1: no column is called 'nertag' or the like; found 'word', 'b'; name the tag "
         "column with --tag-column"),
        ("Anna,B-PER\nran,O\n", ":1: expected a header with the names of the columns, found a tag, 'B-PER'; "
         "add a first line such as Word,Tag: 'Anna,B-PER'"),
        ("word,tag\na,O\nb,O,x\n", ":3: expected 2 cells, as in the header, found 3: 'b,O,x'"),
        ("word,tag\na,O\nb,\n", ":3: empty tag in column 'tag': 'b,'"),
        ("word,tag\n ,O\n", ":2: empty token in column 'word': ' ,O'"),
        ("sent,word,tag\n,a,O\n", ":2: the first row has no sentence number; fill its cell, or remove the "
         "column and put a blank row after each sentence"),
        ('word,tag\na,O\n",O\nb,O\n', f":3: a quote opens in this row and does not close; {QUOTES}: '\",O'"),
        # The next quote closes the cell, and the row has the right number of cells.
        ('word,tag\n",O\nb,O\n",O\n', f":2: a quote opens in this row and does not close; {QUOTES}: '\",O'"),
        ('word,tag\n"a"b,O\n', f":2: text follows the closing quote of a cell; {QUOTES}: '\"a\"b,O'"),
        ('word,tag\n"', f":2: a quote opens in this row and does not close; {QUOTES}: '\"'"),
    ],
)  # fmt: skip
def test_faults(text: str, message: str):
    assert fault(text) == f"x.csv{message}"


def test_faults_of_columns():
    text = "word,tag\na,O\n"
    assert fault(text, token="wrod") == (
        "x.csv:1: there is no column 'wrod' for token; found 'word', 'tag'; nearest: 'word'"
    )
    assert (
        fault(text, tag=2) == "x.csv:1: there is no tag column 2: found 2 columns, counted from 0"
    )
    assert fault(text, tag="word") == (
        "x.csv:1: column 'word' can't be both token and tag; found 'word', 'tag'"
    )
    assert fault(text, features={"f": 1}) == (
        "x.csv:1: column 'tag' can't be both feature 'f' and tag; found 'word', 'tag'"
    )


def test_a_quote_that_never_closes_is_found_within_a_hundred_lines():
    def lines():
        yield 1, "word"
        yield 2, '"a'
        for number in range(3, 104):
            yield number, "b"
        raise AssertionError("read too far")

    with pytest.raises(CorpusError, match="x:2: a quote opens in this row and does not close"):
        list(read_csv(lines(), ColumnFile("x", Counter()), columns=ChosenColumns(), tagged=False))


VALUE = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\0"), min_size=1)
CELLS = VALUE.filter(lambda text: text.strip(" ") and not ("," in text and "\n" in text))
TOKEN_LINES = st.lists(
    st.lists(st.tuples(CELLS, CELLS.map(lambda text: text.strip(" "))), min_size=1), min_size=1
)


@given(TOKEN_LINES)
def test_what_is_written_is_read_back(rows):
    sentences = [
        Sentence(
            tokens=tuple(token for token, _ in row),
            tags=("O",) * len(row),
            features={"pos": tuple(value for _, value in row)},
            source=f"x.csv:{number}",
        )
        for number, row in enumerate(rows)
    ]
    stream = io.StringIO()
    write_csv(sentences, stream, features=["pos"])
    found = read(stream.getvalue(), features={"pos": "pos"})
    assert [(s.tokens, s.tags, s.features) for s in found] == [
        (s.tokens, s.tags, s.features) for s in sentences
    ]
    # Python's csv module and a reader of ours see the same rows.
    header, *table = csv.reader(io.StringIO(stream.getvalue()))
    assert header == ["Sentence #", "Word", "pos", "Tag"]
    assert [row[1] for row in table] == [token for s in sentences for token in s.tokens]


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (Sentence(tokens=("a",), tags=("O",), weight=2.0), "csv can't hold weights; write jsonl"),
        (Sentence(tokens=("a\rb",), tags=("O",)),
         "'a\\rb' is empty, or holds what csv can't hold; write jsonl"),
        (Sentence(tokens=("a,\nb",), tags=("O",)),
         "'a,\\nb' is empty, or holds what csv can't hold; write jsonl"),
        (Sentence(tokens=("a",), features={"Word": ("b",)}),
         "feature 'Word' can't be written: csv has a column of this name; rename it"),
    ],
)  # fmt: skip
def test_what_a_table_cannot_hold(tmp_path: Path, sentence: Sentence, message: str):
    with pytest.raises(UserError) as caught:
        write_corpus([sentence], tmp_path / "x.csv", format="csv")
    assert str(caught.value).endswith(message)
    assert not (tmp_path / "x.csv").exists()


def test_pandas_reads_what_is_written(tmp_path: Path):
    pandas = pytest.importorskip("pandas")
    path = tmp_path / "x.csv"
    write_corpus(read(KAGGLE, features={"POS": "POS"}), path, format="csv")
    table = pandas.read_csv(path, keep_default_na=False)
    assert list(table.columns) == ["Sentence #", "Word", "POS", "Tag"]
    assert tuple(table["Word"]) == sum(WORDS, ())
    assert list(table["Sentence #"].unique()) == ["Sentence: 1", "Sentence: 2"]
    (tmp_path / "y.csv").write_text(table.to_csv(index=False, sep=";"))
    assert [s.tokens for s in read_corpus(tmp_path / "y.csv")] == WORDS


@pytest.mark.parametrize(
    ("rows", "encoding", "city"), [("kaggle", None, "Oslo"), ("kaggle_latin1", "latin-1", "Malmö")]
)
def test_a_table_in_utf8_and_in_latin1(tmp_path: Path, rows: str, encoding: str | None, city: str):
    text = f"Sentence #,Word,POS,Tag\nSentence: 1,Anna,NN,B-PER\n,flew,NN,O\nSentence: 2,{city},NN,B-LOC\n"
    path = tmp_path / f"{rows}.csv"
    path.write_bytes(text.encode(encoding or "utf-8"))
    corpus = read_corpus(path, encoding=encoding)
    assert corpus.format is Format.CSV
    assert [s.tokens for s in corpus] == [("Anna", "flew"), (city,)]
    if encoding:
        with pytest.raises(CorpusError) as caught:
            read_corpus(path)
        assert str(caught.value) == (
            f"{path}:4: byte 0xf6 at position 17 of the line can't be decoded; the encoding tried is utf-8, "
            "the likely one is latin-1: give --encoding latin-1: 'Sentence: 2,Malm\\xf6,NN,B-LOC'"
        )


NER_ROWS = "1,Ada,NNP,B-PER\n,ran,VBD,O\n2,Rome,NNP,B-LOC\n"
NER_TAGS = [("B-PER", "O"), ("B-LOC",)]


@pytest.mark.parametrize("name", ["NE", "named_entity", "ner_label", "Entities"])
def test_usual_names_of_entity_columns_go_before_pos(name):
    notes: Counter[str] = Counter()
    sentences = read(f"Sentence #,Word,POS,{name}\n{NER_ROWS}", notes=notes)
    assert [sentence.tags for sentence in sentences] == NER_TAGS
    assert notes == {}


@pytest.mark.parametrize("names", ["POS,mine", "Tag,mine", "tag,label", "x,mine"])
def test_the_only_column_with_span_tags_holds_the_tags_and_a_note_says_so(names):
    notes: Counter[str] = Counter()
    sentences = read(f"Sentence #,Word,{names}\n{NER_ROWS}", notes=notes)
    assert [sentence.tags for sentence in sentences] == NER_TAGS
    column = names.partition(",")[2]
    note = f"tags read from column '{column}', which holds span tags; --tag-column chooses another"
    assert notes == {note: 3}


def test_a_note_names_the_columns_that_a_plain_tag_could_come_from():
    notes: Counter[str] = Counter()
    text = "word,pos,lemma,feats\nAda,NNP,ada,x\nran,VBD,run,y\n"
    assert read(text, notes=notes)[0].tags == ("NNP", "VBD")
    note = "tags read from column 'pos', none from 'lemma', 'feats'; --tag-column chooses another"
    assert notes == {note: 2}
    notes.clear()
    assert read(text, notes=notes, tag="pos")[0].tags == ("NNP", "VBD")
    read(text, notes=notes, tagged=False)
    read("word,pos\nAda,NNP\n", notes=notes)
    read("word,tag,lemma\nran,O,run\n", notes=notes)  # O alone may be of a small file without spans
    assert notes == {}


def test_two_columns_with_span_tags_and_no_usual_name_need_a_choice():
    text = "word,pos,chunk,mine\nAda,NNP,B-NP,B-PER\n"
    fact = "several columns hold span tags: 'chunk', 'mine'; choose one with --tag-column"
    assert fault(text) == f"x.csv:1: {fact}"
    assert read(text, tag="mine")[0].tags == ("B-PER",)
    assert read(text, tagged=False)[0].tags is None
    assert read("word,pos,chunk,ner\nAda,NNP,B-NP,B-PER\n")[0].tags == ("B-PER",)


def test_a_document_marker_is_no_token():
    notes: Counter[str] = Counter()
    numbered = "Sentence #,Word,Tag\n1,-DOCSTART-,O\n2,Ada,B-PER\n,ran,O\n3,-DOCSTART-,O\n4,No,O\n"
    sentences = read(numbered, notes=notes)
    assert [(s.tokens, s.document) for s in sentences] == [(("Ada", "ran"), 0), (("No",), 1)]
    assert notes == {"document markers skipped": 2}
    blank = "word,tag\n-DOCSTART-,O\n\nAda,B-PER\n-DOCSTART-,O\nNo,O\n"
    assert [(s.tokens, s.document) for s in read(blank)] == [(("Ada",), 0), (("No",), 1)]
    marker = Sentence(tokens=("-DOCSTART-",), tags=("O",), source="a:1")
    with pytest.raises(UserError) as caught:
        write_csv([marker], io.StringIO())
    fact = "token '-DOCSTART-' would be read as a document marker; write jsonl"
    assert str(caught.value) == f"a:1: {fact}"
