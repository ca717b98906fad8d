"""results.html: made from results.json alone, with every figure drawn at its place, and no text that could run."""

import json
import math
import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from seqlab import report
from seqlab.comparing.judging import make_results
from seqlab.comparing.page import comparison_page
from seqlab.comparing.reading_results import read_results
from seqlab.comparing.writing import write_results
from seqlab.errors import RunError
from tests.comparing.hand import finished, gold_tags, guesses, made_up
from tests.comparing.test_results import two_seeds

HOSTILE = "<script>alert(1)</script>"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    plan, cells, failed = made_up()
    results = replace(make_results(plan, cells, failed, resamples=400), command="seqlab compare x")
    out = tmp_path_factory.mktemp("pages") / "made"
    out.mkdir()
    write_results(results, cells, out)
    return results, out


def section(html, name):
    return re.search(rf'<section id="{name}".*?</section>', html, re.DOTALL).group()


def pictures(html):
    return [ET.fromstring(text) for text in re.findall(r"<svg.*?</svg>", html, re.DOTALL)]  # noqa: S314


@pytest.mark.bits("stored")
def test_results_are_read_back_as_they_were_written(written):
    results, out = written
    assert read_results(out / "results.json") == results


def test_the_page_is_made_again_from_its_directory(written):
    _, out = written
    html = (out / "results.html").read_text(encoding="utf-8")
    assert comparison_page(out) == html
    ids = re.findall(r'<section id="(\w+)"', html)
    assert ids == ["verdict", "figures", "classes", "cost", "differences", "settings"]
    assert "<span>compare</span> <span>x</span>" in html
    assert "://" not in html
    assert "default-src 'none'" in html


def test_the_command_report_writes_it_again(written, capsys, tmp_path):
    _, out = written
    before = (out / "results.html").read_bytes()
    (out / "results.html").unlink()
    assert report.main([str(out)]) == 0
    assert (out / "results.html").read_bytes() == before
    assert report.main([str(out), "--out", str(tmp_path / "page.html")]) == 0
    assert (tmp_path / "page.html").read_bytes() == before
    assert "report: " in capsys.readouterr().out


def test_a_forest_plot_has_a_row_for_each_setting_at_its_place(written):
    results, out = written
    html = section(comparison_page(out), "figures")
    table = re.search(r"<h3>macro F1</h3>.*?</table>", html, re.DOTALL).group()
    low, high = map(
        float, re.findall(r'class="ends"><span>(.*?)</span><span>(.*?)</span>', table)[0]
    )
    drawn = pictures(table)
    assert len(drawn) == len(results.settings)
    for picture, setting in zip(drawn, results.settings, strict=True):
        spread = setting.figures["macro_f1"]
        width = float(picture.get("viewBox").split()[2])
        dot = float(picture.find("{*}circle").get("cx"))
        assert dot == pytest.approx(width * (spread.mean - low) / (high - low), abs=1)
        assert len(picture.findall("{*}line[@class='seed']")) == len(spread.values)
        assert f"95 % interval {spread.low:.3f} to {spread.high:.3f}" in picture.get("aria-label")


def test_classes_are_rarest_first_and_lost_ones_are_marked(written):
    results, out = written
    html = section(comparison_page(out), "classes")
    assert re.findall(r"<h3>(\w+)<span>(\d+) gold", html) == [
        ("LOC", "42"),
        ("LAW", "48"),
        ("PER", "75"),
    ]
    assert html.count('<b class="danger">lost 2/2</b>') == 1
    assert html.count("<b>better</b>") == 3
    drawn = pictures(html)
    assert len(drawn) == 3 * len(results.settings)
    highest = max(i[1] for s in results.settings for i in s.class_intervals.values())
    assert f"on an axis from 0 to {min(1, math.ceil(10 * highest) / 10):g}" in html


def test_the_cost_chart_has_a_point_for_each_setting(written):
    results, out = written
    (chart,) = pictures(section(comparison_page(out), "cost"))
    dots = chart.findall("{*}circle")
    assert len(dots) == len(results.settings)
    seconds = [setting.seconds.mean for setting in results.settings]
    x = [float(dot.get("cx")) for dot in dots]
    slopes = [(b - x[0]) / (s - seconds[0]) for b, s in zip(x[1:], seconds[1:], strict=True)]
    assert slopes == pytest.approx([slopes[0]] * 3, rel=0.01)  # seconds are drawn to scale
    heights = [float(dot.get("cy")) for dot in dots]
    means = [setting.figures["macro_f1"].mean for setting in results.settings]
    assert sorted(range(4), key=lambda i: heights[i]) == sorted(range(4), key=lambda i: -means[i])


def test_two_seeds_are_told_the_same_on_the_page(tmp_path):
    write_results(two_seeds(), made_up()[1], tmp_path)
    verdict = section(comparison_page(tmp_path), "verdict")
    assert (
        "focal has the highest macro F1, +0.361 over none, the next best. This is not decided."
        in verdict
    )
    assert (
        "with 2 seeds the mean difference may be anything from -1.000 to 1.000 (p = 0.344)"
        in verdict
    )


def test_a_hostile_class_name_is_text(tmp_path):
    plan, cells, failed = made_up()
    gold = [[tag.replace("PER", HOSTILE) for tag in row] for row in gold_tags()]
    for name in plan.names:
        for seed in cells[name]:
            cells[name][seed] = finished(gold, guesses(gold, right=0.5, seed=seed))
    write_results(make_results(plan, cells, failed, resamples=20), cells, tmp_path)
    html = comparison_page(tmp_path)
    assert HOSTILE not in html
    assert "&lt;script&gt;alert(1)" in html


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "no results of a comparison here"),
        ("{", "not the results of a comparison of this version"),
        ('{"split": "test"}', "not the results of a comparison of this version: 'trained'; run compare again"),
    ],
)  # fmt: skip
def test_a_directory_without_results_is_told(tmp_path, content, message):
    if content is not None:
        (tmp_path / "results.json").write_text(content)
    with pytest.raises(RunError) as error:
        comparison_page(tmp_path)
    assert message in str(error.value)


def test_undefined_figures_have_no_dot(written, tmp_path):
    _, out = written
    content = json.loads((out / "results.json").read_text())
    nothing = {"mean": None, "low": None, "high": None, "values": [], "over_sentences": None}
    content["settings"]["broken"]["macro_f1"] = nothing
    (tmp_path / "results.json").write_text(json.dumps(content))
    table = section(comparison_page(tmp_path), "figures").split("<h3>micro F1</h3>")[0]
    assert [len(picture.findall("{*}circle")) for picture in pictures(table)] == [1, 1, 1, 0]
