"""CoNLL-U: the tag column, skipped lines and errors."""

import io
from collections import Counter

import pytest
from hypothesis import given

from seqlab.corpus.conllu import read_conllu, write_conllu
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, SettingsError, UserError
from tests import strategies
from tests.corpus.streams import read_columns

TEXT = """# sent_id = a-1
# newpar
1-2\tDu\t_\t_\t_\t_\t_\t_\t_\t_
1\tDe\tde\tADP\tIN\t_\t3\tcase\t_\t_
2\tle\tle\tDET\tDT\tDefinite=Def|Number=Sing\t3\tdet\t_\t_
2.1\tx\t_\t_\t_\t_\t_\t_\t_\t_
3\t20 000\t20 000\tNUM\tCD\tNumber=Plur\t0\troot\t_\t_

# only = comments

1\t#\t#\tSYM\tNN\t_\t0\troot\t_\t_"""


def read(text: str = TEXT, **options) -> list[Sentence]:
    return read_columns(read_conllu, text, name="x.conllu", **options)


def fault(text: str = TEXT, **options) -> str:
    with pytest.raises(CorpusError) as caught:
        read(text, **options)
    return str(caught.value)


@pytest.mark.parametrize("tag_column", ["upos", "Number"])
def test_sentences_know_their_document(tag_column: str):
    word = "1\tx\tx\tX\tX\tNumber=Sing\t0\troot\t_\t_\n\n"
    ranged = "1-2\txy\t_\t_\t_\t_\t_\t_\t_\t_\n" + word
    openings = ["# newdoc id = a\n# sent_id = 1\n", "# newdocs = 2\n", "# sent_id = 3\n# newdoc\n"]
    text = word + "".join(opening + word for opening in openings) + ranged
    assert [s.document for s in read(text, tag_column=tag_column)] == [None, 0, 0, 1, 1]
    assert {s.document for s in read()} == {None}


def test_words_tags_and_what_was_skipped():
    notes: Counter[str] = Counter()
    first, second = read(notes=notes)
    assert first.tokens == ("De", "le", "20 000")
    assert first.tags == ("ADP", "DET", "NUM")
    assert first.metadata == {"sent_id": "a-1"}
    assert first.source == "x.conllu:4"
    assert second.tokens == ("#",)
    assert notes == {
        "multiword ranges skipped": 1,
        "empty nodes skipped": 1,
        "comment lines skipped": 1,
    }


@pytest.mark.parametrize(
    ("column", "tags"),
    [
        ("XPOS", ("IN", "DT", "CD")),
        ("4", ("IN", "DT", "CD")),
        (4, ("IN", "DT", "CD")),
        ("deprel", ("case", "det", "root")),
        (-3, ("case", "det", "root")),
        ("Number", ("_", "Sing", "Plur")),
        ("feats:Definite", ("_", "Def", "_")),
        ("feats", ("_", "Definite=Def|Number=Sing", "Number=Plur")),
    ],
)
def test_the_tag_column(column, tags):
    assert read(tag_column=column)[0].tags == tags


def test_other_columns_and_none():
    lemmas = read(token_column="lemma")
    assert lemmas[0].tokens == ("de", "le", "20 000")
    assert read(tagged=False)[0].tags is None


def test_errors():
    assert fault(tag_column="uposs") == (
        "x.conllu: 'uposs' is neither a CoNLL-U column nor a FEATS key of this file; nearest: 'upos'"
    )
    assert "nearest: 'Number'" in fault(tag_column="feats:Numbr")
    with pytest.raises(SettingsError, match="column 10: CoNLL-U has 10 columns, counted from 0"):
        read(tag_column="10")
    assert fault("1\tDe\tde") == (
        "x.conllu:1: expected 10 columns between TABs, found 3: '1\\tDe\\tde'"
    )
    assert fault("a" + "\t_" * 9).startswith(
        "x.conllu:1: id 'a'; expected a number, a range such as"
    )
    assert (
        fault("1\t" + "\t_" * 8)
        == "x.conllu:1: empty token: '1\\t\\t_\\t_\\t_\\t_\\t_\\t_\\t_\\t_'"
    )


