"""Check sentences that a caller built, so that mistakes raise a clear error before they cause an odd one."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import replace
from typing import Any, TypeGuard

from seqlab.corpus.sentence import Sentence
from seqlab.errors import UserError, shorten, with_type
from seqlab.machine.numbers import is_number
from seqlab.machine.wording import plural

LARGEST_WEIGHT = 1e9  # the product of four such weights is still a number in float32
EXAMPLE = 'seqlab.Sentence(tokens=("Obama", "spoke"))'


def check_sentences(sentences: object) -> None:
    """Raise UserError unless this is a sequence of sentences, with one tag and one weight per token if any."""
    if not is_list(sentences):
        fact = f"expected a list of sentences, such as [{EXAMPLE}]"
        raise UserError(f"{fact}; found {with_type(sentences)}")
    for number, sentence in enumerate(sentences, start=1):
        if not is_plain(sentence):
            check_sentence(sentence, number)


def is_list(value: Any) -> TypeGuard[Sequence[Any]]:
    """Tell whether a value has a length and an order, as lists, tuples and arrays have, and is no text."""
    if isinstance(value, str | bytes | bytearray | Mapping | Set):
        return False
    if getattr(value, "ndim", 1) == 0:  # an array of numpy that cannot be iterated
        return False
    return hasattr(type(value), "__len__") and hasattr(type(value), "__iter__")


def is_plain(sentence: object) -> bool:
    """Tell quickly whether a sentence needs no further check, as nearly all do."""
    if type(sentence) is not Sentence or type(sentence.tokens) is not tuple:
        return False
    if sentence.token_weights is not None:
        return False
    return sentence.tags is None or (
        type(sentence.tags) is tuple and len(sentence.tags) == len(sentence.tokens)
    )


def check_iterable(sentences: object) -> None:
    """Raise UserError unless this is an iterable of sentences. A single sentence is refused too."""
    is_stream = isinstance(sentences, Iterable) and not hasattr(type(sentences), "__len__")
    if not (is_stream or is_list(sentences)):
        check_sentences(sentences)


def check_sentence(sentence: object, number: int) -> None:
    """Raise UserError unless this is a sentence with one tag and one weight per token, if any.

    number: of the sentence, from 1.
    """
    if not isinstance(sentence, Sentence):
        item = with_type(sentence)
        raise UserError(f"expected sentences, such as {EXAMPLE}; number {number} is {item}")
    for values, what in (
        (sentence.tokens, "tokens"),
        (sentence.tags, "tags"),
        (sentence.token_weights, "token weights"),
    ):
        if values is None and what != "tokens":
            continue  # a sentence needs neither tags nor weights
        if isinstance(values, str):
            fact = f"the {what} are one string, {shorten(values)!r}; try .split()"
        elif not is_list(values):
            fact = f"the {what} are {with_type(values)}; expected one per token"
        elif len(values) != len(sentence.tokens):
            given = plural(len(values), what.removesuffix("s"))
            tokens = plural(len(sentence.tokens), "token")
            fact = f"{given} for {tokens}; expected one per token"
        else:
            continue
        raise fault(sentence, number, fact)


def checked_for_writing(sentences: Iterable[Sentence]) -> Iterator[Sentence]:
    """Yield the sentences with weights as floats and with a `source`.

    Raises UserError for a token, tag or feature that is not a string, for a bad number, and for a bad weight.
    """
    check_iterable(sentences)
    for number, sentence in enumerate(sentences, start=1):
        check_sentence(sentence, number)
        for what, values in strings_of(sentence, number):
            for value in values:
                if not isinstance(value, str):
                    raise fault(sentence, number, f"the {what} {value!r} is not a string")
        check_numbers(sentence, number)
        check_document(sentence, number)
        weight, token_weights = weights_of_sentence(sentence, number)
        source = location(sentence, number)
        yield replace(
            sentence,
            tokens=tuple(sentence.tokens),
            tags=None if sentence.tags is None else tuple(sentence.tags),
            weight=weight,
            token_weights=token_weights,
            source=source,
        )


def strings_of(sentence: Sentence, number: int) -> Iterator[tuple[str, Sequence[object]]]:
    """Yield the tokens, tags and features, each with its name. Raises UserError for malformed features."""
    yield "token", sentence.tokens
    yield "tag", () if sentence.tags is None else sentence.tags
    for what, mapping in (("features", sentence.features), ("metadata", sentence.metadata)):
        if not isinstance(mapping, Mapping):
            fact = f"the {what} are {with_type(mapping)}; expected a mapping by name"
            raise fault(sentence, number, fact)
    for name, values in sentence.features.items():
        if not is_list(values) or len(values) != len(sentence):
            fact = f"feature {name!r}: expected one value per token, found {shorten(repr(values))}"
            raise fault(sentence, number, fact)
        yield f"feature {name!r}", values


def weights_of_sentence(sentence: Sentence, number: int) -> tuple[float, tuple[float, ...] | None]:
    """Return the weight of a sentence, and those of its tokens or None, as floats.

    Raises UserError for a weight that is not a number from 0 to `LARGEST_WEIGHT`.
    """
    weights = sentence.token_weights
    for value in (sentence.weight, *(() if weights is None else weights)):
        if not is_number(value) or not 0 <= float(value) <= LARGEST_WEIGHT:
            fact = f"weight {value!r}; expected a number from 0 to {LARGEST_WEIGHT:g}"
            raise fault(sentence, number, fact)
    return float(sentence.weight), None if weights is None else tuple(map(float, weights))


def check_document(sentence: Sentence, number: int) -> None:
    """Raise UserError unless the document is a number or name, and the text a string, if there are any.

    number: of the sentence, from 1.
    """
    if not isinstance(sentence.document, int | str | None):
        fact = f"the document is {with_type(sentence.document)}; expected a number or a name"
        raise fault(sentence, number, fact)
    if not isinstance(sentence.text, str | None):
        fact = f"the text is {with_type(sentence.text)}; expected a string"
        raise fault(sentence, number, fact)


def check_numbers(sentence: Sentence, number: int) -> None:
    """Raise UserError unless each numeric column has one finite number, or NaN, per token.

    number: of the sentence, from 1.
    """
    if not isinstance(sentence.numbers, Mapping):
        fact = f"the numbers are {with_type(sentence.numbers)}; expected a mapping by name"
        raise fault(sentence, number, fact)
    for name, values in sentence.numbers.items():
        if not is_list(values) or len(values) != len(sentence):
            fact = f"numeric column {name!r}: expected one number per token"
            raise fault(sentence, number, f"{fact}, found {shorten(repr(values))}")
        check_finite(sentence, name, number)


def check_finite(sentence: Sentence, name: str, number: int) -> None:
    """Raise UserError unless each value of a numeric column is a number that is not infinite; NaN is missing.

    number: of the sentence, from 1.
    """
    for value in sentence.numbers[name]:
        if not is_number(value) or math.isinf(value):
            fact = f"numeric column {name!r} holds {with_type(value)}"
            raise fault(
                sentence, number, f"{fact}; expected a finite number, or NaN if it is missing"
            )


def location(sentence: Sentence, number: int) -> str:
    """Return the source of a sentence, or its number, for errors."""
    return sentence.source or f"sentence {number}"


def fault(sentence: Sentence, number: int, fact: str) -> UserError:
    """Return the error for a sentence. number: of the sentence, from 1."""
    return UserError(f"{location(sentence, number)}: {fact}")


def tuple_of_numbers(values: object, name: str) -> tuple[float, ...]:
    """Return an iterable of numbers as a tuple, with NaN for None. name: of the numeric column.

    Raises UserError for anything else.
    """
    wanted = f"numeric column {name!r} takes a list of numbers"
    numbers = tuple(math.nan if value is None else value for value in items_of(values, wanted))
    for number in numbers:
        if not is_number(number):
            raise UserError(f"{wanted}, or None where one is missing; found {with_type(number)}")
    try:
        return tuple(map(float, numbers))
    except OverflowError:
        raise UserError(f"{wanted}; found one that is too large for a float") from None


def tuple_of_strings(values: object, wanted: str) -> tuple[str, ...]:
    """Return an iterable of strings as a tuple. wanted: the expectation, for the error.

    Raises UserError for anything else.
    """
    if isinstance(values, str):
        raise UserError(f"{wanted}, not one string: {shorten(values)!r}; try .split()")
    strings = tuple(items_of(values, wanted))
    for string in strings:
        if not isinstance(string, str):
            raise UserError(f"{wanted}, all of them strings; found {with_type(string)}")
    return strings


def items_of(values: object, wanted: str) -> Iterable[Any]:
    """Return an iterable that has an order and is no text. wanted: the expectation, for the error.

    Raises UserError for anything else.
    """
    is_scalar = getattr(values, "ndim", None) == 0  # an array of numpy that cannot be iterated
    no_list = isinstance(values, str | bytes | bytearray | Mapping | Set)
    if is_scalar or no_list or not isinstance(values, Iterable):
        raise UserError(f"{wanted}; found {with_type(values)}")
    return values
