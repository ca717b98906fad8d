"""The gazetteers of a training: reads their phrases, tokenises them, and measures what they cover."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from seqlab.corpus.splits import Splits
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.gazetteer import Gazetteers
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.errors import CorpusError
from seqlab.experiment.ready_lists import is_ready_list, ready_list
from seqlab.reporting.log import Log
from seqlab.scoring.gazetteer_coverage import coverage_warnings, measure_coverage
from seqlab.text.lines import numbered_lines
from seqlab.text.token_rules import TokenRules, learn_token_rules
from seqlab.text.tokenise import tokenise

MOST_TOKENS = 100  # in a phrase; a longer line is an error


class ReadLists(NamedTuple):
    """Gazetteers, and the number of phrases in the source of each."""

    phrases: Mapping[str, int]
    gazetteers: Gazetteers


def with_gazetteers(
    sources: Mapping[str, str], encoder: Encoder, splits: Splits, log: Log
) -> tuple[Encoder, list[str]]:
    """The encoder with the lists of the setting `gazetteer`, and the warnings on them. What they cover goes to the log.

    Raises UserError as `read_gazetteers` does.
    """
    lists, warnings = read_gazetteers(sources, encoder), []
    for line, is_warning in coverage_notes(lists, splits, encoder):
        log(f"note: {line}" if is_warning else line)
        if is_warning:
            warnings.append(line)
    return replace(encoder, gazetteers=lists.gazetteers), warnings


def read_gazetteers(sources: Mapping[str, str], encoder: Encoder) -> ReadLists:
    """Read the lists of the setting `gazetteer` for an encoder.

    sources: by the name of a list, a file or a ready list.
    Raises UserError for a file that cannot be read, for an unknown ready list, and for too many lists.
    """
    rules = learn_token_rules(encoder.words.symbols)
    phrases = {name: read_phrases(source) for name, source in sources.items()}
    cut = {name: cut_phrases(own, rules) for name, own in phrases.items()}
    counts = {name: len(own) for name, own in phrases.items()}
    return ReadLists(counts, make_gazetteers(cut, encoder.unicode_form))


def read_phrases(source: str) -> Sequence[str]:
    """The phrases of a file, one per line, or of a ready list.

    Raises CorpusError for a file that cannot be read, has no phrase, or a line that is no phrase.
    """
    return ready_list(source) if is_ready_list(source) else list(file_phrases(source))


def file_phrases(path: str) -> Iterator[str]:
    """Yield the phrases of a file, gzip or not, without empty lines. Raises CorpusError as `read_phrases` does."""
    count = 0
    for number, line in numbered_lines(path):
        phrase = line.strip()
        if not phrase:
            continue
        if "\t" in phrase:
            fact = "a TAB within the line; expected one phrase per line"
            raise CorpusError(fact, path=path, line=number, text=line)
        if phrase.count(" ") >= MOST_TOKENS:
            fact = f"a line of more than {MOST_TOKENS} words; expected one phrase per line"
            raise CorpusError(fact, path=path, line=number)
        count += 1
        yield phrase
    if not count:
        raise CorpusError("holds no phrase; expected one phrase per line", path=path)


def cut_phrases(phrases: Iterable[str], rules: TokenRules) -> Iterator[Sequence[str]]:
    """Yield the tokens of each phrase: as text with the corpus's rules, as text without them, and cut at white space.

    Corpora differ in whether `St.` and `Alzheimer's` are one token. A phrase is found however the corpus has it.
    """
    for phrase in phrases:
        by_space = tuple(phrase.split())
        yield by_space
        if not phrase.replace(" ", "").isalnum() or not phrase.isascii():
            yield from {tokenise(phrase, rules), tokenise(phrase)} - {by_space}


def coverage_notes(
    lists: ReadLists, splits: Splits, encoder: Encoder
) -> Iterator[tuple[str, bool]]:
    """Yield lines on what each list covers, and whether the line is a warning."""
    covered = {
        split: measure_coverage(
            lists.gazetteers, splits.arrays[split], splits.scheme, encoder.unicode_form
        )
        for split in ("train", "valid")
    }
    for name, phrases in lists.phrases.items():
        train, valid = covered["train"][name], covered["valid"][name]
        yield f"gazetteer {name!r}: {phrases:,} {'phrase' if phrases == 1 else 'phrases'}", False
        yield f"  train: {train}", False
        yield f"  valid: {valid}", False
        for warning in coverage_warnings(name, train, valid):
            yield warning, True
