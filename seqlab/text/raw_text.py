"""Files as lists of words, read from disk anew at each pass: what word vectors are trained on."""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

from seqlab.corpus.lines import numbered_lines
from seqlab.errors import CorpusError
from seqlab.text.inputs import InputFormat, guess_format, open_lines, read_lines
from seqlab.text.spelling import normalise

ProgressReport = Callable[[int, int, bool], None]
STEP = 20_000  # words between two reports


class RawText:
    """The sentences of some files, as often as they are gone through; none is kept.

    Args:
        paths: plain text, one sentence a line, or corpora, whose tags are not looked at; gzip or not.
        format: of all files; None tells that of each by its first lines.
        tokenized: text is split at white space alone, else as `seqlab.tag` splits it.
        normalised: words in lower case, with every digit as 0.
        longest: words of a list; a longer sentence comes in several.
        report: told the number of the pass, from 0, its words so far, and whether it has ended.

    Attributes:
        formats: of each path. passes: how many have begun. words: of the last pass.
        error: of a pass after the first, which then ended early. Those may run in a thread whose errors
            nobody sees: the caller asks here.
    """

    def __init__(
        self,
        paths: Sequence[str],
        *,
        format: InputFormat | None = None,
        tokenized: bool = False,
        normalised: bool = True,
        longest: int,
        report: ProgressReport = lambda number, words, ended: None,
    ) -> None:
        self.formats = {path: format or detect_input_format(path) for path in paths}
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
        """All sentences once, reported as they go."""
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
        """The sentences of one file, empty ones left out, long ones in parts."""
        kind, lines = self.formats[path], numbered_lines(path)
        for sentence in read_lines(lines, name=path, format=kind, tokenized=self.tokenized):
            tokens = sentence.tokens if kind == "text" else writable(sentence.tokens)
            words = map(normalise, tokens) if self.normalised else iter(tokens)
            while part := list(islice(words, self.longest)):
                yield part


def detect_input_format(path: str) -> InputFormat:
    """The format of a file, told by its first lines."""
    first, _ = open_lines(path, name=path)
    return guess_format(first, name=path, tags=())


def writable(tokens: Sequence[str]) -> list[str]:
    """Tokens of a corpus as words that a file of vectors can hold: without white space, and Unicode.

    >>> writable(("1 000", "francs"))
    ['1', '000', 'francs']
    """
    return " ".join(tokens).encode("utf-8", "replace").decode().split()
