"""A network that a script trained becomes a tagger that is saved, loaded and used."""

import subprocess
import sys
from dataclasses import replace

import keras
import numpy as np
import pytest

import seqlab
from seqlab.errors import RunError, UserError
from seqlab.inference.weights import network_weights
from seqlab.modeling.built_architecture import built_architecture
from seqlab.tag import main as tag
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TRAIN = [
    seqlab.Sentence(tokens=("Ada", "saw", "Rome"), tags=("B-PER", "O", "B-LOC")),
    seqlab.Sentence(tokens=("Ada", "Lee", "ran"), tags=("B-PER", "I-PER", "O")),
]
ENCODER = seqlab.fit_encoder(TRAIN)


def shape(**options):
    sizes = {
        "words": ENCODER.words.id_count,
        "characters": ENCODER.characters.id_count,
        "classes": 4,
    }
    return seqlab.Architecture(**{**sizes, "hidden_units": 8, "word_dim": 8, **options})


@pytest.fixture(scope="module")
def trained():
    keras.utils.set_random_seed(1)
    network = seqlab.build_network(shape())
    network.compile(keras.optimizers.Adam(0.05), loss=seqlab.keras_loss())
    padded = ENCODER.encode(TRAIN).padded(5)
    network.fit([padded.words, padded.chars], padded.labels, epochs=30, verbose=0)
    return network


@pytest.fixture
def tagger(trained):
    return seqlab.tagger_of_network(trained, architecture=shape(), encoder=ENCODER, scheme="iob2")


def test_the_tagger_predicts_what_the_network_predicts(trained, tagger):
    padded = ENCODER.encode(TRAIN).padded(3)
    best = trained.predict([padded.words, padded.chars], verbose=0).argmax(-1)
    expected = [[ENCODER.tags.symbols[number] for number in row] for row in best]
    assert expected == [list(sentence.tags) for sentence in TRAIN]  # learnt by heart
    assert [tagger.tag(sentence.tokens) for sentence in TRAIN] == expected


def test_a_network_of_build_network_needs_no_architecture_and_is_tagged_in_numpy(trained, tagger):
    again = seqlab.tagger_of_network(trained, encoder=ENCODER, scheme="iob2")
    assert (again.engine, again.architecture) == ("numpy", shape())
    assert again.tag(["Ada", "saw", "Rome"]) == tagger.tag(["Ada", "saw", "Rome"])


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """A network of build_network with a loss of seqlab, as Keras saves it."""
    network = seqlab.build_network(shape(head="crf", char_encoder="none"))
    network.compile("adam", loss=seqlab.keras_loss("focal", gamma=1.5))
    network.optimizer.build(network.trainable_variables)
    path = tmp_path_factory.mktemp("saved") / "network.keras"
    network.save(path)
    return path


def test_a_saved_network_is_loaded_with_its_loss(saved):
    network = seqlab.load_network(saved)
    assert (network.loss.name, network.loss.options) == ("focal", {"gamma": 1.5})
    assert not seqlab.load_network(str(saved), compile=False).compiled


@pytest.mark.slow
@pytest.mark.parametrize(
    "load",
    [
        "seqlab.load_network(path)",
        "(seqlab.keras_loss, seqlab.build_network, keras.models.load_model(path))[2]",
        "(seqlab.build_network, keras.models.load_model(path, compile=False))[1]",
    ],
)
def test_a_new_process_loads_a_saved_network(saved, load):
    code = f"import keras, seqlab; path = {str(saved)!r}; print('found', {load}.name)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.stdout == "found tagger\n", done.stderr


def test_a_file_that_is_no_network_is_one_line(saved):
    (saved.parent / "text.keras").write_text("text")
    for name, message in (
        ("netwrk.keras", "no such file; nearest: 'network.keras'"),
        ("text.keras", "Keras cannot load it: "),
    ):
        with pytest.raises(UserError) as error:
            seqlab.load_network(saved.parent / name)
        assert str(error.value).startswith(f"{saved.parent}/{name}: {message}")
    with pytest.raises(UserError) as error:
        seqlab.load_network(3)
    assert str(error.value) == "expected the path of a .keras file, found int 3"


