"""Do seqeval, nervaluate and seqscore count what seqlab counts? 100,000 generated sequences, and a table in docs/scores.md.

    .venv/bin/python scripts/studies/scorers.py

Each sequence is a legal gold sequence of a scheme and a prediction: legal, or illegal in any manner that the tags of the
scheme allow. Every library reads the raw tags. Where its spans differ from ours, the rule of that library which explains
the difference is named; a difference without a name ends the script with exit code 1.
"""

import argparse
import random
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from marked_text import replace_marked
from nervaluate import Evaluator
from seqeval.metrics.sequence_labeling import get_entities
from seqeval.scheme import IOB1, IOB2, IOBES, Entities
from seqscore.encoding import get_encoding
from seqscore.validation import validate_labels

from seqlab.corpus.schemes import LETTERS, Scheme, TypedSpan, encode_spans
from seqlab.reporting.table import markdown_table
from seqlab.scoring.pairs import pair_tags
from seqlab.scoring.semeval import Match, match_spans
from seqlab.scoring.span_counts import span_counts
from seqlab.scoring.span_errors import span_errors, tag_spans
from seqlab.scoring.spans import strict_spans

PAGE = Path(__file__).resolve().parents[2] / "docs" / "scores.md"
SCHEMES = tuple(scheme for scheme in Scheme if scheme is not Scheme.PLAIN)
TYPES = ("A", "B", "C")
LONGEST = 12
Spans = tuple[TypedSpan, ...]
Tags = Sequence[str]


class RefusedError(Exception):
    """A library reads no such sequence."""


def sequences(scheme: Scheme, count: int, seed: int) -> Iterator[tuple[Tags, Tags]]:
    """Yield pairs of gold and predicted tags; every second prediction is illegal or may be."""
    rng = random.Random(f"{scheme} {seed}")  # noqa: S311
    letters = sorted(set(LETTERS[scheme]) | {"B"})
    alphabet = ["O", *(f"{letter}-{name}" for letter in letters for name in TYPES)]
    for number in range(count):
        length = rng.randint(1, LONGEST)
        gold = random_spans(rng, length)
        tags = encode_spans(gold, length, scheme)
        if number % 2:
            yield tags, [t if rng.random() < 0.7 else rng.choice(alphabet) for t in tags]
        else:
            yield tags, encode_spans(disturbed(rng, gold, length), length, scheme)


def random_spans(rng: random.Random, length: int) -> list[TypedSpan]:
    """Spans that do not overlap, some of them side by side."""
    spans, start = [], rng.randint(0, 2)
    while start < length:
        end = min(length, start + rng.choice((1, 1, 2, 3)))
        spans.append((start, end, rng.choice(TYPES)))
        start = end + rng.choice((0, 0, 1, 2))
    return spans


def disturbed(rng: random.Random, spans: Sequence[TypedSpan], length: int) -> list[TypedSpan]:
    """Spans with wrong borders and types, some left out, and some new ones."""
    out: list[TypedSpan] = []
    for start, end, name in [*spans, *random_spans(rng, length)[:1]]:
        draw = rng.random()
        begin = max(0, start + (rng.choice((-1, 1)) if draw < 0.15 else 0))
        stop = min(length, end + (rng.choice((-1, 1)) if 0.1 < draw < 0.25 else 0))
        label = rng.choice(TYPES) if draw > 0.85 else name
        free = all(stop <= a or begin >= b for a, b, _ in out)
        if begin < stop and free and draw < 0.95:
            out.append((begin, stop, label))
    return out


def seqeval_default(tags: Tags, scheme: Scheme) -> Spans:
    """Seqeval's default mode, on the raw tags."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".* seems not to be NE tag")
        return tuple((start, end + 1, name) for name, start, end in get_entities(list(tags)))


def seqeval_strict(tags: Tags, scheme: Scheme) -> Spans:
    """Seqeval's strict mode; it has no BMES, so M is written as I."""
    if scheme is Scheme.BMES:
        tags = [tag.replace("M-", "I-") for tag in tags]
    classes = {Scheme.IOB1: IOB1, Scheme.IOB2: IOB2}
    (entities,) = Entities([list(tags)], classes.get(scheme, IOBES)).entities
    return tuple(sorted((e.start, e.end, e.tag) for e in entities))


