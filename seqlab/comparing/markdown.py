"""results.md: the tables of a comparison, with computed conclusions in words."""

from seqlab.comparing.results import ALPHA, Results, SettingResult
from seqlab.comparing.wording import (
    TITLES,
    best_bet_text,
    code,
    conclusion,
    interval_text,
    markdown_text,
    mean_text,
    p_text,
    range_text,
    signed,
)
from seqlab.machine.wording import UNDEFINED, plural
from seqlab.reporting.table import figure, markdown_table

MARKS = {"better": " ▲", "worse": " ▼"}
SEEDS = """\
Each figure is a mean over seeds with its 95 % t-interval (mean ± t·s/√n), cut off at 0 and 1. With two or three seeds
the interval is wide, since they hardly show how much seeds differ. Differences are paired by seed, and in the bootstrap
by {unit} too; their intervals are cut off at -1 and 1."""
RUNS = """\
Each figure is that of one finished run. Nothing here says how another training of the same settings would fare: compare
settings over seeds for that."""
BOOTSTRAP = """\
The bootstrap draws {units} with replacement {resamples:,} times{draws}{averaged}. p is two-sided. Holm's method corrects
it over {tests}, and separately over {class_tests}."""
VERDICT = """\
A setting is called better or worse only if the corrected p is below 0.05 *and* the interval over seeds excludes 0."""
RUN_VERDICT = "A run is called better or worse if the corrected p is below 0.05."
CLASSES = """\
F1 of a class is shown with the middle 95 % of resamples. ▲ and ▼ mark classes that are better or worse than those of
the baseline. {rule}"""
CLASS_RULE = "For a class, the larger p-value of both tests is corrected: of many classes, some pass one test by chance."
COARSE = "With so many differences, {resamples:,} resamples can show none: give `--resamples {needed}` or more."
SECONDS = "Seconds are those of training. Other work on the machine makes trainings slower."


