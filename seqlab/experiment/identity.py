"""The identity of a training: its settings and the contents of its files, but not their paths.

A training is the same while its settings and the sha256 of its corpora, word vectors and weight table are the same.
"""

from pathlib import Path
from typing import Any

from seqlab.catalogue.named_vectors import vectors_location
from seqlab.errors import UserError
from seqlab.experiment.corpora import with_sample
from seqlab.experiment.ready_lists import is_ready_list, list_version
from seqlab.machine.checksums import file_sha256, text_sha256
from seqlab.machine.files import nearest_sibling
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings

Identity = dict[str, dict[str, Any]]
LIST = "gazetteer "  # prefix of the name of a list's file


def identity(settings: TrainSettings, known: dict[str, str]) -> Identity:
    """The settings that affect results, and the sha256 of every file that they name.

    known: checksums by path; new ones are added.
    Raises UserError for a file that cannot be read.
    """
    settings = with_sample(settings)
    rules = {name: entry.rules for name, entry in declared(TrainSettings).items()}
    affecting = {name: v for name, v in settings.items() if rules[name].affects_results}
    files = named_files(settings)
    values = {name: v for name, v in affecting.items() if name not in files}
    values["gazetteer"] = list(settings.gazetteer)
    for path in files.values():
        if path not in known:
            known[path] = content_sha256(path)
    return {"settings": values, "sha256": {name: known[path] for name, path in files.items()}}


def named_files(settings: TrainSettings) -> dict[str, str]:
    """The files and directories that settings name and that affect results, by setting."""
    rules = {name: entry.rules for name, entry in declared(TrainSettings).items()}
    files = {n: v for n, v in settings.items() if rules[n].path and rules[n].affects_results}
    if settings.vectors is not None:
        files["vectors"] = vectors_location(settings.vectors, offline=settings.offline)
    if settings.class_weights.endswith(".toml"):
        files["class_weights"] = settings.class_weights
    return files | {f"{LIST}{name}": source for name, source in settings.gazetteer.items()}


def option_of(name: str) -> str:
    """The option that gives a file another path. name: a key of `named_files`.

    >>> option_of("valid_old"), option_of("gazetteer city")
    ('--valid-old', '--gazetteer city=FILE')
    """
    option = f"--{name.replace('_', '-')}"
    return f"--{name}=FILE" if name.startswith(LIST) else option


def content_sha256(path: str) -> str:
    """The sha256 of a file or a directory; of a ready list, that of its name and the version of its package."""
    return text_sha256(list_version(path)) if is_ready_list(path) else corpus_sha256(path)


def corpus_sha256(path: str) -> str:
    """The sha256 of a file; of a directory, that of the names and checksums of its files."""
    corpus = Path(path)
    try:
        if not corpus.is_dir():
            return file_sha256(corpus)
        files = sorted(path for path in corpus.iterdir() if path.is_file())
        sums = "".join(f"{file.name} {file_sha256(file)}\n" for file in files)
    except FileNotFoundError:
        raise UserError(f"{path}: no such file{nearest_sibling(corpus)}") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise UserError(f"{path}: cannot be read: {reason}") from None
    return text_sha256(sums)
