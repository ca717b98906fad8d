"""The limit on numpy's BLAS does what threadpoolctl does."""

import threadpoolctl

from seqlab.inference.numpy_blas import NumpyBlas


def blas_threads():
    """The threads of numpy's BLAS; that of scipy is another library."""
    return [
        one["num_threads"]
        for one in threadpoolctl.threadpool_info()
        if one["user_api"] == "blas" and "numpy.libs" in one["filepath"]
    ]


def test_threads_are_limited_and_restored():
    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        before = blas_threads()
        limit = NumpyBlas().limit(limits=1, user_api="blas")
        assert blas_threads() == [1] * len(before)
        limit.restore_original_limits()
        assert blas_threads() == before


def test_another_blas_keeps_its_threads(monkeypatch):
    monkeypatch.setattr("seqlab.inference.numpy_blas.PATTERN", "no-such-library*")
    before = blas_threads()
    limit = NumpyBlas().limit(limits=1, user_api="blas")
    assert blas_threads() == before
    limit.restore_original_limits()
