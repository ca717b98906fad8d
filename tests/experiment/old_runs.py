"""Runs to continue, without the time of a training: networks with random weights, saved as run directories."""

from pathlib import Path

import numpy as np

from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.experiment.build import architecture_of, make_network
from seqlab.experiment.prepare import prepare
from seqlab.inference.weights import network_weights
from seqlab.reporting.log import Log
from seqlab.settings.training import make_settings
from seqlab.storing.save_and_load import save_run
from seqlab.tagging.tagger import Tagger

SMALL = {
    "word_dim": 4,
    "char_dim": 3,
    "char_units": 2,
    "hidden_units": 5,
    "dropout": 0.1,
    "resample": "none",
    "accept": "same-files",  # a random network may be validated on its training corpus
}


def quiet(settings):
    """The prepared training, and the lines of its log."""
    lines = []
    return prepare(settings, Log(lines.append, None)), lines


def tagger_of(prepared):
    """The tagger that an interrupted training would give before its first step."""
    architecture = architecture_of(prepared)
    network = make_network(prepared, architecture)
    return Tagger(
        architecture=architecture,
        weights=network_weights(network),
        encoder=prepared.encoder,
        scheme=prepared.splits.scheme,
    )


def untrained_run(path: Path, **settings) -> Path:
    """A run directory of a network with random weights that are far from their start. Returns its path."""
    prepared, _ = quiet(make_settings(**SMALL | settings))
    tagger = tagger_of(prepared)
    dice = np.random.default_rng(5)
    weights = {
        name: dice.normal(0, 0.7, value.shape).astype(np.float32)
        for name, value in tagger.weights.items()
    }
    object.__setattr__(tagger, "weights", weights)
    return save_run(tagger, path)


def write(path: Path, *texts: str) -> str:
    """A CoNLL file from texts such as 'Ada/B-PER saw/O Oslo/B-LOC'. Returns its path."""
    sentences = []
    for text in texts:
        tokens, tags = zip(*(word.rsplit("/", 1) for word in text.split()), strict=True)
        sentences.append(Sentence(tokens=tokens, tags=tags))
    write_corpus(sentences, str(path), format="conll")
    return str(path)
