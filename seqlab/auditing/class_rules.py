"""Warnings about classes: too few examples, missing from a split, spread unlike train."""

import math
from collections.abc import Iterable, Iterator, Mapping

from seqlab.auditing.classes import SplitCounts, is_watched
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.imbalance import example_counts
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.machine.wording import plural

Z_95 = 1.959964  # the 97.5 % point of the normal distribution


def wilson(share: float, total: int, *, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share found in `total` trials (Wilson 1927).

    share: from 0 to 1. total: 1 or more. z: 1.96 for 95 %.

    >>> [round(end, 3) for end in wilson(0.5, 8)]
    [0.215, 0.785]
    """
    centre = share + z * z / (2 * total)
    half = z * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    scale = 1 + z * z / total
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


RESPLIT = "with --valid-share instead of --valid every class that can be is on both sides"


def class_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings of this file."""
    yield from few_examples(audit, limits.few_examples)
    yield from missing_classes(audit)
    yield from unseen_tags(audit)
    yield from different_classes(audit, limits)


def few_examples(audit: Audit, limit: int) -> Iterator[AuditWarning]:
    """few-examples: classes of a split that are counted on fewer than `limit` examples."""
    noun = "tokens" if audit.scheme is Scheme.PLAIN else "spans"
    for split, counts in audit.splits.items():
        few = {n: c for n, c in example_counts(counts, audit.scheme).items() if 0 < c < limit}
        if not few:
            continue
        fewest = min(few.values())
        low, high = wilson(0.5, fewest)
        examples = plural(fewest, noun.removesuffix("s"))
        interval = f"a recall of 0.50 on {examples} may be {low:.2f} to {high:.2f} (95 %, Wilson)"
        advice = f"read {'its' if len(few) == 1 else 'their'} F1 with its interval"
        if split == "train":
            advice = (
                f"there is little to learn {it(few)} from; label more, or weigh or copy {it(few)}"
            )
            interval = ""
        yield AuditWarning(
            rule="few-examples",
            split=split,
            message=f"{classes_have(few)} under {limit} {noun} in {split}: {advice}",
            details=tuple(filter(None, (smallest_counts(few), interval))),
            value=len(few),
            threshold=limit,
        )


def missing_classes(audit: Audit) -> Iterator[AuditWarning]:
    """only-in-train, missing-from-valid, missing-from-test, missing-from-train."""
    found = {n: present(split, audit.scheme) for n, split in audit.splits.items()}
    train, others = found["train"], {n: c for n, c in found.items() if n != "train"}
    alone = {
        name for name in train if len(others) > 1 and all(name not in c for c in others.values())
    }
    if alone:
        text = f"{classes_verb(alone, 'stands', 'stand')} in train alone: no split can score "
        yield missing("only-in-train", "train", text + it(alone), train, alone)
    for split, classes in others.items():
        gone = set(train) - set(classes) - alone
        text = f"{classes_verb(gone, 'is', 'are')} missing from {split}: "
        if gone and split == "valid":
            text += f"{subject(gone)} cannot be watched, nor chosen by; {RESPLIT}"
            yield missing("missing-from-valid", split, text, train, gone)
        elif gone:
            text += (
                f"how well {subject(gone)} {'is' if len(gone) == 1 else 'are'} found stays unknown"
            )
            yield missing("missing-from-test", split, text, train, gone)
        new = set(classes) - set(train)
        if new:
            text = (
                f"{classes_verb(new, 'stands', 'stand')} in {split} but not in train: "
                f"{subject(new)} can never be found, and will be scored as missed"
            )
            yield missing("missing-from-train", split, text, classes, new)


def unseen_tags(audit: Audit) -> Iterator[AuditWarning]:
    """unseen-tags: tags that train lacks, of classes that it has."""
    train = present(audit.splits["train"], audit.scheme)
    for split, tags in audit.unseen_tags.items():
        known = {tag: n for tag, n in tags.items() if class_of_tag(tag, audit.scheme) in train}
        if known:
            one = len(known) == 1
            yield AuditWarning(
                rule="unseen-tags",
                split=split,
                message=f"{plural(len(known), 'tag')} of {split} {'is' if one else 'are'} "
                f"not in train, although the class is: {'it' if one else 'they'} will be scored as "
                "missed; --scheme iob2 has the fewest tags",
                details=tuple(f"{tag!r} {plural(n, 'time')}" for tag, n in known.items()),
                value=len(known),
                threshold=1,
            )


def different_classes(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """different-classes: a split whose classes are spread unlike those of train."""
    for split, found in audit.imbalance.differences.items():
        distance, chance = found.total_variation, found.by_chance
        if distance is None or chance is None or found.shares is None:
            continue
        if distance >= max(limits.total_variation, limits.times_chance * chance):
            ours, theirs = found.shares
            advice = RESPLIT if split == "valid" else "scores there are those of another mix"
            yield AuditWarning(
                rule="different-classes",
                split=split,
                message=f"the classes of {split} are spread unlike those of train "
                f"(total variation {distance:.2f}, by chance {chance:.2f}): "
                f"a tail split, or another source? {advice}",
                details=(
                    f"most of all {found.most}: {ours:.1%} of train, {theirs:.1%} of {split}",
                ),
                value=distance,
                threshold=limits.total_variation,
            )


def present(split: SplitCounts, scheme: Scheme) -> dict[str, int]:
    """The classes with an F1 that a split has, with their examples."""
    return {n: c.examples for n, c in split.classes.items() if c.tokens and is_watched(n, scheme)}


def missing(
    rule: str, split: str, message: str, counts: Mapping[str, int], names: Iterable[str]
) -> AuditWarning:
    """A warning about classes that some split lacks; `counts` are those of a split that has them."""
    gone = {name: counts[name] for name in counts if name in names}
    return AuditWarning(
        rule=rule,
        split=split,
        message=message,
        details=(smallest_counts(gone),),
        value=len(gone),
        threshold=1,
    )


def smallest_counts(counts: Mapping[str, int], *, most: int = 8) -> str:
    """Names with their counts, the smallest first.

    >>> smallest_counts({"PER": 9, "LAW": 3})
    'LAW 3, PER 9'
    """
    ordered = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    more = [f"and {len(ordered) - most} more"] if len(ordered) > most else []
    return ", ".join([*(f"{name} {count}" for name, count in ordered[:most]), *more])


def classes_have(names: Iterable[str]) -> str:
    """'1 class has', '4 classes have'."""
    return classes_verb(names, "has", "have")


def classes_verb(names: Iterable[str], one: str, several: str) -> str:
    """The number of classes with a verb."""
    count = len(list(names))
    return f"1 class {one}" if count == 1 else f"{count} classes {several}"


def subject(names: Iterable[str]) -> str:
    """'it' or 'they'."""
    return "it" if len(list(names)) == 1 else "they"


def it(names: Iterable[str]) -> str:
    """'it' or 'them'."""
    return "it" if len(list(names)) == 1 else "them"
