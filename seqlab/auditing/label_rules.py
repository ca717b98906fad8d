"""Warnings about sentences and labels: leaks, contradictions, illegal tags, windows and odd tokens."""

from collections.abc import Iterator

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.illegal_tags import IllegalTransition
from seqlab.auditing.label_counts import Inconsistency
from seqlab.auditing.repeats import Repeats
from seqlab.auditing.span_faults import span_warnings
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.schemes import Scheme
from seqlab.errors import shorten
from seqlab.machine.wording import plural

MOST_DETAILS = 3
AFTER = " after the same word"
IGNORED_ODDITY = "long address"  # a URL is as long as it must be


def label_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """All warnings about sentences and labels."""
    for repeats in audit.repeats:
        yield from repeat_warnings(repeats, limits)
    yield from contradiction_warnings(audit, limits.contradictory_tokens)
    if audit.scheme is not Scheme.PLAIN:
        yield from inconsistency_warnings(audit, limits)
    yield from span_warnings(audit)
    yield from illegal_tag_warnings(audit)
    yield from cut_span_warnings(audit)
    yield from long_sentence_warnings(audit, limits.long_share)
    yield from odd_token_warnings(audit)


def repeat_warnings(repeats: Repeats, limits: Thresholds) -> Iterator[AuditWarning]:
    """leak: sentences of a split that an earlier split has. repeated: sentences that train repeats."""
    earlier = repeats.earlier
    within = earlier == repeats.later
    limit = limits.repeat_share if within else limits.leak_share
    if repeats.long_share < limit or (within and repeats.later != "train"):
        return
    one = repeats.long_sentences == 1
    subject = f"{plural(repeats.long_sentences, 'sentence')} of {repeats.later} ({repeats.long_share:.1%})"
    if within:
        verb = "repeats" if one else "repeat"
        message = f"{subject} {verb} an earlier one: remove unwanted copies"
    else:
        leak = "training sees what is scored" if earlier == "train" else "both score the same"
        message = (
            f"{subject} {'is' if one else 'are'} also in {earlier}: {leak}; "
            f"remove {'it' if one else 'them'} from {earlier}"
        )
    yield AuditWarning(
        "repeated" if within else "leak",
        repeats.later,
        message,
        details=tuple(f"{shorten(r.text, 40)!r} ({r.again} = {r.first})" for r in repeats.examples),
        value=repeats.long_share,
        threshold=limit,
    )


def contradiction_warnings(audit: Audit, tokens: int) -> Iterator[AuditWarning]:
    """contradictory: sentences of `tokens` tokens or more that occur with different tags."""
    long = [c for c in audit.contradictions if c.tokens >= tokens]
    if long:
        verb = "occurs" if len(long) == 1 else "occur"
        message = (
            f"{plural(len(long), 'sentence')} of {tokens} tokens or more {verb} "
            "with different tags: correct one of the two"
        )
        details = tuple(
            f"{c.token!r} is {c.tags[0]} at {c.first}, {c.tags[1]} at {c.again}"
            for c in long[:MOST_DETAILS]
        )
        yield AuditWarning("contradictory", None, message, details, value=len(long))


def inconsistency_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """inconsistent: texts with several classes. outside-elsewhere: texts of spans that are also O.

    Where the word before a text decides its label ("from Oslo", "to Oslo"), only labels against the context count.
    """
    labels = audit.consistency
    share, worst, after = labels.different_share, labels.different_classes, ""
    if labels.context is not None:
        share, worst, after = labels.context.share, labels.context.worst, AFTER
    limit = limits.inconsistent_share
    if share is not None and share >= limit:
        message = (
            f"{share:.1%} of the spans do not have the most frequent class of their text{after}: "
            "make the labels agree, most frequent texts first"
        )
        texts = tuple(map(labels_text, worst[:MOST_DETAILS]))
        yield AuditWarning("inconsistent", None, message, texts, value=share, threshold=limit)
    share, worst, after = labels.outside_share, labels.outside_elsewhere, ""
    if labels.outside_context is not None:
        share, worst, after = labels.outside_context.share, labels.outside_context.worst, AFTER
    limit = limits.outside_share
    if share is not None and share >= limit:
        message = (
            f"{share:.1%} of the occurrences of labelled texts do not have the text's most "
            f"frequent label{after}, O included: look for missing spans"
        )
        texts = tuple(map(labels_text, worst[:MOST_DETAILS]))
        yield AuditWarning("outside-elsewhere", None, message, texts, value=share, threshold=limit)


