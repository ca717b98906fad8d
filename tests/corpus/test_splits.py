"""Splits from files: reading, conversion, repair, cut-off splits, and the notes."""

from collections.abc import Callable
from pathlib import Path

import pytest

from seqlab.corpus.reading_options import reading_options
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.splits import VALID_SHARE, load_splits, read_as
from seqlab.errors import CorpusError, SettingsError, UserError

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write_columns(name: str, *sentences: str) -> Path:
        """Each sentence as 'token/tag token/tag'."""
        path = tmp_path / name
        blocks = (sentence.replace(" ", "\n").replace("/", "\t") for sentence in sentences)
        path.write_text("\n\n".join(blocks) + "\n")
        return path

    return write_columns


def many(count: int, pattern: str = "w{}/B-A x/I-A o/O") -> list[str]:
    return [pattern.format(n) for n in range(count)]


def test_three_files_as_they_are(write: Write):
    paths = [
        write("train", "a/B-A b/I-A", "c/O"),
        write("valid", "d/B-A"),
        write("test", "e/B-A"),
    ]
    splits = load_splits(*paths)
    assert [len(part or ()) for part in (splits.train, splits.valid, splits.test)] == [2, 1, 1]
    assert splits.scheme is Scheme.IOB2
    assert splits.notes == ()


def test_valid_is_cut_off_where_there_is_none(write: Write):
    train = write("train", *many(40))
    splits = load_splits(train)
    assert (len(splits.train), len(splits.valid), splits.test) == (34, 6, None)
    assert splits.notes == (
        f"valid: 6 sentences of 40 split off {train}, stratified by class "
        f"(share {VALID_SHARE:g}, seed 1); 34 left",
    )
    assert load_splits(train, seed=2).valid != splits.valid
    assert load_splits(train).valid == splits.valid


def test_documents_stay_whole(write: Write):
    marked = ["-DOCSTART-/O", *(s for s in many(6)), "p/O"]
    path = write("train", *(s.replace("w", f"d{n}-") for n in range(20) for s in marked))
    splits = load_splits(path, test_share=0.2, valid_share=0.1)
    assert splits.notes[1:3] == (
        f"test: 28 sentences of 140 split off {path}, 4 of 20 documents whole, "
        "stratified by class (share 0.2, seed 1); 112 left",
        f"valid: 14 sentences of 140 split off {path}, 2 of 20 documents whole, "
        "stratified by class (share 0.1, seed 1); 98 left",
    )
    parts = (splits.train, splits.valid, splits.test or ())
    documents = [{s.document for s in part} for part in parts]
    assert sorted(number for part in documents for number in part) == list(range(20))


def test_documents_that_are_too_few_are_divided(write: Write):
    path = write("train", "-DOCSTART-/O", *many(20), "-DOCSTART-/O", *many(20, "x{}/B-A"))
    unmarked = write("unmarked", *many(20), *many(20, "x{}/B-A"))
    splits = load_splits(path)
    assert splits.notes[1] == (
        f"valid: 6 sentences of 40 split off {path}, sentence by sentence because 2 documents are too "
        "few, stratified by class (share 0.15, seed 1); 34 left"
    )
    assert [s.tokens for s in splits.valid] == [s.tokens for s in load_splits(unmarked).valid]


def test_both_shares_are_shares_of_the_file(write: Write):
    splits = load_splits(write("train", *many(100)), valid_share=0.2, test_share=0.3)
    assert [len(part or ()) for part in (splits.train, splits.valid, splits.test)] == [50, 20, 30]
    assert [note.partition(" split")[0] for note in splits.notes] == [
        "test: 30 sentences of 100",
        "valid: 20 sentences of 100",
    ]


def test_shares_that_contradict(write: Write):
    train = write("train", *many(9))
    with pytest.raises(SettingsError) as caught:
        load_splits(train, "dev", valid_share=0.2)
    assert str(caught.value) == (
        "valid_share = 0.2 and valid = 'dev' contradict each other; give one of them"
    )
    with pytest.raises(SettingsError, match=r"test_share = 0\.2 and test = 'x'"):
        load_splits(train, None, "x", test_share=0.2)
    for wrong in (0, 1, -0.5, float("nan")):
        with pytest.raises(SettingsError, match=r"valid_share = .* expected a fraction between"):
            load_splits(train, valid_share=wrong)
    with pytest.raises(SettingsError, match="leave nothing to train on; expected a sum below 1"):
        load_splits(train, valid_share=0.5, test_share=0.5)
    with pytest.raises(UserError, match="scheme is 'iobb'"):
        load_splits(train, scheme="iobb")
    with pytest.raises(CorpusError) as single:
        load_splits(write("one", "a/B-A"))
    assert str(single.value).endswith(
        "one: valid: can't split 1 sentences, 1 of them different; expected at least 2 different ones"
    )


def test_illegal_transitions_are_mended_and_counted(write: Write):
    train = write("train", "a/B-A b/I-A", "c/B-A d/I-B e/O", "f/O g/B-A")
    splits = load_splits(train, write("valid", "h/I-A i/I-A", "j/B-A", "k/B-A"))
    assert splits.train[1].tags == ("B-A", "B-B", "O")
    assert splits.valid[0].tags == ("B-A", "I-A")
    assert splits.notes[:2] == (
        "train: illegal transitions of iob2 repaired: 1 tag in 1 sentence",
        "valid: illegal transitions of iob2 repaired: 1 tag in 1 sentence",
    )


