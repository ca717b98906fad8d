"""Trainings of different sizes and shapes, to fit and check the cost models.

Each training runs in a separate process on a generated corpus. `COMPUTE` trains seqlab's defaults for two epochs and
shows the cost of an epoch. `DATA` has ten times the tokens and a minimal network, and shows the cost of reading,
encoding and holding a corpus. Models are not fitted to held-out recipes: these show the error of the prediction.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench.generate import Recipe, write
from bench.training import train_apart

COMPUTE = (
    Recipe(sentences=1000, length=16, vocabulary=1_000, classes=4),
    Recipe(sentences=4000, length=16, vocabulary=1_000, classes=64),
    Recipe(sentences=6000, length=16, vocabulary=200_000, classes=4),
    Recipe(sentences=600, length=64, vocabulary=1_000, classes=16),
    Recipe(sentences=1500, length=32, vocabulary=20_000, classes=64),
    Recipe(sentences=300, length=120, vocabulary=200_000, classes=4),
    Recipe(sentences=5000, length=6, vocabulary=200_000, classes=16),
)
COMPUTE_HELD_OUT = (
    Recipe(sentences=2500, length=24, vocabulary=50_000, classes=32),
    Recipe(sentences=4000, length=10, vocabulary=5_000, classes=8),
)
DATA = (
    Recipe(sentences=10_000, length=16, vocabulary=2_000),
    Recipe(sentences=80_000, length=16, vocabulary=2_000),
    Recipe(sentences=10_000, length=16, vocabulary=300_000),
    Recipe(sentences=40_000, length=24, vocabulary=300_000),
)
DATA_HELD_OUT = (Recipe(sentences=50_000, length=12, vocabulary=100_000),)
KINDS: dict[str, tuple[tuple[Recipe, ...], tuple[Recipe, ...], dict[str, Any]]] = {
    "compute": (COMPUTE, COMPUTE_HELD_OUT, {"epochs": 2}),
    "data": (
        DATA,
        DATA_HELD_OUT,
        {"epochs": 1, "char_encoder": "none", "hidden_units": 8, "batch_sentences": 256},
    ),
}


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("scaling")
    group.add_argument("--scaling-factor", type=float, default=1.0,
                       help="multiplies the number of sentences (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """The cost of each training."""
    points = []
    with tempfile.TemporaryDirectory() as folder:
        for kind, (fitted, held_out, settings) in KINDS.items():
            for recipe in (*fitted, *held_out):
                point = measure_point(recipe, options.scaling_factor, Path(folder), settings)
                points.append(point | {"kind": kind, "held out": recipe in held_out})
    return {"sizes": {"points": len(points)}, "figures": {}, "points": points}


def measure_point(
    recipe: Recipe, factor: float, folder: Path, settings: dict[str, Any]
) -> dict[str, Any]:
    """Run one training. Returns its size, the seconds of the last epoch and of everything else, and peak bytes."""
    sizes = vars(recipe) | {"sentences": max(64, round(recipe.sentences * factor))}
    train = write(Recipe(**sizes), folder / "train.conll")
    valid = write(Recipe(**sizes | {"sentences": 64, "seed": 2}), folder / "valid.conll")
    process, size = train_apart(train, valid, **settings)
    return {
        **{name: size[name] for name in ("tokens", "steps", "words", "parameters")},
        **{name: sizes[name] for name in ("sentences", "length", "classes")},
        "seconds": size["epoch_seconds"],
        "seconds around": process.seconds - size["all_seconds"],
        "bytes": process.peak_bytes,
    }
