"""The callback in Keras' own `fit`: its figures compared with those of predictions."""

import keras
import numpy as np
import pytest
from seqeval.metrics import f1_score
from sklearn.metrics import f1_score as sk_f1_score

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoder import fit_encoder
from seqlab.errors import UserError
from seqlab.scoring.score import score
from seqlab.training.collapse import CollapseRules
from seqlab.training.keras_callback import ADVICE, TrackClasses
from tests.training.small import encode, make_corpus, word_network


@pytest.fixture
def data():
    """Words (N, 7) and one-hot labels (N, 7, 3), padded."""
    corpus = make_corpus()
    padded = encode(corpus).padded(7)
    return padded.words, padded.labels


def fit(network, data, callbacks, epochs=2, **options):
    words, labels = data
    return network.fit(
        words, labels, epochs=epochs, callbacks=callbacks, verbose=0, shuffle=False, **options
    )


class Predictions(keras.callbacks.Callback):
    """Keeps the network's predictions after each epoch."""

    def __init__(self, words):
        super().__init__()
        self.words, self.epochs = words, []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(np.array(self.model(self.words)).argmax(axis=-1))


def test_figures_are_those_of_the_predictions_on_real_tokens(data):
    words, labels = data
    tags = ("P", "Q", "R")
    track = TrackClasses(words, labels, tags=tags, scheme=Scheme.PLAIN)
    predictions = Predictions(words)
    history = fit(word_network(), data, [predictions, track]).history
    gold = [[tags[i] for i in row.argmax(-1)[row.any(-1)]] for row in labels]
    for predicted, tracked, macro, micro in zip(
        predictions.epochs, track.history, history["val_macro_f1"], history["val_micro_f1"],
        strict=True,
    ):  # fmt: skip
        named = [[tags[i] for i in row[: len(g)]] for row, g in zip(predicted, gold, strict=True)]
        expected = score(gold, named, Scheme.PLAIN)
        assert tracked.figures.classes == expected.classes
        assert (macro, micro) == (expected.macro_f1, expected.micro_f1)
    assert [epoch.train_loss for epoch in track.history] == history["loss"]


def test_a_later_callback_can_monitor_its_figures(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme=Scheme.PLAIN)
    stop = keras.callbacks.EarlyStopping(monitor="val_macro_f1", mode="max", patience=1)
    fit(word_network(keras.optimizers.SGD(0.0)), data, [track, stop], epochs=9)
    assert len(track.history) == 2


def test_each_alarm_is_one_line(data):
    words, labels = data
    said = []
    track = TrackClasses(
        words,
        labels,
        tags=("P", "Q", "R"),
        scheme=Scheme.PLAIN,
        say=said.append,
        rules=CollapseRules(never_found_epochs=2),
    )
    # Two of three classes have weight 0, so the loss falls and they are never found.
    weights = labels[:, :, 0]
    network = word_network(keras.optimizers.SGD(2.0))
    network.get_layer("logits").set_weights(
        [np.zeros((4, 3), np.float32), np.array([1, 0, 0], np.float32)]
    )
    fit(network, data, [track], sample_weight=weights)
    assert sorted(alarm.name for alarm in track.alarms) == ["Q", "R"]
    assert said == [f"ALARM never-found: {alarm.fact()}. {ADVICE}" for alarm in track.alarms]


def test_the_validation_loss_of_fit_is_used(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme=Scheme.PLAIN)
    history = fit(word_network(), data, [track], validation_data=data).history
    assert [epoch.valid_loss for epoch in track.history] == history["val_loss"]


def test_labels_and_schemes_that_do_not_fit_are_an_error(data):
    words, labels = data
    with pytest.raises(UserError, match=r"labels have shape \(.*, 7, 3\); expected \(N, T, 2\)"):
        TrackClasses(words, labels, tags=("P", "Q"), scheme=Scheme.PLAIN)
    with pytest.raises(UserError, match=r"scheme is 'iob22'.*nearest: 'iob2'"):
        TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="iob22")
    assert TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="plain").scheme is Scheme.PLAIN


def wide_corpus():
    """Training lacks LOC. In validation a LOC stands between two spans that would join without it."""
    train = [Sentence(tokens=("Ann", "ran"), tags=("B-PER", "O"))]
    valid = [
        Sentence(tokens=("Ann", "York", "Lee"), tags=("B-PER", "B-LOC", "I-PER")),
        Sentence(tokens=("a", "b", "York"), tags=("O", "O", "B-LOC")),
        Sentence(tokens=("Lee", "Ann", "a", "b", "c"), tags=("B-PER", "I-PER", "I-PER", "O", "O")),
    ]
    return train, valid


class Fixed(keras.Model):
    """Returns the given scores for any inputs."""

    def __init__(self, scores):
        super().__init__()
        self.scores = scores

    def predict(self, inputs, **options):
        return self.scores


