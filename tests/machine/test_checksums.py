"""Checksums against hashlib, computed in one piece."""

import hashlib

from seqlab.machine.checksums import file_sha256, sampled_sha256, text_sha256, word_hashes


def test_a_file_larger_than_a_buffer(tmp_path):
    content = bytes(range(256)) * 5_000
    (tmp_path / "big").write_bytes(content)
    assert file_sha256(tmp_path / "big") == hashlib.sha256(content).hexdigest()


def test_a_text_is_hashed_as_utf_8():
    assert text_sha256("café") == hashlib.sha256("café".encode()).hexdigest()


def test_a_word_has_eight_bytes():
    whole = word_hashes([b"a", b"", b"a"])
    assert len(whole) == 24
    assert whole[:8] == whole[16:] != whole[8:16]


def test_samples_tell_files_of_other_sizes_and_contents_apart(tmp_path):
    def sampled(content):
        (tmp_path / "file").write_bytes(content)
        return sampled_sha256(tmp_path / "file")

    large = bytes(10**6)
    contents = [b"", b"a", b"b", b"a\0", large, large + b"\0", b"a" + large[1:], large[1:] + b"a"]
    sums = [sampled(content) for content in contents]
    assert len(set(sums)) == len(contents)
    assert sampled(b"a") == sums[1]
