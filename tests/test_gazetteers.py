"""Gazetteers from the file to the tag, on a task that only the list can solve."""

import random
import shutil
from dataclasses import replace

import numpy as np
import pytest

import seqlab
from seqlab import audit, train
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.gazetteer_making import make_gazetteers
from seqlab.errors import UserError
from seqlab.experiment.gazetteers import cut_phrases, read_phrases
from seqlab.sklearn import SequenceTagger
from seqlab.storing.save_and_load import save_run
from seqlab.storing.tagger_files import load_tagger, save_tagger
from seqlab.tagging.combining import combine_taggers
from seqlab.text.token_rules import TokenRules
from tests import tiny
from tests.exporting.random_taggers import random_tagger

pytestmark = tiny.KERAS_NOISE

OPTIONS = tiny.CHEAP | {"epochs": 8, "word_features": "none", "batch_sentences": 8}
DICE = random.Random(4)  # noqa: S311, no secret
CITIES = [f"Qu{number} Te{number}" for number in range(200)]
OTHERS = [f"Qu{number} Te{number + 1}" for number in range(200)]


def written(path, size):
    """Sentences with cities and with equally looking names that are no cities; each name occurs in one split only."""
    lines = []
    for _ in range(size):
        for _ in range(DICE.randint(1, 3)):
            is_city = DICE.random() < 0.5
            first, second = DICE.choice(CITIES if is_city else OTHERS).split()
            lines += ["in\tO", f"{first}\t{'B-LOC' if is_city else 'O'}"]
            lines += [f"{second}\t{'I-LOC' if is_city else 'O'}"]
        lines.append("")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)


@pytest.fixture(scope="module")
def corpora(tmp_path_factory):
    folder = tmp_path_factory.mktemp("lists")
    return {
        name: written(folder / name, size)
        for name, size in (("train", 80), ("valid", 20), ("test", 20))
    }


