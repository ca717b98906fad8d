"""The command: what it prints, its exit codes, and that it needs no neural network."""

import inspect
import json
import subprocess
import sys
import time
from collections import Counter

import pytest

import seqlab
from seqlab.audit import audit, main
from seqlab.auditing.audit_text import audit_text
from seqlab.auditing.corpora import audit_corpora
from seqlab.corpus.reading import read_corpus
from seqlab.experiment.corpora import sample_paths
from seqlab.settings.training import TrainSettings
from tests import tiny
from tests.auditing.hand import CLEAN_TRAIN, clean, write


def broken(folder):
    """Train and valid files with a leak, an illegal tag and an odd token."""
    train = write(folder / "train.conll", *CLEAN_TRAIN)
    return train, write(folder / "valid.conll", *CLEAN_TRAIN[:3], "so/O Ada/I-PER le\u200bft/O")


def test_a_clean_corpus_ends_in_no_warnings(tmp_path, capsys):
    assert main([*clean(tmp_path), "--strict"]) == 0
    out, err = capsys.readouterr()
    assert out.endswith("\n\nno warnings\n")
    assert err == ""


def test_strict_turns_warnings_into_the_exit_code(tmp_path, capsys):
    paths = broken(tmp_path)
    assert main([*paths]) == 0
    assert main([*paths, "--strict"]) == 1
    assert main([*paths, "--strict", "--json"]) == 1
    out, err = capsys.readouterr()
    assert "[leak]" in out
    assert "[illegal-transitions]" in out
    assert r"'le\u200bft'" in out
    assert "\u200b" not in out
    assert err == ""


def test_positions_and_options_say_the_same(tmp_path, capsys):
    train, valid = clean(tmp_path)
    main([train, valid])
    by_position = capsys.readouterr().out
    main(["--valid", valid, "--train", train])
    assert capsys.readouterr().out == by_position
    assert by_position == audit_text(seqlab.audit_corpora(train, valid)) + "\n"


