"""Numeric columns from the file to the tag, on tasks that only the numbers can solve."""

import json
import random
import subprocess
import sys

import numpy as np
import pytest

import seqlab
from seqlab import tag
from seqlab.architecture import Architecture
from seqlab.corpus.reading import read_corpus
from seqlab.errors import RunError, SettingsError, UserError
from seqlab.modeling.network import build_network
from tests import tiny

pytestmark = tiny.KERAS_NOISE

OPTIONS = tiny.CHEAP | {"epochs": 8, "word_features": "none", "batch_sentences": 8}
COLUMNS = {"heat": 1, "noise": 2}
SENSORS = {"heat": 0, "noise": 1}


def rows(size, seed):
    """Sentences of (word, heat, noise, tag). A word is hot above 60 degrees; the noise is sometimes missing."""
    dice = random.Random(seed)  # noqa: S311, no secret
    sentences = []
    for _ in range(size):
        hot = [dice.random() < 0.2 for _ in range(dice.randint(1, 24))]
        sentences.append(
            [
                (
                    f"word{dice.randint(0, 30)}",
                    f"{dice.gauss(80 if one else 40, 3):.2f}",
                    "NA" if dice.random() < 0.1 else f"{dice.gauss(0, 1e-4):.6f}",
                    "HOT" if one else "COLD",
                )
                for one in hot
            ]
        )
    return sentences


def written(path, sentences, first=0, last=4):
    """A file of some of the four columns."""
    blocks = ("\n".join("\t".join(row[first:last]) for row in sentence) for sentence in sentences)
    path.write_text("\n\n".join(blocks) + "\n", encoding="utf-8")
    return str(path)


def splits(folder, first=0):
    sizes = {"train": 80, "valid": 20, "test": 20}
    return {
        name: written(folder / f"{name}{first}.conll", rows(size, seed), first)
        for seed, (name, size) in enumerate(sizes.items())
    }


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("numbers")


@pytest.fixture(scope="module")
def corpora(folder):
    return splits(folder)


@pytest.fixture(scope="module")
def run(corpora, folder):
    out = folder / "run"
    return seqlab.train_tagger(**corpora, **OPTIONS, numeric_columns=COLUMNS, out=out)


@pytest.fixture(scope="module")
def wordless(folder):
    """A run on numbers alone."""
    return seqlab.train_tagger(
        **splits(folder, first=1),
        **OPTIONS,
        token_column="none",
        numeric_columns=SENSORS,
        out=folder / "sensors",
    )


def accuracy(run):
    return run.metrics["splits"]["test"]["token_accuracy"]


def test_only_the_numbers_predict_the_tag_and_it_is_learnt(run, corpora):
    assert accuracy(run) > 0.99
    assert accuracy(seqlab.train_tagger(**corpora, **OPTIONS)) < 0.9


def test_a_corpus_without_words_is_learnt_from_its_numbers(wordless):
    assert accuracy(wordless) > 0.99
    assert not wordless.tagger.encoder.words.symbols
    names = {name.split("/")[0] for name in wordless.tagger.weights}
    assert names == {"bilstm_1", "logits"}


def test_a_rare_class_that_depends_on_the_numbers_alone_is_found(folder):
    """Faults of two to four readings in 3 % of the rows; the words are the same everywhere."""
    dice = random.Random(5)  # noqa: S311, no secret
    files = {}
    for name, size in (("train", 150), ("valid", 60), ("test", 60)):
        blocks = []
        for _ in range(size):
            length, start = dice.randint(10, 30), dice.randint(0, 24)
            end = start + dice.randint(2, 4) if dice.random() < 0.3 else start
            blocks.append(
                "\n".join(
                    f"reading\t{dice.gauss(95 if start <= i < end else 70, 4):.2f}\t"
                    f"{'O' if not start <= i < end else 'B-FAULT' if i == start else 'I-FAULT'}"
                    for i in range(length)
                )
            )
        files[name] = str(folder / f"fault-{name}.conll")
        (folder / f"fault-{name}.conll").write_text("\n\n".join(blocks) + "\n")
    options = OPTIONS | {"hidden_units": 12, "epochs": 12}
    scores = [
        seqlab.train_tagger(**files, **options, **more).metrics["splits"]["test"]["micro_f1"]
        for more in ({"numeric_columns": {"heat": 1}}, {})
    ]
    assert scores[0] > 0.85
    assert scores[1] < 0.3


def test_the_scaling_is_that_of_the_training_split(run, corpora):
    train = read_corpus(corpora["train"], numeric_columns=COLUMNS)
    for name, scaling in run.tagger.encoder.numeric_columns.items():
        numbers = np.array([x for s in train for x in s.numbers[name]])
        assert scaling.mean == pytest.approx(np.nanmean(numbers), rel=1e-9)
        assert scaling.deviation == pytest.approx(np.nanstd(numbers), rel=1e-9)
        assert scaling.missing == np.isnan(numbers).any()
    assert run.tagger.architecture.numbers == 3


