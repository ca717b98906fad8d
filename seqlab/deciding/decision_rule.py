"""The decision of a tagger: its temperature, its doubt and its per-class biases."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from seqlab.arrays import AnyFloatArray


@dataclass(frozen=True, kw_only=True)
class DecisionRule:
    """How a tagger turns scores into tags and probabilities; tuned after training, stored with the run.

    temperature: scores are divided by it to give calibrated probabilities.
    doubt: share of every probability that is spread evenly over all tags, from 0 to below 1. So no probability is 0 or 1.
    bias: by tag, in nats, added to log-probabilities before the best tag is chosen; empty changes nothing.
    Raises ValueError for a bias that is not finite, a temperature that is not finite and above 0, or another doubt.
    """

    temperature: float = 1.0
    doubt: float = 0.0
    bias: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        numbers = (self.temperature, *self.bias.values())
        if not (all(map(math.isfinite, numbers)) and self.temperature > 0):
            raise ValueError(
                f"temperature is {self.temperature!r} and bias is {dict(self.bias)!r}; "
                "give finite numbers and a temperature above 0"
            )
        if not 0 <= self.doubt < 1:
            raise ValueError(f"doubt is {self.doubt!r}; give a number from 0 to below 1")

    def doubted(self, probabilities: AnyFloatArray, *, tags: int) -> AnyFloatArray:
        """Probabilities of tags, after `doubt` of them is spread over all tags; any shape. tags: the number of tags.

        >>> from numpy import array
        >>> DecisionRule(doubt=0.02).doubted(array([1.0, 0.0]), tags=2).tolist()
        [0.99, 0.01]
        """
        if not self.doubt:
            return probabilities
        kept, spread = (probabilities.dtype.type(x) for x in (1 - self.doubt, self.doubt / tags))
        return probabilities * kept + spread
