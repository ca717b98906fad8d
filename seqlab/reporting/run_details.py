"""report.json: the part of the report that is computed from the corpora or the network.

`train` writes it, so that the page can be built again from the files of the run alone.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from seqlab.machine.json_fields import Fields
from seqlab.storing.description import check_format
from seqlab.storing.run_files import RunFiles, errors_of_file
from seqlab.storing.typed_json import read_typed, to_plain

DETAILS = "report.json"
DETAILS_BYTES = 1 << 25
FORMAT = 1


@dataclass(frozen=True, kw_only=True)
class RunInput:
    """A file that the training read. name: its setting. sentences, tokens: None for a file without sentences."""

    name: str
    path: str
    sha256: str
    sentences: int | None = None
    tokens: int | None = None


@dataclass(frozen=True, kw_only=True)
class ClassDetails:
    """A class in training. items: its spans, or its tokens for plain tags.

    weight: as --class-weight takes it; None if no weight acts. why: a sentence on how the weight came about.
    """

    tokens: int
    items: int
    weight: float | None
    why: str


@dataclass(frozen=True, kw_only=True)
class MajorityBaseline:
    """The figures of one class on every token, on the validation split."""

    class_name: str
    token_accuracy: float | None
    micro_f1: float | None
    macro_f1: float | None


class GoldSpan(NamedTuple):
    """Tokens [start, end) with their class."""

    start: int
    end: int
    label: str


class PredictedSpan(NamedTuple):
    """Tokens [start, end) with their predicted class, and its probability."""

    start: int
    end: int
    label: str
    confidence: float


class ErrorMark(NamedTuple):
    """An error: its kind, the indices of its gold and its predicted span in the sentence, and the class it counts for."""

    kind: str
    gold: int | None
    predicted: int | None
    label: str


class SuspectMark(NamedTuple):
    """A token whose gold tag is probably wrong: its index, both tags, and the probability of the given one."""

    position: int
    given: str
    suggested: str
    confidence: float


@dataclass(frozen=True, kw_only=True)
class BrowserSentence:
    """A sentence with its gold and its predicted spans.

    Plain tags: spans are the single tokens whose gold and predicted tags differ; `tags` holds the gold tags of all.
    """

    split: str
    source: str
    tokens: tuple[str, ...]
    gold: tuple[GoldSpan, ...]
    predicted: tuple[PredictedSpan, ...]
    errors: tuple[ErrorMark, ...] = ()
    suspects: tuple[SuspectMark, ...] = ()
    tags: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Browser:
    """A sample of sentences. rule: how they were chosen. with_errors: sentences with errors, chosen or not."""

    rule: str
    with_errors: int
    sentences: tuple[BrowserSentence, ...]


class ThresholdPoint(NamedTuple):
    """The figures of a class when its bias is `bias`, in nats. recall: None without gold."""

    bias: float
    precision: float | None
    recall: float | None
    predicted: int


@dataclass(frozen=True, kw_only=True)
class ClassThresholds:
    """A class over its bias. bias: the one that the tagger uses."""

    bias: float
    points: tuple[ThresholdPoint, ...]


@dataclass(frozen=True, kw_only=True)
class ThresholdCurves:
    """Precision and recall of each class over its bias, on one split."""

    split: str
    classes: Mapping[str, ClassThresholds]


class ReliabilityBin(NamedTuple):
    """Tokens predicted as a class with similar confidence: their mean confidence, the share that is right, their number."""

    confidence: float
    accuracy: float
    tokens: int


@dataclass(frozen=True, kw_only=True)
class ReliabilityDiagrams:
    """The bins of each class, on one split."""

    split: str
    classes: Mapping[str, tuple[ReliabilityBin, ...]]


@dataclass(frozen=True, kw_only=True)
class WeightedSentence:
    """A training window with the weight of each token in the loss. padding: positions behind it, of weight 0."""

    tokens: tuple[str, ...]
    tags: tuple[str, ...]
    weights: tuple[float, ...]
    padding: int


@dataclass(frozen=True, kw_only=True)
class WeightExamples:
    """Training windows that hold rare classes. note: how the weights act."""

    sentences: tuple[WeightedSentence, ...]
    note: str = ""


@dataclass(frozen=True, kw_only=True)
class AuditFinding:
    """A finding on the corpora.

    severity: 'problem' or 'note'. rule, value: its stable name and its figure, as `audit` gives them. details: the evidence.
    """

    severity: str
    text: str
    advice: str = ""
    rule: str = ""
    value: float | None = None
    details: tuple[str, ...] = ()


class ChangedSetting(NamedTuple):
    """A setting that differs from its default."""

    value: object
    default: object


@dataclass(frozen=True, kw_only=True)
class RunDetails:
    """The content of report.json. plain: whether tags stand for themselves instead of spans.

    command: repeats the run. changed: by setting. versions: by package. audit: None if the corpora were not looked at.
    notes: from reading the corpora.
    """

    title: str
    finished: str
    command: str
    inputs: tuple[RunInput, ...]
    changed: Mapping[str, ChangedSetting]
    versions: Mapping[str, str]
    plain: bool
    scheme: str
    classes: Mapping[str, ClassDetails]
    baseline: MajorityBaseline | None = None
    browser: Browser | None = None
    thresholds: ThresholdCurves | None = None
    reliability: ReliabilityDiagrams | None = None
    weights: WeightExamples | None = None
    audit: tuple[AuditFinding, ...] | None = None
    notes: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The content of report.json."""
        return {"format": FORMAT, **to_plain(self)}


def details_text(details: RunDetails) -> str:
    """The text of report.json: one entry per line, in ASCII."""
    entries = details.to_json().items()
    lines = (f"{json.dumps(name)}: {json.dumps(value, allow_nan=False)}" for name, value in entries)
    return "{\n" + ",\n".join(lines) + "\n}\n"


def details_of_json(content: object) -> RunDetails:
    """The value of report.json. Raises ValueError if it is damaged, or of another format."""
    return read_typed(content, RunDetails)


def read_details(files: RunFiles) -> RunDetails | None:
    """The details of a run; None for an unfinished run, and one of an older version, which has no report.json.

    Raises RunError for a file that is damaged, was changed, or has another format.
    """
    if not files.has(DETAILS):
        return None
    content = files.read_json(DETAILS, most=DETAILS_BYTES)
    with errors_of_file(files.path(DETAILS)):
        check_format(files.path(DETAILS), Fields(content).take("format"), known=FORMAT)
        return details_of_json(content)
