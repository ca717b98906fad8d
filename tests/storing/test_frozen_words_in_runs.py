"""Runs with frozen words, which training never saw: validated, saved, moved and damaged."""

import copy
import gc
import json
import os
import pickle
import shutil

import numpy as np
import pytest

import seqlab
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.batches import Batcher
from seqlab.errors import RunError
from seqlab.experiment.build import make_task
from seqlab.settings.vectors import VectorSettings
from seqlab.storing import vocabulary_file as loading
from seqlab.storing.tagger_files import load_tagger
from tests import tiny

# gensim leaves the file to the garbage collector, whose warning does not name our code.
pytestmark = [tiny.KERAS_NOISE, pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")]

OUTSIDE = ("Berlin", "ROME", "1887")  # not in the tiny corpus; 1887 is read as 0000, which is
ROWS = {"paris": [0.5, -1.0, 2.0], "berlin": [9.0, 8.0, -7.0], "ROME": [-6.0, 5.0, 4.0]}


def vectors_file(folder, rows):
    path = folder / "vectors.txt"
    path.write_text("".join(f"{w} {' '.join(map(str, row))}\n" for w, row in rows.items()), "utf-8")
    return str(path)


@tiny.once
def two_tables(factory):
    folder = factory.mktemp("two")
    run = seqlab.train_tagger(
        **tiny.corpus(factory),
        **tiny.CHEAP,
        vectors=vectors_file(folder, ROWS),
        out=folder / "run",
    )
    gc.collect()
    return run


@pytest.fixture
def run(tmp_path_factory):
    return two_tables(tmp_path_factory)


def batcher(tagger, sentences):
    """Batches of sentences for the network in Keras."""
    return Batcher(tagger.encoder.encode(sentences), size=8, max_chars=15)


def in_numpy(tagger, tokens):
    """The input of each token in the numpy network, which tags."""
    return tagger.scorer.forward.word_vectors(tagger.encoder.encode_spellings(tokens))


def embedded(tagger, tokens):
    """The input of each token in the Keras network: the output of its word layer."""
    import keras

    network = tagger.network
    layer = network.get_layer("word_embedding")
    batch = batcher(tagger, [Sentence(tokens=tokens)]).batch(np.array([0]))
    words = keras.Model(network.inputs, layer.output)
    return np.array(words([batch.inputs[tensor.name] for tensor in network.inputs]))[0]


def expected_of(tagger, tokens):
    """The same by hand: the trained row, else the row in the file, else the unknown word's row."""
    from seqlab.text.spelling import normalise

    table = tagger.network.get_layer("word_embedding").get_weights()[0]
    rows = []
    for token in tokens:
        entry, spelt = normalise(token), [token, token.lower(), normalise(token)]
        if entry in tagger.encoder.words:
            rows.append(table[tagger.encoder.words.ids[entry]])
        else:
            known = [ROWS[spelling] for spelling in spelt if spelling in ROWS]
            rows.append(known[0] if known else table[1])
    return np.array(rows, np.float32)


TOKENS = ("Ada", "BERLIN", "Paris", "berlin", "Rome", "ROME", "1887", "Zork")


@pytest.mark.bits("copied")
def test_the_network_reads_what_a_look_up_by_hand_gives(run):
    expected = expected_of(run.tagger, TOKENS)
    np.testing.assert_array_equal(embedded(run.tagger, TOKENS), expected)
    np.testing.assert_array_equal(in_numpy(run.tagger, TOKENS), expected)
    assert expected[1].tolist() == ROWS["berlin"]  # and not Rome, which the file has in capitals
    assert expected[5].tolist() == ROWS["ROME"]
    assert (expected[4] == expected[7]).all()  # unknown
    trained = expected[2].tolist()
    assert trained != ROWS["paris"]  # it has moved
    np.testing.assert_allclose(trained, ROWS["paris"], atol=0.5)


@pytest.mark.bits("copied")
def test_validation_looks_up_as_tagging_does(run, tmp_path_factory, tmp_path):
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log

    prepared = prepare(run.settings, Log(lambda text: None, None))
    gc.collect()
    sentences = prepared.splits.valid
    batches = [make_task(prepared).valid, batcher(run.tagger, sentences)]
    for part in batches[0].in_order():
        one, other = (each.batch(part) for each in batches)
        np.testing.assert_array_equal(one.words, other.words)
        np.testing.assert_array_equal(one.frozen_vectors, other.frozen_vectors)


@pytest.mark.bits("stored")
def test_the_run_directory_holds_the_frozen_words_and_can_be_moved(run, tmp_path):
    moved = shutil.copytree(run.path, tmp_path / "elsewhere")
    names = {f"vectors/{n}" for n in ("vectors.npy", "hashes.npy", "places.npy", "words.txt")}
    manifest = json.loads((moved / "manifest.json").read_text(encoding="ascii"))
    assert names < set(manifest["files"])
    loaded = seqlab.load(moved)
    assert loaded.architecture.outside_vectors
    expected = expected_of(loaded, TOKENS)
    np.testing.assert_array_equal(embedded(loaded, TOKENS), expected)
    np.testing.assert_array_equal(in_numpy(loaded, TOKENS), expected)
    sentence = [Sentence(tokens=TOKENS)]
    ours, theirs = (next(t.predict(sentence)) for t in (run.tagger, loaded))
    assert ours.tags == theirs.tags
    np.testing.assert_array_equal(ours.scores, theirs.scores)


def test_frozen_words_change_predictions(run):
    """The vector of a word that only the vectors' file has changes the word's prediction."""
    sentences = [Sentence(tokens=("Ada", word, "saw")) for word in ("Berlin", "Zork")]
    found = [p.scores for p in run.tagger.predict(sentences)]
    assert (found[0] != found[1]).any()


@pytest.mark.bits("copied")
def test_without_further_words_in_the_vectors_the_tagger_has_no_frozen_words(
    tmp_path_factory, tmp_path
):
    run = seqlab.train_tagger(
        **tiny.corpus(tmp_path_factory),
        **tiny.CHEAP,
        vectors=vectors_file(tmp_path, ROWS),
        keep_vectors="training",
        out=tmp_path / "run",
    )
    gc.collect()
    assert not run.tagger.architecture.outside_vectors
    names = [tensor.name for tensor in run.tagger.network.inputs]
    assert names[:2] == ["words", "case"]
    assert "outside_vectors" not in names
    assert not (run.path / "vectors").exists()
    table = run.tagger.network.get_layer("word_embedding").get_weights()[0]
    assert (embedded(run.tagger, ("Berlin",))[0] == table[1]).all()


@pytest.mark.parametrize("name", ["vectors.npy", "hashes.npy", "places.npy", "words.txt"])
@pytest.mark.parametrize("large", [True, False])
def test_damage_is_named(run, tmp_path, monkeypatch, name, large):
    copy = shutil.copytree(run.path, tmp_path / "copy")
    monkeypatch.setattr(loading, "LARGE", 0 if large else 1 << 20)
    path = copy / "vectors" / name
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(RunError, match=r"damaged: it has \d+ bytes, but \d+ in the manifest"):
        seqlab.load(copy)
    path.unlink()
    with pytest.raises(RunError, match=rf"{name}: missing, but the manifest"):
        seqlab.load(copy)


def test_only_the_size_of_a_large_file_is_checked(run, tmp_path, monkeypatch):
    copy = shutil.copytree(run.path, tmp_path / "copy")
    path = copy / "vectors" / "vectors.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    monkeypatch.setattr(loading, "LARGE", 0)
    assert seqlab.load(copy).encoder.frozen_words is not None
    monkeypatch.setattr(loading, "LARGE", 1 << 20)
    with pytest.raises(RunError, match=r"damaged: its sha256 is not the manifest's"):
        seqlab.load(copy)


def test_vectors_of_another_size_than_the_networks_are_refused(run, tmp_path):
    copy = shutil.copytree(run.path, tmp_path / "copy")
    np.save(copy / "vectors" / "vectors.npy", np.zeros((3, 5), np.float32))
    with pytest.raises(
        RunError, match=r"the frozen words have 5 dimensions, but the network has 3"
    ):
        load_tagger(copy)


@pytest.mark.bits("stored")
def test_a_fasttext_model_gives_words_unseen_in_training_vectors_in_the_saved_run_too(
    tmp_path_factory, tmp_path
):
    from gensim.models.fasttext import load_facebook_vectors

    paths, model = tiny.corpus(tmp_path_factory), tmp_path / "model.bin"
    sizes = VectorSettings(model="fasttext", dim=4, min_count=1, buckets=60, workers=1)
    seqlab.train_vectors([paths["train"]], out=model, settings=sizes)
    theirs = load_facebook_vectors(str(model))
    run = seqlab.train_tagger(**paths, **tiny.CHEAP, vectors=str(model), out=tmp_path / "run")
    gc.collect()
    model.unlink()  # the run needs it no more
    loaded = seqlab.load(shutil.move(run.path, tmp_path / "moved"))
    words = loaded.encoder.words
    assert {"ada", "0000", "law", "fish"} - set(words) == {"law"}  # what training has, it has whole
    tokens = ("Adas", "Ada", "Parisian", "Zork")
    expected = [theirs[word] for word in ("adas", "parisian", "zork")]
    found = embedded(loaded, tokens)
    np.testing.assert_allclose(found[[0, 2, 3]], expected, atol=1e-6)
    table = loaded.network.get_layer("word_embedding").get_weights()[0]
    assert (found[1] == table[words.ids["ada"]]).all()
    sentence = [Sentence(tokens=tokens)]
    ours, saved = (next(t.predict(sentence)).scores for t in (run.tagger, loaded))
    np.testing.assert_array_equal(ours, saved)


SENTENCE = ("Berlin", "saw", "ROME", "in", "1887")


def scores_of(tagger):
    return next(tagger.predict([Sentence(tokens=SENTENCE)])).scores.tobytes()


@pytest.mark.bits("stored")
def test_a_tagger_with_vectors_is_pickled_by_their_path(run, tmp_path):
    tagger = seqlab.load(shutil.copytree(run.path, tmp_path / "run"))
    pickled = pickle.dumps(tagger)
    assert str(tmp_path / "run" / "vectors").encode() in pickled
    for other in (pickle.loads(pickled), copy.deepcopy(tagger)):  # noqa: S301
        assert scores_of(other) == scores_of(tagger)
    assert scores_of(pickle.loads(pickle.dumps(run.tagger))) == scores_of(tagger)  # noqa: S301


def test_vectors_that_are_missing_or_others_are_refused(run, tmp_path):
    path = shutil.copytree(run.path, tmp_path / "run")
    pickled = pickle.dumps(seqlab.load(path))
    vectors = path / "vectors"
    numbers = (vectors / "vectors.npy").read_bytes()
    (vectors / "vectors.npy").write_bytes(numbers[:-4] + b"\0\0\0@")
    with pytest.raises(RunError) as caught:
        pickle.loads(pickled)  # noqa: S301
    assert str(caught.value) == (
        f"{vectors}: not the vectors of the pickled tagger; load its run with seqlab.load instead of the pickle"
    )
    shutil.rmtree(vectors)
    with pytest.raises(RunError) as caught:
        pickle.loads(pickled)  # noqa: S301
    assert str(caught.value) == (
        f"{vectors}: missing, but the pickled tagger has its vectors there; copy its run to the same path, "
        "or load the run with seqlab.load instead of the pickle"
    )


def test_a_tagger_whose_vectors_have_changed_is_not_pickled(run, tmp_path):
    tagger = seqlab.load(shutil.copytree(run.path, tmp_path / "run"))
    vectors = tmp_path / "run" / "vectors"
    os.utime(vectors / "vectors.npy", ns=(0, 0))
    with pytest.raises(RunError) as caught:
        pickle.dumps(tagger)
    assert str(caught.value) == (
        f"{vectors}: changed since its tagger was loaded, which is pickled with this path; load it again"
    )
