"""The scheme in which each corpus is read, the conversion to one scheme, and the notes on it."""

import pytest

from seqlab.corpus.reading import Corpus
from seqlab.corpus.retag import (
    OddTag,
    Retagger,
    first_odd_tag,
    in_scheme,
    scheme_beside,
    scheme_of_split,
    source_scheme,
)
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError


def corpus(*texts: str | None) -> Corpus:
    """Each text holds the tags of a sentence; None is a sentence without tags."""
    sentences = tuple(
        Sentence(
            tokens=tuple("w" * len((text or "x").split())),
            tags=None if text is None else tuple(text.split()),
            source=f"c:{number}",
        )
        for number, text in enumerate(texts, start=1)
    )
    return Corpus(sentences=sentences, path="c", format="conll", notes={})


LOC = (
    "tag 'LOC' is neither O nor PREFIX-TYPE, but scheme 'iob2' needs spans; expected scheme 'plain'"
)


def test_the_tag_that_makes_a_corpus_plain():
    odd = first_odd_tag(corpus("O B-A", None, "O LOC O", "PER I-A"))
    assert odd == OddTag(tag="LOC", source="c:3", span_share=5 / 7, has_spans=True)
    none = first_odd_tag(corpus("O O", None))
    assert none == OddTag(tag="", source="c", span_share=1.0, has_spans=False)
    assert first_odd_tag(corpus("B-A")).span_share == 1.0
    assert first_odd_tag(corpus()).span_share == 0.0


@pytest.mark.parametrize(
    ("texts", "wanted", "scheme", "notes"),
    [
        (["I-A B-A", "O"], None, Scheme.IOB1, []),
        (["I-A B-A", None], Scheme.IOB2, Scheme.IOB1, []),
        (["I-A B-A", "O"], Scheme.PLAIN, Scheme.PLAIN, []),
        (["NOUN", "VERB"], Scheme.PLAIN, Scheme.PLAIN, []),
        (["O O O NOUN"], None, Scheme.PLAIN, []),  # no tag with a prefix
        (["B-A LOC"], None, Scheme.PLAIN, []),  # not more than half
        (
            ["O B-A", "O LOC PER"],
            None,
            Scheme.PLAIN,
            [
                "train: tags are taken as plain because of tag 'LOC' in the sentence at c:2, "
                "although 60% of the tokens have span tags"
            ],
        ),
    ],
)
def test_the_scheme_of_training(texts, wanted, scheme, notes):
    written: list[str] = []
    assert source_scheme(corpus(*texts), wanted, written) is scheme
    assert written == notes


def test_plain_training_tags_have_no_spans():
    with pytest.raises(CorpusError) as caught:
        source_scheme(corpus("O B-A", "O LOC"), Scheme.IOB2, [])
    assert str(caught.value) == f"c:2: {LOC}"


def test_the_scheme_beside_a_tagger():
    assert scheme_beside(corpus("I-A B-A", None), Scheme.IOB2) is Scheme.IOB1
    assert scheme_beside(corpus("I-A B-A"), Scheme.PLAIN) is Scheme.PLAIN
    assert scheme_beside(corpus("NOUN"), Scheme.PLAIN) is Scheme.PLAIN
    assert scheme_beside(corpus("O B-A LOC"), Scheme.IOBES) is Scheme.IOBES
    with pytest.raises(CorpusError) as caught:
        scheme_beside(corpus("B-A LOC"), Scheme.IOB2)
    assert str(caught.value) == f"c:1: {LOC}"


@pytest.mark.parametrize(
    ("texts", "train", "target", "scheme", "notes"),
    [
        # I-A begins: illegal in IOB2, legal in IOB1, which is detected.
        (["I-A I-A B-A"], "iob2", "iob2", "iob1", ["valid: tags converted from iob1 to iob2"]),
        (["I-A I-A B-A"], "iob2", "iob1", "iob1", []),
        (["I-A I-A B-A"], "iob1", "iob2", "iob1", []),
        # One tag is illegal in IOB1, and one in IOB2, which is detected: nothing is gained.
        (["B-A", "I-B"], "iob1", "iob1", "iob1", []),
        (["B-A", "B-A O"], "iob1", "iob1", "iob2", ["valid: tags converted from iob2 to iob1"]),
        # A stray tag makes it plain, which is never taken.
        (["I-A I-A B-A", "LOC"], "iob2", "iob2", "iob2", []),
        (["I-A I-A B-A"], "plain", "plain", "plain", []),
        (["I-A I-A B-A"], "iob2", "plain", "iob2", []),
    ],
)
def test_the_scheme_of_another_split(texts, train, target, scheme, notes):
    written: list[str] = []
    read = scheme_of_split("valid", corpus(*texts, None), Scheme(train), Scheme(target), written)
    assert (read, written) == (Scheme(scheme), notes)


def test_sentences_in_the_scheme_are_not_copied():
    sentences = corpus("B-A I-A", "O").sentences
    notes: list[str] = []
    same = in_scheme("train", sentences, Scheme.IOB2, Scheme.IOB2, notes)
    assert all(one is other for one, other in zip(same, sentences, strict=True))
    for plain in ((Scheme.PLAIN, Scheme.IOB2), (Scheme.IOB2, Scheme.PLAIN)):
        assert in_scheme("train", sentences, *plain, notes) is sentences
    assert notes == []


def test_every_note_of_one_split():
    sentences = corpus("I-A I-A L-A", "U-B O I-O I-O", "LOC LOC PER", "I-A O I-B", "O").sentences
    notes = ["before"]
    read = in_scheme("test", sentences, Scheme.IOB2, Scheme.IOBES, notes)
    assert [s.tags for s in read] == [
        ("B-A", "I-A", "E-A"),
        ("S-B", "O", "O", "O"),
        ("S-LOC", "S-LOC", "S-PER"),
        ("S-A", "O", "S-B"),
        ("O",),
    ]
    assert notes == [
        "before",
        "test: BILOU tags L- and U- rewritten as E- and S-",
        "test: tag 'I-O' (2 tokens) is read as O",
        "test: tag 'LOC' (2 tokens) is neither O nor PREFIX-TYPE; taken as a span of type 'LOC'",
        "test: tag 'PER' (1 token) is neither O nor PREFIX-TYPE; taken as a span of type 'PER'",
        "test: illegal transitions of iob2 repaired: 5 tags in 3 sentences",
    ]


def test_letters_alone_are_noted_once_and_in_order():
    retagger = Retagger(Scheme.IOB2, Scheme.IOB2)
    assert retagger.tags(["I", "O"]) == ("B-_", "O")
    assert retagger.tags(("B", "I")) == ("B-_", "I-_")
    assert retagger.notes("valid") == [
        "valid: tags without a type (B, I) are read as spans of type '_'",
        "valid: illegal transitions of iob2 repaired: 1 tag in 1 sentence",
    ]
    assert Retagger(Scheme.IOB2, Scheme.IOB2).notes("valid") == []


@pytest.mark.parametrize("tags", [("B-A", "L-A"), ("U-A",)])
def test_bilou_is_noted_for_either_letter(tags):
    retagger = Retagger(Scheme.IOBES, Scheme.IOBES)
    retagger.tags(tags)
    retagger.tags(("S-A", "O"))
    assert retagger.notes("train") == ["train: BILOU tags L- and U- rewritten as E- and S-"]
