"""The weight of each tag as the settings class_weights and class_weight state it."""

from collections.abc import Mapping

from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.weighting.class_weights import check_weighed_names, parse_weight_scheme, tag_weights
from seqlab.weighting.formulas import WeightScheme
from seqlab.weighting.manual import checked_manual_weights, read_weight_table


def is_weight_table(class_weights: str) -> bool:
    """Tell whether --class-weights names a TOML file instead of a weighting scheme."""
    return class_weights.endswith(".toml")


def stated_class_weights(
    class_weights: str, class_weight: Mapping[str, float]
) -> tuple[WeightScheme, dict[str, float]]:
    """Return the formula of the class weights, and the weights that are set by hand.

    class_weights: the name of a scheme, or a TOML file, which means the scheme 'none' with its weights.
    class_weight: weights by name, which override those of the file.
    Raises WeightsError for an unknown scheme, an unreadable file, and a value that is no weight.
    """
    manual = checked_manual_weights(class_weight)
    if is_weight_table(class_weights):
        return WeightScheme.NONE, read_weight_table(class_weights) | manual
    others = ", or a file NAME.toml"
    return parse_weight_scheme(class_weights, source="class_weights", others=others), manual


def stated_tag_weights(
    tag_counts: Mapping[str, int],
    *,
    class_weights: str,
    class_weight: Mapping[str, float],
    tag_scheme: Scheme,
    share_prefixes: bool,
    beta: float,
    cap: float | None,
) -> dict[str, float]:
    """Return the weight of each tag.

    class_weights, class_weight: as for `stated_class_weights`. Other arguments as for `tag_weights`.
    Raises WeightsError as `stated_class_weights` does, and for weights of an unknown class.
    """
    formula, manual = stated_class_weights(class_weights, class_weight)
    classes = {tag: class_of_tag(tag, tag_scheme) for tag in tag_counts}
    check_weighed_names(class_weight, classes, source="class_weight")
    check_weighed_names(manual, classes, source=class_weights)
    return tag_weights(
        tag_counts,
        formula,
        tag_scheme=tag_scheme,
        share_prefixes=share_prefixes,
        beta=beta,
        cap=cap,
        manual=manual,
    )
