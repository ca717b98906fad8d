import io
import os
import shlex
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import cyclopts
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab import cli
from seqlab.errors import SettingsError, UserError
from seqlab.machine.terminal import print_error, say, write_data
from seqlab.modeling.quiet_import import import_tensorflow, require_tensorflow


def app_that(action):
    return cli.make_app("demo", action)


def test_a_finished_command_exits_with_0(capsys):
    def command(*, number: int = 1) -> None:
        say(f"number {number}")

    assert cli.run(app_that(command), ["--number", "3"]) == 0
    assert capsys.readouterr() == ("number 3\n", "")


def test_the_return_value_of_a_command_is_not_the_exit_code():
    def command() -> str:
        return "a value"

    assert cli.run(app_that(command), []) == 0


def test_a_user_error_is_one_line_and_exit_code_2(capsys):
    def command() -> None:
        raise SettingsError("epochs is 0: expected 1 or more")

    assert cli.run(app_that(command), []) == 2
    assert capsys.readouterr() == ("", "error: epochs is 0: expected 1 or more\n")


def test_options_of_other_programs_are_known(capsys):
    def command(*, valid: str = "", decide: str = "") -> None:
        raise AssertionError("parsed")

    for word in ("--dev", "--dev=x", "--validation"):
        assert cli.run(app_that(command), [word, "x"]) == 2
        name = word.partition("=")[0]
        assert capsys.readouterr().err == f"error: Unknown option: {name}. Did you mean --valid?\n"

    def other(*, decide: str = "") -> None:
        raise AssertionError("parsed")

    assert cli.run(app_that(other), ["--decid"]) == 2
    assert capsys.readouterr().err == "error: Unknown option: --decid. Did you mean --decide?\n"
    assert cli.run(app_that(other), ["--val"]) == 2
    assert "--valid" not in capsys.readouterr().err


def test_a_file_without_an_option_is_the_training_corpus(capsys, tmp_path):
    def command(*, train: str = "") -> None:
        raise AssertionError("parsed")

    path = tmp_path / "a.conll"
    assert cli.run(app_that(command), [str(path)]) == 2
    fact = f"error: unexpected {str(path)!r}: options begin with --"
    assert capsys.readouterr().err == f"{fact}\n"
    path.write_text("")
    assert cli.run(app_that(command), [str(path)]) == 2
    assert capsys.readouterr().err == f"{fact}; give --train {path}\n"
    assert cli.run(app_that(command), ["--train", "b", str(path)]) == 2
    assert capsys.readouterr().err == f"{fact}\n"


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (["--numbr", "3"], "Unknown option: --numbr. Did you mean --number?"),
        (["--number", "x"], "number is 'x': expected a whole number"),
        (["--number"], "Parameter --number requires an argument."),
        (["stray"], "unexpected 'stray': options begin with --"),
    ],
)
def test_a_mistyped_option_is_one_line_and_exit_code_2(capsys, argv, message):
    def command(*, number: int = 1) -> None:
        raise AssertionError("parsed")

    assert cli.run(app_that(command), argv) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_ctrl_c_exits_with_130(capsys):
    def command() -> None:
        raise KeyboardInterrupt

    assert cli.run(app_that(command), []) == 130
    assert capsys.readouterr() == ("", "error: interrupted\n")


def test_a_bug_keeps_its_traceback():
    def command() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        cli.run(app_that(command), [])


@pytest.mark.parametrize(
    ("module", "package"),
    [("seqeval", "seqeval"), ("sklearn.metrics", "scikit-learn"), ("tomli_w", "tomli-w")],
)
def test_a_package_that_is_not_installed_is_one_line(capsys, monkeypatch, module, package):
    monkeypatch.setitem(sys.modules, module, None)  # Python then says that it is not there
    assert cli.run(app_that(lambda: import_module(module)), []) == 2
    expected = (
        f"error: seqlab demo needs {package}, which is not installed: pip install {package}\n"
    )
    assert capsys.readouterr().err == expected


def test_a_module_of_seqlab_that_is_missing_is_a_bug():
    with pytest.raises(ModuleNotFoundError):
        cli.run(app_that(lambda: import_module("seqlab.no_such_module")), [])


def test_values_of_a_config_file_are_the_defaults_of_options(capsys):
    def command(*, number: int = 1, word: str = "a") -> None:
        say(f"{number} {word}")

    for argv, printed in (([], "7 z"), (["--number", "8"], "8 z")):
        values = {"number": 7, "word": "z"}
        app = cli.make_app("demo", command, values=values, source="run.toml")
        assert cli.run(app, argv) == 0
        assert capsys.readouterr().out == f"{printed}\n"


def test_without_argv_it_reads_the_arguments_of_the_process(monkeypatch, capsys):
    def command(*, number: int = 1) -> None:
        say(str(number))

    monkeypatch.setattr(sys, "argv", ["prog", "--number", "5"])
    assert cli.run(app_that(command), None) == 0
    assert capsys.readouterr().out == "5\n"


def test_no_version_option_hides_a_mistyped_one():
    app = app_that(lambda: None)
    with pytest.raises(cyclopts.UnknownOptionError):
        app(["--version"], exit_on_error=False, print_error=False)


