"""Tags rewritten while a corpus is read: new names, and spans in brackets."""

from collections import Counter

import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.tag_rewriting import new_name, rewrite_tags, tags_of_brackets
from seqlab.errors import CorpusError


def sentence(tags: str | None) -> Sentence:
    split = None if tags is None else tuple(tags.split())
    return Sentence(
        tokens=tuple(f"w{n}" for n in range(len(split or "x"))), tags=split, source="f:3"
    )


@pytest.mark.parametrize(
    ("tag", "expected"),
    [
        ("0", "O"),
        ("b-PER", "B-PER"),
        ("b-X-PER", "Y-PER"),  # the longest beginning wins
        ("b-X", "whole"),  # the whole name goes before a beginning
        ("i_LOC", "I-LOC"),
        ("NNP", "NNP"),  # NN does not end with - or _
        ("NN", "NOUN"),
        ("a-b-PER", "a-b-PER"),
    ],
)
def test_names_and_beginnings(tag, expected):
    renamed = {"b-": "B-", "b-X-": "Y-", "b-X": "whole", "i_": "I-", "0": "O", "NN": "NOUN"}
    assert new_name(tag, renamed) == expected


def test_renamed_tags_are_counted():
    sentences = [sentence("0 b-PER b-PER"), sentence("O"), sentence(None)]
    notes: Counter[str] = Counter({"lines skipped": 1})
    renamed = {"0": "O", "b-": "B-"}
    read = list(rewrite_tags(sentences, bracketed=False, renamed=renamed, notes=notes))
    assert [s.tags for s in read] == [("O", "B-PER", "B-PER"), ("O",), None]
    assert [s.tokens for s in read] == [s.tokens for s in sentences]
    assert notes == {
        "lines skipped": 1,
        "tags '0' read as 'O'": 1,
        "tags 'b-PER' read as 'B-PER'": 2,
    }


def test_an_entity_type_stands_for_its_tags_and_a_name_without_tags_is_noted():
    notes: Counter[str] = Counter()
    sentences = [sentence("B-PERSON I-PERSON B-MISC O")]
    renamed = {"PERSON": "PER", "MISC": "O", "LOCC": "LOC"}
    (read,) = rewrite_tags(sentences, bracketed=False, renamed=renamed, notes=notes)
    assert read.tags == ("B-PER", "I-PER", "O", "O")
    assert notes == {
        "tags 'B-PERSON' read as 'B-PER'": 1,
        "tags 'I-PERSON' read as 'I-PER'": 1,
        "tags 'B-MISC' read as 'O'": 1,
        "of the names in --map-tag is no tag here: 'LOCC'": 1,
    }


def test_brackets_are_read_before_names():
    notes: Counter[str] = Counter()
    sentences = [sentence("(PERSON* *) *"), sentence(None)]
    renamed = {"B-PERSON": "B-PER", "I-PERSON": "I-PER"}
    read = list(rewrite_tags(sentences, bracketed=True, renamed=renamed, notes=notes))
    assert [s.tags for s in read] == [("B-PER", "I-PER", "O"), None]
    assert notes == {"tags 'B-PERSON' read as 'B-PER'": 1, "tags 'I-PERSON' read as 'I-PER'": 1}


def test_sentences_that_need_no_change_are_not_copied():
    sentences = [sentence("B-PER O"), sentence(None)]
    notes: Counter[str] = Counter()
    read = list(rewrite_tags(sentences, bracketed=False, renamed={}, notes=notes))
    assert all(one is other for one, other in zip(read, sentences, strict=True))
    assert not notes


def test_spans_in_brackets():
    tags = ("(A*", "*", "*)", "*", "(B*)", "(C*)", "*")
    assert tags_of_brackets(tags, "f:1") == ("B-A", "I-A", "I-A", "O", "B-B", "B-C", "O")


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ("* B-PER", "f:3: tag 'B-PER' is no span in brackets, such as (PER*, * or *)"),
        ("(A*) A*", "f:3: tag 'A*' is no span in brackets, such as (PER*, * or *)"),
        ("(A* (B*)", "f:3: tag '(B*)' opens a span within a span of 'A'"),
        ("(A*) *)", "f:3: tag '*)' closes a span that is not open"),
        ("* (A* *", "f:3: the span of 'A' is not closed in this sentence"),
    ],
)
def test_brackets_that_do_not_fit(tags, message):
    with pytest.raises(CorpusError) as caught:
        tags_of_brackets(tuple(tags.split()), "f:3")
    assert str(caught.value) == message
    with pytest.raises(CorpusError) as caught:
        list(rewrite_tags([sentence(tags)], bracketed=True, renamed={}, notes=Counter()))
    assert str(caught.value) == message
