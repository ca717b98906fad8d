"""The page of scripts/studies/smaller.py, from figures made up by hand."""

import importlib
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"


@pytest.fixture
def page(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("smaller_page")
    sys.modules.pop("smaller_page", None)


def measured(after, size):
    return {
        "files": size,
        "zip": size / 2,
        "wheel": size,
        "first_pass": 1000.4,
        "second_pass": 2000.0,
        "tokens": 50,
        "changed": 1,
        "gold": {"PER": 9, "LAW": 2},
        "before": {"PER": 0.5, "LAW": 0.25, "macro F1": 0.375, "micro F1": 0.4},
        "after": after,
    }


def test_the_tables(page):
    same = {"PER": 0.5, "LAW": 0.25, "macro F1": 0.375, "micro F1": 0.4}
    results = {
        seed: {
            "float32": measured(same, 4e6),
            "int8": measured(same | {"LAW": law, "macro F1": None}, 1e6),
        }
        for seed, law in (("1", 0.35), ("2", 0.2))
    }
    assert page.sizes(results).splitlines() == [
        "|  | files | zip | wheel | tokens/s, first pass | second pass | other tags |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        "| float32 | 4.00 MB | 2.00 MB | 4.00 MB | 1,000 | 2,000 | 2.00% |",
        "| int8 | 1.00 MB | 0.50 MB | 1.00 MB | 1,000 | 2,000 | 2.00% |",
    ]
    assert page.costs(results).splitlines()[2:] == [
        "| LAW | 2 | 0.250 | +0.025 (-0.050 to +0.100) |",
        "| PER | 9 | 0.500 | 0 |",
        "| macro F1 |  | 0.375 | – |",
        "| micro F1 |  | 0.400 | 0 |",
    ]
    text = page.page_text({"EWT": results})
    assert "seeds 1, 2." in text
    assert "\n## EWT\n\n|  | files |" in text
