"""Feature columns from the file to the tag, on a task that only the column can solve."""

import random
import subprocess
import sys

import numpy as np
import pytest

import seqlab
from seqlab import tag
from seqlab.corpus.reading import read_corpus
from seqlab.errors import UserError
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TAG_OF = {"A": "X", "B": "Y", "C": "Z"}
OPTIONS = tiny.CHEAP | {"epochs": 6, "word_features": "none", "batch_sentences": 8}


def rows(size, seed):
    """Sentences of (word, column, tag). The word is drawn independently of the tag."""
    dice = random.Random(seed)  # noqa: S311, no secret
    sentences = ([dice.choice("ABC") for _ in range(dice.randint(1, 24))] for _ in range(size))
    return [
        [(f"word{dice.randint(0, 30)}", value, TAG_OF[value]) for value in values]
        for values in sentences
    ]


def written(path, sentences, cells=3):
    """A file of three columns with the tag in the last."""
    blocks = ("\n".join("\t".join(row[:cells]) for row in sentence) for sentence in sentences)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("columns")
    sizes = {"train": 80, "valid": 20, "test": 20}
    return {
        name: written(folder / name, rows(size, seed))
        for seed, (name, size) in enumerate(sizes.items())
    }


@pytest.fixture(scope="module")
def run(corpora, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "columns"
    return seqlab.train_tagger(**corpora, **OPTIONS, feature_columns={"pos": 1}, out=out)


def accuracy(run):
    return run.metrics["splits"]["test"]["token_accuracy"]


def test_only_the_column_predicts_the_tag_and_it_is_learnt(run, corpora):
    assert accuracy(run) > 0.99
    assert accuracy(seqlab.train_tagger(**corpora, **OPTIONS)) < 0.6
    assert set(run.tagger.encoder.feature_columns["pos"].symbols) == set("ABC")


@pytest.mark.bits("stored")
def test_a_loaded_run_predicts_the_same(run, corpora):
    sentences = list(read_corpus(corpora["test"], feature_columns={"pos": 1}))
    loaded = seqlab.load(run.path)
    for ours, theirs in zip(run.tagger.predict(sentences), loaded.predict(sentences), strict=True):
        assert ours.tags == theirs.tags
        np.testing.assert_array_equal(ours.scores, theirs.scores)


def test_padding_to_24_and_to_150_gives_the_same_scores(run, corpora):
    sentences = list(read_corpus(corpora["test"], feature_columns={"pos": 1}))
    encoded = run.tagger.encoder.encode(sentences)
    found = []
    for width in (24, 150):
        padded = encoded.padded(max_tokens=width)
        inputs = {"words": padded.words, **padded.features}
        found.append(run.tagger.network.predict(inputs, verbose=0)[:, :24][padded.mask[:, :24]])
    np.testing.assert_allclose(found[0], found[1], atol=1e-6)


@pytest.mark.bits("repeated")
def test_a_cached_corpus_trains_the_same_tagger(run, corpora, tmp_path):
    cache = str(tmp_path / "cache")
    for _ in range(2):
        other = seqlab.train_tagger(
            **corpora, **OPTIONS, feature_columns="pos=1", cache=cache, out=None
        )
        ours, theirs = (r.tagger.network.get_weights() for r in (run, other))
        assert all((a == b).all() for a, b in zip(ours, theirs, strict=True))


def test_python_gives_the_features_beside_the_tokens(run):
    tokens = ["word1", "never-seen", "word1"]
    assert run.tagger.tag(tokens, features={"pos": ["A", "B", "C"]}) == ["X", "Y", "Z"]
    assert len(run.tagger.tag(tokens, features={"pos": ["A", "new", "C"]})) == 3
    with pytest.raises(UserError) as caught:
        run.tagger.tag(tokens)
    assert str(caught.value) == "feature 'pos': expected one value per token, found none"
    with pytest.raises(UserError, match="found 1 value for 3 tokens"):
        run.tagger.tag(tokens, features={"pos": ["A"]})
    with pytest.raises(
        UserError, match="feature 'pos' takes a list of values, not one string: 'ABC'"
    ):
        run.tagger.tag(tokens, features={"pos": "ABC"})


def test_a_column_that_the_tagger_does_not_read_is_one_line(run, plain_run):
    tokens = ["word1"]
    taggers = {"features": run.tagger, "none": plain_run.tagger}
    for tagger, columns, message in (
        (
            "features",
            {"features": {"ps": ["A"]}},
            "features has 'ps': expected pos; nearest: 'pos'",
        ),
        (
            "features",
            {"numbers": {"size": [1.0]}},
            "numbers has 'size', but this tagger reads no numbers; leave it out",
        ),
        (
            "none",
            {"features": {"pos": ["A"]}},
            "features has 'pos', but this tagger reads no features; leave it out",
        ),
        ("none", {"features": ["A"]}, "features is list ['A']: expected a dict of lists by column"),
    ):
        for method, more in (("tag", ()), ("n_best", (2,))):
            with pytest.raises(UserError) as caught:
                getattr(taggers[tagger], method)(tokens, *more, **columns)
            assert str(caught.value) == message


@pytest.fixture
def tagged(run, monkeypatch, capsysbinary):
    from seqlab.storing import save_and_load as loading

    monkeypatch.setattr(loading, "load_run", lambda path: run.tagger)

    def call(file, *argv):
        code = tag.main([str(run.path), str(file), *argv])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


def test_a_file_is_tagged_with_its_columns(tagged, tmp_path):
    sentences = rows(30, seed=9)
    expected = "".join(
        "".join(f"{word}\t{label}\n" for word, _, label in s) + "\n" for s in sentences
    )
    two = written(tmp_path / "two.conll", sentences, cells=2)
    assert tagged(two) == (0, expected, "")
    assert tagged(written(tmp_path / "three.conll", sentences)) == (0, expected, "")
    swapped = [[(value, word) for word, value, _ in s] for s in sentences]
    other = written(tmp_path / "swapped.conll", swapped)
    argv = ("--token-column", "1", "--feature-columns", "pos=0")
    assert tagged(other, *argv) == (0, expected, "")


def test_input_without_the_feature_column_is_one_line(tagged, tmp_path):
    one = written(tmp_path / "one.conll", rows(3, seed=1), cells=1)
    code, out, err = tagged(one)
    assert (code, out) == (2, "")
    fact = "there is no feature 'pos' column 1: found 1 column, counted from 0"
    assert err.startswith(f"error: {one}:1: {fact}: 'word")
    assert err.count("\n") == 1
    text = tmp_path / "text.txt"
    text.write_text("word1 is a word .\n")
    fact = (
        "text has no column for feature 'pos', which this tagger reads; "
        "expected a format with columns, such as conll or jsonl"
    )
    assert tagged(text) == (2, "", f"error: {text}: {fact}\n")
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"tokens": ["word1"]}\n')
    code, out, err = tagged(lines, "--feature-columns", "pos=tag")
    assert (code, out) == (2, "")
    fact = "there is no key 'tag' for feature 'pos'; add --feature-columns pos=KEY"
    assert err.startswith(f"error: {lines}:1: {fact}: ")
    fact = "there is no key 'pos' for feature 'pos'; add --feature-columns pos=KEY"
    assert tagged(lines)[2].startswith(f"error: {lines}:1: {fact}: ")


