"""A handful of trainings of different size and shape, from which the cost models are fitted and checked.

Each is a process of its own that trains seqlab's defaults for two epochs on a generated corpus. Points that are
held out are not fitted: they show how far the models can be trusted.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench.generate import Recipe, write
from bench.training import train_apart

FITTED = (
    Recipe(sentences=1000, length=16, vocabulary=1_000, classes=4),
    Recipe(sentences=4000, length=16, vocabulary=1_000, classes=64),
    Recipe(sentences=6000, length=16, vocabulary=200_000, classes=4),
    Recipe(sentences=600, length=64, vocabulary=1_000, classes=16),
    Recipe(sentences=1500, length=32, vocabulary=20_000, classes=64),
    Recipe(sentences=300, length=120, vocabulary=200_000, classes=4),
    Recipe(sentences=5000, length=6, vocabulary=200_000, classes=16),
)
HELD_OUT = (
    Recipe(sentences=2500, length=24, vocabulary=50_000, classes=32),
    Recipe(sentences=4000, length=10, vocabulary=5_000, classes=8),
)


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scaling")
    group.add_argument("--scaling-factor", type=float, default=1.0, help="times the sentences")


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """What each point cost."""
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for recipe in (*FITTED, *HELD_OUT):
            point = measure_point(recipe, options.scaling_factor, Path(folder))
            points.append(point | {"held out": recipe in HELD_OUT})
    return {"sizes": {"points": len(points)}, "figures": {}, "points": points}


def measure_point(recipe: Recipe, factor: float, place: Path) -> dict[str, Any]:
    """One training: its size as counted there, the last epoch's seconds, the others, and peak bytes."""
    sizes = vars(recipe) | {"sentences": max(64, round(recipe.sentences * factor))}
    train = write(Recipe(**sizes), place / "train.conll")
    valid = write(Recipe(**sizes | {"sentences": 64, "seed": 2}), place / "valid.conll")
    process, found = train_apart(train, valid, epochs=2)
    return {
        **{name: found[name] for name in ("tokens", "steps", "words", "parameters")},
        **{name: sizes[name] for name in ("sentences", "length", "classes")},
        "seconds": found["epoch_seconds"],
        "seconds around": process.seconds - found["all_seconds"],
        "bytes": process.peak_bytes,
    }
