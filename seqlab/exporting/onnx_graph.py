"""A tagger's network as an ONNX graph: ids of words and characters in, tag scores of every token out.

The graph has standard operators alone, so every runtime of ONNX runs it. The CRF and the rules of the tag scheme
stay outside; `onnx_description.py` writes what a program needs for them.
"""

from dataclasses import dataclass

import numpy as np
from onnx import TensorProto

from seqlab.encoding.encoded_corpus import NUMBERS_INPUT
from seqlab.exporting.onnx_layers import add_bilstm, add_character_cnn, add_character_lstm, axes
from seqlab.exporting.onnx_nodes import OnnxNodes
from seqlab.exporting.onnx_weights import add_rows, add_weight, packed_layer
from seqlab.inference.forward import Forward
from seqlab.machine.packed_arrays import NumberType, Packed

LENGTHS_INPUT, OUTPUT = "lengths", "emissions"
BATCH = ("sentences", "tokens")


@dataclass(frozen=True, kw_only=True)
class TaggerGraph:
    """The network of a tagger, to be written as a graph.

    forward: the network. frozen: (K, D), the vectors of frozen words; None without them.
    number_type: how the graph stores weights.
    """

    forward: Forward
    frozen: Packed | None
    number_type: NumberType

    def layer(self, name: str) -> list[Packed]:
        """The weights of a layer, in Keras' order."""
        return packed_layer(self.forward, name, self.number_type)

    def build(self, nodes: OnnxNodes) -> None:
        """Add the network to a graph.

        Inputs, by name; 0 is padding, on the right:
            words, and each word feature or column of the architecture: int32 (B, T), ids. The id of a frozen word is
                its row behind the trained words.
            chars: int32 (B, T, W), character ids.
            numbers: float32 (B, T, D), standardised numbers.
            lengths: int32 (B,), tokens of each sentence, at least 1.
        Output `emissions`: float32 (B, T, C), logits of a softmax or emissions of a CRF; without meaning on padding.
        """
        shape, parts = self.forward.architecture, []
        if shape.reads_words:
            parts.append(self.add_words(nodes))
        if shape.reads_characters:
            parts.append(self.add_characters(nodes))
        for name in shape.features:
            (table,) = self.layer(f"{name}_embedding")
            ids = nodes.input(name, TensorProto.INT32, BATCH)
            parts.append(add_rows(nodes, f"{name}_embedding", table, ids))
        if shape.numbers:
            parts.append(nodes.input(NUMBERS_INPUT, TensorProto.FLOAT, (*BATCH, shape.numbers)))
        lengths = nodes.input(LENGTHS_INPUT, TensorProto.INT32, BATCH[:1])
        joined = parts[0] if len(parts) == 1 else nodes.node("Concat", *parts, axis=2)
        hidden = nodes.node("Transpose", joined, perm=[1, 0, 2])  # ONNX' LSTM wants time first
        for number in range(1, shape.layers + 1):
            name = f"bilstm_{number}"
            hidden = add_bilstm(nodes, name, hidden, lengths, self.layer(name))
        self.add_emissions(nodes, hidden)

    def add_words(self, nodes: OnnxNodes) -> str:
        """float32 (B, T, word_dim): the vectors of words."""
        ids = nodes.input("words", TensorProto.INT32, BATCH)
        (trained,) = self.layer("word_embedding")
        if self.frozen is None:
            return add_rows(nodes, "word_embedding", trained, ids)
        zero = nodes.constant("zero", np.array(0, np.int32))
        count = nodes.constant("trained_words", np.array(len(trained.numbers), np.int32))
        last = nodes.constant("last_trained_word", np.array(len(trained.numbers) - 1, np.int32))
        known = add_rows(nodes, "word_embedding", trained, nodes.node("Min", ids, last))
        rows = nodes.node("Max", nodes.node("Sub", ids, count), zero)
        frozen = add_rows(nodes, "frozen_words", self.frozen, rows)
        is_frozen = nodes.node("Unsqueeze", nodes.node("Greater", ids, last), axes(nodes, 2))
        return nodes.node("Where", is_frozen, frozen, known)

    def add_characters(self, nodes: OnnxNodes) -> str:
        """float32 (B, T, 2 * char_units): each word's vector from its characters."""
        shape = self.forward.architecture
        chars = nodes.input("chars", TensorProto.INT32, (*BATCH, shape.max_chars))
        one_word_per_row = nodes.constant("word_rows", np.array([-1, shape.max_chars], np.int64))
        encode = add_character_cnn if shape.char_encoder == "cnn" else add_character_lstm
        rows = nodes.node("Reshape", chars, one_word_per_row)
        vectors = encode(nodes, rows, self.layer("characters"))
        batch = nodes.node("Shape", chars, start=0, end=2)
        size = nodes.constant("character_vector", np.array([2 * shape.char_units], np.int64))
        return nodes.node("Reshape", vectors, nodes.node("Concat", batch, size, axis=0))

    def add_emissions(self, nodes: OnnxNodes, hidden: str) -> None:
        """The output layer. hidden: float32 (T, B, 2H)."""
        shape = self.forward.architecture
        kernel, bias = self.layer("emissions" if shape.head == "crf" else "logits")
        scores = nodes.node("MatMul", hidden, add_weight(nodes, "emissions_kernel", kernel))
        scores = nodes.node("Add", scores, add_weight(nodes, "emissions_bias", bias))
        nodes.node("Transpose", scores, perm=[1, 0, 2], name=OUTPUT)
        nodes.output(OUTPUT, (*BATCH, shape.classes))
