"""Damage small valid files of every format and read them: each reading gives sentences or one line of error.

    .venv/bin/python scripts/chaos/read_damaged_files.py [--mutants 2000] [--seed 1] [--format NAME ...]

A mutant is a valid file with one to three faults: flipped bits, cuts, swapped pieces, odd characters, doubled lines
and ids, bytes of another encoding, JSON values of a wrong type. It is read twice: as the format found by looking, and
with its own format. Prints the counts of each format. A fault ends the run of its format with the seed that repeats
it: `--mutants 1 --seed SEED --format NAME`. The exit code is then 1.
"""

import argparse
import json
import multiprocessing
import random
import signal
import sys
import tempfile
import time
import traceback
import warnings
from collections import Counter
from collections.abc import Iterator
from functools import partial
from multiprocessing.sharedctypes import Synchronized
from pathlib import Path
from typing import Any

from seqlab.corpus.reading import Corpus
from seqlab.errors import UserError

sys.path.insert(0, str(Path(__file__).resolve().parent))
from valid_files import ValidFile, put, read_whole, reads, valid_files

LONGEST_READ = 20  # seconds for a file of a few kB
LONGEST_MESSAGE = 1500  # characters, with the path, the fact, and a piece of a line spelled out
CHARACTERS = (
    "\0\t \r\n\x1b\x85\u2028\u200b\ufeff\ud7ff\u0301\U0001f600\u202e\xa0\"'\\{}[],:;<>&%#|*/-"
)
ODD = (
    *CHARACTERS,
    *("-1", "99999999999999999999", "1e999", "NaN", "null", "true", '""', "[]", "{}", "\x1b[31m"),
    *("\\ud800", "\\u0000", "]]>", "<!--", "&#0;", "&lol;", "-DOCSTART-", "B-", "I-X", "T1", "R1"),
)
ENCODINGS = ("latin-1", "utf-16", "utf-16-le", "cp1251", "utf-8-sig", "utf-32", "gb18030")
JSON_VALUES: list[Any] = [
    *(None, True, -1, 0, 7, 10**30, 0.5, float("nan"), float("inf"), "", " ", "x", "\ud800", [], {}),
    *([None], [[]], {"": None}, {"text": 1}, ["a", 1], [[0, 1]], [[0, 1, None]], "B-PER"),
]  # fmt: skip


def damage(content: bytes, generator: random.Random) -> bytes:
    """Apply one fault."""
    faults = [_flip, _flip, _cut, _remove, _swap, _insert, _insert, _double, _other_encoding]
    faults += [_wrong_json] * 4 if content.lstrip()[:1] in (b"{", b"[") else []
    return generator.choice(faults)(content, generator)


def _piece(content: bytes, generator: random.Random, longest: int = 40) -> tuple[int, int]:
    start = generator.randrange(len(content) + 1)
    return start, min(len(content), start + generator.randrange(longest))


def _flip(content: bytes, generator: random.Random) -> bytes:
    changed = bytearray(content)
    for _ in range(generator.choice((1, 1, 3, 20)) if changed else 0):
        changed[generator.randrange(len(changed))] ^= 1 << generator.randrange(8)
    return bytes(changed)


def _cut(content: bytes, generator: random.Random) -> bytes:
    at = generator.randrange(len(content) + 1)
    return content[:at] if generator.random() < 0.8 else content[at:]


def _remove(content: bytes, generator: random.Random) -> bytes:
    start, end = _piece(content, generator)
    return content[:start] + content[end:]


def _swap(content: bytes, generator: random.Random) -> bytes:
    one, two = sorted((_piece(content, generator), _piece(content, generator)))
    if one[1] > two[0]:
        return content[two[0] :] + content[: two[0]]
    first, second = content[slice(*one)], content[slice(*two)]
    return content[: one[0]] + second + content[one[1] : two[0]] + first + content[two[1] :]


def _insert(content: bytes, generator: random.Random) -> bytes:
    at = generator.randrange(len(content) + 1)
    if generator.random() < 0.5:  # at the border of a value, where it acts
        borders = [i for i, byte in enumerate(content) if byte in b'"\t\n ,:[]{}<>']
        at = generator.choice(borders or [at])
    odd = generator.choice(ODD).encode() * generator.choice((1, 1, 1, 2, 3000))
    return content[:at] + odd + content[at:]


def _double(content: bytes, generator: random.Random) -> bytes:
    """Double a line, and with it the id that it holds, or a piece."""
    if generator.random() < 0.6:
        lines = content.splitlines(keepends=True) or [b""]
        at = generator.randrange(len(lines))
        lines.insert(generator.randrange(len(lines) + 1), lines[at])
        return b"".join(lines)
    start, end = _piece(content, generator, 400)
    return content[:end] + content[start:]


def _other_encoding(content: bytes, generator: random.Random) -> bytes:
    """Bring the file, or a part from a line on, into another encoding."""
    text, encoding = content.decode("utf-8", "replace"), generator.choice(ENCODINGS)
    at = generator.choice((0, 0, generator.randrange(len(text) + 1)))
    end = generator.choice((len(text), generator.randrange(at, len(text) + 1)))
    changed = text[at:end].encode(encoding, "replace")
    return text[:at].encode() + changed + text[end:].encode()


def _wrong_json(content: bytes, generator: random.Random) -> bytes:
    """Replace, rename, remove or double one part of a JSON value, on any level."""
    try:
        value = json.loads(content)
        is_lines = False
    except (ValueError, RecursionError):
        try:
            value = [json.loads(line) for line in content.splitlines() if line.strip()]
        except (ValueError, RecursionError):
            return _flip(content, generator)
        is_lines = True
    value = _changed(value, generator)
    parts = value if is_lines and isinstance(value, list) else [value]
    return "\n".join(map(json.dumps, parts)).encode()


