"""Networks that `build_network` did not make become taggers that are saved, loaded, pickled and used by commands."""

import json
import math
import pickle
import re
import sys
from dataclasses import replace
from zipfile import ZipFile

import keras
import numpy as np
import pytest
from keras import layers

import seqlab
from seqlab.auditing.invariance import check_invariance
from seqlab.encoding.encoder_files import parts_as_json
from seqlab.errors import UserError
from seqlab.inference.own_network import NO_NUMPY
from seqlab.modeling.overlapping_windows import overlapping_windows
from seqlab.report import main as report
from seqlab.storing.run_directory import MANIFEST, manifest
from seqlab.tag import main as tag
from seqlab.train import main as train
from tests import tiny

pytestmark = tiny.KERAS_NOISE

TRAIN = [
    seqlab.Sentence(
        tokens=("Ada", "saw", "Rome"),
        tags=("B-PER", "O", "B-LOC"),
        features={"pos": ("N", "V", "N")},
        numbers={"size": (1.0, math.nan, 3.0)},
    ),
    seqlab.Sentence(
        tokens=("Ada", "Lee", "ran"),
        tags=("B-PER", "I-PER", "O"),
        features={"pos": ("N", "N", "V")},
        numbers={"size": (2.0, 5.0, 0.5)},
    ),
]
ENCODER = seqlab.fit_encoder(TRAIN)
RICH = seqlab.fit_encoder(TRAIN, feature_columns=["pos"], numeric_columns=["size"])
C = 4
LONG = ("Ada", "Lee", "saw", "Rome", "ran") * 9


def ids(name="words", tokens=None, *more):
    return keras.Input((tokens, *more), dtype="int32", name=name)


def by_word(tokens=None, *, activation="softmax", classes=C, name="words", rows=None):
    """Scores of a token that depend on its word alone."""
    keras.utils.set_random_seed(3)
    words = ids(name, tokens)
    hidden = layers.Embedding(rows or ENCODER.words.id_count, 8)(words)
    return keras.Model(words, layers.Dense(classes, activation=activation)(hidden))


def by_neighbours(tokens):
    """Scores of a token that depend on a word to each side, through a convolution."""
    keras.utils.set_random_seed(4)
    return keras.Sequential(
        [
            ids(None, tokens),
            layers.Embedding(ENCODER.words.id_count, 8, embeddings_initializer="normal"),
            layers.Conv1D(8, 3, padding="same"),
            layers.Dense(C),
        ]
    )


def rich_network():
    """Reads words, characters, a feature column and a numeric column."""
    keras.utils.set_random_seed(5)
    words, chars = ids(), ids("chars", None, 6)
    pos, numbers = ids("column_pos"), keras.Input((None, RICH.number_inputs), name="numbers")
    parts = [
        layers.Embedding(RICH.words.id_count, 4)(words),
        keras.ops.sum(layers.Embedding(RICH.characters.id_count, 4)(chars), axis=2),
        layers.Embedding(RICH.features["column_pos"].id_count, 4)(pos),
        numbers,
    ]
    outputs = layers.Dense(C, activation="softmax")(layers.Concatenate()(parts))
    return keras.Model([words, chars, pos, numbers], outputs)


class OwnModel(keras.Model):
    """A subclassed network."""

    def __init__(self, words, classes, **options):
        super().__init__(**options)
        self.sizes = {"words": words, "classes": classes}
        self.embed, self.dense = layers.Embedding(words, 8), layers.Dense(classes)

    def call(self, inputs):
        return self.dense(self.embed(inputs["ids"]))

    def get_config(self):
        return self.sizes


def tagger_of(network, encoder=ENCODER, **options):
    return seqlab.tagger_of_network(network, encoder=encoder, scheme="iob2", **options)


