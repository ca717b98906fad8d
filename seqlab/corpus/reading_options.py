"""How the files of a corpus are read: their format, columns and encoding, and how raw text is cut."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypedDict, Unpack, get_args

from seqlab.annotations.align import Misaligned
from seqlab.corpus.chosen_columns import ChosenColumns, ColumnRef
from seqlab.corpus.format_detection import Format, parse_format
from seqlab.errors import SettingsError, nearest
from seqlab.settings.choices import CheckName, UnicodeFormName
from seqlab.text.cutting import TextRules
from seqlab.text.sentence_bounds import SentenceRule
from seqlab.text.unicode_form import parse_unicode_form

CHECKS: tuple[str, ...] = get_args(CheckName)


class ReadingKeywords(TypedDict, total=False):
    """The keywords of `read_corpus` and `load_splits` that say how a file is read; each may be left out.

    format: None detects it.
    token_column, tag_column: an index from 0 (conll, csv; the first and the last by default), a name (conllu, csv;
        FORM and UPOS by default in conllu), or a key (jsonl; tokens and tags by default).
    token_weight_column: an index, for conll only. jsonl has its weights under 'token_weights'.
    feature_columns: by the name of each feature, its column: an index, a name or FEATS key, or a key.
        In jsonl, an index stands for the key with the feature's own name.
    numeric_columns: by the name of each column of numbers, its column, given as for a feature.
    encoding: the character encoding of the files; None is UTF-8, with or without byte order mark.
    normalise: the Unicode form of the tokens: 'none', 'nfc' or 'nfkc'; see `seqlab.text.unicode_form`.
    tag_names: the names of integer tags, in order, for hf; None reads them from the file.
    misaligned: what becomes of a labelled span that cuts a token: 'split' cuts the token, 'refuse' drops the span.
    skip_lines: lines to skip at the start of each file.
    bracketed_tags: tags are spans in brackets, as in OntoNotes; they become IOB2.
    map_tag: new names of tags by their old names; see `seqlab.corpus.tag_rewriting`.
    accept: names of checks that must not stop the reading of a corpus; see `seqlab.corpus.checks`.
    sentences, language, tokenized: how raw text is cut; see `seqlab.text.cutting.TextRules`.
    """

    format: Format | str | None
    token_column: ColumnRef | None
    tag_column: ColumnRef | None
    token_weight_column: ColumnRef | None
    feature_columns: Mapping[str, ColumnRef] | None
    numeric_columns: Mapping[str, ColumnRef] | None
    encoding: str | None
    normalise: UnicodeFormName
    tag_names: Sequence[str] | None
    misaligned: Misaligned
    skip_lines: int
    bracketed_tags: bool
    map_tag: Mapping[str, str]
    accept: Sequence[str]
    sentences: SentenceRule
    language: str
    tokenized: bool


@dataclass(frozen=True, kw_only=True)
class ReadingOptions:
    """`ReadingKeywords` after checking. The fields are explained there."""

    format: Format | None = None
    columns: ChosenColumns = field(default_factory=ChosenColumns)
    encoding: str | None = None
    normalise: UnicodeFormName = "none"
    tag_names: tuple[str, ...] | None = None
    misaligned: Misaligned = "split"
    skip_lines: int = 0
    bracketed_tags: bool = False
    map_tag: Mapping[str, str] = field(default_factory=dict)
    accept: tuple[str, ...] = ()
    rules: TextRules = field(default_factory=TextRules)


DEFAULT_OPTIONS = ReadingOptions()


def reading_options(**keywords: Unpack[ReadingKeywords]) -> ReadingOptions:
    """Check the keywords. Raises SettingsError for an unknown format and for columns that are no mapping."""
    known, names = keywords.get("format"), keywords.get("tag_names")
    return ReadingOptions(
        format=None if known is None else parse_format(known),
        columns=ChosenColumns(
            token=keywords.get("token_column"),
            tag=keywords.get("tag_column"),
            weight=keywords.get("token_weight_column"),
            features=keywords.get("feature_columns") or {},
            numbers=keywords.get("numeric_columns") or {},
        ),
        encoding=keywords.get("encoding"),
        normalise=parse_unicode_form(keywords.get("normalise") or "none"),
        tag_names=None if names is None else tuple(names),
        misaligned=keywords.get("misaligned") or "split",
        skip_lines=keywords.get("skip_lines") or 0,
        bracketed_tags=bool(keywords.get("bracketed_tags")),
        map_tag=dict(keywords.get("map_tag") or {}),
        accept=checked_names(keywords.get("accept") or ()),
        rules=TextRules(
            sentences=keywords.get("sentences") or "split",
            language=keywords.get("language") or "en",
            tokenized=bool(keywords.get("tokenized")),
        ),
    )


def checked_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names of accepted checks. Raises SettingsError for an unknown name."""
    for name in names:
        if name not in CHECKS:
            fact = f"accept is {name!r}: expected one of {', '.join(CHECKS)}"
            raise SettingsError(f"{fact}{nearest(name, CHECKS)}")
    return tuple(names)