def nervaluate(tags: Tags, scheme: Scheme) -> Spans:
    """Nervaluate's own reading of tags."""
    try:
        evaluator = Evaluator([list(tags)], [list(tags)], tags=list(TYPES), loader="list")
    except ValueError as error:
        raise RefusedError(str(error)) from None
    return tuple((e.start, e.end + 1, e.label) for e in evaluator.true[0])


def seqscore(tags: Tags, scheme: Scheme) -> Spans:
    """Seqscore with the repair of conlleval where it has that."""
    names = {Scheme.IOB1: "IOB", Scheme.IOB2: "BIO", Scheme.IOBES: "BIOES", Scheme.BMES: "BMES"}
    encoding = get_encoding(names[scheme])
    repair = "conlleval" if scheme in (Scheme.IOB1, Scheme.IOB2) else None
    result = validate_labels(list(tags), encoding, repair=repair)
    if result.errors and repair is None:
        raise RefusedError("an illegal sequence, and no repair for this scheme")
    labels = result.repaired_labels if result.errors else tags
    mentions = encoding.decode_labels(list(labels))
    return tuple((m.span.start, m.span.end, m.type) for m in mentions)


def ours(tags: Tags, scheme: Scheme) -> Spans:
    """What seqlab scores."""
    return tag_spans(tags, scheme)


def ours_strict(tags: Tags, scheme: Scheme) -> Spans:
    """What seqlab's strict figures count."""
    return tuple(sorted((where[1], where[2], name) for name, where in strict_spans([tags], scheme)))  # type: ignore[index]


Reader = Callable[[Tags, Scheme], Spans]
LIBRARIES: dict[str, tuple[Reader, Reader]] = {
    "seqeval, default": (seqeval_default, ours),
    "seqeval, strict": (seqeval_strict, ours_strict),
    "nervaluate, tags": (nervaluate, ours),
    "seqscore": (seqscore, ours),
}
"""What reads the tags, and what of ours it is compared with."""
M_IS_UNKNOWN = "seqeval's default mode does not know M: no span of its type ends before B or S, or begins after E or S"
E_AND_S_ARE_I = "E and S neither begin nor end a span in nervaluate: they read as I"
NO_START = "nervaluate refuses a span that begins with another letter than B or I"
NO_REPAIR = "seqscore refuses illegal sequences of IOBES and BMES: it has no repair for them"


def explanation(
    library: str, tags: Tags, scheme: Scheme, found: Spans | RefusedError
) -> str | None:
    """The rule of a library that explains its other spans; None if no rule does."""
    if library == "seqeval, default" and scheme is Scheme.BMES:
        neighbours = pairwise(tags)
        borders = (a[0] + b[0] for a, b in neighbours if a[1:] == b[1:])
        return M_IS_UNKNOWN if {"EM", "SM", "MB", "MS"} & set(borders) else None
    if library == "nervaluate, tags" and scheme in (Scheme.IOBES, Scheme.BMES):
        if isinstance(found, RefusedError):
            return NO_START
        as_read = [f"I{tag[1:]}" if tag[0] in "ESM" else tag for tag in tags]
        return E_AND_S_ARE_I if ours(as_read, Scheme.IOB2) == found else None
    if library == "seqscore" and isinstance(found, RefusedError):
        return NO_REPAIR if illegal(tags, scheme) else None
    return None


def illegal(tags: Tags, scheme: Scheme) -> bool:
    """Whether the tags are not those that the spans they hold would be written as."""
    return encode_spans(ours(tags, scheme), len(tags), scheme) != tuple(tags)