def expected_scores(network, sentence, encoder, tokens):
    """float (T, C): log-probabilities by Keras' own predict, of arrays that are padded to `tokens`."""
    padded = encoder.encode([sentence]).padded(tokens, 6)
    inputs = [padded.words]
    if encoder is RICH:
        inputs = [padded.words, padded.chars, padded.features["column_pos"], padded.numbers]
    outputs = network.predict(inputs if len(inputs) > 1 else inputs[0], verbose=0)
    rows = outputs[padded.mask].astype(np.float64)
    if (rows < 0).any():
        rows = np.exp(rows) / np.exp(rows).sum(axis=-1, keepdims=True)
    return np.log(rows)


@pytest.mark.parametrize(
    ("network", "encoder", "tokens"),
    [
        (by_word(), ENCODER, 3),
        (by_word(activation=None), ENCODER, 3),
        (by_neighbours(5), ENCODER, 5),
        (rich_network(), RICH, 3),
    ],
    ids=["probabilities", "logits", "fixed length", "words, chars, feature, numbers"],
)
def test_scores_are_those_of_keras_and_the_best_tags_win(network, encoder, tokens):
    tagger = tagger_of(network, encoder, constrained=False)
    assert tagger.engine == "keras"
    found = tagger.token_log_probabilities(TRAIN)
    for scores, sentence in zip(found, TRAIN, strict=True):
        expected = expected_scores(network, sentence, encoder, tokens)
        np.testing.assert_allclose(scores, expected, atol=1e-5)
        best = [encoder.tags.symbols[number] for number in expected.argmax(axis=1)]
        columns = {"features": sentence.features, "numbers": sentence.numbers}
        own = columns if encoder is RICH else {}
        assert tagger.tag(sentence.tokens, **own) == best


def test_an_iob2_tagger_returns_legal_paths():
    network = by_word()
    inside = ENCODER.tags.symbols.index("I-PER")
    network.layers[-1].bias.assign(np.eye(C)[inside] * 9)
    tagger = tagger_of(network)
    assert tagger_of(network, constrained=False).tag(["Rome", "ran"]) == ["I-PER", "I-PER"]
    assert tagger.tag(["Rome", "ran"]) == ["B-PER", "I-PER"]
    assert tagger.n_best(["Rome", "ran"], 2)[0].tags == ("B-PER", "I-PER")
    (span,) = tagger.tag_text("Rome ran").spans
    assert (span.start, span.end, span.label) == (0, 8, "PER")


def test_a_sentence_longer_than_the_network_is_tagged_whole_in_overlapping_windows():
    """Each token has the scores that a network of any length gives: its neighbours are in its window."""
    network = by_neighbours(8)
    whole = by_neighbours(None)
    whole.set_weights(network.get_weights())
    (scores,) = tagger_of(network).token_log_probabilities([seqlab.Sentence(tokens=LONG)])
    words = ENCODER.encode([seqlab.Sentence(tokens=LONG)]).padded(len(LONG)).words
    expected = whole.predict(words, verbose=0)[0]
    expected -= np.log(np.exp(expected).sum(axis=1, keepdims=True))
    np.testing.assert_allclose(scores, expected, atol=1e-5)


@pytest.mark.parametrize("tokens", [1, 5, 6, 7, 8, 11, 12, 40, 41])
@pytest.mark.parametrize("size", [1, 2, 3, 6, 150])
def test_windows_give_each_token_once_with_context(tokens, size):
    windows = overlapping_windows(tokens, size)
    kept = [token for one in windows for token in range(one.first, one.last)]
    assert kept == list(range(tokens))
    for one in windows:
        end = min(one.start + size, tokens)
        assert one.start <= one.first < one.last <= end
        context = size // 3 // 2
        assert one.first - one.start >= context or one.first == 0
        assert end - one.last >= context or one.last == tokens


def test_empty_and_unknown_and_many_sentences():
    tagger = tagger_of(by_word())
    sentences = [seqlab.Sentence(tokens=("x",) * length) for length in (0, 3, 70, 0, 1)]
    sentences += [seqlab.Sentence(tokens=("Ada", "ran"))] * 130
    found = list(tagger.predict(sentences))
    assert [len(one.tags) for one in found] == [len(one.tokens) for one in sentences]
    assert all(one.tags == found[-1].tags for one in found[5:])


