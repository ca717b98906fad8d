"""Class counts to class weights: a scheme, shared counts, a cap, and weights set by hand.

Count on the training split alone. Rare classes get the larger weights; the scale is free, for
`temporal_weights` brings the mean over tokens to 1.
"""

import math
from collections.abc import Mapping
from typing import overload

import numpy as np
import numpy.typing as npt

from seqlab.arrays import AnyIntArray, DoubleArray, FloatArray, Int64Array
from seqlab.corpus.schemes import Scheme, class_of_tag, parse_scheme
from seqlab.errors import WeightsError, nearest
from seqlab.machine.numbers import is_number
from seqlab.weighting.formulas import WeightScheme, cut_to_ratio, formula_weights
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
    """The weight of each class, from how often it occurs.

    counts: tokens by class name; or int (C,), tokens of each class.
    scheme: a formula of `WeightScheme`. A class with count 0 gets the weight of one seen once.
    beta: of effective-number, 0 <= beta < 1.
    cap: the largest allowed ratio of the largest to the smallest weight; larger ones are cut.
    share: class name -> group; classes of a group add their counts and carry one weight.
    manual: class or group name -> weight, set last and so beyond the cap; a class goes before
        its group.
    Returns a weight by name, in the order of `counts`; or float32 (C,).
    Raises WeightsError for a name, a count or a number that can't be used.

    >>> class_weights({"O": 6, "PER": 3, "LOC": 0}, manual={"O": 0.5})
    {'O': 0.5, 'PER': 1.5, 'LOC': 4.5}
    """
    scheme = scheme_named(scheme)
    _check_numbers(beta, cap)
    if not isinstance(counts, Mapping):
        if share or manual:
            raise WeightsError("share and manual go by name; give counts as {name: count}")
        return _weights(_checked_counts(counts), scheme, beta, cap).astype(np.float32)
    for name in share or {}:
        if name not in counts:
            raise WeightsError(f"unknown class {name!r} in share{nearest(name, counts)}")
    group = {name: (share or {}).get(name, name) for name in counts}
    position = {name: index for index, name in enumerate(dict.fromkeys(group.values()))}
    totals = np.zeros(len(position), dtype=np.int64)
    places = [position[group[name]] for name in counts]
    np.add.at(totals, places, _checked_counts(list(counts.values()), list(counts)))
    weights = _weights(totals, scheme, beta, cap).tolist()
    computed = {name: weights[place] for name, place in zip(counts, places, strict=True)}
    return _overridden(computed, group, checked_manual_weights(manual or {}))


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
    """The weight of each tag; the tags of one entity type carry one weight.

    With weights of their own, B-PER and I-PER pull against each other: what gets re-weighted is
    where an entity begins, not how much the class matters, and the I- of a type whose entities
    are mostly one token long gets a weight that explodes. So the counts of B-, I-, E- and S- of
    a type are added up, and the type is weighted as one class.

    tag_counts: tokens by tag, of the training split.
    tag_scheme: how the tags are written; plain tags share nothing.
    share_prefixes: False gives each tag a weight of its own.
    manual: entity type ('PER') or tag ('B-PER') -> weight; a tag goes before its type.
    Returns a weight by tag, in the order of `tag_counts`.
    Raises WeightsError as `class_weights` does; SettingsError for an unknown tag scheme.
    """
    if not isinstance(tag_counts, Mapping):
        raise WeightsError(
            f"tag counts came as {type(tag_counts).__name__}; give {{tag: count}}, "
            "dict(zip(tags, counts)) for example"
        )
    written = parse_scheme(tag_scheme)
    types = {tag: class_of_tag(tag, written) for tag in tag_counts}
    if share_prefixes:
        return class_weights(tag_counts, scheme, beta=beta, cap=cap, share=types, manual=manual)
    weights = class_weights(tag_counts, scheme, beta=beta, cap=cap)
    return _overridden(weights, types, checked_manual_weights(manual or {}))


def _weights(
    counts: Int64Array, scheme: WeightScheme, beta: float, cap: float | None
) -> DoubleArray:
    weights = formula_weights(counts, scheme, beta=beta)
    return weights if cap is None else cut_to_ratio(weights, cap)


def _overridden(
    computed: dict[str, float], group: Mapping[str, str], manual: Mapping[str, float]
) -> dict[str, float]:
    known = [*computed, *group.values()]
    for name in manual:
        if name not in known:
            raise WeightsError(f"unknown class {name!r} in manual weights{nearest(name, known)}")
    return {
        name: manual.get(name, manual.get(group[name], weight)) for name, weight in computed.items()
    }


def scheme_named(name: str) -> WeightScheme:
    """A scheme by its name.

    Raises WeightsError for an unknown one, with the nearest.
    """
    try:
        return WeightScheme(name)
    except ValueError:
        known = [scheme.value for scheme in WeightScheme]
        near = nearest(str(name), known) or f"; one of: {', '.join(known)}"
        raise WeightsError(f"unknown weighting scheme {str(name)!r}{near}") from None


def _check_numbers(beta: float, cap: float | None) -> None:
    if not is_number(beta) or not 0 <= beta < 1:
        raise WeightsError(f"beta is {beta!r}; expected 0 <= beta < 1")
    if cap is not None and not (is_number(cap) and 1 <= cap < math.inf):
        raise WeightsError(f"weight cap is {cap!r}; expected a ratio of 1 or more")


def _checked_counts(counts: npt.ArrayLike, names: list[str] | None = None) -> Int64Array:
    try:
        array = np.asarray(counts)
    except ValueError:
        raise WeightsError(
            "counts have parts of different lengths; give one count per class"
        ) from None
    if array.ndim != 1:
        raise WeightsError(f"counts have shape {array.shape}; give one count per class, shape (C,)")
    if array.size == 0:
        raise WeightsError("there are no classes to weigh: counts are empty")
    if array.dtype.kind not in "iu":
        raise WeightsError(f"counts have dtype {array.dtype}; give whole numbers of tokens")
    lowest = int(array.argmin())
    if array[lowest] < 0:
        name = names[lowest] if names else lowest
        raise WeightsError(f"class {name!r} has count {array[lowest]}; counts are 0 or more")
    if not array.any():
        raise WeightsError("no class occurs: every count is 0; count the training split's tags")
    if float(array.sum(dtype=np.float64)) >= 2**62:
        raise WeightsError("the counts add up to more than 2**62; give whole numbers of tokens")
    return array.astype(np.int64)
