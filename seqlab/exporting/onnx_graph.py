"""A tagger's network as an ONNX graph: ids of words and characters in, tag scores of every token out.

The graph has standard operators alone, so every runtime of ONNX runs it. The CRF and the rules of the tag scheme
stay outside; `onnx_reading.py` writes what a program needs for them.
"""

import numpy as np
from onnx import TensorProto

from seqlab.encoding.batches import NUMBERS_INPUT
from seqlab.exporting.onnx_layers import (
    add_bilstm,
    add_character_cnn,
    add_character_lstm,
)
from seqlab.exporting.onnx_nodes import OnnxNodes
from seqlab.exporting.word_table import WordTable
from seqlab.inference.forward import Forward

LENGTHS_INPUT, OUTPUT = "lengths", "emissions"
BATCH = ("sentences", "tokens")


def tagger_nodes(forward: Forward, words: WordTable | None, *, words_file: str | None) -> OnnxNodes:
    """The graph of a network.

    words: the vectors of words; None for a network that reads none. words_file: the name of the file that holds them;
    None stores them in the graph.

    Inputs, by name; 0 is padding, on the right:
        words, and each word feature or column of the architecture: int32 (B, T), ids.
        chars: int32 (B, T, W), character ids.
        numbers: float32 (B, T, D), standardised numbers.
        lengths: int32 (B,), tokens of each sentence, at least 1.
    Output `emissions`: float32 (B, T, C), logits of a softmax or emissions of a CRF; without meaning on padding.
    """
    nodes, shape = OnnxNodes(), forward.architecture
    parts = []
    if words is not None:
        ids = nodes.input("words", TensorProto.INT32, BATCH)
        parts.append(nodes.node("Gather", add_word_table(nodes, words, words_file), ids))
    if shape.reads_characters:
        parts.append(add_characters(nodes, forward))
    for name in shape.features:
        table = nodes.constant(f"{name}_embedding", forward.layer(f"{name}_embedding")[0])
        parts.append(nodes.node("Gather", table, nodes.input(name, TensorProto.INT32, BATCH)))
    if shape.numbers:
        parts.append(nodes.input(NUMBERS_INPUT, TensorProto.FLOAT, (*BATCH, shape.numbers)))
    lengths = nodes.input(LENGTHS_INPUT, TensorProto.INT32, BATCH[:1])
    joined = parts[0] if len(parts) == 1 else nodes.node("Concat", *parts, axis=2)
    hidden = nodes.node("Transpose", joined, perm=[1, 0, 2])  # ONNX' LSTM wants time first
    for number in range(1, shape.layers + 1):
        name = f"bilstm_{number}"
        hidden = add_bilstm(nodes, name, hidden, lengths, forward.layer(name))
    add_emissions(nodes, hidden, forward)
    return nodes


def add_word_table(nodes: OnnxNodes, words: WordTable, words_file: str | None) -> str:
    """The table of word vectors, inside the graph or in a file beside it."""
    name = "word_embedding"
    if words_file is not None:
        return nodes.stored_beside(name, words.shape, words_file)
    return nodes.constant(name, np.concatenate([*words.blocks()]))


def add_characters(nodes: OnnxNodes, forward: Forward) -> str:
    """float32 (B, T, 2 * char_units): each word's vector from its characters."""
    shape, weights = forward.architecture, forward.layer("characters")
    chars = nodes.input("chars", TensorProto.INT32, (*BATCH, shape.max_chars))
    by_word = nodes.node("Reshape", chars, word_rows(nodes, shape.max_chars))
    encode = add_character_cnn if shape.char_encoder == "cnn" else add_character_lstm
    vectors = encode(nodes, by_word, weights)
    batch = nodes.node("Shape", chars, start=0, end=2)
    size = nodes.constant("character_vector", np.array([2 * shape.char_units], np.int64))
    return nodes.node("Reshape", vectors, nodes.node("Concat", batch, size, axis=0))


def word_rows(nodes: OnnxNodes, width: int) -> str:
    """The shape that turns (B, T, W) into (B * T, W)."""
    return nodes.constant("word_rows", np.array([-1, width], np.int64))


def add_emissions(nodes: OnnxNodes, hidden: str, forward: Forward) -> None:
    """The output layer. hidden: float32 (T, B, 2H)."""
    shape = forward.architecture
    kernel, bias = forward.layer("emissions" if shape.head == "crf" else "logits")
    scores = nodes.node("MatMul", hidden, nodes.constant("emissions_kernel", kernel))
    scores = nodes.node("Add", scores, nodes.constant("emissions_bias", bias))
    nodes.node("Transpose", scores, perm=[1, 0, 2], name=OUTPUT)
    nodes.output(OUTPUT, (*BATCH, shape.classes))