@pytest.mark.bits("repeated")
def test_saved_loaded_and_pickled_taggers_score_alike(tmp_path):
    network = by_word()
    network.compile("adam", "categorical_crossentropy")
    padded = ENCODER.encode(TRAIN).padded(3)
    network.fit(padded.words, padded.labels, verbose=0)
    tagger = tagger_of(network)
    expected = tagger.token_log_probabilities(TRAIN)
    run = seqlab.save(tagger, tmp_path / "run")
    for again in (seqlab.load(run), pickle.loads(pickle.dumps(tagger))):  # noqa: S301
        assert again.engine == "keras"
        np.testing.assert_allclose(again.token_log_probabilities(TRAIN), expected, atol=1e-6)
    before = network.get_weights()
    network.fit(padded.words, padded.labels, verbose=0)
    assert any((a != b).any() for a, b in zip(before, network.get_weights(), strict=True))
    np.testing.assert_array_equal(tagger.token_log_probabilities(TRAIN), expected)
    with ZipFile(run / "network.keras") as archive:
        assert b"adam" not in archive.read("model.weights.h5").lower()
    assert network.optimizer is not None
    description = json.loads((run / "tagger.json").read_text())
    assert description["own_network"] == {"input": "words", "max_chars": 15, "logits": False}
    assert not (run / "weights.npz").exists()


def test_commands_use_it(tmp_path, capsys):
    tagger = tagger_of(by_word())
    run = str(seqlab.save(tagger, tmp_path / "run"))
    plain = [replace(sentence, features={}, numbers={}) for sentence in TRAIN]
    seqlab.write_corpus(plain, tmp_path / "gold.conll", format="conll")
    expected = [tagger.tag(s.tokens) for s in TRAIN]
    found = seqlab.evaluate_tagger(run, tmp_path / "gold.conll").figures
    by_hand = seqlab.score([list(s.tags) for s in TRAIN], expected, "iob2")
    assert found.micro_f1 == by_hand.micro_f1
    capsys.readouterr()
    assert tag([run, str(tmp_path / "gold.conll"), "--workers", "3"]) == 0
    out, err = capsys.readouterr()
    tags = [line.split("\t")[-1] for line in out.split("\n") if line]
    assert tags == [name for names in expected for name in names]
    assert err == (
        f"note: {run}: its network is tagged with Keras, in one process; --workers 3 is ignored\n"
    )


@pytest.mark.parametrize("name", [None, "keras_tensor", "input_layer_7", "input_1"])
def test_a_single_input_that_keras_has_named_reads_words(name):
    assert tagger_of(by_word(name=name)).own_network.reading.inputs == "words"


def test_a_network_that_fails_while_tagging_is_one_line():
    tagger = tagger_of(by_word())
    embedding = tagger.network.layers[1]
    embedding._embeddings.assign(embedding._embeddings * math.nan)
    with pytest.raises(UserError) as error:
        tagger.tag(["Ada"])
    assert str(error.value) == (
        "the network's scores of a token are NaN or infinite: its training has diverged"
    )
    smaller = replace(tagger.own_network, network=by_word(rows=3))
    with pytest.raises(UserError) as error:
        replace(tagger, own_network=smaller).tag(["Rome"])
    assert re.fullmatch(
        r"the network cannot read words \(1, 8\): indices\[0,0\] = \d is not in \[0, 3\)(.*)",
        str(error.value),
    )


def test_what_is_shown_of_it_is_true(tmp_path):
    tagger = tagger_of(by_word())
    assert repr(tagger).startswith("Tagger(encoder=Encoder(")
    assert "own_network=KerasNetwork(reading=NetworkReading(inputs='words'" in repr(tagger)
    run = seqlab.save(tagger, tmp_path / "run")
    assert json.loads((run / "tagger.json").read_text())["architecture"] == {
        "words": ENCODER.words.id_count,
        "characters": ENCODER.characters.id_count,
        "classes": C,
        "features": {},
        "numbers": 0,
        "reads_words": True,
        "outside_vectors": False,
        "max_chars": 15,
    }
    assert seqlab.load(run).encoder == ENCODER


