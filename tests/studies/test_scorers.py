"""Other scorers on a few sequences: every difference has a name."""

import sys
from pathlib import Path

import pytest

from seqlab.corpus.schemes import Scheme

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts" / "studies"))
pytest.importorskip("nervaluate")
pytest.importorskip("seqscore")
import scorers


@pytest.mark.parametrize("scheme", scorers.SCHEMES)
def test_all_libraries_agree_or_the_rule_is_known(scheme):
    pairs = list(scorers.sequences(scheme, 130, seed=3))
    scorers.compare_counts(scheme, pairs)
    assert scorers.compare_semeval(scheme, pairs) == 130
    for library in scorers.LIBRARIES:
        same, differing = scorers.compare(library, scheme, pairs)
        assert same + differing.total() == 260
        assert same == 260 or scheme in (Scheme.IOBES, Scheme.BMES)
        assert same > 0


def test_a_difference_without_a_name_ends_the_script(monkeypatch):
    def other(tags, scheme):
        return ((0, 1, "A"),)

    monkeypatch.setitem(scorers.LIBRARIES, "seqscore", (other, scorers.ours))
    with pytest.raises(
        SystemExit, match=r"^seqscore, iob2: \['O'\] is read as .*, without a reason$"
    ):
        scorers.compare("seqscore", Scheme.IOB2, [(["O"], ["O"])])


def test_half_of_the_predictions_may_be_illegal():
    pairs = list(scorers.sequences(Scheme.IOB2, 200, seed=1))
    assert not any(scorers.illegal(gold, Scheme.IOB2) for gold, _ in pairs)
    wrong = sum(scorers.illegal(predicted, Scheme.IOB2) for _, predicted in pairs)
    assert 30 < wrong < 100