def compare(
    library: str, scheme: Scheme, pairs: Sequence[tuple[Tags, Tags]]
) -> tuple[int, Counter[str]]:
    """How many sequences a library reads as we do, and how many differ, by explanation."""
    read, reference = LIBRARIES[library]
    same, differing = 0, Counter[str]()
    for pair in pairs:
        for tags in pair:
            found: Spans | RefusedError
            try:
                found = read(tags, scheme)
            except RefusedError as refusal:
                found = refusal
            if found == reference(tags, scheme):
                same += 1
                continue
            name = explanation(library, tags, scheme, found)
            if name is None:
                raise SystemExit(
                    f"{library}, {scheme}: {list(tags)} is read as {found!r}, without a reason"
                )
            differing[name] += 1
    return same, differing


NERVALUATE_NAMES = {
    Match.STRICT: "strict",
    Match.BOUNDARY: "exact",
    Match.TYPE: "ent_type",
    Match.PARTIAL: "partial",
}


def compare_semeval(scheme: Scheme, pairs: Sequence[tuple[Tags, Tags]]) -> int:
    """Compare all SemEval counts with those of nervaluate on the spans that we read. Returns the sentences compared."""
    gold, predicted = (
        [
            [{"start": s, "end": e - 1, "label": n} for s, e, n in ours(pair[side], scheme)]
            for pair in pairs
        ]
        for side in (0, 1)
    )
    first = {"start": 0, "end": 0, "label": "none"}  # the loader is chosen by the first entity
    theirs = Evaluator(
        [[first], *gold], [[first], *predicted], tags=list(TYPES), loader="dict"
    ).evaluate()
    counted = match_spans(span_errors(*map(list, zip(*pairs, strict=True)), scheme), list(Match))
    for match, name in NERVALUATE_NAMES.items():
        rows = {"all": theirs["overall"][name], **{t: theirs["entities"][t][name] for t in TYPES}}
        for label, row in rows.items():
            expected = (row.correct, row.incorrect, row.partial, row.missed, row.spurious)
            found = tuple(
                counted[match].overall if label == "all" else counted[match].classes[label]
            )
            if found != expected:
                raise SystemExit(
                    f"{scheme}, {match}, {label}: {found}, but nervaluate counts {expected}"
                )
    return len(pairs)


def compare_counts(scheme: Scheme, pairs: Sequence[tuple[Tags, Tags]]) -> None:
    """Check that the counts of the figures are those of the spans that were compared."""
    gold, predicted = map(list, zip(*pairs, strict=True))
    counts = span_counts(pair_tags(gold, predicted), scheme)
    sides = [[ours(tags, scheme) for tags in side] for side in (gold, predicted)]
    for name, row in counts.items():
        found = [[{s for s in spans if s[2] == name} for spans in side] for side in sides]
        correct = sum(len(a & b) for a, b in zip(*found, strict=True))
        if tuple(row) != (correct, sum(map(len, found[1])), sum(map(len, found[0]))):
            raise SystemExit(f"{scheme}: the counts of {name} are not those of its spans")


def tables(count: int, seed: int) -> str:
    """Both tables as Markdown. count: pairs of all schemes together."""
    rows, reasons, matched = [], Counter[tuple[str, str]](), 0
    for scheme in SCHEMES:
        pairs = list(sequences(scheme, count // len(SCHEMES), seed))
        compare_counts(scheme, pairs)
        matched += compare_semeval(scheme, pairs)
        cells = [scheme.value, f"{2 * len(pairs):,}"]
        for library in LIBRARIES:
            same, differing = compare(library, scheme, pairs)
            cells.append(f"{same:,}")
            reasons.update({(library, name): n for name, n in differing.items()})
        rows.append(cells)
    read = markdown_table(["scheme", "sequences", *LIBRARIES], rows)
    why = markdown_table(
        ["rule that explains a difference", "sequences"],
        [[name, f"{n:,}"] for (_, name), n in reasons.most_common()],
    )
    return (
        f"Sequences that each library reads as seqlab does:\n\n{read}\n\n{why}\n\n"
        f"The SemEval counts of all {matched:,} pairs equal those of nervaluate on the same spans: correct, incorrect, "
        "partial, missing and spurious, under four rules, per class and over all."
    )


def main() -> None:
    """Compare, and write the tables into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sequences", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    text = tables(options.sequences, options.seed)
    print(text)
    replace_marked(PAGE, "scorers", text)


if __name__ == "__main__":
    main()
