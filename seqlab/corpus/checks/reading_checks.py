"""All checks of what was read, in the order in which they stop a command."""

from collections.abc import Iterator

from seqlab.corpus.checks.columns import column_findings
from seqlab.corpus.checks.facts import CorpusFacts
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.checks.sentences import sentence_findings
from seqlab.corpus.checks.tags import tag_findings


def corpus_findings(facts: CorpusFacts) -> Iterator[Finding]:
    """Yield what the checks of one file find. A wrong column explains wrong tags, so columns come first."""
    yield from column_findings(facts)
    yield from tag_findings(facts)
    yield from sentence_findings(facts)
