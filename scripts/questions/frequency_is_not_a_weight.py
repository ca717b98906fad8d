"""'I weighted every class by its frequency, the loss falls, and my rare classes are never found. Why?'

A class with few tokens already has a small share of the loss. Weights that grow with frequency make that share even
smaller. This script compares weights by frequency with balanced weights and with no weights. The corpus has 3,000
sentences of up to 150 tokens and 7 classes; 30 % are held out, stratified by class.

In seqlab: `seqlab.class_weights`, `--class-weights`. Before training, `python -m seqlab.audit` warns of weights that
follow frequency. Each epoch shows the F1 of every class.

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
RAREST = 3  # number of rarest classes whose mean F1 is shown
NOTABLE = 0.01  # a smaller difference in F1 counts as none


@dataclass(frozen=True, kw_only=True)
class Course:
    """One training.

    losses: validation loss of each epoch, weighted as in training.
    rare_f1: mean F1 of the rarest classes at each epoch.
    never_found: rarest classes without a correct prediction in the last epoch.
    alarmed: rarest classes with an alarm in any epoch.
    """

    losses: tuple[float, ...]
    rare_f1: tuple[float, ...]
    never_found: tuple[str, ...]
    alarmed: tuple[str, ...]


def weightings(counts: Mapping[str, int]) -> dict[str, dict[str, float]]:
    """Class weights by frequency (the mistake), none, and balanced."""
    total = sum(counts.values())
    return {
        "frequency": {name: count / total for name, count in counts.items()},
        "none": class_weights(counts, "none"),
        "balanced": class_weights(counts, "balanced"),
    }


def rarest(counts: Mapping[str, int]) -> list[str]:
    """The classes with the fewest training tokens, the rarest first."""
    return sorted(counts, key=lambda name: counts[name])[:RAREST]


def train_with(data: Data, weights: Mapping[str, float], *, epochs: int, seed: int) -> Course:
    """Train with these class weights; record the loss and the F1 of the rarest classes."""
    _, result = train_small(data, weights, epochs=epochs, seed=seed)
    names = rarest(data.counts)
    alarms = {alarm.name for record in result.history for alarm in record.alarms}
    last = result.history[-1].figures.classes
    return Course(
        losses=tuple(record.valid_loss or 0.0 for record in result.history),
        rare_f1=tuple(
            mean(record.figures.classes[name].f1 or 0.0 for name in names)
            for record in result.history
        ),
        never_found=tuple(name for name in names if not last[name].correct),
        alarmed=tuple(name for name in names if name in alarms),
    )


def audit_warning(data: Data, weights: Mapping[str, float]) -> str | None:
    """The warning of `seqlab audit` about these weights, or None."""
    by_hand = tuple(f"{name}={weight!r}" for name, weight in weights.items())
    choice = WeightChoice(class_weights="none", class_weight=by_hand)
    weighting = weigh_classes(
        corpus_arrays(data.train).counts_by_tag(), Scheme.PLAIN, choice, "none"
    )
    warnings = weights_follow_frequency(weighting, Thresholds().frequency_correlation)
    return next((warning.message for warning in warnings), None)


def conclusion(
    courses: Mapping[str, Course], names: Sequence[str], warning: str | None
) -> list[str]:
    """Two lines computed from the figures.

    courses: for the weights 'frequency', 'none' and 'balanced'. names: the rarest classes.
    """
    wrong = courses["frequency"]
    change = "falls" if wrong.losses[-1] < wrong.losses[0] else "does not fall"
    end = {name: course.rare_f1[-1] for name, course in courses.items()}
    best = max(("none", "balanced"), key=lambda name: end[name])
    verdict = "worse than" if end["frequency"] < end[best] - NOTABLE else "no worse than"
    first = (
        f"With weights by frequency the validation loss {change} ({wrong.losses[0]:.3f} to "
        f"{wrong.losses[-1]:.3f}). The rarest classes ({', '.join(names)}) end at a mean F1 of "
        f"{end['frequency']:.3f}, with {len(wrong.never_found)} of {len(names)} never found. That is "
        f"{verdict} with {'no' if best == 'none' else best} weights ({end[best]:.3f})."
    )
    gap = end["balanced"] - end["none"]
    compared = "as good as" if abs(gap) < NOTABLE else "better than" if gap > 0 else "worse than"
    audit = f"warns: {warning!r}" if warning else "does not warn of weights by frequency"
    return [
        first,
        f"Balanced weights are {compared} no weights ({gap:+.3f}). seqlab.audit {audit}.",
    ]


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
                for value in (course.losses, course.rare_f1)
            ),
        ]
        for epoch in epochs
    ]
    return text_table(header, rows, indent=0)


def prepare(sentences: int, seed: int) -> Data:
    """Make the corpus; hold out 30 %, stratified by class."""
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
        name: train_with(data, weights, epochs=options.epochs, seed=options.seed)
        for name, weights in by_name.items()
    }
    print(f"\n{table(courses)}")
    for name, course in courses.items():
        print(
            f"{name}: never found: {', '.join(course.never_found) or 'none'}; "
            f"alarms: {', '.join(course.alarmed) or 'none'}"
        )
    warning = audit_warning(data, by_name["frequency"])
    print("", *conclusion(courses, rarest(data.counts), warning), sep="\n")


if __name__ == "__main__":
    main()
