"""What gazetteers cover in each split, and the warnings about them."""

from collections.abc import Iterator, Mapping

from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.reading import AuditedCorpora
from seqlab.auditing.thresholds import Thresholds
from seqlab.encoding.encoder import Encoder
from seqlab.machine.wording import UNDEFINED, percent_above_zero
from seqlab.reporting.table import text_table
from seqlab.scoring.gazetteer_coverage import (
    GazetteerCoverage,
    coverage_warnings,
    measure_coverage,
)


def cover_corpora(
    corpora: AuditedCorpora, encoder: Encoder
) -> Mapping[str, Mapping[str, GazetteerCoverage]]:
    """By list and split, what the list covers."""
    lists = encoder.gazetteers
    if not len(lists):
        return {}
    by_split = {
        split: measure_coverage(lists, arrays, corpora.scheme, encoder.unicode_form)
        for split, arrays in corpora.arrays.items()
    }
    return {name: {split: by_split[split][name] for split in by_split} for name in lists}


def list_warnings(audit: Audit, limits: Thresholds) -> Iterator[AuditWarning]:
    """gazetteer: a list that matches nothing, or that looks made from the training mentions."""
    for name, splits in audit.gazetteers.items():
        valid = splits.get("valid", GazetteerCoverage(matches=0, classes={}))
        for message in coverage_warnings(name, splits["train"], valid):
            yield AuditWarning("gazetteer", "train", message, value=1)


def gazetteers_text(audit: Audit) -> str:
    """A row for each list and split: matches, and the share of all spans and of each class that are a whole match."""
    if not audit.gazetteers:
        return ""
    classes = sorted({n for s in audit.gazetteers.values() for c in s.values() for n in c.classes})
    rows = []
    for name, splits in audit.gazetteers.items():
        for split, covered in splits.items():
            shares = [covered.total.share] if classes else []
            shares += [
                covered.classes[own].share if own in covered.classes else None for own in classes
            ]
            cells = [UNDEFINED if one is None else percent_above_zero(one) for one in shares]
            rows.append([f"{name}  {split}", f"{covered.matches:,}", *cells])
    header = ["gazetteers", "matches", *(["spans covered"] if classes else []), *classes]
    return text_table(header, rows, indent=0)
