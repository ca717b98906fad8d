"""Damaged files of every format: a result or a CorpusError of one line, never anything else."""

import gzip
import io
import random
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import load_splits
from seqlab.corpus.writing import write_corpus
from seqlab.errors import UserError
from seqlab.text.lines import numbered_lines
from tests.corpus.streams import read_stream

SENTENCES = [
    Sentence(
        tokens=("Größe", "\u200bx", "#", "New\u00a0York", "😀"),
        tags=("O", "B-PER", "I-PER", "O", "B-LOC"),
        weight=0.5,
    ),
    Sentence(tokens=("to", "Paris"), tags=("O", "B-LOC"), token_weights=(1.0, 2.0)),
    Sentence(tokens=("#",), tags=("O",), metadata={"id": "7"}),
] * 2
UNWEIGHTED = [Sentence(tokens=s.tokens, tags=s.tags) for s in SENTENCES]

TEXTS = [Format.CONLL, Format.CONLLU, Format.JSONL, Format.PARALLEL, Format.CSV]


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[Format, bytes]:
    folder = tmp_path_factory.mktemp("whole")
    contents = {}
    for kind in (Format.CONLL, Format.CONLLU, Format.JSONL):
        write_corpus(SENTENCES, folder / kind.value, format=kind)
        contents[kind] = (folder / kind.value).read_bytes()
    quotes = Sentence(tokens=('"', ",", "a\nb", "nan"), tags=("O", "B-PER", "I-PER", "O"))
    write_corpus([*UNWEIGHTED, quotes], folder / "x.csv", format=Format.CSV)
    contents[Format.CSV] = (folder / "x.csv").read_bytes()
    write_corpus(UNWEIGHTED, folder / "pair", format=Format.PARALLEL)
    contents[Format.PARALLEL] = (folder / "pair" / "seq.in").read_bytes()
    return contents


def survives(data: bytes, format: Format | None, tagged: bool = True) -> None:
    said = fault(
        lambda: list(read_stream(io.BytesIO(data), name="x", format=format, tagged=tagged))
    )
    assert said is None or (said.startswith("x") and "\n" not in said)


def fault(read: Callable[[], object]) -> str | None:
    """The text of a UserError, or None; any other exception fails the test."""
    try:
        read()
    except UserError as error:
        return str(error)
    return None


@pytest.mark.parametrize("format", TEXTS)
def test_cut_at_any_byte(whole, format):
    data = whole[format]
    tagged = format is not Format.PARALLEL
    packed = gzip.compress(data)
    for end in range(len(data) + 1):
        survives(data[:end], None, tagged=tagged)
        survives(data[:end], format, tagged=tagged)
    for end in range(len(packed)):
        survives(packed[:end], None, tagged=tagged)


@given(st.data(), st.sampled_from(TEXTS), st.sampled_from([None, *TEXTS]))
@settings(max_examples=400)
def test_flipped_bytes_in_any_format_read_as_any_other(whole, data, format, read_as):
    content = bytearray(whole[format])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=6)):
        content[place] = data.draw(st.integers(0, 255) | st.sampled_from(b'\t\n\r #",;{}[]\\-.'))
    survives(bytes(content), read_as, tagged=data.draw(st.booleans()) and read_as != "parallel")


@given(st.binary(max_size=200), st.sampled_from([None, *TEXTS]))
def test_any_bytes(data, format):
    survives(data, format, tagged=False)


def damaged(line: bytes, generator: random.Random) -> bytes:
    """The line with columns removed, doubled or shuffled."""
    separator = b"\t" if b"\t" in line else b" "
    cells = line.split(separator)
    if generator.random() < 0.5:
        generator.shuffle(cells)
    elif generator.random() < 0.5:
        del cells[generator.randrange(len(cells))]
    else:
        cells.append(generator.choice(cells))
    return separator.join(cells)


@given(st.randoms(use_true_random=False), st.sampled_from([None, Format.CONLL, Format.CONLLU]))
@settings(max_examples=150)
def test_columns_removed_and_shuffled(whole, generator, read_as):
    lines = whole[generator.choice([Format.CONLL, Format.CONLLU])].split(b"\n")
    rate = generator.choice([0.05, 0.5, 1.0])
    found = [damaged(line, generator) if generator.random() < rate else line for line in lines]
    survives(b"\n".join(found), read_as, tagged=generator.random() < 0.7)


REAL = [
    "wnut17/emerging.dev.conll",
    "ud_french_sequoia/fr_sequoia-ud-dev.conllu",
    "sec_filings/CONLL-format/data/test/FIN3.txt",
]


@pytest.mark.parametrize("file", REAL)
@given(st.randoms(use_true_random=False))
@settings(max_examples=25)
def test_real_files_cut_flipped_and_split(shared_data, tmp_path_factory, file, generator):
    data = bytearray(real_bytes(shared_data / file))
    start = generator.randrange(len(data))
    piece = data[start : start + generator.randrange(6000)]
    for _ in range(generator.choice([0, 0, 1, 5])):
        if piece:
            piece[generator.randrange(len(piece))] = generator.randrange(256)
    path = tmp_path_factory.mktemp("cut") / "x.conll"
    path.write_bytes(piece)
    for load in (read_corpus, load_splits, lambda p: load_splits(p, p, scheme="iobes")):
        said = fault(partial(load, path))
        assert said is None or (str(path) in said and "\n" not in said)


CACHE: dict[object, bytes] = {}


def real_bytes(path) -> bytes:
    if path not in CACHE:
        CACHE[path] = "\n".join(line for _, line in numbered_lines(path)).encode()
    return CACHE[path]
