"""'I gave fit weights. The accuracy did not change, but val_loss did. What do weights affect?'

A network that cannot learn is run through Keras' `fit` with weights of 0, 1 and random: every change
comes from the weights. Then the calls that go wrong on sequences: what Keras does, what seqlab does.

Keras' documentation (https://keras.io/api/models/model_training_apis/, `compile` and `fit`) says, in
short: `class_weight` and `sample_weight` weigh the loss, during training only; what is in `metrics` is
never weighted; what is in `weighted_metrics` is weighted in training and in testing. Validation weights
go in as the third part of `validation_data`; whether they reach `val_loss` is not said there, though
`evaluate` says that its `sample_weight` weighs the loss. `class_weight` is said to take one-hot labels.

In seqlab: `seqlab.temporal_weights` (classes, sentences, tokens in one matrix), `seqlab.check_sample_weight`
(one clear line instead of Keras' errors), `seqlab.keras_loss` (divides by the sum of the weights).

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
"""What `fit` reports: a loss, an accuracy in `metrics`, one in `weighted_metrics`; the same of validation."""

TRAINED = {"loss", "weighted"}
TESTED = {"val_loss", "val_weighted"}
DOCUMENTED = {"class_weight": TRAINED, "sample_weight": TRAINED, "validation weights": TESTED}
"""What moves as the documentation is read above, by who is weighted."""

CLASSES = 4
MOVED = 1e-5

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
    """One call of `fit`. who: the weighted split. values: 0, 1 or random. logs: what `fit` reported."""

    who: str
    values: str
    logs: Logs
    moved: frozenset[str]


@dataclass(frozen=True, kw_only=True)
class Mishap:
    """A call that goes wrong: its name, Keras' answer, seqlab's answer, and whether that is the expected one."""

    call: str
    keras: str
    silent: bool
    seqlab: str
    right: bool


def make_toy(sentences: int, tokens: int, seed: int) -> Toy:
    """Random words and labels."""
    random = np.random.default_rng(seed)

    def draw() -> tuple[NDArray[np.int32], Array]:
        words = random.integers(1, 20, (sentences, tokens)).astype(np.int32)
        return words, np.eye(CLASSES, dtype=np.float32)[random.integers(0, CLASSES, words.shape)]

    (words, labels), (valid_words, valid_labels) = draw(), draw()
    return Toy(words=words, labels=labels, valid_words=valid_words, valid_labels=valid_labels)


def frozen_network(seed: int) -> keras.Model:
    """Words int32 (B, T) to probabilities (B, T, C), by word alone."""
    keras.utils.set_random_seed(seed)
    words = keras.Input((None,), dtype="int32")
    hidden = keras.layers.Embedding(20, 8)(words)
    scores = keras.layers.Dense(CLASSES, activation="softmax")(hidden)
    return compiled(keras.Model(words, scores), "categorical")


def token_by_token(network: keras.Model) -> keras.Model:
    """The same network for a single token: words int32 (B, 1) to probabilities (B, C)."""
    words = keras.Input((1,), dtype="int32")
    return compiled(keras.Model(words, keras.layers.Flatten()(network(words))), "categorical")


def compiled(network: keras.Model, kind: str) -> keras.Model:
    """Compile with Keras' own loss and learning rate 0: nothing is learnt.

    kind: 'categorical' for one-hot labels, 'sparse_categorical' for class ids.
    """
    network.compile(
        keras.optimizers.SGD(0.0),
        loss=f"{kind}_crossentropy",
        metrics=[accuracy(kind, "metric")],
        weighted_metrics=[accuracy(kind, "weighted")],
    )
    return network


def accuracy(kind: str, name: str) -> keras.metrics.Metric:
    """Keras' accuracy for this kind of labels."""
    if kind == "categorical":
        return keras.metrics.CategoricalAccuracy(name=name)
    return keras.metrics.SparseCategoricalAccuracy(name=name)


def fit_once(
    network: keras.Model, toy: Toy, *, valid_weights: Array | None = None, **options: Any
) -> Logs:
    """One epoch of `fit` on sequences; a network of one token at a time gets them token by token."""
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


