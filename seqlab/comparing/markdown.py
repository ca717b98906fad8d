"""results.md: the comparison for people, its conclusions in words and computed."""

from seqlab.comparing.intervals import Spread
from seqlab.comparing.results import Difference, Results, SettingResult
from seqlab.machine.wording import UNDEFINED, plural
from seqlab.reporting.table import figure, markdown_table, visible

TITLES = {"micro_f1": "micro F1", "macro_f1": "macro F1", "min_f1": "min F1"}
READING = """\
Each figure is a mean over seeds with its 95 % t-interval (mean ± t·s/√n); with two or three seeds it is
wide, and may reach beyond 0 and 1: that is the truth of two or three seeds. Differences are paired: the
same seeds, and in the bootstrap the same sentences, drawn with replacement {resamples:,} times{draws}, F1
averaged over seeds. p is two-sided, and corrected by Holm's method over all {tests} comparisons of this
page. A setting is called better or worse only where the corrected p is below 0.05 *and* the interval over
seeds leaves 0 out. F1 of single classes is shown, not tested.
Seconds are those of training, with what else the machine was doing."""


def markdown(results: Results) -> str:
    """The whole page."""
    parts = [
        "# Comparison",
        intro(results),
        *cautions(results),
        overview(results),
        *conclusions(results),
        *differences(results),
        "## F1 of every class",
        class_f1_table(results),
        *failures(results),
        "## How to read this",
        reading(results),
    ]
    return "\n\n".join(parts) + "\n"


def intro(results: Results) -> str:
    """What was scored, and against what."""
    ran = max((len(found.seeds) for found in results.settings), default=0)
    return (
        f"Scored on the {results.split} split, {results.sentences:,} sentences; "
        f"{len(results.settings)} settings, {plural(ran, 'seed')}; baseline: {code(results.baseline)}."
    )


def cautions(results: Results) -> list[str]:
    """What all cells share, and what about them bends the figures."""
    cells = sum(len(found.seeds) for found in results.settings)
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
    return [line for line, said in lines.items() if said]


def overview(results: Results) -> str:
    """A row for every setting."""
    header = ["setting", "seeds", *TITLES.values(), "classes lost", "seconds"]
    rows = [
        [
            code(found.name),
            str(len(found.seeds)),
            *(interval(found.figures[name]) for name in TITLES),
            lost(found),
            figure(found.seconds.mean, 1),
        ]
        for found in results.settings
    ]
    return markdown_table(header, rows)


def conclusions(results: Results) -> list[str]:
    """A sentence for every difference."""
    lines = [
        f"- {sentence(found.name, name, difference, results.baseline)}"
        for found in results.settings
        for name, difference in found.differences.items()
    ]
    return ["## In words", "\n".join(lines)] if lines else []


def sentence(name: str, key: str, found: Difference, baseline: str) -> str:
    """What may be said of one difference."""
    size = f"{signed(found.seeds.mean)}, p {p_relation(found.corrected)}"
    start = f"{code(name)}: {TITLES[key]}"
    if found.verdict == "not distinguishable":
        return f"{start} is not distinguishable from {code(baseline)} ({size})."
    if found.verdict == "seeds disagree":
        over = (
            "there is one seed only"
            if found.seeds.low is None
            else f"the interval over seeds, {ends(found.seeds.low, found.seeds.high)}, holds 0"
        )
        return (
            f"{start} differs from {code(baseline)} on these sentences ({size}), but {over}: "
            "not distinguishable from the luck of the seed; run more seeds."
        )
    return f"{start} is {found.verdict} than {code(baseline)} ({size})."


def differences(results: Results) -> list[str]:
    """The numbers behind the words."""
    header = ["setting", "figure", "difference", "over seeds", "over sentences", "p", "p (Holm)"]
    rows = [
        [
            code(found.name),
            TITLES[name],
            signed(d.seeds.mean),
            ends(d.seeds.low, d.seeds.high),
            ends(d.sentences.low, d.sentences.high),
            p_text(d.sentences.p),
            p_text(d.corrected),
        ]
        for found in results.settings
        for name, d in found.differences.items()
    ]
    return [f"## Against {code(results.baseline)}", markdown_table(header, rows)] if rows else []


def class_f1_table(results: Results) -> str:
    """F1 of every class under every setting, the largest class first."""
    header = ["class", "gold", *(code(found.name) for found in results.settings)]
    rows = [
        [
            markdown_text(name),
            f"{support:g}",
            *(class_cell(found, name) for found in results.settings),
        ]
        for name, support in results.support.items()
    ]
    return markdown_table(header, rows)


def class_cell(found: SettingResult, name: str) -> str:
    """A mean F1; bold, with the number of seeds, where the class was lost."""
    text = figure(found.classes[name].mean)
    if name not in found.lost:
        return text
    return f"{text} **lost {found.lost[name]}/{len(found.seeds)}**"


def failures(results: Results) -> list[str]:
    """The cells that did not finish, and why."""
    lines = [
        f"- {code(found.name)}, seed {seed}: {markdown_text(reason)}"
        for found in results.settings
        for seed, reason in found.failed.items()
    ]
    return ["## Failed", "\n".join(lines)] if lines else []


def reading(results: Results) -> str:
    """What the figures mean."""
    tests = sum(len(found.differences) for found in results.settings)
    draws = (
        "" if results.same_sentences else ", for each seed its own, for the split differs by seed"
    )
    return READING.format(resamples=results.resamples, draws=draws, tests=tests)


def lost(found: SettingResult) -> str:
    """How many classes were never found, a seed in the mean."""
    if not found.seeds:
        return UNDEFINED
    return f"{round(sum(found.lost.values()) / len(found.seeds), 1):g}"


def interval(found: Spread) -> str:
    """'0.500 (0.400 to 0.600)'; the mean alone where there is no interval."""
    if found.low is None:
        return figure(found.mean)
    return f"{figure(found.mean)} ({ends(found.low, found.high)})"


def ends(low: float | None, high: float | None) -> str:
    """The two ends of an interval."""
    return UNDEFINED if low is None or high is None else f"{low:.3f} to {high:.3f}"


def signed(value: float | None) -> str:
    """A difference with its sign."""
    return UNDEFINED if value is None else f"{value:+.3f}"


def p_relation(p: float) -> str:
    """'= 0.250' or '< 0.001', as it stands behind a p in a sentence."""
    text = p_text(p)
    return text if text.startswith("<") else f"= {text}"


def p_text(p: float) -> str:
    """A p-value to three digits, never a 0.

    >>> p_text(0.0004), p_text(0.25)
    ('< 0.001', '0.250')
    """
    return "< 0.001" if p < 0.001 else f"{p:.3f}"


def code(name: str) -> str:
    """The name of a setting."""
    return f"`{markdown_text(name)}`"


def markdown_text(text: str) -> str:
    """A text that cannot end its cell."""
    return visible(text).replace("|", "\\|")
