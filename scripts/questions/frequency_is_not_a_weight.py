"""'I weighted every class by its frequency, the loss falls, and my rare classes are never found. Why?'

Because frequency is in the loss already: a class with few tokens has a small share of it. Weights that grow with
frequency make that share even smaller. 3,000 sentences of up to 150 tokens, 7 classes,
words and characters, 30 % held out by class; weights by frequency against balanced ones and none.

In seqlab: `seqlab.class_weights`, `--class-weights`; `python -m seqlab.audit` names weights that follow
frequency before anything is trained; each epoch shows the F1 of every class.

    python scripts/questions/frequency_is_not_a_weight.py [--sentences N] [--epochs N] [--seed N]
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import mean

from options import parse
from synthetic_tagging import Data, encode, make_sentences, train_small

from seqlab.auditing.figure_rules import weights_follow_frequency
from seqlab.auditing.loss_shares import WeightChoice, weigh_classes
from seqlab.auditing.thresholds import Thresholds
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.stratify import stratified_split
from seqlab.reporting.table import figure, text_table
from seqlab.weighting.class_weights import class_weights

TEST_SHARE = 0.3
MINORITY = 3  # the rarest classes, of which the mean F1 is shown
CLEAR = 0.01  # a smaller difference of an F1 is called none


@dataclass(frozen=True, kw_only=True)
class Course:
    """One training, with one entry per epoch.

    losses: validation loss, weighted as in training. minority: mean F1 of the rarest classes.
    lost: the rarest classes that are never found in the last epoch. alarmed: classes with an alarm.
    """

    losses: tuple[float, ...]
    minority: tuple[float, ...]
    lost: tuple[str, ...]
    alarmed: tuple[str, ...]


def weightings(counts: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """The mistaken weights and two others, by class."""
    total = sum(counts.values())
    return {
        "frequency": {name: count / total for name, count in counts.items()},
        "none": class_weights(counts, "none"),
        "balanced": class_weights(counts, "balanced"),
    }


def rarest(counts: Mapping[str, int]) -> list[str]:
    """The minority: the classes with the fewest training tokens."""
    return sorted(counts, key=lambda name: counts[name])[:MINORITY]


def follow(data: Data, weights: Mapping[str, float], *, epochs: int, seed: int) -> Course:
    """Train with these weights and record the loss and the rarest classes' F1."""
    _, result = train_small(data, weights, epochs=epochs, seed=seed)
    minority = rarest(data.counts)
    alarms = {alarm.name for record in result.history for alarm in record.alarms}
    last = result.history[-1].figures.classes
    return Course(
        losses=tuple(record.valid_loss or 0.0 for record in result.history),
        minority=tuple(
            mean(record.figures.classes[name].f1 or 0.0 for name in minority)
            for record in result.history
        ),
        lost=tuple(name for name in minority if not last[name].correct),
        alarmed=tuple(name for name in minority if name in alarms),
    )


def audited(data: Data, weights: Mapping[str, float]) -> str | None:
    """The warnings of `seqlab audit` about these weights, if any."""
    by_hand = tuple(f"{name}={weight!r}" for name, weight in weights.items())
    choice = WeightChoice(class_weights="none", class_weight=by_hand)
    weighting = weigh_classes(
        corpus_arrays(data.train).counts_by_tag(), Scheme.PLAIN, choice, "none"
    )
    found = weights_follow_frequency(weighting, Thresholds().frequency_correlation)
    return next((warning.message for warning in found), None)


def conclusion(
    courses: Mapping[str, Course], minority: Sequence[str], warning: str | None
) -> list[str]:
    """Two lines computed from the figures. courses: by weights: 'frequency', 'none' and 'balanced'."""
    wrong = courses["frequency"]
    change = "falls" if wrong.losses[-1] < wrong.losses[0] else "does not fall"
    end = {name: course.minority[-1] for name, course in courses.items()}
    best = max(("none", "balanced"), key=lambda name: end[name])
    verdict = "worse than" if end["frequency"] < end[best] - CLEAR else "no worse than"
    first = (
        f"Weighted by frequency the validation loss {change} ({wrong.losses[0]:.3f} to "
        f"{wrong.losses[-1]:.3f}) and the minority ({', '.join(minority)}) ends at F1 "
        f"{end['frequency']:.3f}, {len(wrong.lost)} of {len(minority)} classes lost: {verdict} "
        f"{best} ({end[best]:.3f})."
    )
    gap = end["balanced"] - end["none"]
    compared = "as good as" if abs(gap) < CLEAR else "better than" if gap > 0 else "worse than"
    said = f"names the mistake: {warning!r}" if warning else "has nothing to say of these weights"
    return [first, f"Balanced weights are here {compared} none ({gap:+.3f}); seqlab.audit {said}."]


def table(courses: Mapping[str, Course]) -> str:
    """One row per epoch: validation loss and F1 of the rarest classes, for every training."""
    header = ["epoch", *(f"{name}: {what}" for name in courses for what in ("valid loss", "F1"))]
    epochs = range(len(next(iter(courses.values())).losses))
    rows = [
        [
            str(epoch + 1),
            *(
                figure(value[epoch])
                for course in courses.values()
                for value in (course.losses, course.minority)
            ),
        ]
        for epoch in epochs
    ]
    return text_table(header, rows, indent=0)


def prepare(sentences: int, seed: int) -> Data:
    """The corpus, 30 % of it held out with every class on both sides."""
    corpus = make_sentences(sentences, seed=seed)
    return encode(*stratified_split(corpus, TEST_SHARE, scheme=Scheme.PLAIN, seed=seed))


def main() -> None:
    options = parse(__doc__, sentences=3000, epochs=8, seed=1)
    data = prepare(options.sentences, options.seed)
    by_name = weightings(data.counts)
    print(
        text_table(
            ["class", "train tokens", *by_name],
            [
                [name, str(count), *(f"{weights[name]:.3g}" for weights in by_name.values())]
                for name, count in data.counts.items()
            ],
            indent=0,
        )
    )
    courses = {
        name: follow(data, weights, epochs=options.epochs, seed=options.seed)
        for name, weights in by_name.items()
    }
    print(f"\n{table(courses)}")
    for name, course in courses.items():
        print(
            f"{name}: lost {', '.join(course.lost) or '-'}; alarms {', '.join(course.alarmed) or '-'}"
        )
    warning = audited(data, by_name["frequency"])
    print("", *conclusion(courses, rarest(data.counts), warning), sep="\n")


if __name__ == "__main__":
    main()
