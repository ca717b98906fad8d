"""The training loop: records, endings, the epoch it keeps, and Keras' own callbacks."""

import csv
import json
from dataclasses import replace

import keras
import numpy as np
import pytest

from seqlab.corpus.schemes import Scheme
from seqlab.deciding.transitions import LegalTransitions
from seqlab.errors import UserError
from seqlab.scoring.figures import Figures
from seqlab.scoring.score import score
from seqlab.training import loop
from seqlab.training.epoch_record import EndReason, keras_logs
from seqlab.training.loop import train_network
from seqlab.training.passes import validation_pass
from seqlab.training.split_losses import Losses, running_loss
from seqlab.training.step import Steps
from seqlab.training.task import TrainingPlan, TrainingTask
from tests.training.small import TAGS, make_batcher, make_corpus, tagger_network, word_network

# Keras 3.15's callbacks convert TensorFlow 2.21 variables by a method that NumPy 2 deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:__array__ implementation doesn't accept:DeprecationWarning"
)

CLASS_WEIGHTS = np.array([0.5, 1.0, 3.0], np.float32)
TRAIN, VALID = make_corpus(21, seed=1), make_corpus(8, seed=2)


def score_tags(predictions):
    """Figures of plain tags, per token."""
    tags = order_of_tags()
    predicted = [[tags[number - 1] for number in row] for row in predictions]
    return score([s.tags for s in VALID], predicted, Scheme.PLAIN, classes=TAGS)


def order_of_tags():
    counts = {tag: sum(s.tags.count(tag) for s in TRAIN) for tag in TAGS}
    return sorted(TAGS, key=lambda tag: (-counts[tag], tag))


def scripted(*values):
    """A score function that ignores predictions and returns these macro-F1 values in turn."""
    given = iter(values)

    def score(predictions):
        return Figures(
            micro_f1=None,
            macro_f1=next(given),
            token_accuracy=None,
            classes={},
            classes_never_found=(),
            strict=None,
        )

    return score


def make_task(score=score_tags, **batches):
    return TrainingTask(
        train=make_batcher(TRAIN, **batches),
        valid=make_batcher(VALID, TRAIN, size=3),
        class_weights=CLASS_WEIGHTS,
        class_names=order_of_tags(),
        score=score,
    )


def plan(**changes):
    options = {"epochs": 3, "patience": 9, "select": "macro_f1", "seed": 1, "clip_norm": 5.0}
    return TrainingPlan(**{**options, **changes})


class Weights(keras.callbacks.Callback):
    """Keeps the weights after each epoch."""

    def on_train_begin(self, logs=None):
        self.epochs = []

    def on_epoch_end(self, epoch, logs=None):
        self.epochs.append(self.model.get_weights())


class RaiseAt(keras.callbacks.Callback):
    """Presses Ctrl-C in the middle of an epoch, counted from 1."""

    def __init__(self, epoch):
        super().__init__()
        self.epoch = epoch

    def on_epoch_begin(self, epoch, logs=None):
        self.now = epoch + 1

    def on_train_batch_end(self, batch, logs=None):
        if self.now == self.epoch and batch == 2:
            raise KeyboardInterrupt


def assert_equal_weights(ours, theirs):
    for own, other in zip(ours, theirs, strict=True):
        np.testing.assert_array_equal(own, other)


def numpy_losses(network, sentences, batcher):
    """The four losses and shares of a split, sentence by sentence and token by token."""
    names, corpus, position = order_of_tags(), batcher.corpus, 0
    cost, weight_sum, loss_sum, count = (dict.fromkeys(TAGS, 0.0) for _ in range(4))
    for s in sentences:
        words = corpus.words[position : position + len(s)][None]
        position += len(s)
        probabilities = np.array(network(words), np.float64)[0]
        for t, tag in enumerate(s.tags):
            own = 1.0 if s.token_weights is None else s.token_weights[t]
            weight = float(CLASS_WEIGHTS[names.index(tag)]) * s.weight * own
            loss = -np.log(probabilities[t, names.index(tag)])
            cost[tag] += weight * loss
            weight_sum[tag] += weight
            loss_sum[tag] += loss
            count[tag] += 1
    total, tokens = sum(weight_sum.values()), sum(count.values())
    return Losses(
        weighted=sum(cost.values()) / total,
        unweighted=sum(loss_sum.values()) / tokens,
        weights={tag: weight_sum[tag] / count[tag] for tag in TAGS},
        shares={tag: cost[tag] / sum(cost.values()) for tag in TAGS},
        tokens={tag: count[tag] for tag in TAGS},
    )


