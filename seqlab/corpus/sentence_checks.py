"""Sentences that were made by hand: what is wrong with them is said at the door, not where it shows."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace

from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError, shorten, with_type
from seqlab.machine.numbers import is_number

EXAMPLE = 'seqlab.Sentence(tokens=("Obama", "spoke"))'


def check_sentences(sentences: object) -> None:
    """Refuse what is no sequence of sentences, each with one tag and one weight a token where it has any."""
    if isinstance(sentences, Sentence | str | Mapping) or not hasattr(sentences, "__getitem__"):
        raise UserError(
            f"expected a list of sentences, such as [{EXAMPLE}]; found {with_type(sentences)}"
        )
    for at, sentence in enumerate(sentences, start=1):  # type: ignore[arg-type, var-annotated]
        if not is_plain(sentence):
            check_sentence(sentence, at)


def is_plain(found: object) -> bool:
    """Whether all is right at a glance, as with nearly every sentence."""
    if type(found) is not Sentence or type(found.tokens) is not tuple:
        return False
    if found.token_weights is not None:
        return False
    return found.tags is None or (
        type(found.tags) is tuple and len(found.tags) == len(found.tokens)
    )


def check_iterable(sentences: object) -> None:
    """Refuse what can't be gone through for sentences, or is one itself."""
    if isinstance(sentences, Sentence | str | Mapping) or not hasattr(sentences, "__iter__"):
        check_sentences(sentences)


def check_sentence(found: object, at: int) -> None:
    """Refuse what is no sentence, or runs into the next one. at: which one it is, from 1."""
    if not isinstance(found, Sentence):
        raise UserError(f"expected sentences, such as {EXAMPLE}; number {at} is {with_type(found)}")
    for values, what in (
        (found.tokens, "tokens"),
        (found.tags, "tags"),
        (found.token_weights, "token weights"),
    ):
        if values is None and what != "tokens":
            continue  # a sentence needs neither tags nor weights
        if isinstance(values, str):
            fact = f"the {what} are one text, {shorten(values)!r}; try .split()"
            raise UserError(f"{place(found, at)}: {fact}")
        if values is None or not hasattr(values, "__len__"):
            raise UserError(
                f"{place(found, at)}: the {what} are {with_type(values)}; expected one per token"
            )
        if len(values) != len(found.tokens):
            fact = f"{len(values)} {what} for {len(found.tokens)} tokens; expected one per token"
            raise UserError(f"{place(found, at)}: {fact}")


def writable(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """The sentences, checked to be of texts and weights; weights as plain floats, a place where there is none.

    Raises UserError for one that is not.
    """
    check_iterable(sentences)
    for at, sentence in enumerate(sentences, start=1):
        check_sentence(sentence, at)
        for what, values in texts_of(sentence, at):
            odd = next((value for value in values if not isinstance(value, str)), "")
            if odd != "":
                raise UserError(f"{place(sentence, at)}: the {what} {odd!r} is no text")
        own, tokens = weights_of_sentence(sentence, at)
        yield replace(sentence, weight=own, token_weights=tokens, source=place(sentence, at))


def texts_of(sentence: Sentence, at: int) -> Iterator[tuple[str, Sequence[object]]]:
    """What a sentence holds a text a token of, and those. Raises UserError for features that are none."""
    yield "token", sentence.tokens
    yield "tag", sentence.tags or ()
    for what, found in (("features", sentence.features), ("metadata", sentence.metadata)):
        if not isinstance(found, Mapping):
            raise UserError(
                f"{place(sentence, at)}: the {what} are {with_type(found)}; expected them by name"
            )
    for name, values in sentence.features.items():
        if (
            isinstance(values, str)
            or not hasattr(values, "__len__")
            or len(values) != len(sentence)
        ):
            fact = f"feature {name!r}: expected one value per token, found {shorten(repr(values))}"
            raise UserError(f"{place(sentence, at)}: {fact}")
        yield f"feature {name!r}", values


def weights_of_sentence(sentence: Sentence, at: int) -> tuple[float, tuple[float, ...] | None]:
    """The sentence's weight and its tokens' as floats, None where they have none.

    Raises UserError for one that is no finite number of 0 or more.
    """
    for value in (sentence.weight, *(sentence.token_weights or ())):
        if not is_number(value) or not 0 <= value < math.inf:
            fact = f"weight {value!r}; expected a number of 0 or more"
            raise UserError(f"{place(sentence, at)}: {fact}")
    own = sentence.token_weights
    return float(sentence.weight), None if own is None else tuple(map(float, own))


def place(sentence: Sentence, at: int) -> str:
    """Where a sentence comes from, for messages."""
    return sentence.source or f"sentence {at}"


def texts(values: object, wanted: str) -> tuple[str, ...]:
    """A list of texts as a tuple. Raises UserError for anything else."""
    if isinstance(values, str):
        raise UserError(f"{wanted}, not one text: {shorten(values)!r}; try .split()")
    if not isinstance(values, Iterable) or isinstance(values, Mapping | Set):
        raise UserError(f"{wanted}; found {with_type(values)}")
    found = tuple(values)
    odd = next((value for value in found if not isinstance(value, str)), "")
    if odd != "":
        raise UserError(f"{wanted}, all of them texts; found {with_type(odd)}")
    return found
