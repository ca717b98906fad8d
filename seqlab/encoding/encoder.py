"""The encoder: vocabularies of the training split, and sentences as numbers by them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from seqlab.corpus.numbered import number
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.encoded import EncodedCorpus, Forms
from seqlab.encoding.outside_words import OutsideWords
from seqlab.encoding.vocabulary import UNKNOWN, Vocabulary, count_symbols
from seqlab.encoding.words import case_id, normalise


@dataclass(frozen=True, kw_only=True)
class Encoder:
    """The three vocabularies: words (normalised), characters (as written) and tags.

    outside: frozen vectors of words that `words` lacks; None where those are unknown.
    """

    words: Vocabulary
    characters: Vocabulary
    tags: Vocabulary
    outside: OutsideWords | None = field(default=None, compare=False, repr=False)

    def encode(self, sentences: Sequence[Sentence]) -> EncodedCorpus:
        """Sentences as ragged arrays. Unknown words and characters get id 1, unknown tags 0.

        A word that only the second table has gets the id `len(words)`, and brings its vector.

        What is numbered already is not walked over, and arrays that are mapped stay so.
        """
        found = number(sentences)
        own = found.token_weights
        return EncodedCorpus(
            forms=found.form_ids,
            tags=found.tag_ids,
            tag_labels=np.array([self.tags.ids.get(tag, 0) for tag in found.tags], np.int32),
            offsets=found.offsets,
            form_table=self.form_table(found.forms),
            sentence_weights=found.weights.astype(np.float32),
            token_weights=own if own is None or found.pages else own.astype(np.float32),
            classes=len(self.tags.symbols),
            pages=found.pages,
        )

    def form_table(self, forms: Sequence[str]) -> Forms:
        """Word, characters and case of each distinct form."""
        lengths = np.fromiter(map(len, forms), np.int64, len(forms))
        ids, unknown = self.characters.ids, self.characters.id("")
        found = (ids.get(character, unknown) for character in chain.from_iterable(forms))
        words = np.fromiter(
            (self.words.id(normalise(form)) for form in forms), np.int32, len(forms)
        )
        outside_rows, outside = self.place_outside(forms, words)
        return Forms(
            words=words,
            characters=np.fromiter(found, np.int32, int(lengths.sum())),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            cases=np.fromiter(map(case_id, forms), np.int32, len(forms)),
            outside_rows=outside_rows,
            outside=outside,
        )

    def place_outside(
        self, forms: Sequence[str], words: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32] | None, NDArray[np.float32] | None]:
        """Look unknown words up in the second table; `words`, their ids, is changed where it has them.

        Returns `outside_rows` and `outside`, as `Forms` has them.
        """
        if self.outside is None:
            return None, None
        unknown = np.flatnonzero(words == UNKNOWN)
        known, vectors = self.outside.look_up([forms[number] for number in unknown.tolist()])
        words[unknown[known]] = len(self.words)
        rows = np.zeros(len(forms), np.int32)
        rows[unknown[known]] = np.arange(1, len(vectors) + 1)
        return rows, np.concatenate([np.zeros((1, self.outside.dim), np.float32), vectors])


def fit_encoder(
    train: Sequence[Sentence], *, min_word_count: int = 2, keep_words: Collection[str] = ()
) -> Encoder:
    """The vocabularies of the training split; no other split is ever looked at.

    Words rarer than `min_word_count` are left out, so that the network meets them in training as
    the unknown word, which is how it learns what to do with one. Words of `keep_words` (those that
    have a vector) stay however rare they are.
    Characters seen once are left out for the same reason.
    """
    found = number(train)
    words: Counter[str] = Counter()
    characters: Counter[str] = Counter()
    for token, count in found.form_counts().items():
        words[normalise(token)] += count
        for character in token:
            characters[character] += count
    return Encoder(
        words=count_symbols(words, minimum=min_word_count, keep=keep_words),
        characters=count_symbols(characters, minimum=2),
        tags=count_symbols(found.tag_counts(), has_unknown=False),
    )
