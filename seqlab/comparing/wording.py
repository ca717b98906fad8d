"""Figures, intervals, p-values and verdicts in words, as results.md and results.html show them."""

from seqlab.comparing.intervals import Spread
from seqlab.comparing.power import MOST_SEEDS
from seqlab.comparing.results import ALPHA, BestBet, SettingDifference
from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED, plural
from seqlab.reporting.table import figure
from seqlab.scoring.uncertainty import Interval

TITLES = {"micro_f1": "micro F1", "macro_f1": "macro F1", "min_f1": "min F1"}


def conclusion(name: str, title: str, difference: SettingDifference, baseline: str) -> str:
    """The verdict on one difference, as a sentence, with the interval and p-value that decided it."""
    start, mean = f"{code(name)}: {title}", signed(difference.seeds.mean)
    sentences = f"{mean}, p {p_relation(difference.corrected)}"
    if difference.verdict == "not distinguishable":
        return f"{start} is not distinguishable from {code(baseline)} ({sentences})."
    if difference.verdict == "seeds disagree":
        return (
            f"{start} is not distinguishable from {code(baseline)}: these networks differ ({sentences}), "
            f"but {seeds_text(difference)}."
        )
    seeds = range_text(difference.seeds.low, difference.seeds.high)
    over = f", over seeds {seeds}" if difference.trained else ""
    return f"{start} is {difference.verdict} than {code(baseline)} ({sentences}{over})."


def seeds_text(difference: SettingDifference) -> str:
    """Why seeds leave a difference open, as a clause."""
    p, ends = difference.seeds_p, range_text(difference.seeds.low, difference.seeds.high)
    if p is None:
        return "one seed says nothing about other seeds"
    count = plural(len(difference.seeds.values), "seed")
    return f"with {count} the mean difference may be anything from {ends} (p {p_relation(p)})"


def best_bet_text(best: BestBet, *, sentences: int) -> str:
    """The best setting, whether that is decided, and what would decide it. sentences: how many were scored."""
    difference = best.difference
    fact = (
        f"{code(best.name)} has the highest macro F1, {signed(difference.seeds.mean)} over "
        f"{code(best.rival)}, the next best."
    )
    if difference.verdict == "better":
        return f"{fact} Sentences{' and seeds' if difference.trained else ''} decide this."
    needs = [*seeds_needed_text(best), *sentences_needed_text(best, sentences)]
    return f"{fact} This is not decided. {' '.join(needs)}"


def seeds_needed_text(best: BestBet) -> list[str]:
    """How many seeds would decide it, unless they already do."""
    seeds = best.difference.seeds
    count = len(seeds.values)
    if not best.difference.trained or ((p := best.difference.seeds_p) is not None and p < ALPHA):
        return []
    if count < 2:
        return ["One seed does not separate a setting from chance: run more seeds."]
    if best.seeds is None:
        return [f"Even {MOST_SEEDS} seeds would not decide so small a difference: choose by cost."]
    if best.seeds <= count:
        return [
            f"{count} seeds usually decide a difference of this size, but did not: run a few more."
        ]
    return [
        f"If the true difference is this large, about {best.seeds} seeds decide it "
        f"({best.seeds - count} more than now)."
    ]


def sentences_needed_text(best: BestBet, sentences: int) -> list[str]:
    """How many test sentences would decide it, unless they already do."""
    if best.sentences is None:
        return []
    if best.sentences > 100 * sentences:
        return ["More than 100 times the test sentences would be needed to tell them apart."]
    return [
        f"A difference of this size needs about {best.sentences:,} test sentences (now {sentences:,})."
    ]


def mean_text(spread: Spread) -> str:
    """'0.500 (0.400 to 0.600)', or only the mean if there is no interval."""
    if spread.low is None:
        return figure(spread.mean)
    return f"{figure(spread.mean)} ({range_text(spread.low, spread.high)})"


def interval_text(interval: Interval | None) -> str:
    """An interval over sentences in brackets, after a blank; '' if there is none."""
    return "" if interval is None else f" ({interval[0]:.2f} to {interval[1]:.2f})"


def range_text(low: float | None, high: float | None) -> str:
    """The ends of an interval."""
    return UNDEFINED if low is None or high is None else f"{low:.3f} to {high:.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return UNDEFINED if value is None else f"{value:+.3f}"


def p_relation(p: float) -> str:
    """'= 0.250' or '< 0.001', to follow 'p' in a sentence."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


def p_text(p: float | None) -> str:
    """A p-value with three digits, never shown as 0.

    >>> p_text(0.0004), p_text(0.25)
    ('< 0.001', '0.250')
    """
    if p is None:
        return UNDEFINED
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def plain_text(text: str) -> str:
    r"""A sentence without its marks of Markdown, for a page that has its own.

    >>> plain_text("`focal` is below *and* above `a|b`")
    'focal is below and above a|b'
    """
    return text.replace("`", "").replace("*and*", "and").replace("\\|", "|")


def code(name: str) -> str:
    """A name as inline code."""
    return f"`{markdown_text(name)}`"


def markdown_text(text: str) -> str:
    """A text that neither ends its table cell nor its line."""
    return visible(text).replace("|", "\\|")
