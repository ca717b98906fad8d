"""A training that stops after any batch and goes on in a fresh network ends as one that never stopped, bit for bit."""

import json
from dataclasses import asdict, fields, replace

import keras
import numpy as np
import pytest
import tensorflow as tf

from seqlab.machine.interrupts import StopRequest
from seqlab.modeling.losses import token_cross_entropy
from seqlab.scoring.figures import ClassFigures, Figures, Summary
from seqlab.training.collapse import Alarm, LossFall
from seqlab.training.collapse_answers import CollapseAnswer
from seqlab.training.deferred_adam import DeferredAdam, FusedAdam
from seqlab.training.epoch_record import EndReason, EpochRecord
from seqlab.training.loop import train_network
from seqlab.training.split_losses import Losses
from seqlab.training.state_variables import changing_variables, copy_variables, state_specs
from seqlab.training.task import TrainingTask
from seqlab.training.training_state import (
    EpochProgress,
    TrainingState,
    TrainingStoppedError,
    random_states,
    set_random_states,
    state_from,
)
from tests.training.small import make_batcher, tagger_network, word_network
from tests.training.test_loop import CLASS_WEIGHTS, TRAIN, VALID, order_of_tags, plan, score_tags

pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept:DeprecationWarning"),
    pytest.mark.bits("repeated"),
]

MEASURED = ("seconds", "evaluation_seconds", "train_tokens_per_second")
BATCHES = 3  # of training in an epoch


class Kept:
    """Keeps states as a run directory does: through JSON and arrays. always: after every batch."""

    def __init__(self, *, always=False):
        self.always, self.states = always, []

    def due(self):
        return self.always

    def wait(self):
        pass

    def save(self, state):
        facts = json.loads(json.dumps(state.facts(), allow_nan=False))
        arrays = {
            **state.arrays(),
            **{f"best/{name}": value for name, value in state.best.items()},
            **{f"best-optimizer/{name}": value for name, value in state.best_optimizer.items()},
        }
        self.states.append(state_from(arrays, facts))


