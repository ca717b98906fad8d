"""A figure that stands alone: shown in notebooks, written as SVG or PNG."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path

from seqlab.errors import RunError, SettingsError
from seqlab.machine.terminal import visible
from seqlab.reporting.svg import number, text

NAMESPACE = "http://www.w3.org/2000/svg"
TEMPLATES = Path(__file__).parent / "templates" / "style"
PANEL, GAP, HEAD, EDGE = (
    260.0,
    28.0,
    30.0,
    20.0,
)  # width of a panel, distance, space for its title, margin
COLUMNS = 3
ZOOM = 2.0  # pixels of a PNG per unit


@dataclass(frozen=True)
class Figure:
    """A picture. svg: the whole SVG file, in the colours of the light page."""

    svg: str

    def _repr_svg_(self) -> str:
        """What notebooks show."""
        return self.svg

    def save(self, path: str | Path) -> Path:
        """Write the figure as SVG or PNG, by the ending of the path. Returns the path.

        PNG needs the extra `plot`. Raises UserError for another ending, without the extra, and for a path that cannot be
        written.
        """
        target = Path(path)
        if target.suffix not in (".svg", ".png"):
            raise SettingsError(f"{target}: a figure is written as .svg or .png")
        content = self.svg.encode() if target.suffix == ".svg" else png_bytes(self.svg)
        try:
            target.write_bytes(content)
        except OSError as error:
            raise RunError(f"{target}: cannot be written: {error.strerror or error}") from error
        return target


def png_bytes(svg: str) -> bytes:
    """The figure as PNG."""
    try:
        import resvg_py
    except ImportError as error:
        raise SettingsError(
            "PNG needs an extra: pip install 'seqlab[plot]'; SVG needs none"
        ) from error
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, zoom=ZOOM, background="#ffffff"))


def figure_of(panels: Sequence[tuple[str, str]], *, title: str, columns: int = COLUMNS) -> Figure:
    """A figure of panels in a grid. panels: the title and the SVG of each one."""
    columns = max(1, min(columns, len(panels)))
    sizes = [size_of(svg) for _, svg in panels]
    widest = max((width for width, _ in sizes), default=PANEL)
    tallest = max((height for _, height in sizes), default=0.0) + HEAD
    parts = []
    for index, ((name, svg), (width, height)) in enumerate(zip(panels, sizes, strict=True)):
        x = EDGE + index % columns * (widest + GAP)
        y = EDGE + 26 + index // columns * (tallest + GAP / 2)
        parts.append(text(name, x, y + 14, class_="strong title"))
        parts.append(placed(svg, x, y + HEAD, width, height))
    rows = -(-len(panels) // columns)
    width = 2 * EDGE + columns * (widest + GAP) - GAP
    height = 2 * EDGE + 26 + rows * (tallest + GAP / 2)
    head = text(title, EDGE, EDGE + 12, class_="strong heading", most=90)
    label = escape(visible(title))
    return Figure(
        f'<svg xmlns="{NAMESPACE}" viewBox="0 0 {number(width)} {number(height)}" width="{number(width)}" '
        f'height="{number(height)}" role="img" aria-label="{label}"><style>{standalone_style()}</style>'
        f'<rect width="100%" height="100%" fill="#ffffff"/>{head}{"".join(parts)}</svg>\n'
    )


def size_of(svg: str) -> tuple[float, float]:
    """The width and height of a picture."""
    _, _, width, height = re.findall(r'viewBox="([^"]*)"', svg)[0].split()
    return float(width), float(height)


def placed(svg: str, x: float, y: float, width: float, height: float) -> str:
    """A picture at a position within another one."""
    place = f'x="{number(x)}" y="{number(y)}" width="{number(width)}" height="{number(height)}" overflow="visible"'
    return svg.replace("<svg", f"<svg {place}", 1)


@cache
def standalone_style() -> str:
    """The rules of the page's style sheet about charts, with the colours of the light page in place of variables."""
    colours = dict(
        re.findall(
            r"(--[\w-]+): ([^;]+);",
            (TEMPLATES / "1-base.css").read_text("utf-8").split("@media")[0],
        )
    )
    rules = re.findall(
        r"^svg[^\n]*\}$", (TEMPLATES / "2-charts.css").read_text("utf-8"), re.MULTILINE
    )
    css = "".join(rules).replace(
        "svg { display: block; width: 100%; height: auto; overflow: visible; }", ""
    )
    css += "svg .title { font-size: 12px; } svg .heading { font-size: 15px; }"
    return re.sub(r"var\((--[\w-]+)\)", lambda name: colours[name[1]], css).replace('"', "'")
