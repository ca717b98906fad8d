"""The forward pass of a trained network in numpy: tag scores of every token, on the CPU.

The first BiLSTM's input depends on a token's spelling alone, except for columns of features and numbers. So its
gate inputs are computed once per spelling and cached; see `spelling_cache`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.architecture import Architecture, feature_dim
from seqlab.arrays import FloatArray, Int64Array
from seqlab.encoding.distinct_words import DistinctWords
from seqlab.encoding.encoder import is_column
from seqlab.encoding.gazetteer_features import SYMBOLS, is_gazetteer
from seqlab.inference.characters import convolution, recurrence
from seqlab.inference.crf import CrfWeights
from seqlab.inference.lstm import BiLstm
from seqlab.inference.ragged import RaggedBatch
from seqlab.inference.weights import NetworkWeights
from seqlab.machine.cached_property import cached_property

MOST_JOINED = 14  # gazetteers: the combinations of more would overflow 64 bits


@dataclass(frozen=True)
class Forward:
    """The network of an architecture. weights: from `network_weights`; they must not change afterwards."""

    architecture: Architecture
    weights: NetworkWeights

    def layer(self, name: str) -> list[FloatArray]:
        """The weights of a layer, in order; an empty list if there is no such layer."""
        weights: list[FloatArray] = []
        while f"{name}/{len(weights)}" in self.weights:
            weights.append(self.weights[f"{name}/{len(weights)}"])
        return weights

    @cached_property
    def bilstms(self) -> list[BiLstm]:
        """The BiLSTM layers."""
        numbers = range(1, self.architecture.layers + 1)
        layers = [self.layer(f"bilstm_{number}") for number in numbers]
        return [BiLstm.from_keras(weights[:3], weights[3:]) for weights in layers]

    @cached_property
    def crf(self) -> CrfWeights:
        """The weights of the CRF."""
        transitions, start, end = self.layer("logits")
        return CrfWeights.of(transitions, start, end)

    def word_features(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, D): the first BiLSTM's input of each word, without columns. D is 0 without words."""
        if not self.architecture.reads_words:
            return np.zeros((len(distinct.word_ids), 0), np.float32)
        parts = [self.word_vectors(distinct)]
        if self.architecture.reads_characters:
            encode = convolution if self.architecture.char_encoder == "cnn" else recurrence
            chars = distinct.padded(self.architecture.max_chars)
            parts.append(encode(chars, self.layer("characters")))
        features = distinct.features.items()
        parts += [self.layer(f"{name}_embedding")[0][ids] for name, ids in features]
        return np.concatenate(parts, axis=1)

    def word_vectors(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, word_dim): trained vectors, or the file's vectors for frozen words."""
        table = self.layer("word_embedding")[0]
        # A frozen word's id lies behind the table. Clip it here; its vector is replaced below.
        vectors: FloatArray = table[np.minimum(distinct.word_ids, len(table) - 1)]
        if distinct.frozen_table is not None and distinct.frozen_rows is not None:
            frozen = distinct.frozen_rows > 0
            vectors[frozen] = distinct.frozen_table[distinct.frozen_rows[frozen]]
        return vectors

    def gate_inputs(self, distinct: DistinctWords) -> FloatArray:
        """float32 (distinct words, 8H): the first BiLSTM's gate inputs of each word.

        A word's row does not depend on the other words, bit for bit.
        """
        return self.bilstms[0].project(self.word_features(distinct), by_block=True)

    @cached_property
    def column_tables(self) -> dict[str, FloatArray]:
        """By input name of each feature column, float32 (symbols, 8H): what a value adds to the gate inputs."""
        tables: dict[str, FloatArray] = {}
        # Columns are the last inputs of the first BiLSTM before the numbers: count their kernel rows from the end.
        kernel = self.bilstms[0].kernel
        first = len(kernel) - self.architecture.numbers
        for name in reversed([name for name in self.architecture.features if is_column(name)]):
            embedding = self.layer(f"{name}_embedding")[0]
            first -= embedding.shape[1]
            tables[name] = embedding @ kernel[first : first + embedding.shape[1]]
        return tables

    def joined_source(
        self, columns: Mapping[str, Int64Array], names: Sequence[str]
    ) -> tuple[FloatArray, Int64Array]:
        """One table for several gazetteers, float32 (combinations, 8H), and the row of each token, int64 (N,).

        Nearly all tokens are outside of every list, so few combinations of values occur. Their rows are summed here once,
        and not again for each token.
        """
        codes = np.zeros(len(columns[names[0]]), np.int64)
        for name in names:
            codes = codes * SYMBOLS.id_count + columns[name]
        combinations, rows = np.unique(codes, return_inverse=True)
        table = np.zeros((len(combinations), self.bilstms[0].kernel.shape[1]), np.float32)
        for name in reversed(names):
            combinations, ids = np.divmod(combinations, SYMBOLS.id_count)
            table += self.column_tables[name][ids]
        return table, rows

    @cached_property
    def number_kernel(self) -> FloatArray:
        """float32 (D, 8H): what the numbers of a token add to its gate inputs, per unit."""
        kernel = self.bilstms[0].kernel
        return kernel[len(kernel) - self.architecture.numbers :]

    def emissions(
        self,
        table: FloatArray,
        rows: Int64Array,
        columns: Mapping[str, Int64Array],
        ragged: RaggedBatch,
        numbers: FloatArray | None = None,
    ) -> FloatArray:
        """float32 (N, C): the tag scores of each token; logits of a softmax, emissions of a CRF.

        table: float32 (rows, 8H), gate inputs by spelling. rows: int64 (N,), each token's row, in sentence order.
        columns: by input name, int64 (N,), the value id of each token.
        numbers: float32 (N, D), inputs of the numeric columns; None without them.
        """
        sources = [(table, rows)]
        one_by_one = [name for name in columns if not is_gazetteer(name)]
        lists = [name for name in columns if is_gazetteer(name)]
        sources += [(self.column_tables[name], columns[name]) for name in one_by_one]
        sources += [
            self.joined_source(columns, lists[first : first + MOST_JOINED])
            for first in range(0, len(lists), MOST_JOINED)
        ]
        if numbers is not None:
            sources.append((numbers @ self.number_kernel, np.arange(ragged.tokens)))
        forward, backward = ragged.time_order
        units = self.architecture.hidden_units
        hidden = self.bilstms[0].run(sources, ragged)
        for bilstm in self.bilstms[1:]:
            # Each direction's states are in its own time order; bring both back to sentence order.
            joined = np.empty((ragged.tokens, 2 * units), np.float32)
            joined[forward, :units], joined[backward, units:] = hidden
            every = np.arange(ragged.tokens)
            hidden = bilstm.run([(bilstm.project(joined), every)], ragged)
        crf = self.architecture.head == "crf"
        kernel, bias = self.layer("emissions" if crf else "logits")
        # The same for the output layer, but on its C scores, which are fewer than the 2H states.
        # Each order holds every token once, so `+=` through an index array is safe.
        scores = np.empty((ragged.tokens, len(bias)), np.float32)
        scores[forward] = hidden[0] @ kernel[:units]
        scores[backward] += hidden[1] @ kernel[units:]
        scores += bias
        return scores


