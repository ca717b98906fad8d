"""CoNLL columns: layout, comments against tokens, errors with their location, and writing."""

import io
from collections import Counter

import pytest
from hypothesis import given

from seqlab.corpus.chosen_columns import DEFAULT_COLUMNS
from seqlab.corpus.conll import read_conll, write_conll
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.errors import CorpusError, UserError
from tests import strategies
from tests.corpus.streams import read_columns


def read(text: str, **options) -> list[Sentence]:
    return read_columns(read_conll, text, name="x.conll", **options)


def pairs(text: str, **options) -> list[list[tuple[str, str]]]:
    return [list(zip(s.tokens, s.tags or (), strict=True)) for s in read(text, **options)]


def fault(text: str, **options) -> str:
    with pytest.raises(CorpusError) as caught:
        read(text, **options)
    return str(caught.value)


def written(*sentences: Sentence) -> str:
    stream = io.StringIO()
    write_conll(sentences, stream)
    return stream.getvalue()


def test_spaces_and_tabs():
    assert pairs("EU  NNP B-ORG\nsays VBZ O") == [[("EU", "B-ORG"), ("says", "O")]]
    assert pairs("New York\tB-LOC\n") == [[("New York", "B-LOC")]]
    assert pairs("EU\tB-ORG\n\t\n \nParis\tO") == [[("EU", "B-ORG")], [("Paris", "O")]]


def test_columns_are_chosen_by_index():
    text = "0 EU B NNP\n1 says O VBZ"
    assert pairs(text, token_column=1, tag_column=2) == [[("EU", "B"), ("says", "O")]]
    assert pairs(text, token_column=1, tag_column=-1) == [[("EU", "NNP"), ("says", "VBZ")]]


def test_untagged_text_needs_the_token_column_alone():
    assert [s.tokens for s in read("EU\nsays\n\nno", tagged=False)] == [("EU", "says"), ("no",)]
    assert read("EU\tB-ORG\n", tagged=False)[0].tags is None


def test_document_markers_are_counted_and_end_sentences():
    notes: Counter[str] = Counter()
    text = "-DOCSTART- -X- O\n\nEU B\nsays O\n-DOCSTART- O\nno O\n"
    assert pairs(text, notes=notes) == [[("EU", "B"), ("says", "O")], [("no", "O")]]
    assert notes == {"document markers skipped": 2}
    assert read("-DOCSTART- O\n\n", notes=notes) == []


def test_sentences_know_their_document():
    text = "a X\n\n-DOCSTART- X\n\nb X\n\nc X\n-DOCSTART-\nd X\n\n# newdoc id = e\ne X\n\n# odd = X\nf X\n"
    found = {s.tokens[0]: s.document for s in read(text)}
    assert found == {"a": None, "b": 0, "c": 0, "d": 1, "e": 2, "f": 2}
    assert {s.document for s in read("a X\n\nb X\n# remark\n")} == {None}


def test_comments_and_the_token():
    notes: Counter[str] = Counter()
    text = "# confidence = 0.8\n# a remark on it\n# O\nEU O\n# and one inside\n# O\n"
    (sentence,) = read(text, notes=notes)
    assert sentence.tokens == ("#", "EU", "#")
    assert sentence.metadata == {"confidence": "0.8"}
    assert sentence.source == "x.conll:3"
    assert notes == {"comment lines skipped": 2}


def test_a_comment_of_as_many_cells_as_the_columns():
    (sentence,) = read("# key = value\nEU NNP x B\n# # - O\n")
    assert sentence.tokens == ("EU", "#")
    assert sentence.metadata == {"key": "value"}


def test_a_file_of_number_signs_alone():
    assert pairs("# O\n\n# O\n#x O") == [[("#", "O")], [("#", "O"), ("#x", "O")]]
    assert read("# a = b\n\n# c = d\n") == []
    assert [s.tokens for s in read("#a\n\n#b\n", tagged=False)] == [("#a",), ("#b",)]


def test_the_sentence_ids_of_multiconer_are_comments():
    text = "# id 7c0e\tdomain=en\nAnna _ _ B-PER\n\n# id 7c1e domain=en\n# _ _ O\nEU _ _ O\n"
    notes: Counter[str] = Counter()
    found = read(text, notes=notes)
    assert [s.tokens for s in found] == [("Anna",), ("#", "EU")]
    assert notes == {"comment lines skipped": 2}
    assert pairs("a b c O\n# id 7 domain=en\n") == [[("a", "O"), ("#", "domain=en")]]
    assert pairs("# id 7\tdomain=en\nAnna\tB-PER\n") == [[("Anna", "B-PER")]]


