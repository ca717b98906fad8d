"""What each sentence counts: by its length, its annotators' confidence, its age, or a field of its own.

Only ratios matter: the loss is divided by the sum of the weights. Which of these a run uses, and
for which split, is decided in `sentence_choice`.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from seqlab.arrays import DoubleArray
from seqlab.corpus.sentence import Sentence
from seqlab.errors import WeightsError, nearest

SECONDS_A_DAY = 86_400


def length_weights(lengths: npt.ArrayLike, *, longest: int | None = None) -> DoubleArray:
    """Each sentence's share of the longest one's length: w_i = length_i / max_j length_j.

    lengths: int (N,), tokens. longest: the divisor; without it the largest of `lengths`.
    The maximum is that of all sentences. Dividing inside the loop that collects the lengths, by the
    longest one *so far*, is the classic mistake: it makes weights depend on the order of the file.
    Returns float64 (N,).
    Raises WeightsError when no length is above 0, or one below it.

    >>> length_weights([2, 8, 4]).tolist()
    [0.25, 1.0, 0.5]
    """
    tokens = np.asarray(lengths, np.float64)
    divisor = tokens.max(initial=0) if longest is None else longest
    if len(tokens) and not (tokens.min() >= 0 and divisor > 0):
        raise WeightsError(
            f"lengths from {tokens.min():g}, the longest {divisor:g}; expected tokens"
        )
    return tokens / divisor


def recency_weights(days: npt.ArrayLike, half_life: float) -> DoubleArray:
    """Half the weight for every half-life of age: w_i = 2 ** (-max(days_i, 0) / half_life).

    days: float (N,), age of each sentence in days; what is younger than day 0 weighs 1.
    half_life: days, above 0.
    Returns float64 (N,), above 0 and at most 1; the age is cut where float64 would reach 0.
    Raises WeightsError for another half-life.

    >>> recency_weights([0, 10, 20, -5], half_life=10).tolist()
    [1.0, 0.5, 0.25, 1.0]
    """
    if not half_life > 0:
        raise WeightsError(f"half_life is {half_life!r}; expected days above 0")
    halvings = np.maximum(np.asarray(days, np.float64), 0) / half_life
    return np.exp2(-np.minimum(halvings, MOST_HALVINGS))


MOST_HALVINGS = 100  # still a normal number in float32, in which the weights are kept


def confidence_weights(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """The confidence of each sentence's annotation, its weight as it stands: w_i = confidence_i.

    field: the key of the metadata. Returns float64 (N,), from 0 to 1.
    Raises WeightsError, naming the sentence's source, where it is missing or no number from 0 to 1.
    """
    return _numbers(sentences, field, "a number from 0 to 1", highest=1.0)


def field_weights(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """A number that the corpus gives of each sentence, as its weight: w_i = metadata_i[field].

    Returns float64 (N,), 0 or more.
    Raises WeightsError, naming the sentence's source, where it is missing or no such number.
    """
    return _numbers(sentences, field, "a number of 0 or more", highest=1e30)


def sentence_dates(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """The date of each sentence in days since 1970; one without a time zone is taken as UTC.

    field: the key of the metadata; values are ISO 8601, '2024-03-01' or '2024-03-01T12:00:00Z'.
    Returns float64 (N,).
    Raises WeightsError, naming the sentence's source, where it is missing or no date.
    """
    return np.array([parse_date(_text(s, field), _place(s, field)) for s in sentences])


def parse_date(text: str, place: str) -> float:
    """Days since 1970 of an ISO 8601 date. Raises WeightsError 'place is ...' where it is none.

    >>> parse_date("1970-01-03T12:00", "date")
    2.5
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        expected = "a date of ISO 8601, for example '2024-03-01'"
        raise WeightsError(f"{place} is {text!r}; expected {expected}") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / SECONDS_A_DAY


def _numbers(
    sentences: Sequence[Sentence], field: str, expected: str, *, highest: float
) -> DoubleArray:
    return np.array([_number(s, field, expected, highest) for s in sentences], np.float64)


def _number(sentence: Sentence, field: str, expected: str, highest: float) -> float:
    value = _value(sentence, field)
    found = math.nan
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            found = float(value)
        except (ValueError, OverflowError):
            found = math.nan
    if not 0 <= found <= highest:
        raise WeightsError(f"{_place(sentence, field)} is {value!r}; expected {expected}")
    return found


def _text(sentence: Sentence, field: str) -> str:
    value = _value(sentence, field)
    return value if isinstance(value, str) else repr(value)


def _value(sentence: Sentence, field: str) -> object:
    if field not in sentence.metadata:
        near = nearest(field, sentence.metadata)
        raise WeightsError(f"{sentence.source}: this sentence has no field {field!r}{near}")
    return sentence.metadata[field]


def _place(sentence: Sentence, field: str) -> str:
    return f"{sentence.source}: {field!r}"
