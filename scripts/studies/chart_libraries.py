"""What ten small charts weigh on a page that needs no network: Altair, Plotly, and seqlab's own SVG.

Usage: pip install altair vl-convert-python plotly; python scripts/studies/chart_libraries.py
Prints a row for each library: bytes of the page, of it gzipped, and whether its script has `Function(…)`, which
compiles text as `eval` does and which a strict content security policy forbids.
"""

import gzip
import random
import tempfile
from pathlib import Path

from markupsafe import Markup

from seqlab.reporting.epoch_chart import EpochLines, epoch_chart
from seqlab.reporting.shell import Section, page_of

CHARTS, EPOCHS = 10, 30


def curves() -> list[list[float]]:
    """Ten lines of thirty values."""
    dice = random.Random(1)  # noqa: S311, no secret
    return [[dice.random() for _ in range(EPOCHS)] for _ in range(CHARTS)]


def own_page() -> str:
    """The charts on a page of seqlab."""
    charts = [
        epoch_chart(EpochLines(label="F1", figures=[("line", line)], epochs=EPOCHS))
        for line in curves()
    ]
    body = Markup("".join(charts))  # noqa: S704, our own charts
    section = Section(id="epochs", short="Epochs", heading="F1", body=body)
    return page_of([section], title="charts", facts=[])


def altair_page() -> str:
    """The charts as one Altair chart, with the scripts of Vega inside the page."""
    import altair
    import pandas

    rows = [
        {"epoch": epoch, "f1": value, "name": f"class {index}"}
        for index, line in enumerate(curves())
        for epoch, value in enumerate(line, 1)
    ]
    chart = altair.Chart(pandas.DataFrame(rows)).mark_line().encode(x="epoch", y="f1", facet="name")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "page.html"
        chart.save(path, inline=True)
        return path.read_text("utf-8")


def plotly_page() -> str:
    """The charts as subplots of Plotly, with its script inside the page."""
    from plotly.subplots import make_subplots

    figure = make_subplots(rows=2, cols=5)
    for index, line in enumerate(curves()):
        figure.add_scatter(y=line, row=1 + index // 5, col=1 + index % 5)
    return str(figure.to_html(include_plotlyjs=True))


def main() -> None:
    print(f"{'library':<10} {'bytes':>10} {'gzipped':>10}  Function()")
    for name, make in (("own SVG", own_page), ("Altair", altair_page), ("Plotly", plotly_page)):
        try:
            page = make()
        except ImportError as error:
            print(f"{name:<10} not measured: {error}")
            continue
        evals = "yes" if "Function(" in page else "no"
        print(
            f"{name:<10} {len(page.encode()):>10,} {len(gzip.compress(page.encode())):>10,}  {evals}"
        )


if __name__ == "__main__":
    main()
