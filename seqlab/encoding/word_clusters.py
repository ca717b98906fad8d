"""Clusters of words: for each word of a raw text, the cluster of its vector, as features of the word."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from seqlab.arrays import Int32Array
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary
from seqlab.machine.json_fields import Fields

PREFIX = "cluster_"  # of the network inputs
MOST_WORDS = 100_000  # of a text, the most frequent ones; limits the size of vocabularies.json
MOST_CLUSTERS = 1 << 16


@dataclass(frozen=True)
class WordClusters:
    """The clusters of words, in several partitions.

    words: normalised. clusters: by the number of clusters k, int32 (words,), the cluster of each word from 0 to k - 1.
    """

    words: Vocabulary
    clusters: Mapping[int, Int32Array] = field(repr=False)

    @property
    def vocabularies(self) -> dict[str, Vocabulary]:
        """The ids of clusters, by the name of the network's input: words without a cluster are unknown."""
        return {
            cluster_input(count): Vocabulary(tuple(map(str, range(count))))
            for count in self.clusters
        }

    def features(self, normalised: Sequence[str]) -> dict[str, Int32Array]:
        """By the name of the network's input, int32 (words,), the ids of the clusters of normalised words."""
        ids = self.words.find(normalised)
        first = self.words.first_id
        known = ids >= first
        rows = np.where(known, ids - first, 0)
        return {
            cluster_input(count): np.where(known, of_words[rows] + first, UNKNOWN).astype(np.int32)
            for count, of_words in self.clusters.items()
        }

    def to_json(self) -> dict[str, Any]:
        """The entry of vocabularies.json."""
        partitions = {str(count): of_words.tolist() for count, of_words in self.clusters.items()}
        return {"words": self.words.symbols, "clusters": partitions}


def cluster_input(count: int) -> str:
    """The name of the network's input for a partition into `count` clusters."""
    return f"{PREFIX}{count}"


def is_cluster(name: str) -> bool:
    """Whether a network input of this name holds clusters."""
    return name.startswith(PREFIX)


def clusters_from_json(fields: Fields) -> WordClusters:
    """Read the entry of vocabularies.json. Raises ValueError if it is damaged."""
    words, partitions = fields.texts("words"), fields.part("clusters")
    fields.end()
    if not words:
        raise ValueError("word_clusters has no words")
    clusters = {}
    for name in partitions.names():
        count = int(name) if name.isdecimal() and len(name) <= len(str(MOST_CLUSTERS)) else 0
        values = partitions.take(name)
        if not 1 <= count <= MOST_CLUSTERS or not isinstance(values, list):
            raise ValueError(f"word_clusters holds {name!r}, which is no partition")
        if len(values) != len(words) or set(map(type, values)) != {int}:
            raise ValueError(f"word_clusters {name!r}: expected one whole number for each word")
        if min(values) < 0 or max(values) >= count:
            raise ValueError(f"word_clusters {name!r}: expected numbers from 0 to {count - 1}")
        clusters[count] = np.array(values, np.int32)
    return WordClusters(Vocabulary(words), clusters)