def assert_same_losses(found, expected):
    assert found.weighted == pytest.approx(expected.weighted, rel=1e-5)
    assert found.unweighted == pytest.approx(expected.unweighted, rel=1e-5)
    assert found.weights == pytest.approx(expected.weights, rel=1e-5)
    assert found.shares == pytest.approx(expected.shares, rel=1e-5)
    assert found.tokens == expected.tokens


@pytest.mark.parametrize("batches", [{"size": 4}, {"size": 20, "by_tokens": True}])
def test_losses_of_an_epoch_equal_a_loop_over_its_tokens(batches):
    network, task = word_network(keras.optimizers.SGD(0.0)), make_task(**batches)
    (record,) = train_network(network, task, plan(epochs=1)).history
    assert_same_losses(record.train, numpy_losses(network, TRAIN, task.train))
    assert_same_losses(record.valid, numpy_losses(network, VALID, task.valid))


def test_every_sentence_gets_its_own_predictions():
    seen = []
    network, task = word_network(), make_task(lambda rows: seen.append(rows) or score_tags(rows))
    train_network(network, task, plan(epochs=1))
    (rows,) = seen
    position = 0
    for s, row in zip(VALID, rows, strict=True):
        words = task.valid.corpus.words[position : position + len(s)][None]
        expected = np.array(network(words))[0].argmax(axis=-1) + 1
        assert row.tolist() == expected.tolist()
        position += len(s)


def test_it_learns_and_records_every_epoch():
    told = []
    network = word_network(keras.optimizers.Adam(0.1))
    result = train_network(network, make_task(), plan(epochs=8), on_epoch=told.append)
    assert told == list(result.history)
    assert [record.epoch for record in result.history] == list(range(1, 9))
    losses = [record.train.weighted for record in result.history]
    assert losses[-1] < losses[0] / 2
    assert result.history[-1].figures.macro_f1 > 0.9
    assert not result.interrupted
    assert result.train_tokens_per_second > 0
    spent = sum(record.seconds + record.evaluation_seconds for record in result.history)
    assert 0 < spent <= result.seconds
    best = max(record.selected for record in result.history)
    assert result.history[result.best_epoch - 1].selected == best


def test_the_line_of_history_is_json():
    result = train_network(word_network(), make_task(), plan(epochs=1))
    line = json.loads(json.dumps(result.history[0].to_json(), allow_nan=False))
    assert line["valid_loss"] == result.history[0].valid.weighted
    assert set(line["classes"]) == set(line["weights"]) == set(line["loss_shares"]) == set(TAGS)


@pytest.mark.bits("copied")
def test_patience_ends_training_and_the_best_epoch_is_kept():
    network, weights = word_network(), Weights()
    task = make_task(scripted(0.1, 0.5, 0.4, 0.4, 0.4, 0.9))
    result = train_network(network, task, plan(epochs=6, patience=3), callbacks=[weights])
    assert len(result.history) == 5
    assert result.best_epoch == 2
    assert [record.best for record in result.history] == [True, True, False, False, False]
    assert [record.selected for record in result.history] == [0.1, 0.5, 0.4, 0.4, 0.4]
    assert_equal_weights(network.get_weights(), weights.epochs[1])
    assert any((a != b).any() for a, b in zip(weights.epochs[1], weights.epochs[4], strict=True))


class Clock(keras.callbacks.Callback):
    """A clock that advances ten seconds per epoch."""

    now = 0.0

    def perf_counter(self):
        return self.now

    def on_train_batch_begin(self, batch, logs=None):
        self.now += 10 * (batch == 0)


@pytest.mark.parametrize(("seconds", "epochs"), [(1, 1), (29.9, 2), (30, 3), (60, 6), (None, 6)])
def test_no_epoch_starts_that_would_end_too_late(monkeypatch, seconds, epochs):
    clock = Clock()
    monkeypatch.setattr("seqlab.training.loop.time", clock)
    limited = plan(epochs=6, max_seconds=seconds)
    result = train_network(word_network(), make_task(), limited, callbacks=[clock])
    assert len(result.history) == epochs
    assert (f"would not fit into {seconds} seconds" in result.ending) == (epochs < 6)
    reason = EndReason.MAX_SECONDS if epochs < 6 else EndReason.ALL_EPOCHS
    assert result.end_reason is reason


