"""The classic recipe as people write it: Keras `fit`, every sentence padded to 150 tokens of 15 characters.

Word embeddings of 100, a character BiLSTM of 25 on the (B * T, 15) characters, a BiLSTM of 100, a dense softmax, Adam,
batches of 32. Padding gets sample weight 0 but is still computed. The recipe uses nothing of seqlab but its sentences.

    python -m bench.classic TRAIN STEPS     a few training steps, to measure the memory of the process
"""

import random
import sys
import time
from collections.abc import Sequence
from typing import Any

import numpy as np

TOKENS, CHARACTERS, BATCH = 150, 15, 32
Labelled = Sequence[Any]  # sentences with `tokens` and `tags`


class Classic:
    """The recipe with the vocabulary of all training sentences, trained on some of them.

    train: every training sentence. sample: number of them in an epoch, None for all.
    """

    def __init__(self, train: Labelled, *, sample: int | None = None) -> None:
        tokens = [token for s in train for token in s.tokens]
        self.words = numbered({token.lower() for token in tokens}, first=2)
        self.characters = numbered({c for token in set(tokens) for c in token}, first=2)
        self.tags = numbered({tag for s in train for tag in s.tags}, first=0)
        chosen = train if sample is None else every_length(train, sample)
        self.inputs = self.padded(chosen)
        self.labels, self.weights = self.padded_tags(chosen)
        self.network = classic_network(len(self.words), len(self.characters), len(self.tags))

    def padded(self, sentences: Labelled) -> list[Any]:
        """Word ids int32 (N, 150) and character ids int32 (N, 150, 15); 0 is padding, 1 unknown."""
        words = np.zeros((len(sentences), TOKENS), np.int32)
        chars = np.zeros((len(sentences), TOKENS, CHARACTERS), np.int32)
        for row, sentence in enumerate(sentences):
            for column, token in enumerate(sentence.tokens[:TOKENS]):
                words[row, column] = self.words.get(token.lower(), 1)
                ids = [self.characters.get(c, 1) for c in token[:CHARACTERS]]
                chars[row, column, : len(ids)] = ids
        return [words, chars]

    def padded_tags(self, sentences: Labelled) -> tuple[Any, Any]:
        """Tag ids int32 (N, 150), and weights float32 (N, 150): 1 on tokens, 0 on padding."""
        labels = np.zeros((len(sentences), TOKENS), np.int32)
        weights = np.zeros((len(sentences), TOKENS), np.float32)
        for row, sentence in enumerate(sentences):
            ids = [self.tags[tag] for tag in sentence.tags[:TOKENS]]
            labels[row, : len(ids)], weights[row, : len(ids)] = ids, 1
        return labels, weights

    def train(self) -> float:
        """One epoch of `fit`. Returns real tokens per second."""
        start = time.perf_counter()
        self.network.fit(
            self.inputs, self.labels, sample_weight=self.weights, batch_size=BATCH, verbose=0
        )
        return float(self.weights.sum()) / (time.perf_counter() - start)

    def tag(self, inputs: list[Any]) -> float:
        """Run `predict` and choose the best tags. inputs: as `padded` returns them. Returns real tokens per second."""
        start = time.perf_counter()
        self.network.predict(inputs, batch_size=BATCH, verbose=0).argmax(axis=-1)
        return int(np.count_nonzero(inputs[0])) / (time.perf_counter() - start)


def numbered(symbols: set[str], *, first: int) -> dict[str, int]:
    """The id of each symbol, in alphabetical order."""
    return {symbol: number for number, symbol in enumerate(sorted(symbols), first)}


def every_length(sentences: Labelled, count: int) -> list[Any]:
    """A sample of sentences, spread evenly from the shortest to the longest, shuffled.

    Padded to 150, every sentence costs the same, so tokens per second depend on the mean length. This sample
    keeps the mean length.
    """
    ordered = sorted(sentences, key=lambda sentence: len(sentence.tokens))
    count = min(count, len(ordered))
    chosen = [ordered[(2 * k + 1) * len(ordered) // (2 * count)] for k in range(count)]
    random.Random(1).shuffle(chosen)  # noqa: S311 - no secret
    return chosen


def classic_network(words: int, characters: int, classes: int) -> Any:
    """Build and compile the network. The counts exclude padding and the unknown symbol."""
    import keras
    from keras import layers

    word_ids = keras.Input((TOKENS,), dtype="int32")
    character_ids = keras.Input((TOKENS, CHARACTERS), dtype="int32")
    spelled = layers.Embedding(characters + 2, 25)(character_ids)
    spelled = keras.ops.reshape(spelled, (-1, CHARACTERS, 25))
    spelled = layers.Bidirectional(layers.LSTM(25))(spelled)
    spelled = keras.ops.reshape(spelled, (-1, TOKENS, 50))
    hidden = layers.Concatenate()([layers.Embedding(words + 2, 100)(word_ids), spelled])
    hidden = layers.Bidirectional(layers.LSTM(100, return_sequences=True))(hidden)
    scores = layers.Dense(classes, activation="softmax")(hidden)
    network = keras.Model([word_ids, character_ids], scores)
    network.compile(keras.optimizers.Adam(), loss="sparse_categorical_crossentropy")
    return network


def main() -> None:
    from seqlab import read_corpus

    recipe = Classic(read_corpus(sys.argv[1]).sentences)
    recipe.network.fit(
        recipe.inputs, recipe.labels, sample_weight=recipe.weights, batch_size=BATCH,
        steps_per_epoch=int(sys.argv[2]), verbose=0,
    )  # fmt: skip


if __name__ == "__main__":
    main()
