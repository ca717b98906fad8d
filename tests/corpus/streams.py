"""Sentences of an open stream, as tagging reads them from a pipe."""

from collections import Counter

from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.format_detection import Format, detect_and_rewind
from seqlab.corpus.parallel import read_token_lines
from seqlab.corpus.reading import read_sentences
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.text.lines import numbered_lines


def columns_of(options):
    """Take the columns out of the keyword arguments of a reader."""
    names = {"token_column": "token", "tag_column": "tag", "weight_column": "weight"}
    names["feature_columns"] = "features"
    return ChosenColumns(**{names[name]: options.pop(name) for name in names if name in options})


def read_columns(read, text, *, name, notes=None, tagged=True, **options):
    """The sentences that `read_conll` or `read_conllu` yields for a text."""
    file = ColumnFile(name, Counter() if notes is None else notes)
    lines = enumerate(text.split("\n"), start=1)
    return list(read(lines, file, columns=columns_of(options), tagged=tagged, **options))


def read_stream(source, *, name="-", format=None, tagged=False, features=None):
    """Yield each sentence as soon as its end has been read; parallel means lines of tokens."""
    lines = numbered_lines(source, name=name)
    known, lines = detect_and_rewind(lines, name, None if format is None else Format(format))
    if known is Format.PARALLEL:
        return read_token_lines(lines, name=name)
    columns = ChosenColumns(features=features or {})
    return read_sentences(lines, name=name, format=known, columns=columns, tagged=tagged)
