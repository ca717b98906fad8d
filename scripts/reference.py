"""Write the generated reference pages: commands, settings and the Python functions.

    python scripts/reference.py [FOLDER]

`docs/conf.py` calls `write_pages` before each build, so the pages are never older than the code.
"""

import argparse
import contextlib
import dataclasses
import importlib
import inspect
import io
import os
import re
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import seqlab
from seqlab.__main__ import COMMANDS
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.settings.declaring import Setting, declared
from seqlab.settings.training import TrainSettings
from seqlab.settings.vectors import VectorSettings

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "reference"
WIDTH = 100  # columns of the help texts


def write_pages(folder: Path = FOLDER) -> list[Path]:
    """Write all generated pages. Returns their paths."""
    pages = {"commands": commands(), "settings": settings(), "python": functions()}
    paths = []
    for name, text in pages.items():
        path = folder / f"{name}.md"
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
        paths.append(path)
    return paths


def commands() -> str:
    """The help text of every command."""
    parts = ["# Commands\n\n`seqlab NAME` and `python -m seqlab.NAME` are the same command.\n"]
    for name, purpose in COMMANDS.items():
        parts.append(f"## seqlab {name}\n\n{purpose[0].upper()}{purpose[1:]}.\n")
        parts.append(f"```text\n{help_of(name)}\n```\n")
    return "\n".join(parts)


def help_of(command: str) -> str:
    """The text that `seqlab COMMAND --help` prints."""
    module = importlib.import_module(f"seqlab.{command}")
    out = io.StringIO()
    kept = os.environ.get("COLUMNS")
    os.environ["COLUMNS"] = str(WIDTH)
    try:
        with contextlib.redirect_stdout(out):
            module.main(["--help"])
    finally:
        os.environ.pop("COLUMNS")
        if kept is not None:
            os.environ["COLUMNS"] = kept
    return "\n".join(line.rstrip() for line in out.getvalue().strip().splitlines())


def settings() -> str:
    """One section per heading, one entry per setting."""
    parts = [
        "# Settings\n\nEvery setting is an option of `seqlab train` (`--word-dim`), a key of `--config` files "
        "(`word_dim`), and a keyword of `seqlab.train_tagger`.\n"
    ]
    parts += sections(TrainSettings)
    parts.append("## Settings of `seqlab vectors`\n")
    parts += [entry(setting) for setting in declared(VectorSettings).values()]
    return "\n".join(parts)


def sections(of: type[Any]) -> Iterator[str]:
    """The settings of a class under their headings."""
    for heading, group in groupby(declared(of).values(), key=lambda setting: setting.heading):
        yield f"## {heading}\n"
        yield from map(entry, group)


def entry(setting: Setting) -> str:
    """One setting: option, type, default, range, help, and what it needs or excludes."""
    facts = [values_of(setting.hint), *range_of(setting)]
    if "[default: " not in setting.help:
        facts.append(f"default `{default_of(setting.default)}`")
    lines = [f"`--{setting.name.replace('_', '-')}`", f":   {escaped(setting.help)}"]
    lines.append(f"\n    {'; '.join(facts)}.")
    rules = setting.rules
    if rules.needs:
        other, *wanted = rules.needs
        values = " or ".join(f"`{value}`" for value in wanted)
        lines[-1] += f" Needs `{option(other)}`{f' {values}' if values else ''}."
    if rules.excludes:
        lines[-1] += f" Excludes `{option(rules.excludes)}`."
    return "\n".join(lines) + "\n"


def option(name: str) -> str:
    """The option of a setting."""
    return f"--{name.replace('_', '-')}"


def values_of(hint: Any) -> str:
    """The type of a setting in words, or its choices."""
    parts = [part for part in get_args(hint) if part not in (type(None), ...)]
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(f"`{part}`" for part in get_args(hint))
    if get_origin(hint) is tuple:
        return f"{values_of(parts[0])}, may be repeated"
    if parts:
        return " or ".join(map(values_of, parts))
    words = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    return words.get(hint, "NAME=VALUE, may be repeated")


