"""The modules that a user of an exported package imports and runs. The work is done by the code that it carries."""

INIT = '''\
"""The sequence tagger {name} {version}.

    import {package}

    tagger = {package}.load()
    tagger.tag_text("…").spans
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
"""`python -m {package} FILE`: tag a file of text."""

import sys

from {package} import FILES
from {package}._seqlab.streaming.standalone import main

if __name__ == "__main__":
    sys.exit(main(FILES, program="python -m {package}"))
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
A sequence tagger for raw text and tokens. It needs neither TensorFlow nor Keras.

```python
import {package}

tagger = {package}.load()
tagger.tag_text("…").spans     # text, label, start, end, score
tagger.tag(["one", "token", "each"])
```

```bash
python -m {package} FILE
python -m {package}.serve      # install {name}[serve]
```
"""


def package_modules(package: str, name: str, version: str) -> dict[str, bytes]:
    """The content of each module, by its path in the wheel."""
    values = {"package": package, "name": name, "version": version}
    return {
        f"{package}/__init__.py": INIT.format(**values).encode(),
        f"{package}/__main__.py": MAIN.format(**values).encode(),
        f"{package}/serve.py": SERVE.format(**values).encode(),
        f"{package}/py.typed": b"",
    }


def usage(package: str, name: str) -> str:
    """How the package is used, in Markdown."""
    return f"# {name}\n\n{USAGE.format(package=package, name=name)}"
