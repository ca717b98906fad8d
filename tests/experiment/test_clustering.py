"""Clusters are those that scikit-learn's k-means finds from the same first centres."""

import numpy as np
import pytest

from seqlab.encoding.vectors import WordVectors
from seqlab.experiment.clustering import SIZES, assigned, cluster_words, nearest_centres


def directions(count, *, groups=8):
    random = np.random.default_rng(3)
    middles = random.normal(size=(groups, 6))
    table = middles[np.arange(count) % groups] + 0.2 * random.normal(size=(count, 6))
    return (table / np.linalg.norm(table, axis=1, keepdims=True)).astype(np.float32)


def test_clusters_are_a_fixed_point_of_k_means():
    """Each word is nearest to the mean direction of its cluster, by a computation with loops."""
    table = directions(400)
    clusters = nearest_centres(table, 8)
    means = np.array([table[clusters == k].astype(float).sum(axis=0) for k in range(8)])
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    nearest = [max(range(8), key=lambda k: float(means[k] @ row)) for row in table]
    assert clusters.tolist() == nearest


def test_the_assignment_is_that_of_scikit_learn():
    from sklearn.metrics import pairwise_distances_argmin

    table = directions(500)
    centres = table[:20]
    assert assigned(table, centres).tolist() == pairwise_distances_argmin(table, centres).tolist()


def test_a_cluster_has_words_of_one_group_if_groups_lie_apart():
    clusters = nearest_centres(directions(400, groups=4), 32)
    for cluster in range(32):
        assert len({number % 4 for number in np.flatnonzero(clusters == cluster).tolist()}) == 1


@pytest.mark.bits("repeated")
def test_the_result_depends_on_the_vectors_alone_and_sizes_are_below_the_words():
    table = directions(300)
    vectors = WordVectors({f"w{number}": number for number in range(300)}, 3 * table)
    first, second = cluster_words(vectors), cluster_words(vectors)
    assert list(first.clusters) == [size for size in SIZES if size < 300] == [64, 256]
    for size in first.clusters:
        assert (first.clusters[size] == second.clusters[size]).all()
        assert first.clusters[size].max() < size
    few = cluster_words(WordVectors({"a": 0, "b": 1}, table[:2]))
    assert {size: ids.tolist() for size, ids in few.clusters.items()} == {1: [0, 0]}
