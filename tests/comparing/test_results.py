import csv
import dataclasses
import errno
import json
import math
import os
import xml.etree.ElementTree as ET
from pathlib import Path
from statistics import stdev

import pytest
from scipy import stats

from seqlab.comparing.bootstrap import Resampled
from seqlab.comparing.intervals import Spread
from seqlab.comparing.judging import make_results
from seqlab.comparing.markdown import results_markdown
from seqlab.comparing.plan import make_plan
from seqlab.comparing.results import SettingDifference
from seqlab.comparing.wording import best_bet_text
from seqlab.comparing.writing import write_results
from seqlab.errors import RunError
from seqlab.training.epoch_record import EndReason
from tests.comparing.hand import finished, gold_tags, guesses, made_up

GOLDEN = Path(__file__).parents[1] / "golden" / "compare-results.md"


def results():
    plan, cells, failed = made_up()
    return make_results(plan, cells, failed, resamples=400)


def test_the_page_is_the_golden_one():
    found = results_markdown(results())
    if os.environ.get("SEQLAB_WRITE_GOLDEN"):
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(found, encoding="utf-8")
    assert found == GOLDEN.read_text(encoding="utf-8")


def test_verdicts_of_a_twin_and_of_a_better_setting():
    by_name = {found.name: found for found in results().settings}
    assert by_name["none"].differences == {}
    assert {d.verdict for d in by_name["twin"].differences.values()} == {"not distinguishable"}
    assert {d.verdict for d in by_name["better-one"].differences.values()} == {"better"}
    assert by_name["broken"].lost == {"LAW": 2}
    assert by_name["broken"].seeds == (1, 3)


@pytest.mark.parametrize(
    ("p", "low", "high", "mean", "verdict"),
    [
        (0.05, 0.1, 0.2, 0.15, "not distinguishable"),
        (0.01, -0.1, 0.2, 0.05, "seeds disagree"),
        (0.01, None, None, 0.05, "seeds disagree"),
        (0.01, 0.1, 0.2, 0.15, "better"),
        (0.01, -0.2, -0.1, -0.15, "worse"),
        (0.01, None, None, None, "not distinguishable"),
    ],
)
def test_a_verdict_asks_sentences_and_seeds(p, low, high, mean, verdict):
    seeds = Spread(values=(), mean=mean, low=low, high=high)
    found = SettingDifference(seeds=seeds, sentences=Resampled(low=0, high=0, p=p), corrected=p)
    assert found.verdict == verdict


def test_the_four_files(tmp_path):
    plan, cells, failed = made_up()
    found = make_results(plan, cells, failed, resamples=50)
    write_results(found, cells, tmp_path)
    text = (tmp_path / "results.csv").read_text(encoding="utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    assert [(row["setting"], row["seed"]) for row in rows[-2:]] == [
        ("broken", "1"),
        ("broken", "3"),
    ]
    assert rows[-1]["f1:LAW"] == "0.0"
    read = json.loads((tmp_path / "results.json").read_text())
    mean = sum(float(row["macro_f1"]) for row in rows[:3]) / 3
    assert read["settings"]["none"]["macro_f1"]["mean"] == pytest.approx(mean)
    assert read["settings"]["broken"]["failed"] == {"2": "select is 'f1:NO | NE'"}
    root = ET.parse(tmp_path / "results.svg").getroot()  # noqa: S314
    assert root.tag.endswith("svg")


