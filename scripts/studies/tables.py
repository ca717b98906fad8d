"""Tables over several comparisons: one row per setting, one column per corpus."""

import platform
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

import keras
import tensorflow as tf

from seqlab.comparing.markdown import class_f1_table, overview
from seqlab.comparing.results import Results, SettingResult
from seqlab.comparing.wording import code, signed
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import figure, markdown_table

CorpusResults = Mapping[str, Results]  # for each corpus
FIGURES = {"macro_f1": "Macro F1", "micro_f1": "Micro F1", "min_f1": "F1 of the worst class"}
JUDGED = ("macro_f1", "micro_f1")  # the worst class's F1 is shown, not tested
MARKS = {"better": "▲", "worse": "▼", "seeds disagree": "", "not distinguishable": ""}
READING = """\
▲ marks a gain over the baseline that holds over sentences (paired bootstrap, p corrected by Holm's method over all
comparisons on that corpus) and over seeds (95 % t-interval). ▼ marks a loss that does. A difference without a mark
is *not distinguishable* from chance. The F1 of the worst class is shown, not tested. A dash means that the setting
has not finished under every seed, or does not apply to the corpus. Trainings ran side by side with one thread each,
next to other work on the machine, so seconds are rough."""


def filled(head: str, corpora: CorpusResults, *, common: str) -> str:
    """Fill in the head of a page: machine, versions, shared settings (as TOML) and seeds."""
    return head.format(
        machine=machine_text(),
        common=common.strip(),
        seeds=seeds_of(corpora),
        reading=READING,
    )


def page_text(head: str, corpora: CorpusResults, *, common: str, words: Sequence[str] = ()) -> str:
    """The page of a study: head, text and tables. words: paragraphs between head and tables."""
    parts = [
        filled(head, corpora, common=common),
        *words,
        *over_corpora(corpora),
        *by_corpus(corpora),
    ]
    return "\n\n".join(parts) + "\n"


def machine_text() -> str:
    """Date, machine and versions."""
    gpus = len(tf.config.list_logical_devices("GPU"))
    versions = f"TensorFlow {tf.__version__}, Keras {keras.__version__}"
    return f"{datetime.now(UTC):%Y-%m-%d}, {platform.machine()}, {gpus} GPUs, {versions}"


def setting_names(corpora: CorpusResults) -> list[str]:
    """All settings, in the order of the TOML file."""
    return list(dict.fromkeys(s.name for results in corpora.values() for s in results.settings))


def by_name(results: Results) -> dict[str, SettingResult]:
    """The settings of one corpus by name."""
    return {setting.name: setting for setting in results.settings}


def seeds_of(corpora: CorpusResults) -> str:
    """The number of seeds of each corpus, as text."""
    return ", ".join(
        f"{max(len(s.seeds) for s in results.settings)} on `{corpus}`"
        for corpus, results in corpora.items()
    )


def over_corpora(corpora: CorpusResults) -> list[str]:
    """The sections on F1, on lost classes and on seconds."""
    baseline = next(iter(corpora.values())).baseline
    parts = []
    for key, title in FIGURES.items():
        parts += [f"## {title} minus that of `{baseline}`", matrix(corpora, baseline, key)]
    parts += ["## Classes lost", lost_table(corpora)]
    parts += [
        f"## Seconds of training, as a multiple of `{baseline}`",
        cost_table(corpora, baseline),
    ]
    return parts


def by_corpus(corpora: CorpusResults) -> list[str]:
    """A section for each corpus, with its intervals and classes."""
    parts = []
    for corpus, results in corpora.items():
        parts += [f"## {corpus}", overview(results), class_f1_table(results)]
    return parts


def matrix(corpora: CorpusResults, baseline: str, key: str) -> str:
    """The difference of each setting from the baseline, with its mark."""

    def cell(results: Results, name: str) -> str:
        settings = by_name(results)
        if name not in settings:
            return UNDEFINED
        if key in JUDGED:
            difference = settings[name].differences[key]
            return f"{signed(difference.seeds.mean)} {MARKS[difference.verdict]}".strip()
        ours, base = (settings[n].figures[key].mean for n in (name, baseline))
        return signed(None if ours is None or base is None else ours - base)

    first = [
        code(baseline) + " (baseline)",
        *(figure(by_name(results)[baseline].figures[key].mean) for results in corpora.values()),
    ]
    return rows_of(corpora, [n for n in setting_names(corpora) if n != baseline], cell, first)


def lost_table(corpora: CorpusResults) -> str:
    """The mean number of classes never found on test, per seed."""

    def cell(results: Results, name: str) -> str:
        setting = by_name(results).get(name)
        if setting is None or not setting.seeds:
            return UNDEFINED
        return f"{sum(setting.lost.values()) / len(setting.seeds):.1f}"

    return rows_of(corpora, setting_names(corpora), cell)


def cost_table(corpora: CorpusResults, baseline: str) -> str:
    """Training seconds as multiples of the baseline's."""

    def cell(results: Results, name: str) -> str:
        settings = by_name(results)
        ours, base = (settings[n].seconds.mean if n in settings else None for n in (name, baseline))
        return UNDEFINED if not ours or not base else f"{ours / base:.1f}"

    first = [f"{code(baseline)}, seconds"]
    first += [figure(by_name(results)[baseline].seconds.mean, 0) for results in corpora.values()]
    return rows_of(corpora, [n for n in setting_names(corpora) if n != baseline], cell, first)


def rows_of(
    corpora: CorpusResults,
    names: Sequence[str],
    cell: Callable[[Results, str], str],
    first: Sequence[str] | None = None,
) -> str:
    """A table with a row for each name and a column for each corpus. first: a row above them."""
    rows = [[code(name), *(cell(results, name) for results in corpora.values())] for name in names]
    return markdown_table(["", *corpora], rows if first is None else [list(first), *rows])
