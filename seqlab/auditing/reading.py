"""Read the corpora of an audit: once, in one tag scheme, and as arrays with their counts.

Unlike `load_splits`, this cuts off a validation split only on request, so that the figures describe
the files. It also counts the illegal tags that the readers repair.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from seqlab.annotations.span_report import SpanReport
from seqlab.auditing.illegal_tags import IllegalTags, count_illegal_tags
from seqlab.corpus.checks.facts import facts_of
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.checks.reading_checks import corpus_findings
from seqlab.corpus.checks.sentences import same_files
from seqlab.corpus.corpus_arrays import CorpusArrays, corpus_arrays
from seqlab.corpus.reading import Corpus, read_chosen
from seqlab.corpus.reading_options import DEFAULT_OPTIONS, ReadingOptions
from seqlab.corpus.retag import in_scheme, scheme_of_split, source_scheme
from seqlab.corpus.schemes import Scheme, parse_scheme
from seqlab.corpus.sentence import Sentence, Sentences
from seqlab.corpus.split_checks import measured_tags
from seqlab.corpus.splits import cut_off_splits
from seqlab.corpus.stratify import check_share
from seqlab.errors import SettingsError

SPLITS = ("train", "valid", "test")


@dataclass(frozen=True, kw_only=True)
class AuditedCorpora:
    """The corpora of an audit, by split; 'train' comes first.

    paths: the file of each split that has one. splits: the sentences, their tags repaired and in `scheme`.
    arrays: the same with their counts. illegal: what was repaired, by file.
    findings: of the checks that training makes. notes: for the user. spans: what became of annotated spans, by split.
    """

    paths: Mapping[str, str]
    splits: Mapping[str, Sentences]
    arrays: Mapping[str, CorpusArrays]
    scheme: Scheme
    illegal: Mapping[str, IllegalTags]
    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    spans: Mapping[str, SpanReport]

    @property
    def tag_counts(self) -> dict[str, dict[str, int]]:
        """For each split, how often each tag occurs."""
        return {name: split.counts_by_tag() for name, split in self.arrays.items()}


def read_audited_corpora(
    paths: Mapping[str, str],
    *,
    options: ReadingOptions = DEFAULT_OPTIONS,
    scheme: Scheme | str | None = None,
    valid_share: float | None = None,
    seed: int = 1,
) -> AuditedCorpora:
    """Read the file of each split; with `valid_share`, cut a validation split off train.

    Raises SettingsError and CorpusError as `load_splits` does.
    """
    if valid_share is not None:
        check_share(valid_share, "valid_share")
        if "valid" in paths:
            raise SettingsError("valid_share and valid are both given: choose one")
    wanted = None if scheme is None else parse_scheme(scheme)
    corpora = {n: read_chosen(path, options) for n, path in paths.items()}
    notes = [f"{n}: {count} {what}" for n, c in corpora.items() for what, count in c.notes.items()]
    source = source_scheme(corpora["train"], wanted, notes)
    target = wanted or source
    findings = read_findings(corpora, options, wanted, target)
    schemes = {
        name: source if name == "train" else scheme_of_split(name, corpus, source, target, notes)
        for name, corpus in corpora.items()
    }
    splits: dict[str, Sequence[Sentence]] = {
        name: in_scheme(name, corpus.sentences, schemes[name], target, notes)
        for name, corpus in corpora.items()
    }
    if valid_share is not None:
        cut_off_splits(splits, {"valid": valid_share}, target, seed, paths["train"], notes)
    numbers = tuple(options.columns.numbers)
    arrays = {n: corpus_arrays(splits[n], numbers=numbers) for n in SPLITS if n in splits}
    notes += measured_tags(arrays["train"].counts_by_tag())
    return AuditedCorpora(
        paths=dict(paths),
        splits={name: tuple(splits[name]) for name in arrays},
        arrays=arrays,
        scheme=target,
        illegal={
            name: count_illegal_tags(corpus, schemes[name]) for name, corpus in corpora.items()
        },
        findings=tuple(findings),
        notes=tuple(notes),
        spans={name: c.spans for name, c in corpora.items() if c.spans is not None},
    )


def read_findings(
    corpora: Mapping[str, Corpus], options: ReadingOptions, wanted: Scheme | None, target: Scheme
) -> list[Finding]:
    """What the checks of training find, those that would stop it included.

    wanted: the scheme that the user asks for. target: the scheme of all splits.
    """
    findings: list[Finding] = []
    for name, corpus in corpora.items():
        training = name == "train"
        scheme = wanted if training else target
        findings += corpus_findings(
            facts_of(corpus, options=options, scheme=scheme, training=training)
        )
    if options.columns.has_words:
        paths = {name: corpus.path for name, corpus in corpora.items()}
        findings += same_files(paths, {name: corpus.sentences for name, corpus in corpora.items()})
    return [finding for finding in findings if finding.check not in options.accept]
