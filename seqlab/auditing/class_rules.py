"""Warnings about classes: too few examples, missing from a split, or distributed differently from train."""

from collections.abc import Collection, Iterator, Mapping

from seqlab.auditing.classes import SplitCounts, has_f1
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme, class_of_tag
from seqlab.machine.wording import plural

STRATIFY = "give --valid-share instead of --valid to split train by class"
SPLIT_OFF = {
    "missing": "label more examples, or give a larger --valid-share",
    "shift": "give another --seed or a larger --valid-share",
}
"""Advice on a validation split that was cut off train by class."""
MOST_CLASSES = 8


def class_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings about classes."""
    yield from few_examples_warnings(audit, limits.few_examples)
    yield from missing_class_warnings(audit)
    yield from unseen_tag_warnings(audit)
    yield from class_shift_warnings(audit, limits)


def few_examples_warnings(audit: Audit, limit: int) -> Iterator[AuditWarning]:
    """few-examples: classes of a split with fewer than `limit` examples."""
    noun = "token" if audit.scheme is Scheme.PLAIN else "span"
    for split, counts in audit.splits.items():
        examples = present_classes(counts, audit.scheme)
        few = {name: count for name, count in examples.items() if 0 < count < limit}
        if not few:
            continue
        details = [smallest_counts(few)]
        if split == "train":
            advice = "label more examples, or raise their class weight or resample"
        else:
            advice = f"{'its' if len(few) == 1 else 'their'} F1 is uncertain"
            details.append(recall_interval(min(few.values()), noun))
        subject = f"{plural(len(few), 'class')} {'has' if len(few) == 1 else 'have'}"
        message = f"{subject} fewer than {limit} {noun}s in {split}: {advice}"
        yield AuditWarning(
            "few-examples", split, message, tuple(details), value=len(few), threshold=limit
        )


def recall_interval(examples: int, noun: str) -> str:
    """How uncertain a recall of one half is, by the Wilson score interval (1927).

    >>> recall_interval(8, "span")
    'with 4 of 8 spans found, the recall is between 0.22 and 0.78 (95 %, Wilson)'
    """
    from scipy.stats import binomtest  # imported late: only this warning needs it

    if examples == 1:
        return f"with 1 {noun}, the recall can only be 0 or 1"
    half = examples // 2
    interval = binomtest(half, examples).proportion_ci(method="wilson")
    return (
        f"with {half} of {plural(examples, noun)} found, the recall is between "
        f"{interval.low:.2f} and {interval.high:.2f} (95 %, Wilson)"
    )


def missing_class_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """only-in-train, missing-from-valid, missing-from-test and missing-from-train."""
    classes = {name: present_classes(split, audit.scheme) for name, split in audit.splits.items()}
    train, others = classes["train"], {n: c for n, c in classes.items() if n != "train"}
    alone = {n for n in train if len(others) > 1 and all(n not in c for c in others.values())}
    if alone:
        message = f"{classes_are(alone)} only in train: no split can score {pronoun(alone)}"
        yield missing_class_warning("only-in-train", "train", message, train, alone)
    for split, present in others.items():
        missing = set(train) - set(present) - alone
        if missing and split == "valid":
            remedy = STRATIFY if "valid" in audit.paths else SPLIT_OFF["missing"]
            message = (
                f"{classes_are(missing)} missing from valid: training cannot track {pronoun(missing)} "
                f"or choose the epoch by {pronoun(missing)}; {remedy}"
            )
            yield missing_class_warning("missing-from-valid", split, message, train, missing)
        elif missing:
            message = f"{classes_are(missing)} missing from {split}: no final score covers {pronoun(missing)}"
            yield missing_class_warning("missing-from-test", split, message, train, missing)
        new = set(present) - set(train)
        if new:
            message = (
                f"{classes_are(new)} in {split} but not in train: the network cannot learn {pronoun(new)}, "
                "and every example counts as missed"
            )
            yield missing_class_warning("missing-from-train", split, message, present, new)


def missing_class_warning(
    rule: str, split: str, message: str, counts: Mapping[str, int], names: Collection[str]
) -> AuditWarning:
    """A warning about classes that a split lacks. counts: examples in a split that has them."""
    missing = {name: counts[name] for name in counts if name in names}
    details = (smallest_counts(missing),)
    return AuditWarning(rule, split, message, details, value=len(missing))


def unseen_tag_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """unseen-tags: tags that train lacks, although it has their class."""
    train = present_classes(audit.splits["train"], audit.scheme)
    for split, tags in audit.unseen_tags.items():
        unseen = {tag: n for tag, n in tags.items() if class_of_tag(tag, audit.scheme) in train}
        if unseen:
            one = len(unseen) == 1
            message = (
                f"{plural(len(unseen), 'tag')} of {split} {'is' if one else 'are'} "
                f"not in train, although {'its class is' if one else 'their classes are'}: "
                "tokens with such a tag count as missed; --scheme iob2 has the fewest tags"
            )
            details = tuple(f"{tag!r} {plural(n, 'time')}" for tag, n in unseen.items())
            yield AuditWarning("unseen-tags", split, message, details, value=len(unseen))


def class_shift_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """different-classes: a split whose class distribution differs from that of train."""
    for split, shift in audit.imbalance.differences.items():
        distance, chance = shift.total_variation, shift.by_chance
        if distance is None or chance is None or shift.shares is None:
            continue
        if distance >= max(limits.total_variation, limits.times_chance * chance):
            in_train, in_split = (f"{share:.1%}" for share in shift.shares)
            advice = "its scores are those of another class mix"
            if split == "valid":
                advice = STRATIFY if "valid" in audit.paths else SPLIT_OFF["shift"]
            most = f"largest difference: {shift.most}, {in_train} of train, {in_split} of {split}"
            yield AuditWarning(
                "different-classes",
                split,
                f"the class distribution of {split} differs from that of train "
                f"(total variation {distance:.2f}, by chance {chance:.2f}): "
                f"is it the end of a sorted file, or from another source? {advice}",
                details=(most,),
                value=distance,
                threshold=limits.total_variation,
            )


def present_classes(split: SplitCounts, scheme: Scheme) -> dict[str, int]:
    """The classes of a split that have an F1, with their examples."""
    return {n: c.examples for n, c in split.classes.items() if c.tokens and has_f1(n, scheme)}


def smallest_counts(counts: Mapping[str, int]) -> str:
    """Class names with their counts, the smallest first.

    >>> smallest_counts({"PER": 9, "LAW": 3})
    'LAW 3, PER 9'
    """
    ordered = sorted(counts.items(), key=lambda item: (item[1], item[0]))
    more = len(ordered) - MOST_CLASSES
    shown = [f"{name} {count}" for name, count in ordered[:MOST_CLASSES]]
    return ", ".join([*shown, *([f"and {more} more"] if more > 0 else [])])


def classes_are(names: Collection[str]) -> str:
    """'1 class is' or '4 classes are'."""
    return f"{plural(len(names), 'class')} {'is' if len(names) == 1 else 'are'}"


def pronoun(names: Collection[str]) -> str:
    """'it' or 'them'."""
    return "it" if len(names) == 1 else "them"
