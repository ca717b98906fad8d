"""The raw text of CoNLL-U sentences, and where their words stand in it."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.conllu import read_conllu
from seqlab.corpus.conllu_text import SurfaceToken, plain_offsets, word_offsets
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence_blocks import ColumnFile


def line(identifier, form, misc="_"):
    return "\t".join([identifier, form, *"_" * 7, misc])


def read(*lines, tagged=False):
    notes = Counter()
    numbered = enumerate(lines, start=1)
    (sentence,) = read_conllu(
        numbered, ColumnFile("x", notes), columns=ChosenColumns(), tagged=tagged
    )
    return sentence, notes


def words_at(sentence):
    return [sentence.text[start:end] for start, end in zip(*sentence.offsets, strict=True)]


def test_the_words_of_a_sentence_with_its_text():
    sentence, notes = read(
        "# text = Zoë  left .", line("1", "Zoë"), line("2", "left"), line("3", ".")
    )
    assert sentence.text == "Zoë  left ."
    assert sentence.offsets == ((0, 5, 10), (3, 9, 11))
    assert not notes


def test_ranges_that_are_divided_and_shared():
    sentence, notes = read(
        "# text = Ada didn't go al mercado",
        line("1", "Ada"),
        line("2-3", "didn't"),
        line("2", "did"),
        line("3", "n't"),
        line("4", "go"),
        line("4.1", "home"),
        line("5-6", "al"),
        line("5", "a"),
        line("6", "el"),
        line("7", "mercado"),
    )
    assert words_at(sentence) == ["Ada", "did", "n't", "go", "al", "al", "mercado"]
    assert notes == {"multiword ranges skipped": 2, "empty nodes skipped": 1}


def test_without_a_text_misc_says_where_spaces_are():
    rows = [line("1-2", "al", "X=1|SpaceAfter=No"), line("1", "a"), line("2", "el"), line("3", ".")]
    sentence, _ = read(line("1", "Ada", "SpaceAfter=No"), line("2", "!"))
    assert (sentence.text, words_at(sentence)) == ("Ada!", ["Ada", "!"])
    sentence, _ = read(*rows)
    assert (sentence.text, words_at(sentence)) == ("al.", ["al", "al", "."])
    sentence, _ = read(line("1", "Ada"), line("2", "!"))
    assert (sentence.text, sentence.offsets) == (None, None)


@pytest.mark.parametrize("text", ["Ada left", "Ada leaves .", "Ada left . Now", "x Ada left ."])
def test_a_text_of_other_words_is_counted(text):
    sentence, notes = read(f"# text = {text}", line("1", "Ada"), line("2", "left"), line("3", "."))
    assert (sentence.text, sentence.offsets) == (None, None)
    assert notes == {"sentences whose '# text' is not that of their tokens": 1}


def test_ids_that_do_not_count_the_words_give_no_text():
    sentence, notes = read("# text = a b", line("1-3", "a"), line("1", "a"), line("2", "b"))
    assert (sentence.tokens, sentence.text) == (("a", "b"), None)
    assert notes == {"multiword ranges skipped": 1}


TOKENS = st.lists(
    st.tuples(st.text("aé😀 ", min_size=1).filter(str.strip), st.sampled_from(("_", "SpaceAfter=No", "X=SpaceAfter=Not"))),
    min_size=1,
)  # fmt: skip


@given(TOKENS, st.data())
def test_the_fast_path_finds_what_the_other_finds(pairs, data):
    pairs = [(form.strip(), misc) for form, misc in pairs]
    gaps = data.draw(
        st.lists(st.sampled_from(("", " ", "  ")), min_size=len(pairs), max_size=len(pairs))
    )
    joined = "".join(form + ("" if "=No" in misc else " ") for form, misc in pairs).rstrip()
    other = "".join(form + gap for (form, _), gap in zip(pairs, gaps, strict=True)).rstrip()
    surface = [SurfaceToken(form, (form,), misc) for form, misc in pairs]
    for text in (joined, other):
        fast = plain_offsets(*zip(*pairs, strict=True), text)
        assert fast in (None, word_offsets(surface, text))
    assert plain_offsets(*zip(*pairs, strict=True), joined) is not None


@pytest.mark.parametrize(
    ("corpus", "sentences", "sharing"),
    [("ud_english_ewt/en_ewt-ud", 16622, 0), ("ud_french_sequoia/fr_sequoia-ud", 3099, 3904)],
)
# sharing: words such as de and le, which share the characters of du.
def test_every_text_of_published_corpora_is_reproduced(shared_data, corpus, sentences, sharing):
    found = words = 0
    for part in ("train", "dev", "test"):
        for sentence in read_corpus(shared_data / f"{corpus}-{part}.conllu"):
            assert sentence.text == sentence.metadata["text"]
            found += 1
            words += sum(a != b for a, b in zip(words_at(sentence), sentence.tokens, strict=True))
    assert (found, words) == (sentences, sharing)