def test_weights_stand_in_comments():
    (sentence,) = read("# weight = 0.5\n# token_weights = 1 0\nEU O\nno O")
    assert (sentence.weight, sentence.token_weights) == (0.5, (1.0, 0.0))
    assert fault("# weight = heavy\nEU O") == (
        "x.conll:1: weight 'heavy'; expected a number from 0 to 1e+09"
    )
    assert fault("EU O\n\n# weight = nan\nEU O").startswith("x.conll:3: weight nan; expected")
    assert "2 token weights for 1 token" in fault("# token_weights = 1 2\nEU O")


def test_a_column_of_token_weights():
    (sentence,) = read("EU B 0.5\nno O 2\n", tag_column=1, weight_column=-1)
    assert (sentence.tags, sentence.token_weights) == (("B", "O"), (0.5, 2.0))
    text = "EU B 0.5\n\n# token_weights = 4\n# weight = 3\nno O 2\n"
    one, other = read(text, tag_column=1, weight_column=2)
    assert (one.token_weights, one.weight) == ((0.5,), 1.0)
    assert (other.token_weights, other.weight) == ((8.0,), 3.0)  # all weights multiply
    (untagged,) = read("EU\t7\n", weight_column=1, tagged=False)
    assert (untagged.tags, untagged.token_weights) == (None, (7.0,))


def test_a_bad_column_of_token_weights():
    for text in ("much", "-1", "nan"):
        message = fault(f"EU B 1\nno O {text}", tag_column=1, weight_column=2)
        assert message.startswith("x.conll:2: weight ")
        assert message.endswith("; expected a number from 0 to 1e+09")
    assert fault("EU B 1", weight_column=-1) == (
        "x.conll:1: column 2 can't be both tag and token weight; found 3 columns: 'EU B 1'"
    )
    assert fault("EU B 1", weight_column=0).startswith(
        "x.conll:1: column 0 can't be both token and token weight"
    )
    assert fault("EU B", weight_column=2) == (
        "x.conll:1: there is no token weight column 2: found 2 columns, counted from 0: 'EU B'"
    )


def test_errors_state_place_and_line():
    assert (
        fault("EU B\n\nEU NNP B-ORG\n") == "x.conll:3: expected 2 columns, found 3: 'EU NNP B-ORG'"
    )
    assert fault("EU\tB\n\tB") == "x.conll:2: empty token in column 0: '\\tB'"
    assert fault("EU\tB\nno\t") == "x.conll:2: empty tag in column 1: 'no\\t'"
    assert fault("EU O", token_column=5) == (
        "x.conll:1: there is no token column 5: found 2 columns, counted from 0: 'EU O'"
    )
    assert "there is no tag column -3" in fault("EU O", tag_column=-3)
    assert fault("EU\nno") == (
        "x.conll:1: expected a token column and a tag column, found 1 column: 'EU'"
    )
    advice = "for CSV, add a first line such as Word,Tag"
    assert fault("010,I-MISC\nis,O") == (
        "x.conll:1: expected a token column and a tag column, found 1 column; "
        f"{advice}: '010,I-MISC'"
    )
    assert "such as Word;Tag" in fault("EU;NNP;B-ORG\nsays;VBZ;O")
    assert "CSV" not in fault("1,000\nEU")
    assert "column 0 can't be both token and tag" in fault("EU O", tag_column=0)


def test_the_odd_line_is_blamed_even_when_it_is_the_first():
    assert fault("EU NNP B\nsays O\nno O") == "x.conll:1: expected 2 columns, found 3: 'EU NNP B'"


def test_long_sentences_and_tokens():
    text = "".join(f"{'x' * 500}{n}\tO\n" for n in range(1000))
    (sentence,) = read(text)
    assert len(sentence) == 1000
    assert len(sentence.tokens[999]) == 503


def test_a_sentence_comes_as_soon_as_its_end_is_read():
    taken = []

    def lines():
        for number, line in enumerate(["EU O", "", "no O", "", "yes O"], start=1):
            taken.append(number)
            yield number, line

    file = ColumnFile("x", Counter())
    found = read_conll(lines(), file, columns=DEFAULT_COLUMNS, tagged=True)
    next(found)
    assert taken == [1, 2]
    next(found)
    assert taken == [1, 2, 3, 4]


