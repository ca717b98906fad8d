"""What each weighting scheme would do: the weight of every class, and its share of the loss.

The share is weight * tokens over all classes: what a class contributes when every token has the
same loss, as at the start of training.
"""

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain

from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.corpus.sentence import Sentences
from seqlab.settings.by_name import NumberByClass
from seqlab.weighting.class_weights import tag_weights
from seqlab.weighting.formulas import WeightScheme
from seqlab.weighting.manual import read_weight_table


@dataclass(frozen=True, kw_only=True)
class Weighed:
    """One class under one scheme. weight: of a token, the mean over all tokens being 1."""

    weight: float
    loss_share: float


@dataclass(frozen=True, kw_only=True)
class Weighting:
    """All classes of train under every scheme, and under what the user chose.

    schemes: by the scheme's name, then by class. chosen: None where no weights were asked about.
    tokens: of each class in train. manual: whether the user set weights by hand.
    """

    tokens: Mapping[str, int]
    schemes: Mapping[str, Mapping[str, Weighed]]
    chosen: Mapping[str, Weighed] | None
    manual: bool


@dataclass(frozen=True, kw_only=True)
class WeightChoice:
    """The weight options of `train`. class_weights: a scheme's name, a TOML file, or None."""

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
        """Whether any weights were asked about."""
        return self != WeightChoice()

    @property
    def is_manual(self) -> bool:
        """Whether weights were set by hand."""
        return bool(self.class_weight) or (self.class_weights or "").endswith(".toml")


def weigh(train: Sentences, scheme: Scheme, choice: WeightChoice, default: str) -> Weighting:
    """Every scheme on the counts of train. default: the scheme that a choice without one starts from.

    Raises WeightsError for an unknown scheme, class or number.
    """
    tags = Counter(chain.from_iterable(s.tags or () for s in train))
    counts = {tag: tags[tag] for tag in sorted(tags, key=lambda tag: (-tags[tag], tag))}
    classes = {tag: class_of_tag(tag, scheme) for tag in counts}
    tokens: Counter[str] = Counter()
    for tag, count in counts.items():
        tokens[classes[tag]] += count
    shared, beta = choice.share_prefix_weights, choice.weight_beta
    schemes = {
        name.value: by_class(
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
        chosen=None if chosen is None else by_class(chosen, counts, classes),
        manual=choice.is_manual,
    )


def chosen_weights(
    choice: WeightChoice, counts: Mapping[str, int], scheme: Scheme, default: str
) -> dict[str, float]:
    """The weight of each tag as training would set it by the same options."""
    name, manual = choice.class_weights or default, dict(choice.class_weight)
    if name.endswith(".toml"):
        name, manual = "none", read_weight_table(name) | manual
    return tag_weights(
        counts,
        name,
        tag_scheme=scheme,
        share_prefixes=choice.share_prefix_weights,
        beta=choice.weight_beta,
        cap=choice.weight_cap,
        manual=manual,
    )


def by_class(
    weights: Mapping[str, float], counts: Mapping[str, int], classes: Mapping[str, str]
) -> dict[str, Weighed]:
    """The mean weight of each class's tokens and its share, from the weight of each tag."""
    losses: defaultdict[str, float] = defaultdict(float)
    tokens: Counter[str] = Counter()
    for tag, count in counts.items():
        losses[classes[tag]] += weights[tag] * count
        tokens[classes[tag]] += count
    total = sum(losses.values())
    scale = tokens.total() / total
    return {
        name: Weighed(weight=scale * loss / tokens[name], loss_share=loss / total)
        for name, loss in losses.items()
    }
