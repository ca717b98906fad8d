"""What a person should know about splits that do not fit together: tags and sentences.

Reports only; nothing is changed.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations

from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.first_occurrences import first_occurrences
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.errors import nearest, shorten
from seqlab.machine.wording import LISTED_NAMES, listed, plural

SHOWN = 10  # unknown tags that are named one by one
MEASURE = re.compile(r"-?\d*\.?\d+")
FEW = 10  # examples in validation: below, one more or less moves F1 by a twentieth and more

SplitsByName = Mapping[str, Sequence[Sentence]]


def unknown_tags(splits: SplitsByName) -> Iterator[str]:
    """A note for each tag of another split that no training sentence has.

    splits: sentences by name; 'train' is one of the names.
    """
    counts = {name: corpus_arrays(sentences).tag_counts() for name, sentences in splits.items()}
    known = counts["train"]
    for name, found in counts.items():
        unknown = sorted(tag for tag in found if tag not in known)
        for tag in unknown[:SHOWN]:
            among = f"is not one of the {len(known)} training tags"
            yield (
                f"{name}: tag {tag!r} ({plural(found[tag], 'token')}) {among}"
                f"{nearest(tag, sorted(known))}; it will be scored as missed"
            )
        if len(unknown) > SHOWN:
            tokens = plural(sum(found[tag] for tag in unknown[SHOWN:]), "token")
            yield f"{name}: {len(unknown) - SHOWN} more such tags ({tokens})"


def measured_tags(train: Sequence[Sentence]) -> Iterator[str]:
    """A note where every tag is a number, and not all are whole: they may be weights of a last column."""
    tags = list(corpus_arrays(train).tag_counts())
    if tags and all(MEASURE.fullmatch(tag) for tag in tags) and not all(map(str.isdigit, tags)):
        yield (
            f"train: all tags are numbers, such as {tags[0]!r}; where the tags stand in another column, "
            "say --tag-column, and --token-weight-column for weights"
        )


def scarce(valid: Sequence[Sentence], classes: Sequence[str], scheme: Scheme) -> Iterator[str]:
    """A note on the classes of which validation holds fewer than `FEW` spans, or tokens of plain tags."""
    counts: Counter[str] = Counter()
    for sentence in valid:
        tags = sentence.tags or ()
        plain = scheme is Scheme.PLAIN
        counts.update(tags if plain else (span[2] for span in decode_spans(tags, scheme)))
    few = sorted((counts[name], name) for name in classes if counts[name] < FEW)
    if few:
        named = listed([f"{name!r} ({count})" for count, name in few])
        noun = "tokens" if scheme is Scheme.PLAIN else "spans"
        yield (
            f"valid: fewer than {FEW} {noun} of {named}: single ones move the F1 of such a class, "
            "and macro and min F1 with it"
        )


def repeated(splits: SplitsByName) -> Iterator[str]:
    """A note for each two splits that share sentences, with the first few named.

    A sentence is repeated when it has the same tokens, whatever its tags.
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
            verb = "stands" if len(again) == 1 else "stand"
            yield f"{later}: {plural(len(again), 'sentence')} {verb} in {earlier} too: {named}"
