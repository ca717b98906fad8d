"""How word vectors cover corpora, as a table for the terminal."""

from collections.abc import Mapping

from seqlab.encoding.coverage import CorpusCoverage, Coverage
from seqlab.machine.terminal import visible
from seqlab.machine.wording import UNDEFINED
from seqlab.reporting.table import text_table

HEADER = ["coverage by vectors", "number", "exact", "lower-case", "unknown"]


def coverage_text(coverages: Mapping[str, CorpusCoverage]) -> str:
    """Rows for the tokens, types and entity tokens of each corpus; `coverages` goes by its name."""
    rows = []
    for name, corpus in coverages.items():
        rows.append(coverage_row(f"{visible(name)}: tokens", corpus.tokens))
        rows.append(coverage_row(f"{visible(name)}: types", corpus.types))
        if corpus.entity_tokens is not None:
            rows.append(coverage_row(f"{visible(name)}: entity tokens", corpus.entity_tokens))
    return text_table(HEADER, rows, indent=0)


def coverage_row(name: str, coverage: Coverage) -> list[str]:
    """The number of tokens or types, and the share of each kind of coverage."""
    parts = (coverage.exact, coverage.lower, coverage.unknown)
    shares = [f"{part / coverage.total:.1%}" if coverage.total else UNDEFINED for part in parts]
    return [name, f"{coverage.total:,}", *shares]
