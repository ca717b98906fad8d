"""The conclusions of a study, computed from its figures."""

from collections.abc import Sequence

from tables import JUDGED, Found, by_name, setting_names

from seqlab.comparing.markdown import code
from seqlab.comparing.results import SettingResult

HELPED = "Better macro F1 on some corpus, worse macro or micro F1 on none"
PAID = "Better macro F1 on some corpus, worse macro or micro F1 on some"
HARMED = "Worse macro or micro F1 on some corpus, better macro F1 on none"
NOTHING = "Not distinguishable from the baseline on any corpus"
OTHER = (
    "Better micro F1 on some corpus, worse macro or micro F1 on none, macro F1 not distinguishable"
)
TITLES = (HELPED, PAID, HARMED, NOTHING, OTHER)


def conclusions(found: Found) -> list[str]:
    """One line for each heading with its settings."""
    groups: dict[str, list[str]] = {}
    for name in setting_names(found):
        for title in groups_of(found, name):
            groups.setdefault(title, []).append(code(name))
    return [f"- {title}: {', '.join(groups[title])}." for title in TITLES if title in groups]


def groups_of(found: Found, name: str) -> list[str]:
    """The heading of a setting; none for the baseline."""
    verdicts = {
        key: {settings[name].differences[key].verdict for settings in compared(found, name)}
        for key in JUDGED
    }
    if not verdicts["macro_f1"]:
        return []
    worse = "worse" in verdicts["macro_f1"] | verdicts["micro_f1"]
    if "better" in verdicts["macro_f1"]:
        return [PAID if worse else HELPED]
    if worse:
        return [HARMED]
    return [OTHER if "better" in verdicts["micro_f1"] else NOTHING]


def compared(found: Found, name: str) -> list[dict[str, SettingResult]]:
    """The corpora on which a setting was compared with the baseline."""
    every = [by_name(results) for results in found.values()]
    return [settings for settings in every if name in settings and settings[name].differences]


def best_on_average(found: Found, names: Sequence[str], *, what: str) -> str:
    """The setting with the best macro F1 over all corpora, among the settings that finished on each.

    what: the noun for the names.
    """
    rows = {}
    for name in names:
        known = [by_name(results)[name] for results in found.values() if name in by_name(results)]
        if len(known) == len(found):
            rows[name] = (average(known, "macro_f1"), average(known, "micro_f1"))
    best = max(rows, key=lambda name: rows[name])
    listed = "; ".join(
        f"{code(name)} {macro:.3f} and {micro:.3f}" for name, (macro, micro) in rows.items()
    )
    return (
        f"Of the {what} that finished on all {len(found)} corpora, {code(best)} has the best mean macro F1 "
        f"(means of macro and micro F1 over corpora: {listed})."
    )


def average(settings: Sequence[SettingResult], key: str) -> float:
    """The mean over corpora of the mean over seeds."""
    return sum(s.figures[key].mean or 0.0 for s in settings) / len(settings)