RICH = seqlab.fit_encoder(
    [replace(s, features={"pos": ("N",) * 3}, numbers={"size": (1.0, 2.0, 3.0)}) for s in TRAIN],
    word_features=("case", "suffix"),
    feature_columns=["pos"],
    numeric_columns=["size"],
)
NO_WORDS = seqlab.fit_encoder(
    [replace(s, features={"pos": ("N",) * 3}) for s in TRAIN],
    feature_columns=["pos"],
    reads_words=False,
)


@pytest.mark.bits("copied")
@pytest.mark.parametrize(
    ("encoder", "options"),
    [
        (ENCODER, {"head": "crf", "hidden_units": 5, "dropout": 0.25}),
        (RICH, {"head": "crf", "char_encoder": "lstm", "char_dim": 3, "layers": 2, "max_chars": 9}),
        (RICH, {"char_encoder": "none", "word_dim": 7, "word_dropout": 0.0}),
        (ENCODER, {"trainable_words": False, "outside_vectors": True, "char_units": 2}),
        (NO_WORDS, {"head": "crf"}),
    ],
    ids=["crf", "everything", "no characters", "frozen words", "no words"],
)
def test_a_network_that_keras_has_saved_and_loaded_is_tagged_in_numpy(encoder, options, tmp_path):
    architecture = encoder.architecture(**options)
    network = seqlab.build_network(architecture)
    network.save(tmp_path / "network.keras")
    for again in (
        keras.models.load_model(tmp_path / "network.keras"),
        keras.models.clone_model(network),
    ):
        assert built_architecture(again, encoder) == architecture
    loaded = keras.models.load_model(tmp_path / "network.keras")
    for more in ({}, {"architecture": architecture}):
        tagger = seqlab.tagger_of_network(loaded, encoder=encoder, scheme="iob2", **more)
        assert (tagger.engine, tagger.architecture) == ("numpy", architecture)
        for name, value in network_weights(network).items():
            np.testing.assert_array_equal(tagger.weights[name], value)


def test_a_changed_network_of_build_network_is_tagged_with_keras():
    """Numpy would compute other scores."""
    network = seqlab.build_network(shape())
    logits = keras.layers.Dense(4, name="logits")(network.get_layer("dropout_1").output)
    ends = keras.layers.Activation("softmax", dtype="float32", name="probabilities")(logits)
    same = keras.Model(network.inputs, ends)
    lowered = keras.layers.Activation("sigmoid", name="probabilities")(logits)
    other = keras.Model(network.inputs, lowered)
    skipping = network.get_layer("logits")(network.get_layer("bilstm_1").output)
    skips = keras.Model(network.inputs, network.get_layer("probabilities")(skipping))
    found = [built_architecture(one, ENCODER) for one in (network, same, other, skips)]
    # The second one has the same layers, connected in the same way.
    assert found == [shape(), shape(), None, None]
    tagger = seqlab.tagger_of_network(skips, encoder=ENCODER, scheme="iob2")
    assert tagger.engine == "keras"


def test_a_saved_tagger_is_loaded_and_used_by_the_command(tagger, tmp_path, capsys):
    path = seqlab.save(tagger, tmp_path / "mine")
    again = seqlab.load(path)
    assert again.tag(["Ada", "saw", "Rome"]) == ["B-PER", "O", "B-LOC"]
    (tmp_path / "text.txt").write_text("Ada saw Rome\n", encoding="utf-8")
    assert tag([str(path), str(tmp_path / "text.txt"), "--output-format", "text"]) == 0
    assert capsys.readouterr().out == "[PER Ada] saw [LOC Rome]\n"
    (tmp_path / "gold.conll").write_text("Ada B-PER\nsaw O\nRome O\n", encoding="utf-8")
    found = seqlab.evaluate_tagger(path, tmp_path / "gold.conll").figures
    assert (found.classes["PER"].f1, found.classes["LOC"].predicted) == (1.0, 1)


