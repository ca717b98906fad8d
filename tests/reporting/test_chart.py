from xml.etree import ElementTree

from seqlab.reporting.chart import IntervalRow, interval_chart


def test_an_interval_chart_by_hand():
    rows = [
        IntervalRow(values=[0.4, 0.6], mean=0.5, low=0.1, high=0.9),
        IntervalRow(values=[], mean=None, low=None, high=None),
    ]
    svg = interval_chart(["a<b", "x" * 40], {"F1": rows}, label="F1", reference=0)
    root = ElementTree.fromstring(svg)  # noqa: S314, our own text
    texts = [element.text for element in root if element.tag.endswith("text")]
    assert texts[:3] == ["a<b", "x" * 25 + "…", "F1"]
    # The axis goes from 0.4 - 0.1 to 0.6 + 0.1, where the interval is cut off.
    assert texts[3:] == ["0.30", "0.40", "0.50", "0.60", "0.70"]
    circles = [element.get("cx") for element in root if element.tag.endswith("circle")]
    assert circles == ["265.0", "415.0", "340.0"]
    (interval,) = [e.get("d") for e in root if "H" in (e.get("d") or "")]
    assert interval == "M190.0 47.0H490.0"
