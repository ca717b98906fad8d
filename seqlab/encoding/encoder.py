"""The encoder: vocabularies of the training split, and sentences as numbers by them."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from seqlab.corpus.numbered import number
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
        """Sentences as ragged arrays. Unknown words and characters get id 1, unknown tags 0.

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

    def form_table(self, forms: Collection[str]) -> Forms:
        """Word, characters and case of each distinct form."""
        lengths = np.fromiter(map(len, forms), np.int64, len(forms))
        ids, unknown = self.characters.ids, self.characters.id("")
        found = (ids.get(character, unknown) for character in chain.from_iterable(forms))
        words = (self.words.id(normalise(form)) for form in forms)
        return Forms(
            words=np.fromiter(words, np.int32, len(forms)),
            characters=np.fromiter(found, np.int32, int(lengths.sum())),
            offsets=np.concatenate([[0], np.cumsum(lengths)]),
            cases=np.fromiter(map(case_id, forms), np.int32, len(forms)),
        )


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
