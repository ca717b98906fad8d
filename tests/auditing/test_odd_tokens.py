from types import SimpleNamespace

import pytest

from seqlab.auditing.odd_tokens import find_odd_tokens, oddity
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.reading import read_corpus
from tests.auditing.hand import sentence


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("word", None),
        ("New York", None),
        ("\u00a0", "white space"),
        ("\u3000\u3000", "white space"),
        ("1\u00a0000", None),  # a space, as French writes it
        ("\U0001f469\u200d\U0001f52c", None),  # two emoji, joined
        ("\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", None),  # Persian
        ("a\u200bb", "invisible characters"),
        ("\ufeff", "invisible characters"),
        ("x\ufffd", "undecodable"),
        ("x" * 50, None),
        ("x" * 51, "very long"),
        ("http://" + "x" * 50, "long address"),
    ],
)
def test_oddity(token, kind):
    assert oddity(token) == kind


def view(sentences):
    """A split with the fields that `find_odd_tokens` reads."""
    return SimpleNamespace(sentences=sentences, arrays=corpus_arrays(sentences))


def test_they_are_counted_by_kind_with_their_places(shared_data):
    path = shared_data / "wnut17" / "emerging.dev.conll"
    found = find_odd_tokens(view(read_corpus(path).sentences))
    assert {kind: f.tokens for kind, f in found.items()} == {
        "invisible characters": 2,
        "very long": 1,
    }
    example = found["invisible characters"].examples[0]
    assert (example.token, example.source) == ("watched\u200bwas", f"{path}:15546")


def test_a_split_without_any():
    assert find_odd_tokens(view((sentence("a/O b/O"),))) == {}
