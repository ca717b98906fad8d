"""Everything that an audit finds, as one value."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from seqlab.auditing.classes import SplitCounts
from seqlab.auditing.consistency import Consistency
from seqlab.auditing.imbalance import Imbalance
from seqlab.auditing.loss_shares import Weighting
from seqlab.auditing.odd_tokens import OddTokens
from seqlab.auditing.reading import IllegalTags
from seqlab.auditing.repeats import Contradiction, Repeats
from seqlab.auditing.unknown_words import UnknownWords
from seqlab.auditing.windows import WindowFigures
from seqlab.corpus.schemes import Scheme


@dataclass(frozen=True, kw_only=True)
class AuditWarning:
    """Something to look at before training.

    rule: its stable name. split: where, None for all of them. message: the fact, a colon, and what
    to do. details: the evidence, a piece each. value: the figure that reached the threshold.
    """

    rule: str
    split: str | None
    message: str
    details: tuple[str, ...]
    value: float
    threshold: float


@dataclass(frozen=True, kw_only=True)
class Audit:
    """What an audit of corpora finds; everything by split is keyed 'train', 'valid' and 'test'.

    paths: the files. unseen_tags: tokens of each tag that train lacks. notes: what the readers say.
    """

    scheme: Scheme
    paths: Mapping[str, str]
    splits: Mapping[str, SplitCounts]
    unseen_tags: Mapping[str, Mapping[str, int]]
    repeats: tuple[Repeats, ...]
    contradictions: tuple[Contradiction, ...]
    consistency: Consistency
    illegal: Mapping[str, IllegalTags]
    windows: Mapping[str, WindowFigures]
    odd_tokens: Mapping[str, Mapping[str, OddTokens]]
    unknown_words: Mapping[str, UnknownWords]
    imbalance: Imbalance
    weighting: Weighting
    warnings: tuple[AuditWarning, ...]
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The audit as `--json` prints it; undefined figures are None."""
        return asdict(self)
