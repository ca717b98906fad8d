"""The fast path against reading line by line, on odd blocks and on real ones."""

from collections import Counter

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from seqlab.corpus import conll, conllu
from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.clean_blocks import clean_block, clean_cells
from seqlab.corpus.column_layout import ColumnLayout
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.errors import UserError

PIECES = ["a", "B-x", "#", "# k = v", "-DOCSTART-", "\t", "\t", "\t", " ", "  ", "\u00a0", "\u2028"]
WORDS = "\t".join(["{}", "a", *"_" * 8])
ODD_WORDS = [
    "1-2\tdu" + "\t_" * 8,
    "8.1\tx" + "\t_" * 8,
    "x\ty" + "\t_" * 8,
    "\u0663\ty" + "\t_" * 8,
    "1\t" + "\t_" * 8,
    "1\tNew York" + "\t_" * 8,
    "1\ta" + "\t_" * 7,
    "1\ta" + "\t_" * 9,
    "1\ta\t_\t_\t_\tCase=Nom|Number=Sing" + "\t_" * 4,
    "# sent_id = 7",
    "# a remark",
    "",
    " ",
]
lines_of_columns = st.lists(
    st.lists(st.sampled_from(PIECES), max_size=6).map("".join)
    | st.sampled_from(["", "a\tO", "b\tO", "a b", "a b c", "# k = v"]),
    max_size=12,
)
lines_of_words = st.lists(
    st.integers(0, 30).map(WORDS.format) | st.sampled_from(ODD_WORDS), max_size=12
)


def outcome(read, lines, **options):
    """The sentences, the counts of skipped lines, and the error."""
    notes, found = Counter(), []
    try:
        found.extend(read(enumerate(lines, 1), ColumnFile("x", notes), **options))
    except UserError as error:
        return found, notes, str(error)
    return found, notes, None


def both_ways(read, lines, **options):
    """The outcome with the fast path and without it."""
    found = outcome(read, lines, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conll, "clean_block", lambda *_: None)
        patch.setattr(conllu, "clean_cells", lambda *_, **__: None)
        return found, outcome(read, lines, **options)


@given(lines_of_columns, st.booleans(), st.booleans())
@example(["a\tO", "b\tO\tx", "c"], True, False)
@example(["a b c", "a b ", " b c"], False, True)
@example(["a O", "# k = v", "", "# k = v", "b O"], True, False)
@example(["-DOCSTART- O", "a O"], True, False)
@example(["a\tO", " \tO"], True, False)
@example(["a\tO", "b\t "], True, False)
@settings(max_examples=400)
def test_columns_are_read_the_same(lines, tagged, features):
    options = {"tagged": tagged, "columns": ChosenColumns(features={"pos": 1} if features else {})}
    one, other = both_ways(conll.read_conll, lines, **options)
    assert one == other


@given(lines_of_words, st.booleans(), st.sampled_from([{}, {"x": "xpos"}, {"n": "Number"}]))
@settings(max_examples=300)
def test_words_of_conllu_are_read_the_same(lines, tagged, features):
    options = {"tagged": tagged, "columns": ChosenColumns(features=features)}
    one, other = both_ways(conllu.read_conllu, lines, **options)
    assert one == other


@pytest.mark.parametrize(
    "file",
    [
        "wnut17/emerging.dev.conll",
        "ud_french_sequoia/fr_sequoia-ud-dev.conllu",
        "ud_english_ewt/en_ewt-ud-dev.conllu",
        "sec_filings/CONLL-format/data/test/FIN3.txt",
        "ncbi_disease_iob/devel.tsv",
        "crossner_science/dev.txt",
    ],
)
def test_real_corpora_are_read_the_same(shared_data, file, monkeypatch):
    found = read_corpus(shared_data / file)
    monkeypatch.setattr(conll, "clean_block", lambda *_: None)
    monkeypatch.setattr(conllu, "clean_cells", lambda *_, **__: None)
    slowly = read_corpus(shared_data / file)
    assert (found.sentences, found.notes) == (slowly.sentences, slowly.notes)


def test_most_of_a_real_corpus_is_clean(shared_data, monkeypatch):
    """Real corpora take the fast path."""
    said = []

    def counted(block, layout):
        found = clean_block(block, layout)
        said.append(found is not None)
        return found

    monkeypatch.setattr(conll, "clean_block", counted)
    read_corpus(shared_data / "ncbi_disease_iob/devel.tsv")
    assert sum(said) > 0.95 * len(said) > 0


def test_columns_of_a_clean_block():
    layout = ColumnLayout(
        by_tab=True, columns=4, token=0, tag=3, features={"pos": 1}, numbers={"size": 2}
    )
    block = [(4, "EU\tNNP\t1.5\tB-ORG"), (5, "rejects\tVBZ\t\tO")]
    columns = clean_block(block, layout)
    assert (columns.tokens, columns.tags) == (("EU", "rejects"), ("B-ORG", "O"))
    assert (columns.features, columns.numbers) == (
        {"pos": ("NNP", "VBZ")},
        {"size": ("1.5", "")},
    )


@pytest.mark.parametrize(
    "line", ["a\tb\tc", "a", "#a\tb", "-DOCSTART-\tO", "a b"], ids=lambda line: line[:2]
)
def test_a_line_that_may_be_something_else_is_not_clean(line):
    assert clean_cells(["x\ty", line], columns=2, by_tab=True) is None
    assert clean_cells(["x\ty"], columns=2, by_tab=True) == ["x", "y"]
