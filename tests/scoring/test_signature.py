"""Signatures: what is written is read back; mistakes are one line."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import UserError
from seqlab.scoring.score import score
from seqlab.scoring.signature import Signature, figure_of, parse_signature

TEXTS = st.text(min_size=1, max_size=8)
SIGNATURE = Signature(
    scheme="iob2", repair="conlleval", correct=1, predicted=2, gold=3, sentences=4, tokens=5, version="1.0"
)  # fmt: skip


def test_it_is_one_line_with_every_part():
    assert str(SIGNATURE) == (
        "f1|average:micro|match:exact|scheme:iob2|repair:conlleval|correct:1|predicted:2|gold:3|sentences:4|tokens:5|"
        "sha256:unknown|version:1.0"
    )


@given(TEXTS)
def test_a_class_of_any_name_is_read_back(name):
    signature = SIGNATURE.of(name)
    assert parse_signature(str(signature)) == signature
    assert "\n" not in str(signature)


def test_each_average_and_match_is_computed_again():
    gold = [["B-A", "I-A", "O", "B-B"], ["I-A", "O"]]
    predicted = [["B-A", "O", "O", "B-B"], ["I-A", "B-B"]]
    figures = score(gold, predicted, "iob2")

    def figure(match, average):
        text = str(SIGNATURE.of(average)).replace("match:exact", f"match:{match}")
        return figure_of(parse_signature(text), gold, predicted)

    assert figure("exact", "micro") == figure("strict", "micro") == figures.micro_f1
    assert figure("exact", "macro") == figures.macro_f1
    assert figure("exact", "B") == figures.classes["B"].f1 == 2 / 3
    assert figure("seqeval-strict", "micro") == figures.strict.micro_f1 != figures.micro_f1
    assert figure("type", "A") == 1.0
    assert figure("partial", "A") == 0.75  # a whole span and a half one, of two on either side


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("f1|scheme:iob2", "'f1|scheme:iob2' is not the signature of a score"),
        (str(SIGNATURE).replace("f1|", "bleu|"), None),
        (str(SIGNATURE).replace("exact", "loose"), None),
        (str(SIGNATURE).replace("gold:3", "gold:x"), None),
        (
            str(SIGNATURE).replace("scheme", "schema"),
            "signature has an unknown part 'schema'; nearest: 'scheme'",
        ),
    ],
)
def test_what_is_no_signature(text, message):
    with pytest.raises(UserError) as caught:
        parse_signature(text)
    assert str(caught.value) == (message or f"{text!r} is not the signature of a score")


def test_a_class_that_the_tags_lack():
    with pytest.raises(UserError) as caught:
        figure_of(SIGNATURE.of("PEER"), [["B-PER"]], [["O"]])
    assert (
        str(caught.value)
        == "the signature is of class 'PEER', which these tags lack; nearest: 'PER'"
    )