def writable(token: str) -> bool:
    return bool(token.strip(" ")) and not token.startswith("-DOCSTART- ")


@given(strategies.corpora(tokens=strategies.tokens.filter(writable), weighted=True))
def test_written_sentences_are_read_again(corpus):
    again = read(written(*corpus))
    assert [(s.tokens, s.tags, s.weight, s.token_weights) for s in again] == [
        (s.tokens, s.tags, s.weight, s.token_weights) for s in corpus
    ]


@given(strategies.corpora(tokens=strategies.tokens, weighted=True))
def test_without_tags_they_are_read_again_or_refused(corpus):
    plain = [
        Sentence(tokens=s.tokens, weight=s.weight, token_weights=s.token_weights) for s in corpus
    ]
    try:
        text = written(*plain)
    except UserError:
        return
    again = read(text, tagged=False)
    assert [(s.tokens, s.weight, s.token_weights) for s in again] == [
        (s.tokens, s.weight, s.token_weights) for s in plain
    ]


def test_what_columns_cannot_hold_is_refused():
    def refused(**fields) -> str:
        with pytest.raises(UserError) as caught:
            written(Sentence(source="y:3", **fields))
        return str(caught.value)

    assert refused(tokens=("a\tb",), tags=("O",)) == (
        "y:3: token 'a\\tb' holds '\\t', which columns can't hold; write jsonl"
    )
    assert "holds '\\n'" in refused(tokens=("a",), tags=("O\n",))
    assert "holds '\\ud800'" in refused(tokens=("\ud800",), tags=("O",))
    assert "empty token ' '" in refused(tokens=(" ",), tags=("O",))
    assert "begins or ends with a space" in refused(tokens=("a",), tags=("O ",))
    fact = "token '-DOCSTART-' would be read as a document marker; write jsonl"
    assert fact in refused(tokens=("-DOCSTART-",), tags=("O",))
    assert "read as a blank line" in refused(tokens=("\u00a0",))
    assert "token 'New York' holds a space" in refused(tokens=("New York",))
    assert "without tokens" in refused(tokens=(), tags=())
    assert "can't be written as a comment" in refused(tokens=("a",), metadata={"a = b": "c"})
    assert "can't be written as a comment" in refused(tokens=("a",), metadata={"a": "b\nc"})
    assert "read as the weights" in refused(tokens=("a",), metadata={"weight": "c"})
    with pytest.raises(UserError, match="only some of the sentences have tags"):
        written(Sentence(tokens=("a",), tags=("O",)), Sentence(tokens=("a",)))


def test_metadata_comes_back_as_text():
    text = written(
        Sentence(tokens=("a",), tags=("O",), metadata={"id": 17, "text": "= a", "e": ""})
    )
    assert read(text)[0].metadata == {"id": "17", "text": "= a", "e": ""}


def test_features_are_further_columns():
    text = "EU NNP 1 B-ORG\nrejects VBZ 0 O\n"
    (found,) = read(text, feature_columns={"pos": 1, "list": -2})
    assert found.features == {"pos": ("NNP", "VBZ"), "list": ("1", "0")}
    assert found.tags == ("B-ORG", "O")
    (untagged,) = read(text, tagged=False, feature_columns={"pos": 1})
    assert (untagged.features, untagged.tags) == ({"pos": ("NNP", "VBZ")}, None)
    (tabs,) = read("New York\tNN P \tB-LOC\n", feature_columns={"pos": 1})
    assert tabs.features == {"pos": ("NN P",)}


@pytest.mark.parametrize(
    ("column", "fact"),
    [
        (3, "there is no feature 'pos' column 3: found 3 columns, counted from 0"),
        (-4, "there is no feature 'pos' column -4: found 3 columns, counted from 0"),
        (2, "column 2 can't be both tag and feature 'pos'; found 3 columns"),
        (-1, "column 2 can't be both tag and feature 'pos'; found 3 columns"),
    ],
)
def test_a_feature_that_is_no_column_or_the_tag(column, fact):
    with pytest.raises(CorpusError) as caught:
        read("# a comment\nEU NNP B-ORG\n", feature_columns={"pos": column})
    assert str(caught.value) == f"x.conll:2: {fact}: 'EU NNP B-ORG'"
