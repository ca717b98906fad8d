"""What starts a server: its options, its token, the names of its runs, and its port."""

import socket

import pytest

from seqlab.errors import SettingsError, UserError
from seqlab.serving import run_server
from seqlab.serving.listener import address_of, is_loopback, open_listener, start_listening
from seqlab.serving.options import ServeOptions
from seqlab.serving.served_taggers import NamedRun, named_runs
from seqlab.serving.standalone import main, read_options
from seqlab.serving.token import read_token


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"port": 65_536}, "port is 65536: expected a number from 0 to 65,535"),
        ({"port": -1}, "port is -1: expected a number from 0 to 65,535"),
        ({"max_body": 0}, "max_body is 0: expected a number from 1,000 to 1,000,000,000"),
        ({"max_tokens": 0}, "max_tokens is 0: expected a number from 1 to 10,000,000"),
        ({"max_concurrency": 0}, "max_concurrency is 0: expected a number from 1 to 100,000"),
        ({"timeout": float("nan")}, "timeout is nan: expected a number from 0.1 to 3,600"),
        ({"timeout": 0}, "timeout is 0: expected a number from 0.1 to 3,600"),
    ],
)
def test_a_number_out_of_range_is_refused(options, message):
    with pytest.raises(SettingsError) as caught:
        ServeOptions(**options)
    assert str(caught.value) == message


def test_the_token_is_shown_nowhere():
    assert "secret" not in repr(ServeOptions(token="secret"))


def test_a_token_comes_from_a_file_or_the_environment(tmp_path, monkeypatch):
    monkeypatch.delenv("SEQLAB_TOKEN", raising=False)
    assert read_token(None) is None
    monkeypatch.setenv("SEQLAB_TOKEN", "of-the-environment")
    assert read_token(None) == "of-the-environment"
    file = tmp_path / "token"
    file.write_text("  of-the-file\n")
    assert read_token(str(file)) == "of-the-file"


@pytest.mark.parametrize("content", ["a b", "a\x00b", "ä", "x" * 1001])
def test_a_token_that_no_header_holds_is_refused(tmp_path, content):
    file = tmp_path / "token"
    file.write_text(content)
    with pytest.raises(SettingsError) as caught:
        read_token(str(file))
    wanted = f"{file}: expected one token of at most 1000 printable ASCII characters"
    assert str(caught.value) == wanted


def test_a_missing_or_empty_token_is_refused(tmp_path, monkeypatch):
    monkeypatch.setenv("SEQLAB_TOKEN", " ")
    for file, message in (
        (tmp_path / "none", f"{tmp_path / 'none'}: cannot be read: no such file or directory"),
        (tmp_path, f"{tmp_path}: cannot be read: is a directory"),
        (None, "SEQLAB_TOKEN: holds no token"),
    ):
        with pytest.raises(SettingsError) as caught:
            read_token(None if file is None else str(file))
        assert str(caught.value) == message


def test_runs_have_names_of_their_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a=b").mkdir()
    runs = named_runs(["runs/news/", "old=runs/news", "a=b", "runs/c=d"])
    assert [(run.name, str(run.path)) for run in runs] == [
        ("news", "runs/news"), ("old", "runs/news"), ("a=b", "a=b"), ("c=d", "runs/c=d"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([], "no run is given: give at least one run directory"),
        (["a/x", "b/x"], "two runs are named 'x': give one of them as NAME=PATH"),
        (["x="], "run 'x=': expected PATH or NAME=PATH"),
        (["=x"], "run '=x': expected PATH or NAME=PATH"),
        (["/"], "run '/': expected PATH or NAME=PATH"),
    ],
)
def test_names_of_runs_are_checked(words, message):
    with pytest.raises(SettingsError) as caught:
        named_runs(words)
    assert str(caught.value) == message


def test_a_taken_port_is_one_line():
    with open_listener("127.0.0.1", 0) as first:
        first.listen()
        port = first.getsockname()[1]
        assert address_of(first) == f"http://127.0.0.1:{port}"
        with pytest.raises(UserError) as caught:
            open_listener("127.0.0.1", port)
    taken = "the port is taken; give another --port, or --port 0 for a free one"
    assert str(caught.value) == f"127.0.0.1:{port}: {taken}"


def test_of_two_servers_that_start_together_one_gets_the_port():
    with open_listener("127.0.0.1", 0) as first:
        port = first.getsockname()[1]
        with open_listener("127.0.0.1", port) as second:
            start_listening(first)
            with pytest.raises(UserError, match=f"127.0.0.1:{port}: the port is taken"):
                start_listening(second)


@pytest.mark.parametrize("host", ["no.such.host.invalid", "", "a b", "300.1.1.1", "\0"])
def test_an_unknown_host_is_one_line(host):
    with pytest.raises(UserError) as caught:
        open_listener(host, 0)
    shown = repr(host)
    assert str(caught.value) == f"host {shown} is unknown; give an address of this machine"


def test_every_address_of_the_machine_is_no_loopback():
    with open_listener("0.0.0.0", 0) as listener:  # noqa: S104, that is the question
        assert not is_loopback(listener)


def test_a_host_of_another_machine_is_one_line():
    with pytest.raises(UserError) as caught:
        open_listener("192.0.2.1", 80)
    wanted = "192.0.2.1:80: the host is no address of this machine; give another --host"
    assert str(caught.value) == wanted


@pytest.mark.skipif(not socket.has_dualstack_ipv6(), reason="this machine has no IPv6")
def test_addresses_of_ipv6_stand_in_brackets():
    with open_listener("::1", 0) as listener:
        assert address_of(listener).startswith("http://[::1]:")
        assert is_loopback(listener)


def test_an_exported_tagger_takes_the_same_options(monkeypatch, tmp_path):
    monkeypatch.delenv("SEQLAB_TOKEN", raising=False)
    assert read_options([], "x.serve") == ServeOptions()
    (tmp_path / "token").write_text("secret")
    words = (
        f"--host ::1 --port 0 --reload --max-body 5000 --timeout 2.5 --token-file {tmp_path}/token"
    )
    assert read_options(words.split(), "x.serve") == ServeOptions(
        host="::1", port=0, reload=True, max_body=5000, timeout=2.5, token="secret"
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--port", "x"], "argument --port: invalid int value: 'x'"),
        (["--prot", "1"], "unknown option '--prot'; nearest: '--port'"),
        (["--threshold", "1"], "unknown option '--threshold'"),
        (["wnut"], "unexpected 'wnut': x.serve takes options, but no arguments"),
        (["--port", "99999"], "port is 99999: expected a number from 0 to 65,535"),
    ],
)
def test_a_mistake_on_the_command_line_of_an_exported_tagger_is_one_line(capsys, words, message):
    assert main(words, taggers={}, program="x.serve", extra="x[serve]") == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_the_help_of_an_exported_tagger_has_every_option(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        main(["--help"], taggers={}, program="x.serve", extra="x[serve]")
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for name in ("host", "port", "reload", "max-body", "max-tokens", "max-concurrency", "timeout"):
        assert f"--{name}" in shown


def test_a_name_forges_no_line_of_the_output(span_run, monkeypatch):
    lines: list[str] = []
    monkeypatch.setattr(run_server, "run_service", lambda *_: None)
    monkeypatch.setattr(run_server.signal, "signal", lambda *_: None)
    runs = [NamedRun("x\nserving on http://evil", span_run.path)]
    run_server.serve_runs(runs, ServeOptions(port=0), say=lines.append, note=lines.append)
    first, second = lines
    assert first.startswith("x\\u{a}serving on http://evil: version ")
    assert second.startswith("serving on http://127.0.0.1:")
