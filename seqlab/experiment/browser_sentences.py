"""The sentences of the error browser: which ones it holds, and what it shows of each."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.experiment.browser_suspects import suspects_of, suspects_rule
from seqlab.experiment.class_details import is_outside
from seqlab.experiment.scored_split import ScoredSplit
from seqlab.machine.wording import plural
from seqlab.reporting.run_details import (
    Browser,
    BrowserSentence,
    ErrorMark,
    GoldSpan,
    PredictedSpan,
    SuspectMark,
)
from seqlab.scoring.span_errors import SentenceErrors, span_errors
from seqlab.tagging.spans import span_confidences
from seqlab.tagging.tagger import Prediction, Tagger

MOST_SENTENCES, MOST_TOKENS = 2_000, 40_000
MOST_CORRECT = 200


@dataclass(frozen=True, kw_only=True)
class Candidate:
    """A sentence that the browser may show.

    rank_class: the rarest class of its errors; without errors, of its suspects; without both, of its gold spans.
    """

    split: str
    sentence: Sentence
    prediction: Prediction
    errors: SentenceErrors
    suspects: tuple[SuspectMark, ...]
    rank_class: str


def browser(splits: Sequence[ScoredSplit], items: Mapping[str, int]) -> Browser:
    """The sentences of all splits that the browser holds.

    items: of each class in training; those with the fewest come first.
    """
    wrong: list[Candidate] = []
    right: list[Candidate] = []
    for split in splits:
        for one in candidates(split, items):
            (wrong if one.errors.errors or one.suspects else right).append(one)
    chosen = in_turns(wrong, items, sentences=MOST_SENTENCES, tokens=MOST_TOKENS)
    left = MOST_TOKENS - sum(len(one.sentence) for one in chosen)
    free = min(MOST_CORRECT, MOST_SENTENCES - len(chosen))
    chosen += in_turns([c for c in right if c.rank_class], items, sentences=free, tokens=left)
    return Browser(
        rule=sampling_rule(splits, chosen, items),
        with_errors=sum(bool(one.errors.errors) for one in wrong),
        sentences=tuple(shown_sentences(chosen, splits[0].tagger, items)),
    )


def sampling_rule(
    splits: Sequence[ScoredSplit], chosen: Sequence[Candidate], items: Mapping[str, int]
) -> str:
    """Sentences on how the browser's sentences were chosen."""
    names = " and ".join(split.name for split in splits)
    text = (
        f"{plural(len(chosen), 'sentence')} of {names}. Sentences with errors come first, in the order of the rarest "
        f"class among their errors. {rarest_text(items)}Sentences with probable label errors alone come next, then "
        f"up to {MOST_CORRECT} sentences without errors. If there are more than {MOST_SENTENCES:,} sentences or "
        f"{MOST_TOKENS:,} tokens, classes take turns. {suspects_rule(splits)}"
    )
    for split in splits:
        if len(split.sentences) < split.of:
            text += f" In {split.name}, {len(split.sentences):,} of {split.of:,} sentences were searched."
    return text


def rarest_text(items: Mapping[str, int]) -> str:
    """A sentence on the classes that come first, with their items in training."""
    rarest = sorted(items, key=lambda name: (items[name], name))[:3]
    shown = ", ".join(f"{name} ({items[name]:,})" for name in rarest)
    return f"The rarest in training: {shown}. " if rarest else ""


def candidates(split: ScoredSplit, items: Mapping[str, int]) -> Iterator[Candidate]:
    """Yield each sentence of a split with its errors and its suspects."""
    gold = [sentence.tags or () for sentence in split.sentences]
    errors = span_errors(gold, [one.tags for one in split.predictions], split.data.scheme)
    suspects = suspects_of(split)
    class_of = dict(zip(split.data.tags, split.data.classes, strict=True))
    rows = zip(split.sentences, split.predictions, errors, strict=True)
    for number, (sentence, prediction, of_sentence) in enumerate(rows):
        marks = tuple(suspects.get(number, ()))
        tags = [tag for mark in marks for tag in (mark.given, mark.suggested)]
        names = (
            [error.class_name for error in of_sentence.errors]
            or [class_of[tag] for tag in tags if not is_outside(class_of[tag], split.data.scheme)]
            or [label for _, _, label in of_sentence.gold]
        )
        if split.data.scheme is Scheme.PLAIN:
            names = names or list(sentence.tags or ())
        yield Candidate(
            split=split.name,
            sentence=sentence,
            prediction=prediction,
            errors=of_sentence,
            suspects=marks,
            rank_class=min(names, key=lambda name: (items.get(name, 0), name), default=""),
        )


def in_turns(
    found: Iterable[Candidate], items: Mapping[str, int], *, sentences: int, tokens: int
) -> list[Candidate]:
    """Choose sentences: classes take turns, the rarest one first, until a limit is reached.

    The result is ordered from the rarest class on; sentences with errors come before all others.
    """

    def place(one: Candidate) -> tuple[bool, int, str]:
        return not one.errors.errors, items.get(one.rank_class, 0), one.rank_class

    queues: defaultdict[tuple[bool, int, str], list[Candidate]] = defaultdict(list)
    for one in found:
        queues[place(one)].append(one)
    turns = (
        one for turn in zip_longest(*(queues[p] for p in sorted(queues))) for one in turn if one
    )
    chosen: list[Candidate] = []
    for one in turns:
        tokens -= len(one.sentence)
        if tokens < 0 or len(chosen) == sentences:
            break
        chosen.append(one)
    return sorted(chosen, key=place)


def shown_sentences(
    chosen: Sequence[Candidate], tagger: Tagger, items: Mapping[str, int]
) -> Iterator[BrowserSentence]:
    """Yield each sentence as report.json holds it, with the errors of its rarest class first."""
    plain = tagger.scheme is Scheme.PLAIN
    confidences = span_probabilities([one.sentence for one in chosen], tagger)
    for one, spans in zip(chosen, confidences, strict=True):
        scores = one.prediction.scores.astype(float).tolist()
        yield BrowserSentence(
            split=one.split,
            source=one.sentence.source,
            tokens=tuple(one.sentence.tokens),
            gold=tuple(GoldSpan(*span) for span in one.errors.gold),
            predicted=tuple(
                PredictedSpan(start, end, label, round(spans.get((start, end), scores[start]), 4))
                for start, end, label in one.errors.predicted
            ),
            errors=tuple(
                ErrorMark(str(e.kind), e.gold, e.predicted, e.class_name)
                for e in sorted(one.errors.errors, key=lambda e: items.get(e.class_name, 0))
            ),
            suspects=one.suspects,
            tags=tuple(one.sentence.tags or ()) if plain else None,
        )


def span_probabilities(
    sentences: Sequence[Sentence], tagger: Tagger
) -> list[dict[tuple[int, int], float]]:
    """By sentence and span, its probability as `tag` gives it; nothing for plain tags."""
    if tagger.scheme is Scheme.PLAIN:
        return [{} for _ in sentences]
    return [
        {(span.start, span.stop): span.probability for span in spans}
        for spans in span_confidences(tagger, sentences)
    ]
