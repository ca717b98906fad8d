"""The gazetteers of a training: reads their phrases, tokenises them, and measures what they cover."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from seqlab.corpus.splits import Splits
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.gazetteer import Gazetteer, make_gazetteer
from seqlab.errors import CorpusError
from seqlab.experiment.ready_lists import is_ready_list, ready_list
from seqlab.reporting.log import Log
from seqlab.scoring.gazetteer_coverage import (
    GazetteerCoverage,
    measure_coverage,
    suspicious_class,
)
from seqlab.text.lines import numbered_lines
from seqlab.text.token_rules import TokenRules, learn_token_rules
from seqlab.text.tokenise import tokenise

MOST_TOKENS = 100  # in a phrase; a longer line is an error


class ReadList(NamedTuple):
    """A gazetteer, and the number of phrases in its source."""

    phrases: int
    gazetteer: Gazetteer


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
    gazetteers = {name: one.gazetteer for name, one in lists.items()}
    return replace(encoder, gazetteers=gazetteers), warnings


def read_gazetteers(sources: Mapping[str, str], encoder: Encoder) -> dict[str, ReadList]:
    """Read the lists of the setting `gazetteer` for an encoder.

    sources: by the name of a list, a file or a ready list.
    Raises UserError for a file that cannot be read, and for an unknown ready list.
    """
    rules = learn_token_rules(encoder.words.symbols)
    lists = {}
    for name, source in sources.items():
        phrases = read_phrases(source)
        cut = make_gazetteer(cut_phrases(phrases, rules), encoder.unicode_form)
        lists[name] = ReadList(len(phrases), cut)
    return lists


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
    lists: Mapping[str, ReadList], splits: Splits, encoder: Encoder
) -> Iterator[tuple[str, bool]]:
    """Yield lines on what each list covers, and whether the line is a warning."""
    for name, one in lists.items():
        yield (
            f"gazetteer {name!r}: {one.phrases:,} {'phrase' if one.phrases == 1 else 'phrases'}",
            False,
        )
        covered: dict[str, GazetteerCoverage] = {}
        for split in ("train", "valid"):
            covered[split] = measure_coverage(
                one.gazetteer, splits.arrays[split], splits.scheme, encoder.unicode_form
            )
            yield f"  {split}: {covered[split]}", False
        if not covered["train"].matches:
            yield (
                f"gazetteer {name!r} has no phrase that occurs in training: it carries no information",
                True,
            )
        suspect = suspicious_class(covered["train"], covered["valid"])
        if suspect is not None:
            shares = [covered[split].classes[suspect].share or 0 for split in ("train", "valid")]
            yield (
                (
                    f"gazetteer {name!r} covers {shares[0]:.0%} of the {suspect} spans of train, but {shares[1]:.0%} of "
                    "those of valid: it looks made from the training mentions; use a list from another source"
                ),
                True,
            )
