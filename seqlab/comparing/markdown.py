"""results.md: the tables of a comparison, with computed conclusions in words."""

from seqlab.comparing.intervals import Spread
from seqlab.comparing.results import Results, SettingDifference, SettingResult
from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED, plural
from seqlab.reporting.table import figure, markdown_table

TITLES = {"micro_f1": "micro F1", "macro_f1": "macro F1", "min_f1": "min F1"}
READING = """\
Each figure is a mean over seeds with its 95 % t-interval (mean ± t·s/√n). With two or three seeds the
interval is wide, and may reach beyond 0 and 1. Differences are paired by seed, and in the bootstrap by
sentence too. The bootstrap draws sentences with replacement {resamples:,} times{draws}, and averages F1
over seeds. p is two-sided, and corrected by Holm's method over all {tests} comparisons of this
page. A setting is called better or worse only where the corrected p is below 0.05 *and* the interval over
seeds leaves 0 out. F1 of single classes is shown, not tested.
Seconds are those of training; other work on the machine makes them longer."""


def results_markdown(results: Results) -> str:
    """The whole page."""
    parts = [
        "# Comparison",
        intro(results),
        *cautions(results),
        overview(results),
        *conclusions(results),
        *difference_section(results),
        "## F1 of every class",
        class_f1_table(results),
        *failed_section(results),
        "## How to read this",
        reading_section(results),
    ]
    return "\n\n".join(parts) + "\n"


def intro(results: Results) -> str:
    """The size of the comparison."""
    ran = max((len(setting.seeds) for setting in results.settings), default=0)
    return (
        f"Scored on the {results.split} split, {results.sentences:,} sentences; "
        f"{len(results.settings)} settings, {plural(ran, 'seed')}; baseline: {code(results.baseline)}."
    )


def cautions(results: Results) -> list[str]:
    """The settings that all cells share, and whatever biases the figures."""
    cells = sum(len(setting.seeds) for setting in results.settings)
    shared = (f"{name} = {value!r}" for name, value in results.shared.items())
    lines = {
        f"All share {', '.join(map(code, shared))}.": results.shared,
        "This split also chose the epoch of every cell, which flatters all figures: give `--test` or "
        "`--test-share`.": results.split == "valid",
        "Each seed splits the corpus anew: the intervals over seeds hold the luck of the split too. Give "
        "`--valid` and `--test` to leave it out.": not results.same_sentences,
        f"{results.out_of_time} of {cells} cells ended because a further epoch would not have fitted into "
        "`max_seconds`: how many epochs they had depends on what else the machine did.": (
            results.out_of_time
        ),
    }
    return [line for line, applies in lines.items() if applies]


def overview(results: Results) -> str:
    """A row of figures for each setting."""
    header = ["setting", "seeds", *TITLES.values(), "classes lost", "seconds"]
    rows = [
        [
            code(setting.name),
            str(len(setting.seeds)),
            *(mean_text(setting.figures[name]) for name in TITLES),
            lost_text(setting),
            figure(setting.seconds.mean, 1),
        ]
        for setting in results.settings
    ]
    return markdown_table(header, rows)


def conclusions(results: Results) -> list[str]:
    """The section with a sentence for each difference."""
    lines = [
        f"- {conclusion(setting.name, name, difference, results.baseline)}"
        for setting in results.settings
        for name, difference in setting.differences.items()
    ]
    return ["## In words", "\n".join(lines)] if lines else []


def conclusion(name: str, key: str, difference: SettingDifference, baseline: str) -> str:
    """The verdict on one difference, as a sentence."""
    size = f"{signed(difference.seeds.mean)}, p {p_relation(difference.corrected)}"
    start = f"{code(name)}: {TITLES[key]}"
    if difference.verdict == "not distinguishable":
        return f"{start} is not distinguishable from {code(baseline)} ({size})."
    if difference.verdict == "seeds disagree":
        ends = range_text(difference.seeds.low, difference.seeds.high)
        one_seed = difference.seeds.low is None
        over = "there is one seed only" if one_seed else f"the interval over seeds, {ends}, holds 0"
        return (
            f"{start} differs from {code(baseline)} on these sentences ({size}), but {over}: "
            "not distinguishable from the luck of the seed; run more seeds."
        )
    return f"{start} is {difference.verdict} than {code(baseline)} ({size})."


def difference_section(results: Results) -> list[str]:
    """The section with the numbers behind the sentences."""
    header = ["setting", "figure", "difference", "over seeds", "over sentences", "p", "p (Holm)"]
    rows = [
        [
            code(setting.name),
            TITLES[name],
            signed(d.seeds.mean),
            range_text(d.seeds.low, d.seeds.high),
            range_text(d.sentences.low, d.sentences.high),
            p_text(d.sentences.p),
            p_text(d.corrected),
        ]
        for setting in results.settings
        for name, d in setting.differences.items()
    ]
    return [f"## Against {code(results.baseline)}", markdown_table(header, rows)] if rows else []


def class_f1_table(results: Results) -> str:
    """F1 of each class under each setting, the largest class first."""
    header = ["class", "gold", *(code(setting.name) for setting in results.settings)]
    rows = [
        [markdown_text(c), f"{gold:g}", *(class_f1_text(row, c) for row in results.settings)]
        for c, gold in results.support.items()
    ]
    return markdown_table(header, rows)


def class_f1_text(setting: SettingResult, name: str) -> str:
    """The mean F1 of a class, and under how many seeds it was lost."""
    text = figure(setting.classes[name].mean)
    if name not in setting.lost:
        return text
    return f"{text} **lost {setting.lost[name]}/{len(setting.seeds)}**"


def failed_section(results: Results) -> list[str]:
    """The section with the cells that failed, and why."""
    lines = [
        f"- {code(setting.name)}, seed {seed}: {markdown_text(reason)}"
        for setting in results.settings
        for seed, reason in setting.failed.items()
    ]
    return ["## Failed", "\n".join(lines)] if lines else []


def reading_section(results: Results) -> str:
    """How the figures were computed and what they mean."""
    tests = sum(len(setting.differences) for setting in results.settings)
    separately = " (separately for each seed, because the split differs by seed)"
    draws = "" if results.same_sentences else separately
    return READING.format(resamples=results.resamples, draws=draws, tests=tests)


def lost_text(setting: SettingResult) -> str:
    """The number of classes never found, mean over seeds."""
    if not setting.seeds:
        return UNDEFINED
    return f"{round(sum(setting.lost.values()) / len(setting.seeds), 1):g}"


def mean_text(spread: Spread) -> str:
    """'0.500 (0.400 to 0.600)', or only the mean if there is no interval."""
    if spread.low is None:
        return figure(spread.mean)
    return f"{figure(spread.mean)} ({range_text(spread.low, spread.high)})"


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


def p_text(p: float) -> str:
    """A p-value with three digits, never shown as 0.

    >>> p_text(0.0004), p_text(0.25)
    ('< 0.001', '0.250')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def code(name: str) -> str:
    """A name as inline code."""
    return f"`{markdown_text(name)}`"


def markdown_text(text: str) -> str:
    """A text that neither ends its table cell nor its line."""
    return visible(text).replace("|", "\\|")