class OneArray(OwnModel):
    """A subclassed network with one input."""

    def call(self, inputs):
        return self.dense(self.embed(inputs))


@pytest.mark.parametrize("inputs", ["words", ("words",), ["words"]])
def test_a_subclassed_network_with_one_input_gets_the_array_itself(inputs):
    options = {"inputs": inputs, "custom_objects": {"OneArray": OneArray}}
    tagger = tagger_of(OneArray(ENCODER.words.id_count, C), **options)
    assert len(tagger.tag(["Ada", "ran"])) == 2


def test_a_subclassed_network_says_its_inputs_and_its_class(tmp_path):
    network = OwnModel(ENCODER.words.id_count, C)
    options = {"inputs": {"ids": "words"}, "custom_objects": {"OwnModel": OwnModel}}
    tagger = tagger_of(network, **options)
    run = seqlab.save(tagger, tmp_path / "run")
    with pytest.raises(UserError) as error:
        seqlab.load(run)
    assert str(error.value) == (
        f"{run}/network.keras: needs OwnModel, which Keras does not have and a run cannot hold; "
        "give custom_objects={'OwnModel': OwnModel}"
    )
    again = seqlab.load(run, custom_objects={"OwnModel": OwnModel})
    assert again.own_network.reading == tagger.own_network.reading
    np.testing.assert_allclose(
        again.token_log_probabilities(TRAIN), tagger.token_log_probabilities(TRAIN), atol=1e-6
    )


def two_outputs():
    network = by_word()
    return keras.Model(network.inputs, [network.output, layers.Dense(2)(network.output)])


def reads_padding():
    words = ids()
    hidden = layers.Embedding(ENCODER.words.id_count, 8, embeddings_initializer="normal")(words)
    mean = keras.ops.mean(hidden, axis=1, keepdims=True)
    return keras.Model(words, layers.Dense(C)(hidden + mean))


def with_nan():
    network = by_word(5)
    network.set_weights([one * math.nan for one in network.get_weights()])
    return network


def with_lambda():
    return keras.Sequential([*by_word(5).layers[:-1], layers.Lambda(lambda x: x), layers.Dense(C)])