# Writes far more than fits in a pipe, to a reader that reads one line.
WRITER = """
from seqlab import cli
from seqlab.machine.terminal import say
def command():
    for _ in range(50_000):
        say("a line of text")
raise SystemExit(cli.run(cli.make_app("demo", command), []))
"""


def test_a_reader_that_has_ended_is_not_an_error():
    command = [sys.executable, "-c", WRITER]
    # As in a shell: Python buffers the output and writes the rest at exit.
    usual = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=usual, **pipes) as process:
        assert process.stdout.readline() == b"a line of text\n"
        process.stdout.close()
        assert (process.wait(60), process.stderr.read()) == (0, b"")


def test_print_error_returns_the_exit_code(capsys):
    assert print_error("no") == 2
    assert print_error("stop", code=5) == 5
    assert capsys.readouterr() == ("", "error: no\nerror: stop\n")


@pytest.mark.parametrize(
    ("encoding", "shown"), [("ascii", b"F1 ?\n"), ("utf-8", "F1 –\n".encode())]
)
def test_say_writes_what_the_terminal_can_show(monkeypatch, encoding, shown):
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    say("F1 –")
    assert raw.getvalue() == shown  # flushed at once


@pytest.mark.parametrize(
    ("argv", "value"),
    [
        ([], None),
        (["--config"], None),
        (["--config", "a"], "a"),
        (["--config=a"], "a"),
        (["--config="], ""),
        (["--config=a=b"], "a=b"),
        (["--config", "a", "--config=b"], "b"),
        (["--config-file", "a"], None),
        (["--configs=a"], None),
    ],
)
def test_option_value(argv, value):
    assert cli.option_value(argv, "--config") == value


@given(st.lists(st.sampled_from(["--epochs", "3", "--train=x", "y"])), st.text(max_size=5))
def test_option_value_among_others(others, value):
    assert cli.option_value(others, "--config") is None
    assert cli.option_value([*others, "--config", value], "--config") == value
    assert cli.option_value([*others, f"--config={value}", *others], "--config") == value


def test_a_failing_import_of_tensorflow_says_why_and_gives_standard_error_back(monkeypatch, capfd):
    monkeypatch.setitem(sys.modules, "tensorflow", None)
    monkeypatch.setenv("KERAS_BACKEND", "tensorflow")
    with pytest.raises(ImportError, match="tensorflow"):
        import_tensorflow()
    os.write(2, b"heard\n")
    assert capfd.readouterr().err == "heard\n"


BACKENDS = (
    "class_weights, temporal_weights, keras_loss and TrackClasses run on every backend, "
    "in your own network with Keras' fit"
)


def test_another_backend_is_noted_and_training_uses_tensorflow(monkeypatch, capsys):
    monkeypatch.setitem(sys.modules, "tensorflow", io)  # stands for a module that is there already
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("TF_CPP_MIN_LOG_LEVEL", "0")
    import_tensorflow()
    assert os.environ["KERAS_BACKEND"] == "tensorflow"
    assert os.environ["TF_CPP_MIN_LOG_LEVEL"] == "0"
    note = f"note: KERAS_BACKEND is 'jax', but seqlab's own networks use TensorFlow; {BACKENDS}\n"
    assert capsys.readouterr().err == note
    import_tensorflow()  # says it once
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("part", ["build_network", "training"])
def test_keras_with_another_backend_is_one_line(monkeypatch, part):
    keras = SimpleNamespace(config=SimpleNamespace(backend=lambda: "torch"))
    monkeypatch.setitem(sys.modules, "keras", keras)
    with pytest.raises(UserError) as error:
        require_tensorflow(part)
    fact = f"the backend of Keras is 'torch', but {part} needs KERAS_BACKEND=tensorflow; {BACKENDS}"
    assert str(error.value) == fact


@pytest.mark.parametrize("name", ["x" * 5_000, "a/b"])
def test_a_path_that_the_system_refuses_is_one_line(capsys, tmp_path, name):
    """A file is used as a directory, or the name is too long for every file system."""
    (tmp_path / "a").touch()
    path = str(tmp_path / name)

    def read() -> None:
        Path(path).read_bytes()

    assert cli.run(app_that(read), []) == 2
    error = capsys.readouterr().err
    assert error.startswith("error: ")
    assert error.count("\n") == 1
    assert error.rstrip().endswith(("File name too long", "Not a directory"))


def test_printed_text_cannot_move_the_cursor(capsys):
    say("\x1b[2Jtag\tB-\x07\nnext")
    assert capsys.readouterr().out == "\\x1b[2Jtag\tB-\\x07\nnext\n"


@pytest.mark.parametrize(
    ("is_terminal", "written"), [(True, "\\x1b[31mB-X\tö\\x9b\n"), (False, "\x1b[31mB-X\tö\x9b\n")]
)
def test_data_cannot_move_the_cursor_but_reaches_a_pipe_unchanged(
    capfdbinary, monkeypatch, is_terminal, written
):
    monkeypatch.setattr(sys.stdout, "isatty", lambda: is_terminal)
    write_data("\x1b[31mB-X\tö\x9b\n".encode())
    assert capfdbinary.readouterr().out == written.encode()


def test_a_closed_standard_output_is_one_line(tmp_path):
    command = f"{shlex.quote(sys.executable)} -m seqlab.tag --help >&-"
    done = subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "error: standard output is closed; expected a file, a pipe or /dev/null"
    ]
