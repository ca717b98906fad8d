"""What each class of a run is in training: its tokens, its items, its weight, and why it weighs so."""

from collections import Counter
from collections.abc import Mapping

import numpy as np

from seqlab.corpus.corpus_arrays import CorpusArrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.experiment.build import weights_as_typed
from seqlab.experiment.prepare import Prepared
from seqlab.reporting.run_details import ClassDetails, MajorityBaseline
from seqlab.scoring.pairs import TagPairs
from seqlab.scoring.score import item_counts, score
from seqlab.weighting.formulas import WeightScheme
from seqlab.weighting.weight_options import is_weight_table

SENTENCES_PER_BLOCK = 1 << 16
FORMULAS = {
    WeightScheme.BALANCED: "N / (C n)",
    WeightScheme.INVERSE: "N / n",
    WeightScheme.SQRT_INVERSE: "the square root of N / (C n)",
    WeightScheme.LOG: "1 / ln(1.02 + n / N)",
    WeightScheme.EFFECTIVE_NUMBER: "(1 - beta) / (1 - beta^n), scaled to mean 1 over classes",
    WeightScheme.MEDIAN_FREQUENCY: "the median of n / n",
}


def class_details(prepared: Prepared) -> dict[str, ClassDetails]:
    """The details of each class, the one with the fewest items in training first, `O` of a span task last."""
    scheme, weights = prepared.splits.scheme, weights_as_typed(prepared)
    tokens: Counter[str] = Counter()
    for tag, count in zip(prepared.encoder.tags, prepared.tag_counts.tolist(), strict=True):
        tokens[class_of_tag(tag, scheme)] += count
    items = items_by_class(prepared.splits.arrays["train"], scheme)
    order = sorted(tokens, key=lambda name: (is_outside(name, scheme), items.get(name, 0), name))
    return {
        name: ClassDetails(
            tokens=tokens[name],
            items=items.get(name, 0),
            weight=weights.get(name),
            why=weight_reason(prepared, name, tokens),
        )
        for name in order
    }


def is_outside(name: str, scheme: Scheme) -> bool:
    """Whether this is the class of tokens outside of spans."""
    return scheme is not Scheme.PLAIN and name == OUTSIDE_TAG


def items_by_class(arrays: CorpusArrays, scheme: Scheme) -> Counter[str]:
    """Spans of each class; tokens for plain tags. Works block by block, so that memory stays flat."""
    items: Counter[str] = Counter()
    for start in range(0, len(arrays.offsets) - 1, SENTENCES_PER_BLOCK):
        offsets = arrays.offsets[start : start + SENTENCES_PER_BLOCK + 1]
        ids = np.asarray(arrays.tag_ids[offsets[0] : offsets[-1]], np.int32)
        first = np.zeros(len(ids), np.bool_)
        first[(offsets[:-1] - offsets[0])[np.diff(offsets) > 0]] = True
        pairs = TagPairs(names=arrays.tags, gold=ids, predicted=ids, first=first)
        items.update({name: row.support for name, row in item_counts(pairs, scheme).items()})
    return items


def weight_reason(prepared: Prepared, name: str, tokens: Mapping[str, int]) -> str:
    """A sentence on how the weight of a class came about. tokens: training tokens of each class."""
    settings, scheme = prepared.settings, prepared.splits.scheme
    if settings.crf_loss == "likelihood" and not settings.emission_weights:
        return "The likelihood of a CRF weighs whole sentences, so no class weight acts."
    if {name, *(t for t in prepared.encoder.tags if class_of_tag(t, scheme) == name)} & {
        *settings.class_weight
    }:
        return "--class-weight sets it."
    if is_weight_table(settings.class_weights):
        return f"The file {settings.class_weights} sets it; a class that it leaves out weighs 1."
    if settings.class_weights == WeightScheme.NONE:
        return "--class-weights none: every class weighs 1."
    formula = FORMULAS[WeightScheme(settings.class_weights)]
    capped = f"; at most {settings.weight_cap:g} times the smallest" if settings.weight_cap else ""
    return (
        f"--class-weights {settings.class_weights}: {formula}, with n = {tokens[name]:,} tokens of it, "
        f"N = {sum(tokens.values()):,} tokens and C = {sum(map(bool, tokens.values()))} classes{capped}."
    )


def majority_baseline(prepared: Prepared) -> MajorityBaseline:
    """The figures on validation of the tag that training has most often, given to every token."""
    counts = prepared.tag_counts
    tag, scheme = prepared.encoder.tags.symbols[int(counts.argmax())], prepared.splits.scheme
    gold = [sentence.tags or () for sentence in prepared.splits.valid]
    figures = score(gold, [[tag] * len(tags) for tags in gold], scheme, strict=False)
    return MajorityBaseline(
        class_name=class_of_tag(tag, scheme),
        token_accuracy=figures.token_accuracy,
        micro_f1=figures.micro_f1,
        macro_f1=figures.macro_f1,
    )
