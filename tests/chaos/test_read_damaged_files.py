"""The run over damaged files: small, repeatable, and it sees a reader that breaks."""

import importlib
import random
import sys
from pathlib import Path

import pytest

from seqlab.corpus.reading import Corpus
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError

FOLDER = Path(__file__).resolve().parents[2] / "scripts" / "chaos"
NEEDS = {"spacy": "spacy", "cas": "cassis", "hf": "pyarrow"}
FORMATS = (
    *("bioc", "brat", "cas", "conll", "conllu", "csv", "doccano", "hf", "jsonl", "label-studio"),
    *("parallel", "prodigy", "spacy", "text"),
)


@pytest.fixture(scope="module")
def chaos():
    sys.path.insert(0, str(FOLDER))
    yield importlib.import_module("read_damaged_files")
    sys.path.remove(str(FOLDER))
    for name in ("read_damaged_files", "valid_files"):
        sys.modules.pop(name, None)


@pytest.fixture(scope="module")
def whole(chaos, tmp_path_factory):
    for module in NEEDS.values():
        pytest.importorskip(module, reason=f"{module} is not installed")
    return chaos.valid_files(tmp_path_factory.mktemp("valid"))


@pytest.mark.parametrize("form", FORMATS)
@pytest.mark.filterwarnings("ignore")
def test_mutants_of_each_format_are_read_or_refused(chaos, whole, tmp_path, form):
    files = [file for file in whole if file.format == form]
    for seed in range(1000, 1012):
        path = chaos.put(chaos.mutant(files, seed), tmp_path / str(seed))
        for read in chaos.reads(path, form):
            assert chaos.outcome(read, path) in ("read", "refused"), seed


def test_each_valid_file_is_found_and_read_by_its_own_format(chaos, whole, tmp_path):
    assert {file.format for file in whole} == set(FORMATS)
    for number, file in enumerate(whole):
        corpus = chaos.read_whole(chaos.put(file, tmp_path / str(number)), file.format)
        assert (corpus.format, len(corpus) > 1) == (file.format, True), file.name


def test_a_seed_gives_the_same_mutant_and_another_seed_another(chaos, whole):
    files = [file for file in whole if file.format == "csv"]
    assert chaos.mutant(files, 3) == chaos.mutant(files, 3)
    assert len({repr(chaos.mutant(files, seed)) for seed in range(20)}) > 15


def test_faults_of_json_keep_the_syntax_whole(chaos):
    lines = b'{"text": "a", "label": [[0, 1, "X"]]}\n{"text": "b", "label": []}\n'
    mutants = {chaos._wrong_json(lines, random.Random(seed)) for seed in range(50)}  # noqa: S311
    assert len(mutants) > 25
    for mutant in mutants:
        for line in mutant.decode().splitlines():
            chaos.json.loads(line)


def corpus_of(*sentences):
    return Corpus(sentences=sentences, path="a", format="conll", notes={})


@pytest.mark.parametrize(
    ("read", "fault"),
    [
        (lambda: corpus_of(Sentence(tokens=())), "empty token"),
        (lambda: corpus_of(Sentence(tokens=("a", ""))), "empty token"),
        (lambda: refuse("elsewhere: wrong"), "no place"),
        (lambda: refuse("{}/a: one\nmore"), "not one line"),
        (lambda: refuse("{}/a: " + "x" * 2000), "not one line"),
    ],
)
def test_a_fault_is_seen(chaos, tmp_path, monkeypatch, read, fault):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(AssertionError, match=fault):
        chaos.outcome(read, tmp_path / "a")


def refuse(message):
    error = CorpusError("", path="")
    error.args = (message.replace("{}", str(Path.cwd())),)
    raise error


def test_other_exceptions_are_not_caught(chaos, tmp_path):
    with pytest.raises(ZeroDivisionError):
        chaos.outcome(lambda: 1 / 0, tmp_path / "a")
