"""From class counts to class weights: a formula, shared counts, a cap, and manual weights.

Count on the training split only. Rare classes get large weights. The scale does not matter, because
`temporal_weights` scales the mean over tokens to 1.
"""

import math
from collections.abc import Iterable, Mapping
from typing import overload

import numpy as np
import numpy.typing as npt

from seqlab.arrays import AnyIntArray, DoubleArray, FloatArray, Int64Array
from seqlab.corpus.schemes import Scheme, class_of_tag, parse_scheme
from seqlab.errors import WeightsError, nearest, shorten, with_type
from seqlab.machine.numbers import is_number
from seqlab.weighting.formulas import WeightScheme, cap_ratio, formula_weights
from seqlab.weighting.manual import checked_manual_weights


@overload
def class_weights(
    counts: Mapping[str, int],
    scheme: WeightScheme | str = ...,
    *,
    beta: float = ...,
    cap: float | None = ...,
    share: Mapping[str, str] | None = ...,
    manual: Mapping[str, float] | None = ...,
) -> dict[str, float]: ...


@overload
def class_weights(
    counts: AnyIntArray,
    scheme: WeightScheme | str = ...,
    *,
    beta: float = ...,
    cap: float | None = ...,
) -> FloatArray: ...


def class_weights(
    counts: Mapping[str, int] | AnyIntArray,
    scheme: WeightScheme | str = WeightScheme.BALANCED,
    *,
    beta: float = 0.9999,
    cap: float | None = None,
    share: Mapping[str, str] | None = None,
    manual: Mapping[str, float] | None = None,
) -> dict[str, float] | FloatArray:
    """Compute the weight of each class from its count.

    counts: tokens by class name; or int (C,), tokens of each class.
    scheme: a formula of `WeightScheme`. A class with count 0 gets the weight of a class with count 1.
    beta: for effective-number, 0 <= beta < 1.
    cap: the largest allowed ratio of the largest to the smallest weight; larger weights are reduced.
    share: group by class name; the classes of a group add their counts and get one weight.
    manual: weight by class or group name. It replaces the computed weight and ignores the cap. A weight
        for a class goes before the weight for its group.
    Returns a weight by name, in the order of `counts`; or float32 (C,).
    Raises WeightsError for an unknown name, or a count or number outside its range.

    >>> class_weights({"O": 6, "PER": 3, "LOC": 0}, manual={"O": 0.5})
    {'O': 0.5, 'PER': 1.5, 'LOC': 4.5}
    """
    scheme = parse_weight_scheme(scheme)
    if not is_number(beta) or not 0 <= beta < 1:
        raise WeightsError(f"beta is {beta!r}; expected 0 <= beta < 1")
    if cap is not None and not (is_number(cap) and 1 <= cap < math.inf):
        raise WeightsError(f"weight cap is {cap!r}; expected a ratio of 1 or more")
    if not isinstance(share, Mapping | None):
        raise WeightsError(f"share is {with_type(share)}; expected a group by class name")
    manual = checked_manual_weights(manual)
    if not isinstance(counts, Mapping):
        if share or manual:
            raise WeightsError("share and manual need class names; give counts as {name: count}")
        return _capped_weights(_checked_counts(counts), scheme, beta, cap).astype(np.float32)
    for name in share or {}:
        if name not in counts:
            raise WeightsError(f"unknown class {name!r} in share{nearest(name, counts)}")
    group = {name: (share or {}).get(name, name) for name in counts}
    group_ids = {name: index for index, name in enumerate(dict.fromkeys(group.values()))}
    totals = np.zeros(len(group_ids), dtype=np.int64)
    ids = [group_ids[group[name]] for name in counts]
    np.add.at(totals, ids, _checked_counts(list(counts.values()), list(counts)))
    weights = _capped_weights(totals, scheme, beta, cap).tolist()
    computed = {name: weights[index] for name, index in zip(counts, ids, strict=True)}
    return _with_manual(computed, group, manual)


