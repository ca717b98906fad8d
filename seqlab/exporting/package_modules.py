"""The modules that a user of an exported package imports and runs. The work is done by the code that it carries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

INIT = '''\
"""The sequence tagger {name} {version}.

    import {package}

    tagger = {package}.load()
    tagger.{call}
"""

from pathlib import Path
from typing import TYPE_CHECKING

from ._seqlab.errors import UserError

if TYPE_CHECKING:
    from ._seqlab.tagging.tagger import Tagger

__all__ = ["UserError", "load"]
__version__ = "{version}"
FILES = Path(__file__).parent / "tagger"


def load() -> "Tagger":
    """Load the tagger. Raises UserError when one of its files is damaged."""
    from ._seqlab.storing.save_and_load import load_run

    return load_run(FILES)
'''

MAIN = '''\
"""`{name} FILE`, or `python -m {package} FILE`: tag a file."""

import sys

from {package} import FILES
from {package}._seqlab.streaming.standalone import main as tag


def main(program: str = "{name}") -> int:
    """Tag a file or standard input. Returns the exit code."""
    return tag(FILES, program=program)


if __name__ == "__main__":
    sys.exit(main("python -m {package}"))
'''

SERVE = '''\
"""`python -m {package}.serve`: tag over HTTP."""

import sys

from {package} import FILES
from {package}._seqlab.serving.standalone import main

if __name__ == "__main__":
    taggers = {{"{name}": FILES}}
    sys.exit(main(taggers=taggers, program="python -m {package}.serve", extra="{name}[serve]"))
'''

USAGE = """\
A sequence tagger for {reads}. It needs neither TensorFlow nor Keras.

```python
import {package}

tagger = {package}.load()
{calls}
```

```bash
{name} FILE                    # or: python -m {package} FILE{file}
python -m {package}.serve      # install {name}[serve]
```
"""
TOKENS = '["one", "token", "each"]'
TEXT_CALL = 'tag_text("…").spans'


@dataclass(frozen=True, kw_only=True)
class TaggerColumns:
    """The names of the columns that a tagger reads beside the tokens."""

    features: Sequence[str] = ()
    numbers: Sequence[str] = ()

    def __bool__(self) -> bool:
        return bool(self.features or self.numbers)

    @property
    def call(self) -> str:
        """A call of `tag` with a value per token, as Python and Markdown show it. No name ends a string: JSON quotes it.

        >>> TaggerColumns(features=["pos"]).call
        'tag(["one", "token", "each"], features={"pos": ["…", "…", "…"]})'
        """
        values = {
            "features": (self.features, '["…", "…", "…"]'),
            "numbers": (self.numbers, "[1.0, 2.0, 3.0]"),
        }
        parts = [
            f"{keyword}={{{', '.join(f'{json.dumps(name)}: {shown}' for name in names)}}}"
            for keyword, (names, shown) in values.items()
            if names
        ]
        return f"tag({', '.join([TOKENS, *parts])})"


NO_COLUMNS = TaggerColumns()


def package_modules(
    package: str, name: str, version: str, columns: TaggerColumns = NO_COLUMNS
) -> dict[str, bytes]:
    """The content of each module, by its path in the wheel. columns: those that the tagger reads."""
    call = columns.call if columns else TEXT_CALL
    values = {"package": package, "name": name, "version": version, "call": call}
    return {
        f"{package}/__init__.py": INIT.format(**values).encode(),
        f"{package}/__main__.py": MAIN.format(**values).encode(),
        f"{package}/serve.py": SERVE.format(**values).encode(),
        f"{package}/py.typed": b"",
    }


def usage(package: str, name: str, columns: TaggerColumns = NO_COLUMNS) -> str:
    """How the package is used, in Markdown. columns: those that the tagger reads."""
    ways = [f"tagger.{columns.call}"]
    if not columns:
        ways.insert(0, f"tagger.{TEXT_CALL}     # text, label, start, end, score")
    text = USAGE.format(
        package=package,
        name=name,
        reads="tokens with further columns" if columns else "raw text and tokens",
        calls="\n".join(ways),
        file="; the columns are those of the training" if columns else "",
    )
    return f"# {name}\n\n{text}"
