"""Word vectors from sentences, by gensim: word2vec (Mikolov et al. 2013), fastText (Bojanowski et al. 2017).

Knows nothing of files of text: sentences come from whoever calls, one pass after another.
"""

import logging
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from seqlab.encoding.vectors import WordVectors
from seqlab.errors import VectorsError
from seqlab.settings.vectors import VectorSettings

LONGEST = 10_000  # words of a sentence that gensim reads; it drops the rest in silence


def train_model(sentences: Iterable[Sequence[str]], settings: VectorSettings) -> Any:
    """A trained gensim model.

    sentences: can be gone through again and again: once to count words, then once an epoch. Each has at
    most `LONGEST` words. They are read in another thread after the first pass.
    Raises VectorsError when no word is frequent enough.
    """
    from gensim.models import FastText, Word2Vec

    logging.getLogger("gensim").setLevel(logging.ERROR)  # it warns of every small text
    kinds = {"word2vec": Word2Vec, "fasttext": FastText}
    of_kind = {"bucket": settings.buckets} if settings.model == "fasttext" else {}
    model = kinds[settings.model](
        vector_size=settings.dim,
        window=settings.window,
        min_count=settings.min_count,
        workers=settings.threads,
        seed=settings.seed,
        sg=int(settings.algorithm == "skip-gram"),
        **of_kind,
    )
    model.build_vocab(sentences)
    if not model.wv.key_to_index:
        raise VectorsError(
            f"no word occurs {settings.min_count} times: give more text, or a smaller --min-count"
        )
    model.train(sentences, total_examples=model.corpus_count, epochs=settings.epochs)
    return model


def write_model(model: Any, path: Path) -> None:
    """Write word vectors in word2vec's text format, fastText models in fastText's binary one.

    A path that ends in .gz is packed.
    """
    from gensim.models import FastText
    from gensim.models.fasttext import save_facebook_model

    if isinstance(model, FastText):
        save_facebook_model(model, str(path))
    else:
        model.wv.save_word2vec_format(str(path))


def vectors_of(model: Any) -> WordVectors:
    """The words and vectors of a trained model, those of n-grams left out."""
    return WordVectors(dict(model.wv.key_to_index), model.wv.vectors)