def figures_of(track, scores):
    track.set_model(Fixed(scores))
    track.on_train_begin()
    track.on_epoch_end(0, logs := {})
    return track.history[-1].figures, logs


def scores_of(sentences, encoder, mask):
    """Scores (N, T, C) that predict these tags, row by row; O for a tag without a class."""
    tags = encoder.tags.symbols
    said = [tags.index(tag if tag in tags else "O") for tags_ in sentences for tag in tags_]
    scores = np.zeros((*mask.shape, len(tags)), np.float32)
    scores[mask] = np.eye(len(tags), dtype=np.float32)[said]
    return scores


@pytest.mark.parametrize("row", [2, 3, 5, 9])
def test_lists_of_tags_count_unknown_classes_and_join_cut_sentences(row):
    train, valid = wide_corpus()
    encoder = fit_encoder(train)
    padded = encoder.encode(valid).padded(row)
    gold = [sentence.tags for sentence in valid]
    said = [("B-PER", "O", "B-PER"), ("O", "O", "O"), ("B-PER", "O", "O", "B-PER", "O")]
    track = TrackClasses(
        padded.words, gold, mask=padded.mask, tags=encoder.tags.symbols, scheme="iob2"
    )
    figures, logs = figures_of(track, scores_of(said, encoder, padded.mask))
    expected = score(gold, said, "iob2")
    assert figures.classes == expected.classes
    assert set(figures.classes_never_found) == {"LOC"}
    assert logs["val_macro_f1"] == expected.macro_f1
    assert logs["val_min_f1"] == expected.min_f1 == 0
    lists = [[list(tags) for tags in side] for side in (gold, said)]  # seqeval takes lists only
    assert figures.macro_f1 == pytest.approx(f1_score(*lists, average="macro"))


def test_a_token_without_a_class_is_an_error_in_arrays():
    train, valid = wide_corpus()
    encoder = fit_encoder([*train, Sentence(tokens=("b",), tags=("I-PER",))])
    padded = encoder.encode(valid).padded(5)
    tags = encoder.tags.symbols
    with pytest.raises(UserError, match=r"labels\[0, 1\] is a token but all zero.*give the tags"):
        TrackClasses(padded.words, padded.labels, tags=tags, scheme="iob2")
    # At the end of a sentence it counts as padding, unless the mask marks it as a token.
    last = slice(1, 2)
    TrackClasses(padded.words[last], padded.labels[last], tags=tags, scheme="iob2")
    with pytest.raises(UserError, match=r"labels\[0, 2\] is a token but all zero"):
        TrackClasses(
            padded.words[last],
            padded.labels[last],
            mask=padded.mask[last],
            tags=tags,
            scheme="iob2",
        )


def test_left_padding_class_ids_and_masks_give_the_same_figures():
    ids = np.array([[0, 0, 1, 2], [2, 1, 0, 1]])
    mask = np.array([[False, False, True, True], [True, True, True, True]])
    hot = np.eye(3)[ids] * mask[:, :, None]
    tags = ("P", "Q", "R")
    said = [["Q", "Q"], ["R", "Q", "P", "P"]]
    scores = np.zeros((2, 4, 3))
    scores[mask] = np.eye(3)[[1, 1, 2, 1, 0, 0]]
    expected = score([["Q", "R"], ["R", "Q", "P", "Q"]], said, "plain")
    for labels, given in (
        (hot, None),
        (hot.tolist(), None),
        (hot, mask),
        (ids, mask),
        (ids.tolist(), mask.tolist()),
        ([["Q", "R"], ["R", "Q", "P", "Q"]], mask),
        ((np.eye(3)[ids]).astype(bool), mask),
    ):
        track = TrackClasses(None, labels, mask=given, tags=tags, scheme="plain")
        assert figures_of(track, scores)[0].classes == expected.classes


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"labels": [["P", "Q"]]}, "give mask"),
        (
            {"labels": [["P", "Q"]], "mask": [[True, True, True]]},
            "labels have 2 tags, but mask has 3 tokens",
        ),
        ({"labels": [["P"], ["Q"]], "mask": [[True, True]]}, "sentence 1 of 2 ends within a row"),
        ({"labels": [["P"]], "mask": [True]}, r"mask has shape \(1,\).*give bool \(N, T\)"),
        ({"labels": [["P"]], "mask": [[1]]}, "dtype int64; give bool"),
        ({"labels": [[3]], "mask": [[True]]}, "labels contain class 3; expected 0 to 2"),
        ({"labels": [[1]]}, "class ids, which do not mark padding"),
        ({"labels": "PQ"}, "labels: got str"),
        ({"tags": ("P", "Q", "P")}, "tags contains 'P' twice; give one tag per class"),
        (
            {"tags": {"P": 0, "Q": 1, "R": 2}},
            "tags takes a list, in the order of the classes; found dict",
        ),
        ({"tags": (1, 2, 3)}, "tags takes a list.*all of them strings; found int 1"),
        ({"tags": "PQR"}, "tags takes a list.*not one string: 'PQR'"),
        ({"scheme": "iob2"}, "tag 'P' is neither O nor PREFIX-TYPE"),
        ({"tags": {"P", "Q", "R"}}, "found set"),
        ({"tags": None}, "found NoneType"),
        (
            {"labels": [["P"], None], "mask": [[True]]},
            "sentence 2 of the labels takes a list of tags",
        ),
        ({"labels": [["P"], "Q"], "mask": [[True]]}, "sentence 2 of the labels.*not one string"),
        (
            {"labels": [["B_P"]], "mask": [[True]], "scheme": "iob2", "tags": ("O",)},
            "tag 'B_P' is neither O nor",
        ),
        ({"monitored": 3}, "monitored takes a list of classes; found int 3"),
        ({"rules": "x"}, "rules is 'x'; expected CollapseRules"),
        ({"scheme": None}, "scheme is None"),
        ({"monitored": "S"}, "no class 'S' in the labels"),
    ],
)
def test_arguments_that_do_not_fit_are_an_error(changed, message):
    fitting = {"labels": np.eye(3)[None], "tags": ("P", "Q", "R"), "scheme": "plain"}
    with pytest.raises(UserError, match=message):
        TrackClasses(None, **{**fitting, **changed})


