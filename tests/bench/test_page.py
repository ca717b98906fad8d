import json
import os
from pathlib import Path

from bench.page import page

from tests.bench.hand import MACHINE, results

GOLDEN = Path(__file__).parents[1] / "golden" / "benchmarks.md"


def test_the_page_is_the_golden_one():
    # As `run.py` reads it: through JSON.
    found = page(json.loads(json.dumps(results())))
    if os.environ.get("SEQLAB_WRITE_GOLDEN"):
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_goals_are_met_or_missed():
    lines = page(results()).splitlines()

    def line(start):
        return next(line for line in lines if line.startswith(f"| {start}"))

    assert line("training tokens/s, seqlab's defaults").endswith(
        "| at least 10 | 11.0 (10.0 to 12.0) | met |"
    )
    assert line("tagging tokens/s, seqlab : classic").endswith("| 12.0 (10.0 to 14.0) | missed |")
    assert line("training tokens/s, seqlab : the fastest peer").endswith(
        "| 4.62 (3.80 to 4.80) | met |"
    )
    assert line("peak memory of training").endswith(
        "| 2.00 | missed, at 20,000 and 200,000 sentences |"
    )


def test_peers_on_another_corpus_are_not_compared():
    found = results()
    found["parts"]["peers"]["sizes"]["corpus"] = "WNUT-17"
    assert (
        "| tagging tokens/s, seqlab : the fastest peer | at least 2 | – | not measured |"
        in page(found)
    )


def test_a_page_without_results():
    found = page({"machine": MACHINE, "parts": {}})
    assert found.count("not measured |") == 20
    assert "The trainings for the cost models were not run (part `scaling`)." in found
