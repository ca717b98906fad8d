"""Speed of training and tagging: seqlab's defaults, the classic recipe, and matrix products.

A round of training is one epoch of `seqlab.train_tagger` over the whole corpus, one epoch of the classic recipe over a
part of it, and a few matrix products. The last two run in a separate process (`apart.py`). The first round traces graphs
and is not counted. Tagging is measured on validation and test together. Each round loads the tagger again, so that no
cache of an earlier round helps. Then it tags the same text again, with all words cached.
"""

import argparse
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from bench import apart, inputs
from bench.apart import SIZE, SeparateProcess
from bench.arithmetic import (
    Work,
    batches_work,
    forward_flops,
    text_work,
    token_flops,
    training_flops,
)
from bench.spread import ratios

Figures = dict[str, list[float]]
WARMING = 64  # sentences


def add_options(parser: argparse.ArgumentParser) -> None:
    group = parser.add_argument_group("speed")
    group.add_argument("--classic-sentences", type=int, default=640,
                       help="sentences in an epoch of the classic recipe (default %(default)s)")  # fmt: skip
    group.add_argument("--product-size", type=int, default=SIZE,
                       help="rows and columns of the multiplied matrices (default %(default)s)")  # fmt: skip


def measure(options: argparse.Namespace) -> dict[str, Any]:
    """Tokens per second in training and tagging, and their ratios."""
    from seqlab import load_splits, read_corpus, train_tagger
    from seqlab.modeling.quiet_import import import_tensorflow

    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        files = inputs.corpus_files(options.corpus, options, folder)
        splits = load_splits(**files)
        sentences = [*read_corpus(files["train"])]
        rival = stack.enter_context(
            SeparateProcess(sentences, text_of(splits), sample=options.classic_sentences)
        )
        import_tensorflow()
        classic_rounds: Figures = {"classic": [], "rate": []}
        run = train_tagger(
            files["train"],
            valid=files["valid"],
            out=Path(folder) / "run",
            epochs=options.rounds + 1,
            patience=options.rounds + 1,
            callbacks=[between_epochs(rival, classic_rounds, options)],
        )
        tagging = tag_rounds(run.path, rival, text_of(splits), sentences[:WARMING], options)
        shape = run.tagger.architecture
        work = training_work(files)
    training = training_figures(run.history, classic_rounds)
    tagged = text_work((s.tokens for s in text_of(splits)), max_chars=shape.max_chars)
    training |= fractions(training, training_flops(shape, work) / work.tokens)
    tagging |= fractions(tagging, forward_flops(shape, tagged) / tagged.tokens)
    seen = [speed * token_flops(shape) for speed in tagging["seqlab again"]]
    tagging["fraction again"] = ratios(seen, tagging["rate"])
    return {
        "sizes": {
            "corpus": inputs.title(options.corpus, options),
            "training tokens": work.tokens,
            "tagged tokens": tagged.tokens,
            "training flops a token": training_flops(shape, work) / work.tokens,
            "tagging flops a token": forward_flops(shape, tagged) / tagged.tokens,
        },
        "figures": {f"training {name}": values for name, values in training.items()}
        | {f"tagging {name}": values for name, values in tagging.items()},
    }


def between_epochs(rival: SeparateProcess, rounds: Figures, options: argparse.Namespace) -> Any:
    """A Keras callback that runs the classic recipe and the matrix products after each epoch."""
    import keras

    class Turn(keras.callbacks.Callback):
        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            rounds["classic"].append(rival.call(apart.train))
            rounds["rate"].append(rival.call(apart.product_rate, options.product_size))

    return Turn()


def training_figures(history: Any, rounds: Figures) -> Figures:
    """The figures of the epochs after the first."""
    figures = {name: values[1:] for name, values in rounds.items()}
    epochs = history[1:]
    figures["seqlab"] = [record.train_tokens_per_second for record in epochs]
    figures["evaluation share"] = [record.evaluation_seconds / record.seconds for record in epochs]
    return figures


def training_work(files: inputs.Files) -> Work:
    """The work of one epoch, with the batches of `python -m seqlab.train`."""
    from seqlab.experiment.build import make_task
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log
    from seqlab.settings.training import TrainSettings

    settings = TrainSettings(train=files["train"], valid=files["valid"])
    task = make_task(prepare(settings, Log(lambda text: None, None)))
    batches = task.train.epoch(seed=settings.seed, number=1)
    return batches_work(task.train.corpus, batches, max_chars=settings.max_chars)


def tag_rounds(
    run: Any,
    rival: SeparateProcess,
    sentences: list[Any],
    warming: list[Any],
    options: argparse.Namespace,
) -> Figures:
    """Tokens per second of tagging, and the rate of matrix products, for each round."""
    figures: Figures = {"seqlab": [], "seqlab again": [], "classic": [], "rate": []}
    for _ in range(options.rounds):
        first, again = tagging_speeds(run, sentences, warming)
        figures["seqlab"].append(first)
        figures["seqlab again"].append(again)
        figures["classic"].append(rival.call(apart.tag))
        figures["rate"].append(rival.call(apart.product_rate, options.product_size))
    return figures


def tagging_speeds(run: Any, sentences: Any, warming: Any) -> tuple[float, float]:
    """Real tokens per second of a newly loaded tagger, then of the same text again."""
    import seqlab

    tagger = seqlab.load(run)
    list(tagger.predict(warming))
    return tagging_speed(tagger, sentences), tagging_speed(tagger, sentences)


def tagging_speed(tagger: Any, sentences: Any) -> float:
    """Real tokens per second."""
    start = time.perf_counter()
    tagged = sum(len(prediction.tags) for prediction in tagger.predict(sentences))
    return tagged / (time.perf_counter() - start)


def text_of(splits: Any) -> list[Any]:
    """The text to tag: sentences of validation and test."""
    return [*splits.valid, *(splits.test or ())]


def fractions(figures: Figures, flops: float) -> Figures:
    """The ratio of seqlab to the classic recipe, and useful arithmetic as a share of the matrix-product rate.

    flops: useful operations per token.
    """
    useful = [speed * flops for speed in figures["seqlab"]]
    return {
        "ratio": ratios(figures["seqlab"], figures["classic"]),
        "fraction": ratios(useful, figures["rate"]),
    }
