import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from seqlab.errors import UserError
from seqlab.text import sentence_bounds as module
from seqlab.text.sentence_bounds import (
    BLOCK,
    LANGUAGES,
    last_space,
    segmenter,
    sentence_bounds,
    sentence_ends,
)


def sentences(text, rule="split", language="en"):
    return [text[start:end] for start, end in sentence_bounds(text, rule, language)]


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("", "en", []),
        (" \t\r\n \n", "en", []),
        ("Mr. Li came. He left!", "en", ["Mr. Li came.", "He left!"]),
        ("A title\nIt is. So it is.", "en", ["A title", "It is.", "So it is."]),
        ("One line\r\nThe next\rThe last", "en", ["One line", "The next", "The last"]),
        ("Two.\n\nParagraphs.", "en", ["Two.", "Paragraphs."]),
        ("It is 3.5 km. Yes.", "en", ["It is 3.5 km.", "Yes."]),
        ("He said: “Go. Now.” Then he left.", "en", ["He said: “Go.", "Now.”", "Then he left."]),
        ('An odd " mark. One more. "And so on.', "en", ['An odd " mark.', "One more.", '"And so on.']),
        ("It was (so they say. All of them.) big.", "en", ["It was (so they say.", "All of them.) big."]),
        ("By J. R. R. Roe. He left. So.", "en", ["By J. R. R. Roe.", "He left.", "So."]),
        ("It was J. R. R. Roe of the U.S. Navy. So.", "en", ["It was J. R. R. Roe of the U.S. Navy.", "So."]),
        ("M. Dupont arrive. Il part.", "fr", ["M. Dupont arrive.", "Il part."]),
        ("Er kam am 3. Mai an. Dr. Roth kam nicht.", "de", ["Er kam am 3. Mai an.", "Dr. Roth kam nicht."]),
        ("张三去北京。他在上海！是吗？", "zh", ["张三去北京。", "他在上海！", "是吗？"]),
        ("هذا نص. ما هذا؟ نعم", "ar", ["هذا نص.", "ما هذا؟", "نعم"]),
        ("यह है। ठीक है।", "hi", ["यह है।", "ठीक है।"]),
        ("😀 Yes. 👩‍👩‍👧 No.", "en", ["😀 Yes.", "👩‍👩‍👧 No."]),
    ],
)  # fmt: skip
def test_sentences(text, language, expected):
    assert sentences(text, language=language) == expected


def test_each_line_is_a_sentence_by_the_rule_of_lines():
    text = "Yes. No.\r\n\r\n  Maybe. \rSo\u2028be it.\x0b\n"
    assert sentences(text, "line") == ["Yes. No.", "Maybe.", "So\u2028be it."]


FAMILY = "👩\u200d👩\u200d👧"
MARKED = st.lists(
    st.sampled_from("ab A.?!…。'\"“”«»()[] \n\r\t\u2028\ufeff\x00é\u0301😀\ud83d")
    | st.sampled_from(["Mr. ", FAMILY, "שלום", "北京", "3. ", "v. ", "B. ", "a@b.de ", "       "]),
    max_size=30,
).map("".join)


@given(
    st.text(max_size=60) | MARKED, st.sampled_from(LANGUAGES), st.sampled_from(["line", "split"])
)
@example("a.\ud83d b. C", "en", "split")
@example("Yes. " + " " * 300 + "No.", "en", "split")
def test_sentences_lie_apart_and_lose_white_space_alone(text, language, rule):
    end = 0
    for start, stop in [*sentence_bounds(text, rule, language), (len(text), len(text))]:
        assert end <= start <= stop <= len(text)
        assert not text[end:start].strip()
        assert text[start:stop] == text[start:stop].strip()
        assert not {"\n", "\r"} & set(text[start:stop])
        end = stop


@given(MARKED.map(lambda text: "".join(text.splitlines())), st.sampled_from(LANGUAGES))
def test_lines_without_a_sentence_end_inside_need_no_library(line, language):
    if line and not module.INNER_END.search(line):
        assert list(sentence_ends(line, segmenter(language))) == [len(line)]


def test_long_lines_are_cut_as_short_ones(monkeypatch):
    text = " ".join(f'Mr. Li saw {n} cats ("big. ones"). Was it so?' for n in range(2000))
    assert len(text) > 10 * BLOCK
    in_blocks = sentences(text)
    monkeypatch.setattr(module, "BLOCK", len(text))
    assert sentences(text) == in_blocks
    assert len(in_blocks) == 6000


def test_a_sentence_longer_than_a_block_is_cut_at_white_space():
    text = "No. " + "word " * BLOCK + "End. Yes."
    found = sentences(text)
    assert max(map(len, found)) <= BLOCK
    assert " ".join(found) == text
    assert sentences("a" * (2 * BLOCK + 5) + ". B") == ["a" * BLOCK, "a" * BLOCK, "aaaaa.", "B"]
    assert last_space("ab c") == 3
    assert last_space("abc") == 3


@pytest.mark.parametrize(
    ("language", "nearest"), [("english", "en"), ("deu", "de"), ("FR-fr", "fr")]
)
def test_an_unknown_language_gets_the_nearest(language, nearest):
    with pytest.raises(UserError) as caught:
        list(sentence_bounds("A. B.", "split", language))
    assert str(caught.value) == (
        f"no rules to split sentences of language {language!r}; nearest: {nearest!r}; 'en' suits most others"
    )
    assert sentences("A. B.", "line", language) == ["A. B."]


def test_without_the_library_one_line_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sentencex", None)
    segmenter.cache_clear()
    with pytest.raises(UserError) as caught:
        list(sentence_bounds("A. B.", "split", "en"))
    assert str(caught.value) == (
        "splitting sentences needs sentencex: pip install sentencex; or make each line a sentence"
    )
