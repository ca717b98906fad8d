"""The encoder: vocabularies of the training split, and sentences as numbers by them."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoded import EncodedCorpus, Forms
from seqlab.encoding.vocabulary import Vocabulary, count_symbols
from seqlab.encoding.words import case_id, normalise


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """The three vocabularies: words (normalised), characters (as written) and tags."""

    words: Vocabulary
    characters: Vocabulary
    tags: Vocabulary

    def encode(self, sentences: Sequence[Sentence]) -> EncodedCorpus:
        """Sentences as ragged arrays. Unknown words and characters get id 1, unknown tags 0."""
        forms: dict[str, int] = {}
        for sentence in sentences:
            for token in sentence.tokens:
                forms.setdefault(token, len(forms))
        lengths = np.fromiter(map(len, sentences), np.int64, len(sentences))
        flat = numbers((token for s in sentences for token in s.tokens), forms, lengths.sum())
        word_of_form = np.fromiter(
            (self.words.id(normalise(form)) for form in forms), np.int32, len(forms)
        )
        return EncodedCorpus(
            words=word_of_form[flat] if len(forms) else flat,
            forms=flat,
            labels=self.labels(sentences, lengths),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            form_table=self.form_table(forms),
            sentence_weights=np.array([s.weight for s in sentences], np.float32),
            token_weights=token_weights(sentences, lengths),
            classes=len(self.tags.symbols),
        )

    def labels(
        self, sentences: Sequence[Sentence], lengths: NDArray[np.int64]
    ) -> NDArray[np.int32]:
        """int32 (tokens,): tag ids, 0 without a tag."""
        ids = self.tags.ids
        found = (
            ids.get(tag, 0)
            for s, length in zip(sentences, lengths, strict=True)
            for tag in (s.tags if s.tags is not None else ("",) * int(length))
        )
        return np.fromiter(found, np.int32, int(lengths.sum()))

    def form_table(self, forms: Collection[str]) -> Forms:
        """Characters and case of each distinct form."""
        lengths = np.fromiter(map(len, forms), np.int64, len(forms))
        ids, unknown = self.characters.ids, self.characters.id("")
        found = (ids.get(character, unknown) for character in chain.from_iterable(forms))
        return Forms(
            characters=np.fromiter(found, np.int32, int(lengths.sum())),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            cases=np.fromiter(map(case_id, forms), np.int32, len(forms)),
        )


def numbers(tokens: Iterable[str], ids: dict[str, int], total: int) -> NDArray[np.int32]:
    """int32 (tokens,): the number of each token, all of them known."""
    return np.fromiter(map(ids.__getitem__, tokens), np.int32, int(total))


def token_weights(
    sentences: Sequence[Sentence], lengths: NDArray[np.int64]
) -> NDArray[np.float32] | None:
    """float32 (tokens,) where any sentence has token weights, else None."""
    if all(s.token_weights is None for s in sentences):
        return None
    found = (
        weight
        for s, length in zip(sentences, lengths, strict=True)
        for weight in (s.token_weights if s.token_weights is not None else (1.0,) * int(length))
    )
    return np.fromiter(found, np.float32, int(lengths.sum()))


def fit_encoder(
    train: Sequence[Sentence], *, min_word_count: int = 2, keep_words: Collection[str] = ()
) -> Encoder:
    """The vocabularies of the training split; no other split is ever looked at.

    Words rarer than `min_word_count` are left out, so that the network meets them in training as
    the unknown word, which is how it learns what to do with one. Words of `keep_words` (those that
    have a vector) stay however rare they are.
    Characters seen once are left out for the same reason.
    """
    tokens = Counter(chain.from_iterable(s.tokens for s in train))
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for token, count in tokens.items():
        words[normalise(token)] += count
        for character in token:
            characters[character] += count
    tags = Counter(chain.from_iterable(s.tags or () for s in train))
    return Encoder(
        words=count_symbols(words, minimum=min_word_count, keep=keep_words),
        characters=count_symbols(characters, minimum=2),
        tags=count_symbols(tags, has_unknown=False),
    )
