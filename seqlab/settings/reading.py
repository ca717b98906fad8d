"""Settings of how a file is read. All commands that read a corpus have them."""

from dataclasses import dataclass
from typing import Any

from seqlab.settings.by_name import ColumnByFeature, TagByTag
from seqlab.settings.choices import (
    CheckName,
    CorpusFormat,
    DocumentRuleName,
    InputFormatName,
    MisalignedName,
    SentenceRuleName,
    UnicodeFormName,
)
from seqlab.settings.declaring import Settings, declared, setting


@dataclass(frozen=True, kw_only=True)
class ReadingSettings(Settings):
    """Format, columns and encoding of a file, and how raw text is cut.

    Commands that read a run take a setting from its training when it is not given, except the encoding.
    """

    heading = "Reading files"

    format: CorpusFormat | None = None
    """Format of the files. [default: detected for each file]"""
    token_column: str | None = setting(None, column=True)
    """Column of the tokens: a number from 0 in CoNLL, a name or number in CSV, a name in CoNLL-U, a key in JSON lines. none:
    the corpus has numbers but no words; give --numeric-columns. [default: the first in CoNLL; found by its name in CSV;
    form in CoNLL-U; tokens in JSON lines]"""
    tag_column: str | None = setting(None, column=True)
    """Column of the tags: a number from 0 (-1: the last) in CoNLL, a name or number in CSV, a name or FEATS key in CoNLL-U,
    a key in JSON lines. [default: the last in CoNLL; found by its name in CSV; upos in CoNLL-U; tags in JSON lines]"""
    token_weight_column: str | None = setting(None, column=True)
    """Column of token weights in CoNLL: a number from 0 (-1: the last). [default: no token weights]"""
    feature_columns: ColumnByFeature = ColumnByFeature()
    """Further column to read as a feature of each token (part of speech, chunk, gazetteer), given as in --tag-column. May
    be repeated."""
    numeric_columns: ColumnByFeature = ColumnByFeature()
    """Column with a number for each token (position on a page, font size, confidence), given as in --tag-column. May be
    repeated. The numbers are standardised by the mean and standard deviation of the training split."""
    encoding: str | None = None
    """Character encoding of the files, such as latin-1. [default: UTF-8, with or without byte order
    mark, also for a run that was trained on another encoding]"""
    normalise: UnicodeFormName = "none"
    """Unicode form of tokens, in training and whenever the tagger is used. nfc: an accented letter is one character. nfkc:
    in addition, letters of other widths and styles become plain letters. none: as in the file."""
    tag_names: tuple[str, ...] = ()
    """Names of the integer tags in Hugging Face data: repeat the option for each, from tag 0 on, or give the path of a JSON
    file that holds them. [default: from the data, or from a JSON file beside it]"""
    misaligned: MisalignedName = "split"
    """What to do with an annotated span that begins or ends within a token. split: cut the token there. refuse: leave the
    span out and count it."""
    skip_lines: int = setting(0, at_least=0)
    """Lines to skip at the start of each file, such as a line of column names."""
    bracketed_tags: bool = False
    """Tags are spans in brackets, as in OntoNotes: (PERSON*, * and *). They become B-PERSON, I-PERSON and so on."""
    map_tag: TagByTag = TagByTag()
    """Read tag or entity type OLD as NEW, for example 0=O or PERSON=PER. An OLD that ends with - or _ replaces the beginning
    of each tag: b-=B-. May be repeated."""
    accept: tuple[CheckName, ...] = ()
    """Continue although this check of the files failed; the error names the check. May be repeated."""
    sentences: SentenceRuleName = "split"
    """How raw text is cut into sentences. split: at line breaks and at sentence ends within lines. line: each line is one
    sentence."""
    language: str = "en"
    """Language of raw text, as a two-letter code. It decides where sentences end."""
    tokenized: bool = False
    """Raw text is tokenised already: split it at white space only."""

    def given(self) -> dict[str, Any]:
        """The settings that differ from their defaults, by name."""
        names = declared(type(self))
        return {n: v for n in names if (v := getattr(self, n)) != names[n].default}


@dataclass(frozen=True, kw_only=True)
class InputSettings(ReadingSettings):
    """How the input of `tag` is read: as a corpus, or as raw text."""

    heading = "Reading the input"

    format: InputFormatName | None = None  # type: ignore[assignment]
    """Format of the input; text is raw text. [default: detected from its first lines]"""
    documents: DocumentRuleName = "line"
    """What counts as one document of raw text. line: each line. paragraph: the lines up to an empty line. file: the whole
    file. JSON output has one object per document."""
    id_column: int | None = setting(None, at_least=0)
    """Column of the id in raw text whose lines hold an id, a TAB and a text: a number from 0. The text is everything after
    the id."""
