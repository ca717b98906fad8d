"""'I gave weights to fit. The accuracy did not change, but val_loss did. What do weights affect?'

A network with learning rate 0 runs through Keras' `fit` with weights of 0, 1 and random weights, so every change comes
from the weights. Then the script makes the calls that go wrong on sequences, and shows what Keras and seqlab do.

Keras' documentation (https://keras.io/api/models/model_training_apis/, `compile` and `fit`) says in short:
`class_weight` and `sample_weight` weight the loss during training only. `metrics` are never weighted.
`weighted_metrics` are weighted in training and in testing. Validation weights are the third part of `validation_data`.
It does not say whether they affect `val_loss`, but for `evaluate` it says that `sample_weight` weights the loss. It says
that `class_weight` takes one-hot labels.

In seqlab: `seqlab.temporal_weights` (classes, sentences and tokens in one matrix), `seqlab.check_sample_weight` (a
one-line error instead of Keras' errors), `seqlab.keras_loss` (divides by the sum of the weights).

    python scripts/questions/what_do_weights_touch.py [--sentences N] [--tokens N] [--seed N]
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from numpy.typing import NDArray
from options import parse

from seqlab.errors import UserError, shorten
from seqlab.reporting.table import text_table
from seqlab.weighting.sample_weight import check_sample_weight
from seqlab.weighting.temporal import temporal_weights

FIGURES = ("loss", "metric", "weighted", "val_loss", "val_metric", "val_weighted")
"""What `fit` reports: loss, accuracy in `metrics`, accuracy in `weighted_metrics`; the same on validation."""

TRAINED = {"loss", "weighted"}
TESTED = {"val_loss", "val_weighted"}
DOCUMENTED = {"class_weight": TRAINED, "sample_weight": TRAINED, "validation weights": TESTED}
"""The figures that change according to the documentation, for each argument that takes weights."""

CLASSES = 4
NOTABLE = 1e-5  # a smaller change counts as none

Array = NDArray[np.float32]
Logs = dict[str, float]


@dataclass(frozen=True, kw_only=True)
class Toy:
    """Random inputs and labels for training and validation.

    words: int32 (N, T). labels: float32 (N, T, C), one-hot, no padding.
    """

    words: NDArray[np.int32]
    labels: Array
    valid_words: NDArray[np.int32]
    valid_labels: Array

    @property
    def ids(self) -> NDArray[np.int64]:
        """int64 (N, T), the class of each token."""
        return self.labels.argmax(axis=-1)


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One call of `fit`.

    argument: the argument that took the weights. values: '0', '1' or 'random'. logs: what `fit` reported.
    changed: the figures that differ from those without weights.
    """

    argument: str
    values: str
    logs: Logs
    changed: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class WrongCall:
    """A call of `fit` that goes wrong on sequences.

    keras: Keras' error, or 'no error' and what it did. silent: Keras gives no error.
    seqlab: seqlab's result or error for the same purpose. right: it is the intended one.
    """

    call: str
    keras: str
    silent: bool
    seqlab: str
    right: bool


def make_toy(sentences: int, tokens: int, seed: int) -> Toy:
    """Draw random words and labels."""
    random = np.random.default_rng(seed)

    def draw() -> tuple[NDArray[np.int32], Array]:
        words = random.integers(1, 20, (sentences, tokens)).astype(np.int32)
        return words, np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, words.shape)]

    (words, labels), (valid_words, valid_labels) = draw(), draw()
    return Toy(words=words, labels=labels, valid_words=valid_words, valid_labels=valid_labels)


def frozen_network(seed: int) -> keras.Model:
    """Build a network from words int32 (B, T) to probabilities (B, T, C); it sees no context."""
    keras.utils.set_random_seed(seed)
    words = keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(20, 8)(words)
    scores = keras.layers.Dense(CLASSES, activation="softmax")(hidden)
    return compiled(keras.Model(words, scores), "categorical")


def token_by_token(network: keras.Model) -> keras.Model:
    """The same network for a single token: words int32 (B, 1) to probabilities (B, C)."""
    words = keras.Input((1,), dtype="int32")
    return compiled(keras.Model(words, keras.layers.Flatten()(network(words))), "categorical")


def compiled(network: keras.Model, labels: str) -> keras.Model:
    """Compile with Keras' own loss and learning rate 0, so that nothing is learnt.

    labels: 'categorical' for one-hot labels, 'sparse_categorical' for class ids.
    """
    network.compile(
        keras.optimizers.SGD(0.0),
        loss=f"{labels}_crossentropy",
        metrics=[accuracy(labels, "metric")],
        weighted_metrics=[accuracy(labels, "weighted")],
    )
    return network


def accuracy(labels: str, name: str) -> keras.metrics.Metric:
    """Keras' accuracy for one-hot labels or for class ids."""
    if labels == "categorical":
        return keras.metrics.CategoricalAccuracy(name=name)
    return keras.metrics.SparseCategoricalAccuracy(name=name)


