import io
import os
import resource
import subprocess
import sys
from functools import partial
from pathlib import Path
from threading import Thread

import pytest

from seqlab.__main__ import COMMANDS
from seqlab.machine.standard_output import OutputError, WholeWrites, whole_output
from tests import tiny

LIMIT = 10_000  # bytes, the size of a disk that is nearly full
BOTH = pytest.mark.parametrize("unbuffered", ["", "1"], ids=["buffered", "unbuffered"])

# A command that prints lines of 10 bytes, and leaves the last ones to Python's buffer.
PRINTER = """
from seqlab import cli
def command(*, lines: int):
    for number in range(lines):
        print(f"{number:09}")
raise SystemExit(cli.run(cli.make_app("demo", command), None))
"""


def environment(unbuffered):
    return {**os.environ, "PYTHONUNBUFFERED": unbuffered}


def limit_files():
    """A larger file takes the first bytes of a text and refuses the others, as a nearly full disk does."""
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def run_onto_small_disk(command, path, unbuffered):
    with path.open("wb") as file:
        return subprocess.run(
            command,
            stdout=file,
            stderr=subprocess.PIPE,
            env=environment(unbuffered),
            preexec_fn=limit_files,
            text=True,
        )


@BOTH
@pytest.mark.parametrize("lines", [1_001, 100_000])
def test_a_disk_that_fills_up_is_one_line_that_says_what_was_written(tmp_path, unbuffered, lines):
    command = [sys.executable, "-c", PRINTER, "--lines", str(lines)]
    done = run_onto_small_disk(command, tmp_path / "out", unbuffered)
    assert (done.returncode, done.stderr) == (
        2, "error: standard output ends after 1,000 lines, 10,000 bytes: File too large\n"
    )  # fmt: skip
    assert (tmp_path / "out").stat().st_size == LIMIT


@BOTH
def test_a_text_that_fits_exactly_is_written(tmp_path, unbuffered):
    command = [sys.executable, "-c", PRINTER, "--lines", "1000"]
    done = run_onto_small_disk(command, tmp_path / "out", unbuffered)
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out").read_text().splitlines()[-1] == "000000999"


@BOTH
def test_a_pipe_that_does_not_block_gets_everything(unbuffered):
    """Far more than a pipe holds, to a reader that starts late."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    command = [sys.executable, "-c", PRINTER, "--lines", "50000"]
    pipes = {"stdout": writer, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, env=environment(unbuffered), **pipes) as process:
        os.close(writer)
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(1)
        with os.fdopen(reader, "rb") as file:
            read = file.read()
        assert (process.wait(60), process.stderr.read()) == (0, b"")
    assert read == b"".join(b"%09d\n" % number for number in range(50_000))


def test_a_reader_that_ends_while_a_pipe_is_full_ends_the_waiting():
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    raised = []

    def write():
        try:
            WholeWrites(writer).write(b"x" * 10**6)
        except BrokenPipeError as error:
            raised.append(error)

    thread = Thread(target=write)
    thread.start()
    os.read(reader, 10)
    os.close(reader)
    thread.join(20)
    os.close(writer)
    assert len(raised) == 1


# Each command writes its help, buffered, to a device that is full.
HELPS = """
import os
import sys
from importlib import import_module
full = os.open("/dev/full", os.O_WRONLY)
for words in {commands!r}:
    os.dup2(full, 1)
    name, *argv = words
    code = import_module(name).main(argv)
    print(words, code, file=sys.stderr)
"""


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@BOTH
def test_no_command_loses_its_help_silently(unbuffered):
    commands = [
        *([f"seqlab.{name}", "--help"] for name in COMMANDS),
        ["seqlab.train", "--print-config"],
        ["seqlab.__main__", "--help"],
        ["seqlab.__main__", "--version"],
    ]
    code = HELPS.format(commands=commands)
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=environment(unbuffered)
    )
    full = "error: standard output ends after 0 lines, 0 bytes: No space left on device\n"
    assert done.stderr == "".join(f"{full}{command} 2\n" for command in commands)
    assert done.returncode == 0


@BOTH
@tiny.KERAS_NOISE
def test_tagged_text_that_does_not_fit_is_one_line(tmp_path_factory, tmp_path, unbuffered):
    run = tiny.folder_of(tiny.span_run(tmp_path_factory))
    (tmp_path / "in.txt").write_text("Ada Stone saw Oslo in 1999 .\n" * 800)
    arguments = [str(run), str(tmp_path / "in.txt"), "--format", "text", "--output-format", "conll"]
    command = [sys.executable, "-m", "seqlab.tag", *arguments]
    done = run_onto_small_disk(command, tmp_path / "out", unbuffered)
    written = (tmp_path / "out").read_bytes()
    lines = written.count(b"\n")
    assert len(written) == LIMIT
    assert lines > 500
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        f"error: standard output ends after {lines:,} lines, 10,000 bytes: File too large"
    )


def test_training_goes_on_when_its_log_does_not_fit(tmp_path):
    """The run directory has the log as well."""
    code = (
        "from seqlab.machine.standard_output import with_whole_output\n"
        "from seqlab.machine.terminal import say_if_read\n"
        "def work():\n"
        "    for _ in range(30):\n"
        "        say_if_read('x' * 999)\n"
        "    return 0\n"
        "raise SystemExit(with_whole_output(work))\n"
    )
    done = run_onto_small_disk([sys.executable, "-c", code], tmp_path / "out", "")
    fact = "standard output ends after 10 lines, 10,000 bytes: File too large"
    assert (done.returncode, done.stderr) == (0, f"note: {fact}; the work goes on\n")


def test_a_closed_standard_error_is_no_reason_to_stop(tmp_path):
    code = (
        "from seqlab.machine.terminal import print_error\n"
        "from seqlab.modeling.quiet_import import import_tensorflow\n"
        "import sys; sys.modules['tensorflow'] = sys\n"
        "import_tensorflow()\n"
        "raise SystemExit(print_error('nobody hears this'))\n"
    )
    command = [sys.executable, "-c", code]
    done = subprocess.run(command, stdout=subprocess.PIPE, preexec_fn=partial(os.close, 2))
    assert (done.returncode, done.stdout) == (2, b"")


def test_a_replaced_standard_output_stays(monkeypatch):
    mine = io.StringIO()
    monkeypatch.setattr(sys, "stdout", mine)
    with whole_output():
        assert sys.stdout is mine
        print("mine")  # noqa: T201
    assert mine.getvalue() == "mine\n"


def test_the_error_counts_what_was_written(tmp_path):
    with (tmp_path / "out").open("wb") as file:
        output = WholeWrites(file.fileno())
        assert output.write(b"one\ntwo\nthr") == 11
    with pytest.raises(OutputError) as caught:  # its file is closed
        output.write(b"x")
    expected = "standard output ends after 2 lines, 11 bytes: Bad file descriptor"
    assert str(caught.value) == expected
    assert (tmp_path / "out").read_bytes() == b"one\ntwo\nthr"


def test_help_for_a_reader_that_has_ended_is_no_failure():
    reader, writer = os.pipe()
    os.close(reader)
    command = [sys.executable, "-m", "seqlab.vectors", "--help"]
    done = subprocess.run(command, stdout=writer, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writer)
    assert (done.returncode, done.stderr) == (0, "")
