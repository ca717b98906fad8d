"""A trained network in plain numpy: the scores of every tag of every token, on the CPU.

What the first BiLSTM reads of a token is, but for its columns, a function of its spelling alone. So its gates'
input is worked out once a distinct word, and kept: a word seen before costs a look-up.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from seqlab.encoding.encoded import Forms
from seqlab.inference.characters import convolution, recurrence
from seqlab.inference.lstm import Floats, Lstm
from seqlab.inference.ragged import Integers, Ragged
from seqlab.inference.weights import Weights
from seqlab.modeling.architecture import Architecture

Pair = tuple[Floats, Floats]  # of the forward and the backward direction


@dataclass(frozen=True)
class Forward:
    """architecture: the network's. weights: as `weights_of` gives them; they must not change any more."""

    architecture: Architecture
    weights: Weights

    def layer(self, name: str) -> list[Floats]:
        """The weights of a layer, in order; none if it has none."""
        found: list[Floats] = []
        while f"{name}/{len(found)}" in self.weights:
            found.append(self.weights[f"{name}/{len(found)}"])
        return found

    @cached_property
    def bilstms(self) -> list[tuple[Lstm, Lstm]]:
        """Both directions of each layer."""
        found = []
        for number in range(1, self.architecture.layers + 1):
            cells = self.layer(f"bilstm_{number}")
            found.append((Lstm.of(*cells[:3]), Lstm.of(*cells[3:])))
        return found

    def features(self, forms: Forms) -> Floats:
        """float32 (forms, D): what the first BiLSTM reads of each distinct form."""
        parts = [self.layer("word_embedding")[0][forms.words]]
        if self.architecture.char_encoder != "none":
            encode = convolution if self.architecture.char_encoder == "cnn" else recurrence
            parts.append(
                encode(forms.padded(self.architecture.max_chars), self.layer("characters"))
            )
        if self.architecture.cases:
            parts.append(self.layer("case_embedding")[0][forms.cases])
        return np.concatenate(parts, axis=1)

    def tables(self, forms: Forms) -> Pair:
        """float32 (forms, 4H) each: the input of the first BiLSTM's gates, for each distinct form."""
        features = self.features(forms)
        ahead, back = self.bilstms[0]
        return ahead.project(features), back.project(features)

    def emissions(self, tables: Pair, forms: Integers, ragged: Ragged) -> Floats:
        """float32 (N, C): the scores of each token's tags, before a chain over them.

        tables: rows of distinct forms. forms: int (N,), the row of each token, sentence after sentence.
        """
        sources: Sequence[tuple[Floats, Integers]] = [(table, forms) for table in tables]
        hidden: list[Floats] = []
        for number, pair in enumerate(self.bilstms):
            if number:
                joined = np.concatenate(hidden, axis=1)
                every = np.arange(ragged.tokens)
                sources = [(lstm.project(joined), every) for lstm in pair]
            hidden = [
                lstm.run([source], ragged, backward=bool(back))
                for back, (lstm, source) in enumerate(zip(pair, sources, strict=True))
            ]
        crf = self.architecture.head == "crf"
        kernel, bias = self.layer("emissions" if crf else "logits")
        units = self.architecture.hidden_units
        found: Floats = hidden[0] @ kernel[:units]
        found += hidden[1] @ kernel[units:]
        found += bias
        return found