@pytest.mark.parametrize(
    ("epochs", "ending"), [(1, "the only epoch is done"), (2, "all 2 epochs are done")]
)
def test_the_ending_when_all_epochs_are_done(epochs, ending):
    assert train_network(word_network(), make_task(), plan(epochs=epochs)).ending == ending


def test_every_better_epoch_resets_patience():
    task = make_task(scripted(0.1, 0.0, 0.2, 0.0, 0.3, 0.0, 0.0))
    result = train_network(word_network(), task, plan(epochs=9, patience=2))
    assert (len(result.history), result.best_epoch) == (7, 5)


def test_among_equal_figures_a_falling_loss_resets_patience():
    network = word_network(keras.optimizers.Adam(0.02))
    result = train_network(network, make_task(scripted(*[0.0] * 5)), plan(epochs=5, patience=1))
    losses = [record.valid.weighted for record in result.history]
    assert losses == sorted(losses, reverse=True)
    assert result.best_epoch == len(result.history) == 5


def test_an_undefined_figure_in_every_epoch_still_gives_a_network():
    network = word_network(keras.optimizers.SGD(0.0))
    result = train_network(network, make_task(scripted(None, None)), plan(epochs=2))
    assert result.best_epoch == 1
    assert json.dumps(result.history[0].to_json(), allow_nan=False)


def test_alarms_are_those_of_the_history_so_far():
    gold = [s.tags for s in VALID]
    lost = [["X" if tag == "Y" else tag for tag in tags] for tags in gold]
    epochs = iter([gold, lost])

    def fade(predictions):
        return score(gold, next(epochs), Scheme.PLAIN)

    network = word_network(keras.optimizers.Adam(0.05))
    first, second = train_network(network, make_task(fade), plan(epochs=2)).history
    assert first.alarms == ()
    (alarm,) = second.alarms
    assert (alarm.rule, alarm.name, alarm.epoch, alarm.since) == ("vanished", "Y", 2, 2)
    assert (alarm.loss.before, alarm.loss.now) == (first.valid.weighted, second.valid.weighted)


class TestInterrupt:
    @pytest.mark.bits("copied")
    def test_in_a_later_epoch_it_keeps_the_best_so_far(self):
        network, weights, ended = word_network(), Weights(), []
        end = keras.callbacks.LambdaCallback(on_train_end=lambda logs: ended.append(True))
        result = train_network(
            network, make_task(), plan(), callbacks=[weights, RaiseAt(epoch=2), end]
        )
        assert result.interrupted
        assert (len(result.history), result.best_epoch) == (1, 1)
        assert_equal_weights(network.get_weights(), weights.epochs[0])
        assert ended == [True]  # so CSVLogger and others close their files

    def test_in_the_first_epoch_there_is_nothing_to_keep(self):
        ended = []
        end = keras.callbacks.LambdaCallback(on_train_end=lambda logs: ended.append(True))
        with pytest.raises(KeyboardInterrupt):
            train_network(word_network(), make_task(), plan(), callbacks=[RaiseAt(epoch=1), end])
        assert ended == [True]

    @pytest.mark.bits("copied")
    @pytest.mark.parametrize("name", ["copy_weights", "find_alarms"])
    def test_while_a_better_epoch_is_kept(self, name, monkeypatch):
        """Between two epochs: the kept weights belong to an epoch of the history."""
        network, weights = word_network(), Weights()
        calls, work = [], getattr(loop, name)

        def interrupted(*arguments, **options):
            calls.append([value.copy() for value in network.get_weights()])
            if len(calls) == 2:
                raise KeyboardInterrupt
            return work(*arguments, **options)

        monkeypatch.setattr(loop, name, interrupted)
        task = make_task(scripted(0.1, 0.5))
        result = train_network(network, task, plan(epochs=2), callbacks=[weights])
        assert result.interrupted
        assert result.best_epoch == len(result.history) == {"copy_weights": 2}.get(name, 1)
        assert_equal_weights(network.get_weights(), calls[result.best_epoch - 1])

    def test_while_an_epoch_is_reported(self):
        def tell(record):
            raise KeyboardInterrupt

        result = train_network(word_network(), make_task(), plan(), on_epoch=tell)
        assert result.interrupted
        assert len(result.history) == 1


