"""The JavaScript reader of examples/onnx: it encodes as the encoder does, and decodes as the tagger does."""

import json
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from seqlab.corpus.sentence import Sentence
from seqlab.exporting.onnx_description import describe_for_readers
from tests.exporting.random_taggers import WORDS, random_sentences, random_tagger
from tests.exporting.test_onnx_graph import inputs

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "onnx"
SENTENCES = [*random_sentences(seed=4), *random_sentences(seed=5, count=1, longest=200)]


@pytest.fixture(scope="module")
def node():
    found = shutil.which("node")
    if found is None:
        pytest.skip("the JavaScript reader needs node")
    return found


def read(node, about, sentences, emissions=()):
    """The inputs of the network, and the tags of some emissions, by the reader."""
    given = {
        "examples": str(EXAMPLES),
        "about": about,
        "sentences": sentences,
        "emissions": list(emissions),
    }
    script = Path(__file__).with_name("read_without_runtime.mjs")
    run = subprocess.run(
        [node, script], input=json.dumps(given), capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)


def as_json(sentence):
    numbers = {
        name: [None if np.isnan(value) else value for value in values]
        for name, values in sentence.numbers.items()
    }
    return {"tokens": sentence.tokens, "features": dict(sentence.features), "numbers": numbers}


def check_inputs(tagger, node, sentences):
    got = read(node, describe_for_readers(tagger), list(map(as_json, sentences)))["inputs"]
    wanted, _ = inputs(tagger, sentences)
    for name, array in wanted.items():
        kind = "float32" if name == "numbers" else "int32"
        assert (name, got[name]["type"], got[name]["dims"]) == (name, kind, list(array.shape))
        values = np.array(got[name]["data"]).reshape(array.shape)
        np.testing.assert_allclose(values, array, rtol=1e-6, err_msg=name)


@pytest.mark.parametrize("unicode_form", ["none", "nfc", "nfkc"])
def test_the_reader_encodes_as_the_encoder_does(node, unicode_form):
    tagger = random_tagger(frozen=True, unicode_form=unicode_form)
    every = Sentence(
        tokens=tuple(WORDS),
        features={"pos": ("N",) * len(WORDS)},
        numbers={"size": (1e99,) * len(WORDS), "left": (np.nan,) * len(WORDS)},
    )
    check_inputs(tagger, node, [every, *SENTENCES])


@pytest.mark.parametrize(
    "options",
    [
        {"head": "crf"},
        {"head": "softmax"},
        {"head": "crf", "constrained": False},
        {"head": "softmax", "constrained": False},
    ],
    ids=str,
)
def test_the_reader_decodes_as_the_tagger_does(node, options):
    tagger = random_tagger(**options)
    # Weights of 0.5 leave few doubts; smaller scores make the bias and the rules decide.
    emissions = [np.zeros((0, 0))] * len(SENTENCES)
    tagger = replace(tagger, weights={n: w / 2 for n, w in tagger.weights.items()})
    for batch in tagger.scorer.score(SENTENCES):
        for row, (index, length) in enumerate(batch.rows()):
            emissions[index] = batch.emissions[row, :length]
    got = read(node, describe_for_readers(tagger), [], [one.tolist() for one in emissions])
    for one, prediction in zip(got["tagged"], tagger.predict(SENTENCES), strict=True):
        assert tuple(token["tag"] for token in one) == prediction.tags
        scores = [token["score"] for token in one]
        np.testing.assert_allclose(scores, prediction.scores, rtol=0, atol=1e-5)


def test_a_sentence_without_tokens_and_one_without_a_legal_path(node):
    about = describe_for_readers(random_tagger(head="softmax"))
    inside = [[-9.0] * about["tags"].index("I-PER") + [5.0]]
    about["tags"] = about["tags"][: len(inside[0])]
    about["bias"] = about["bias"][: len(inside[0])]
    about["legal"] = {
        "pairs": [[1] * len(inside[0])] * len(inside[0]),
        "start": [0] * 9,
        "end": [0] * 9,
    }
    tagged = read(node, about, [{"tokens": []}], [[], inside])
    assert tagged["inputs"]["lengths"]["data"] == [1]
    assert tagged["inputs"]["words"]["data"] == [0]
    assert [[token["tag"] for token in one] for one in tagged["tagged"]] == [[], ["I-PER"]]


def test_no_sentences_need_no_network(node):
    code = (
        f"import {{ makeTagger }} from {json.dumps((EXAMPLES / 'tagger.mjs').as_uri())};"
        "const tag = makeTagger({ ort: {}, about: JSON.parse(process.argv[1]), session: null });"
        "console.log(JSON.stringify(await tag([])));"
    )
    about = json.dumps(describe_for_readers(random_tagger()))
    command = [node, "--input-type=module", "-e", code, about]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.stdout == "[]\n", run.stderr
