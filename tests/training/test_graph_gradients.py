"""A finished training leaves no graph in memory, and no gradient of another program is lost."""

import gc
import weakref

import pytest
import tensorflow as tf

import seqlab
from seqlab.training.graph_gradients import PREFIX, RUNNING, registered
from seqlab.training.step import Steps
from tests import tiny

pytestmark = tiny.KERAS_NOISE


@tf.custom_gradient
def doubled(value):
    return 2 * value, lambda gradient: 2 * gradient


def custom_names():
    return {name for name in registered() if name.startswith(PREFIX)}


def compile_other():
    """A compiled function of another program, with a custom gradient."""
    return tf.function(doubled).get_concrete_function(tf.TensorSpec([]))


@pytest.fixture
def graphs(monkeypatch):
    """Weak references to the steps of trainings, which hold their graphs."""
    made, init = [], Steps.__init__

    def noted(self, *args, **options):
        init(self, *args, **options)
        made.append(weakref.ref(self))

    monkeypatch.setattr(Steps, "__init__", noted)
    return made


def test_a_finished_training_leaves_no_graph(graphs, tmp_path_factory):
    before = custom_names()
    seqlab.train_tagger(**tiny.CHEAP, **tiny.corpus(tmp_path_factory))
    gc.collect()
    assert custom_names() == before
    assert [one() for one in graphs] == [None]


def test_gradients_of_other_programs_stay():
    before = custom_names()
    with RUNNING.forget_gradients():
        other = compile_other()
    with tf.GradientTape() as tape:
        value = tf.constant(3.0)
        tape.watch(value)
        result = other(value)
    assert float(tape.gradient(result, value)) == 2
    assert len(custom_names() - before) == 1


def test_the_last_of_several_trainings_forgets(monkeypatch):
    monkeypatch.setattr("seqlab.training.graph_gradients.OF_TRAINING", (__name__,))
    before = custom_names()
    with RUNNING.forget_gradients():
        with RUNNING.forget_gradients():
            compile_other()
        assert len(custom_names() - before) == 1
    assert custom_names() == before
