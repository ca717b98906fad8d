"""The choice of the best epoch: every selection, ties, and errors before training."""

import pytest

from seqlab.errors import SettingsError
from seqlab.scoring.figures import Figures, ItemCounts, summarise
from seqlab.training.checkpoint_selection import check_selection, checkpoint_rank, selected_figure


def figures(**sums):
    """Figures of classes given as (correct, predicted, support)."""
    summary = summarise({name: ItemCounts(*counts) for name, counts in sums.items()})
    return Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=None,
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=None,
    )


STRONG_A = figures(A=(9, 10, 10), B=(0, 0, 2))  # F1 0.9 and 0: macro 0.45, micro 18/22
EVEN = figures(A=(5, 10, 10), B=(1, 2, 2))  # F1 0.5 and 0.5: macro 0.5, micro 12/24


def better(select, one, other, one_loss=1.0, other_loss=1.0):
    return checkpoint_rank(select, one, one_loss) > checkpoint_rank(select, other, other_loss)


@pytest.mark.parametrize(
    ("select", "strong_a", "even"),
    [
        ("macro_f1", 0.45, 0.5),
        ("micro_f1", 18 / 22, 0.5),
        ("min_f1", 0.0, 0.5),
        ("f1:A", 0.9, 0.5),
        ("f1:B", 0.0, 0.5),
    ],
)
def test_each_selection_reads_its_figure(select, strong_a, even):
    assert selected_figure(select, STRONG_A, 1.0) == pytest.approx(strong_a)
    assert selected_figure(select, EVEN, 1.0) == pytest.approx(even)
    assert better(select, STRONG_A, EVEN) == (strong_a > even)
    assert better(select, EVEN, STRONG_A) == (even > strong_a)


def test_the_lower_loss_is_the_better_one():
    assert selected_figure("valid_loss", EVEN, 0.25) == 0.25
    assert better("valid_loss", STRONG_A, EVEN, 0.2, 0.3)
    assert not better("valid_loss", EVEN, STRONG_A, 0.3, 0.2)
    assert not better("valid_loss", EVEN, STRONG_A, 0.2, 0.2)  # F1 breaks no tie of losses


def test_ties_go_to_macro_f1_and_then_to_the_lower_loss():
    rare_at_0 = figures(A=(5, 10, 10), B=(0, 0, 2))
    assert better("f1:B", STRONG_A, rare_at_0)  # B is 0 in both, A is better
    assert better("min_f1", STRONG_A, rare_at_0)
    assert better("macro_f1", EVEN, EVEN, 0.2, 0.3)
    assert not better("macro_f1", EVEN, EVEN, 0.3, 0.2)
    assert not better("macro_f1", EVEN, EVEN)  # no better than itself


def test_the_loss_never_outweighs_the_figure():
    assert better("macro_f1", EVEN, STRONG_A, 99.0, 0.01)


def test_undefined_figures_rank_last():
    nothing = figures(A=(0, 0, 0))
    for select in ("macro_f1", "micro_f1", "min_f1", "f1:A", "f1:UNHEARD"):
        assert selected_figure(select, nothing, 1.0) is None
        assert not better(select, nothing, figures(A=(0, 9, 9)), 0.1, 9.0)
    for undefined in (None, float("nan")):
        assert better("valid_loss", EVEN, EVEN, 1e9, undefined)
        assert not better("valid_loss", EVEN, EVEN, undefined, 1e9)
        assert better("macro_f1", EVEN, EVEN, 1e9, undefined)


def test_valid_selections_are_accepted():
    for select in ("macro_f1", "micro_f1", "min_f1", "valid_loss", "f1:PER"):
        check_selection(select, ["PER", "LOC"], ["PER"])
    check_selection("valid_loss", [], [])


def test_an_unknown_class_is_an_error_with_its_nearest():
    with pytest.raises(SettingsError) as caught:
        check_selection("f1:PRE", ["PER", "LOC"], ["PER", "LOC"])
    assert str(caught.value) == (
        "select is 'f1:PRE': expected one of f1:PER, f1:LOC; nearest: 'PER'"
    )
    with pytest.raises(SettingsError, match=r"'f1:zzz': expected one of f1:PER, f1:LOC$"):
        check_selection("f1:zzz", ["PER", "LOC"], ["PER", "LOC"])


@pytest.mark.parametrize(("select", "supported"), [("f1:LOC", ["PER"]), ("macro_f1", [])])
def test_a_figure_that_is_never_defined_is_an_error(select, supported):
    with pytest.raises(SettingsError) as caught:
        check_selection(select, ["PER", "LOC"], supported)
    assert str(caught.value) == (
        f"select is {select!r}, but the validation split has no gold for it; "
        "give more validation data, or select by valid_loss"
    )