def test_a_file_that_cannot_be_written_leaves_that_of_an_earlier_start(tmp_path, monkeypatch):
    plan, cells, failed = made_up()
    found = make_results(plan, cells, failed, resamples=50)
    write_results(found, cells, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def half(path, text, **options):
        path.write_bytes(text[: len(text) // 2].encode())
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", half)
    with pytest.raises(OSError, match="No space left"):
        write_results(found, cells, tmp_path)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_figures_of_different_gold_are_refused():
    plan, cells, failed = made_up()
    other = gold_tags(61)
    cells["twin"][1] = finished(other, guesses(other, right=0.5, seed=1))
    with pytest.raises(RunError, match=r"seed 1: 'none' and 'twin' were scored on different gold"):
        make_results(plan, cells, failed, resamples=5)


def test_seeds_with_splits_of_their_own_are_told():
    plan, cells, failed = made_up()
    other = gold_tags(61)
    for name in plan.names:
        cells[name][2] = finished(other, guesses(other, right=0.5, seed=1))
    found = make_results(plan, cells, failed, resamples=5)
    assert not found.same_sentences
    assert "separately for each seed" in results_markdown(found)


def test_without_a_finished_cell_the_first_reason_is_told():
    plan, _, _ = made_up()
    with pytest.raises(RunError, match="no training finished; the first one failed: it broke"):
        make_results(plan, {}, {"twin": {1: "it broke"}}, resamples=5)


def test_without_the_baseline_nothing_is_held_against_it():
    plan, cells, failed = made_up()
    del cells["none"]
    found = make_results(plan, cells, failed, resamples=5)
    assert all(not one.differences for one in found.settings)
    assert "## Verdicts" not in results_markdown(found)


def cautious(**changes):
    found = dataclasses.replace(results(), **changes)
    return results_markdown(found).split("\n\n| setting")[0].split("\n\n")[2:]


def test_the_page_says_what_bends_the_figures():
    assert cautious() == []
    (line,) = cautious(shared={"train": "a.conll", "resample": "none"})
    assert line == "All share `train = 'a.conll'`, `resample = 'none'`."
    (line,) = cautious(split="valid")
    assert "chose the epoch of every training" in line
    (line,) = cautious(same_sentences=False)
    assert "Each seed splits the corpus anew" in line
    (line,) = cautious(out_of_time=3)
    assert line.startswith("3 of 11 trainings ended because")


def test_cells_that_ran_out_of_time_are_counted():
    plan, cells, failed = made_up()
    late = dataclasses.replace(cells["twin"][1], end_reason=EndReason.MAX_SECONDS)
    cells["twin"][1] = late
    found = make_results(plan, cells, failed, resamples=50)
    assert found.out_of_time == found.to_json()["out_of_time"] == 1


def test_shared_settings_are_those_that_are_not_the_defaults():
    common = {"train": "a.conll", "epochs": 50, "resample": "none", "seed": 1}
    plan = make_plan({"a": {}, "b": {"class_weights": "log"}}, common, seeds=[1, 2])
    assert plan.shared == {"train": "a.conll", "resample": "none"}


def two_seeds():
    """The case of a comparison with two seeds: networks differ a lot, and seeds differ as much."""
    plan = make_plan({"none": {}, "focal": {"loss": "focal"}}, {}, seeds=2)
    gold = gold_tags(200)
    share = {("none", 1): 0.2, ("none", 2): 0.4, ("focal", 1): 0.9, ("focal", 2): 0.5}
    cells = {name: {} for name in plan.names}
    for (name, seed), right in share.items():
        cells[name][seed] = finished(gold, guesses(gold, right=right, seed=seed))
    return make_results(plan, cells, {}, resamples=2000)


def test_two_seeds_that_disagree_are_told_without_contradiction():
    found = two_seeds()
    difference = found.settings[1].differences["macro_f1"]
    assert difference.verdict == "seeds disagree"
    assert difference.sentences.p < 0.01
    assert difference.seeds_p > 0.05
    assert (difference.seeds.low, difference.seeds.high) == (-1.0, 1.0)
    for setting in found.settings:
        assert all(0 <= each.low <= each.high <= 1 for each in setting.figures.values())
    text = results_markdown(found)
    assert (
        "- `focal`: macro F1 is not distinguishable from `none`: these networks differ (+0.361, p = 0.002), "
        "but with 2 seeds the mean difference may be anything from -1.000 to 1.000 (p = 0.344)."
    ) in text
    assert "## Best setting\n\n`focal` has the highest macro F1, +0.361 over `none`, the next best. This is not decided. "
    assert found.best.seeds == 8


def test_the_best_setting_says_what_would_decide_it():
    plan = make_plan({"none": {}, "twin": {"loss": "focal"}}, {}, seeds=[1, 2, 3])
    gold = gold_tags(100)
    cells = {
        name: {s: finished(gold, guesses(gold, right=right, seed=s + start)) for s in plan.seeds}
        for name, right, start in (("none", 0.6, 0), ("twin", 0.62, 50))
    }
    best = make_results(plan, cells, {}, resamples=400).best
    difference = best.difference
    deviation = stdev(difference.seeds.values)
    needed = next(n for n in range(2, 101) if detects(n, best.difference.seeds.mean / deviation))
    assert best.seeds == needed
    error = (difference.sentences.high - difference.sentences.low) / (2 * stats.norm.ppf(0.975))
    factor = ((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error / difference.seeds.mean) ** 2
    assert best.sentences == math.ceil(100 * factor)
    text = best_bet_text(best, sentences=100)
    assert text.startswith(f"`{best.name}` has the highest macro F1, +0.0")
    assert f"about {needed} seeds decide it ({needed - 3} more than now)" in text
    assert (
        f"A difference of this size needs about {best.sentences:,} test sentences (now 100)."
        in text
    )


def detects(seeds, effect):
    """Whether a paired t-test of these seeds finds the effect in 80 % of cases."""
    critical = stats.t.ppf(0.975, seeds - 1)
    return stats.nct.sf(critical, seeds - 1, effect * math.sqrt(seeds)) >= 0.8 - 1e-6