@pytest.mark.bits("stored")
@pytest.mark.parametrize("name", ["run", "wordless"])
def test_a_loaded_run_predicts_the_same(request, name):
    run = request.getfixturevalue(name)
    options = {name: getattr(run.settings, name) for name in ("token_column", "numeric_columns")}
    sentences = list(read_corpus(run.settings.test, **options))
    loaded = seqlab.load(run.path)
    assert loaded.encoder == run.tagger.encoder
    for ours, theirs in zip(run.tagger.predict(sentences), loaded.predict(sentences), strict=True):
        assert ours.tags == theirs.tags
        np.testing.assert_array_equal(ours.scores, theirs.scores)


@pytest.mark.parametrize("name", ["run", "wordless"])
def test_keras_and_numpy_give_the_same_probabilities(request, name):
    run = request.getfixturevalue(name)
    options = {name: getattr(run.settings, name) for name in ("token_column", "numeric_columns")}
    sentences = list(read_corpus(run.settings.test, **options))
    encoded = run.tagger.encoder.encode(sentences)
    ours = np.exp(np.concatenate(run.tagger.token_log_probabilities(sentences)))
    for width in (24, 60):
        padded = encoded.padded(max_tokens=width)
        inputs = {"words": padded.words, "numbers": padded.numbers}
        found = run.tagger.network.predict(inputs, verbose=0)[padded.mask]
        np.testing.assert_allclose(found, ours, atol=1e-6)


@pytest.mark.slow
@pytest.mark.bits("repeated")
def test_a_cached_corpus_trains_the_same_tagger(run, corpora, tmp_path):
    cache = str(tmp_path / "cache")
    texts = ["heat=1", "noise=2"]
    for _ in range(2):
        other = seqlab.train_tagger(**corpora, **OPTIONS, numeric_columns=texts, cache=cache)
        assert other.tagger.encoder == run.tagger.encoder
        for name, weights in run.tagger.weights.items():
            np.testing.assert_array_equal(other.tagger.weights[name], weights)


@pytest.mark.bits("repeated")
def test_json_lines_train_the_same_tagger(run, corpora, tmp_path):
    files = {}
    for name, path in corpora.items():
        files[name] = str(tmp_path / f"{name}.jsonl")
        seqlab.write_corpus(read_corpus(path, numeric_columns=COLUMNS), files[name], format="jsonl")
    other = seqlab.train_tagger(
        **files, **OPTIONS, numeric_columns={"heat": "heat", "noise": "noise"}
    )
    for name, weights in run.tagger.weights.items():
        np.testing.assert_array_equal(other.tagger.weights[name], weights)


def test_windows_and_resampling_keep_numbers_with_their_tokens(corpora):
    options = OPTIONS | {"max_tokens": 5, "resample": "balanced"}
    assert accuracy(seqlab.train_tagger(**corpora, **options, numeric_columns=COLUMNS)) > 0.98


def test_python_gives_the_numbers_beside_the_tokens(run):
    tokens = ["word1", "never-seen", "word1"]
    numbers = {"heat": [41.0, 82, None], "noise": [None, float("nan"), 0.0]}
    assert run.tagger.tag(tokens, numbers=numbers)[:2] == ["COLD", "HOT"]
    assert run.tagger.n_best(tokens, 1, numbers=numbers)[0].tags[:2] == ("COLD", "HOT")
    for numbers, message in (
        (None, "numeric column 'heat': expected one number per token, found none"),
        ({"heat": [1.0]}, "numeric column 'heat': expected one number per token, found 1 for 3 tokens"),
        ({"heat": "123"}, "numeric column 'heat' takes a list of numbers; found str '123'"),
        (
            {"heat": [1, "2", 3]},
            "numeric column 'heat' takes a list of numbers, or None where one is missing; found str '2'",
        ),
    ):  # fmt: skip
        with pytest.raises(UserError) as caught:
            run.tagger.tag(tokens, numbers=numbers)
        assert str(caught.value) == message


@pytest.fixture
def tagged(monkeypatch, capsysbinary):
    from seqlab.storing import save_and_load as loading

    def call(run, file, *argv):
        monkeypatch.setattr(loading, "load_run", lambda path: run.tagger)
        code = tag.main([str(run.path), str(file), *argv])
        out, err = capsysbinary.readouterr()
        return code, out.decode(), err.decode()

    return call


def test_a_file_is_tagged_with_its_numbers(run, wordless, tagged, tmp_path):
    sentences = rows(30, seed=9)

    def output(cells):
        blocks = ("".join(f"{cells(row)}\t{row[3]}\n" for row in s) for s in sentences)
        return "".join(f"{block}\n" for block in blocks)

    expected = output(lambda row: row[0])
    three = written(tmp_path / "three.conll", sentences, last=3)
    assert tagged(run, three) == (0, expected, "")
    assert tagged(run, three, "--workers", "2") == (0, expected, "")
    swapped = [[(noise, heat, word) for word, heat, noise, _ in s] for s in sentences]
    other = written(tmp_path / "swapped.conll", swapped)
    argv = ("--token-column", "2", "--numeric-columns", "noise=0")
    assert tagged(run, other, *argv) == (0, expected, "")
    two = written(tmp_path / "two.conll", sentences, first=1, last=3)
    assert tagged(wordless, two) == (0, output(lambda row: "_"), "")