def fit_once(
    network: keras.Model, toy: Toy, *, valid_weights: Array | None = None, **options: Any
) -> Logs:
    """Run one epoch of `fit`. A network for single tokens gets the sequences token by token."""
    single = len(network.output_shape) == 2
    words, labels = ((-1, 1), (-1, CLASSES)) if single else (toy.words.shape, toy.labels.shape)
    validation = (toy.valid_words.reshape(words), toy.valid_labels.reshape(labels))
    history = network.fit(
        toy.words.reshape(words),
        toy.labels.reshape(labels),
        validation_data=validation if valid_weights is None else (*validation, valid_weights),
        batch_size=32 * (toy.words.shape[1] if single else 1),
        shuffle=False,
        verbose=0,
        **options,
    )
    return first_epoch(history)


def first_epoch(history: keras.callbacks.History) -> Logs:
    """The logs of the only epoch."""
    return {name: float(values[0]) for name, values in history.history.items()}


def make_weights(values: str, shape: tuple[int, ...], seed: int) -> Array:
    """Weights of 0, of 1, or random ones between 0.1 and 3."""
    if values == "random":
        return np.random.default_rng(seed + 1).uniform(0.1, 3, shape).astype(np.float32)
    return np.full(shape, float(values), np.float32)


def trials(toy: Toy, *, seed: int) -> tuple[Logs, list[Trial]]:
    """Run `fit` without weights, and with each kind of weights in each argument.

    `class_weight` does not accept sequences (see `wrong_calls`), so here every token is a sample.
    """
    network = frozen_network(seed)
    single = token_by_token(network)
    plain = fit_once(network, toy)
    results = []
    for values in ("0", "1", "random"):
        per_class = dict(enumerate(make_weights(values, (CLASSES,), seed).tolist()))
        by_token = make_weights(values, toy.words.shape, seed)
        logs = {
            "class_weight": fit_once(single, toy, class_weight=per_class),
            "sample_weight": fit_once(network, toy, sample_weight=by_token),
            "validation weights": fit_once(network, toy, valid_weights=by_token),
        }
        results += [
            Trial(argument=argument, values=values, logs=log, changed=changed(plain, log))
            for argument, log in logs.items()
        ]
    return plain, results


def changed(plain: Logs, log: Logs) -> frozenset[str]:
    """The figures that differ from those without weights."""
    return frozenset(name for name in FIGURES if abs(plain[name] - log[name]) > NOTABLE)


def wrong_calls(toy: Toy, *, seed: int) -> list[WrongCall]:
    """Make the calls that go wrong on sequences, and seqlab's replacements."""
    network = frozen_network(seed)
    per_class = np.arange(1, CLASSES + 1, dtype=np.float32)
    as_dict = dict(enumerate(per_class.tolist()))
    by_token = np.full(toy.words.shape, 2, np.float32)
    by_sentence = np.arange(1, len(toy.words) + 1, dtype=np.float32)
    expected = per_class[toy.ids]
    classes = computed(toy, per_class, expected)
    both = computed(toy, per_class, expected * 2, token_weights=by_token)
    sentences = computed(
        toy, np.ones(CLASSES), 0 * expected + by_sentence[:, None], sentence_weights=by_sentence
    )
    short = by_token[:, :-1]

    def keras_reply(**weights: Any) -> str:
        return error_of(lambda: fit_once(network, toy, **weights))[0] or "no error"

    def wrong_call(call: str, reply: str, own: tuple[str, bool]) -> WrongCall:
        silent = reply.startswith("no error")
        return WrongCall(call=call, keras=reply, silent=silent, seqlab=own[0], right=own[1])

    ids = class_weight_of_ids(toy, per_class, seed=seed, batch=toy.words.shape[1] + 1)
    square = class_weight_of_ids(toy, per_class, seed=seed, batch=toy.words.shape[1])
    return [
        wrong_call("class_weight, one-hot (N, T, C)", keras_reply(class_weight=as_dict), classes),
        wrong_call("class_weight, ids (N, T)", ids, classes),
        wrong_call("class_weight, ids (N, T), T sentences per batch", square, classes),
        wrong_call(
            "class_weight and sample_weight",
            keras_reply(class_weight=as_dict, sample_weight=by_token),
            both,
        ),
        wrong_call(
            "sample_weight (N,), one per sentence",
            keras_reply(sample_weight=by_sentence),
            sentences,
        ),
        wrong_call(
            "sample_weight (C,), one per class",
            keras_reply(sample_weight=per_class),
            error_of(lambda: check_sample_weight(per_class, toy.labels)),
        ),
        wrong_call(
            "sample_weight (N, T - 1)",
            keras_reply(sample_weight=short),
            error_of(lambda: check_sample_weight(short, toy.labels)),
        ),
    ]


def error_of(call: Callable[[], Any]) -> tuple[str, bool]:
    """The call's error as one line, and whether it is seqlab's; ('', False) without an error."""
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}", isinstance(
            error, UserError
        )
    return "", False


