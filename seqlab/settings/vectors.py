"""Every setting of training word vectors, once: its name, type, default and meaning."""

from dataclasses import dataclass
from typing import get_type_hints

from seqlab.machine.threads import usable_cores
from seqlab.settings.choices import VectorAlgorithm, VectorModel
from seqlab.settings.rules import LARGEST, check_range
from seqlab.settings.types import check_type

AT_LEAST_ONE = ("dim", "window", "epochs", "min_count", "buckets", "workers")


@dataclass(frozen=True, kw_only=True)
class VectorSettings:
    """How word vectors are trained. Every field is an option of `python -m seqlab.vectors`."""

    model: VectorModel = "word2vec"
    """What is trained: vectors of words, or (fasttext) of words and their n-grams, for unseen words too."""

    algorithm: VectorAlgorithm = "skip-gram"
    """What is predicted: a word's neighbours, or the word from them."""

    dim: int = 100
    """Size of a vector."""

    window: int = 5
    """Words on either side that count as neighbours."""

    epochs: int = 5
    """Passes over the text, after one that counts its words."""

    min_count: int = 5
    """Words rarer than this get no vector."""

    buckets: int = 200_000
    """Of fasttext: vectors that all n-grams share, by hash; each takes 4 bytes a dimension."""

    workers: int | None = None
    """Threads. One alone gives the same numbers each time; several do not. [default: the usable cores]"""

    seed: int = 1
    """The same seed and text give the same numbers, with --workers 1."""

    def __post_init__(self) -> None:
        hints = get_type_hints(type(self))
        for name, value in vars(self).items():
            check_type(name, value, hints[name])
        for name in AT_LEAST_ONE:
            check_range(self, name, "at least 1", lambda value: value >= 1)
            check_range(self, name, f"at most {LARGEST}", lambda value: value <= LARGEST)
        check_range(self, "seed", "from 0 to 4294967295", lambda value: 0 <= value < 2**32)

    @property
    def threads(self) -> int:
        """The threads that train."""
        return self.workers or usable_cores()