class Sampler:
    """Draws half of the sentences, some of them twice."""

    def draw(self, random):
        return random.integers(0, len(TRAIN), len(TRAIN) // 2)


def task_of(score=score_tags, loss=token_cross_entropy, sampler=None, **changes):
    return TrainingTask(
        train=make_batcher(TRAIN, size=7 if sampler is None else 4, sampler=sampler),
        valid=make_batcher(VALID, TRAIN, size=4),
        class_weights=CLASS_WEIGHTS,
        class_names=order_of_tags(),
        score=score,
        loss=loss,
        **changes,
    )


def outcome(network, result):
    """Everything that must be equal: weights, optimizer and seeds, history without times, and the end."""
    history = [record.to_json() for record in result.history]
    for line in history:
        for name in MEASURED:
            del line[name]
    variables = copy_variables(changing_variables(network))
    return variables, json.dumps(history), (result.best_epoch, result.end_reason, result.ending)


def assert_same(found, expected):
    assert found[1:] == expected[1:]
    assert found[0].keys() == expected[0].keys()
    for name, value in expected[0].items():
        np.testing.assert_array_equal(found[0][name], value, err_msg=name)


def check_all(make_network, make_task, training=None, *, only=None):
    """Train at one go, keeping every state, then go on from each of them in a fresh network."""
    training = training or plan(epochs=2)
    network, kept = make_network(), Kept(always=True)
    whole = outcome(network, train_network(network, make_task(), training, checkpoints=kept))
    places = [(s.progress.epoch, s.progress.batch) for s in kept.states]
    chosen = kept.states if only is None else [s for s in kept.states if only(s.progress)]
    assert chosen
    for state in chosen:
        fresh = make_network()
        fresh.optimizer.build(fresh.trainable_variables)
        result = train_network(fresh, make_task(), training, state=state)
        assert_same(outcome(fresh, result), whole)
    return places, whole


def dropping(adam):
    """A network with dropout and word dropout, which draw random numbers in every step."""
    return lambda: word_network(adam(0.1), dropout=0.4)


@pytest.fixture
def eager():
    """Runs steps without building graphs, which takes longer than these trainings."""
    tf.config.run_functions_eagerly(True)
    yield
    tf.config.run_functions_eagerly(False)


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize(
    "chosen",
    [[(1, 1), (2, 0), (2, 3)], pytest.param(None, marks=pytest.mark.slow)],
    ids=["some", "all"],
)
def test_it_goes_on_after_every_batch_and_between_epochs(chosen):
    only = chosen and (lambda p: (p.epoch, p.batch) in chosen)
    places, _ = check_all(dropping(FusedAdam), task_of, only=only)
    assert places == [(1, 1), (1, 2), (1, 3), (2, 0), (2, 1), (2, 2), (2, 3), (3, 0)]


@pytest.mark.usefixtures("eager")
def test_deferred_updates_go_on():
    """Rows of the word table may be behind when the state is kept."""
    places = [(1, 2), (2, 0), (2, 2)]
    check_all(dropping(DeferredAdam), task_of, only=lambda p: (p.epoch, p.batch) in places)


def middle(progress):
    """After the second batch of the second epoch."""
    return (progress.epoch, progress.batch) == (2, 2)


@pytest.mark.usefixtures("eager")
def test_a_crf_goes_on():
    network = lambda: tagger_network(FusedAdam(0.05), head="crf", dropout=0.3)  # noqa: E731
    check_all(network, task_of, only=middle)


@pytest.mark.usefixtures("eager")
def test_a_sampler_draws_the_same_sentences():
    check_all(dropping(FusedAdam), lambda: task_of(sampler=Sampler()), only=middle)


@pytest.mark.usefixtures("eager")
def test_class_weights_that_act_from_the_second_epoch():
    check_all(dropping(FusedAdam), lambda: task_of(reweight_from=2), only=middle)


def figures_of(f1):
    """Figures in which one class has lost its F1."""
    predicted = 5 if f1 else 0
    row = ClassFigures(
        precision=f1, recall=f1, f1=f1, support=10, predicted=predicted, correct=predicted
    )
    return Figures(
        micro_f1=f1, macro_f1=f1, token_accuracy=None, classes={"Y": row}, classes_never_found=(), strict=None
    )  # fmt: skip


@pytest.mark.usefixtures("eager")
@pytest.mark.parametrize("answer", ["restore", "reweight", "stop"])
def test_answers_to_alarms_are_kept(answer):
    """The class vanishes in epoch 2. The answer acts in epoch 3."""
    f1s = (0.5, 0.0, 0.6)

    def make_task(first_epoch):
        given = iter(f1s[first_epoch - 1 :])
        return task_of(score=lambda predictions: figures_of(next(given)))

    training = plan(epochs=3, on_collapse=answer)
    network, kept = dropping(FusedAdam)(), Kept(always=True)
    whole = outcome(network, train_network(network, make_task(1), training, checkpoints=kept))
    assert [a["action"] for a in json.loads(whole[1])[1]["answers"]] == [answer]
    chosen = [
        s for s in kept.states if (s.progress.epoch, s.progress.batch) in ((2, 3), (3, 0), (3, 2))
    ]
    assert len(chosen) == (2 if answer == "stop" else 3)
    for state in chosen:
        fresh = dropping(FusedAdam)()
        fresh.optimizer.build(fresh.trainable_variables)
        result = train_network(fresh, make_task(state.progress.epoch), training, state=state)
        assert_same(outcome(fresh, result), whole)


@pytest.mark.usefixtures("eager")
def test_patience_counts_across_the_interruption():
    def task():
        return task_of(
            score=lambda predictions: figures_of(0.5)
        )  # never better than the first epoch

    network = lambda: word_network(keras.optimizers.SGD(0.0))  # noqa: E731
    _, whole = check_all(network, task, plan(epochs=9, patience=2), only=middle)
    assert whole[2] == (1, EndReason.PATIENCE, "no better macro_f1 in 2 epochs")


@pytest.mark.usefixtures("eager")
def test_more_epochs_and_patience_go_on_where_a_finished_training_ended():
    """Also after an answer to an alarm of the last epoch, which nothing has carried out."""
    short, long = plan(epochs=2, on_collapse="restore"), plan(epochs=3, on_collapse="restore")

    def task(*f1s):
        given = iter(f1s)
        return task_of(score=lambda predictions: figures_of(next(given)))

    network = dropping(FusedAdam)()
    whole = outcome(network, train_network(network, task(0.5, 0.0, 0.6), long))
    first, kept = dropping(FusedAdam)(), Kept()
    train_network(first, task(0.5, 0.0), short, checkpoints=kept)
    fresh = dropping(FusedAdam)()
    fresh.optimizer.build(fresh.trainable_variables)
    result = train_network(fresh, task(0.6), long, state=kept.states[-1])
    assert_same(outcome(fresh, result), whole)


@pytest.mark.usefixtures("eager")
def test_the_time_limit_counts_the_time_before():
    network, kept = word_network(), Kept(always=True)
    train_network(network, task_of(), plan(epochs=2), checkpoints=kept)
    between = next(s for s in kept.states if s.progress.epoch == 2 and s.progress.batch == 0)
    within = next(s for s in kept.states if s.progress.epoch == 2 and s.progress.batch == 1)

    def ending(state):
        fresh = word_network()
        fresh.optimizer.build(fresh.trainable_variables)
        late = replace(state, seconds=1000.0)
        return train_network(fresh, task_of(), plan(epochs=5, max_seconds=900), state=late)

    assert ending(between).ending == "a further epoch would not fit into 900 seconds"
    assert len(ending(between).history) == 1
    assert len(ending(within).history) == 2  # an epoch that has begun is finished
    assert ending(within).seconds > 1000


class StopAt(keras.callbacks.Callback):
    """Asks for a stop at the end of a batch, counted from 1."""

    def __init__(self, request, batch):
        super().__init__()
        self.request, self.left = request, batch

    def on_train_batch_end(self, batch, logs=None):
        self.left -= 1
        self.request.requested |= self.left == 0


@pytest.mark.usefixtures("eager")
def test_a_stop_keeps_the_state_after_the_batch():
    request, kept = StopRequest(), Kept()
    network = word_network()
    with pytest.raises(TrainingStoppedError):
        train_network(
            network, task_of(), plan(), callbacks=[StopAt(request, 5)], checkpoints=kept, stop=request
        )  # fmt: skip
    assert [(s.progress.epoch, s.progress.batch) for s in kept.states] == [(2, 0), (2, 2)]


@pytest.mark.usefixtures("eager")
def test_a_stop_in_validation_does_not_train_the_epoch_again():
    request, kept = StopRequest(), Kept()
    whole = word_network()
    expected = outcome(whole, train_network(whole, task_of(), plan(epochs=1)))
    calls = []

    def score_or_stop():
        task = task_of()
        batch = task.valid.batch

        def stopping(sentences):
            calls.append(1)
            request.requested |= len(calls) == 2
            return batch(sentences)

        task.valid.batch = stopping
        return task

    with pytest.raises(TrainingStoppedError):
        train_network(
            word_network(), score_or_stop(), plan(epochs=1), checkpoints=kept, stop=request
        )
    assert len(calls) == 2
    (state,) = kept.states
    assert (state.progress.batch, state.history) == (BATCHES, ())
    fresh = word_network()
    fresh.optimizer.build(fresh.trainable_variables)
    result = train_network(fresh, task_of(), plan(epochs=1), state=state)
    assert_same(outcome(fresh, result), expected)


@pytest.mark.usefixtures("eager")
def test_without_checkpoints_a_stop_ends_training_with_the_best_epoch():
    request = StopRequest()
    result = train_network(
        word_network(), task_of(), plan(), callbacks=[StopAt(request, 5)], stop=request
    )
    assert (len(result.history), result.interrupted) == (1, True)


RECORD = EpochRecord(
    epoch=2,
    train=Losses(weighted=0.25, unweighted=0.5, weights={"X": 1.5}, shares={"X": 1.0}, tokens={"X": 7}),
    valid=Losses(weighted=None, unweighted=None, weights={}, shares={}, tokens={}),
    figures=Figures(
        micro_f1=0.5, macro_f1=None, token_accuracy=0.75, classes_never_found=("Y",),
        classes={"X": ClassFigures(precision=None, recall=0.0, f1=0.0, support=3, predicted=0, correct=0)},
        strict=Summary(
            micro_f1=0.25, macro_f1=0.125, classes_never_found=("X", "Y"),
            classes={"X": ClassFigures(precision=0.5, recall=0.5, f1=0.5, support=2, predicted=2, correct=1)},
        ),
    ),
    selected=0.5, best=True, learning_rate=0.1, seconds=1.5, evaluation_seconds=0.5, train_tokens_per_second=9.0,
    alarms=(
        Alarm(rule="vanished", name="X", epoch=2, since=2, before=1, support=3, predicted=0, f1=0.0, best_f1=0.5,
              best_epoch=1, loss=LossFall("valid_loss", 1.0, 0.5), weight=2.5),
    ),
    answers=(
        CollapseAnswer(action="reweight", name="X", epoch=2, factor=1.5),
        CollapseAnswer(action="restore", name="X", epoch=2, to_epoch=1),
    ),
)  # fmt: skip


def test_a_state_survives_arrays_and_json_in_every_field():
    arrays = {"a/0": np.arange(3, dtype=np.float32)}
    state = TrainingState(
        progress=EpochProgress(2, np.array([[0.1, 1 / 3]]), batch=4, tokens=17, seconds=0.1),
        history=(replace(RECORD, epoch=1, alarms=(), answers=()), RECORD),
        best_epoch=2,
        seconds=12.34,
        unsettled_steps=5,
        variables=arrays,
        best={"b/1": np.ones((2, 2), np.float32)},
        best_optimizer={"0": np.array(3, np.int64)},
    )
    kept = Kept()
    kept.save(state)
    (found,) = kept.states
    for field in fields(TrainingState):
        one, other = getattr(state, field.name), getattr(found, field.name)
        if field.name == "progress":
            one, other = ({**vars(p), "sums": p.sums.tolist()} for p in (one, other))
        elif isinstance(one, dict):
            assert {n: v.dtype for n, v in one.items()} == {n: v.dtype for n, v in other.items()}
            one, other = ({n: v.tobytes() for n, v in p.items()} for p in (one, other))
        assert one == other, field.name
    assert found.history == state.history
    assert [asdict(r) for r in found.history] == [asdict(r) for r in state.history]


@pytest.mark.usefixtures("eager")
def test_the_arrays_of_a_state_are_those_that_a_reader_expects():
    network, kept = dropping(DeferredAdam)(), Kept()
    training = plan(epochs=1, on_collapse="restore")
    train_network(network, task_of(), training, checkpoints=kept)
    specs, state = state_specs(network), kept.states[0]
    parts = {
        "now": state.variables, "best": state.best, "best-optimizer": state.best_optimizer, "random": state.random,
        "epoch": {"sums": state.progress.sums},
    }  # fmt: skip
    for part, arrays in parts.items():
        found = {name: (value.shape, value.dtype.name) for name, value in arrays.items()}
        assert found == {n: (tuple(s.shape), s.dtype) for n, s in specs[part].items()}, part


def test_random_numbers_of_python_and_numpy_go_on():
    import random

    random.seed(4)
    np.random.seed(5)
    random.gauss(0, 1)
    np.random.randn()
    states = random_states()

    def draw():
        return random.gauss(0, 1), random.random(), np.random.randn(), np.random.rand()  # noqa: S311

    first = draw()
    draw()
    set_random_states(states)
    assert draw() == first
