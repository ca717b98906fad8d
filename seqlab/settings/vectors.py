"""Settings of training word vectors."""

from dataclasses import dataclass

from seqlab.machine.threads import usable_cores
from seqlab.settings.choices import VectorAlgorithm, VectorModel
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True)
class VectorSettings(Settings):
    """How word vectors are trained. Every field is an option of `seqlab vectors`."""

    heading = "Training of word vectors"

    model: VectorModel = "word2vec"
    """What to train. word2vec: a vector for each word. fasttext: vectors for words and for their n-grams, so that unseen
    words have vectors too."""
    algorithm: VectorAlgorithm = "skip-gram"
    """What the model predicts. skip-gram: the neighbours of a word. cbow: the word from its neighbours."""
    dim: int = setting(100, at_least=1)
    """Size of the vectors."""
    window: int = setting(5, at_least=1)
    """Neighbours of a word on either side."""
    epochs: int = setting(5, at_least=1)
    """Passes over the text, after a first pass that counts its words."""
    min_count: int = setting(5, at_least=1)
    """Words that occur less often in the text get no vector."""
    buckets: int = setting(200_000, at_least=1)
    """Vectors that all n-grams share by hash; used with --model fasttext. Each takes 4 bytes per dimension."""
    workers: int | None = setting(None, at_least=1)
    """Number of threads. With 1 the numbers are the same each time; with more they are not. [default: the usable cores]"""
    seed: int = setting(1, at_least=0, at_most=2**32 - 1)
    """Seed of all random numbers. With --workers 1 the same seed and text give the same numbers."""

    @property
    def threads(self) -> int:
        """The number of training threads."""
        return self.workers or usable_cores()
