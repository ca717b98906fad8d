"""What `tag` adds to the JSON object of a sentence when it is asked to: other tag sequences."""

from collections.abc import Sequence
from typing import Any

from seqlab.tagging.stream import Tagged
from seqlab.tagging.tagger import Tagger

Details = dict[str, Any]


def details(tagger: Tagger, tagged: Sequence[Tagged], *, n_best: int | None) -> list[Details]:
    """The keys that each sentence gets, and their values.

    n_best: how many tag sequences; None for none.
    """
    found: list[Details] = [{} for _ in tagged]
    if n_best is not None:
        paths = tagger.n_best_chunk([sentence for sentence, _ in tagged], n_best)
        for fields, best in zip(found, paths, strict=True):
            fields["n_best"] = [
                {"tags": list(path.tags), "probability": digits(path.probability)} for path in best
            ]
    return found


def digits(probability: float) -> float:
    """Four digits that count: sequences of many tokens have small probabilities.

    >>> digits(0.00012345678)
    0.0001235
    """
    return float(f"{probability:.4g}")