@pytest.fixture(scope="module")
def cities(tmp_path_factory):
    path = tmp_path_factory.mktemp("lists") / "cities.txt"
    path.write_text("\n".join(CITIES) + "\n", encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def run(corpora, cities, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "lists"
    lists = {"city": cities, "country": "geonames:countries"}
    return seqlab.train_tagger(**corpora, **OPTIONS, gazetteer=lists, out=out)


def f1(run):
    return run.metrics["splits"]["test"]["micro_f1"]


@pytest.mark.slow
def test_only_the_list_tells_cities_apart_and_the_network_reads_it(run, corpora):
    assert f1(run) > 0.97
    assert run.tagger.architecture.gazetteer_dropout == 0.2
    assert f1(seqlab.train_tagger(**corpora, **OPTIONS)) < 0.8


@pytest.mark.slow
def test_the_log_says_what_the_list_covers(run):
    log = (run.path / "log.txt").read_text(encoding="utf-8")
    assert "gazetteer 'city': 200 phrases" in log
    assert "spans (LOC 100%)" in log
    assert "looks made from the training mentions" not in log


LISTS = {
    "short": [["Ada"], ["OSLO"], ["Zebra"], ["aaaa00001111"]],
    "long": [["dog", "the"], ["the", "Zebra", "B52"], ["ada"]],
}
TOKENS = ("the", "dog", "the", "Zebra", "B52", "ADA", "x", "Oslo", "Ada")


@pytest.fixture(scope="module")
def tagger():
    """A tagger with random weights, so that each match changes the scores."""
    return random_tagger(lists=LISTS, columns=False)


def scores(tagger):
    (labelling,) = tagger.predict([Sentence(tokens=TOKENS)])
    return labelling.tags, np.asarray(labelling.scores)


def check_same(tagger, other):
    assert scores(other)[0] == scores(tagger)[0]
    np.testing.assert_array_equal(scores(other)[1], scores(tagger)[1])


def test_a_match_changes_the_scores(tagger):
    absent = make_gazetteers({name: [["nowhere"]] for name in LISTS})
    without = replace(tagger, encoder=replace(tagger.encoder, gazetteers=absent))
    assert not np.allclose(scores(tagger)[1], scores(without)[1])


@pytest.mark.bits("stored")
def test_a_stored_tagger_has_the_lists(tagger, tmp_path):
    save_tagger(tagger, tmp_path)
    assert sorted(path.name for path in (tmp_path / "gazetteers").iterdir()) == [
        *("prefixes.npy", "spellings.npy", "spelt_in.npy", "whole.npy"),
    ]
    check_same(tagger, load_tagger(tmp_path))


def test_damaged_lists_are_refused(tagger, tmp_path):
    save_tagger(tagger, tmp_path)
    np.save(tmp_path / "gazetteers" / "whole.npy", np.zeros(2, np.uint8))
    with pytest.raises(UserError) as caught:
        load_tagger(tmp_path)
    count = len(tagger.encoder.gazetteers.prefixes)
    assert str(caught.value) == (
        f"{tmp_path}/gazetteers/whole.npy: damaged: has 2 numbers, but gazetteers/prefixes.npy has {count}"
    )


@pytest.mark.bits("stored")
def test_a_combined_tagger_reads_the_lists_of_each_member(tagger, tmp_path):
    other = random_tagger(lists={"other": [["x"]]}, columns=False)
    combined = combine_taggers([tagger, other], names=["a", "b"])
    save_tagger(combined, tmp_path)
    check_same(combined, load_tagger(tmp_path))


def test_the_scikit_learn_tagger_takes_lists():
    given = SequenceTagger(gazetteer={"city": "cities.txt"}, gazetteer_dropout=0.1)
    assert given.get_params()["gazetteer"] == {"city": "cities.txt"}


@pytest.mark.slow
def test_numpy_and_keras_give_the_same_scores(tagger):
    encoded = tagger.encoder.encode([Sentence(tokens=TOKENS)]).padded(max_tokens=12, max_chars=6)
    expected = tagger.network.predict(encoded.inputs, verbose=0)
    (batch,) = tagger.scorer.score([Sentence(tokens=TOKENS)])
    own = np.exp(batch.logits - batch.logits.max(axis=2, keepdims=True))
    own /= own.sum(axis=2, keepdims=True)
    np.testing.assert_allclose(own[0], expected[0, : len(TOKENS)], atol=1e-5)


@pytest.mark.bits("copied")
def test_training_hides_the_list_from_a_share_of_the_sentences_and_nothing_else():
    from seqlab.modeling.dropout import GazetteerDropout

    ids = np.array([[3, 4, 0]] * 2000, np.int32)
    dropped = np.asarray(GazetteerDropout(0.2, seed=1)(ids, training=True))
    hidden = (dropped == [1, 1, 0]).all(axis=1)
    assert ((dropped == ids).all(axis=1) | hidden).all()
    assert 0.17 < hidden.mean() < 0.23
    np.testing.assert_array_equal(GazetteerDropout(0.2, seed=1)(ids), ids)


def test_phrases_are_cut_as_the_corpus_and_as_white_space_would():
    rules = TokenRules(ends=frozenset({"'s"}), whole=frozenset({"st.", "'s"}))
    assert set(cut_phrases(["St. John's"], rules)) == {
        ("St.", "John's"),  # at white space
        ("St.", "John", "'s"),  # as the corpus
        ("St", ".", "John's"),  # without its rules
    }
    assert list(cut_phrases(["New York"], rules)) == [("New", "York")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("Rome\nNew York\tCity\n", ":2: a TAB within the line; expected one phrase per line"),
        ("\n \n", ": holds no phrase; expected one phrase per line"),
        ("word " * 102, ":1: a line of more than 100 words; expected one phrase per line"),
    ],
)
def test_a_file_that_is_no_list_is_one_line(content, message, tmp_path):
    path = tmp_path / "list.txt"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UserError) as caught:
        read_phrases(str(path))
    assert str(caught.value).partition(": '")[0] == f"{path}{message}"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--gazetteer", "city"],
            "gazetteer is 'city': expected NAME=FILE, for example 'city=cities.txt'",
        ),
        (
            ["--gazetteer", "my list=a.txt"],
            "gazetteer names a list 'my list': expected letters, digits and _, beginning with a letter",
        ),
        (["--gazetteer-dropout", "0.1"], "gazetteer_dropout is given, but gazetteer is not given"),
        (
            ["--gazetteer", "city=a.txt", "--gazetteer", "City=b.txt"],
            "gazetteer is given for 'City' twice: give it once",
        ),
        (["--gazetteer", "city=no.txt"], "no.txt: no such file"),
        (
            ["--gazetteer", "city=geonames:citys"],
            "gazetteer is 'geonames:citys': expected geonames:cities, geonames:countries, geonames:us-states, "
            "geonames:us-counties, names:first, names:last, or a file; nearest: 'geonames:cities'",
        ),
    ],
)
def test_a_mistake_is_one_line(options, message, capsys):
    assert train.main([*options, "--out", "never"]) == 2
    assert capsys.readouterr().err.strip().splitlines()[-1] == f"error: {message}"