class TestKerasCallbacks:
    def test_each_is_called_as_fit_calls_it(self):
        """The same calls, in the same order, with the same arguments, as in Keras' own `fit`."""
        calls = {"ours": [], "theirs": []}

        def recorder(name):
            return keras.callbacks.LambdaCallback(
                on_epoch_begin=lambda epoch, logs: calls[name].append(("epoch begins", epoch)),
                on_epoch_end=lambda epoch, logs: calls[name].append(("epoch ends", epoch)),
                on_train_begin=lambda logs: calls[name].append("begins"),
                on_train_end=lambda logs: calls[name].append("ends"),
                on_train_batch_begin=lambda batch, logs: calls[name].append(("batch", batch)),
                on_train_batch_end=lambda batch, logs: calls[name].append((batch, set(logs))),
            )

        network, task = word_network(), make_task(size=21)
        train_network(network, task, plan(epochs=2), callbacks=[recorder("ours")])
        padded = task.train.corpus.padded(7)
        network.fit(
            padded.words, padded.labels, epochs=2, batch_size=21, verbose=0,
            callbacks=[recorder("theirs")],
        )  # fmt: skip
        assert calls["ours"] == calls["theirs"]
        assert calls["ours"][2:4] == [("batch", 0), (0, {"loss"})]

    def test_params_and_model_are_set(self):
        class Look(keras.callbacks.Callback):
            def on_train_begin(self, logs=None):
                self.seen = (self.params["epochs"], self.params["steps"], self.model)

        look, network = Look(), word_network()
        train_network(network, make_task(size=4), plan(epochs=2), callbacks=[look])
        assert look.seen == (2, 6, network)

    def test_batch_logs_hold_the_running_loss_of_the_epoch(self):
        logged = []
        watch = keras.callbacks.LambdaCallback(
            on_train_batch_end=lambda batch, logs: logged.append(logs["loss"])
        )
        network = word_network(keras.optimizers.SGD(0.0))
        (record,) = train_network(network, make_task(), plan(epochs=1), callbacks=[watch]).history
        assert len(set(logged)) > 1
        assert logged[-1] == record.train.weighted

    def test_csv_logger_writes_the_records(self, tmp_path):
        path = tmp_path / "log.csv"
        result = train_network(
            word_network(), make_task(), plan(), callbacks=[keras.callbacks.CSVLogger(str(path))]
        )
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert [row["epoch"] for row in rows] == ["0", "1", "2"]
        for row, record in zip(rows, result.history, strict=True):
            assert float(row["loss"]) == record.train.weighted
            assert float(row["val_loss"]) == record.valid.weighted
            assert float(row["val_macro_f1"]) == record.figures.macro_f1

    @pytest.mark.bits("copied")
    def test_reduce_lr_on_plateau_changes_the_steps(self):
        network = word_network(keras.optimizers.SGD(0.5))
        reduce = keras.callbacks.ReduceLROnPlateau(
            monitor="val_macro_f1", mode="max", factor=0.0, patience=1, min_delta=0.0
        )
        weights = Weights()
        task = make_task(scripted(0.5, 0.5, 0.5, 0.5))
        result = train_network(network, task, plan(epochs=4), callbacks=[weights, reduce])
        assert [record.learning_rate for record in result.history] == [0.5, 0.5, 0.0, 0.0]
        assert_equal_weights(
            weights.epochs[1], weights.epochs[3]
        )  # a learning rate of 0 changes nothing
        assert (weights.epochs[0][0] != weights.epochs[1][0]).any()

    def test_a_learning_rate_schedule_is_recorded(self):
        schedule = keras.callbacks.LearningRateScheduler(lambda epoch: 0.1 / (epoch + 1))
        result = train_network(word_network(), make_task(), plan(), callbacks=[schedule])
        rates = [record.learning_rate for record in result.history]
        assert rates == pytest.approx([0.1, 0.05, 0.1 / 3])

    def test_early_stopping_stops(self):
        stop = keras.callbacks.EarlyStopping(monitor="val_macro_f1", mode="max", patience=1)
        task = make_task(scripted(0.5, 0.4, 0.3, 0.2))
        result = train_network(word_network(), task, plan(epochs=4), callbacks=[stop])
        assert len(result.history) == 2
        assert not result.interrupted
        assert result.best_epoch == 1

    def test_a_network_that_was_stopped_trains_again(self):
        network = word_network()
        stop = keras.callbacks.LambdaCallback(
            on_epoch_end=lambda epoch, logs: setattr(network, "stop_training", True)
        )
        assert len(train_network(network, make_task(), plan(), callbacks=[stop]).history) == 1
        assert len(train_network(network, make_task(), plan()).history) == 3

    @pytest.mark.bits("copied")
    def test_model_checkpoint_saves_the_weights_of_its_best_epoch(self, tmp_path):
        path, weights = tmp_path / "best.weights.h5", Weights()
        save = keras.callbacks.ModelCheckpoint(
            str(path), monitor="val_macro_f1", mode="max", save_best_only=True,
            save_weights_only=True,
        )  # fmt: skip
        network = word_network()
        task = make_task(scripted(0.1, 0.5, 0.4))
        train_network(network, task, plan(), callbacks=[weights, save])
        twin = word_network(seed=9)
        twin.load_weights(path)
        assert_equal_weights(twin.get_weights(), weights.epochs[1])
        assert_equal_weights(network.get_weights(), weights.epochs[1])

    def test_tensorboard_writes_its_events(self, tmp_path):
        pytest.importorskip("tensorboard", reason="TensorFlow 2.21 does not bring it along")
        board = keras.callbacks.TensorBoard(log_dir=str(tmp_path), write_graph=False)
        train_network(word_network(), make_task(), plan(epochs=2), callbacks=[board])
        events = [path for path in tmp_path.rglob("*") if "tfevents" in path.name]
        text = b"".join(path.read_bytes() for path in events)
        for name in (b"epoch_loss", b"epoch_macro_f1", b"epoch_learning_rate"):
            assert name in text

    def test_a_diverged_training_is_one_error(self):
        network = word_network(keras.optimizers.SGD(1e30))
        with pytest.raises(UserError) as caught:
            train_network(network, make_task(), plan(epochs=9))
        assert str(caught.value) == (
            "training diverged: the loss is NaN or infinite in epoch 1, batch 2, at learning rate 1e+30; "
            "try a smaller --learning-rate, or less extreme weights"
        )

    @pytest.mark.bits("copied")
    def test_a_training_that_diverges_later_keeps_the_best_epoch(self):
        network, weights = word_network(), Weights()

        class Explode(keras.callbacks.Callback):
            def on_epoch_begin(self, epoch, logs=None):
                if epoch == 1:
                    self.model.optimizer.learning_rate = 1e30

        result = train_network(network, make_task(), plan(), callbacks=[weights, Explode()])
        assert result.end_reason is EndReason.DIVERGED
        assert result.ending.startswith("the loss is NaN or infinite in epoch 2, batch ")
        assert len(result.history) == result.best_epoch == 1
        assert_equal_weights(network.get_weights(), weights.epochs[0])


