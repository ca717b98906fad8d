"""The page docs/goals.md: goals, what is reached, other tools with the same vectors, and the cost of each gain."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from goal_results import Duel, Goal, baseline_of, duel, fewest_lost, lost_classes
from tables import MARKS, by_name, machine_text

from seqlab.comparing.intervals import Spread
from seqlab.comparing.results import Results
from seqlab.comparing.wording import code, signed
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import figure, markdown_table

KEYS = ("micro_f1", "macro_f1")
HEAD = """\
# Goals, and what is reached

Each goal is a micro F1 and a macro F1 on the test split of a published corpus. For plain tags (`ud_…`), micro F1 is the
accuracy. A figure that reaches its goal is bold. Written by

    .venv/bin/python scripts/studies/goals.py --out runs/goals --peers FOLDER --peer-python PYTHON

on {machine}. The settings are in `scripts/studies/goals.toml`. Ranges are 95 % t-intervals over
seeds. Trainings ran next to other work, so seconds are rough. Tokens per second were measured in tagging, on one CPU.

▲ marks a gain that holds over sentences (paired bootstrap, p corrected by Holm's method) and over seeds (95 % t-interval).
▼ marks such a loss. A difference without a mark is *not distinguishable* from chance. The other tools
run with one seed, so intervals show only the spread over seqlab's seeds."""


@dataclass(frozen=True, kw_only=True)
class Corpus:
    """A corpus of the study.

    gains: its settings against `no-vectors`; None until that has finished with every seed.
    beside: for each setting, its results beside those of other tools.
    speeds: tokens per second of CPU in tagging, by setting.
    """

    name: str
    gains: Results | None
    beside: Mapping[str, Results]
    speeds: Mapping[str, float]


def page_text(corpora: Sequence[Corpus], goals: Sequence[Goal], *, common: str) -> str:
    """The whole page. common: the settings that all runs share, as TOML."""
    shared = [f"All runs share:\n\n```toml\n{common.strip()}\n```"] if common.strip() else []
    return (
        "\n\n".join(
            [
                HEAD.format(machine=machine_text()),
                *shared,
                "## Goals",
                goal_table(corpora, goals),
                *missing(corpora, goals),
                "## Against the best other tool",
                ahead(corpora),
                duel_table(corpora),
                "## Gain and cost of each setting",
                "Differences from `no-vectors`.",
                cost_table(corpora),
            ]
        )
        + "\n"
    )


def reached(corpora: Sequence[Corpus], goal: Goal) -> Results | None:
    """The results of the goal's setting; None until it has finished."""
    found = (corpus.beside.get(goal.setting) for corpus in corpora if corpus.name == goal.corpus)
    return next(found, None)


def goal_table(corpora: Sequence[Corpus], goals: Sequence[Goal]) -> str:
    """A row for each goal."""
    rows = []
    for goal in goals:
        results = reached(corpora, goal)
        row = [code(goal.corpus), code(goal.setting)]
        for key, wanted in zip(KEYS, (goal.micro, goal.macro), strict=True):
            row += [figure(wanted), UNDEFINED]
            if results is not None:
                row[-1] = verdict_on(baseline_of(results).figures[key], wanted)
        seeds = UNDEFINED if results is None else str(len(baseline_of(results).seeds))
        rows.append([*row, seeds])
    heads = ["", "", "goal, micro F1", "reached", "goal, macro F1", "reached", "seeds"]
    return markdown_table(heads, rows)


def verdict_on(spread: Spread, wanted: float) -> str:
    """A figure with its interval, in bold if its mean reaches the goal."""
    mean = figure(spread.mean)
    shown = f"**{mean}**" if (spread.mean or 0.0) >= wanted else mean
    return shown + interval(spread)


def interval(spread: Spread) -> str:
    """The t-interval over seeds in brackets; '' with one seed."""
    if spread.low is None or spread.high is None:
        return ""
    return f" ({figure(spread.low)} to {figure(spread.high)})"


def missing(corpora: Sequence[Corpus], goals: Sequence[Goal]) -> Iterator[str]:
    """The section on goals that are not reached: by how much, and what was tried."""
    lines = []
    for goal in goals:
        results = reached(corpora, goal)
        if results is None:
            continue
        figures = baseline_of(results).figures
        short = {
            title: wanted - (figures[key].mean or 0.0)
            for title, key, wanted in (
                ("micro F1", "micro_f1", goal.micro),
                ("macro F1", "macro_f1", goal.macro),
            )
        }
        texts = [f"{title} is {gap:.3f}" for title, gap in short.items() if gap > 0]
        if texts:
            fact = f"- {code(goal.corpus)}, {code(goal.setting)}: {' and '.join(texts)} below the goal."
            lines.append(f"{fact} {goal.tried}".strip())
    if lines:
        yield from ("### Not reached", "\n".join(lines))


def ahead(corpora: Sequence[Corpus]) -> str:
    """On how many corpora each setting is at least as good as every other tool."""
    lines = []
    for name in dict.fromkeys(name for corpus in corpora for name in corpus.beside):
        duels = {
            key: [
                found
                for corpus in corpora
                if name in corpus.beside and (found := duel(corpus.beside[name], key))
            ]
            for key in KEYS
        }
        count = len(duels["micro_f1"])
        if count:
            won = {key: sum(each.difference >= 0 for each in duels[key]) for key in KEYS}
            lines.append(
                f"- {code(name)} has the best micro F1 on {won['micro_f1']} of {count} corpora, and the best "
                f"macro F1 on {won['macro_f1']}, whether or not the difference is distinguishable."
            )
    return "\n".join(lines) or "No other tool has finished."


def duel_table(corpora: Sequence[Corpus]) -> str:
    """A row for each setting on each corpus, against the best other tool."""
    rows = []
    for corpus in corpora:
        for name, results in corpus.beside.items():
            ours = baseline_of(results)
            cells = [duel_text(duel(results, key)) for key in KEYS]
            fewest = fewest_lost(results)
            lost = f"{lost_classes(ours):.1f} : {UNDEFINED if fewest is None else f'{fewest:.0f}'}"
            scores = [figure(ours.figures[key].mean) + interval(ours.figures[key]) for key in KEYS]
            rows.append([code(corpus.name), code(name), *scores, *cells, lost])
    heads = [
        "", "", "micro F1", "macro F1", "micro F1 minus the best", "macro F1 minus the best",
        "classes lost : fewest lost by a tool",
    ]  # fmt: skip
    return markdown_table(heads, rows)


def duel_text(found: Duel | None) -> str:
    """The difference from the best tool, with its mark and that tool's figure."""
    if found is None:
        return UNDEFINED
    mark = MARKS[found.verdict]
    return " ".join(
        part
        for part in (signed(found.difference), mark, f"({found.tool} {found.theirs:.3f})")
        if part
    )


def cost_table(corpora: Sequence[Corpus]) -> str:
    """The gain of each setting over the baseline, beside its seconds of training and its speed."""
    rows = []
    for corpus in corpora:
        if corpus.gains is None:
            continue
        settings = by_name(corpus.gains)
        for name, setting in settings.items():
            gains = [UNDEFINED, UNDEFINED]
            if name != corpus.gains.baseline:
                pairs = [setting.differences[key] for key in KEYS]
                gains = [f"{signed(d.seeds.mean)} {MARKS[d.verdict]}".strip() for d in pairs]
            speed = corpus.speeds.get(name)
            rows.append(
                [
                    code(corpus.name),
                    code(name),
                    *gains,
                    figure(setting.seconds.mean, 0),
                    UNDEFINED if speed is None else f"{speed:,.0f}",
                ]
            )
    heads = ["", "", "micro F1", "macro F1", "seconds of training", "tokens/s of tagging"]
    return markdown_table(heads, rows)
