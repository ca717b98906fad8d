"""The result of an audit of corpora, as one value."""

from collections.abc import Mapping
from dataclasses import KW_ONLY, asdict, dataclass, field, replace
from typing import Any

from seqlab.annotations.span_report import SpanReport
from seqlab.auditing.classes import SplitCounts
from seqlab.auditing.consistency import Consistency
from seqlab.auditing.illegal_tags import IllegalTags
from seqlab.auditing.imbalance import Imbalance
from seqlab.auditing.loss_shares import Weighting
from seqlab.auditing.number_figures import NumberFigures
from seqlab.auditing.odd_tokens import OddTokens
from seqlab.auditing.repeats import Contradiction, Repeats
from seqlab.auditing.unknown_words import UnknownWords
from seqlab.auditing.windows import WindowFigures
from seqlab.corpus.annotation_reading import span_figures
from seqlab.corpus.schemes import Scheme
from seqlab.scoring.gazetteer_coverage import GazetteerCoverage


@dataclass(frozen=True)
class AuditWarning:
    """A problem to look at before training.

    rule: its stable name. split: where it is; None for all splits together.
    message: the fact, a colon, and what to do. details: the evidence, one line each.
    value: the figure that reached the threshold.
    """

    rule: str
    split: str | None
    message: str
    details: tuple[str, ...] = ()
    _: KW_ONLY
    value: float
    threshold: float = 1


@dataclass(frozen=True, kw_only=True)
class Audit:
    """All figures and warnings of an audit. Mappings by split have the keys 'train', 'valid' and 'test'.

    paths: the files. unseen_tags: tokens of each tag that train lacks. notes: from reading the files.
    spans: what became of annotated spans, for the splits whose files come from annotation tools.
    numbers: by numeric column, its figures by split.
    gazetteers: by list, what it covers, by split.
    Of a corpus without words, repeats and contradictions, odd tokens and unknown words are empty.
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
    spans: Mapping[str, SpanReport] = field(default_factory=dict)
    numbers: Mapping[str, Mapping[str, NumberFigures]] = field(default_factory=dict)
    gazetteers: Mapping[str, Mapping[str, GazetteerCoverage]] = field(default_factory=dict)

    def to_json(self) -> dict[str, Any]:
        """The audit as `--json` prints it; undefined figures are None."""
        spans = {name: span_figures(report) for name, report in self.spans.items()}
        return asdict(replace(self, spans={})) | {"spans": spans}
