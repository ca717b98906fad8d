"""Checks of sentence breaks, and of files that are equal."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from seqlab.corpus.checks.facts import CorpusFacts, is_span_tag
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.checks.limits import (
    ONE_SENTENCE_TOKENS,
    ONE_TOKEN_SENTENCES,
    REPEATED_SENTENCES,
    REPEATED_SHARE,
    UNKNOWN_TAGS_SHARE,
)
from seqlab.corpus.first_occurrences import first_occurrences
from seqlab.corpus.sentence import Sentence
from seqlab.machine.wording import LISTED_NAMES, plural

INSIDE = "IEML"  # letters of tags that follow another token of their span


def sentence_findings(facts: CorpusFacts) -> Iterator[Finding]:
    """one-sentence: the breaks between sentences are missing. one-token: there is one after each token."""
    if len(facts.sentences) == 1 and len(facts.sentences[0]) >= ONE_SENTENCE_TOKENS:
        yield Finding(
            check="one-sentence",
            place=facts.path,
            fact=f"the whole file is one sentence of {len(facts.sentences[0]):,} tokens: sentence breaks are missing",
            advice="put a blank line after each sentence",
        )
    elif len(facts.sentences) >= ONE_TOKEN_SENTENCES and len(facts.sentences) == facts.tokens:
        yield Finding(
            check="one-token",
            place=facts.path,
            fact=f"all {len(facts.sentences):,} sentences have one token",
            advice="keep the blank lines between sentences only",
            stops=any(tag[0] in INSIDE for tag in facts.tag_counts if is_span_tag(tag)),
        )


def same_files(
    paths: Mapping[str, str], splits: Mapping[str, Sequence[Sentence]]
) -> Iterator[Finding]:
    """same-files: two files hold the same sentences, in whatever order, or one was taken from the other.

    paths: by the name of each split ('train', 'valid', 'test'), its file. splits: the sentences.
    """
    names = [name for name in ("train", "valid", "test") if name in paths]
    for number, later in enumerate(names):
        for earlier in names[:number]:
            fact = shared_sentences(earlier, later, splits)
            if fact:
                effect = (
                    "training sees what is scored" if earlier == "train" else "both score the same"
                )
                yield Finding(
                    check="same-files",
                    place=paths[later],
                    fact=f"{fact}: {effect}",
                    advice=f"give another file, or leave out --{later}",
                )


def shared_sentences(earlier: str, later: str, splits: Mapping[str, Sequence[Sentence]]) -> str:
    """Say that a split holds the sentences of an earlier one, or that nearly all of its own are there; else ''.

    A corpus that repeats sentences within a split repeats them in honest splits too. With numbers, equal words do not make
    equal sentences.
    """
    total = len(splits[later])
    if is_same_text(splits[earlier], splits[later]):
        return f"{later} holds the same {plural(total, 'sentence')} as {earlier}"
    if total < REPEATED_SENTENCES or splits[later][0].numbers:
        return ""
    distinct = {s.tokens for s in splits[later]}
    if len(distinct) <= total / 2:
        return ""
    first = first_occurrences(splits[earlier], distinct)
    count = sum(s.tokens in first for s in splits[later])
    if count <= REPEATED_SHARE * total:
        return ""
    share = f"all {total:,}" if count == total else f"{count:,} of {total:,}"
    return f"{share} sentences of {later} are also in {earlier}"


def is_same_text(one: Sequence[Sentence], other: Sequence[Sentence]) -> bool:
    """Tell whether two corpora have the same sentences. The first difference in size ends the comparison."""
    if one is other or len(one) != len(other):
        return one is other
    return Counter(s.tokens for s in one) == Counter(s.tokens for s in other)


def other_tags(path: str, counts: Mapping[str, int], known: Mapping[str, int]) -> Iterator[Finding]:
    """unknown-tags: training lacks the tags of most tokens of another file.

    counts: how often each tag occurs there, in the scheme of training. known: the same of training.
    """
    total = sum(counts.values())
    unknown = [tag for tag in counts if tag not in known]
    tokens = sum(counts[tag] for tag in unknown)
    if tokens and tokens >= UNKNOWN_TAGS_SHARE * total:
        shown = ", ".join(map(repr, unknown[:LISTED_NAMES]))
        yield Finding(
            check="unknown-tags",
            place=path,
            fact=f"{tokens / total:.1%} of the tokens have tags that training lacks, such as {shown}",
            advice="give --tag-column if the tags are in another column",
        )
