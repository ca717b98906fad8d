"""What runs on every backend of Keras runs on JAX and torch, in environments without TensorFlow."""

import json
import os
import subprocess
import sys
import venv
from pathlib import Path

import numpy as np
import pytest

import seqlab
from tests import tiny
from tests.modeling import backend_program as program

pytestmark = [pytest.mark.slow, tiny.KERAS_NOISE]

ROOT = Path(__file__).resolve().parents[2]
NEEDED = ("keras", "numpy", "seqeval", "regex", "sentencex", "threadpoolctl", "cyclopts", "rich")
LIBRARIES = {"jax": ("jax", "jaxlib"), "torch": ("torch",)}


def python_with(backend):
    """The interpreter of an environment with a backend; made on first use, in build/ or in SEQLAB_BACKENDS."""
    folder = Path(os.environ.get("SEQLAB_BACKENDS", ROOT / "build" / "backends")) / backend
    python = folder / "bin" / "python"
    if not (folder / "complete").exists() and not python.exists():
        venv.create(folder, with_pip=True)
        words = ("install", "--quiet", "--constraint", ROOT / "constraints.txt")
        subprocess.run([python, "-m", "pip", *words, *NEEDED, *LIBRARIES[backend]], check=True)
        (folder / "complete").touch()
    return python


def run(python, backend, *words):
    usual = {**os.environ, "KERAS_BACKEND": backend, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([python, *words], env=usual, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    """The results of this process, on TensorFlow, and its run."""
    folder = tmp_path_factory.mktemp("tensorflow")
    encoder = seqlab.fit_encoder(program.TRAIN)
    network, _ = program.trained(encoder)
    tagger = seqlab.tagger_of_network(network, encoder=encoder, scheme="iob2")
    return program.losses(), program.scores_of(tagger), seqlab.save(tagger, folder / "run")


@pytest.mark.parametrize("backend", LIBRARIES)
def test_weights_losses_tracking_and_taggers_work_without_tensorflow(backend, here, tmp_path):
    losses, scores, path = here
    python = python_with(backend)
    program_file = Path(program.__file__)
    found = json.loads(run(python, backend, program_file, tmp_path, path).stdout)
    assert found["backend"] == backend
    assert found["losses"] == pytest.approx(losses, rel=1e-5)
    assert found["macro_f1"] == 1.0
    assert found["tags"] == [list(sentence.tags) for sentence in program.TRAIN]
    assert found["same"]
    # A network that another backend has saved gives the same scores, in both directions.
    np.testing.assert_allclose(found["other"], scores, atol=1e-4)
    again = seqlab.load(tmp_path / "run")
    np.testing.assert_allclose(program.scores_of(again), found["own"], atol=1e-4)


@pytest.mark.parametrize("backend", LIBRARIES)
def test_the_command_tags_with_the_backend_that_is_named(backend, here, tmp_path):
    _, _, path = here
    (tmp_path / "text.txt").write_text("Ada saw Rome\n", encoding="utf-8")
    words = ("-m", "seqlab.tag", path, tmp_path / "text.txt", "--quiet")
    done = run(python_with(backend), backend, *words)
    assert (done.stdout, done.stderr) == ("[PER Ada] saw [LOC Rome]\n", "")


def test_build_network_says_that_it_needs_tensorflow():
    """In an environment that has TensorFlow, too."""
    code = (
        "import keras, seqlab\n"
        "try:\n    seqlab.build_network(seqlab.Architecture(words=3, characters=3, classes=2))\n"
        "except seqlab.UserError as error:\n    print(error)\n"
    )
    pytest.importorskip("jax")
    found = run(sys.executable, "jax", "-c", code).stdout
    assert found.startswith("the backend of Keras is 'jax', but build_network needs KERAS_BACKEND")
