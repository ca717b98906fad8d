"""The audit of corpora: read, count, compare, warn. It needs no neural network."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Unpack

from seqlab.auditing.class_rules import class_warnings
from seqlab.auditing.classes import count_classes
from seqlab.auditing.consistency import check_consistency
from seqlab.auditing.figure_rules import figure_warnings
from seqlab.auditing.figures import Audit, AuditWarning
from seqlab.auditing.gazetteers import cover_corpora, list_warnings
from seqlab.auditing.imbalance import measure_imbalance
from seqlab.auditing.label_rules import label_warnings
from seqlab.auditing.loss_shares import WeightChoice, weigh_classes
from seqlab.auditing.number_figures import count_numbers
from seqlab.auditing.number_rules import number_warnings
from seqlab.auditing.odd_tokens import find_odd_tokens
from seqlab.auditing.reading import AuditedCorpora, read_audited_corpora
from seqlab.auditing.repeats import find_contradictions, find_repeats
from seqlab.auditing.thresholds import Thresholds
from seqlab.auditing.unknown_words import count_unknown
from seqlab.auditing.views import view_splits
from seqlab.auditing.windows import check_windows
from seqlab.catalogue.named_vectors import load_vectors
from seqlab.corpus.checks.finding import Finding
from seqlab.corpus.reading_options import ReadingKeywords, reading_options
from seqlab.corpus.schemes import Scheme
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.frozen_words import freeze_words
from seqlab.encoding.vectors import WordVectors, vector_spellings
from seqlab.errors import SettingsError, shorten
from seqlab.experiment.gazetteers import read_gazetteers
from seqlab.machine.files import as_path
from seqlab.settings.by_name import FileByList

THRESHOLDS = Thresholds()


def audit_corpora(
    train: str | Path,
    valid: str | Path | None = None,
    test: str | Path | None = None,
    *,
    scheme: Scheme | str | None = None,
    valid_share: float | None = None,
    seed: int = 1,
    vectors: str | Path | None = None,
    gazetteer: object = None,
    min_word_count: int = 1,
    max_tokens: int = 150,
    weights: WeightChoice | None = None,
    thresholds: Thresholds = THRESHOLDS,
    **keywords: Unpack[ReadingKeywords],
) -> Audit:
    """Find problems in corpora before training on them.

    scheme: as in `load_splits`.
    valid_share: cut a validation split off train, as training does; without it only files are audited.
    seed: of that split.
    vectors: a file of word vectors; all its words count as known.
    gazetteer: by name, files of phrases or ready lists, as for training.
    weights: class weights to judge beside the weighting schemes.
    keywords: how the files are read, as in `read_corpus`.
    Raises UserError for mistakes in the arguments or the files.

    seqlab.audit_corpora("train.conll", "dev.conll").warnings
    """
    for value, expected in ((weights or WeightChoice(), WeightChoice), (thresholds, Thresholds)):
        if not isinstance(value, expected):
            name = expected.__name__
            raise SettingsError(f"got {shorten(repr(value))} instead of a {name}; give {name}(...)")
    named = {"train": train, "valid": valid, "test": test}
    options = reading_options(**keywords)
    sources = FileByList.read("gazetteer", gazetteer or ())
    has_words = options.columns.has_words
    corpora = read_audited_corpora(
        {
            name: str(as_path(path, f"the {name} corpus"))
            for name, path in named.items()
            if path is not None or name == "train"
        },
        options=options,
        scheme=scheme,
        valid_share=valid_share,
        seed=seed,
    )
    arrays = corpora.arrays["train"]
    # Weights first: a mistyped class is refused before word vectors are read.
    weigh_classes(corpora.tag_counts["train"], corpora.scheme, weights or WeightChoice(), "none")
    loaded = None if vectors is None else load_vectors(str(vectors))
    keep = vector_spellings(arrays, loaded) if loaded else ()
    encoder = fit_encoder(
        arrays,
        min_word_count=min_word_count,
        keep_words=keep,
        numeric_columns=tuple(options.columns.numbers),
    )
    if loaded is not None:
        encoder = replace(encoder, frozen_words=freeze_words(loaded))
    if sources:
        encoder = replace(encoder, gazetteers=read_gazetteers(sources, encoder).gazetteers)
    return audit_splits(
        corpora,
        encoder,
        vectors=loaded,
        has_words=has_words,
        max_tokens=max_tokens,
        weights=weights or WeightChoice(),
        thresholds=thresholds,
    )


def audit_splits(
    corpora: AuditedCorpora,
    encoder: Encoder,
    *,
    vectors: WordVectors | None,
    has_words: bool,
    max_tokens: int,
    weights: WeightChoice,
    thresholds: Thresholds = THRESHOLDS,
) -> Audit:
    """Find problems in corpora that are read.

    encoder: of their training split. vectors: loaded ones. has_words: False for a corpus of numbers only.
    Other arguments as for `audit_corpora`.
    """
    scheme, tag_counts = corpora.scheme, corpora.tag_counts
    weighting = weigh_classes(tag_counts["train"], scheme, weights, "none")
    views = view_splits(corpora, encoder)
    counts = {name: count_classes(view) for name, view in views.items()}
    words = views if has_words else {}
    audit = Audit(
        scheme=scheme,
        paths=corpora.paths,
        splits=counts,
        unseen_tags=unseen_tags(tag_counts),
        repeats=find_repeats(corpora.splits) if has_words else (),
        contradictions=find_contradictions(corpora.splits) if has_words else (),
        consistency=check_consistency(views.values() if has_words else ()),
        illegal=corpora.illegal,
        windows={name: check_windows(view, max_tokens) for name, view in views.items()},
        odd_tokens={name: find_odd_tokens(view) for name, view in words.items()},
        unknown_words={
            n: count_unknown(view, views["train"], vectors) for n, view in words.items()
        },
        imbalance=measure_imbalance(tag_counts, counts, scheme),
        weighting=weighting,
        warnings=(),
        notes=corpora.notes,
        spans=corpora.spans,
        numbers=count_numbers(corpora.arrays, encoder.numeric_columns),
        gazetteers=cover_corpora(corpora, encoder),
    )
    rules = (class_warnings, label_warnings, figure_warnings, number_warnings, list_warnings)
    warnings = chain.from_iterable(rule(audit, thresholds) for rule in rules)
    return replace(audit, warnings=(*reading_warnings(corpora.findings), *warnings))


def reading_warnings(findings: Iterable[Finding]) -> Iterator[AuditWarning]:
    """What the checks found in what was read. Training stops for most of it; an audit shows it."""
    for finding in findings:
        message = f"{finding.fact}: {finding.advice}"
        yield AuditWarning(finding.check, None, message, (finding.place,), value=1)


def unseen_tags(tag_counts: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """For each other split, the tokens of the tags that train lacks."""
    train = tag_counts["train"]
    return {
        name: {tag: count for tag, count in sorted(counts.items()) if tag not in train}
        for name, counts in tag_counts.items()
        if name != "train"
    }
