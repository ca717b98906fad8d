import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.tagging.text import abbreviations_of, marked_text, text_sentences, tokenise
from tests.strategies import LETTERS, span_tags


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("", ""),
        ("  \t ", ""),
        ("Paris is big.", "Paris|is|big|."),
        ("“Yes,” she said", "“|Yes|,|”|she|said"),
        ("it's O’Hara's co-op", "it's|O’Hara's|co-op"),
        ("1,000.50 at 10:30 on 3/4", "1,000.50|at|10:30|on|3/4"),
        ("see https://a.b/c?d=e, then", "see|https://a.b/c?d=e,|then"),
        ("@ada #nlp ann@b.org AT&T", "@ada|#nlp|ann@b.org|AT&T"),
        ("end...", "end|.|.|."),
        ("-x-", "-|x|-"),
        ("東京 Zürich", "東京|Zürich"),
        ("😀a", "😀|a"),
    ],
)
def test_tokenise(line, tokens):
    assert "|".join(tokenise(line)) == tokens


@given(st.text(max_size=40))
def test_no_character_but_white_space_is_lost(line):
    tokens = tokenise(line)
    assert "".join(tokens) == "".join(line.split())
    assert all(token and not any(c.isspace() for c in token) for token in tokens)


@pytest.mark.parametrize("tokenized", [False, True])
def test_every_line_is_a_sentence_with_its_place(tokenized):
    lines = [(1, "Ada's  cat."), (2, ""), (3, " x ")]
    found = list(text_sentences(lines, name="in.txt", tokenized=tokenized))
    first = ("Ada's", "cat.") if tokenized else ("Ada's", "cat", ".")
    assert [sentence.tokens for sentence in found] == [first, (), ("x",)]
    assert [sentence.source for sentence in found] == ["in.txt:1", "in.txt:2", "in.txt:3"]
    assert all(sentence.tags is None for sentence in found)


@pytest.mark.parametrize(
    ("tags", "scheme", "line"),
    [
        ("O O O", Scheme.IOB2, "a b c"),
        ("B-PER I-PER B-PER", Scheme.IOB2, "[PER a b] [PER c]"),
        ("I-PER I-PER I-LOC", Scheme.IOB1, "[PER a b] [LOC c]"),
        ("S-PER B-LOC E-LOC", Scheme.IOBES, "[PER a] [LOC b c]"),
        ("B-X M-X E-X", Scheme.BMES, "[X a b c]"),
        ("O I-PER O", Scheme.IOB2, "a [PER b] c"),
        ("DET -LRB- X", Scheme.PLAIN, "a/DET b/-LRB- c/X"),
    ],
)
def test_marked_text(tags, scheme, line):
    assert marked_text(["a", "b", "c"], tags.split(), scheme) == line


def test_marked_text_of_nothing():
    assert marked_text([], [], Scheme.IOB2) == marked_text([], [], Scheme.PLAIN) == ""


@given(st.sampled_from(list(LETTERS)).flatmap(lambda s: st.tuples(st.just(s), span_tags(s))))
def test_marks_aside_the_tokens_stay(scheme_and_tags):
    scheme, tags = scheme_and_tags
    tokens = [f"w{number}" for number in range(len(tags))]
    line = marked_text(tokens, tags, scheme)
    assert [word.rstrip("]") for word in line.split() if not word.startswith("[")] == tokens
    assert line.count("[") == line.count("]")
    assert (line.count("[") == 0) == (set(tags) <= {"O"})


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        ("Dr. Hall of the U.S. Navy.", "Dr. Hall of the U.S. Navy ."),
        ("DR. No", "DR. No"),
        ("St. Ives, D.C.", "St . Ives , D.C ."),
        ("He saw the Dr.", "He saw the Dr."),
        ("the dr .", "the dr ."),
        (".dr..", ". dr. ."),
        ("1. dr", "1 . dr"),
    ],
)
def test_abbreviations_of_training_keep_their_full_stop(line, tokens):
    known = abbreviations_of(["u.s.", "dr.", "0.", "navy", ".", "...", "e.."])
    assert tokenise(line, known) == tuple(tokens.split())


@given(st.text(alphabet="ab. ,'-1", max_size=30))
def test_without_abbreviations_nothing_changes(line):
    assert tokenise(line, {"never."}) == tokenise(line)
    assert "".join(tokenise(line, {"ab.", "b."})) == "".join(tokenise(line))