def weights_of(kind: str, shape: tuple[int, ...], seed: int) -> Array:
    """Weights of 0, of 1, or drawn between 0.1 and 3."""
    if kind == "random":
        return np.random.default_rng(seed + 1).uniform(0.1, 3, shape).astype(np.float32)
    return np.full(shape, float(kind), np.float32)


def trials(toy: Toy, *, seed: int) -> tuple[Logs, list[Trial]]:
    """The figures without weights, and with each kind of weights on each split.

    `class_weight` does not accept sequences (see `mishaps`), so here every token is a sample.
    """
    network = frozen_network(seed)
    single = token_by_token(network)
    plain = fit_once(network, toy)
    found = []
    for values in ("0", "1", "random"):
        per_class = dict(enumerate(weights_of(values, (CLASSES,), seed).tolist()))
        by_token = weights_of(values, toy.words.shape, seed)
        logs = {
            "class_weight": fit_once(single, toy, class_weight=per_class),
            "sample_weight": fit_once(network, toy, sample_weight=by_token),
            "validation weights": fit_once(network, toy, valid_weights=by_token),
        }
        found += [
            Trial(who=who, values=values, logs=log, moved=moved(plain, log))
            for who, log in logs.items()
        ]
    return plain, found


def moved(plain: Logs, log: Logs) -> frozenset[str]:
    """The figures that differ from those without weights."""
    return frozenset(name for name in FIGURES if abs(plain[name] - log[name]) > MOVED)


def mishaps(toy: Toy, *, seed: int) -> list[Mishap]:
    """The calls on sequences that go wrong, and seqlab's replacement."""
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

    def keras_says(**weights: Any) -> str:
        return answer(lambda: fit_once(network, toy, **weights))[0] or "no error"

    def mishap(call: str, said: str, own: tuple[str, bool]) -> Mishap:
        return Mishap(
            call=call, keras=said, silent=said.startswith("no error"), seqlab=own[0], right=own[1]
        )

    ids = class_weight_of_ids(toy, per_class, seed=seed, batch=toy.words.shape[1] + 1)
    square = class_weight_of_ids(toy, per_class, seed=seed, batch=toy.words.shape[1])
    return [
        mishap("class_weight, one-hot (N, T, C)", keras_says(class_weight=as_dict), classes),
        mishap("class_weight, ids (N, T)", ids, classes),
        mishap("class_weight, ids (N, T), T sentences a batch", square, classes),
        mishap(
            "class_weight and sample_weight",
            keras_says(class_weight=as_dict, sample_weight=by_token),
            both,
        ),
        mishap(
            "sample_weight (N,), one a sentence", keras_says(sample_weight=by_sentence), sentences
        ),
        mishap(
            "sample_weight (C,), one a class",
            keras_says(sample_weight=per_class),
            answer(lambda: check_sample_weight(per_class, toy.labels)),
        ),
        mishap(
            "sample_weight (N, T - 1)",
            keras_says(sample_weight=short),
            answer(lambda: check_sample_weight(short, toy.labels)),
        ),
    ]


def answer(call: Callable[[], Any]) -> tuple[str, bool]:
    """The error of a call in one line, and whether it is seqlab's own; without an error ('', False)."""
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {' '.join(str(error).split())}", isinstance(
            error, UserError
        )
    return "", False


def computed(toy: Toy, per_class: Any, expected: Array, **more: Any) -> tuple[str, bool]:
    """The result of `temporal_weights`, compared with the intended weights. expected: (N, T)."""
    found = temporal_weights(toy.labels, per_class, normalise=False, **more)
    right = int((found == expected).sum())
    named = "".join(f", {name}=…" for name in more)
    text = (
        f"temporal_weights(labels, class_weights{named}): right on {right} of {found.size} tokens"
    )
    return text, right == found.size