def test_scores_of_another_shape_are_an_error_before_the_first_epoch(data):
    words, labels = data
    wide = np.concatenate([np.zeros_like(labels[..., :1]), labels], axis=-1)
    track = TrackClasses(words, wide, tags=("S", "P", "Q", "R"), scheme="plain")
    seen = Predictions(words)
    with pytest.raises(UserError, match=r"scores have shape \(.*, 7, 3\); expected \(.*, 7, 4\)"):
        fit(word_network(), data, [track, seen])
    assert not seen.epochs
    with pytest.raises(UserError, match=r"scores have shape"):
        figures_of(track, labels.argmax(-1))


def test_nan_scores_are_a_diverged_training(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="plain")
    real = int(labels.any(-1).sum())
    with pytest.raises(
        UserError, match=rf"of {real} of {real} tokens are NaN or infinite.*diverged"
    ):
        figures_of(track, np.full(labels.shape, np.nan))


def test_one_of_several_outputs_is_tracked(data):
    words, labels = data
    network = word_network()
    twice = keras.Model(network.inputs, {"other": network.get_layer("logits").output, "tags": network.output})  # fmt: skip
    twice.compile(keras.optimizers.SGD(0.5), loss={"tags": "categorical_crossentropy"})
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="plain")
    with pytest.raises(
        UserError,
        match="output is None, but the network has 2 outputs; expected one of 'other', 'tags'",
    ):
        twice.fit(words, {"tags": labels}, callbacks=[track], verbose=0)
    track = TrackClasses(
        words, labels, tags=("P", "Q", "R"), scheme="plain", output="tags", monitored="R"
    )
    history = twice.fit(words, {"tags": labels}, callbacks=[track], verbose=0).history
    said = network.predict(words, verbose=0).argmax(-1)[labels.any(-1)]
    gold = labels.argmax(-1)[labels.any(-1)]
    expected = sk_f1_score(gold, said, labels=[0, 1, 2], average=None, zero_division=0)
    assert [track.history[-1].figures.classes[name].f1 or 0 for name in "PQR"] == pytest.approx(expected)  # fmt: skip
    assert history["val_f1_R"] == [track.history[-1].figures.classes["R"].f1]


def test_another_network_starts_a_new_history_and_the_same_continues(data):
    words, labels = data
    track = TrackClasses(words, labels, tags=("P", "Q", "R"), scheme="plain")
    first = word_network()
    fit(first, data, [track])
    fit(first, data, [track])
    assert len(track.history) == 4
    fit(word_network(), data, [track])
    assert len(track.history) == 2


@pytest.mark.parametrize(
    ("outputs", "output"),
    [
        (lambda a, b: a, None),
        (lambda a, b: a, 0),
        (lambda a, b: [a], None),
        (lambda a, b: [b, a], 1),
        (lambda a, b: (a, b), 0),
        (lambda a, b: {"x": b, "y": a}, "y"),
    ],
)
def test_outputs_as_arrays_lists_tuples_and_dicts(outputs, output):
    scores = np.eye(3)[[[0, 2, 1]]]
    other = np.zeros((1, 3, 7))
    track = TrackClasses(None, scores, tags=("P", "Q", "R"), scheme="plain", output=output)
    assert figures_of(track, outputs(scores, other))[0].macro_f1 == 1


@pytest.mark.parametrize("output", [3, "x", [0]])
def test_an_unknown_output_is_an_error(output):
    scores = np.eye(3)[[[0, 2, 1]]]
    track = TrackClasses(None, scores, tags=("P", "Q", "R"), scheme="plain", output=output)
    with pytest.raises(
        UserError, match=r"output is .*, but the network has 1 output; expected one of 0"
    ):
        figures_of(track, scores)
