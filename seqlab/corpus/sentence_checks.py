"""Sentences that were made by hand: what is wrong with them is said at the door, not where it shows."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError, shorten
from seqlab.kinds import is_number

EXAMPLE = 'seqlab.Sentence(tokens=("Obama", "spoke"))'


def check_sentences(sentences: object) -> None:
    """Refuse what is no sequence of sentences, each with one tag and one weight a token where it has any."""
    if isinstance(sentences, Sentence | str | Mapping) or not hasattr(sentences, "__getitem__"):
        raise UserError(
            f"expected a list of sentences, such as [{EXAMPLE}]; found {named(sentences)}"
        )
    for at, sentence in enumerate(sentences, start=1):  # type: ignore[arg-type, var-annotated]
        check_sentence(sentence, at)


def check_iterable(sentences: object) -> None:
    """Refuse what can't be gone through for sentences, or is one itself."""
    if isinstance(sentences, Sentence | str | Mapping) or not hasattr(sentences, "__iter__"):
        check_sentences(sentences)


def check_sentence(found: object, at: int) -> None:
    """Refuse what is no sentence, or runs into the next one. at: which one it is, from 1."""
    if not isinstance(found, Sentence):
        raise UserError(f"expected sentences, such as {EXAMPLE}; number {at} is {named(found)}")
    if isinstance(found.tokens, str):
        raise UserError(
            f"{place(found, at)}: the tokens are one text, {shorten(found.tokens)!r}; try .split()"
        )
    for values, what in ((found.tags, "tags"), (found.token_weights, "token weights")):
        if values is not None and len(values) != len(found.tokens):
            raise UserError(
                f"{place(found, at)}: {len(values)} {what} for {len(found.tokens)} tokens; "
                "expected one a token"
            )


def writable(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences, checked to be of texts and weights; weights as plain floats, a place where there is none.

    Raises UserError for one that is not.
    """
    check_iterable(sentences)
    for at, sentence in enumerate(sentences, start=1):
        check_sentence(sentence, at)
        for what, values in (("token", sentence.tokens), ("tag", sentence.tags or ())):
            odd = next((value for value in values if not isinstance(value, str)), None)
            if odd is not None:
                raise UserError(f"{place(sentence, at)}: the {what} {odd!r} is no text")
        own, tokens = weights_of_sentence(sentence, at)
        yield replace(sentence, weight=own, token_weights=tokens, source=place(sentence, at))


def weights_of_sentence(sentence: Sentence, at: int) -> tuple[float, tuple[float, ...] | None]:
    """The sentence's weight and its tokens' as floats, None where they have none.

    Raises UserError for one that is no finite number of 0 or more.
    """
    for value in (sentence.weight, *(sentence.token_weights or ())):
        number = is_number(value)
        if not number or not 0 <= value < math.inf:
            fact = f"weight {value!r}; expected a number of 0 or more"
            raise UserError(f"{place(sentence, at)}: {fact}")
    own = sentence.token_weights
    return float(sentence.weight), None if own is None else tuple(map(float, own))


def place(sentence: Sentence, at: int) -> str:
    """Where a sentence comes from, for messages."""
    return sentence.source or f"sentence {at}"


def named(found: object) -> str:
    """What something is, for messages."""
    return f"{type(found).__name__} {shorten(repr(found))}"
