"""The cost of the CRF: a training step with the CRF against one with the softmax.

Measured on WNUT-17 and on a generated corpus with many tags. Epochs of the two alternate.
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
    group = parser.add_argument_group("chain")
    group.add_argument("--chain-corpus", choices=inputs.TITLES, default="wnut17")
    group.add_argument("--many-tags", type=int, default=120)
    group.add_argument("--many-tags-sentences", type=int, default=2000)


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Milliseconds per step with each output layer, and their ratio, for each round."""
    from seqlab.modeling.quiet_import import import_tensorflow

    import_tensorflow()
    figures: dict[str, list[float]] = {}
    tags: dict[str, int] = {}
    with tempfile.TemporaryDirectory() as place:
        corpora = {
            "few": inputs.corpus_files(options.chain_corpus, options, place),
            "many": many_tags(Path(place), options),
        }
        for name, files in corpora.items():
            found, tags[f"{name} tags"] = under_both(files, options.rounds)
            figures |= {f"{name} {head}": values for head, values in found.items()}
            figures[f"{name} ratio"] = ratios(found["crf"], found["softmax"])
    return {
        "sizes": {"corpus": inputs.title(options.chain_corpus, options), **tags},
        "figures": figures,
    }


def many_tags(place: Path, options: argparse.Namespace) -> inputs.Files:
    """A generated corpus of plain tags."""
    sizes = {"train": options.many_tags_sentences, "valid": 64}
    return {
        split: write(
            Recipe(sentences=size, vocabulary=5000, classes=options.many_tags, seed=seed),
            place / f"tags-{split}.conll",
        )
        for seed, (split, size) in enumerate(sizes.items(), 1)
    }


def under_both(files: inputs.Files, rounds: int) -> tuple[dict[str, list[float]], int]:
    """Milliseconds per step with each output layer, for each round; and the number of tags."""
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log
    from seqlab.settings.training import TrainSettings

    found: dict[str, list[float]] = {head: [] for head in HEADS}
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
            found[head].append(1000 * next(training)[0])
    return found, len(prepared.encoder.tags.symbols)