def written(*sentences: Sentence, **options) -> str:
    stream = io.StringIO()
    write_conllu(sentences, stream, **options)
    return stream.getvalue()


@given(
    strategies.corpora(tokens=strategies.tokens.filter(lambda t: bool(t.strip(" "))), weighted=True)
)
def test_written_sentences_are_read_again(corpus):
    again = read(written(*corpus, tag_column="xpos"), tag_column="xpos")
    assert [(s.tokens, s.tags, s.weight, s.token_weights) for s in again] == [
        (s.tokens, s.tags, s.weight, s.token_weights) for s in corpus
    ]


def test_writing_without_tags_and_what_is_refused():
    assert written(Sentence(tokens=("a",))) == "1\ta" + "\t_" * 8 + "\n\n"
    with pytest.raises(UserError, match="holds '\\\\t'"):
        written(Sentence(tokens=("a\tb",), tags=("O",)))
    with pytest.raises(UserError, match="without tokens"):
        written(Sentence(tokens=()))
    with pytest.raises(SettingsError, match="tag column 'form'; expected lemma, upos"):
        written(Sentence(tokens=("a",)), tag_column="form")


ROWS = (
    "1\tDogs\tdog\tNOUN\tNNS\tNumber=Plur\t2\tnsubj\t_\t_\n"
    "2\tbark\tbark\tVERB\tVBP\t_\t0\troot\t_\t_\n"
)


def test_features_are_columns_and_feats_keys():
    places = {"pos": "XPOS", "number": "feats:Number", "lemma": 2}
    for tagged in (True, False):
        (found,) = read(ROWS, feature_columns=places, tagged=tagged)
        assert found.features == {
            "pos": ("NNS", "VBP"),
            "number": ("Plur", "_"),
            "lemma": ("dog", "bark"),
        }


@pytest.mark.parametrize(
    ("tag", "column", "fact"),
    [
        ("upos", "UPOS", "column 'UPOS' can't be both tag and feature 'pos'"),
        ("upos", 3, "column 3 can't be both tag and feature 'pos'"),
        ("Number", "feats:Number", "column 'feats:Number' can't be both tag and feature 'pos'"),
        (
            "upos",
            "xpo",
            "'xpo' is neither a CoNLL-U column nor a FEATS key of this file; nearest: 'xpos'",
        ),
        ("upos", "misc", "column 'misc' of feature 'pos' holds nothing but '_'"),
    ],
)
def test_a_feature_that_is_the_tag_or_nothing(tag, column, fact):
    with pytest.raises(CorpusError) as caught:
        read(ROWS, tag_column=tag, feature_columns={"pos": column})
    assert str(caught.value) == f"x.conllu: {fact}"


def test_text_without_tags_may_lack_a_feats_key_but_not_a_column():
    places = {"tense": "Tense"}
    (found,) = read(ROWS, tagged=False, feature_columns=places)
    assert found.features == {"tense": ("_", "_")}
    with pytest.raises(CorpusError, match="holds nothing but '_'"):
        read(ROWS, tagged=False, feature_columns={"misc": "misc"})


def test_the_columns_of_the_file_read_are_not_written(tmp_path):
    """CoNLL-U Plus names its columns in the first comment; a file of other columns must not repeat it."""
    path = tmp_path / "a.conllu"
    path.write_text(
        "# global.columns = ID FORM LEMMA UPOS XPOS FEATS HEAD DEPREL DEPS MISC\n# sent_id = 1\n"
        "1\tA\t_\tDET\t_\t_\t_\t_\t_\t_\n\n",
        encoding="utf-8",
    )
    corpus = read_corpus(path)
    assert "global.columns" in corpus.sentences[0].metadata
    write_corpus(corpus.sentences, tmp_path / "b.conll", format="conll")
    assert (tmp_path / "b.conll").read_text(encoding="utf-8") == "# sent_id = 1\nA\tDET\n\n"
