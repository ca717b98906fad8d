"""Estimate one epoch on a very large corpus, on this machine and on machines that were not measured.

'this machine' extrapolates the cost models far outside the measured range. One GPU and 16 workers are estimates from
the assumptions below. The page prints the assumptions with the estimates.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.models import CostModel

GPU_FLOPS = 19.5e12  # float32 operations per second of an NVIDIA A100, from its data sheet
GPU_SHARE = 0.25  # share of GPU_FLOPS reached in large batches
GPU_STEP = 20e-6  # least seconds of one step of a recurrence, forward and backward
WORKERS = 16
NETWORK = 1.25e9  # bytes per second between workers: 10 Gbit/s
FLOAT = 4  # bytes
WORD_DIM = 100
MAX_CHARS = 15


@dataclass(frozen=True, kw_only=True)
class Size:
    """The corpus of the estimate."""

    tokens: float = 1e9
    length: float = 16
    words: float = 1e6
    classes: float = 17


@dataclass(frozen=True, kw_only=True)
class Estimate:
    """Seconds of one epoch on a machine, and the assumptions."""

    machine: str
    seconds: float
    basis: str


def point_of(size: Size, points: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """The corpus in the models' terms, with the batch size of the most similar measured training."""
    near = min(points, key=lambda point: abs(point["length"] - size.length))
    tokens_a_step = near["tokens"] / near["steps"] * size.length / near["length"]
    return {
        "tokens": size.tokens,
        "length": size.length,
        "words": size.words,
        "classes": size.classes,
        "steps": size.tokens / tokens_a_step,
    }


def estimates(
    size: Size,
    points: Sequence[Mapping[str, Any]],
    seconds: CostModel,
    flops: float,
) -> list[Estimate]:
    """One epoch on this machine, on one GPU, on 16 workers. flops: operations per token in training."""
    point = point_of(size, points)
    here = seconds.predict(point)
    network = points[0]["parameters"] - points[0]["words"] * WORD_DIM
    rows = min(size.words, point["tokens"] / point["steps"]) * WORD_DIM
    table = size.words * WORD_DIM
    return [
        Estimate(machine="this machine", seconds=here, basis="the model above"),
        gpu(point, flops),
        workers(point, here, network + table, "the word table's gradient sent whole"),
        workers(point, here, network + rows, "only the rows of words in the batch sent"),
    ]


def gpu(point: Mapping[str, float], flops: float) -> Estimate:
    """The longer of two times: the arithmetic, and the sequential steps of the recurrence."""
    arithmetic = point["tokens"] * flops / (GPU_FLOPS * GPU_SHARE)
    waiting = point["steps"] * (point["length"] + MAX_CHARS) * GPU_STEP
    return Estimate(
        machine="one GPU",
        seconds=max(arithmetic, waiting),
        basis=f"not measured: the longer of {arithmetic:,.0f} s of arithmetic ({GPU_SHARE:.0%} of "
        f"{GPU_FLOPS / 1e12:g} TFLOP/s) and {waiting:,.0f} s of recurrence ({GPU_STEP * 1e6:g} µs per "
        "step of a sentence or word, batches as measured)",
    )


def workers(point: Mapping[str, float], here: float, parameters: float, what: str) -> Estimate:
    """Each worker runs a share of the steps and exchanges gradients after each (a ring sends them twice)."""
    steps = point["steps"] / WORKERS
    exchange = steps * 2 * parameters * FLOAT / NETWORK
    return Estimate(
        machine=f"{WORKERS} workers",
        seconds=here / WORKERS + exchange,
        basis=f"not measured: {WORKERS} machines like this, {exchange:,.0f} s of exchange at "
        f"{NETWORK * 8 / 1e9:g} Gbit/s, {what}, not overlapped",
    )
