"""Every format of word vectors gives the written numbers, and every damaged file one line."""

import gzip
import random
import struct

import numpy as np
import pytest

from seqlab.encoding.vector_file import load_vectors
from seqlab.errors import VectorsError

ROWS = {"the": (1.0, -2.5, 0.25), "Paris": (3.0, 4.0, 5.5), "paris": (0.5, 0.5, 8.0)}
LINES = "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in ROWS.items()).encode()
TEXT = b"3 3\n" + LINES
BINARY = b"3 3\n" + b"".join(
    word.encode() + b" " + struct.pack("<3f", *row) + b"\n" for word, row in ROWS.items()
)
FORMATS = {
    "word2vec.txt": TEXT,
    "word2vec.bin": BINARY,
    "without_newlines.bin": b"3 3\n" + BINARY[4:].replace(b"\n", b""),
    "glove.txt": LINES,
    "fasttext.vec": TEXT.replace(b"\n", b" \n").replace(b"3 3 ", b"3 3"),
    "word2vec.txt.gz": gzip.compress(TEXT),
    "word2vec.bin.gz": gzip.compress(BINARY),
    "glove.txt.gz": gzip.compress(LINES),
    "dos.txt": TEXT.replace(b"\n", b"\r\n"),
    "no_last_newline.txt": TEXT[:-1],
    "gzip_without_the_name.txt": gzip.compress(TEXT),
    "name_without_the_gzip.txt.gz": TEXT,
    "tab_after_word.txt": b"".join(line.replace(b" ", b"\t", 1) for line in LINES.splitlines(True)),
    "tab_after_word_with_header.txt": TEXT.replace(b"the ", b"the\t").replace(
        b"paris ", b"paris\t"
    ),
}


@pytest.fixture
def write(tmp_path):
    def write(name, data):
        (tmp_path / name).write_bytes(data)
        return str(tmp_path / name)

    return write


def refusal(path, **options):
    """Return the error for a file, without its path."""
    with pytest.raises(VectorsError) as caught:
        load_vectors(path, **options)
    message = str(caught.value)
    assert message.startswith(path)
    assert "\n" not in message
    return message.removeprefix(path)


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_gives_the_numbers_written(write, name):
    vectors = load_vectors(write(name, FORMATS[name]))
    assert vectors.dim == 3
    assert vectors.vectors.dtype == np.float32
    assert {
        word: tuple(vectors.vectors[row].tolist()) for word, row in vectors.rows.items()
    } == ROWS


@pytest.mark.parametrize("name", FORMATS)
def test_limit_reads_the_first_rows(write, name):
    vectors = load_vectors(write(name, FORMATS[name]), limit=2)
    assert list(vectors.rows) == ["the", "Paris"]
    assert vectors.vectors.tolist() == [list(ROWS["the"]), list(ROWS["Paris"])]


def test_a_limit_reaches_past_a_cut(write):
    vectors = load_vectors(write("cut.txt", TEXT[:-12]), limit=2)
    assert list(vectors.rows) == ["the", "Paris"]


def test_oddities_that_are_read(write):
    numbers = load_vectors(write("numbers.txt", b"2 2\n5 1 2\n7 3 4\n"))  # words that are numbers
    assert dict(numbers.rows) == {"5": 0, "7": 1}
    assert numbers.vectors.tolist() == [[1, 2], [3, 4]]
    assert load_vectors(write("thin.txt", b"2 1\na 1\nb 2\n")).vectors.tolist() == [[1], [2]]
    hard_space = load_vectors(write("nbsp.txt", "a\u00a0b 1 2\nc 3 4\n".encode()))
    assert list(hard_space.rows) == ["a\u00a0b", "c"]
    same = load_vectors(write("same.txt", b"a 1 1\nb 0 0\nc 1 2\n"))  # equal numbers, all written
    assert same.vectors.tolist() == [[1, 1], [0, 0], [1, 2]]
    zeros = load_vectors(write("zeros.txt", b"2 2\nNew York 0 0\nb 1 2\n"))
    assert list(zeros.rows) == ["New York", "b"]
    bad_bytes = load_vectors(write("latin1.txt", b"2 2\ncaf\xe9 1 2\nb 3 4\n"))
    assert list(bad_bytes.rows) == ["caf\ufffd", "b"]


