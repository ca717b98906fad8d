"""Taggers with random weights, made without Keras: every part acts on their scores."""

from dataclasses import replace

import numpy as np

import seqlab
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.encoding.vectors import WordVectors
from seqlab.inference.forward import weight_shapes
from seqlab.tagging.tagger import Tagger

TEXT = """
Ada OSLO iPhone4 1999 B52 3.14 ² x² ½ Ⅷ ٣ ... ǅungla İstanbul ΣΑΣ ΟΔΟΣ ﬁnd ﬁ Ａｄａ e\u0301t\u0301 日本 𝔘nicode 😀😀😀
ß STRASSE ᵃb ªb ⓐ Ⓐ a I mcDonald McDonald aaaa00001111 \u200b \ufeffw U.S. dog the Zebra 七十 ①
"""
WORDS = [*TEXT.split(), "", "a\u2028b", "New York", "x" * 40, "Abcdefghijklmnop"]
TAGS = ("O", "B-PER", "I-PER", "B-LOC", "I-LOC")
SIZES = {"max_chars": 6, "word_dim": 7, "char_dim": 4, "char_units": 3, "hidden_units": 8}
FROZEN = (
    "dog",
    "zebra",
    "Zebra",
    "0.00",
    "日本",
    "McDonald",
    "strasse",
    "nicode",
    "😀😀😀",
    "1999",
)


def random_sentences(*, seed=0, count=40, longest=12):
    """Sentences with a feature column, two numeric columns, and random tags."""
    random = np.random.default_rng(seed)
    sentences = []
    for length in random.integers(1, longest + 1, count):
        numbers = random.normal(3, 9, (2, length))
        numbers[1, random.random(length) < 0.3] = np.nan
        sentences.append(
            Sentence(
                tokens=tuple(random.choice(WORDS, length).tolist()),
                tags=tuple(random.choice(TAGS, length).tolist()),
                features={"pos": tuple(random.choice(("N", "V", "ADJ"), length).tolist())},
                numbers={"size": tuple(numbers[0].tolist()), "left": tuple(numbers[1].tolist())},
            )
        )
    return sentences


def random_tagger(
    *,
    char_encoder="cnn",
    head="crf",
    layers=1,
    reads_words=True,
    columns=True,
    frozen=False,
    constrained=True,
    unicode_form="none",
    lists=None,
):
    """A tagger whose encoder knows about half of `WORDS`, fitted on random sentences.

    columns: whether it reads the feature column and the numeric columns. frozen: whether it has frozen words.
    lists: by name, the phrases of a gazetteer, each a sequence of tokens.
    """
    encoder = fit_encoder(
        random_sentences(count=5, longest=9),
        word_features=("case", "prefix", "suffix", "shape") if reads_words else (),
        feature_columns=("pos",) if columns else (),
        numeric_columns=("size", "left") if columns else (),
        unicode_form=unicode_form,
        reads_words=reads_words,
    )
    random = np.random.default_rng(5)
    if frozen:
        rows = {word: row for row, word in enumerate(FROZEN)}
        vectors = random.normal(size=(len(FROZEN), SIZES["word_dim"])).astype(np.float32)
        encoder = replace(encoder, frozen_words=freeze_words(WordVectors(rows, vectors)))
    encoder = replace(encoder, gazetteers=make_gazetteers(lists or {}, unicode_form))
    architecture = seqlab.Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=len(encoder.tags.symbols),
        features={name: known.id_count for name, known in encoder.features.items()},
        numbers=encoder.number_inputs,
        reads_words=reads_words,
        outside_vectors=frozen,
        char_encoder=char_encoder,
        head=head,
        layers=layers,
        **SIZES,
    )
    return Tagger(
        architecture=architecture,
        weights={
            name: random.normal(0, 0.5, shape).astype(np.float32)
            for name, shape in weight_shapes(architecture).items()
        },
        encoder=encoder,
        scheme=Scheme.IOB2,
        decision=DecisionRule(temperature=1.7, doubt=0.01, bias={"B-LOC": 0.5, "I-LOC": 0.5}),
        constrained=constrained,
    )
