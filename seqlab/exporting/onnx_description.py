"""What a program needs beside the network: vocabularies, scaling of numbers, CRF scores and the rules of the tag scheme.

docs/how-to/use-onnx.md documents each entry.
"""

import sys
from functools import cache
from typing import Any

import numpy as np

from seqlab.arrays import AnyArray
from seqlab.deciding.transitions import LegalTransitions
from seqlab.encoding.encoder import Encoder, column_input
from seqlab.encoding.number_scaling import FARTHEST
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.tagging.tagger import Tagger

FORMAT = 1


def describe_for_readers(tagger: Tagger) -> dict[str, Any]:
    """The content of `tagger.json`."""
    return {
        "format": FORMAT,
        **describe_encoder(tagger.encoder, max_chars=tagger.architecture.max_chars),
        "tags": list(tagger.encoder.tags.symbols),
        "scheme": tagger.scheme.value,
        "crf": describe_crf(tagger),
        "legal": describe_legal(tagger.legal),
        "bias": tagger.bias.tolist(),
        "temperature": tagger.decision.temperature,
        "doubt": tagger.decision.doubt,
    }


def describe_encoder(encoder: Encoder, *, max_chars: int) -> dict[str, Any]:
    """What turns the tokens of a sentence into the inputs of the network."""
    frozen = encoder.frozen_words
    return {
        "unicode_form": encoder.unicode_form,
        "words": describe_vocabulary(encoder.words),
        "frozen_words": None if frozen is None else frozen.index.words(),
        "characters": describe_vocabulary(encoder.characters),
        "max_chars": max_chars,
        "word_features": {
            name: describe_vocabulary(known) for name, known in encoder.word_features.items()
        },
        "digits": digits(),
        "feature_columns": {
            name: {"input": column_input(name), **describe_vocabulary(known)}
            for name, known in encoder.feature_columns.items()
        },
        "numeric_columns": {
            name: {"mean": one.mean, "deviation": one.deviation, "missing": one.missing}
            for name, one in encoder.numeric_columns.items()
        },
        "largest_number": FARTHEST,
    }


def describe_vocabulary(vocabulary: Vocabulary) -> dict[str, Any]:
    """Symbols have the ids `first_id`, `first_id` + 1, …; all others have the id `unknown`."""
    return {
        "first_id": vocabulary.first_id,
        "unknown": vocabulary.unknown,
        "symbols": list(vocabulary.symbols),
    }


@cache
def digits() -> str:
    """Every character that the case and the shape of a word count as a digit, superscripts and circled ones included.

    >>> "7" in digits(), "²" in digits(), "½" in digits()
    (True, True, False)
    """
    return "".join(filter(str.isdigit, map(chr, range(sys.maxunicode + 1))))


def describe_crf(tagger: Tagger) -> dict[str, Any] | None:
    """The scores of a CRF: transitions [tag][next tag], first tags and last tags; None for a softmax."""
    if tagger.architecture.head != "crf":
        return None
    transitions, start, end = tagger.scorer.transition_scores
    return {"transitions": transitions.tolist(), "start": start.tolist(), "end": end.tolist()}


def describe_legal(legal: LegalTransitions | None) -> dict[str, Any] | None:
    """1 for what the tag scheme allows, else 0: pairs [tag][next tag], first tags and last tags; None allows all."""
    if legal is None:
        return None
    return {name: as_bits(getattr(legal, name)) for name in ("pairs", "start", "end")}


def as_bits(allowed: AnyArray) -> Any:
    """Lists of 0 and 1."""
    return allowed.astype(np.uint8).tolist()