def default_of(value: Any) -> str:
    """A default as written in a TOML file."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return " ".join(value) or "none"
    return str(value) if isinstance(value, str | int | float) else "none"


def range_of(setting: Setting) -> list[str]:
    """The bounds of a number."""
    words = {name: name.replace("_", " ") for name in setting.rules.limits}
    return [f"{words[name]} {limit:g}" for name, limit in setting.rules.limits.items()]


def escaped(text: str) -> str:
    """Help text as Markdown, with special characters escaped outside code."""
    return re.sub(r"([*_<>\[\]])(?![^`]*`(?:[^`]*`[^`]*`)*[^`]*$)", r"\\\1", " ".join(text.split()))


def functions() -> str:
    """Every public name of `seqlab`: signature and docstring."""
    import_tensorflow()
    parts = [
        "# Python\n\nAll names below are attributes of `seqlab`. Importing `seqlab` does not import Keras.\n"
    ]
    for name in sorted(seqlab.__all__, key=str.lower):
        value = getattr(seqlab, name)
        parts.append(f"## {name}\n\n```python\n{signature(name, value)}\n```\n")
        parts.append(markdown(inspect.getdoc(value) or ""))
        if inspect.isclass(value):
            parts += methods(value)
    return "\n".join(parts)


def methods(owner: type[Any]) -> Iterator[str]:
    """The public methods of a class that seqlab defines, each once: its own first, then the inherited ones."""
    classes = [one for one in owner.__mro__ if one.__module__.startswith("seqlab.")]
    found: dict[str, Any] = {}
    for one in classes:
        found = {**found, **{n: v for n, v in vars(one).items() if n not in found}}
    for name, value in found.items():
        function = inspect.unwrap(getattr(value, "__func__", value))
        if name.startswith("_") or not inspect.isfunction(function) or not function.__doc__:
            continue
        yield f"### {owner.__name__}.{name}\n\n```python\n{signature(name, function)}\n```\n"
        yield markdown(inspect.getdoc(function) or "")


def signature(name: str, value: Any) -> str:
    """The signature of a function or class, with one parameter per line if it is long."""
    if (
        inspect.isclass(value)
        and not dataclasses.is_dataclass(value)
        and issubclass(value, Exception)
    ):
        return name
    try:
        parameters = inspect.signature(value)
    except (TypeError, ValueError):
        return name
    text = re.sub(
        r"\b(?:seqlab|numpy|collections|pathlib|typing|keras)(?:\.\w+)*\.(\w+)",
        r"\1",
        str(parameters),
    )
    if len(name + text) <= WIDTH:
        return name + text
    inside, _, end = text[1:].rpartition(")")
    return f"{name}(\n    " + ",\n    ".join(split_parameters(inside)) + f",\n){end}"


def split_parameters(text: str) -> list[str]:
    """Split the parameters of a signature at commas outside brackets."""
    parts, depth, start = [], 0, 0
    for position, character in enumerate(text):
        depth += (character in "([{") - (character in ")]}")
        if character == "," and not depth:
            parts.append(text[start:position].strip())
            start = position + 1
    return [*parts, text[start:].strip()]


def markdown(text: str) -> str:
    """A docstring as Markdown, with arguments as list items and examples as code."""
    lines: list[str] = []
    example = False
    for line in text.splitlines():
        if line.startswith(">>> ") and not example:
            lines += ["", "```python"]
            example = True
        elif example and not line.strip():
            lines.append("```")
            example = False
        lines.append(line if example else with_items(line))
    if example:
        lines.append("```")
    return "\n".join(lines).strip() + "\n"


def with_items(line: str) -> str:
    """Turn each `name: meaning` of a line into a list item, and each Raises or Returns into a paragraph."""
    line = re.sub(
        r"(^|(?<=\. ))(Raises|Returns) ", r"\n\n\2 ", escaped(line) if line.strip() else ""
    )
    return re.sub(r"(^|(?<=\. ))([a-z](?:\w|\\_)*(?:, [a-z](?:\w|\\_)*)*): ", item, line)


def item(match: re.Match[str]) -> str:
    """Start a list item with the matched name."""
    name = match[2].replace("\\_", "_")
    return f"\n- `{name}`: "


def main() -> int:
    """Write the pages and print their paths."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", nargs="?", type=Path, default=FOLDER, help="folder to write into")
    for path in write_pages(parser.parse_args().folder):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
