"""Peak memory as data grows: training on a larger file, tagging a longer pipe.

The networks are small and train for one epoch, so most time and memory goes to the data. The generated vocabulary is
far larger than any cache.
"""

import argparse
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.child import environment
from bench.child import measure as measure_child
from bench.generate import Recipe, text_of_size, write
from bench.spread import ratios
from bench.startup import small_run
from bench.training import train_apart

TINY = {"char_encoder": "none", "word_dim": 8, "hidden_units": 8}
MEGABYTE = 1_000_000


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("growth")
    group.add_argument("--growth-sentences", type=int, nargs=2, default=(20_000, 200_000),
                       metavar=("SMALL", "LARGE"), help="training sentences (default 20000 200000)")  # fmt: skip
    group.add_argument("--growth-batch", type=int, default=256,
                       help="sentences per batch (default %(default)s)")  # fmt: skip
    group.add_argument("--growth-set", action="append", default=[], metavar="NAME=VALUE",
                       help="further setting of the training, in TOML syntax; may be repeated")  # fmt: skip
    group.add_argument("--pipe-megabytes", type=float, nargs=2, default=(1.0, 10.0),
                       metavar=("SMALL", "LARGE"), help="size of the tagged text (default 1 10)")  # fmt: skip
    group.add_argument("--growth-vocabulary", type=int, default=1_000_000,
                       help="distinct words of the generated corpora (default %(default)s)")  # fmt: skip
    group.add_argument("--growth-rounds", type=int, default=1,
                       help="rounds of this part (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Peak bytes for each size, and the cost of one more sentence and one more megabyte."""
    names = ("training small", "training large", "pipe small", "pipe large", "pipe seconds")
    figures: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        run = small_run(folder, 1000, **TINY)
        for _ in range(options.growth_rounds):
            for name, count in zip(names[:2], options.growth_sentences, strict=True):
                figures[name].append(training_peak(folder, count, options))
            for name, size in zip(names[2:4], options.pipe_megabytes, strict=True):
                cost = tag_pipe(run, int(size * MEGABYTE), options.growth_vocabulary)
                figures[name].append(cost.peak_bytes)
            figures["pipe seconds"].append(cost.seconds)
    few, many = options.growth_sentences
    figures["training ratio"] = ratios(figures["training large"], figures["training small"])
    figures["pipe ratio"] = ratios(figures["pipe large"], figures["pipe small"])
    figures["bytes a sentence"] = [
        (large - small) / (many - few)
        for small, large in zip(figures["training small"], figures["training large"], strict=True)
    ]
    sizes = {
        "sentences": list(options.growth_sentences),
        "megabytes": list(options.pipe_megabytes),
        "vocabulary": options.growth_vocabulary,
        "settings": settings_text(settings_of(options)),
    }
    return {"sizes": sizes, "figures": figures}


def training_peak(folder: Path, sentences: int, options: argparse.Namespace) -> int:
    """Peak bytes of one epoch over a generated file with this many sentences."""
    vocabulary = options.growth_vocabulary
    train = write(Recipe(sentences=sentences, vocabulary=vocabulary), folder / "train.conll")
    valid = write(Recipe(sentences=500, vocabulary=vocabulary, seed=2), folder / "valid.conll")
    cost, _ = train_apart(train, valid, **settings_of(options))
    return cost.peak_bytes


def settings_of(options: argparse.Namespace) -> dict[str, Any]:
    """The settings of the training."""
    settings = {**TINY, "epochs": 1, "batch_sentences": options.growth_batch}
    return settings | dict(map(setting, options.growth_set))


def settings_text(settings: Mapping[str, Any]) -> str:
    """Settings as text; files and folders by name only.

    >>> settings_text({"epochs": 1, "cache": "/data/cache"})
    'epochs=1, cache=cache'
    """
    return ", ".join(f"{name}={Path(str(value)).name}" for name, value in settings.items())


def setting(text: str) -> tuple[str, Any]:
    """Parse a setting from the command line; its value is in TOML syntax.

    >>> setting("batch-tokens=4096")
    ('batch_tokens', 4096)
    """
    import tomllib

    name, _, value = text.partition("=")
    return name.replace("-", "_"), tomllib.loads(f"value = {value}")["value"]


def tag_pipe(run: str, size: int, vocabulary: int) -> Any:
    """Run `python -m seqlab.tag RUN` with this many bytes of generated text on its standard input."""
    text = text_of_size(Recipe(sentences=0, vocabulary=vocabulary, seed=3), size)
    command = [sys.executable, "-m", "seqlab.tag", run, "--tokenized"]
    return measure_child(command, stdin=text, environment=environment())
