"""Sentences built by a caller: every public function reports a mistake in one line."""

import numpy as np
import pytest

from seqlab import Sentence, UserError, fit_encoder, read_corpus, write_corpus
from seqlab.corpus.corpus_arrays import corpus_arrays
from seqlab.corpus.sentence_checks import check_sentences

GOOD = Sentence(tokens=("a", "b"), tags=("X", "Y"))
FORMATS = ("conll", "conllu", "jsonl", "parallel")


def made(**changed):
    return Sentence(**{"tokens": ("a", "b"), "tags": ("X", "Y"), **changed})


@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (GOOD, "expected a list of sentences, such as .*; found Sentence"),
        ("a b", "expected a list of sentences.*found str 'a b'"),
        (None, "found NoneType None"),
        ((s for s in [GOOD]), "found generator"),
        ([GOOD, ["a", "b"]], r"number 2 is list \['a', 'b'\]"),
        ([made(tokens="Obama spoke")], r"sentence 1: the tokens are one string, 'Obama spoke'; try .split\(\)"),
        ([GOOD, made(tags=("X",))], "sentence 2: 1 tag for 2 tokens"),
        ([made(token_weights=())], "sentence 1: 0 token weights for 2 tokens"),
        ([made(token_weights=(1, 1, 9), source="f:3"), made(token_weights=(5,))], "f:3: 3 token weights for 2 tokens"),
        ([made(tags="XY")], r"sentence 1: the tags are one string, 'XY'"),
        ([made(tokens=None)], "sentence 1: the tokens are NoneType None"),
        ([made(token_weights=2.0)], "sentence 1: the token weights are float 2.0"),
        ([GOOD, made(weight=float("nan"))], r"sentence 2: weight nan; expected a number from 0 to 1e\+09$"),
        ([made(weight=1e300, source="f:3")], r"f:3: weight 1e\+300; expected a number from 0 to 1e\+09$"),
        ([made(weight=None)], "sentence 1: weight None"),
        ([made(weight="heavy")], "sentence 1: weight 'heavy'"),
        ([GOOD, made(token_weights=(1, -2.0))], "sentence 2: weight -2.0"),
        ([made(tokens=("a", 5))], "a token, tag or feature is 5; expected a string"),
        ([made(tags=(0, 1))], "a token, tag or feature is 0; expected a string"),
        ([made(tokens=(["a"], "b"))], r"a token, tag or feature is no string \(unhashable type: 'list'\); expected strings"),
        ([made(token_weights=np.array(1.0))], r"sentence 1: the token weights are ndarray array\(1.\); expected one"),
        (np.array(3), r"expected a list of sentences.*found ndarray array\(3\)"),
    ],
)  # fmt: skip
def test_what_is_no_sentence_is_told_where_it_is_numbered(sentences, message):
    with pytest.raises(UserError, match=message):
        corpus_arrays(sentences)
    with pytest.raises(UserError, match=message):
        fit_encoder(sentences)
    with pytest.raises(UserError, match=message):
        fit_encoder([GOOD]).encode(sentences)


def test_sequences_of_sentences_pass(tmp_path):
    write_corpus([GOOD], tmp_path / "a.jsonl", format="jsonl")
    for good in ([GOOD], (GOOD,), [], read_corpus(tmp_path / "a.jsonl"), np.array([GOOD], object)):
        check_sentences(good)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize(
    ("sentences", "message"),
    [
        (GOOD, "expected a list of sentences"),
        (None, "expected a list of sentences"),
        ([["a"]], "number 1 is list"),
        ([GOOD, made(tags=("X",))], "sentence 2: 1 tag for 2 tokens"),
        ([made(tokens=("a", 5))], "sentence 1: the token 5 is not a string"),
        ([made(tags=("X", 1))], "sentence 1: the tag 1 is not a string"),
        ([made(token_weights=(1.0,))], "sentence 1: 1 token weight for 2 tokens"),
        ([made(weight=-1)], "sentence 1: weight -1; expected"),
        ([made(weight=1e300)], r"sentence 1: weight 1e\+300; expected a number from 0 to 1e\+09$"),
        (
            [made(token_weights=np.array(1.0))],
            r"sentence 1: the token weights are ndarray array\(1.\); expected one",
        ),
        ([made(tokens=(["a"], "b"))], r"sentence 1: the token \['a'\] is not a string"),
        ([made(tags={"X", "Y"})], "sentence 1: the tags are set"),
        ([made(document=np.ones(2))], "sentence 1: the document is ndarray"),
        ([made(text=3)], "sentence 1: the text is int 3; expected a string"),
        (np.float32(3), "expected a list of sentences"),
        (np.array(3), "expected a list of sentences"),
    ],
)
def test_what_would_not_be_read_again_is_not_written(format, sentences, message, tmp_path):
    path = tmp_path / "corpus"
    with pytest.raises(UserError, match=message):
        write_corpus(sentences, path, format=format)
    assert not path.is_file()


@pytest.mark.parametrize("format", ["conll", "jsonl", "conllu"])
def test_weights_of_numpy_are_written_as_numbers(format, tmp_path):
    weighed = made(weight=np.float32(0.5), token_weights=tuple(np.array([1, 0.25], np.float32)))
    write_corpus(iter([weighed]), tmp_path / "corpus", format=format)
    read = read_corpus(tmp_path / "corpus", format=format)[0]
    assert (read.weight, read.token_weights) == (0.5, (1.0, 0.25))