def test_input_without_the_numbers_is_one_line(run, tagged, tmp_path):
    one = written(tmp_path / "one.conll", rows(3, seed=1), last=1)
    code, out, err = tagged(run, one)
    fact = "there is no numeric 'heat' column 1: found 1 column, counted from 0"
    assert (code, out) == (2, "")
    assert err.startswith(f"error: {one}:1: {fact}: 'word")
    text = tmp_path / "text.txt"
    text.write_text("word1 is a word .\n")
    fact = (
        "text has no column for number 'heat', which this tagger reads; "
        "expected a format with columns, such as conll or jsonl"
    )
    assert tagged(run, text) == (2, "", f"error: {text}: {fact}\n")
    code, out, err = tagged(run, one, "--numeric-columns", "heta=0")
    assert (code, out) == (2, "")
    assert err == (
        "error: numeric_columns names 'heta': expected one of heat, noise; nearest: 'heat'\n"
    )


def test_evaluate_reads_the_columns_of_training(run, wordless):
    for one in (run, wordless):
        evaluation = seqlab.evaluate_tagger(one.path, one.settings.test)
        assert evaluation.figures.token_accuracy == accuracy(one)


def test_text_is_refused_by_a_tagger_that_reads_numbers(run):
    with pytest.raises(UserError) as caught:
        run.tagger.tag_text("word1 is hot.")
    fact = (
        "text has no column for number 'heat', which this tagger reads; use tag(...) with numbers"
    )
    assert str(caught.value) == fact


def test_the_log_shows_mean_deviation_and_missing_numbers(corpora, tmp_path):
    lines = []
    constant = tmp_path / "constant.conll"
    constant.write_text("a\t7\tX\nb\t7\tY\n\na\t7\tX\n")
    settings = OPTIONS | {"epochs": 1, "numeric_columns": "size=1", "accept": "same-files"}
    seqlab.train_tagger(str(constant), valid=str(constant), **settings, say=lines.append)
    assert "number 'size': mean 7, deviation 1 in training" in lines
    assert "note: number 'size' has one value in training: it carries no information" in lines


def test_a_corpus_without_words_takes_no_vectors(corpora):
    with pytest.raises(SettingsError) as caught:
        seqlab.train_tagger(
            **corpora, token_column="none", numeric_columns=SENSORS, vectors="glove.txt"
        )
    assert str(caught.value) == (
        "token_column is 'none', so there are no words for vectors: leave it out"
    )


def test_a_network_without_numbers_has_the_layers_that_it_had():
    sizes = {"words": 9, "characters": 5, "classes": 3, "features": {"case": 4}}
    network = build_network(Architecture(**sizes))
    assert [layer.name for layer in network.layers] == [
        "words", "word_dropout", "chars", "case", "word_embedding", "characters", "case_embedding",
        "features", "feature_dropout", "mask", "bilstm_1", "dropout_1", "logits", "probabilities",
    ]  # fmt: skip


def test_a_network_that_reads_nothing_is_refused():
    with pytest.raises(SettingsError) as caught:
        Architecture(words=2, characters=2, classes=2, reads_words=False)
    assert str(caught.value) == "reads_words is False, but there are no features and no numbers"


def test_a_run_whose_scaling_does_not_fit_its_network_is_refused(run, tmp_path):
    from seqlab.storing.tagger_files import load_tagger, save_tagger

    save_tagger(run.tagger, tmp_path)
    file = tmp_path / "vocabularies.json"
    symbols = json.loads(file.read_text())
    symbols["numeric_columns"]["noise"]["missing"] = False
    file.write_text(json.dumps(symbols))
    with pytest.raises(RunError) as caught:
        load_tagger(tmp_path)
    assert str(caught.value) == (
        f"{tmp_path}: cannot be loaded as a tagger: the numeric columns give 2 inputs, but the network has 3; "
        "copy or train the run again"
    )


def test_tagging_numbers_does_not_import_tensorflow(wordless):
    code = (
        "import sys, seqlab; tagger = seqlab.load(sys.argv[1]);"
        "print(tagger.tag(['_'], numbers={'heat': [85.0], 'noise': [0.0]}), 'tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(wordless.path)], capture_output=True, text=True, check=True
    )
    assert done.stdout == "['HOT'] False\n"


@pytest.mark.parametrize("name", ["run", "wordless"])
def test_the_network_is_audited_with_its_numbers(request, name):
    run = request.getfixturevalue(name)
    found = seqlab.audit_network(run.path, [run.settings.test])
    assert found.invariance.ok
    assert found.invariance.tokens > 200