@pytest.mark.parametrize(
    ("network", "options", "message"),
    [
        (
            by_word(classes=5),
            {},
            "the network's scores have shape (2, 8, 5); expected (2, 8, 4), one score for each of the 4 tags, "
            "in their order and without padding",
        ),
        (
            by_word(name="case"),
            {},
            "input 'case' of shape (None, None) has the name of no array; name the inputs, or give inputs=: "
            "expected words, chars; nearest: 'chars'",
        ),
        (
            by_word(name="word"),
            {},
            "input 'word' of shape (None, None) has the name of no array; name the inputs, or give inputs=: "
            "expected words, chars; nearest: 'words'",
        ),
        (
            by_word(rows=ENCODER.words.id_count - 1),
            {},
            f"the network fails on the encoder's largest ids (words {ENCODER.words.id_count - 1}); give each Embedding "
            "as many rows as there are ids, such as encoder.words.id_count: the network cannot read words (2, 8): "
            f"indices[0,0] = {ENCODER.words.id_count - 1} is not in [0, {ENCODER.words.id_count - 1})",
        ),
        (
            two_outputs(),
            {},
            "the network has 2 outputs; expected the tags alone: keras.Model(network.inputs, network.outputs[0])",
        ),
        (
            by_word(activation="sigmoid"),
            {},
            "the network ends with a sigmoid, whose scores of a token do not sum to 1; expected a softmax or logits",
        ),
        (
            reads_padding(),
            {},
            "the padding behind a sentence changes the network's scores: mask it, as Embedding(…, mask_zero=True) "
            "does, or give max_tokens= to pad every sentence as in training",
        ),
        (
            with_nan(),
            {},
            "the network's scores are not finite: its weights hold NaN, or numbers that are too large; train it again",
        ),
        (
            with_lambda(),
            {},
            "the network: has the layer Lambda, which runs code of its file; write it as a class of its own and give "
            "it as custom_objects",
        ),
        (
            OwnModel(9, C),
            {},
            "inputs is missing: name the arrays that the network reads, such as inputs=('words', 'chars'); "
            "a subclassed network does not say so itself",
        ),
        (by_word(), {"inputs": ("word",)}, "inputs has 'word': expected words, chars; nearest: 'words'"),
        (
            by_word(),
            {"inputs": ("words", "chars")},
            "the network has 1 input, but inputs names 2 arrays",
        ),
        (by_word(), {"inputs": 3}, "inputs is 3: expected names of arrays, such as ('words', 'chars')"),
        (
            by_word(),
            {"inputs": "chars"},
            "input 'words' has shape (None, None), but the array 'chars' is (B, T, W)",
        ),
        (by_word(9), {"max_tokens": 8}, "max_tokens is 8, but the network reads 9 tokens per sentence"),
        (by_word(), {"max_tokens": 0}, "max_tokens is 0: expected a whole number, at least 1"),
        (
            rich_network(),
            {},
            "input 'column_pos' of shape (None, None) has the name of no array; name the inputs, or give inputs=: "
            "expected words, chars",
        ),
    ],
)  # fmt: skip
def test_a_network_that_is_no_tagger_is_one_line(network, options, message):
    with pytest.raises(UserError) as error:
        tagger_of(network, **options)
    assert str(error.value) == message


def test_max_tokens_pads_as_in_training():
    network = reads_padding()
    tagger = tagger_of(network, max_tokens=6, constrained=False)
    for sentence, scores in zip(TRAIN, tagger.token_log_probabilities(TRAIN), strict=True):
        np.testing.assert_allclose(
            scores, expected_scores(network, sentence, ENCODER, 6), atol=1e-5
        )


def test_numpy_and_export_say_that_they_need_build_network(tmp_path):
    tagger = tagger_of(by_word())
    for use in (
        lambda: dict(tagger.weights),
        lambda: tagger.forward,
        lambda: tagger.with_network(by_word()),
    ):
        with pytest.raises(UserError) as error:
            use()
        assert str(error.value) == NO_NUMPY


def forged(run, change):
    """Change the members of `network.keras`, and the manifest with them."""
    path = run / "network.keras"
    with ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    (run / MANIFEST).unlink()
    (run / MANIFEST).write_text(json.dumps(manifest(run)))


