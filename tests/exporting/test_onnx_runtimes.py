"""Exported taggers of real corpora, run by onnxruntime-web and onnxruntime-node through the example's reader."""

import json
import os
import shutil
import subprocess
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import numpy as np
import pytest

import seqlab
from seqlab.exporting import onnx_files, onnx_nodes
from tests import tiny

pytestmark = [pytest.mark.slow, tiny.KERAS_NOISE]

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "onnx"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
NATIVE = "onnxruntime-node@1.30.0"


@pytest.fixture(scope="module")
def example(tmp_path_factory):
    """A copy of the example with its packages, installed by npm."""
    folder = tmp_path_factory.mktemp("npm") / "onnx"
    npm = shutil.which("npm")
    if npm is None:
        pytest.skip("onnxruntime-web is installed by npm, which is not here")
    shutil.copytree(EXAMPLES, folder)
    command = [npm, "install", "--ignore-scripts", "--no-audit", "--no-fund", NATIVE]
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if run.returncode:
        pytest.skip(f"npm could not install onnxruntime-web: {run.stderr.splitlines()[-1]}")
    return folder


@pytest.fixture(scope="module")
def ewt(shared_data):
    """A tagger of plain tags with a softmax, and the whole test split."""
    folder = shared_data / "ud_english_ewt"
    run = seqlab.train_tagger(
        train=folder / "en_ewt-ud-dev.conllu",
        epochs=2,
        head="softmax",
        say=lambda text: None,
    )
    return run.tagger, list(seqlab.read_corpus(folder / "en_ewt-ud-test.conllu"))


@pytest.fixture(scope="module")
def wnut(shared_data):
    """A constrained tagger with a CRF, a character LSTM and frozen words, and the whole test split."""
    folder = shared_data / "wnut17"
    run = seqlab.train_tagger(
        train=folder / "wnut17train.conll",
        valid=folder / "emerging.dev.conll",
        vectors=shared_data / "vectors" / "glove.6B.50d.top5k.txt",
        epochs=2,
        head="crf",
        char_encoder="lstm",
        decide="macro_f1",
        say=lambda text: None,
    )
    return run.tagger, list(seqlab.read_corpus(folder / "emerging.test.annotated"))


@pytest.mark.parametrize("corpus", ["ewt", "wnut"])
@pytest.mark.parametrize("runtime", ["onnxruntime-web", "onnxruntime-node"])
def test_the_reader_tags_as_the_tagger_does(
    runtime, corpus, example, request, tmp_path, monkeypatch
):
    tagger, sentences = request.getfixturevalue(corpus)
    assert (tagger.encoder.frozen_words is not None) == (corpus == "wnut")
    monkeypatch.setattr(onnx_nodes, "LARGEST_INSIDE", 10_000 if corpus == "wnut" else 10**9)
    onnx_files.write_onnx(tagger, tmp_path, version="1")
    lines = "".join(json.dumps({"tokens": one.tokens}) + "\n" for one in sentences)
    run = subprocess.run(
        [shutil.which("node"), example / "tag.mjs", tmp_path, runtime],
        input=lines,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    answers = [json.loads(line) for line in run.stdout.splitlines()]
    predictions = list(tagger.predict(sentences))
    assert len({tag for one in predictions for tag in one.tags}) > 3
    assert [[token["tag"] for token in one] for one in answers] == [
        list(one.tags) for one in predictions
    ]
    scores = np.array([token["score"] for one in answers for token in one])
    expected = np.concatenate([one.scores for one in predictions])
    np.testing.assert_allclose(scores, expected, rtol=0, atol=1e-4)


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves a folder without a log."""

    def log_message(self, format, *args):
        pass


@pytest.fixture
def address(example):
    """Where a local server offers the example."""
    handler = partial(QuietHandler, directory=example)
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of playwright's pipes
def test_the_page_tags_in_a_browser(address, example, ewt, monkeypatch):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    tagger, _ = ewt
    monkeypatch.setattr(
        onnx_nodes, "LARGEST_INSIDE", 10_000
    )  # so that the page fetches a second file
    (example / "tagger").mkdir()
    onnx_files.write_onnx(tagger, example / "tagger", version="1")
    tokens = ["He", "sold", "<b>his</b>", "house", "in", "Paris", "&amp;", "left", "."]
    tags = " ".join(tagger.tag(tokens))
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        errors = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(f"{address}/page.html")
        page.fill("#text", " ".join(tokens))
        page.wait_for_function("document.getElementById('tags').textContent.includes('&amp;')")
        shown = page.text_content("#tags")
        browser.close()
    assert errors == []
    pairs = [entry.rpartition(" ")[0].rpartition("/") for entry in shown.split("  ")]
    assert [token for token, _, _ in pairs] == tokens
    assert " ".join(tag for _, _, tag in pairs) == tags
