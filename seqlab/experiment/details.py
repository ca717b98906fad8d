"""report.json: the facts about a finished run that its page shows and that need the corpora or the network."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from seqlab.corpus.schemes import Scheme
from seqlab.experiment.browser_sentences import browser
from seqlab.experiment.class_details import class_details, majority_baseline
from seqlab.experiment.decision_curves import class_thresholds, reliability_diagrams
from seqlab.experiment.identity import named_files
from seqlab.experiment.prepare import Prepared
from seqlab.experiment.repeat_command import changed_settings, repeat_command
from seqlab.experiment.scored_split import score_splits
from seqlab.experiment.weight_examples import weight_examples
from seqlab.reporting.run_details import AuditFinding, RunDetails, RunInput
from seqlab.storing.run_directory import library_versions
from seqlab.tagging.tagger import Tagger

CorpusAudit = Callable[[Prepared], tuple[AuditFinding, ...] | None]
"""Finds problems in the corpora of a training; None if it did not look."""


def run_details(
    prepared: Prepared,
    taggers: Mapping[str, Tagger],
    checksums: Mapping[str, str] | None = None,
    *,
    audit: CorpusAudit | None = None,
) -> RunDetails:
    """The facts about a trained tagger.

    taggers: the tagger to score on valid and on test.
    checksums: sha256 of the files that the training read, by setting. audit: finds problems in its corpora.
    """
    settings, scheme = prepared.settings, prepared.splits.scheme
    classes = class_details(prepared)
    items = {name: one.items for name, one in classes.items()}
    splits = score_splits(taggers, prepared.splits)
    return RunDetails(
        title=Path(settings.train or "").name,
        finished=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        command=repeat_command(settings, scheme),
        inputs=tuple(run_inputs(prepared, checksums or {})),
        changed=changed_settings(settings, scheme),
        versions=library_versions(),
        plain=scheme is Scheme.PLAIN,
        scheme=str(scheme),
        classes=classes,
        baseline=majority_baseline(prepared),
        browser=browser(splits, items),
        thresholds=class_thresholds(splits[0]),
        # The temperature is fitted on validation, so a test split tells more.
        reliability=reliability_diagrams(splits[-1]),
        weights=weight_examples(prepared, items),
        audit=None if audit is None else audit(prepared),
        notes=prepared.splits.notes,
    )


def given_path(prepared: Prepared, name: str, path: str) -> str:
    """The file of a setting, or the name of its data."""
    vectors = prepared.settings.vectors
    return vectors if name == "vectors" and vectors is not None else path


def run_inputs(prepared: Prepared, checksums: Mapping[str, str]) -> Iterable[RunInput]:
    """Yield each file that the training read; a corpus with the sentences that became its split."""
    arrays = prepared.splits.arrays
    for name, path in named_files(prepared.settings).items():
        sizes: dict[str, Any] = {}
        if name in arrays:
            sizes = {
                "sentences": len(arrays[name].offsets) - 1,
                "tokens": int(arrays[name].offsets[-1]),
            }
        yield RunInput(
            name=name,
            path=given_path(prepared, name, path),
            sha256=checksums.get(name, ""),
            **sizes,
        )