FEATURES = {"pos": ("N", "V"), "chunk": ("B", "I")}


def test_features_are_columns_or_keys_that_are_read_again(tmp_path):
    rich = made(features=FEATURES)
    bare = made(tags=None, features=FEATURES)
    write_corpus([rich, rich], tmp_path / "a.conll", format="conll")
    assert (tmp_path / "a.conll").read_text("utf-8") == "a\tN\tB\tX\nb\tV\tI\tY\n\n" * 2
    read = read_corpus(tmp_path / "a.conll", feature_columns={"pos": 1, "chunk": 2})
    assert read[1].features == FEATURES
    assert read[1].tags == rich.tags
    write_corpus([rich], tmp_path / "a.jsonl", format="jsonl")
    read = read_corpus(tmp_path / "a.jsonl", feature_columns={"pos": "pos", "chunk": "chunk"})
    assert read[0].features == FEATURES
    write_corpus([bare], tmp_path / "b.conll", format="conll")
    read = read_corpus(tmp_path / "b.conll", tagged=False, feature_columns={"pos": 1, "chunk": 2})
    assert (read[0].features, read[0].tags) == (FEATURES, None)


@pytest.mark.parametrize(
    ("format", "sentences", "message"),
    [
        (
            "conllu",
            [made(features=FEATURES)],
            "only conll, csv and jsonl can hold its features 'pos', 'chunk'",
        ),
        (
            "parallel",
            [made(features=FEATURES)],
            "only conll, csv and jsonl can hold its features 'pos', 'chunk'",
        ),
        (
            "jsonl",
            [made(features={"tags": ("N", "V")})],
            "feature 'tags' can't be written: JSON lines use this key",
        ),
        (
            "conll",
            [made(features=FEATURES), GOOD],
            "sentence 2: features none, but the first sentence has 'pos', 'chunk'",
        ),
        (
            "conll",
            [GOOD, made(features=FEATURES)],
            "features 'pos', 'chunk', but the first sentence has none",
        ),
        ("conll", [made(features={"pos": (" N", "V")})], "' N' begins or ends with a space"),
        ("jsonl", [made(features={"pos": ("N",)})], r"feature 'pos': expected one value per token"),
        ("jsonl", [made(features={"pos": ("N", None)})], "the feature 'pos' None is not a string"),
        ("jsonl", [made(features=None)], "the features are NoneType"),
        (
            "jsonl",
            [made(features={"pos": ("N", "V")}, metadata={"pos": "z"})],
            "feature 'pos' can't be written: metadata has this key too",
        ),
        (
            "conll",
            [made(features={"pos": ("N",)})],
            r"feature 'pos': expected one value per token, found \('N',\)",
        ),
        ("conll", [made(features={"pos": ("N", "a\tb")})], "which columns can't hold"),
    ],
)
def test_features_without_a_place_are_refused(format, sentences, message, tmp_path):
    with pytest.raises(UserError, match=message):
        write_corpus(sentences, tmp_path / "corpus", format=format)


def test_changed_features_are_what_is_written(tmp_path):
    """A feature replaces metadata of the same name that came from a JSON line."""
    old = made(metadata={"pos": ["N", "V"]}, features={"pos": ("A", "B")})
    write_corpus([old], tmp_path / "a.jsonl", format="jsonl")
    assert read_corpus(tmp_path / "a.jsonl", feature_columns={"pos": "pos"})[0].features == {"pos": ("A", "B")}  # fmt: skip


def test_arrays_of_tokens_and_tags_are_written_as_lists_are(tmp_path):
    arrays = Sentence(tokens=np.array(["Oslo", "is"]), tags=np.array(["B-LOC", "O"]))  # type: ignore[arg-type]
    write_corpus([arrays], tmp_path / "a.conll", format="conll")
    assert read_corpus(tmp_path / "a.conll")[0].tags == ("B-LOC", "O")


def test_a_small_type_of_numbers_is_a_weight(tmp_path):
    write_corpus([made(weight=np.float16(2))], tmp_path / "a.jsonl", format="jsonl")
    assert read_corpus(tmp_path / "a.jsonl", tagged=False)[0].weight == 2


def test_metadata_that_json_cannot_hold_is_named(tmp_path):
    loop: list[object] = []
    loop.append(loop)
    with pytest.raises(UserError) as caught:
        write_corpus([made(metadata={"x": loop})], tmp_path / "a.conll", format="conll")
    fact = "sentence 1: metadata 'x' can't be written as JSON: Circular reference detected"
    assert str(caught.value) == fact


@pytest.mark.parametrize("where", ["tags", "document"])
def test_half_a_surrogate_pair_in_a_label_or_name_is_named(tmp_path, where):
    given = {"tags": ("B-\ud800", "O")} if where == "tags" else {"document": "\ud800"}
    sentence = Sentence(tokens=("Oslo", "is"), **{"tags": ("B-LOC", "O"), **given})
    with pytest.raises(UserError, match=r"half a surrogate pair"):
        write_corpus([sentence], tmp_path / "a.txt", format="bioc")
    assert not (tmp_path / "a.txt").exists()
