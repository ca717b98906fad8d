"""One tiny run for the tests of this folder, trained once a session."""

import pytest

from tests import tiny


@pytest.fixture
def span_run(tmp_path_factory):
    """IOBES, with a character network."""
    return tiny.span_run(tmp_path_factory).run


@pytest.fixture
def plain_run(tmp_path_factory):
    """Plain tags, no character network."""
    return tiny.plain_run(tmp_path_factory).run
