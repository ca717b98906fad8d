"""The goals of the benchmark: each is a limit on a figure of one part."""

from dataclasses import dataclass
from typing import Any

from bench.inputs import TITLES
from bench.spread import Spread, spread


@dataclass(frozen=True, kw_only=True)
class Goal:
    """A limit on the median of a figure.

    at_least: True for a lower limit, False for an upper limit.
    sizes: the sizes that the goal applies to; the stored result may have other sizes.
    """

    text: str
    part: str
    figure: str
    limit: float
    at_least: bool = False
    sizes: tuple[tuple[str, Any], ...] = ()


EWT = (("corpus", TITLES["ewt"]),)

GOALS = (
    Goal(text="training tokens/s, seqlab's defaults : classic recipe", part="speed",
         figure="training ratio", limit=10, at_least=True, sizes=EWT),
    Goal(text="training, useful arithmetic : matrix-product rate", part="speed",
         figure="training fraction", limit=0.4, at_least=True, sizes=EWT),
    Goal(text="tagging tokens/s, seqlab : classic recipe's `predict`", part="speed",
         figure="tagging ratio", limit=15, at_least=True, sizes=EWT),
    Goal(text="tagging, words already seen, useful arithmetic : matrix-product rate", part="speed",
         figure="tagging fraction again", limit=0.4, at_least=True, sizes=EWT),
    Goal(text="`tag`, the whole command, useful arithmetic : matrix-product rate", part="pipe",
         figure="all fraction", limit=0.4, at_least=True, sizes=EWT),
    Goal(text="`tag` of raw text, JSON with offsets and split sentences : columns", part="offsets",
         figure="all ratio", limit=0.8, at_least=True, sizes=EWT),
    Goal(text="`tag_text` of a sentence of 20 tokens, words already seen: p50, ms", part="serving",
         figure="python p50", limit=1),
    Goal(text="`serve`, 64 clients at half of the bulk rate: p99, ms", part="serving",
         figure="half p99", limit=50),
    Goal(text="memory of the server, 100,000 requests : 50,000 requests", part="serving",
         figure="memory ratio", limit=1.02, sizes=(("requests", 100_000),)),
    Goal(text="training tokens/s, seqlab : the fastest peer", part="peers",
         figure="training ratio", limit=3, at_least=True, sizes=EWT),
    Goal(text="tagging tokens/s, seqlab : the fastest peer", part="peers",
         figure="tagging ratio", limit=2, at_least=True, sizes=EWT),
    Goal(text="step time, trainable vocabulary of 1,000,000 words : 10,000 words", part="vocabulary",
         figure="ratio", limit=1.15,
         sizes=(("small vocabulary", 10_000), ("large vocabulary", 1_000_000))),
    Goal(text="a training step of WNUT-17, `--head crf` : `--head softmax`", part="crf",
         figure="few ratio", limit=1.5, sizes=(("corpus", TITLES["wnut17"]),)),
    Goal(text="the same at 120 tags", part="crf", figure="many ratio", limit=3,
         sizes=(("many tags", 120),)),
    Goal(text="an epoch with a checkpoint at its end : without", part="checkpoints",
         figure="ratio", limit=1.02, sizes=EWT),
    Goal(text="peak memory of training, 2,000,000 sentences : 200,000 sentences", part="growth",
         figure="training ratio", limit=1.3, sizes=(("sentences", [200_000, 2_000_000]),)),
    Goal(text="peak memory of `tag`, 10 GB pipe : 10 MB pipe", part="growth",
         figure="pipe ratio", limit=1.1, sizes=(("megabytes", [10.0, 10_000.0]),)),
    Goal(text="`--help`, a bad option, a missing file: seconds of CPU", part="startup",
         figure="answers", limit=0.5),
    Goal(text="`tag`, start to first tag : bare import of tensorflow", part="startup",
         figure="first tag", limit=2),
    Goal(text="evaluation of each epoch : training of that epoch", part="speed",
         figure="training evaluation share", limit=0.15, sizes=EWT),
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """A goal and the measured figure, None if it was not measured."""

    goal: Goal
    reached: Spread | None
    word: str


def judge(goal: Goal, parts: dict[str, Any]) -> Verdict:
    """Compare the median with the limit: 'met' or 'missed', and the measured sizes if they differ from the goal's."""
    part = parts.get(goal.part, {})
    values = part.get("figures", {}).get(goal.figure)
    if not values:
        return Verdict(goal=goal, reached=None, word="not measured")
    reached = spread(values)
    good = reached.median >= goal.limit if goal.at_least else reached.median <= goal.limit
    others = [name for name, size in goal.sizes if part["sizes"].get(name) != size]
    where = ", ".join(f"{size_text(part['sizes'].get(name))} {name}" for name in others)
    word = "met" if good else "missed"
    return Verdict(goal=goal, reached=reached, word=f"{word}, at {where}" if others else word)


def size_text(size: Any) -> str:
    """One size or two sizes as text.

    >>> size_text([200_000, 2_000_000]), size_text(1.5)
    ('200,000 and 2,000,000', '1.5')
    """
    if isinstance(size, list):
        return " and ".join(map(size_text, size))
    if isinstance(size, int | float):
        return f"{size:,.0f}" if size == int(size) else f"{size:,g}"
    return str(size)