def _changed(value: Any, generator: random.Random) -> Any:
    if not isinstance(value, dict | list) or not value or generator.random() < 0.12:
        return generator.choice([*JSON_VALUES, [value], {"text": value}, str(value)])
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    key, chance = generator.choice(keys), generator.random()
    if chance < 0.1:
        del copy[key]
    elif chance < 0.2 and isinstance(copy, dict):
        copy[generator.choice([*keys, "text", "tokens", "label", "id"])] = copy.pop(key)
    elif chance < 0.2:
        copy.insert(key, copy[generator.choice(keys)])
    else:
        copy[key] = _changed(copy[key], generator)
    return copy


def mutant(files: list[ValidFile], seed: int) -> ValidFile:
    """The damaged file of a seed. The files are of one format."""
    generator = random.Random(f"{files[0].format} {seed}")  # noqa: S311
    file = generator.choice(files)
    contents = dict(file.files)
    for _ in range(generator.choice((1, 1, 1, 2, 3))):
        target = generator.choice(sorted(contents))
        if len(contents) > 1 and generator.random() < 0.03:
            del contents[target]
        else:
            contents[target] = damage(contents[target], generator)
    return file._replace(files=contents)


def outcome(read: Any, path: Path) -> str:
    """Read a file: 'read', or 'refused' by one line with its place. Raises AssertionError for anything else."""
    signal.alarm(LONGEST_READ)
    try:
        check(read())
    except UserError as error:
        message = str(error)
        if not message.startswith(str(path.parent)):
            raise AssertionError(f"no place: {message!r}") from None
        if len(message.splitlines()) != 1 or len(message) > LONGEST_MESSAGE:
            raise AssertionError(f"not one line: {message!r}") from None
        return "refused"
    finally:
        signal.alarm(0)
    return "read"


def check(corpus: Corpus) -> None:
    """Raise AssertionError unless the sentences of a corpus are whole."""
    for sentence in corpus:
        if not sentence.tokens or not all(sentence.tokens):
            raise AssertionError(f"empty token in {sentence}")
        if sentence.tags is not None and len(sentence.tags) != len(sentence.tokens):
            raise AssertionError(f"not a tag per token in {sentence}")
        if sentence.text is not None and sentence.offsets is not None:
            cut = tuple(sentence.text[i:j] for i, j in zip(*sentence.offsets, strict=True))
            if len(cut) != len(sentence.tokens):
                raise AssertionError(f"not an offset per token in {sentence}")
    spans = corpus.spans
    if spans is not None and spans.spans != spans.kept + spans.dropped.total():
        raise AssertionError(f"spans got lost: {spans}")


def too_long(*_: object) -> None:
    """Raise AssertionError when a read takes too long."""
    raise AssertionError(f"a read took longer than {LONGEST_READ} s")


def run_format(form: str, seeds: range, place: str, current: "Synchronized[int]") -> None:
    """Read the mutants of a format; prints the counts, and exits with 1 at the first fault."""
    warnings.simplefilter("ignore")
    signal.signal(signal.SIGALRM, too_long)
    folder = Path(place)
    files = [file for file in valid_files(folder / "valid") if file.format == form]
    for number, file in enumerate(files):
        path = put(file, folder / "whole" / str(number))
        check(read_whole(path, form))
    counts: Counter[str] = Counter()
    start = time.monotonic()
    for seed in seeds:
        current.value = seed
        path = put(mutant(files, seed), folder / str(seed))
        for read in reads(path, form):
            try:
                counts[outcome(read, path)] += 1
            except BaseException:
                traceback.print_exc()
                print(f"{form}: seed {seed} fails", flush=True)
                sys.exit(1)
        for one in _below(folder / str(seed)):
            one.rmdir() if one.is_dir() else one.unlink()
    seconds = time.monotonic() - start
    print(
        f"{form}: {len(seeds):,} mutants of {len(files)} files, {counts['read']:,} reads gave sentences, "
        f"{counts['refused']:,} one line of error, in {seconds:.0f} s",
        flush=True,
    )


def _below(folder: Path) -> Iterator[Path]:
    """The folder and all in it, the deepest first."""
    yield from sorted(folder.rglob("*"), reverse=True)
    yield folder


def main() -> int:
    """Run each format in a process of its own, since a damaged file may kill a library of C."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--mutants", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1, help="the first seed; mutant i has seed + i")
    parser.add_argument("--format", nargs="*", help="the formats to damage; by default all")
    options = parser.parse_args()
    seeds = range(options.seed, options.seed + options.mutants)
    context = multiprocessing.get_context("spawn")
    failed = False
    with tempfile.TemporaryDirectory() as folder:
        known = sorted({file.format for file in valid_files(Path(folder) / "known")})
        unknown = set(options.format or ()) - set(known)
        if unknown:
            parser.error(f"unknown format {min(unknown)!r}; expected {', '.join(known)}")
        for form in options.format or known:
            current = context.Value("q", seeds.start)
            place = tempfile.mkdtemp(dir=folder)
            run = partial(run_format, form, seeds, place, current)
            child = context.Process(target=run)
            child.start()
            child.join()
            if child.exitcode not in (0, 1):
                print(f"{form}: seed {current.value} ends the process ({child.exitcode})")
            failed |= child.exitcode != 0
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