@pytest.mark.parametrize("header", [b"", b"4 2\n"])
@pytest.mark.parametrize("packed", [False, True])
def test_words_may_hold_spaces(write, header, packed):
    data = header + b"a 1 2\n. . . 3 4\nat name@domain.com 5 6\na 7 8\n"
    path = write("glove.gz", gzip.compress(data)) if packed else write("glove.txt", data)
    vectors = load_vectors(path)
    assert dict(vectors.rows) == {"a": 0, ". . .": 1, "at name@domain.com": 2}
    assert vectors.vectors.tolist() == [[1, 2], [3, 4], [5, 6]]
    assert vectors.vectors.dtype == np.float32
    assert list(load_vectors(path, limit=2).rows) == ["a", ". . ."]


@pytest.mark.parametrize("name", ["twice.txt", "twice.bin"])
def test_a_repeated_word_keeps_its_first_vector_and_leaves_no_gap(write, name):
    data = (BINARY if name.endswith("bin") else TEXT).replace(b"Paris", b"the")
    vectors = load_vectors(write(name, data))
    assert dict(vectors.rows) == {"the": 0, "paris": 1}
    assert vectors.vectors.tolist() == [list(ROWS["the"]), list(ROWS["paris"])]


def test_a_header_with_too_few_rows_is_accepted_with_a_limit(write):
    assert list(load_vectors(write("less.txt", b"2" + TEXT[1:]), limit=2).rows) == ["the", "Paris"]


FIRST_LINE = ":1: expected a word and its numbers, or 'rows dimensions'"
MARK = ":1: begins with a byte order mark; expected UTF-8 without one"
NOTHING = ": holds no word vectors; expected lines of a word and numbers, separated by spaces"
SAYS = ":1: the header says"
DAMAGED = {
    "empty.txt": (b"", FIRST_LINE),
    "blank.txt": (b"\n\n\n", FIRST_LINE),
    "zeros.bin": (b"\0" * 200, FIRST_LINE),
    "prose.txt": (b"It was the best of times,\nit was the worst of times\n", FIRST_LINE),
    "bom.txt": (b"\xef\xbb\xbf" + TEXT, MARK),
    "bom_without_header.txt": (b"\xef\xbb\xbf" + LINES, MARK),  # its first word would be lost
    "negative.txt": (b"-3" + TEXT[1:], FIRST_LINE),
    "long_number.txt": (b"1" * 5000 + b" 2\n", FIRST_LINE),
    "no_rows.txt": (b"0 5\n", NOTHING),
    "one_more.txt": (b"4" + TEXT[1:], f"{SAYS} 4 rows, but the file holds 3"),
    "one_more.bin": (b"4" + BINARY[1:], f"{SAYS} 4 rows of 3 numbers, but the file ends in row 4"),
    "one_less.txt": (b"2" + TEXT[1:], f"{SAYS} 2 rows, but the file holds more; --"),
    "one_less.bin": (b"2" + BINARY[1:], f"{SAYS} 2 rows of 3 numbers, but the file holds more; --"),
    "one_less.txt.gz": (gzip.compress(b"2" + TEXT[1:]), f"{SAYS} 2 rows, but the file holds more; --"),
    "thinner.bin": (
        b"2 2\n" + BINARY[4:],  # could be misread as other words
        f"{SAYS} 2 rows of 2 numbers, but the file holds more; --",
    ),
    "one_less_with_spaces.txt": (
        b"1 2\nNew York 1 2\na 3 4\n",
        f"{SAYS} 1 row, but the file holds more; --vectors-limit",
    ),
    "many_more.txt": (
        b"2000000000 3\n" + LINES,
        f"{SAYS} 2000000000 rows of 3 numbers, but the file is shorter",
    ),
    "beyond_memory.bin": (
        b"9" * 20 + BINARY[1:],
        f"{SAYS} {'9' * 20} rows of 3 numbers, but the file is shorter",
    ),
    "beyond_memory.txt.gz": (
        gzip.compress(b"3 99999999999999\n" + LINES),
        f"{SAYS} 3 rows of 99999999999999 numbers, but the file is shorter",
    ),
    "too_few_dimensions.txt": (b"3 2\n" + LINES, ":2: expected 2 numbers, found 3: 'the"),
    "too_many_dimensions.txt": (b"3 4\n" + LINES, ":2: expected 4 numbers, found 3: 'the"),
    "text_as_long_as_binary.txt": (  # could be misread as binary numbers
        b"2 4\n" + b"".join(b"word%d 0.125 0.250 0.375\n" % row for row in range(9)),
        ":2: expected 4 numbers, found 3",
    ),
    "cut.bin": (BINARY[:-6], f"{SAYS} 3 rows of 3 numbers, but the file ends in row 3"),
    "no_dimensions.bin": (b"1000000000 0\nabc", NOTHING),
    "space.txt": (b"a 1 2\nNew York 3 x\n", ":2: expected a number, found 'x': 'New York 3 x'"),
    "tabs.txt": (b"a\t1\t2\nb\t3\t4\n", NOTHING),
    "tabs_with_header.txt": (b"2 2\na\t1\t2\nb\t3\t4\n", ":2: expected 2 numbers, found 0"),
    "words.txt": (b"a 1 2\nb x y\n", ":2: expected a number, found 'x': 'b x y'"),
    "one_number_more.txt": (b"a 1 2\nb 3 4 5\n", ":2: expected 2 numbers, found 3: 'b 3 4 5'"),
    "one_number_left.txt": (b"a 1 2 3\nb 4\n", ":2: expected 3 numbers, found 1"),
    "one_number_left_header.txt": (b"2 3\na 1 2 3\nb 4\n", ":3: expected 3 numbers, found 1"),
    "blank_line.txt": (b"a 1 2\n\nb 3 4\n", ":2: expected 2 numbers, found 0: ''"),
    "nan.txt": (b"a 1 nan\nb 1 2\n", ":1: expected a finite number, found 'nan'"),
    "inf.txt": (b"2 2\na 1 -inf\nb 1 2\n", ":2: expected a finite number, found '-inf'"),
    "beyond_float32.txt": (b"a 1 1e40\nb 1 2\n", ":1: expected a finite number, found '1e40'"),
    "nan.bin": (b"1 2\na " + struct.pack("<2f", 1, np.nan), ": a number is not finite; expected finite numbers"),
    "tabs_and_spaces.txt": (b"a\t1\t2 3\nb 4 5\n", ":2: expected 1 number, found 2: 'b 4 5'"),
    "cut.txt.gz": (gzip.compress(LINES * 99)[:-20], ": cannot be read: Compressed file ended before"),
    "cut_head.txt.gz": (gzip.compress(TEXT)[:12], ": cannot be read: "),
    "checksum.txt.gz": (gzip.compress(TEXT)[:-6] + b"000000", ": cannot be read: "),
    "garbled.txt.gz": (gzip.compress(TEXT)[:10] + b"\xff" * 40, ": cannot be read: Error -3"),
}  # fmt: skip


