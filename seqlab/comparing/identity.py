"""The identity of the cells of a comparison, and how a finished cell differs from the wanted one.

A finished cell is kept while its identity is that of the plan. A cell that differs is refused; with `overwrite` it is
trained again.
"""

from collections.abc import Iterable

from seqlab.comparing.plan import Cell
from seqlab.experiment.identity import Identity, identity


def identities(cells: Iterable[Cell]) -> dict[Cell, Identity]:
    """The identity of every cell. A file that several cells use is read once."""
    known: dict[str, str] = {}
    return {cell: identity(cell.settings, known) for cell in cells}


def difference(made: Identity, wanted: Identity) -> str | None:
    """The first difference between a finished cell and the wanted one, in words; None if there is none."""
    for part in ("settings", "sha256"):
        before, now = made.get(part, {}), wanted[part]
        for key in {**before, **now}:
            if before.get(key) != now.get(key):
                if part == "sha256":
                    return f"the file of {key} has changed"
                return f"{key} was {before.get(key)!r} and is {now.get(key)!r}"
    return None
