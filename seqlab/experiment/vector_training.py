"""Train word vectors with gensim: word2vec (Mikolov et al. 2013) or fastText (Bojanowski et al. 2017)."""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from seqlab.encoding.vectors import WordVectors
from seqlab.errors import VectorsError
from seqlab.settings.vectors import VectorSettings

LONGEST = 10_000  # words per sentence; gensim drops the rest silently


def train_model(sentences: Iterable[Sequence[str]], settings: VectorSettings) -> Any:
    """Return a trained gensim model.

    sentences: an iterable that can be read several times, once to count words and once per epoch. Each
        sentence has at most `LONGEST` words. After the first pass another thread reads them.
    Raises VectorsError when no word is frequent enough.
    """
    model = untrained_model(sentences, settings)
    model.train(sentences, total_examples=model.corpus_count, epochs=settings.epochs)
    return model


def continue_model(
    sentences: Iterable[Sequence[str]], settings: VectorSettings, given: WordVectors
) -> Any:
    """Return a trained gensim model whose words start from their given vectors, if they have any.

    In the first half of the epochs given vectors stay as they are, so that new words find their places among them.
    Raises VectorsError when no word is frequent enough.
    """
    model = untrained_model(sentences, settings)
    rows = [
        (row, given.rows[word]) for word, row in model.wv.key_to_index.items() if word in given.rows
    ]
    known = np.array(rows, np.int64).reshape(-1, 2)
    model.wv.vectors[known[:, 0]] = given.vectors[known[:, 1]]
    model.wv.vectors_lockf = np.ones(len(model.wv), np.float32)  # factor of each word's updates
    model.wv.vectors_lockf[known[:, 0]] = 0
    first = -(-settings.epochs // 2)
    middle = model.alpha - (model.alpha - model.min_alpha) * first / settings.epochs
    examples = model.corpus_count
    model.train(sentences, total_examples=examples, epochs=first, end_alpha=middle)
    model.wv.vectors_lockf[:] = 1
    if first < settings.epochs:
        rest = settings.epochs - first
        model.train(sentences, total_examples=examples, epochs=rest, start_alpha=middle)
    return model


def untrained_model(sentences: Iterable[Sequence[str]], settings: VectorSettings) -> Any:
    """Return a gensim model that has counted the words. Raises VectorsError when none is frequent enough."""
    from gensim.models import FastText, Word2Vec

    logging.getLogger("gensim").setLevel(logging.ERROR)  # it warns about every small text
    fasttext = settings.model == "fasttext"
    model = (FastText if fasttext else Word2Vec)(
        vector_size=settings.dim,
        window=settings.window,
        min_count=settings.min_count,
        workers=settings.threads,
        seed=settings.seed,
        sg=int(settings.algorithm == "skip-gram"),
        **({"bucket": settings.buckets} if fasttext else {}),
    )
    model.build_vocab(sentences)
    if not model.wv.key_to_index:
        fact = f"no word occurs {settings.min_count} times"
        raise VectorsError(f"{fact}; give more text or a smaller --min-count")
    return model


def write_model(model: Any, path: Path) -> None:
    """Write word2vec vectors as text, packed when the path ends in .gz, and fastText models in fastText's format."""
    from gensim.models import FastText
    from gensim.models.fasttext import save_facebook_model

    if isinstance(model, FastText):
        save_facebook_model(model, str(path))
    else:
        model.wv.save_word2vec_format(str(path))


def vectors_of(model: Any) -> WordVectors:
    """Return the words and vectors of a trained model, without its n-grams."""
    return WordVectors(dict(model.wv.key_to_index), model.wv.vectors)