@pytest.mark.parametrize("name", DAMAGED)
def test_damage_is_reported_in_one_line(write, name):
    data, expected = DAMAGED[name]
    assert refusal(write(name, data)).startswith(expected)


def test_a_missing_file_is_reported(tmp_path):
    (tmp_path / "folder").mkdir()
    for name in ("folder", "missing.txt"):
        assert refusal(str(tmp_path / name)) == ": no such file of word vectors"
    (tmp_path / "vectors.txt").touch()
    assert refusal(str(tmp_path / "vektors.txt")) == (
        ": no such file of word vectors; nearest: 'vectors.txt'"
    )


@pytest.mark.parametrize("name", ["word2vec.txt", "word2vec.bin", "glove.txt", "word2vec.txt.gz"])
def test_a_file_cut_or_garbled_anywhere_is_read_or_refused(write, name):
    data, dice = FORMATS[name], random.Random(5)  # noqa: S311  (no secret)
    broken = [data[:length] for length in range(len(data))]
    for _ in range(150):
        copy = bytearray(data)
        for _ in range(dice.randint(1, 3)):
            copy[dice.randrange(len(copy))] = dice.randrange(256)
        broken.append(bytes(copy))
    messages = []
    for each in broken:
        path = write(name, each)
        try:
            vectors = load_vectors(path)
        except VectorsError as error:
            messages.append(str(error))
        else:
            assert len(vectors.rows) == len(vectors.vectors)
            assert np.isfinite(vectors.vectors).all()
    assert all(message.startswith(path) and "\n" not in message for message in messages)
    assert len(messages) > 50


@pytest.mark.bits("copied")
@pytest.mark.parametrize("largest", [2e30, -3e38])
def test_numbers_whose_sums_float32_cannot_hold_are_refused(write, largest):
    text = write("a.txt", f"a 1 {largest}\nb 2 3\n".encode())
    assert refusal(text) == f": holds the number {largest:g}; expected numbers from -1e+30 to 1e+30"
    row = np.array([1, largest], "<f4").tobytes()
    binary = write("a.bin", b"1 2\na " + row)
    assert refusal(binary) == (
        f": holds the number {np.float32(largest):g}; expected numbers from -1e+30 to 1e+30"
    )
