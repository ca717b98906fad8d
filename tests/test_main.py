import os
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from pathlib import Path

import pytest

from seqlab.__main__ import COMMANDS, main

ROOT = Path(__file__).parents[1]


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_lists_the_commands_in_the_order_of_a_users_work(capsys, argv):
    assert main(argv) == 0
    out, err = capsys.readouterr()
    assert [line.split()[0] for line in out.splitlines() if line.startswith("  ")] == [
        "convert", "audit", "train", "evaluate", "report", "compare", "tag", "suggest", "combine", "export", "serve",
        "download",
        "vectors",
    ]  # fmt: skip
    assert out.startswith("Usage: seqlab COMMAND")
    assert err == ""


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_helps_the_same_under_both_names(capsys, name):
    assert main([name, "--help"]) == 0
    by_name = capsys.readouterr().out
    assert import_module(f"seqlab.{name}").main(["--help"]) == 0
    assert capsys.readouterr().out == by_name
    assert by_name.startswith(f"Usage: seqlab {name} ")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_has_a_help_text(capsys, monkeypatch, name):
    monkeypatch.setenv("COLUMNS", "600")
    assert main([name, "--help"]) == 0
    options = [line for line in capsys.readouterr().out.splitlines() if line.startswith("│ ")]
    without = [line for line in options if not re.search(r"\s{2,}[A-Z][^\[]", line)]
    assert options
    assert without == []


def test_the_exit_code_is_that_of_the_command(capsys):
    assert main(["train", "--epochs", "0"]) == 2
    assert capsys.readouterr() == ("", "error: epochs is 0: expected 1 or more\n")


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("tarin", "unknown command 'tarin'; nearest: 'train'"),
        ("--tag", "unknown command '--tag'; nearest: 'tag'"),
        ("zzz", "unknown command 'zzz'"),
    ],
)
def test_an_unknown_command_is_one_line_and_code_2(capsys, word, message):
    assert main([word]) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_the_console_command_is_declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["scripts"] == {"seqlab": "seqlab.__main__:main"}


def test_the_console_command_imports_nothing_from_the_working_directory(tmp_path):
    """Python puts the folder of a script on the path, not the working directory."""
    (tmp_path / "bin").mkdir()
    script = tmp_path / "bin" / "seqlab"
    script.write_text("import sys\nfrom seqlab.__main__ import main\nsys.exit(main())\n")
    here = tmp_path / "here"
    here.mkdir()
    for name in ("cyclopts", "seqlab", "rich"):
        (here / f"{name}.py").write_text("raise SystemExit('planted')")
    usual = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, str(script), "train", "--epochs", "0"]
    done = subprocess.run(command, cwd=here, env=usual, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (2, "error: epochs is 0: expected 1 or more\n")


@pytest.mark.parametrize("module", ["seqlab", *(f"seqlab.{name}" for name in COMMANDS)])
def test_run_as_a_module_a_mistake_is_one_line_and_code_2(module):
    command = [sys.executable, "-m", module, "--hepl"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "--hepl" in done.stderr