def repeatable(network, seed=1):
    """The history without times, and the final weights."""
    history = train_network(network, make_task(), plan(epochs=2, seed=seed)).history
    lines = [record.to_json() for record in history]
    for line in lines:
        for measured in ("seconds", "evaluation_seconds", "train_tokens_per_second"):
            del line[measured]
    return json.dumps(lines), network.get_weights()


@pytest.mark.bits("repeated")
def test_a_seed_repeats_bit_for_bit():
    """With dropout, words and characters."""
    (first, weights), (again, same) = (
        repeatable(
            tagger_network(
                keras.optimizers.Adam(0.01),
                dropout=0.5,
                word_dropout=0.2,
                char_encoder="cnn",
                max_chars=15,
            )
        )
        for _ in range(2)
    )
    assert again == first
    assert_equal_weights(same, weights)


@pytest.mark.bits("repeated")
def test_another_seed_differs():
    first = repeatable(word_network())[0]
    assert repeatable(word_network())[0] == first
    assert repeatable(word_network(seed=4))[0] != first  # another start
    assert repeatable(word_network(), seed=2)[0] != first  # another order of sentences


def test_every_epoch_has_its_own_order(monkeypatch):
    task, asked = make_task(), []
    epoch = task.train.epoch
    monkeypatch.setattr(
        task.train, "epoch", lambda **which: asked.append(tuple(which.items())) or epoch(**which)
    )
    train_network(word_network(), task, plan(seed=7))
    orders = [dict(which) for which in asked][-3:]
    assert orders == [{"seed": 7, "number": 1}, {"seed": 7, "number": 2}, {"seed": 7, "number": 3}]


