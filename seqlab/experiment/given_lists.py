"""Sentences from the lists of a caller: tokens, tags and weights. Errors name the sentence by its number, from 1."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import check_sentences, items_of, tuple_of_strings
from seqlab.errors import UserError, with_type
from seqlab.machine.numbers import is_number
from seqlab.machine.wording import plural


def sentences_of_lists(tokens: Any, tags: Any = None, weights: Any = None) -> list[Sentence]:
    """N sentences.

    tokens: N lists of texts. tags: N lists with one tag per token, or None. weights: N numbers, or None.
    Raises UserError for input of another shape or type.
    """
    words = lists_of_strings(tokens, "X", "tokens")
    labels = [None] * len(words) if tags is None else lists_of_strings(tags, "y", "tags")
    factors = [1.0] * len(words) if weights is None else numbers_of(weights)
    for name, values in (("y", labels), ("sample_weight", factors)):
        if len(values) != len(words):
            counts = f"X has {plural(len(words), 'sentence')} and {name} has {len(values)}"
            raise UserError(f"{counts}; expected the same number")
    sentences = [
        Sentence(tokens=one, tags=own, weight=factor, source=f"sentence {number}")
        for number, (one, own, factor) in enumerate(zip(words, labels, factors, strict=True), 1)
    ]
    check_sentences(sentences)
    return sentences


def lists_of_strings(values: Any, name: str, what: str) -> list[tuple[str, ...]]:
    """Lists of texts as tuples. name: of the argument. what: of the texts, for errors."""
    lists = list(items_of(values, f"{name} takes a list of lists of {what}"))
    return [
        tuple_of_strings(one, f"{name}: sentence {number}: expected a list of {what}")
        for number, one in enumerate(lists, 1)
    ]


def numbers_of(weights: Any) -> list[float]:
    """Sentence weights. Raises UserError for anything but numbers of 0 or more, and if all are 0."""
    wanted = "sample_weight takes a list with one number per sentence"
    if hasattr(weights, "__array__"):
        weights = np.asarray(weights)
    numbers = list(items_of(weights, wanted))
    for number in numbers:
        if not is_number(number) or not float(number) >= 0:
            raise UserError(f"{wanted}, 0 or more; found {with_type(number)}")
    if numbers and not any(numbers):
        raise UserError(f"{wanted}; every weight is zero, so there is nothing to learn")
    return [float(number) for number in numbers]


def trainable(sentences: Sequence[Sentence]) -> list[Sentence]:
    """The sentences with tokens. Raises UserError if there is none."""
    kept = [sentence for sentence in sentences if len(sentence)]
    if not kept:
        raise UserError("there is no sentence with tokens to train on")
    return kept
