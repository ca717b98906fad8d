"""Labelled sentences with a network's log-probabilities: the data on which a decision rule is tuned."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise

import numpy as np

from seqlab.arrays import AnyFloatArray, BoolArray, DoubleArray, Int32Array
from seqlab.corpus.schemes import Scheme
from seqlab.deciding.transitions import LegalTransitions
from seqlab.deciding.viterbi import decode
from seqlab.scoring.figures import ItemCounts
from seqlab.scoring.pairs import TagPairs, TagSequences, first_tokens, flat_tag_ids
from seqlab.scoring.score import item_counts
from seqlab.scoring.tags import class_of


@dataclass(frozen=True, kw_only=True)
class LabelledScores:
    """The M tokens of all sentences, end to end. The network knows C tags.

    log_probabilities: float64 (M, C), of each tag, in nats.
    tags: the C tags of the network. scheme: the tag scheme of `tags` and of the gold tags.
    names: `tags`, followed by the gold tags that the network does not know.
    gold: int32 (M,), gold tag as an index into `names`.
    first: bool (M,), True on the first token of each sentence.
    legal: the transitions that a path may use; None allows all.
    """

    log_probabilities: DoubleArray
    tags: tuple[str, ...]
    scheme: Scheme
    names: tuple[str, ...]
    gold: Int32Array
    first: BoolArray
    legal: LegalTransitions | None = None

    @property
    def labels(self) -> Int32Array:
        """int32 (M,): gold tag as an index into `tags`; -1 where the network does not know it."""
        return np.where(self.gold < len(self.tags), self.gold, -1).astype(np.int32)

    @property
    def classes(self) -> tuple[str, ...]:
        """The class of each of the C tags."""
        return tuple(class_of(tag, self.scheme) for tag in self.tags)

    def subset(self, chosen: BoolArray) -> "LabelledScores":
        """Keep the chosen tokens. chosen: bool (M,), the same value on all tokens of a sentence."""
        return replace(
            self,
            log_probabilities=self.log_probabilities[chosen],
            gold=self.gold[chosen],
            first=self.first[chosen],
        )

    def decide(self, bias: AnyFloatArray) -> Int32Array:
        """int32 (M,): the best tag id of each token alone. bias: float (C,), added to log-probabilities."""
        best: Int32Array = (self.log_probabilities + bias).argmax(axis=-1).astype(np.int32)
        return best

    def decide_legally(self, bias: AnyFloatArray) -> Int32Array:
        """int32 (M,): the tag ids of each sentence's best legal path, as a tagger chooses them.

        bias: float (C,), added to log-probabilities. Much slower than `decide` if `legal` is given.
        """
        tag_ids = self.decide(bias)
        if self.legal is not None:
            offsets = [*np.flatnonzero(self.first).tolist(), len(self.first)]
            for start, stop in pairwise(offsets):
                scores = self.log_probabilities[None, start:stop] + bias
                tag_ids[start:stop] = decode(scores, np.array([stop - start]), self.legal)[0]
        return tag_ids

    def counts(self, tag_ids: Int32Array) -> dict[str, ItemCounts]:
        """Correct, predicted and gold items per class. tag_ids: int32 (M,), predicted tags."""
        pairs = TagPairs(names=self.names, gold=self.gold, predicted=tag_ids, first=self.first)
        return item_counts(pairs, self.scheme)


def labelled_scores(
    log_probabilities: Sequence[AnyFloatArray],
    gold: TagSequences,
    tags: Iterable[str],
    scheme: Scheme,
    *,
    legal: LegalTransitions | None = None,
) -> LabelledScores:
    """Join N sentences.

    log_probabilities: float (T, C) per sentence. gold: tags per sentence. tags: the network's C tags.
    """
    known = tuple(tags)
    names = tuple(dict.fromkeys([*known, *chain.from_iterable(gold)]))
    index_of = {name: index for index, name in enumerate(names)}
    empty = np.zeros((0, len(known)))  # np.concatenate needs at least one array
    return LabelledScores(
        log_probabilities=np.concatenate([empty, *log_probabilities]).astype(np.float64),
        tags=known,
        scheme=scheme,
        names=names,
        gold=flat_tag_ids(gold, index_of),
        first=first_tokens(gold),
        legal=legal,
    )


def bias_by_tag(data: LabelledScores, bias: Mapping[str, float]) -> DoubleArray:
    """float64 (C,): the bias of each tag. bias: by class; a class that is not listed gets 0."""
    return np.array([bias.get(name, 0.0) for name in data.classes])