def test_an_existing_path_is_replaced_only_with_overwrite(tagger, tmp_path):
    seqlab.save(tagger, tmp_path / "mine")
    with pytest.raises(RunError) as error:
        seqlab.save(tagger, tmp_path / "mine")
    assert str(error.value) == (
        f"{tmp_path}/mine: holds a finished run; give overwrite=True to replace it, or another path"
    )
    assert seqlab.save(tagger, str(tmp_path / "mine"), overwrite=True) == tmp_path / "mine"
    (tmp_path / "file").write_text("x", encoding="utf-8")
    with pytest.raises(RunError) as error:
        seqlab.save(tagger, tmp_path / "file")
    assert str(error.value) == (
        f"{tmp_path}/file: exists and is not a run of seqlab; choose another path"
    )


@pytest.mark.bits("copied")
def test_training_further_changes_no_tagger(trained, tagger):
    kept = {name: value.copy() for name, value in tagger.weights.items()}
    padded = ENCODER.encode(TRAIN).padded(5)
    weights = trained.get_weights()
    trained.fit([padded.words, padded.chars], padded.labels, epochs=1, verbose=0)
    assert any((a != b).any() for a, b in zip(weights, trained.get_weights(), strict=True))
    trained.set_weights(weights)
    for name, value in kept.items():
        np.testing.assert_array_equal(tagger.weights[name], value)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"architecture": shape(hidden_units=9)}, r"'bilstm_1/0' has shape"),
        ({"architecture": shape(classes=5)}, "4.* but the network has .*5"),
        (
            {"encoder": seqlab.fit_encoder(TRAIN[:1])},
            "words, characters and tags, but the network has",
        ),
        (
            {"architecture": shape(max_chars=4)},
            "max_chars is 4, but the network reads 15 characters per word",
        ),
        ({"architecture": "x"}, r"expected Architecture\(...\), found str 'x'"),
        ({"encoder": {}}, r"expected Encoder\(...\), found dict"),
        ({"network": "x"}, "expected a keras.Model, found str 'x'"),
        ({"scheme": "iobes"}, "the tags have B-(PER|LOC) but not E-"),
        ({"scheme": "iob22"}, "scheme is 'iob22'"),
        ({"network": keras.Sequential([keras.Input((3,)), keras.layers.Dense(4)])}, "weight '"),
    ],
)
def test_a_network_that_does_not_fit_is_one_line(trained, changed, message):
    fitting = {"network": trained, "architecture": shape(), "encoder": ENCODER, "scheme": "iob2"}
    with pytest.raises(UserError, match=message):
        seqlab.tagger_of_network(**{**fitting, **changed})


def test_feature_columns_are_read_under_their_names_or_from_the_given_columns(tmp_path, capsys):
    rich = [
        seqlab.Sentence(tokens=s.tokens, tags=s.tags, features={"pos": ("N", "V", "N")})
        for s in TRAIN
    ]
    encoder = seqlab.fit_encoder(rich, feature_columns=["pos"])
    features = {name: values.id_count for name, values in encoder.features.items()}
    architecture = shape(features=features)
    tagger = seqlab.tagger_of_network(
        seqlab.build_network(architecture),
        architecture=architecture,
        encoder=encoder,
        scheme="iob2",
    )
    run = str(seqlab.save(tagger, tmp_path / "mine"))
    seqlab.write_corpus(rich, tmp_path / "gold.jsonl", format="jsonl")
    seqlab.write_corpus(rich, tmp_path / "gold.conll", format="conll")
    expected = [tagger.tag(s.tokens, features=s.features) for s in rich]
    figures = seqlab.score([list(s.tags) for s in rich], expected, "iob2")
    found = seqlab.evaluate_tagger(run, tmp_path / "gold.jsonl").figures
    assert found.token_accuracy == figures.token_accuracy
    found = seqlab.evaluate_tagger(
        run, tmp_path / "gold.conll", feature_columns={"pos": "1"}
    ).figures
    assert found.token_accuracy == figures.token_accuracy
    assert tag([run, str(tmp_path / "gold.conll"), "--feature-columns", "pos=1"]) == 0
    tagged = [line.split("\t")[-1] for line in capsys.readouterr().out.split("\n") if line]
    assert tagged == [name for names in expected for name in names]
    assert tag([run, str(tmp_path / "gold.conll")]) == 2
    assert "expected an index" in capsys.readouterr().err