def weight_shapes(architecture: Architecture) -> dict[str, tuple[int, ...]]:
    """The shape of each weight of a network, by its name in `NetworkWeights`."""
    shape = architecture
    layers: dict[str, list[tuple[int, ...]]] = {}
    inputs, filters = shape.numbers, 2 * shape.char_units
    if shape.reads_words:
        layers["word_embedding"] = [(shape.words, shape.word_dim)]
        inputs += shape.word_dim
    if shape.reads_characters:
        inputs += filters
        table = (shape.characters, shape.char_dim)
        cells = 2 * lstm_shapes(shape.char_dim, shape.char_units)
        convolved = [(3, shape.char_dim, filters), (filters,)]
        layers["characters"] = [table, *(convolved if shape.char_encoder == "cnn" else cells)]
    for name, symbols in shape.features.items():
        layers[f"{name}_embedding"] = [(symbols, feature_dim(name))]
        inputs += feature_dim(name)
    for number in range(1, shape.layers + 1):
        layers[f"bilstm_{number}"] = 2 * lstm_shapes(inputs, shape.hidden_units)
        inputs = 2 * shape.hidden_units
    crf = shape.head == "crf"
    layers["emissions" if crf else "logits"] = [(inputs, shape.classes), (shape.classes,)]
    if crf:
        layers["logits"] = [(shape.classes, shape.classes), (shape.classes,), (shape.classes,)]
    return {f"{name}/{i}": one for name, shapes in layers.items() for i, one in enumerate(shapes)}


def lstm_shapes(inputs: int, units: int) -> list[tuple[int, ...]]:
    """The shapes of one LSTM's kernel, recurrent kernel and bias."""
    return [(inputs, 4 * units), (units, 4 * units), (4 * units,)]
