"""Combine several taggers of one task into one."""

from collections.abc import Sequence
from statistics import fmean

from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import UserError
from seqlab.inference.combined import COMBINED
from seqlab.inference.own_network import NO_NUMPY, NoWeights
from seqlab.machine.wording import listed
from seqlab.tagging.tagger import Tagger

FEWEST, MOST = 2, 100  # taggers


def combine_taggers(taggers: Sequence[Tagger], *, names: Sequence[str] = ()) -> Tagger:
    """One tagger whose scores are the mean of the log-probabilities of several taggers.

    taggers: of the same tags, in any order, and the same columns. Their vocabularies and networks may differ.
    names: names of the taggers in errors; default: tagger 1, tagger 2, ….
    Its temperature, doubt and biases are the means over the taggers.
    Raises UserError for taggers that do not fit each other, and for fewer than two.
    """
    taggers = list(taggers)
    names = names or [f"tagger {number}" for number in range(1, len(taggers) + 1)]
    if not FEWEST <= len(taggers) <= MOST:
        raise UserError(f"expected {FEWEST} to {MOST} taggers to combine, found {len(taggers)}")
    first = taggers[0]
    for tagger, name in zip(taggers, names, strict=True):
        check_member(tagger, first, name, names[0])
    return Tagger(
        architecture=first.architecture,
        weights=NoWeights(COMBINED),
        encoder=first.encoder,
        scheme=first.scheme,
        decision=mean_decision(taggers),
        constrained=any(tagger.constrained for tagger in taggers),
        cutting=first.cutting,
        members=tuple(taggers),
    )


def check_member(tagger: Tagger, first: Tagger, name: str, first_name: str) -> None:
    """Raise UserError for a tagger that cannot be combined with the first one."""
    if tagger.own_network is not None:
        raise UserError(f"{name}: cannot be combined: {NO_NUMPY}")
    if tagger.members:
        raise UserError(f"{name}: is a combination itself; give the runs that it combines")
    if tagger.scheme != first.scheme:
        raise UserError(
            f"{name}: its tag scheme is {tagger.scheme}, but that of {first_name} is {first.scheme}"
        )
    tags, wanted = tagger.encoder.tags.symbols, first.encoder.tags.symbols
    for has, lacks, own in ((name, first_name, tags), (first_name, name, wanted)):
        more = [tag for tag in own if tag not in (wanted if own is tags else tags)]
        if more:
            raise UserError(
                f"{has}: has the tags {listed(list(map(repr, more)))}, which {lacks} lacks; "
                "combine runs of the same tags"
            )
    for columns in ("feature_columns", "numeric_columns"):
        own_columns, others = (sorted(getattr(one.encoder, columns)) for one in (tagger, first))
        if own_columns != others:
            what = columns.replace("_", " ")
            raise UserError(
                f"{name}: reads the {what} {own_columns}, but {first_name} {others}; "
                "combine runs that read the same columns"
            )


def mean_decision(taggers: Sequence[Tagger]) -> DecisionRule:
    """The mean temperature, the mean doubt, and the mean bias of each tag that has one in any tagger."""
    rules = [tagger.decision for tagger in taggers]
    tags = dict.fromkeys(tag for rule in rules for tag in rule.bias)
    return DecisionRule(
        temperature=fmean(rule.temperature for rule in rules),
        doubt=fmean(rule.doubt for rule in rules),
        bias={tag: fmean(rule.bias.get(tag, 0.0) for rule in rules) for tag in tags},
    )
