"""A trained network in plain numpy: the scores of every tag of every token, on the CPU.

What the first BiLSTM reads of a token is, but for its columns, a function of its spelling alone. So its gates'
input is worked out once a distinct word, and kept: a word seen before costs a look-up.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqlab.arrays import FloatArray, Int64Array
from seqlab.encoding.distinct_words import DistinctWords
from seqlab.encoding.encoder import is_column
from seqlab.inference.characters import convolution, recurrence
from seqlab.inference.lstm import BiLstm, RaggedBatch
from seqlab.inference.weights import NetworkWeights
from seqlab.modeling.architecture import Architecture, feature_dim


@dataclass(frozen=True)
class Forward:
    """architecture: the network's. weights: as `network_weights` gives them; they must not change any more."""

    architecture: Architecture
    weights: NetworkWeights

    def layer(self, name: str) -> list[FloatArray]:
        """The weights of a layer, in order; none if it has none."""
        found: list[FloatArray] = []
        while f"{name}/{len(found)}" in self.weights:
            found.append(self.weights[f"{name}/{len(found)}"])
        return found

    @cached_property
    def bilstms(self) -> list[BiLstm]:
        """The BiLSTM of each layer."""
        layers = range(1, self.architecture.layers + 1)
        cells = [self.layer(f"bilstm_{number}") for number in layers]
        return [BiLstm.of(found[:3], found[3:]) for found in cells]

    def features(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, D): what the first BiLSTM reads of each distinct word."""
        parts = [self.words(distinct)]
        if self.architecture.char_encoder != "none":
            encode = convolution if self.architecture.char_encoder == "cnn" else recurrence
            parts.append(
                encode(distinct.padded(self.architecture.max_chars), self.layer("characters"))
            )
        parts += [
            self.layer(f"{name}_embedding")[0][ids] for name, ids in distinct.features.items()
        ]
        return np.concatenate(parts, axis=1)

    def words(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, word_dim): the vector of each word, of its own table or of the other one."""
        table = self.layer("word_embedding")[0]
        found: FloatArray = table[np.minimum(distinct.word_ids, len(table) - 1)]
        if distinct.frozen_table is not None and distinct.frozen_rows is not None:
            frozen = distinct.frozen_rows > 0
            found[frozen] = distinct.frozen_table[distinct.frozen_rows[frozen]]
        return found

    def table(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, 8H): the input of the first BiLSTM's gates, for each distinct word.

        A word's row does not depend on the other words, bit for bit.
        """
        return self.bilstms[0].project(self.features(distinct), by_block=True)

    @cached_property
    def column_tables(self) -> dict[str, FloatArray]:
        """By the name of a column's input float32 (symbols, 8H): what a value adds to the gates."""
        found: dict[str, FloatArray] = {}
        first = len(self.bilstms[0].kernel)
        for name in reversed([name for name in self.architecture.features if is_column(name)]):
            embedding = self.layer(f"{name}_embedding")[0]
            first -= embedding.shape[1]
            found[name] = self.bilstms[0].project(embedding, first=first)
        return found

    def emissions(
        self,
        table: FloatArray,
        forms: Int64Array,
        columns: Mapping[str, Int64Array],
        ragged: RaggedBatch,
    ) -> FloatArray:
        """float32 (N, C): the scores of each token's tags, before a chain over them.

        table: rows of distinct distinct. forms: int (N,), the row of each token, sentence after sentence.
        columns: by the name of the input int (N,), the id of each token's value.
        """
        sources = [(table, forms)]
        sources += [(self.column_tables[name], ids) for name, ids in columns.items()]
        ahead, back = ragged.places
        units = self.architecture.hidden_units
        hidden = self.bilstms[0].run(sources, ragged)
        for bilstm in self.bilstms[1:]:
            joined = np.empty((ragged.tokens, 2 * units), np.float32)
            joined[ahead, :units], joined[back, units:] = hidden
            every = np.arange(ragged.tokens)
            hidden = bilstm.run([(bilstm.project(joined), every)], ragged)
        crf = self.architecture.head == "crf"
        kernel, bias = self.layer("emissions" if crf else "logits")
        found = np.empty((ragged.tokens, len(bias)), np.float32)
        found[ahead] = hidden[0] @ kernel[:units]
        found[back] += hidden[1] @ kernel[units:]
        found += bias
        return found


def weight_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a network, by its name."""
    shape = architecture
    layers: dict[str, list[tuple[int, ...]]] = {"word_embedding": [(shape.words, shape.word_dim)]}
    read, filters = shape.word_dim, 2 * shape.char_units
    if shape.char_encoder != "none":
        read += filters
        table = (shape.characters, shape.char_dim)
        cells = 2 * lstm_shapes(shape.char_dim, shape.char_units)
        convolved = [(3, shape.char_dim, filters), (filters,)]
        layers["characters"] = [table, *(convolved if shape.char_encoder == "cnn" else cells)]
    for name, symbols in shape.features.items():
        layers[f"{name}_embedding"] = [(symbols, feature_dim(name))]
        read += feature_dim(name)
    for number in range(1, shape.layers + 1):
        layers[f"bilstm_{number}"] = 2 * lstm_shapes(read, shape.hidden_units)
        read = 2 * shape.hidden_units
    crf = shape.head == "crf"
    layers["emissions" if crf else "logits"] = [(read, shape.classes), (shape.classes,)]
    if crf:
        layers["logits"] = [(shape.classes, shape.classes), (shape.classes,), (shape.classes,)]
    return {f"{name}/{i}": one for name, each in layers.items() for i, one in enumerate(each)}


def lstm_shapes(inputs: int, units: int) -> list[tuple[int, ...]]:
    """The shapes of the weights of one LSTM: kernel, recurrent kernel and bias."""
    return [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
