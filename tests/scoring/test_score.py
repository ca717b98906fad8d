"""score: both modes, order of classes, plain tags, imports."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from seqeval.metrics import f1_score
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB2
from sklearn.metrics import accuracy_score, precision_recall_fscore_support

from seqlab.corpus.schemes import Scheme
from seqlab.errors import UserError
from seqlab.scoring.figures import class_figures
from seqlab.scoring.pairs import pair_tags
from seqlab.scoring.score import Evaluation, evaluate_tags, item_counts, score

GOLD = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-ORG", "O", "B-PER"]]
PREDICTED = [["I-PER", "I-PER", "O", "B-LOC"], ["O", "O", "B-MISC", "B-PER"]]

plain = st.sampled_from(["NOUN", "VERB", "X", "INTJ", "O"])
iob2 = st.sampled_from(["O", "B-PER", "I-PER", "B-LOC", "I-LOC"])
iob2_tokens = st.lists(st.tuples(iob2, iob2), min_size=1, max_size=12)


def test_both_modes_by_hand():
    figures = score(GOLD, PREDICTED, Scheme.IOB2)
    assert list(figures.classes) == ["PER", "LOC", "ORG", "MISC"]
    assert figures.micro_f1 == 2 * 3 / (4 + 4)
    assert figures.macro_f1 == (1 + 1 + 0) / 3
    assert figures.min_f1 == 0.0
    assert figures.token_accuracy == 5 / 8
    assert figures.classes_never_found == ("ORG",)
    assert figures.classes["ORG"].precision is None
    assert figures.classes["MISC"].recall is None
    assert figures.strict.micro_f1 == 2 * 2 / (3 + 4)
    assert figures.strict.classes["PER"].f1 == 2 * 1 / (1 + 2)


def test_an_unknown_gold_class_counts_as_missed():
    figures = score([["B-NEW", "S-ODD", "plain"]], [["O", "O", "O"]], Scheme.IOB2)
    assert figures.classes_never_found == ("NEW", "ODD", "plain")
    assert [c.support for c in figures.classes.values()] == [1, 1, 1]
    assert figures.micro_f1 == 0.0


@given(iob2_tokens)
def test_micro_f1_equals_that_of_seqeval(tokens):
    gold, predicted = [[a for a, _ in tokens]], [[b for _, b in tokens]]
    figures = score(gold, predicted, Scheme.IOB2)
    if figures.classes:
        assert figures.micro_f1 == pytest.approx(f1_score(gold, predicted, zero_division=0))
    if figures.strict.classes:
        expected = f1_score(gold, predicted, mode="strict", scheme=IOB2, zero_division=0)
        assert figures.strict.micro_f1 == pytest.approx(expected)


@given(iob2_tokens)
def test_without_strict_the_default_figures_are_the_same(tokens):
    gold, predicted = [[a for a, _ in tokens]], [[b for _, b in tokens]]
    quick = score(gold, predicted, Scheme.IOB2, strict=False)
    assert quick.strict is None
    assert quick.to_json() == score(gold, predicted, Scheme.IOB2).to_json() | {"strict": None}


@given(iob2_tokens)
def test_plain_tags_are_scored_by_token_and_micro_f1_is_the_accuracy(tokens):
    gold, predicted = [[a for a, _ in tokens]], [[b for _, b in tokens]]
    figures = score(gold, predicted, Scheme.PLAIN)
    assert figures.strict is None
    assert set(figures.classes) == {*gold[0], *predicted[0]}
    assert figures.micro_f1 == figures.token_accuracy == accuracy_score(gold[0], predicted[0])


def test_a_plain_tag_is_not_a_span():
    assert list(score([["NOUN"]], [["NOUN"]], Scheme.PLAIN).classes) == ["NOUN"]


@pytest.mark.parametrize("scheme", list(Scheme))
def test_listed_classes_that_neither_side_has_are_undefined(scheme):
    figures = score([["O"]], [["O"]], scheme, classes=["PER"])
    figure = figures.classes["PER"]
    assert (figure.precision, figure.recall, figure.f1) == (None, None, None)
    assert (figure.correct, figure.predicted, figure.support) == (0, 0, 0)
    assert "PER" not in figures.classes_never_found
    assert list(score([["O"]], [["O"]], scheme).classes) == (["O"] if scheme == "plain" else [])


@pytest.mark.parametrize("strict", [True, False])
@pytest.mark.parametrize("scheme", list(Scheme))
@pytest.mark.parametrize("nothing", [[], [[]]])
def test_figures_without_tokens_are_undefined(nothing, scheme, strict):
    figures = score(nothing, nothing, scheme, strict=strict)
    assert (figures.micro_f1, figures.macro_f1, figures.token_accuracy) == (None, None, None)


def test_a_length_that_differs_names_the_sentence():
    with pytest.raises(UserError, match=r"^sentence 2 of 2: 4 gold tags, 3 predicted"):
        score(GOLD, [PREDICTED[0], PREDICTED[1][:3]], Scheme.IOB2)


def test_the_figures_of_an_epoch_import_neither_seqeval_nor_sklearn_nor_keras():
    program = (
        "import sys; from seqlab.corpus.schemes import Scheme; from seqlab.scoring.score import score;"
        "score([['B-X']], [['B-X']], Scheme.IOB2, strict=False);"
        "print([m for m in ('seqeval', 'sklearn', 'keras', 'tensorflow') if m in sys.modules])"
    )
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert result.stdout == "[]\n"


def test_a_scheme_by_name_is_checked():
    gold = [["B-PER", "O"]]
    assert score(gold, gold, "iob2") == score(gold, gold, Scheme.IOB2)
    with pytest.raises(UserError, match="scheme is 'iob': expected one of"):
        score(gold, gold, "iob")


@given(st.lists(st.tuples(plain, plain), min_size=1))
def test_token_figures_equal_those_of_sklearn(tokens):
    gold, predicted = map(list, zip(*tokens, strict=True))
    counts = item_counts(pair_tags([gold], [predicted]), Scheme.PLAIN)
    figures = {name: class_figures(row) for name, row in counts.items()}
    names = sorted(figures)
    reference = precision_recall_fscore_support(gold, predicted, labels=names, zero_division=np.nan)
    for name, precision, recall, f1, support in zip(names, *reference, strict=True):
        ours = figures[name]
        for value, expected in ((ours.precision, precision), (ours.recall, recall), (ours.f1, f1)):
            assert value is None if np.isnan(expected) else value == expected
        assert ours.support == support


def test_tags_without_a_type_are_one_type_without_a_name():
    gold, predicted = [list("OOBIIIIO")], [list("OOBIIBIO")]
    figures = score(gold, predicted, "iob2")
    row = figures.classes["_"]
    assert list(figures.classes) == ["_"]
    assert (row.support, row.predicted, row.correct, row.f1) == (1, 2, 0, 0.0)
    assert figures.micro_f1 == 0.0


@given(st.lists(st.lists(st.tuples(st.sampled_from("BIO"), st.sampled_from("BIO")), min_size=1)))
def test_bare_tags_score_as_in_seqeval(tokens):
    gold, predicted = (
        [[pair[side] for pair in sentence] for sentence in tokens] for side in (0, 1)
    )
    figures = score(gold, predicted, "iob2", strict=False)
    spans = [get_entities(side) for side in (gold, predicted)]
    counts = [len(spans[0]), len(spans[1]), len({*spans[0]} & {*spans[1]})]
    row = figures.classes.get("_")
    assert ([row.support, row.predicted, row.correct] if row else [0, 0, 0]) == counts


def test_the_type_o_is_outside():
    figures = score([["I-PER", "I-O", "B-O"]], [["I-PER", "O", "O"]], "iob1")
    assert list(figures.classes) == ["PER"]
    assert figures.micro_f1 == 1.0


def test_classes_are_a_list():
    with pytest.raises(UserError) as caught:
        score(GOLD, PREDICTED, Scheme.IOB2, classes="PER")
    assert (
        str(caught.value)
        == "classes takes a list of class names, not one string: 'PER'; try .split()"
    )
    listed = score([["B-LOC"]], [["B-LOC"]], Scheme.IOB2, classes=iter(["PER", "LOC"]))
    for summary in (listed, listed.strict):
        assert {name: row.support for name, row in summary.classes.items()} == {"LOC": 1, "PER": 0}


def test_an_evaluation_holds_figures_confusion_and_notes():
    evaluation = evaluate_tags(GOLD, PREDICTED, Scheme.IOB2, notes=iter(["one", "two"]))
    assert evaluation.figures == score(GOLD, PREDICTED, Scheme.IOB2)
    assert evaluation.notes == ("one", "two")
    assert evaluate_tags(GOLD, PREDICTED, Scheme.IOB2).notes == ()
    parts = {"figures": evaluation.figures, "confusion": evaluation.confusion}
    assert Evaluation(**parts).notes == ()
    json = evaluation.to_json()
    assert json.pop("confusion") == {
        "names": ["O", "PER", "LOC", "ORG", "MISC"],
        "counts": [
            [2, 0, 0, 0, 1],
            [0, 3, 0, 0, 0],
            [0, 0, 1, 0, 0],
            [1, 0, 0, 0, 0],
            [0, 0, 0, 0, 0],
        ],
    }
    assert json == evaluation.figures.to_json()
