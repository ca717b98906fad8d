"""The cost of the CRF: a training step with the CRF against one with the softmax.

Measured on WNUT-17 and on a generated corpus with many tags. Epochs with CRF and with softmax alternate.
"""

import argparse
import tempfile
from pathlib import Path
from typing import Any

from bench import inputs
from bench.epochs import WARMING, step_times
from bench.generate import Recipe, write
from bench.spread import ratios

HEADS = ("softmax", "crf")


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("crf")
    group.add_argument("--crf-corpus", choices=inputs.TITLES, default="wnut17",
                       help="corpus with few tags (default %(default)s)")  # fmt: skip
    group.add_argument("--many-tags", type=int, default=120,
                       help="tags of the generated corpus (default %(default)s)")  # fmt: skip
    group.add_argument("--many-tags-sentences", type=int, default=2000,
                       help="training sentences of the generated corpus (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds per step with each output layer, and their ratio, for each round."""
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    figures: dict[str, list[float]] = {}
    tags: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as folder:
        corpora = {
            "few": inputs.corpus_files(options.crf_corpus, options, folder),
            "many": many_tags(Path(folder), options),
        }
        for name, files in corpora.items():
            times, tags[f"{name} tags"] = time_both(files, options.rounds)
            figures |= {f"{name} {head}": values for head, values in times.items()}
            figures[f"{name} ratio"] = ratios(times["crf"], times["softmax"])
    return {
        "sizes": {"corpus": inputs.title(options.crf_corpus, options), **tags},
        "figures": figures,
    }


def many_tags(folder: Path, options: argparse.Namespace) -> inputs.Files:
    """Write a generated corpus with many plain tags."""
    sizes = {"train": options.many_tags_sentences, "valid": 64}
    return {
        split: write(
            Recipe(sentences=size, vocabulary=5000, classes=options.many_tags, seed=seed),
            folder / f"tags-{split}.conll",
        )
        for seed, (split, size) in enumerate(sizes.items(), 1)
    }


def time_both(files: inputs.Files, rounds: int) -> tuple[dict[str, list[float]], int]:
    """Milliseconds per step with each output layer, for each round; and the number of tags."""
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log
    from seqlab.settings.training import TrainSettings

    times: dict[str, list[float]] = {head: [] for head in HEADS}
    trainings = {}
    for head in HEADS:
        settings = TrainSettings(
            train=files["train"], valid=files["valid"], head=head, epochs=rounds + WARMING
        )
        prepared = prepare(settings, Log(lambda text: None, None))
        trainings[head] = step_times(prepared, rounds + WARMING)
    for training in [*trainings.values()] * WARMING:
        next(training)
    for _ in range(rounds):
        for head, training in trainings.items():
            times[head].append(1000 * next(training)[0])
    return times, len(prepared.encoder.tags.symbols)
