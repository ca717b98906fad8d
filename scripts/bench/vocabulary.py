"""The time of a training step with a large trainable word table, against a small one.

Both train on the same generated sentences. The large table has rows for many more words, and the rows of the
occurring words are scattered in it. Epochs of the two alternate in one process; the first `WARMING` epochs of each are
not counted (see `epochs.py`). Deferred rows are updated at the end of an epoch or after some thousand steps. This is
measured separately, together with the evaluation of a small validation split.
"""

import argparse
import random
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from bench.epochs import WARMING, step_times
from bench.generate import Recipe, spelling, write
from bench.spread import ratios


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("vocabulary")
    group.add_argument("--small-vocabulary", type=int, default=10_000,
                       help="words of the small table (default %(default)s)")  # fmt: skip
    group.add_argument("--large-vocabulary", type=int, default=1_000_000,
                       help="words of the large table (default %(default)s)")  # fmt: skip
    group.add_argument("--vocabulary-sentences", type=int, default=512,
                       help="sentences in an epoch (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds per step with each table, and their ratio, for each round."""
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    sizes = {"small": options.small_vocabulary, "large": options.large_vocabulary}
    figures: dict[str, list[float]] = {name: [] for name in (*sizes, "small end", "large end")}
    with tempfile.TemporaryDirectory() as folder:
        prepared = prepare_small(Path(folder), options)
        trainings = {
            name: step_times(with_words(prepared, size), options.rounds + WARMING)
            for name, size in sizes.items()
        }
        for training in [*trainings.values()] * WARMING:
            next(training)
        for _ in range(options.rounds):
            for name, training in trainings.items():
                step, end = next(training)
                figures[name].append(1000 * step)
                figures[f"{name} end"].append(1000 * end)
    figures["ratio"] = ratios(figures["large"], figures["small"])
    return {
        "sizes": {f"{name} vocabulary": size for name, size in sizes.items()},
        "figures": figures,
    }


def prepare_small(folder: Path, options: argparse.Namespace) -> Any:
    """A generated corpus with the small vocabulary, prepared as by `python -m seqlab.train`."""
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log
    from seqlab.settings.training import TrainSettings

    recipe = Recipe(sentences=options.vocabulary_sentences, vocabulary=options.small_vocabulary)
    train = write(recipe, folder / "train.conll")
    valid = write(replace(recipe, sentences=32, seed=2), folder / "valid.conll")
    settings = TrainSettings(
        train=train, valid=valid, epochs=options.rounds + WARMING, batch_sentences=32
    )
    settings = replace(settings, patience=settings.epochs)
    return prepare(settings, Log(lambda text: None, None))


def with_words(prepared: Any, size: int) -> Any:
    """The same corpus with a vocabulary of `size` words, in an order independent of their rank."""
    from seqlab.encoding.vocabulary import Vocabulary

    words = [spelling(rank) for rank in range(size)]
    random.Random(1).shuffle(words)  # noqa: S311 - no secret
    encoder = replace(prepared.encoder, words=Vocabulary(tuple(words)))
    train = encoder.encode(prepared.splits.train)
    windows = train.windows(prepared.settings.max_tokens)
    return replace(prepared, encoder=encoder, train=train, windows=windows)
