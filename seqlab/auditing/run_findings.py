"""What the audit finds in the corpora of a training, for its page."""

from seqlab.auditing.corpora import audit_splits
from seqlab.auditing.figures import AuditWarning
from seqlab.auditing.loss_shares import WeightChoice
from seqlab.auditing.reading import AuditedCorpora
from seqlab.corpus.chosen_columns import NO_TOKENS
from seqlab.experiment.prepare import Prepared
from seqlab.reporting.run_details import AuditFinding

MOST_TOKENS = 2_000_000
PROBLEMS = (
    "leak", "contradictory", "inconsistent", "outside-elsewhere", "missing-from-train", "cut-spans",
    "weights-follow-frequency",
)  # fmt: skip
"""Rules whose findings make figures wrong or training worse; others are good to know."""


def run_findings(prepared: Prepared) -> tuple[AuditFinding, ...] | None:
    """The findings on the splits of a training; None for a cached or a very large corpus, which would take long."""
    settings, splits = prepared.settings, prepared.splits
    tokens = sum(int(arrays.offsets[-1]) for arrays in splits.arrays.values())
    if settings.cache is not None or tokens > MOST_TOKENS:
        return None
    files = {"train": settings.train, "valid": settings.valid, "test": settings.test}
    sentences = {"train": splits.train, "valid": splits.valid, "test": splits.test or ()}
    corpora = AuditedCorpora(
        paths={name: path for name, path in files.items() if path is not None},
        splits={name: tuple(sentences[name]) for name in splits.arrays},
        arrays=splits.arrays,
        scheme=splits.scheme,
        illegal={},
        findings=(),
        notes=(),
        spans=splits.spans,
    )
    audit = audit_splits(
        corpora,
        prepared.encoder,
        vectors=prepared.vectors,
        has_words=settings.token_column != NO_TOKENS,
        max_tokens=settings.max_tokens,
        weights=WeightChoice(
            class_weights=settings.class_weights,
            class_weight=settings.class_weight,
            weight_cap=settings.weight_cap,
            weight_beta=settings.weight_beta,
            share_prefix_weights=settings.share_prefix_weights,
        ),
    )
    return tuple(map(as_finding, audit.warnings))


def as_finding(warning: AuditWarning) -> AuditFinding:
    """A warning of the audit, its fact apart from its advice."""
    fact, _, advice = warning.message.rpartition(": ")
    return AuditFinding(
        severity="problem" if warning.rule in PROBLEMS else "note",
        text=fact,
        advice=advice,
        rule=warning.rule,
        value=float(warning.value),
        details=warning.details,
    )
