"""The effect of each weighting scheme: the weight of every class, and its share of the loss.

A class's share is weight * tokens, divided by the sum over all classes: its part of the loss if every
token has the same loss, as at the start of training.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.settings.by_name import NumberByClass
from seqlab.weighting.class_weights import tag_weights
from seqlab.weighting.formulas import WeightScheme
from seqlab.weighting.weight_options import is_weight_table, stated_tag_weights


@dataclass(frozen=True, kw_only=True)
class WeighedClass:
    """One class under one scheme. weight: the mean over its tokens, where the mean over all tokens is 1."""

    weight: float
    loss_share: float


@dataclass(frozen=True, kw_only=True)
class Weighting:
    """All classes of train under every scheme, and under the weights that the user chose.

    tokens: of each class in train. schemes: by the scheme's name, then by class.
    chosen: None if the user chose no weights. manual: whether the user set weights by hand.
    """

    tokens: Mapping[str, int]
    schemes: Mapping[str, Mapping[str, WeighedClass]]
    chosen: Mapping[str, WeighedClass] | None
    manual: bool


@dataclass(frozen=True, kw_only=True)
class WeightChoice:
    """The weight options of `seqlab train`. class_weights: a scheme's name, a TOML file, or None."""

    class_weights: str | None = None
    class_weight: Mapping[str, float] = NumberByClass()
    weight_cap: float | None = None
    weight_beta: float = 0.9999
    share_prefix_weights: bool = True

    def __post_init__(self) -> None:
        by_hand = NumberByClass.read("class_weight", self.class_weight)
        object.__setattr__(self, "class_weight", by_hand)

    @property
    def is_given(self) -> bool:
        """Whether any option differs from its default."""
        return self != WeightChoice()

    @property
    def is_manual(self) -> bool:
        """Whether weights are set by hand."""
        return bool(self.class_weight) or is_weight_table(self.class_weights or "")


def weigh_classes(
    tag_counts: Mapping[str, int], scheme: Scheme, choice: WeightChoice, default: str
) -> Weighting:
    """Apply every weighting scheme to the tag counts of train.

    default: the weighting scheme of a choice that names none.
    Raises WeightsError for an unknown scheme or class, and for a weight that is not a number above 0.
    """
    counts = dict(sorted(tag_counts.items(), key=lambda item: (-item[1], item[0])))
    classes = {tag: class_of_tag(tag, scheme) for tag in counts}
    tokens: Counter[str] = Counter()
    for tag, count in counts.items():
        tokens[classes[tag]] += count
    shared, beta = choice.share_prefix_weights, choice.weight_beta
    schemes = {
        name.value: sum_by_class(
            tag_weights(counts, name, tag_scheme=scheme, share_prefixes=shared, beta=beta),
            counts,
            classes,
        )
        for name in WeightScheme
    }
    chosen = chosen_weights(choice, counts, scheme, default) if choice.is_given else None
    return Weighting(
        tokens=dict(sorted(tokens.items(), key=lambda item: (-item[1], item[0]))),
        schemes=schemes,
        chosen=None if chosen is None else sum_by_class(chosen, counts, classes),
        manual=choice.is_manual,
    )


def chosen_weights(
    choice: WeightChoice, counts: Mapping[str, int], scheme: Scheme, default: str
) -> dict[str, float]:
    """The weight of each tag as training would set it with the same options."""
    return stated_tag_weights(
        counts,
        class_weights=choice.class_weights or default,
        class_weight=choice.class_weight,
        tag_scheme=scheme,
        share_prefixes=choice.share_prefix_weights,
        beta=choice.weight_beta,
        cap=choice.weight_cap,
    )


def sum_by_class(
    weights: Mapping[str, float], counts: Mapping[str, int], classes: Mapping[str, str]
) -> dict[str, WeighedClass]:
    """Add up tags to classes: the mean weight of each class, and its share of the loss."""
    losses: defaultdict[str, float] = defaultdict(float)
    tokens: Counter[str] = Counter()
    for tag, count in counts.items():
        losses[classes[tag]] += weights[tag] * count
        tokens[classes[tag]] += count
    total = sum(losses.values())
    scale = tokens.total() / total
    return {
        name: WeighedClass(weight=scale * loss / tokens[name], loss_share=loss / total)
        for name, loss in losses.items()
    }
