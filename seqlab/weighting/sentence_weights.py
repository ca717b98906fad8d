"""Weights of sentences: by length, by the annotation's confidence, by age, or from a metadata field.

Only ratios matter, because the loss is divided by the sum of the weights. `experiment/sentence_weights.py`
decides which of these weights a run uses.
"""

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
import numpy.typing as npt

from seqlab.arrays import DoubleArray
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_checks import LARGEST_WEIGHT
from seqlab.errors import WeightsError, nearest

SECONDS_PER_DAY = 86_400
MOST_HALVINGS = 100  # 2 ** -100 is still a normal number in float32, the type of stored weights


def length_weights(lengths: npt.ArrayLike, *, longest: int | None = None) -> DoubleArray:
    """Weight each sentence by its length: w_i = length_i / max_j length_j.

    The maximum is taken over all sentences first. Dividing by the longest sentence so far would make the
    weights depend on the order of the file.
    lengths: int (N,), tokens.
    longest: the divisor; by default the largest of `lengths`.
    Returns float64 (N,).
    Raises WeightsError when a length is below 0 or the divisor is not above 0.

    >>> length_weights([2, 8, 4]).tolist()
    [0.25, 1.0, 0.5]
    """
    tokens = np.asarray(lengths, np.float64)
    divisor = tokens.max(initial=0) if longest is None else longest
    if len(tokens) and not (tokens.min() >= 0 and divisor > 0):
        fact = f"lengths range from {tokens.min():g} to {tokens.max():g}"
        expected = "expected lengths of 0 or more and a divisor above 0"
        raise WeightsError(f"{fact}, the divisor is {divisor:g}; {expected}")
    return tokens / divisor


def recency_weights(days: npt.ArrayLike, half_life: float) -> DoubleArray:
    """Halve the weight for every half-life of age: w_i = 2 ** (-max(days_i, 0) / half_life).

    days: float (N,), age of each sentence in days; negative ages get weight 1.
    half_life: days, above 0.
    Returns float64 (N,), above 0 and at most 1; the age is limited to 100 half-lives.
    Raises WeightsError when the half-life is not above 0.

    >>> recency_weights([0, 10, 20, -5], half_life=10).tolist()
    [1.0, 0.5, 0.25, 1.0]
    """
    if not half_life > 0:
        raise WeightsError(f"half_life is {half_life!r}; expected days above 0")
    halvings = np.maximum(np.asarray(days, np.float64), 0) / half_life
    return np.exp2(-np.minimum(halvings, MOST_HALVINGS))


def confidence_weights(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """Weight each sentence by the confidence of its annotation: w_i = metadata_i[field].

    Returns float64 (N,), from 0 to 1.
    Raises WeightsError, with the sentence's source, when the field is missing or not a number from 0 to 1.
    """
    return _metadata_numbers(sentences, field, "a number from 0 to 1", highest=1.0)


def field_weights(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """Weight each sentence by a number in its metadata: w_i = metadata_i[field].

    Returns float64 (N,), 0 or more.
    Raises WeightsError, with the sentence's source, when the field is missing or not a number from 0 to 1e9.
    """
    expected = f"a number from 0 to {LARGEST_WEIGHT:g}"
    return _metadata_numbers(sentences, field, expected, highest=LARGEST_WEIGHT)


def sentence_dates(sentences: Sequence[Sentence], field: str) -> DoubleArray:
    """Read the date of each sentence.

    field: the metadata field; its values are ISO 8601, '2024-03-01' or '2024-03-01T12:00:00Z'.
    Returns float64 (N,), days since 1970; a date without a time zone is in UTC.
    Raises WeightsError, with the sentence's source, when the field is missing or not a date.
    """
    days = []
    for sentence in sentences:
        value = _metadata_value(sentence, field)
        text = value if isinstance(value, str) else repr(value)
        days.append(parse_date(text, f"{sentence.source}: {field!r}"))
    return np.array(days)


def parse_date(text: str, source: str) -> float:
    """Convert an ISO 8601 date to days since 1970. Raises WeightsError, which begins with `source`.

    >>> parse_date("1970-01-03T12:00", "date")
    2.5
    """
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        expected = "an ISO 8601 date, for example '2024-03-01'"
        raise WeightsError(f"{source} is {text!r}; expected {expected}") from None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (moment - datetime(1970, 1, 1, tzinfo=UTC)).total_seconds() / SECONDS_PER_DAY


def _metadata_numbers(
    sentences: Sequence[Sentence], field: str, expected: str, *, highest: float
) -> DoubleArray:
    numbers = [_metadata_number(sentence, field, expected, highest) for sentence in sentences]
    return np.array(numbers, np.float64)


def _metadata_number(sentence: Sentence, field: str, expected: str, highest: float) -> float:
    value = _metadata_value(sentence, field)
    number = math.nan  # fails the range check below
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        try:
            number = float(value)
        except (ValueError, OverflowError):
            number = math.nan
    if not 0 <= number <= highest:
        raise WeightsError(f"{sentence.source}: {field!r} is {value!r}; expected {expected}")
    return number


def _metadata_value(sentence: Sentence, field: str) -> object:
    if field not in sentence.metadata:
        near = nearest(field, sentence.metadata)
        raise WeightsError(f"{sentence.source}: this sentence has no field {field!r}{near}")
    return sentence.metadata[field]
