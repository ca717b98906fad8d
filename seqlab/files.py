"""Files that a user names: TOML tables, and what is said of one that is missing."""

import tomllib
from pathlib import Path
from typing import Any

from seqlab.errors import SettingsError, UserError, nearest


def read_toml(path: str | Path, *, error: type[UserError] = SettingsError) -> dict[str, Any]:
    """A TOML file as it stands.

    Raises `error`, 'path: fact', for a file that is missing, cannot be read, or is not TOML.
    """
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        fact = f"no such file{nearest_sibling(Path(path))}"
    except OSError as reason:
        fact = f"cannot be read: {(reason.strerror or str(reason)).lower()}"
    except UnicodeDecodeError:
        fact = "not UTF-8 text; expected a TOML file"
    except ValueError as reason:  # a number of thousands of digits is one too
        fact = f"not a TOML file: {reason}"
    except RecursionError:
        fact = "not a TOML file of seqlab's: nested too deep"
    raise error(f"{path}: {fact}")


def nearest_sibling(path: Path) -> str:
    """The clause that names the file that may have been meant, or the directory that is missing."""
    if not path.parent.is_dir():
        return f": there is no directory {str(path.parent)!r}"
    names = {sibling.name for sibling in path.parent.iterdir()} - {path.name}
    return nearest(path.name, names)