def test_in_json_lines_a_feature_is_read_under_its_name(tagged, tmp_path):
    lines = tmp_path / "x.jsonl"
    lines.write_text('{"tokens": ["word1", "word1"], "pos": ["B", "A"], "p": ["A", "C"]}\n')
    code, out, err = tagged(lines, "--output-format", "conll")
    assert (code, err) == (0, "")
    assert out.endswith("]\nword1\tY\nword1\tX\n\n")
    _, out, _ = tagged(lines, "--output-format", "conll", "--feature-columns", "pos=p")
    assert out.endswith("]\nword1\tX\nword1\tZ\n\n")


def test_a_column_other_than_that_of_training_is_an_error(tagged, tmp_path):
    numbers = [[(word, str(i)) for i, (word, _, _) in enumerate(s)] for s in rows(9, seed=2)]
    file = written(tmp_path / "numbers.conll", numbers)
    code, out, err = tagged(file)
    assert (code, out) == (2, "")
    assert (
        "values of feature 'pos' occurs in training, for example '0'; give the right column" in err
    )
    assert tagged(file, "--feature-columns", "poss=1")[2] == (
        "error: feature_columns names 'poss': expected one of pos; nearest: 'pos'\n"
    )


@pytest.mark.parametrize("command", ["evaluate", "audit"])
def test_the_other_commands_read_the_columns_as_training_did(run, corpora, command, capsys):
    from importlib import import_module

    argv = {
        "evaluate": [str(run.path), corpora["test"], "--json"],
        "audit": ["--run", str(run.path)],
    }
    assert import_module(f"seqlab.{command}").main(argv[command]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    if command == "evaluate":
        assert '"token_accuracy": 1.0' in out or '"token_accuracy": 0.99' in out


WITHOUT_KERAS = """
import sys
from seqlab.train import main
code = main(sys.argv[1:])
sys.exit(99 if "keras" in sys.modules else code)
"""


@pytest.mark.parametrize(
    ("columns", "fact"),
    [
        ("pos=3", "there is no feature 'pos' column 3: found 3 columns, counted from 0"),
        ("pos=-1", "column 2 can't be both tag and feature 'pos'; found 3 columns"),
        ("pos", "feature_columns is 'pos': expected NAME=COLUMN, for example 'pos=1'"),
    ],
)
def test_mistakes_are_reported_before_keras_is_imported(corpora, columns, fact):
    argv = ["--train", corpora["train"], "--feature-columns", columns]
    command = [sys.executable, "-c", WITHOUT_KERAS, *argv]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert fact in done.stderr
    assert done.stderr.count("\n") == 1