def test_logs_leave_out_undefined_figures():
    network = word_network()
    (record,) = train_network(network, make_task(scripted(None)), plan(epochs=1)).history
    assert keras_logs(record) == {
        "loss": record.train.weighted,
        "unweighted_loss": record.train.unweighted,
        "val_loss": record.valid.weighted,
        "val_unweighted_loss": record.valid.unweighted,
        "learning_rate": 0.5,
    }


def test_the_running_loss_leaves_out_tokens_without_a_class():
    sums = np.array([[99, 99, 99, 99], [6, 2, 3, 1], [3, 1, 3, 1]], float)
    assert running_loss(sums) == 3
    assert running_loss(np.zeros((3, 4))) == 0


def test_token_weights_multiply_class_sentence_and_token_weights():
    task = make_task()
    part = np.array([0, 5, 1])
    batch = task.train.batch(part)
    weights = task.weights(batch)
    names = order_of_tags()
    for row, number in enumerate(part):
        s = TRAIN[number]
        own = s.token_weights or (1.0,) * len(s)
        expected = [
            float(CLASS_WEIGHTS[names.index(tag)]) * s.weight * w
            for tag, w in zip(s.tags, own, strict=True)
        ]
        np.testing.assert_allclose(weights[row, : len(s)], expected, rtol=1e-6)
        assert not weights[row, len(s) :].any()


def evaluated(sentences):
    """The losses of one untrained network on a validation split."""
    task = replace(make_task(scripted(0.5)), valid=make_batcher(sentences, TRAIN, size=3))
    return validation_pass(Steps(word_network(), clip_norm=5.0), task)[0]


def test_sentence_and_token_weights_act_on_the_weighted_validation_loss_only():
    bare = [replace(s, weight=1.0, token_weights=None) for s in VALID]
    first, *others = bare
    reference, without_first = evaluated(bare), evaluated(others)
    left_out = evaluated([replace(first, weight=0.0), *others])
    assert left_out.weighted == pytest.approx(without_first.weighted)
    assert left_out.unweighted == pytest.approx(reference.unweighted)
    assert left_out.weighted != pytest.approx(reference.weighted)
    by_token = evaluated([replace(first, token_weights=(0.0,) * len(first)), *others])
    assert by_token.weighted == pytest.approx(without_first.weighted)
    assert by_token.unweighted == pytest.approx(reference.unweighted)
    scaled = evaluated([replace(s, weight=7.0) for s in bare])
    assert scaled.weighted == pytest.approx(reference.weighted)


class Dozen:
    """Draws one sentence twelve times."""

    def draw(self, random):
        return np.full(12, 3)


def test_an_epoch_trains_on_what_its_sampler_draws():
    task = make_task(sampler=Dozen())
    result = train_network(word_network(), task, plan(epochs=1))
    (record,) = result.history
    held = {tag for tag in TAGS if tag in TRAIN[3].tags}
    assert set(record.train.weights) == held
    assert set(record.valid.weights) > held or held == set(TAGS)


def test_only_legal_paths_are_scored():
    """Z is not allowed anywhere, so no prediction has it."""
    seen = []

    def score(predictions):
        seen.extend(predictions)
        return score_tags(predictions)

    banned = order_of_tags().index("Z")
    allowed = np.arange(3) != banned
    legal = LegalTransitions(start=allowed, pairs=np.outer(allowed, allowed), end=allowed)
    task = replace(make_task(score), legal=legal)
    validation_pass(Steps(word_network(), clip_norm=5.0), task)
    assert [len(row) for row in seen] == [len(s) for s in VALID]
    assert all((row > 0).all() and (row != banned + 1).all() for row in seen)
