"""Marginals against brute force over all paths, gradients against finite differences."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.modeling import crf_forward_backward

FORBIDDEN = -np.inf
log_marginals = tf.function(crf_forward_backward.log_marginals, reduce_retracing=True)


def path_scores(emissions, transitions, start, end):
    """Every path over one sentence and its score, in float64."""
    length, classes = emissions.shape
    for path in itertools.product(range(classes), repeat=length):
        steps = sum(transitions[a, b] for a, b in itertools.pairwise(path))
        own = sum(emissions[t, y] for t, y in enumerate(path))
        yield path, own + steps + start[path[0]] + end[path[-1]]


def by_brute_force(emissions, transitions, start, end):
    """Log-marginals, float64 (T, C)."""
    scored = list(path_scores(emissions, transitions, start, end))
    total = np.logaddexp.reduce([score for _, score in scored])
    found = np.full(emissions.shape, -np.inf)
    for path, score in scored:
        for t, tag in enumerate(path):
            found[t, tag] = np.logaddexp(found[t, tag], score)
    return found - total


def by_log_space(emissions, transitions, start, end):
    """Log-marginals, float64 (T, C), of a long sentence, by log-sum-exp per token."""
    ahead, behind = [start + emissions[0]], [end]
    for own in emissions[1:]:
        ahead.append(np.logaddexp.reduce(ahead[-1][:, None] + transitions, axis=0) + own)
    for own in emissions[:0:-1]:
        behind.append(np.logaddexp.reduce(transitions + own + behind[-1], axis=1))
    both = np.array(ahead) + np.array(behind[::-1])
    total = np.logaddexp.reduce(both, axis=1, keepdims=True)
    return both - total


def random_crf(seed, lengths, classes, *, spread=3.0, width=None):
    """Parameters of a CRF, float64; emissions on padding are noise that must not matter."""
    random = np.random.default_rng(seed)
    shape = (len(lengths), width or max(lengths), classes)
    emissions = random.normal(0, spread, shape)
    return emissions, random.normal(0, 2, (classes, classes)), *random.normal(0, 2, (2, classes))


def forbid(parameters, pairs):
    emissions, transitions, start, end = parameters
    transitions = transitions.copy()
    for a, b in pairs:
        transitions[a % len(start), b % len(start)] = FORBIDDEN
    return emissions, transitions, start, end


def tensors(parameters, dtype=np.float32):
    return [tf.constant(array.astype(dtype)) for array in parameters]


@settings(max_examples=40)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 6), min_size=1, max_size=4),
    classes=st.integers(2, 5),
    padding=st.integers(0, 2),
    dtype=st.sampled_from([np.float32, np.float64]),
)
def test_marginals_equal_brute_force(seed, lengths, classes, padding, dtype):
    parameters = random_crf(seed, lengths, classes, width=max(lengths) + padding)
    sizes = np.array(lengths, np.int32)
    found = log_marginals(*tensors(parameters, dtype), sizes).numpy()
    assert np.isfinite(found).all()
    for n, length in enumerate(lengths):
        expected = by_brute_force(parameters[0][n, :length], *parameters[1:])
        np.testing.assert_allclose(found[n, :length], expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=30)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    classes=st.integers(2, 4),
    pairs=st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), max_size=3),
)
def test_a_forbidden_transition_has_probability_0(seed, lengths, classes, pairs):
    # Tag 0 always remains allowed, so at least one path is left.
    pairs = [(a, b) for a, b in pairs if a % classes and b % classes]
    parameters = forbid(random_crf(seed, lengths, classes), pairs)
    found = log_marginals(*tensors(parameters), np.array(lengths, np.int32)).numpy()
    for n, length in enumerate(lengths):
        expected = by_brute_force(parameters[0][n, :length], *parameters[1:])
        np.testing.assert_allclose(found[n, :length], expected, rtol=1e-4, atol=1e-4)


@settings(max_examples=15)
@given(
    seed=st.integers(0, 10**6),
    lengths=st.lists(st.integers(1, 5), min_size=1, max_size=3),
    classes=st.integers(2, 4),
)
def test_gradients_equal_finite_differences(seed, lengths, classes):
    """For a random function of the marginals, in a random direction of each parameter, padding included."""
    parameters, sizes = random_crf(seed, lengths, classes, spread=1.0), np.array(lengths, np.int32)
    random = np.random.default_rng(seed)
    real = np.arange(max(lengths)) < sizes[:, None]
    slopes = random.normal(size=parameters[0].shape) * real[:, :, None]

    def value(*arrays):
        return tf.reduce_sum(log_marginals(*arrays, sizes) * slopes)

    variables = tensors(parameters, np.float64)
    with tf.GradientTape() as tape:
        tape.watch(variables)
        total = value(*variables)
    gradients = tape.gradient(total, variables)
    for place, gradient in enumerate(gradients):
        direction = random.normal(size=gradient.shape)
        step = [0.0] * place + [1e-5 * direction] + [0.0] * (3 - place)
        up, down = (
            value(*(v + sign * s for v, s in zip(variables, step, strict=True))).numpy()
            for sign in (1, -1)
        )
        expected = (up - down) / 2e-5
        assert (gradient.numpy() * direction).sum() == pytest.approx(expected, rel=1e-5, abs=1e-6)
    assert not gradients[0].numpy()[~real].any()


@pytest.mark.parametrize("spread", [1.0, 30.0, 300.0])
def test_long_sentences_and_many_tags_stay_within_float32(spread):
    """1,000 tokens, 120 tags, emissions of any size: equal to float64, gradients finite."""
    sizes = np.array([1000, 3], np.int32)
    parameters = random_crf(5, sizes, 120, spread=spread)
    variables = tensors(parameters)
    with tf.GradientTape() as tape:
        tape.watch(variables)
        found = log_marginals(*variables, sizes)
        total = tf.reduce_sum(found[0, :, 7])
    for n, length in enumerate(sizes):
        expected = by_log_space(parameters[0][n, :length], *parameters[1:])
        np.testing.assert_allclose(
            found.numpy()[n, :length], expected, rtol=1e-4, atol=1e-3 + spread * 1e-5
        )
    for gradient in tape.gradient(total, variables):
        assert np.isfinite(gradient.numpy()).all()
        assert np.abs(gradient.numpy()).max() > 0


@pytest.mark.parametrize("offset", [-500.0, 500.0])
def test_a_constant_on_all_transitions_changes_no_marginal(offset):
    sizes = np.array([30, 4], np.int32)
    emissions, transitions, start, end = random_crf(4, sizes, 6)
    plain, moved = (
        tensors((emissions, t, start, end)) for t in (transitions, transitions + offset)
    )
    np.testing.assert_allclose(
        log_marginals(*moved, sizes), log_marginals(*plain, sizes), rtol=1e-3, atol=1e-3
    )


def test_padding_changes_nothing():
    parameters, sizes = random_crf(2, [9, 4], 5), np.array([9, 4], np.int32)
    wide = np.pad(parameters[0], ((0, 0), (0, 50), (0, 0)), constant_values=70.0)
    short = log_marginals(*tensors(parameters), sizes).numpy()
    padded = log_marginals(*tensors((wide, *parameters[1:])), sizes).numpy()
    np.testing.assert_allclose(padded[0, :9], short[0], rtol=1e-6)
    np.testing.assert_allclose(padded[1, :4], short[1, :4], rtol=1e-6)
