"""What all tests share: promises of equal bits, the folder of real corpora, hypothesis without deadlines."""

import os
import shutil
import signal
import sys
from pathlib import Path

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))  # for `tests.strategies`, however pytest was started

# A shell's background job ignores SIGINT, and so would the commands that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

# A deadline fails a test on a busy machine for nothing the test is about.
settings.register_profile("seqlab", deadline=None)
settings.load_profile("seqlab")

PROMISES = {
    "copied": "Both sides are copies, look-ups, integers or the same operation on each single number.",
    "repeated": "The same numbers go through the same computation, in arrays of the same shapes.",
    "padding": "As repeated, but other numbers stand on padding.",
    "history": "A tagger's scores depend on the network and the list of sentences, not on earlier calls.",
    "stored": "A tagger or network read from disk computes what the one in memory computes.",
}
"""Each promise of equal bits. `@pytest.mark.bits(PROMISE)` names the one that a test asserts."""

BLAS_PROMISES = ("history", "stored")
"""numpy's BLAS could break these; test_machines.py runs their tests under two of its kernels."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Refuse an unknown promise; mark what depends on BLAS before `-m` selects."""
    for item in items:
        for mark in item.iter_markers("bits"):
            if len(mark.args) != 1 or mark.kwargs or mark.args[0] not in PROMISES:
                known = ", ".join(PROMISES)
                raise pytest.UsageError(f"{item.nodeid}: bits{mark.args}: expected one of {known}")
            if mark.args[0] in BLAS_PROMISES:
                item.add_marker("blas")


@pytest.fixture(autouse=True)
def environ():
    """The same `os.environ` for all tests: `datasets` puts a copy in its place when it starts workers."""
    before = os.environ
    yield
    os.environ = before  # noqa: B003, the mapping itself is meant


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real corpora; tests that need it are skipped where it does not exist."""
    named = os.environ.get("SEQLAB_SHARED_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"the real corpora are not here: {folder} (SEQLAB_SHARED_DATA names another)")
    return folder


@pytest.fixture
def span_run(tmp_path_factory):
    """A tiny run with IOBES tags and a character network, trained once per session."""
    from tests import tiny

    return tiny.span_run(tmp_path_factory).run


@pytest.fixture
def plain_run(tmp_path_factory):
    """A tiny run with plain tags and no character network, trained once per session."""
    from tests import tiny

    return tiny.plain_run(tmp_path_factory).run


@pytest.fixture
def copied(span_run, tmp_path):
    """A copy of the span run's directory, for tests that damage it."""
    return shutil.copytree(span_run.path, tmp_path / "copy")
