"""`--reload`: load a run again when its manifest changes. Requests in progress keep the old tagger."""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from seqlab.errors import UserError
from seqlab.serving.served_taggers import (
    VERSION_DIGITS,
    NamedRun,
    ServedTagger,
    TaggerSet,
    load_named,
)
from seqlab.storing.run_files import manifest_sha256

MISSING_LOOKS = 5  # one per second; moving a new run into place takes less


class Reloader:
    """Looks at the manifests of runs and replaces the taggers of those that changed.

    done: called in the event loop with the run, and the new tagger or the error; None if the run is missing.
    """

    def __init__(
        self,
        runs: Sequence[NamedRun],
        taggers: TaggerSet,
        done: Callable[[NamedRun, ServedTagger | UserError | None], None],
    ) -> None:
        self.runs, self.taggers, self.done = runs, taggers, done
        self.failed: dict[str, str] = {}  # by name, the version that could not be loaded
        self.missing: Counter[str] = Counter()  # by name, the looks in a row without a manifest
        self.task: asyncio.Task[None] | None = None

    def look(self) -> None:
        """Begin to load what has changed, unless that is going on. Called in the event loop."""
        if self.task is None or self.task.done():
            self.task = asyncio.get_running_loop().create_task(self.load_changed())

    async def load_changed(self) -> None:
        """Load each run whose manifest has changed, in a thread."""
        for run in self.runs:
            version = await asyncio.to_thread(version_of, run.path)
            if not version:
                self.note_missing(run)
                continue
            self.missing[run.name] = 0
            if version == self.failed.get(run.name):
                continue
            if version == self.taggers.by_name[run.name].version:
                self.failed.pop(run.name, None)
                continue
            result = await asyncio.to_thread(load_or_error, run)
            if isinstance(result, ServedTagger):
                self.taggers.swap_in(result)
            else:
                self.failed[run.name] = version
            self.done(run, result)

    def note_missing(self, run: NamedRun) -> None:
        """Report once that a run has had no manifest for some looks."""
        self.missing[run.name] += 1
        if self.missing[run.name] == MISSING_LOOKS:
            self.done(run, None)


def version_of(path: Path) -> str:
    """The version of a run; '' while there is none, as when another run takes its place."""
    try:
        return manifest_sha256(path)[:VERSION_DIGITS]
    except (UserError, OSError):
        return ""


def load_or_error(run: NamedRun) -> Any:
    """The tagger of a run, or the error."""
    try:
        return load_named(run)
    except UserError as error:
        return error
    except Exception as error:  # also of a network that is not seqlab's: the old tagger goes on
        cause = str(error).strip().partition("\n")[0]
        return UserError(f"{run.path}: {cause or type(error).__name__}")
