"""Notes for the user about splits that do not fit together: their tags and their sentences."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import combinations

from seqlab.arrays import Int64Array
from seqlab.corpus.checks.limits import LONG_SHARE
from seqlab.corpus.first_occurrences import first_occurrences
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import nearest, shorten
from seqlab.machine.wording import LISTED_NAMES, listed, plural

SHOWN = 10  # unknown tags that get a note each
NUMBER = re.compile(r"-?\d*\.?\d+")
FEW = 10  # with fewer gold examples, a single one changes the F1 of the class by 0.05 or more

SplitsByName = Mapping[str, Sequence[Sentence]]


def unknown_tags(tag_counts: Mapping[str, Mapping[str, int]]) -> Iterator[str]:
    """Yield a note for each tag that another split has and training lacks.

    tag_counts: for each split, how often each tag occurs; 'train' is one of the splits.
    """
    known = tag_counts["train"]
    for name, counts in tag_counts.items():
        unknown = sorted(tag for tag in counts if tag not in known)
        for tag in unknown[:SHOWN]:
            among = f"is not one of the {len(known)} training tags"
            fact = f"{name}: tag {tag!r} ({plural(counts[tag], 'token')})"
            yield f"{fact} {among}{nearest(tag, sorted(known))}; it will be scored as missed"
        if len(unknown) > SHOWN:
            tokens = plural(sum(counts[tag] for tag in unknown[SHOWN:]), "token")
            yield f"{name}: {len(unknown) - SHOWN} more such tags ({tokens})"


def measured_tags(tags: Iterable[str]) -> Iterator[str]:
    """Yield a note when all training tags are numbers, some with a fraction: the tag column may hold weights."""
    tags = list(tags)
    if tags and all(NUMBER.fullmatch(tag) for tag in tags) and not all(map(str.isdigit, tags)):
        fact = f"train: all tags are numbers, such as {tags[0]!r}"
        options = "--tag-column, and --token-weight-column for weights"
        yield f"{fact}; if the tags are in another column, give {options}"


def scarce(valid: Sequence[Sentence], classes: Sequence[str], scheme: Scheme) -> Iterator[str]:
    """Yield a note on the classes with fewer than `FEW` spans (plain tags: tokens) in validation."""
    counts: Counter[str] = Counter()
    for sentence in valid:
        tags = sentence.tags or ()
        plain = scheme is Scheme.PLAIN
        counts.update(tags if plain else (span[2] for span in decode_spans(tags, scheme)))
    few = sorted((counts[name], name) for name in classes if counts[name] < FEW)
    if few:
        named = listed([f"{name!r} ({count})" for count, name in few])
        noun = "tokens" if scheme is Scheme.PLAIN else "spans"
        fact = f"valid: fewer than {FEW} {noun} of {named}"
        effect = "changes the F1 of such a class a lot, and so macro and min F1"
        yield f"{fact}: one more or less {effect}"


def overlong(lengths: Int64Array, max_tokens: int) -> Iterator[str]:
    """Yield a note when many training sentences are longer than a window.

    lengths: int64 (N,), tokens of each training sentence. max_tokens: of a window.
    """
    count = int((lengths > max_tokens).sum())
    if count and count >= LONG_SHARE * len(lengths):
        share = f"{plural(count, 'sentence')} ({count / len(lengths):.1%})"
        verb = "is" if count == 1 else "are"
        yield f"train: {share} {verb} longer than {max_tokens} tokens: are sentence breaks missing?"


def repeated(splits: SplitsByName) -> Iterator[str]:
    """Yield a note for each two splits that share sentences, naming the first few.

    A sentence is repeated when another has the same tokens, with whatever tags.
    """
    names = [name for name in ("train", "valid", "test") if name in splits]
    for earlier, later in combinations(names, 2):
        first = first_occurrences(splits[earlier], {s.tokens for s in splits[later]})
        again = [s for s in splits[later] if s.tokens in first]
        if again:
            shown = list({s.tokens: s for s in reversed(again)}.values())[::-1][:LISTED_NAMES]
            named = ", ".join(
                f"{shorten(' '.join(s.tokens), 40)!r} ({s.source} = {first[s.tokens].source})"
                for s in shown
            )
            verb = "is" if len(again) == 1 else "are"
            yield f"{later}: {plural(len(again), 'sentence')} {verb} also in {earlier}: {named}"
