"""Splits from files: reading, conversion, repair, cut-off splits, and the notes."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from seqlab.corpus.cache import Cache
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


def test_classes_of_one_side_are_noted(write: Write):
    """One document of 20 holds the class RARE, in two sentences."""
    texts = [["-DOCSTART-/O", *many(6, f"d{n}-{{}}/B-A x/O")] for n in range(20)]
    texts[7] += ["r/B-RARE x/O", "s/B-RARE x/O"]
    splits = load_splits(write("train", *(text for document in texts for text in document)))
    assert splits.notes[-1] == (
        "valid: classes on one side only, as too few documents hold them: 'RARE'"
    )


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
    for valid, test in ((0.5, 0.5), (None, 0.85)):
        with pytest.raises(SettingsError) as caught:
            load_splits(train, valid_share=valid, test_share=test)
        assert str(caught.value) == (
            f"test_share {test} and valid_share {valid or 0.15} leave nothing to train on; "
            "expected a sum below 1"
        )
    with pytest.raises(UserError, match="scheme is 'iobb'"):
        load_splits(train, scheme="iobb")
    one = write("one", "a/B-A")
    with pytest.raises(CorpusError) as single:
        load_splits(one)
    assert str(single.value) == (
        f"{one}: valid: can't split 1 sentences, 1 of them different; expected at least 2 different ones"
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
    train = write("train", "-DOCSTART-/O", "a/B-A")
    valid = write("valid", "-DOCSTART-/O", "b/B-A", "-DOCSTART-/O", "c/B-A")
    assert load_splits(train, valid).notes == (
        "train: 1 document markers skipped",
        "valid: 2 document markers skipped",
    )
    assert read_as(valid, scheme="iob2")[1] == ("valid: 2 document markers skipped",)


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


def test_a_cached_corpus_is_not_split(write: Write, tmp_path: Path):
    train, cache = write("train", *many(9)), tmp_path / "cache"
    fact = f"cache is {str(cache)!r}, and a cached corpus cannot be split"
    with pytest.raises(SettingsError) as caught:
        load_splits(train, cache=cache)
    assert str(caught.value) == f"{fact}; give --valid"
    with pytest.raises(SettingsError) as caught:
        load_splits(train, write("valid", "a/O"), test_share=0.2, cache=str(cache))
    assert str(caught.value) == f"{fact}; give --test"
    assert not cache.exists()
    with pytest.raises(UserError) as wrong:
        load_splits(train, write("valid", "a/O"), cache=7)
    assert str(wrong.value) == "expected the path of the cache, found int 7"


def test_a_cached_corpus_gives_the_same_splits(write: Write, tmp_path: Path):
    train = write("train", "-DOCSTART-/O", "a/I-A b/I-A c/B-A", "d/I-B", "B/I-O e/L-A")
    valid = write("valid", "e/I-A f/O")
    for scheme in (None, "iobes"):
        plain = load_splits(train, valid, scheme=scheme)
        said: list[str] = []
        cache = Cache(folder=tmp_path / f"cache-{scheme}", say=said.append)
        cached = load_splits(train, valid, scheme=scheme, cache=cache)
        assert len(said) == 1
        assert (tuple(cached.train), cached.valid) == (tuple(plain.train), plain.valid)
        assert (cached.scheme, cached.notes) == (plain.scheme, plain.notes)
        assert {name: a.counts_by_tag() for name, a in cached.arrays.items()} == {
            name: a.counts_by_tag() for name, a in plain.arrays.items()
        }


def test_each_split_has_arrays_with_features_and_numbers(write: Write):
    train = write("train", "a/x/1/B-A b/y/2/O")
    valid, test = write("valid", "c/x/3/B-A"), write("test", "d/y/4/O e/x/5/O")
    columns = {"feature_columns": {"shape": 1}, "numeric_columns": {"size": 2}}
    splits = load_splits(train, valid, test, **columns)
    assert {name: a.counts_by_tag() for name, a in splits.arrays.items()} == {
        "train": {"B-A": 1, "O": 1},
        "valid": {"B-A": 1},
        "test": {"O": 2},
    }
    assert splits.train[0].features == {"shape": ("x", "y")}
    assert splits.train[0].numbers == {"size": (1.0, 2.0)}
    assert list(splits.arrays["valid"].features) == ["shape"]
    assert list(splits.arrays["valid"].numbers) == ["size"]
    assert splits.spans == {}


def test_token_weights_are_read_for_training_and_validation_alone(write: Write):
    paths = [write(name, f"{name}/0.5/B-A") for name in ("train", "valid", "test")]
    splits = load_splits(*paths, token_weight_column=1)
    parts = (splits.train, splits.valid, splits.test or ())
    assert [part[0].token_weights for part in parts] == [(0.5,), (0.5,), None]


def test_equal_files_are_refused_or_noted(write: Write):
    train = write("train", "a/B-A b/O", "c/O")
    with pytest.raises(CorpusError) as caught:
        load_splits(train, train)
    fact = "valid holds the same 2 sentences as train: training sees what is scored"
    advice = "give another file, or leave out --valid; --accept same-files goes on as it is"
    assert str(caught.value) == f"{train}: {fact}; {advice}"
    assert load_splits(train, train, accept=["same-files"]).notes == (
        f"{train}: {fact} (accepted: same-files)",
        f"valid: 2 sentences are also in train: 'a b' ({train}:1 = {train}:1), "
        f"'c' ({train}:4 = {train}:4)",
    )


def test_unknown_tags_and_tags_that_measure_are_noted(write: Write):
    train, valid = write("train", "a/0.5 b/1"), write("valid", "c/0.5 d/1 e/1 f/2")
    splits = load_splits(train, valid, accept=["unknown-tags"])
    assert splits.notes[-2:] == (
        "train: all tags are numbers, such as '0.5'; if the tags are in another column, "
        "give --tag-column, and --token-weight-column for weights",
        "valid: tag '2' (1 token) is not one of the 2 training tags; it will be scored as missed",
    )
    other = write("other", "c/X d/Y e/0.5")
    with pytest.raises(CorpusError) as caught:
        load_splits(train, other)
    assert str(caught.value) == (
        f"{other}: 66.7% of the tokens have tags that training lacks, such as 'X', 'Y'; give --tag-column "
        "if the tags are in another column; --accept unknown-tags goes on as it is"
    )


def test_what_became_of_annotated_spans_is_kept_by_split(tmp_path: Path):
    paths = []
    for name, text in (("train", "Ann met Bob ."), ("valid", "Bob slept .")):
        path = tmp_path / f"{name}.jsonl"
        span = {"start": 0, "end": 3, "label": "PER"}
        path.write_text(json.dumps({"text": text, "spans": [span]}) + "\n")
        paths.append(path)
    splits = load_splits(*paths, write_none(tmp_path))
    assert {name: (r.spans, r.kept) for name, r in splits.spans.items()} == {
        "train": (1, 1),
        "valid": (1, 1),
    }


def write_none(folder: Path) -> Path:
    """A test split of tokens, which has no report."""
    path = folder / "test.conll"
    path.write_text("Cay\tB-PER\n")
    return path


def test_checks_of_each_file_note_or_stop(write: Write):
    """50 sentences of one token are noted, for training, for validation, and for a tagger."""
    short = write("short", *many(50, "w{}/B-A"))
    long = write("long", "a/B-A b/B-A")
    note = f"{short}: all 50 sentences have one token; keep the blank lines between sentences only"
    assert load_splits(short, long).notes == (note,)
    assert load_splits(long, short).notes == (note,)
    assert read_as(short, scheme="iob2")[1] == (note,)
    inside = write("inside", *many(50, "w{}/I-A"))
    stopped = (
        f"{inside}: all 50 sentences have one token; keep the blank lines between sentences only; "
    )
    for work in (
        lambda: load_splits(inside, long),
        lambda: load_splits(long, inside),
        lambda: read_as(inside, scheme="iob2"),
    ):
        with pytest.raises(CorpusError) as caught:
            work()
        assert str(caught.value) == f"{stopped}--accept one-token goes on as it is"


def test_checks_know_the_wanted_scheme(write: Write):
    """Tags in brackets are read as they are when plain tags are wanted, and stop otherwise."""
    tags = "a/(A* b/*) c/* d/(B*)"
    train, valid = write("train", tags), write("valid", tags.replace("a", "e"))
    spans = write("spans", "a/B-A b/O")
    assert load_splits(train, valid, scheme="plain").train[0].tags == ("(A*", "*)", "*", "(B*)")
    assert read_as(train, scheme="plain")[0][0].tags == ("(A*", "*)", "*", "(B*)")
    for work in (
        lambda: load_splits(train, valid),
        lambda: load_splits(spans, valid),
    ):
        with pytest.raises(CorpusError, match=r"goes on as it is$"):
            work()


def test_checks_know_the_chosen_columns(write: Write):
    """Numbers as tokens stop the reading, unless the column was chosen."""
    numbered = many(12, "{0}/w{0}/B-A {0}/x/O")
    train, valid = (
        write("train", *numbered),
        write("valid", *(s.replace("w", "v") for s in numbered)),
    )
    words = write("words", *many(12, "w{0}/{0}/B-A x/{0}/O"))
    for work in (
        lambda: load_splits(train, words),
        lambda: load_splits(words, valid),
        lambda: read_as(train, scheme="iob2"),
    ):
        with pytest.raises(CorpusError, match=r"goes on as it is$"):
            work()
    chosen = reading_options(token_column=0)
    splits = load_splits(train, valid, token_column=0, accept=["same-files"])
    assert splits.train[3].tokens == ("3", "3")
    assert read_as(train, scheme="iob2", options=chosen)[0][3].tokens == ("3", "3")


def test_the_notes_of_one_corpus_name_the_file(write: Write):
    _, notes = read_as(write("file", "-DOCSTART-/O", "a/B-A b/I-A c/I-B", "d/B-A"), scheme="iob2")
    assert notes == (
        "file: 1 document markers skipped",
        "file: illegal transitions of iob2 repaired: 1 tag in 1 sentence",
    )


def test_tags_that_the_network_knows_are_not_unknown(write: Write):
    train, valid = write("train", "a/B-A b/O"), write("valid", "c/B-C d/B-D e/O f/O")
    splits = load_splits(train, valid, known_tags=iter(["B-C", "B-A"]))
    assert splits.notes == (
        "valid: tag 'B-D' (1 token) is not one of the 3 training tags; nearest: 'B-C'; "
        "it will be scored as missed",
    )
    assert splits.arrays["train"].counts_by_tag() == {"B-A": 1, "O": 1}
