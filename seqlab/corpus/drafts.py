"""Text files that appear under their name only when they are whole."""

import gzip
import os
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO, cast


class Drafts:
    """Files under temporary names, which get their own when the `with` block ends well.

    When it ends badly, or a file can't be written, what stood under the names stands there still.
    """

    def __init__(self) -> None:
        self.stack = ExitStack()
        self.files: list[tuple[Path, Path]] = []

    def open(self, path: Path) -> TextIO:
        """Open the draft of `path` for UTF-8 text with LF line ends; '.gz' compresses it."""
        draft = path.with_name(f".{path.name}.{os.getpid()}.partial")
        opener = gzip.open if path.name.endswith(".gz") else open
        self.files.append((draft, path))
        stream = opener(draft, "wt", encoding="utf-8", newline="\n")
        return cast(TextIO, self.stack.enter_context(stream))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            self.stack.close()
            if kind is None:
                for draft, path in self.files:
                    draft.replace(path)
        finally:
            for draft, _path in self.files:
                draft.unlink(missing_ok=True)
