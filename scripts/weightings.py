"""Compare class weightings on one corpus with `seqlab.compare_settings`."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from seqlab import compare_settings
from seqlab.comparing.markdown import class_f1_table, overview


def compare_weightings(
    files: Mapping[str, str], weightings: Sequence[str], *, out: Path, seeds: int, epochs: int
) -> None:
    """Train each weighting with each seed; print overall figures and the F1 of every class."""
    results = compare_settings(
        {name: {"class_weights": name} for name in weightings},
        **files,
        out=out,
        seeds=seeds,
        epochs=epochs,
        say=print,
    ).results
    print(f"\n{overview(results)}\n\n{class_f1_table(results)}\n\nmore: {out}/results.md")
