"""A table of what word vectors cover, a corpus after the other."""

from collections.abc import Mapping

from seqlab.encoding.corpus_coverage import CorpusCoverage
from seqlab.encoding.vectors import Coverage
from seqlab.reporting.table import UNDEFINED, text_table, visible

HEADER = ["coverage by vectors", "number", "exact", "lower-case", "unknown"]


def coverage_text(found: Mapping[str, CorpusCoverage]) -> str:
    """Three rows for each corpus, by its name: tokens, types, and tokens of entities where it has them."""
    rows = []
    for name, corpus in found.items():
        shown = visible(name)
        rows += [
            coverage_row(f"{shown}: tokens", corpus.tokens),
            coverage_row(f"{shown}: types", corpus.types),
        ]
        if corpus.entity_tokens is not None:
            rows.append(coverage_row(f"{shown}: entity tokens", corpus.entity_tokens))
    return text_table(HEADER, rows, indent=0)


def coverage_row(name: str, found: Coverage) -> list[str]:
    """The number that a row is about, and the shares of it."""
    parts = (found.exact, found.lower, found.unknown)
    shares = [f"{part / found.total:.1%}" if found.total else UNDEFINED for part in parts]
    return [name, f"{found.total:,}", *shares]
