"""The decision of a tagger: its temperature and its per-class biases."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """How a tagger turns scores into tags and probabilities; tuned after training, stored with the run.

    temperature: scores are divided by it to give calibrated probabilities.
    bias: by tag, in nats, added to log-probabilities before the best tag is chosen; empty changes nothing.
    Raises ValueError for a bias that is not finite, or a temperature that is not finite and above 0.
    """

    temperature: float = 1.0
    bias: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = (self.temperature, *self.bias.values())
        if not (all(map(math.isfinite, numbers)) and self.temperature > 0):
            raise ValueError(
                f"temperature is {self.temperature!r} and bias is {dict(self.bias)!r}; "
                "give finite numbers and a temperature above 0"
            )