def labels_text(inconsistency: Inconsistency) -> str:
    """'Paris' is LOC 30 times, PER 2 times (train.conll:17)."""
    counts = inconsistency.readings
    parts = [f"{label} {plural(c.count, 'time')}" for label, c in counts.items()]
    if len(parts) > MOST_DETAILS + 1:
        parts[MOST_DETAILS:] = [f"and {len(parts) - MOST_DETAILS} more labels"]
    rarest = list(counts.values())[-1]
    return f"{shorten(inconsistency.text, 40)!r} is {', '.join(parts)} ({rarest.example})"


def illegal_tag_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """illegal-transitions: tags that the scheme does not allow after the tag before them."""
    for split, illegal in audit.illegal.items():
        if illegal.tags:
            verb = "breaks" if illegal.tags == 1 else "break"
            message = (
                f"{plural(illegal.tags, 'tag')} in {plural(illegal.sentences, 'sentence')} of "
                f"{split} {verb} the tag scheme: they are read as seqeval reads them; correct the file"
            )
            details = tuple(map(transition_text, illegal.most_frequent[:MOST_DETAILS]))
            yield AuditWarning("illegal-transitions", split, message, details, value=illegal.tags)


def transition_text(transition: IllegalTransition) -> str:
    """'I-PER' after 'O' 12 times, read as 'B-PER' (train.conll:17)."""
    previous = transition.previous
    after = "at the start" if previous is None else f"after {previous!r}"
    return (
        f"{transition.tag!r} {after} {plural(transition.count, 'time')}, "
        f"read as {transition.read_as!r} ({transition.example})"
    )


def cut_span_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """cut-spans: spans of train that windows cut in two."""
    train = audit.windows["train"]
    if train.cut_spans:
        one = train.cut_spans == 1
        message = (
            f"{plural(train.cut_spans, 'span')} of train {'is' if one else 'are'} cut by windows of "
            f"{train.max_tokens} tokens: split {'its sentence' if one else 'those sentences'}, "
            "or raise --max-tokens"
        )
        spans = tuple(f"{shorten(c.text, 40)!r}, {c.kind} ({c.source})" for c in train.examples)
        yield AuditWarning("cut-spans", "train", message, spans, value=train.cut_spans)


def long_sentence_warnings(audit: Audit, long_share: float) -> Iterator[AuditWarning]:
    """long-sentences: many sentences of a split are longer than a window."""
    for split, windows in audit.windows.items():
        if windows.long_share >= long_share:
            yield AuditWarning(
                "long-sentences",
                split,
                f"{plural(windows.long_sentences, 'sentence')} of {split} "
                f"({windows.long_share:.1%}) {'is' if windows.long_sentences == 1 else 'are'} longer "
                f"than {windows.max_tokens} tokens: are sentence breaks missing?",
                details=tuple(f"{s.tokens} tokens ({s.source})" for s in windows.longest),
                value=windows.long_share,
                threshold=long_share,
            )


def odd_token_warnings(audit: Audit) -> Iterator[AuditWarning]:
    """odd-tokens: tokens with invisible characters, undecodable or very long ones."""
    for split, by_oddity in audit.odd_tokens.items():
        odd = {name: tokens for name, tokens in by_oddity.items() if name != IGNORED_ODDITY}
        total = sum(tokens.tokens for tokens in odd.values())
        if total:
            counts = ", ".join(f"{name}: {tokens.tokens}" for name, tokens in odd.items())
            examples = [example for tokens in odd.values() for example in tokens.examples[:2]]
            message = (
                f"{plural(total, 'token')} of {split} {'looks' if total == 1 else 'look'} odd "
                f"({counts}): clean the text, or check the tokenisation"
            )
            details = tuple(f"{shorten(e.token, 30)!r} ({e.source})" for e in examples)
            yield AuditWarning("odd-tokens", split, message, details, value=total)