def results_markdown(results: Results) -> str:
    """The whole page."""
    parts = [
        "# Comparison",
        intro(results),
        *cautions(results),
        overview(results),
        *best_section(results),
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
    folds = "" if results.folds is None else f", each tested once in {results.folds} folds"
    where = f"the {results.split} split" if results.trained else code(results.split)
    documents = f" of {results.units:,} documents" if results.resampled == "documents" else ""
    what = f"{len(results.settings)} settings, {plural(ran, 'seed')}"
    return (
        f"Scored on {where}, {results.sentences:,} sentences{documents}{folds}; "
        f"{what if results.trained else f'{len(results.settings)} runs'}; baseline: {code(results.baseline)}."
    )


def cautions(results: Results) -> list[str]:
    """The settings that all cells share, and whatever biases the figures."""
    cells = sum(len(setting.seeds) for setting in results.settings)
    shared = (f"{name} = {value!r}" for name, value in results.shared.items())
    lines = {
        f"All share {', '.join(map(code, shared))}.": results.shared,
        "This split also chose the epoch of every training, so all figures are too high: give `--test`, "
        "`--test-share` or `--folds`.": results.split == "valid",
        "Each seed splits the corpus anew, so the intervals over seeds include the chance of the split. Give "
        "`--valid` and `--test` to exclude it.": not results.same_sentences,
        f"{results.out_of_time} of {cells} trainings ended because another epoch would not have fitted into "
        "`max_seconds`: other work on the machine changes their number of epochs.": (
            results.out_of_time
        ),
        **dict.fromkeys(map(markdown_text, results.notes), True),
    }
    return [line for line, applies in lines.items() if applies]


def overview(results: Results) -> str:
    """A row of figures for each setting."""
    seeds = ["seeds"] if results.trained else []
    header = [noun(results), *seeds, *TITLES.values(), "classes lost", "seconds"]
    rows = [
        [
            code(setting.name),
            *([str(len(setting.seeds))] if results.trained else []),
            *(
                mean_text(setting.figures[name])
                if results.trained
                else figure(setting.figures[name].mean) + interval_text(setting.intervals.get(name))
                for name in TITLES
            ),
            lost_text(setting),
            figure(setting.seconds.mean, 1),
        ]
        for setting in results.settings
    ]
    return markdown_table(header, rows)


def noun(results: Results) -> str:
    """What is compared."""
    return "setting" if results.trained else "run"


def best_section(results: Results) -> list[str]:
    """The section that names the best setting or run, and what would decide it."""
    if results.best is None:
        return []
    text = best_bet_text(results.best, sentences=results.sentences)
    return [f"## Best {noun(results)}", text]


def conclusions(results: Results) -> list[str]:
    """The section with a sentence for each difference of an average, and for each class that differs."""
    lines = []
    for setting in results.settings:
        for key, difference in setting.differences.items():
            lines.append(conclusion(setting.name, TITLES[key], difference, results.baseline))
        for name, difference in setting.class_differences.items():
            if difference.verdict in MARKS:
                title = f"F1 of {code(name)}"
                lines.append(conclusion(setting.name, title, difference, results.baseline))
    return ["## Verdicts", "\n".join(f"- {line}" for line in lines)] if lines else []


def difference_section(results: Results) -> list[str]:
    """The section with the numbers behind the sentences."""
    trained = results.trained
    seeds = ["over seeds", "p over seeds"] if trained else []
    header = [noun(results), "figure", "difference", *seeds, f"over {results.resampled}"]
    rows = [
        [
            code(setting.name),
            TITLES[name],
            signed(d.seeds.mean),
            *([range_text(d.seeds.low, d.seeds.high), p_text(d.seeds_p)] if trained else []),
            range_text(d.sentences.low, d.sentences.high),
            p_text(d.sentences.p),
            p_text(d.corrected),
        ]
        for setting in results.settings
        for name, d in setting.differences.items()
    ]
    if not rows:
        return []
    table = markdown_table([*header, "p", "p (Holm)"], rows)
    return [f"## Differences from {code(results.baseline)}", table]


def class_f1_table(results: Results) -> str:
    """F1 of each class under each setting, the largest class first."""
    header = ["class", "gold", *(code(setting.name) for setting in results.settings)]
    rows = [
        [markdown_text(c), f"{gold:g}", *(class_f1_text(row, c) for row in results.settings)]
        for c, gold in results.support.items()
    ]
    return markdown_table(header, rows)


def class_f1_text(setting: SettingResult, name: str) -> str:
    """The mean F1 of a class with its interval, its verdict, and under how many seeds it was lost."""
    difference = setting.class_differences.get(name)
    mark = "" if difference is None else MARKS.get(difference.verdict, "")
    text = figure(setting.classes[name].mean) + interval_text(setting.class_intervals[name]) + mark
    if name not in setting.lost:
        return text
    return f"{text} **{lost_seeds(setting, name)}**"


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
    averages = sum(len(setting.differences) for setting in results.settings)
    of_classes = sum(len(setting.class_differences) for setting in results.settings)
    separately = ", separately for each seed because the split differs by seed"
    bootstrap = BOOTSTRAP.format(
        units="whole documents" if results.resampled == "documents" else "sentences",
        resamples=results.resamples,
        draws="" if results.same_sentences else separately,
        averaged=", and averages F1 over seeds" if results.trained else "",
        tests=f"the {plural(averages, 'difference')} of micro and macro F1",
        class_tests=f"the {plural(of_classes, 'difference')} of classes",
    )
    unit = results.resampled.removesuffix("s")
    classes = CLASSES.format(rule=CLASS_RULE if results.trained else "").strip()
    parts = (
        [SEEDS.format(unit=unit), bootstrap, VERDICT, classes, SECONDS]
        if results.trained
        else [RUNS, bootstrap, RUN_VERDICT, classes]
    )
    return "\n".join([*parts, *coarse_text(max(averages, of_classes), results.resamples)])


def coarse_text(tests: int, resamples: int) -> list[str]:
    """A sentence if no difference could pass the correction: the smallest p-value is 2 / (resamples + 1)."""
    if 2 * tests / (resamples + 1) < ALPHA:
        return []
    needed = -(-2 * tests // ALPHA)
    return [COARSE.format(resamples=resamples, needed=int(needed))]


def lost_seeds(setting: SettingResult, name: str) -> str:
    """Under how many seeds a class was lost; with one seed just that it was."""
    seeds = len(setting.seeds)
    return "lost" if seeds == 1 else f"lost {setting.lost[name]}/{seeds}"


def lost_text(setting: SettingResult) -> str:
    """The number of lost classes, mean over seeds."""
    if not setting.seeds:
        return UNDEFINED
    return f"{round(sum(setting.lost.values()) / len(setting.seeds), 1):g}"
