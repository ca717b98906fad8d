"""Read files as lists of words, anew in each pass, to train word vectors."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from seqlab.corpus.text_input import InputFormat, guess_format, open_lines, read_lines
from seqlab.errors import CorpusError
from seqlab.text.lines import numbered_lines
from seqlab.text.spelling import normalise

ProgressReport = Callable[[int, int, bool], None]
STEP = 20_000  # words between two progress reports


class RawText:
    """The sentences of some files. Each iteration reads the files again; nothing is kept.

    Args:
        paths: plain text, one sentence per line, or corpora, whose tags are ignored; gzip or not.
        format: of all files; None guesses the format of each from its first lines.
        tokenized: True splits text at white space only, False as `seqlab.tag` does.
        normalised: write words in lower case, with every digit as 0.
        encoding: character encoding of all files; None is UTF-8.
        longest: maximum number of words in a list; a longer sentence becomes several lists.
        report: called with the number of the pass, from 0, its words so far, and whether it has ended.

    Attributes:
        formats: by path. passes: number of passes begun. words: number of words in the last pass.
        error: the error that ended a pass after the first early, or None. Such a pass may run in a thread
            that hides errors, so the caller must check here.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        format: InputFormat | None = None,
        tokenized: bool = False,
        normalised: bool = True,
        encoding: str | None = None,
        longest: int,
        report: ProgressReport = lambda number, words, ended: None,
    ) -> None:
        self.formats = {path: format or detect_input_format(path, encoding) for path in paths}
        self.encoding = encoding
        self.paths, self.tokenized = paths, tokenized
        self.normalised, self.longest, self.report = normalised, longest, report
        self.passes = self.words = 0
        self.error: Exception | None = None

    def __iter__(self) -> Iterator[list[str]]:
        number, self.passes, self.words = self.passes, self.passes + 1, 0
        try:
            yield from self.one_pass(number)
        except CorpusError as error:
            if number == 0:
                raise
            self.error = error

    def one_pass(self, number: int) -> Iterator[list[str]]:
        """Yield all sentences once and report progress."""
        due = 0
        for path in self.paths:
            for words in self.sentences(path):
                yield words
                self.words += len(words)
                if self.words >= due:
                    self.report(number, self.words, False)
                    due = self.words + STEP
        self.report(number, self.words, True)

    def sentences(self, path: str) -> Iterator[list[str]]:
        """Yield the sentences of one file, without empty ones, long ones in parts."""
        input_format, lines = self.formats[path], numbered_lines(path, encoding=self.encoding)
        for sentence in read_lines(lines, name=path, format=input_format, tokenized=self.tokenized):
            tokens = sentence.tokens if input_format == "text" else split_at_spaces(sentence.tokens)
            words = map(normalise, tokens) if self.normalised else iter(tokens)
            while part := list(islice(words, self.longest)):
                yield part


def detect_input_format(path: str, encoding: str | None = None) -> InputFormat:
    """Guess the format of a file from its first lines."""
    first, _ = open_lines(path, name=path, encoding=encoding)
    return guess_format(first, name=path, tags=())


def split_at_spaces(tokens: Sequence[str]) -> list[str]:
    """Split tokens at white space and replace surrogates, so that a file of vectors can hold the words.

    >>> split_at_spaces(("1 000", "francs"))
    ['1', '000', 'francs']
    """
    return " ".join(tokens).encode("utf-8", "replace").decode().split()
