"""Clusters of the words of a raw text: spherical k-means of their vectors (Dhillon and Modha 2001)."""

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.encoding.vectors import WordVectors
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.encoding.word_clusters import MOST_WORDS, WordClusters

SIZES = (64, 256, 1024)
ROUNDS = 20
BLOCK = 1 << 14  # words whose similarities to all centres are in memory at a time


def cluster_words(vectors: WordVectors) -> WordClusters:
    """Cluster the most frequent words of a text, in each of `SIZES` that is smaller than their number.

    vectors: of the text, the most frequent words first. The result depends on them alone.
    """
    words = tuple(vectors.rows)[:MOST_WORDS]
    table = vectors.vectors[: len(words)]
    lengths = np.linalg.norm(table, axis=1, keepdims=True)
    directions = (table / np.maximum(lengths, 1e-12)).astype(np.float32)
    sizes = [size for size in SIZES if size < len(words)] or [1]
    return WordClusters(
        Vocabulary(words), {size: nearest_centres(directions, size) for size in sizes}
    )


def nearest_centres(directions: FloatArray, size: int) -> Int32Array:
    """int32 (words,): the cluster of each word. directions: float32 (words, D), of length 1."""
    random = np.random.default_rng(1)
    # Frequent words begin as centres: their vectors are the most reliable ones.
    frequent = min(len(directions), 4 * size)
    centres = directions[np.sort(random.permutation(frequent)[:size])]
    clusters = assigned(directions, centres)
    for _ in range(ROUNDS):
        centres = mean_directions(directions, clusters, centres)
        moved = assigned(directions, centres)
        if (moved == clusters).all():
            break
        clusters = moved
    return clusters


def assigned(directions: FloatArray, centres: FloatArray) -> Int32Array:
    """int32 (words,): the centre with the largest cosine to each word."""
    blocks = [directions[start : start + BLOCK] for start in range(0, len(directions), BLOCK)]
    return np.concatenate([(block @ centres.T).argmax(axis=1) for block in blocks]).astype(np.int32)


def mean_directions(
    directions: FloatArray, clusters: Int32Array, centres: FloatArray
) -> FloatArray:
    """float32 (k, D): the direction of the mean of each cluster; an empty cluster keeps its centre."""
    sums = np.zeros(centres.shape, np.float64)
    np.add.at(sums, clusters, directions)
    lengths = np.linalg.norm(sums, axis=1, keepdims=True)
    means = np.where(lengths > 0, sums / np.maximum(lengths, 1e-12), centres)
    return means.astype(np.float32)
