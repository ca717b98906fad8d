"""How much a tagger would learn from the labels of a sentence: the order in which to label texts.

The value of a sentence is

    sum over tokens of (GAIN + uncertainty) * (sum over classes of probability * rarity)  /  tokens ** LENGTH_POWER

uncertainty: the entropy of the token's class probabilities, 1 at its largest (uncertainty sampling; Settles & Craven
2008 compare it with others for sequences). rarity of a class: 1 / sqrt(1 + its spans in training), 1 for a class
that training lacks. GAIN: a rare class is worth a label even where the tagger is certain of it.
Plain uncertainty prefers long sentences, and uncertainty per token prefers very short ones (Shen et al. 2018 divide by
the length), so the value is divided by a power of the length between the two.
Repeated sentences, which would teach the same again, lose value with each repetition.
"""

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from seqlab.arrays import DoubleArray
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.corpus.sentence import Sentence
from seqlab.tagging.tagger import Tagger

GAIN = 0.2
LENGTH_POWER = 0.5


@dataclass(frozen=True, kw_only=True)
class LabellingValue:
    """Computes the value of labels for a tagger.

    counts: spans of each class in its training corpus; of plain tags, tokens.
    """

    tagger: Tagger
    counts: Mapping[str, int]

    def of_sentences(self, sentences: Sequence[Sentence]) -> DoubleArray:
        """float64 (N,): the value of each sentence, 0 or more."""
        tags = self.tagger.encoder.tags.symbols
        names = [class_of_tag(tag, self.tagger.scheme) for tag in tags]
        classes = list(dict.fromkeys(names))
        groups = np.array([[name == one for one in classes] for name in names], np.float64)
        rarity = self.rarities(classes)
        values = np.zeros(len(sentences))
        for number, logs in enumerate(self.tagger.token_log_probabilities(sentences)):
            if len(logs):
                probabilities = np.exp(logs.astype(np.float64)) @ groups
                values[number] = sentence_value(probabilities, rarity)
        return values

    def rarities(self, classes: Sequence[str]) -> DoubleArray:
        """float64 (C,): the rarity of each class; 0 for O of a span task."""
        spans = self.tagger.scheme is not Scheme.PLAIN
        return np.array(
            [
                0.0 if spans and name == OUTSIDE_TAG else (1 + self.counts.get(name, 0)) ** -0.5
                for name in classes
            ]
        )


def sentence_value(probabilities: DoubleArray, rarity: DoubleArray) -> float:
    """The value of one sentence; see the head of this file.

    probabilities: float64 (T, C), of the classes of each token. rarity: float64 (C,).

    >>> certain, open = np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])
    >>> rarity = np.array([0.0, 1.0])
    >>> sentence_value(certain, rarity), round(sentence_value(open, rarity), 3)
    (0.0, 0.6)
    """
    logs = np.log(np.maximum(probabilities, 1e-300))
    largest = np.log(max(probabilities.shape[1], 2))
    uncertainty = -(probabilities * logs).sum(axis=1) / largest
    tokens = (GAIN + uncertainty) * (probabilities @ rarity)
    return float(tokens.sum() / len(tokens) ** LENGTH_POWER)


def labelling_order(values: Sequence[float], keys: Iterable[Hashable]) -> list[int]:
    """The numbers of the texts, the most valuable first.

    keys: equal for texts that teach the same. The second of equal texts has half its value, the third a third.

    >>> labelling_order([3.0, 2.9, 2.0], ["a", "a", "b"])
    [0, 2, 1]
    """
    best_first = sorted(zip(values, range(len(values)), keys, strict=True), key=lambda one: -one[0])
    seen: Counter[Hashable] = Counter()
    discounted = []
    for value, number, key in best_first:
        seen[key] += 1
        discounted.append((-value / seen[key], number))
    return [number for _, number in sorted(discounted)]


def folded(tokens: Iterable[str]) -> tuple[str, ...]:
    """What near-duplicates share: the words in lower case, without numbers and signs.

    >>> folded(["Rain", "on", "May", "3", "!"])
    ('rain', 'on', 'may')
    """
    return tuple(token.lower() for token in tokens if token.isalpha())