def tag_weights(
    tag_counts: Mapping[str, int],
    scheme: WeightScheme | str = WeightScheme.BALANCED,
    *,
    tag_scheme: Scheme | str,
    share_prefixes: bool = True,
    beta: float = 0.9999,
    cap: float | None = None,
    manual: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Compute the weight of each tag; all tags of an entity type get the same weight.

    The counts of the B-, I-, E- and S- tags of an entity type are added up. Separate weights for B-PER and
    I-PER would favour one of them within an entity. The I- tag of a type whose entities are mostly one token
    long would get an enormous weight.

    tag_counts: tokens by tag, of the training split.
    tag_scheme: the scheme of the tags. Plain tags share no weight.
    share_prefixes: False computes a separate weight for each tag.
    manual: weight by entity type ('PER') or tag ('B-PER'). A weight for a tag goes before the weight for its type.
    Other arguments as for `class_weights`.
    Returns a weight by tag, in the order of `tag_counts`.
    Raises WeightsError as `class_weights` does, and SettingsError for an unknown tag scheme.
    """
    if not isinstance(tag_counts, Mapping):
        fact = f"tag counts are of type {type(tag_counts).__name__}"
        raise WeightsError(f"{fact}; give {{tag: count}}, for example dict(zip(tags, counts))")
    odd = next((tag for tag in tag_counts if not isinstance(tag, str)), "")
    if odd != "":
        raise WeightsError(f"tag counts name {odd!r}; expected tags, as strings")
    scheme_of_tags = parse_scheme(tag_scheme)
    classes = {tag: class_of_tag(tag, scheme_of_tags) for tag in tag_counts}
    if share_prefixes:
        return class_weights(tag_counts, scheme, beta=beta, cap=cap, share=classes, manual=manual)
    weights = class_weights(tag_counts, scheme, beta=beta, cap=cap)
    return _with_manual(weights, classes, checked_manual_weights(manual))


def _capped_weights(
    counts: Int64Array, scheme: WeightScheme, beta: float, cap: float | None
) -> DoubleArray:
    weights = formula_weights(counts, scheme, beta=beta)
    return weights if cap is None else cap_ratio(weights, cap)


def _with_manual(
    computed: dict[str, float], group: Mapping[str, str], manual: Mapping[str, float]
) -> dict[str, float]:
    check_weighed_names(manual, group, source="manual")
    by_group = {name: manual.get(group[name], weight) for name, weight in computed.items()}
    return {name: manual.get(name, weight) for name, weight in by_group.items()}


def check_weighed_names(names: Iterable[str], group: Mapping[str, str], *, source: str) -> None:
    """Raise WeightsError, with the nearest name, for a name that is neither a class nor a group.

    group: group by class name. source: the argument, setting or file that holds the names, for the message.
    """
    known = [*group, *group.values()]
    for name in names:
        if name not in known:
            expected = shorten(", ".join(map(str, dict.fromkeys(group.values()))))
            raise WeightsError(
                f"{source} names {name!r}: expected one of {expected}{nearest(name, known)}"
            )


def parse_weight_scheme(name: str, *, source: str = "scheme", others: str = "") -> WeightScheme:
    """Return the scheme of a name. Raises WeightsError, with the nearest name, for an unknown one.

    source: the argument or setting that holds the name. others: other values that it may have, for the message.
    """
    try:
        return WeightScheme(name)
    except ValueError:
        known = [scheme.value for scheme in WeightScheme]
        expected = f"expected one of {', '.join(known)}{others}{nearest(str(name), known)}"
        raise WeightsError(f"{source} is {str(name)!r}: {expected}") from None


def _checked_counts(counts: npt.ArrayLike, names: list[str] | None = None) -> Int64Array:
    try:
        array = np.asarray(counts)
    except ValueError:
        fact = "counts have rows of different lengths"
        raise WeightsError(f"{fact}; give one count per class") from None
    if array.ndim != 1:
        raise WeightsError(f"counts have shape {array.shape}; give one count per class, shape (C,)")
    if array.size == 0:
        raise WeightsError("counts are empty; give one count per class")
    if array.dtype.kind not in "iu":
        raise WeightsError(f"counts have dtype {array.dtype}; give whole numbers")
    lowest = int(array.argmin())
    if array[lowest] < 0:
        name = names[lowest] if names else lowest
        raise WeightsError(f"class {name!r} has count {array[lowest]}; expected 0 or more")
    if not array.any():
        raise WeightsError("every count is 0; give the counts of the training split")
    if float(array.sum(dtype=np.float64)) >= 2**62:
        raise WeightsError("the counts add up to more than 2**62; give counts of tokens")
    return array.astype(np.int64)
