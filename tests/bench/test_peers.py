import argparse
import sys

import pytest
from bench import inputs, peers

SCRIPT = """
import json, pathlib, sys
peer, words = sys.argv[1], sys.argv[2:]
value = dict(zip(words[1::2], words[2::2]))
if peer == "absent":
    sys.exit("No module named 'absent'")
out = pathlib.Path(value["--out"]); out.mkdir()
lines = pathlib.Path(value["--train"]).read_text().splitlines()
assert all(len(line.split(" ")) == 2 for line in lines if line)
found = {"train": {"rc": 1, "tail": "first\\nout of memory\\nCommand exited with non-zero status 1\\n"}}
if peer in ("quick", "crfsuite"):
    found = {"train": {"train_tok_s": 5000.0}, "predict": {"predict_tok_s": float(value["--max-seconds"])}}
(out / "result.json").write_text(json.dumps(found))
"""


def options(*words):
    parser = argparse.ArgumentParser()
    for module in (inputs, peers):
        module.add_options(parser)
    small = ["--corpus", "generated", "--generated-sentences", "20", "--vocabulary", "30"]
    return parser.parse_args([*small, *words])


def test_peers_that_run_have_figures_and_others_a_reason(tmp_path):
    (tmp_path / "bench.py").write_text(SCRIPT)
    chosen = options(
        "--peers", str(tmp_path), "--peer-python", sys.executable, "--peer-seconds", "7"
    )
    chosen.peer = ["quick", "absent", "broken", "crfsuite"]
    found = peers.measure(chosen)
    assert found["figures"] == {
        "quick training": [5000.0],
        "quick tagging": [7.0],
        "crfsuite tagging": [7.0],
    }
    assert "L-BFGS" in found["sizes"]["crfsuite, training not compared"]
    assert found["sizes"]["absent, not run"] == "No module named 'absent'"
    assert found["sizes"]["broken, not run"] == "out of memory"


def test_they_are_asked_for_by_folder_and_interpreter(monkeypatch):
    monkeypatch.delenv("SEQLAB_PEERS", raising=False)
    monkeypatch.delenv("PEER_PYTHON", raising=False)
    with pytest.raises(ValueError, match="--peers FOLDER and --peer-python PYTHON"):
        peers.measure(options())
