"""Rules from counts: the gains are read from the page of remedies, and each rule is made without the judged corpus."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"
PAGE = """\
## Macro F1 minus that of `none`

|  | a | b |
| --- | ---: | ---: |
| `none` (baseline) | 0.339 | 0.444 |
| `resample-scr` | +0.100 ▲ | – |
| `sqrt-inverse` | -0.020 ▼ | +0.060 |
| `balanced-cap10` | +0.000 | +0.000 |
| `o-third` | +0.000 | +0.000 |

## Micro F1 minus that of `none`

|  | a | b |
| --- | ---: | ---: |
| `none` (baseline) | 0.427 | 0.760 |
| `resample-scr` | +0.020 | – |
| `sqrt-inverse` | -0.040 | +0.020 |
| `balanced-cap10` | +0.000 | +0.000 |
| `o-third` | +0.000 | +0.000 |

## Classes lost
"""


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("remedy_rule")
    for path in FOLDER.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_gains_are_means_of_macro_and_micro(study):
    gains = study.gains_of(PAGE)
    assert gains["none"] == {"a": 0.0, "b": 0.0}
    assert gains["resample-scr"] == pytest.approx({"a": 0.06, "b": 0.0})
    assert gains["sqrt-inverse"] == pytest.approx({"a": -0.03, "b": 0.04})


def test_the_gains_of_the_published_page_are_read(study):
    gains = study.gains_of((study.DOCS / "imbalance.md").read_text(encoding="utf-8"))
    assert gains["resample-scr"]["crossner_science"] == pytest.approx((0.051 + 0.037) / 2)
    assert gains["resample-scr"]["ud_english_ewt"] == 0
    assert gains["balanced-cap10"]["wnut17"] == pytest.approx((0.039 + 0.066) / 2)


def test_a_rule_is_judged_on_a_corpus_that_it_has_not_seen(study):
    """On a and b copies help below 5 sentences, weights above. On c the opposite holds."""
    gains = {name: dict.fromkeys("abc", 0.0) for name in study.REMEDIES}
    gains["resample-scr"] = {"a": 0.1, "b": -0.1, "c": 0.05}
    gains["sqrt-inverse"] = {"a": -0.1, "b": 0.1, "c": -0.2}
    counts = {"a": {"sentences": 1.0}, "b": {"sentences": 9.0}, "c": {"sentences": 8.0}}
    rows = {row[0]: row[1:] for row in study.left_out(gains, counts)}
    assert rows["c"] == [
        "resample-scr if sentences < 5, else sqrt-inverse",
        "-0.200",
        "none: +0.000",
        "resample-scr: +0.050",
    ]
    # Without b, copies are best everywhere; without a, copies below 8.5 and weights above.
    assert rows["b"][:2] == ["always resample-scr", "-0.100"]
    assert rows["a"][:2] == ["resample-scr if sentences < 8.5, else sqrt-inverse", "+0.100"]
    assert rows["mean"] == ["", "-0.067", "-0.033", "+0.083"]  # none for a and c
    assert "gains no more than one remedy for all: -0.067 against -0.033." in study.page(
        gains, counts
    )