def test_audit_shows_what_a_list_covers_and_warns(tmp_path, capsys):
    lines = "in\tO\nRome\tB-LOC\n\nin\tO\nNew\tB-LOC\nYork\tI-LOC\n"
    for split in ("train", "valid"):
        (tmp_path / split).write_text(lines + f"\nso\tO\n{split}\tO\n", encoding="utf-8")
    (tmp_path / "city").write_text("New York\n", encoding="utf-8")
    (tmp_path / "none").write_text("Nowhere\n", encoding="utf-8")
    lists = [f"--gazetteer={name}={tmp_path / name}" for name in ("city", "none")]
    assert audit.main([str(tmp_path / "train"), str(tmp_path / "valid"), *lists]) == 0
    printed = capsys.readouterr().out
    rows = [line.split() for line in printed.splitlines()]
    assert ["city", "train", "1", "50.0%", "50.0%"] in [
        [c.replace(" ", "") for c in r] for r in rows
    ]
    assert (
        "gazetteer 'none' has no phrase that occurs in training: it carries no information"
        in printed
    )


@pytest.mark.slow
def test_a_list_without_a_phrase_of_the_corpus_is_a_note(run):
    note = "gazetteer 'country' has no phrase that occurs in training: it carries no information"
    assert note in run.notes


@pytest.mark.slow
def test_a_continued_training_keeps_the_lists(run, corpora, tmp_path):
    options = {"epochs": 1, "init_from": str(run.path), "train": corpora["train"]}
    options |= {"valid": corpora["valid"], "table": "none"}
    more = seqlab.train_tagger(**options, test=corpora["test"], out=tmp_path / "more")
    assert list(more.tagger.encoder.gazetteers) == ["city", "country"]
    assert f1(more) > 0.95
    with pytest.raises(UserError) as caught:
        seqlab.train_tagger(**options, gazetteer="city=cities.txt", out=tmp_path / "other")
    assert str(caught.value) == (
        f"gazetteer is given, but {run.path} keeps the lists of its own training: leave it out"
    )


@pytest.fixture(scope="module")
def stored(tagger, tmp_path_factory):
    return save_run(tagger, tmp_path_factory.mktemp("stored") / "run")


@pytest.mark.bits("stored")
def test_an_exported_tagger_has_the_lists(tagger, stored, tmp_path):
    path = seqlab.export_tagger(stored, out=tmp_path, format="zip", name="lists")
    shutil.unpack_archive(path, tmp_path / "unpacked")
    (folder,) = (tmp_path / "unpacked").iterdir()
    check_same(tagger, seqlab.load(folder))


def test_onnx_refuses_a_tagger_with_lists(stored, tmp_path):
    with pytest.raises(UserError) as caught:
        seqlab.export_tagger(stored, out=tmp_path, format="onnx", name="lists")
    assert str(caught.value) == (
        "--format onnx cannot search for the phrases of gazetteers, which this tagger reads; use --format wheel"
    )
