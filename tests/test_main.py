import subprocess
import sys
from importlib import import_module

import pytest

from seqlab.__main__ import COMMANDS, main


@pytest.mark.parametrize("argv", [[], ["--help"], ["-h"]])
def test_lists_the_commands(capsys, argv):
    assert main(argv) == 0
    out, err = capsys.readouterr()
    lines = out.splitlines()
    assert [line.split()[2] for line in lines[:-1]] == [f"seqlab.{name}" for name in COMMANDS]
    assert lines[-1] == "Each takes --help."
    assert err == ""


def test_the_promised_commands_are_listed():
    assert {"train", "tag", "evaluate"} <= set(COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_listed_command_has_a_main_that_helps(capsys, name):
    assert import_module(f"seqlab.{name}").main(["--help"]) == 0
    out = capsys.readouterr().out
    assert f"python -m seqlab.{name}" in out


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("train", "commands are modules: python -m seqlab.train"),
        ("tarin", "no command 'tarin'; nearest: 'train'"),
        ("--tag", "no command '--tag'; nearest: 'tag'"),
        ("zzz", "no command 'zzz'"),
    ],
)
def test_a_word_behind_it_is_answered(capsys, word, message):
    assert main([word]) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


@pytest.mark.parametrize("module", ["seqlab", *(f"seqlab.{name}" for name in COMMANDS)])
def test_run_as_a_module_a_mistake_is_one_line_and_code_2(module):
    command = [sys.executable, "-m", module, "--hepl"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert "--hepl" in done.stderr
