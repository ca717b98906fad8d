"""The settings of a run that differ from the defaults, and the command that repeats it."""

import shlex
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from seqlab.corpus.schemes import Scheme
from seqlab.experiment.corpora import with_sample
from seqlab.experiment.defaults import settled
from seqlab.experiment.named_corpus import of_catalogue
from seqlab.reporting.run_details import ChangedSetting
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings
from seqlab.settings.values import plain

PLACES = (
    "out",
    "overwrite",
    "cache",
    "offline",
)  # where files are kept: another run has other ones
CORPORA = ("train", "valid", "test")


def changed_settings(settings: TrainSettings, scheme: Scheme) -> dict[str, ChangedSetting]:
    """The settings whose values differ from the defaults for tags of this scheme, by name.

    settings: of a prepared run, with the defaults that depend on the corpus filled in.
    """
    defaults = settled(replace(TrainSettings(), loss=settings.loss), scheme)
    changed = {}
    for name, entry in declared(TrainSettings).items():
        default = entry.default if name == "loss" else getattr(defaults, name)
        value = getattr(settings, name)
        if value != default and name not in PLACES:
            changed[name] = ChangedSetting(plain(value), plain(default))
    return changed


def repeat_command(settings: TrainSettings, scheme: Scheme) -> str:
    """The shell command that trains the same tagger, in a new run directory."""
    changed = changed_settings(settings, scheme)
    known = CORPORA if is_sample(settings) else of_catalogue(settings)
    changed = {name: one for name, one in changed.items() if name not in known}
    words = ["python", "-m", "seqlab.train"]
    for name, setting in changed.items():
        words += option_words(name, setting.value)
    return shlex.join(words)


def is_sample(settings: TrainSettings) -> bool:
    """Whether the corpora are those of the bundled sample."""
    named = {name: getattr(settings, name) for name in CORPORA}
    blank = replace(settings, corpus=None, train=None, valid=None, test=None)
    return named == {name: getattr(with_sample(blank), name) for name in CORPORA}


def option_words(name: str, value: Any) -> Iterator[str]:
    """Yield the words of a setting on the command line.

    >>> list(option_words("class_weight", ["PER=2", "LOC=3"]))
    ['--class-weight', 'PER=2', '--class-weight', 'LOC=3']
    >>> list(option_words("constrained", False)), list(option_words("token_column", "-1"))
    (['--no-constrained'], ['--token-column=-1'])
    """
    option = name.replace("_", "-")
    if isinstance(value, bool):
        yield f"--{option}" if value else f"--no-{option}"
        return
    for one in (value or ["none"]) if isinstance(value, list) else [value]:
        text = str(one)
        yield from (f"--{option}={text}",) if text.startswith("-") else (f"--{option}", text)
