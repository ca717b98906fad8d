"""Class weightings side by side on one corpus, by `seqlab.compare_settings`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlab import compare_settings
from seqlab.comparing.markdown import class_f1_table, overview


def compare_weightings(
    files: Mapping[str, str], weightings: Sequence[str], *, out: Path, seeds: int, epochs: int
) -> None:
    """Train each weighting under each seed, and print the figures and those of every class."""
    found = compare_settings(
        {name: {"class_weights": name} for name in weightings},
        **files,
        out=out,
        seeds=seeds,
        epochs=epochs,
        say=print,
    )
    print(
        f"\n{overview(found.results)}\n\n{class_f1_table(found.results)}\n\nmore: {out}/results.md"
    )