def test_json_is_one_object_with_the_figures(tmp_path, capsys):
    train, valid = broken(tmp_path)
    assert main([train, valid, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found == json.loads(json.dumps(seqlab.audit_corpora(train, valid).to_json()))
    assert set(found) == {
        *("scheme", "paths", "splits", "unseen_tags", "repeats", "contradictions", "consistency"),
        *("illegal", "windows", "odd_tokens", "unknown_words", "imbalance", "weighting"),
        *("warnings", "notes", "spans", "numbers", "gazetteers"),
    }
    assert found["paths"] == {"train": train, "valid": valid}
    assert found["splits"]["train"]["classes"]["O"]["spans"] is None
    assert found["unknown_words"]["train"]["vectors"] is None
    assert found["weighting"]["chosen"] is None
    for warning in found["warnings"]:
        assert set(warning) == {"rule", "split", "message", "details", "value", "threshold"}
        assert ": " in warning["message"]


def test_weights_by_hand_get_a_column_and_a_verdict(tmp_path, capsys):
    weights = ["--class-weight", "O=9", "--class-weight", "PER=2", "--class-weight", "LOC=1"]
    assert main([*clean(tmp_path), *weights, "--class-weights", "none", "--strict"]) == 1
    out = capsys.readouterr().out
    assert "median-frequency  yours" in out
    assert "class weights follow frequency: rare classes would weigh least" in out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["missing.conll"], "missing.conll: no such file"),
        (["a", "b", "c", "d"], "4 corpora are given: expected at most 3, train, valid and test"),
        (["a", "--train", "b"], "corpora are given by position and as --train: choose one"),
        (["--valid", "b"], "valid or test is given without train"),
        (
            ["--suspects", "5"],
            "suspects needs a network: give --run, or --folds 5 to train on parts of the corpus",
        ),
        (["--folds", "5"], "folds has no effect without suspects: give --suspects N, such as 20"),
        (
            ["--folds", "1", "--suspects", "5"],
            "folds is 1: expected a whole number, 2 or more",
        ),
        (
            ["--folds", "2", "--suspects", "5", "--valid-share", "0.2"],
            "valid_share has no effect with folds: leave it out",
        ),
        (
            ["--class-weights", "balancd"],
            "class_weights is 'balancd': expected one of none, balanced, inverse, sqrt-inverse, log, "
            "effective-number, median-frequency, or a file NAME.toml; nearest: 'balanced'",
        ),
        (
            ["--class-weight", "PRE=2"],
            "class_weight names 'PRE': expected one of O, PER, LOC, ORG, VES, LAW, MED; nearest: 'PER'",
        ),
        (
            ["--valid-share", "2"],
            "valid_share is 2.0: expected less than 1",
        ),
        (["--weight-cap", "0.5"], "weight_cap is 0.5: expected 1 or more"),
        (
            ["--run", "nowhere", "--vectors", "x"],
            "vectors: no effect with run, which checks a network: leave out --vectors\n",
        ),
    ],
)
def test_mistakes_are_one_line(tmp_path, monkeypatch, capsys, options, message):
    monkeypatch.chdir(tmp_path)
    assert main(options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1


def test_a_mistyped_option_names_the_nearest(capsys):
    assert main(["--strikt"]) == 2
    assert "--strict" in capsys.readouterr().err


def test_the_bundled_sample_is_audited_without_arguments(capsys):
    assert main([]) == 0
    out = capsys.readouterr().out
    assert "train.conll" in out
    assert "classes: counts" in out
    counts = Counter(tag[2:] or "O" for s in read_corpus(sample_paths()["train"]) for tag in s.tags)
    assert counts.most_common()[-1][0] == "MED"
    ratio = counts["O"] / counts["MED"]
    assert f"  counted in tokens, O is {ratio:,.1f} times as frequent as MED\n" in out
    assert "  counted in spans, PER is " in out
    assert main(["--valid-share", "0.2"]) == 0
    assert "split off train" in capsys.readouterr().out


def test_it_needs_no_neural_network(tmp_path):
    train, valid = clean(tmp_path)
    code = (
        "import sys; from seqlab.audit import main; "
        f"code = main([{train!r}, {valid!r}]); "
        "heavy = {'keras', 'tensorflow', 'cleanlab', 'gensim', 'sklearn', 'scipy'} & set(sys.modules); "
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_the_largest_corpus_takes_seconds(shared_data):
    folder = shared_data / "ud_english_ewt"
    paths = [folder / f"en_ewt-ud-{part}.conllu" for part in ("train", "dev", "test")]
    start = time.process_time()
    found = seqlab.audit_corpora(*paths)
    assert time.process_time() - start < 20  # 2 s on an idle core
    assert found.splits["train"].tokens == 204577
    assert found.scheme == "plain"


def test_every_table_is_narrow_enough_to_read(shared_data, monkeypatch, capsys):
    monkeypatch.chdir(shared_data / "crossner_science")
    assert main(["train.txt", "dev.txt", "test.txt"]) == 0
    out = capsys.readouterr().out
    tables = out.split("texts with several classes")[0]
    assert max(map(len, tables.splitlines())) <= 110


def test_vectors_get_their_columns(tmp_path, capsys):
    vectors = tmp_path / "v.txt"
    vectors.write_text("3 2\nada 1 2\nparis 3 4\nlives 5 6\n", encoding="utf-8")
    assert main([*clean(tmp_path), "--vectors", str(vectors)]) == 0
    words = capsys.readouterr().out.split("\n\nwords")[1].split("\n")
    assert words[0].endswith("without vector  in spans")
    # Ada, Paris and lives are 8 + 10 + 40 of 320 tokens, 18 of 80 in spans.
    assert words[1].split() == ["train", "0%", "0%", "–", "81.9%", "77.5%"]


@tiny.KERAS_NOISE
def test_a_run_is_checked_on_a_corpus(tmp_path_factory, capsys):
    run = str(tiny.folder_of(tiny.span_run(tmp_path_factory)))
    valid = tiny.corpus(tmp_path_factory)["valid"]
    assert main([valid, "--run", run, "--strict"]) == 0
    out = capsys.readouterr().out
    assert "in batches of 1 and 32, padded to the longest window and to 150\n" in out
    assert "\n  ldam " in out
    assert out.endswith("  ok (tolerance 0.0001)\n")
    assert main([valid, "--run", run, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["invariance"]["ok"] is True
    assert found["suspects"] is None


@tiny.KERAS_NOISE
def test_suspects_are_listed(tmp_path_factory, capsys):
    run = str(tiny.folder_of(tiny.span_run(tmp_path_factory)))
    assert main([tiny.corpus(tmp_path_factory)["test"], "--run", run, "--suspects", "4"]) == 0
    assert "\nsuspects" in capsys.readouterr().out
    assert main(["--run", run, "--suspects", "0"]) == 2
    assert capsys.readouterr().err == "error: suspects is 0: expected 1 or more\n"


@pytest.mark.slow
@tiny.KERAS_NOISE
def test_suspects_without_a_run_are_found_on_folds(tmp_path_factory, capsys):
    run = str(tiny.folder_of(tiny.span_run(tmp_path_factory)))
    assert main(["--run", run, "--folds", "2", "--suspects", "4", "--json"]) == 0
    printed = capsys.readouterr()
    found = json.loads(printed.out)
    assert (found["folds"], found["sentences"]) == (2, 40)
    path = tiny.corpus(tmp_path_factory)["train"]
    assert all(suspect["source"].startswith(f"{path}:") for suspect in found["suspects"]["found"])
    assert [line[:11] for line in printed.err.split("\n")] == ["fold 1 of 2", "fold 2 of 2", ""]


def test_a_run_that_is_none(tmp_path, capsys):
    assert main(["--run", str(tmp_path / "none")]) == 2
    assert "no run of seqlab here" in capsys.readouterr().err


def test_an_audit_assumes_what_training_does_by_default():
    settings = TrainSettings()
    for function in (audit_corpora, audit):
        defaults = inspect.signature(function).parameters
        assert defaults["max_tokens"].default == settings.max_tokens
        assert defaults["seed"].default == settings.seed
    assert inspect.signature(audit_corpora).parameters["min_word_count"].default == 1
    assert (settings.min_word_count, settings.class_weights) == (1, "none")