def computed(toy: Toy, per_class: Any, expected: Array, **more: Any) -> tuple[str, bool]:
    """Describe how many of the weights of `temporal_weights` are the intended ones. expected: (N, T)."""
    weights = temporal_weights(toy.labels, per_class, normalise=False, **more)
    right = int((weights == expected).sum())
    named = "".join(f", {name}=…" for name in more)
    text = (
        f"temporal_weights(labels, class_weights{named}): right on {right} of {weights.size} tokens"
    )
    return text, right == weights.size


def class_weight_of_ids(toy: Toy, per_class: Array, *, seed: int, batch: int) -> str:
    """What Keras does with class ids (N, T): its error, or the weighting that explains its loss.

    batch: number of sentences, all in one batch.
    """
    words, ids = toy.words[:batch], toy.ids[:batch]
    network = compiled(frozen_network(seed), "sparse_categorical")
    options = {"class_weight": dict(enumerate(per_class.tolist())), "batch_size": batch}
    logs: Logs = {}

    def fit() -> None:
        history = network.fit(words, ids, shuffle=False, verbose=0, **options)
        logs.update(first_epoch(history))

    error, _ = error_of(fit)
    if error:
        return error
    scores = network.predict_on_batch(words)
    losses = -np.log(np.take_along_axis(scores, ids[..., None], axis=2))[..., 0]
    columns = ids.argmax(axis=1)  # Keras mistakes the time axis for the class axis
    by_column = np.array([per_class[c] if c < CLASSES else 1 for c in columns])
    weightings = {
        "every token by its class": per_class[ids],
        "argmax over time, one weight per sentence": by_column[:, None],
        "argmax over time, the weight of sentence t on token t of all": by_column[None, :],
    }
    for weighting, weights in weightings.items():
        if abs((losses * weights).mean() - logs["loss"]) < 1e-4 * logs["loss"]:
            return f"no error: {weighting} (loss {logs['loss']:.4f})"
    return f"no error: unknown weighting (loss {logs['loss']:.4f})"


def summary(results: list[Trial]) -> dict[str, set[str]]:
    """For each argument, the figures that weights other than 1 change."""
    out: dict[str, set[str]] = {trial.argument: set() for trial in results}
    for trial in results:
        if trial.values != "1":
            out[trial.argument] |= trial.changed
    return out


def conclusion(
    measured: Mapping[str, set[str]], failures: list[WrongCall], version: str
) -> list[str]:
    """Two lines computed from the figures."""
    different = [
        f"{argument} changed {named(measured[argument])}; documented: {named(documented)}"
        for argument, documented in DOCUMENTED.items()
        if measured[argument] != documented
    ]
    agreement = f"differs from its documentation ({'. '.join(different)})"
    agreement = agreement if different else "behaves as documented"
    reach = "do" if "val_loss" in measured["validation weights"] else "do not"
    train = "" if measured["sample_weight"] & {"val_loss", "val_weighted"} else " not"
    silent = [failure.call for failure in failures if failure.silent]
    errors = sum(not failure.silent for failure in failures)
    right = sum(failure.right for failure in failures)
    return [
        f"Keras {version} {agreement}. Training weights do{train} affect validation figures. "
        f"Validation weights {reach} affect val_loss.",
        f"On sequences Keras rejects {errors} of {len(failures)} calls and silently accepts "
        f"{len(silent)}{' (' + ', '.join(silent) + ')' if silent else ''}. seqlab gives the right "
        f"weights or a one-line error in {right}.",
    ]


def named(figures: set[str]) -> str:
    """The names of some figures in the order of the table, or 'nothing'."""
    return ", ".join(name for name in FIGURES if name in figures) or "nothing"


def tables(plain: Logs, results: list[Trial]) -> str:
    """The figures of every trial; a star marks those that changed."""
    rows = [["none", "", *(f"{plain[name]:.4f} " for name in FIGURES)]]
    rows += [
        [
            trial.argument,
            trial.values,
            *(f"{trial.logs[n]:.4f}{'*' if n in trial.changed else ' '}" for n in FIGURES),
        ]
        for trial in results
    ]
    return text_table(["weights in", "values", *FIGURES], rows, indent=0)


def main() -> None:
    options = parse(__doc__, sentences=96, tokens=12, seed=1)
    toy = make_toy(options.sentences, options.tokens, options.seed)
    plain, results = trials(toy, seed=options.seed)
    print(tables(plain, results), "* changed by the weights", sep="\n", end="\n\n")
    measured = summary(results)
    rows = [[name, named(DOCUMENTED[name]), named(names)] for name, names in measured.items()]
    print(text_table(["weights in", "documented", "changed"], rows, indent=0), end="\n\n")
    failures = wrong_calls(toy, seed=options.seed)
    for failure in failures:
        print(
            f"{failure.call}\n  Keras:  {shorten(failure.keras, 110)}\n  seqlab: {failure.seqlab}"
        )
    print("", *conclusion(measured, failures, keras.version()), sep="\n")


if __name__ == "__main__":
    main()
