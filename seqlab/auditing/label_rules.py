"""Warnings about labels and sentences: leaks, contradictions, illegal tags, windows, odd tokens."""

from collections.abc import Iterator

from seqlab.auditing.consistency import Inconsistency
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.reading import MendedTag
from seqlab.auditing.repeats import Repeats
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme
from seqlab.errors import shorten
from seqlab.machine.wording import plural

NAMED = 3


def label_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings of this file."""
    for found in audit.repeats:
        yield from repeated(found, limits)
    yield from contradictory(audit, limits.contradictory_tokens)
    if audit.scheme is not Scheme.PLAIN:
        yield from inconsistent(audit, limits)
    yield from illegal_transitions(audit)
    yield from windows(audit, limits.long_share)
    yield from odd_tokens(audit)


def repeated(found: Repeats, limits: Thresholds) -> Iterator[AuditWarning]:
    """leak: sentences of a split in an earlier one. repeated: sentences of train more than once."""
    within = found.earlier == found.later
    limit = limits.repeat_share if within else limits.leak_share
    if found.long_share < limit or (within and found.later != "train"):
        return
    count = plural(found.long_sentences, "sentence")
    verb = "stands" if found.long_sentences == 1 else "stand"
    advice = "training saw what is scored" if found.earlier == "train" else "both score the same"
    message = (
        f"{count} of {found.later} ({found.long_share:.1%}) {verb} in {found.earlier} too: "
        f"{advice}; take them out of {found.earlier}"
    )
    if within:
        message = (
            f"{count} of train ({found.long_share:.1%}) {verb} in it before: they count double"
        )
    yield AuditWarning(
        rule="repeated" if within else "leak",
        split=found.later,
        message=message,
        details=tuple(f"{shorten(r.text, 40)!r} ({r.again} = {r.first})" for r in found.examples),
        value=found.long_share,
        threshold=limit,
    )


def contradictory(audit: Audit, tokens: int) -> Iterator[AuditWarning]:
    """contradictory: the same sentence with different tags."""
    found = [c for c in audit.contradictions if c.tokens >= tokens]
    if found:
        verb = "occurs" if len(found) == 1 else "occur"
        yield AuditWarning(
            rule="contradictory",
            split=None,
            message=f"{plural(len(found), 'sentence')} of {tokens} tokens or more {verb} "
            "with different tags: correct one of the two",
            details=tuple(
                f"{c.token!r} is {c.tags[0]} at {c.first}, {c.tags[1]} at {c.again}"
                for c in found[:NAMED]
            ),
            value=len(found),
            threshold=1,
        )


def inconsistent(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """inconsistent: texts with several classes. outside-elsewhere: texts that are also O."""
    found = audit.consistency
    share = found.different_share
    if share is not None and share >= limits.inconsistent_share:
        yield AuditWarning(
            rule="inconsistent",
            split=None,
            message=f"{share:.1%} of the spans have another class than their text mostly has: "
            "settle the guideline, most frequent texts first",
            details=tuple(map(readings, found.different_classes[:NAMED])),
            value=share,
            threshold=limits.inconsistent_share,
        )
    share = found.outside_share
    if share is not None and share >= limits.outside_share:
        yield AuditWarning(
            rule="outside-elsewhere",
            split=None,
            message=f"{share:.1%} of the places where a labelled text stands go against how it is "
            "mostly labelled, O included: look for forgotten spans",
            details=tuple(map(readings, found.outside_elsewhere[:NAMED])),
            value=share,
            threshold=limits.outside_share,
        )


def readings(found: Inconsistency) -> str:
    """'Paris' is LOC 30 times, PER 2 times (train.conll:17)."""
    parts = [f"{name} {plural(r.count, 'time')}" for name, r in found.readings.items()]
    if len(parts) > NAMED + 1:
        parts[NAMED:] = [f"and {len(parts) - NAMED} more ways"]
    rarest = list(found.readings.values())[-1]
    return f"{shorten(found.text, 40)!r} is {', '.join(parts)} ({rarest.example})"


def illegal_transitions(audit: Audit) -> Iterator[AuditWarning]:
    """illegal-transitions: tags that the scheme does not allow where they stand."""
    for split, found in audit.illegal.items():
        if found.tags:
            yield AuditWarning(
                rule="illegal-transitions",
                split=split,
                message=f"{plural(found.tags, 'tag')} in {plural(found.sentences, 'sentence')} of "
                f"{split} can't stand where {'it does' if found.tags == 1 else 'they do'}: "
                "read as seqeval reads them; correct the file",
                details=tuple(map(transition, found.kinds[:NAMED])),
                value=found.tags,
                threshold=1,
            )


def transition(found: MendedTag) -> str:
    """'I-PER' after 'O' 12 times, read as 'B-PER' (train.conll:17)."""
    before = "at the start" if found.previous is None else f"after {found.previous!r}"
    count = plural(found.count, "time")
    return f"{found.tag!r} {before} {count}, read as {found.read_as!r} ({found.example})"


def windows(audit: Audit, long_share: float) -> Iterator[AuditWarning]:
    """cut-spans: spans of train across two windows. long-sentences: a split full of long ones."""
    train = audit.windows["train"]
    if train.cut_spans:
        verb = "lies" if train.cut_spans == 1 else "lie"
        yield AuditWarning(
            rule="cut-spans",
            split="train",
            message=f"{plural(train.cut_spans, 'span')} of train {verb} across two windows of "
            f"{train.max_tokens} tokens: split those sentences, or raise --max-tokens",
            details=tuple(
                f"{shorten(c.text, 40)!r}, {c.kind} ({c.source})" for c in train.examples
            ),
            value=train.cut_spans,
            threshold=1,
        )
    for split, found in audit.windows.items():
        if found.long_share >= long_share:
            yield AuditWarning(
                rule="long-sentences",
                split=split,
                message=f"{plural(found.long_sentences, 'sentence')} of {split} "
                f"({found.long_share:.1%}) {'is' if found.long_sentences == 1 else 'are'} longer "
                f"than {found.max_tokens} tokens: "
                "are sentence breaks missing?",
                details=tuple(f"{s.tokens} tokens ({s.source})" for s in found.longest),
                value=found.long_share,
                threshold=long_share,
            )


def odd_tokens(audit: Audit) -> Iterator[AuditWarning]:
    """odd-tokens: tokens with invisible characters, undecodable or very long ones."""
    for split, found_kinds in audit.odd_tokens.items():
        kinds = {kind: found for kind, found in found_kinds.items() if kind != "long address"}
        total = sum(found.tokens for found in kinds.values())
        if total:
            examples = [e for found in kinds.values() for e in found.examples[:2]]
            yield AuditWarning(
                rule="odd-tokens",
                split=split,
                message=f"{plural(total, 'token')} of {split} {'looks' if total == 1 else 'look'} odd ("
                + ", ".join(f"{kind}: {found.tokens}" for kind, found in kinds.items())
                + "): clean the text, or check how it was tokenised",
                details=tuple(f"{shorten(e.token, 30)!r} ({e.source})" for e in examples),
                value=total,
                threshold=1,
            )
