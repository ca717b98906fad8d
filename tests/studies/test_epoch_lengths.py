"""The page on the lengths of epochs: its figures by hand."""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "studies"


@pytest.fixture
def study(monkeypatch):
    monkeypatch.syspath_prepend(str(FOLDER))
    yield importlib.import_module("epoch_lengths")
    for path in FOLDER.glob("*.py"):
        sys.modules.pop(path.stem, None)


def test_lengths_and_shares_by_hand(study):
    """400 tokens: 2 of class 0 (w = 7.64 bits), all in the first of two sentences.

    scr: sqrt(1 + 2 * 7.64) = 4.04, so 5 copies; class 1 has 3.32 bits: sqrt(1 + 40 * 3.32) = 11.6, so 12 copies.
    auto: sqrt(8 / 2) = 2 copies of the first sentence.
    """
    found = list(study.cells(np.array([[2, 0], [0, 40]]), np.array([100, 300])))
    assert found == ["2", "8.50", "1.50", "0.500 %", "0.244 %", "0.800 %"]


def test_one_row_per_corpus(study):
    page = study.page({"a": (np.array([[30], [0]]), np.array([50, 50]))})
    assert page.endswith("\n| a | 2 | 4.50 | 1.00 | 30.000 % | 53.333 % | 30.000 % |\n")