def rename_layer(members):
    members["config.json"] = members["config.json"].replace(b'"Dense"', b'"Evil"')
    members["config.json"] = members["config.json"].replace(b'"keras.layers"', b'"evil.code"')


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (rename_layer, "needs Embedding and Evil and InputLayer, which Keras does not have"),
        (lambda members: members.update({"more.py": b"x"}), "more.py; expected metadata.json"),
        (lambda members: members.update({"config.json": b"{}"}), "Keras cannot load it"),
        (lambda members: members.update({"model.weights.h5": b"x"}), "Keras cannot load it"),
    ],
)
def test_a_forged_network_runs_nothing_and_is_one_line(tmp_path, change, message):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    forged(run, change)
    with pytest.raises(UserError) as error:
        seqlab.load(run)
    assert str(error.value).startswith(f"{run}/network.keras: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_run_whose_files_do_not_fit_each_other_is_one_line(tmp_path):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    described = (run / "tagger.json").read_text()
    other = ENCODER.parts() | {"tags": seqlab.fit_encoder(TRAIN[1:]).tags}
    refusals = []
    for change in (
        lambda: write_parts(run, other, described.replace('"classes": 4', '"classes": 3')),
        lambda: write_parts(
            run, ENCODER.parts(), described.replace('"input": "words"', '"input": "x"')
        ),
    ):
        change()
        try:
            seqlab.load(run)
        except UserError as error:
            refusals.append(str(error))
    file = f"{run}/network.keras"
    assert refusals == [
        f"{file}: the network's scores have shape (2, 8, 4); expected (2, 8, 3), one score for each of the 3 tags, "
        "in their order and without padding",
        f"{file}: inputs has 'x': expected words, chars",
    ]


def write_parts(run, parts, description):
    (run / "vocabularies.json").write_text(json.dumps(parts_as_json(parts)))
    (run / "tagger.json").write_text(description)
    (run / MANIFEST).unlink()
    (run / MANIFEST).write_text(json.dumps(manifest(run)))


def test_a_run_says_that_it_needs_keras_where_that_is_missing(tmp_path, monkeypatch):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    monkeypatch.setitem(sys.modules, "seqlab.modeling.probing", None)  # as in an exported tagger
    with pytest.raises(UserError) as error:
        seqlab.load(run)
    assert str(error.value) == f"{run}: tagging with this network needs Keras: install seqlab"


@pytest.mark.parametrize(
    ("missing", "packages"),
    [("keras", "keras tensorflow"), ("tensorflow", "keras tensorflow"), ("torch", "keras torch")],
)
def test_a_run_says_what_to_install_where_keras_is_missing(
    tmp_path, monkeypatch, missing, packages
):
    def import_module(name):
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    monkeypatch.setattr("seqlab.tagging.keras_part.import_module", import_module)
    with pytest.raises(UserError) as error:
        seqlab.load(run)
    told = f"{run}: tagging with this network needs Keras: pip install {packages}"
    assert str(error.value) == told
    missing = "another_package"
    with pytest.raises(ModuleNotFoundError, match="another_package"):
        seqlab.load(run)


def test_a_training_cannot_go_on_from_it_and_says_so_first(tmp_path, capsys):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    message = (
        f"{run}: has a network of your own, which Keras runs; "
        "--init-from needs a run of seqlab train, or of a network of build_network"
    )
    assert train(["--init-from", str(run), "--train", "missing.conll"]) == 2
    assert capsys.readouterr().err == f"error: {message}\n"
    with pytest.raises(UserError) as error:
        seqlab.train_tagger("missing.conll", init_from=str(run))
    assert str(error.value) == message


def test_audit_and_report_say_why_they_refuse_it(tmp_path, capsys):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    with pytest.raises(UserError) as error:
        check_invariance(seqlab.load(run), TRAIN)
    assert str(error.value) == (
        "audit --run checks networks of build_network; tagger_of_network has checked how this run's own network "
        "treats padding"
    )
    assert report([str(run)]) == 2
    assert capsys.readouterr().err == (
        f"error: {run}: holds no figures of a training, which a report needs; an exported or saved tagger has none\n"
    )


@pytest.mark.parametrize("format", ["wheel", "onnx"])
def test_a_wheel_cannot_hold_it_and_a_zip_does(tmp_path, format):
    run = seqlab.save(tagger_of(by_word()), tmp_path / "run")
    with pytest.raises(UserError) as error:
        seqlab.export_tagger(run, format=format, name="demo-tagger", out=tmp_path)
    assert str(error.value) == (
        f"{run}: has a network of your own, which needs Keras; --format {format} cannot hold it, "
        "so use --format zip with an installed seqlab"
    )
    path = seqlab.export_tagger(run, format="zip", name="demo-tagger", out=tmp_path / format)
    with ZipFile(path) as archive:
        assert any(name.endswith("/network.keras") for name in archive.namelist())
        archive.extractall(tmp_path / format)
    (folder,) = (entry for entry in (tmp_path / format).iterdir() if entry.is_dir())
    assert seqlab.load(folder).tag(["Ada"]) == seqlab.load(run).tag(["Ada"])