def class_weight_of_ids(toy: Toy, per_class: Array, *, seed: int, batch: int) -> str:
    """Keras' reading of integer labels (N, T): its error, or the interpretation that gives its loss.

    batch: number of sentences, all in one batch.
    """
    words, ids = toy.words[:batch], toy.ids[:batch]
    network = compiled(frozen_network(seed), "sparse_categorical")
    options = {"class_weight": dict(enumerate(per_class.tolist())), "batch_size": batch}
    logs: Logs = {}

    def fit() -> None:
        history = network.fit(words, ids, shuffle=False, verbose=0, **options)
        logs.update(first_epoch(history))

    said, _ = answer(fit)
    if said:
        return said
    scores = network.predict_on_batch(words)
    losses = -np.log(np.take_along_axis(scores, ids[..., None], axis=2))[..., 0]
    places = ids.argmax(axis=1)  # where in each sentence its largest class id stands first
    by_place = np.array([per_class[p] if p < CLASSES else 1 for p in places])
    readings = {
        "every token by its class": per_class[ids],
        "argmax over time, one weight a sentence": by_place[:, None],
        "argmax over time, the weight of sentence t on token t of all": by_place[None, :],
    }
    for reading, weights in readings.items():
        if abs((losses * weights).mean() - logs["loss"]) < 1e-4 * logs["loss"]:
            return f"no error: {reading} (loss {logs['loss']:.4f})"
    return f"no error: a reading unknown here (loss {logs['loss']:.4f})"


def summary(found: list[Trial]) -> dict[str, set[str]]:
    """For each weighted split, the figures that weights other than 1 change."""
    out: dict[str, set[str]] = {trial.who: set() for trial in found}
    for trial in found:
        if trial.values != "1":
            out[trial.who] |= trial.moved
    return out


def conclusion(measured: Mapping[str, set[str]], failures: list[Mishap], version: str) -> list[str]:
    """Two lines computed from the figures."""
    different = [
        f"{who} moved {named(measured[who])} where the documentation has {named(DOCUMENTED[who])}"
        for who in DOCUMENTED
        if measured[who] != DOCUMENTED[who]
    ]
    agreement = f"differs from its documentation ({'; '.join(different)})"
    agreement = agreement if different else "moves what its documentation says"
    reach = "do" if "val_loss" in measured["validation weights"] else "do not"
    train = "" if measured["sample_weight"] & {"val_loss", "val_weighted"} else " not"
    silent = [failure.call for failure in failures if failure.silent]
    errors = sum(not failure.silent for failure in failures)
    right = sum(failure.right for failure in failures)
    return [
        f"Keras {version} {agreement}: training weights do{train} reach validation figures, "
        f"validation weights {reach} reach val_loss.",
        f"On sequences Keras refuses {errors} of {len(failures)} calls and is silent on "
        f"{len(silent)}{' (' + ', '.join(silent) + ')' if silent else ''}; seqlab gives the right "
        f"weights or one clear line in {right}.",
    ]


def named(figures: set[str]) -> str:
    """The names of some figures in the order of the table, or 'nothing'."""
    return ", ".join(name for name in FIGURES if name in figures) or "nothing"


def tables(plain: Logs, found: list[Trial]) -> str:
    """The figures of every trial; a star marks those that changed."""
    rows = [["nothing", "", *(f"{plain[name]:.4f} " for name in FIGURES)]]
    rows += [
        [
            trial.who,
            trial.values,
            *(f"{trial.logs[n]:.4f}{'*' if n in trial.moved else ' '}" for n in FIGURES),
        ]
        for trial in found
    ]
    return text_table(["weighted", "values", *FIGURES], rows, indent=0)


def main() -> None:
    options = parse(__doc__, sentences=96, tokens=12, seed=1)
    toy = make_toy(options.sentences, options.tokens, options.seed)
    plain, tried = trials(toy, seed=options.seed)
    print(tables(plain, tried), "* moved by the weights", sep="\n", end="\n\n")
    measured = summary(tried)
    rows = [[who, named(DOCUMENTED[who]), named(found)] for who, found in measured.items()]
    print(text_table(["weighted", "documented to move", "moved"], rows, indent=0), end="\n\n")
    failures = mishaps(toy, seed=options.seed)
    for failure in failures:
        print(
            f"{failure.call}\n  Keras:  {shorten(failure.keras, 110)}\n  seqlab: {failure.seqlab}"
        )
    print("", *conclusion(measured, failures, keras.version()), sep="\n")


if __name__ == "__main__":
    main()
