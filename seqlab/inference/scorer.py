"""Sentences in, the scores of every tag of every token out: batched by length."""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.numbered import number
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoded import EncodedColumn
from seqlab.encoding.encoder import Encoder, column_input, encode_column
from seqlab.inference.blas import ONE_THREAD
from seqlab.inference.chain import Messages, messages
from seqlab.inference.forms import KnownForms
from seqlab.inference.forward import Forward, Pair
from seqlab.inference.lstm import Floats
from seqlab.inference.ragged import Integers, Ragged

BATCH_TOKENS = 2048  # real tokens of one batch: its states stay in the cache
GROUP_TOKENS = 32_768  # that are looked up together: what is held of their words grows with them


@dataclass(frozen=True, kw_only=True)
class Scored:
    """A batch, longest sentence first.

    sentences: int64 (B,), their numbers. lengths: int64 (B,), at least 1.
    emissions: float32 (B, T, C), 0 on padding, which is on the right. chain: of a CRF, what the tokens before
    and after each say of its tag, float32 (B, T, C) both.
    """

    sentences: Integers
    lengths: Integers
    emissions: Floats
    chain: Messages | None

    def places(self) -> Iterator[tuple[int, int]]:
        """The number and the length of each sentence."""
        return zip(self.sentences.tolist(), self.lengths.tolist(), strict=True)

    @property
    def logits(self) -> Floats:
        """float32 (B, T, C): scores whose softmax is the probability of each token's tags."""
        if self.chain is None:
            return self.emissions
        return self.emissions + self.chain.before + self.chain.after


class Scorer:
    """What scores sentences with one trained network."""

    def __init__(self, forward: Forward, encoder: Encoder) -> None:
        self.forward, self.encoder = forward, encoder
        self.known = KnownForms(forward, encoder)

    def score(self, sentences: Sequence[Sentence]) -> Iterator[Scored]:
        """Every sentence that has a token, in batches; as many sentences as fit in memory.

        Raises UserError for a sentence without one of the network's feature columns.
        """
        first = 0
        for group in groups(sentences):
            for batch in self.score_group(group):
                yield replace(batch, sentences=batch.sentences + first)
            first += len(group)

    def score_group(self, sentences: Sequence[Sentence]) -> Iterator[Scored]:
        """The same, of sentences that are looked up together."""
        found = number(sentences, features=tuple(self.encoder.feature_columns))
        order = np.argsort(-found.lengths, kind="stable")
        order = order[: np.count_nonzero(found.lengths)]
        if not len(order):
            return
        tables, rows = self.known.look_up(found.forms)
        columns = {
            column_input(name): encode_column(found.features[name], vocabulary)
            for name, vocabulary in self.encoder.feature_columns.items()
        }
        chunk = Chunk(
            forward=self.forward,
            tables=tables,
            rows=rows[found.form_ids],
            columns=columns,
            offsets=found.offsets,
        )
        parts = cut(order, found.lengths)
        with (
            ONE_THREAD.held() if len(parts) > 1 else nullcontext()
        ):  # one alone is quicker than that
            yield from map(chunk.scored, parts)

    @cached_property
    def chain_scores(self) -> tuple[Floats, Floats, Floats]:
        """What neighbours (C, C), first (C,) and last tags (C,) add to a path; zeros without a chain."""
        classes = self.forward.architecture.classes
        if self.forward.architecture.head == "crf":
            transitions, start, end = self.forward.layer("logits")
            return transitions, start, end
        nothing = np.zeros(classes, np.float32)
        return np.zeros((classes, classes), np.float32), nothing, nothing


@dataclass(frozen=True, kw_only=True)
class Chunk:
    """Sentences with all that is known of their words. rows: int64 (tokens,), of the tables."""

    forward: Forward
    tables: Pair
    rows: Integers
    columns: dict[str, EncodedColumn]
    offsets: Integers

    def scored(self, part: Integers) -> Scored:
        """One batch. part: numbers of sentences, longest first."""
        lengths = self.offsets[part + 1] - self.offsets[part]
        ragged = Ragged(lengths)
        mask = np.arange(lengths[0]) < lengths[:, None]
        flat = (self.offsets[part][:, None] + np.arange(lengths[0]))[mask]
        columns = {name: one.ids[one.values[flat]] for name, one in self.columns.items()}
        found = self.forward.emissions(self.tables, self.rows[flat], columns, ragged)
        emissions = np.zeros((*mask.shape, found.shape[1]), np.float32)
        emissions[mask] = found
        return Scored(
            sentences=part,
            lengths=lengths,
            emissions=emissions,
            chain=self.messages(emissions, lengths),
        )

    def messages(self, emissions: Floats, lengths: Integers) -> Messages | None:
        """The messages of a chain, where the network has one."""
        if self.forward.architecture.head != "crf":
            return None
        transitions, start, end = self.forward.layer("logits")
        return messages(emissions, transitions, start, end, lengths)


def groups(sentences: Sequence[Sentence]) -> Iterator[Sequence[Sentence]]:
    """The same sentences in parts of about `GROUP_TOKENS`, each of at least one."""
    first, tokens = 0, 0
    for place, sentence in enumerate(sentences):
        if tokens and tokens + len(sentence) > GROUP_TOKENS:
            yield sentences[first:place]
            first, tokens = place, 0
        tokens += len(sentence)
    yield sentences[first:]


def cut(order: Integers, lengths: NDArray[Any]) -> list[Integers]:
    """Parts of a list, longest sentence first, of about `BATCH_TOKENS` each and at least one sentence."""
    before = np.cumsum(lengths[order]) - lengths[order]
    edges = np.flatnonzero(np.diff(before // BATCH_TOKENS)) + 1
    return np.split(order, edges)