@pytest.mark.parametrize(
    ("train", "valid", "note", "tags"),
    [
        (("a/I-A b/I-A c/B-A", "g/O"), ("d/B-A e/I-A f/O",), "iob2 to iob1", ("I-A", "I-A", "O")),
        (("d/B-A e/I-A",), ("a/I-A b/I-A c/B-A",), "iob1 to iob2", ("B-A", "I-A", "B-A")),
        (("d/B-A e/I-A f/O",), ("a/B-A b/E-A c/S-A",), "iobes to iob2", ("B-A", "I-A", "B-A")),
    ],
)
def test_a_legal_validation_file_in_another_scheme_is_converted(
    write: Write, train, valid, note, tags
):
    splits = load_splits(write("train", *train), write("valid", *valid))
    assert splits.valid[0].tags == tags
    assert splits.notes == (f"valid: tags converted from {note}",)


def test_a_validation_file_in_the_wanted_scheme_stays_as_it_is(write: Write):
    train = write("train", "a/I-A b/I-A c/B-A", "g/O")
    splits = load_splits(train, write("valid", "d/B-A e/I-A f/O"), scheme="iob2")
    assert splits.valid[0].tags == ("B-A", "I-A", "O")
    assert splits.notes == ("tags converted from iob1 to iob2",)


def test_conversion_on_request(write: Write):
    train = write("train", "a/I-A b/I-A", "c/I-A d/B-A")
    splits = load_splits(train, write("valid", "e/I-A"), scheme="iobes")
    assert [s.tags for s in splits.train] == [("B-A", "E-A"), ("S-A", "S-A")]
    assert splits.scheme is Scheme.IOBES
    assert splits.notes[0] == "tags converted from iob1 to iobes"
    plain = load_splits(train, write("valid", "e/I-A"), scheme=Scheme.PLAIN)
    assert (plain.scheme, plain.train[0].tags) == (Scheme.PLAIN, ("I-A", "I-A"))
    assert plain.notes == ()


def test_bilou_is_rewritten(write: Write):
    splits = load_splits(write("train", "a/B-A b/L-A c/U-B"), write("valid", "d/S-B"))
    assert splits.train[0].tags == ("B-A", "E-A", "S-B")
    assert splits.scheme is Scheme.IOBES
    assert splits.notes == ("train: BILOU tags L- and U- rewritten as E- and S-",)


def test_tags_that_fit_no_scheme(write: Write):
    mixed = write("mixed", "a/B-A b/O c/O d/LOC", "e/O")
    plain = load_splits(mixed, write("valid", "x/O"), accept=["stray-tags"])
    assert plain.scheme is Scheme.PLAIN
    assert plain.notes[0] == (
        f"train: tags are taken as plain because of tag 'LOC' in the sentence at {mixed}:1, "
        "although 80% of the tokens have span tags"
    )
    with pytest.raises(CorpusError) as caught:
        load_splits(mixed, scheme="iob2", accept=["stray-tags"])
    assert str(caught.value) == (
        f"{mixed}:1: tag 'LOC' is neither O nor PREFIX-TYPE, but scheme "
        "'iob2' needs spans; expected scheme 'plain'"
    )
    valid = write("valid", "x/O y/LOC z/LOC")
    accept = ["stray-tags", "unknown-tags"]
    splits = load_splits(write("train", "a/B-A b/O"), valid, accept=accept)
    assert splits.valid[0].tags == ("O", "B-LOC", "B-LOC")
    assert splits.notes[0] == (
        "valid: tag 'LOC' (2 tokens) is neither O nor PREFIX-TYPE; taken as a span of type 'LOC'"
    )


def test_plain_tags_of_no_doubt_are_not_remarked_on(write: Write):
    splits = load_splits(write("train", "a/NOUN b/VERB"), write("valid", "x/NOUN"))
    assert (splits.scheme, splits.notes) == (Scheme.PLAIN, ())


def test_plain_tags(write: Write):
    splits = load_splits(write("train", *many(40, "w{}/NOUN x/-LRB-")), valid_share=0.25)
    assert (splits.scheme, len(splits.valid)) == (Scheme.PLAIN, 10)


def test_what_was_skipped_is_said(write: Write):
    splits = load_splits(write("train", "-DOCSTART-/O", "a/B-A"), write("valid", "b/B-A"))
    assert splits.notes == ("train: 1 document markers skipped",)


def test_one_corpus_for_a_tagger(write: Write):
    path = write("file", "a/I-A b/I-A", "c/I-A d/B-A")
    sentences, notes = read_as(path, scheme=Scheme.IOB2)
    assert [s.tags for s in sentences] == [("B-A", "I-A"), ("B-A", "B-A")]
    assert notes == ("file: tags converted from iob1 to iob2",)
    assert read_as(path, scheme="plain")[0][0].tags == ("I-A", "I-A")
    few = write("few", "a/B-A b/O c/O d/LOC")
    options = reading_options(accept=["stray-tags"])
    assert read_as(few, scheme="iob2", options=options)[0][0].tags == ("B-A", "O", "O", "B-LOC")
    with pytest.raises(CorpusError, match="tag 'NOUN' is neither O nor PREFIX-TYPE"):
        read_as(write("pos", "a/NOUN b/VERB"), scheme="iob2")
