"""The conclusions of a study, computed from its figures."""

from collections.abc import Sequence

from tables import JUDGED, CorpusResults, by_name, setting_names

from seqlab.comparing.results import SettingResult
from seqlab.comparing.wording import code

BETTER = "Better macro F1 on some corpus, worse macro or micro F1 on none"
MIXED = "Better macro F1 on some corpus, worse macro or micro F1 on some"
WORSE = "Worse macro or micro F1 on some corpus, better macro F1 on none"
NO_DIFFERENCE = "Not distinguishable from the baseline on any corpus"
MICRO_ONLY = (
    "Better micro F1 on some corpus, worse macro or micro F1 on none, macro F1 not distinguishable"
)
TITLES = (BETTER, MIXED, WORSE, NO_DIFFERENCE, MICRO_ONLY)


def conclusions(corpora: CorpusResults) -> list[str]:
    """One line for each conclusion, with the settings it applies to."""
    groups: dict[str, list[str]] = {}
    for name in setting_names(corpora):
        for title in groups_of(corpora, name):
            groups.setdefault(title, []).append(code(name))
    return [f"- {title}: {', '.join(groups[title])}." for title in TITLES if title in groups]


def groups_of(corpora: CorpusResults, name: str) -> list[str]:
    """The conclusion for a setting, as a list; empty for the baseline."""
    verdicts = {
        key: {settings[name].differences[key].verdict for settings in compared(corpora, name)}
        for key in JUDGED
    }
    if not verdicts["macro_f1"]:
        return []
    worse = "worse" in verdicts["macro_f1"] | verdicts["micro_f1"]
    if "better" in verdicts["macro_f1"]:
        return [MIXED if worse else BETTER]
    if worse:
        return [WORSE]
    return [MICRO_ONLY if "better" in verdicts["micro_f1"] else NO_DIFFERENCE]


def compared(corpora: CorpusResults, name: str) -> list[dict[str, SettingResult]]:
    """The results of each corpus on which a setting was compared with the baseline."""
    every = [by_name(results) for results in corpora.values()]
    return [settings for settings in every if name in settings and settings[name].differences]


def best_on_average(corpora: CorpusResults, names: Sequence[str], *, what: str) -> str:
    """A sentence that names the setting with the best mean macro F1 over corpora, of those finished on every corpus.

    names: the settings to compare. what: a noun for them.
    """
    rows = {}
    for name in names:
        known = [by_name(results)[name] for results in corpora.values() if name in by_name(results)]
        if len(known) == len(corpora):
            rows[name] = (average(known, "macro_f1"), average(known, "micro_f1"))
    best = max(rows, key=lambda name: rows[name])
    listed = "; ".join(
        f"{code(name)} {macro:.3f} and {micro:.3f}" for name, (macro, micro) in rows.items()
    )
    return (
        f"Of the {what} that finished on all {len(corpora)} corpora, {code(best)} has the best mean macro F1 "
        f"(means of macro and micro F1 over corpora: {listed})."
    )


def average(settings: Sequence[SettingResult], key: str) -> float:
    """The mean over corpora of the mean over seeds."""
    return sum(s.figures[key].mean or 0.0 for s in settings) / len(settings)
