"""`scripts/tune.py`: what it draws, what it stops, what it keeps, and how it goes on."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from seqlab.errors import SettingsError, UserError
from seqlab.settings.training import make_settings
from tests import tiny
from tests.conftest import ROOT

optuna = pytest.importorskip("optuna")
sys.path.insert(0, str(ROOT / "scripts"))

import search_space  # noqa: E402
import tune  # noqa: E402

pytestmark = tiny.KERAS_NOISE

SEARCH = """
epochs = 8
char_encoder = "none"

[search]
focal_gamma = { low = 0.5, high = 3.0 }
loss = ["cross-entropy", "focal"]
hidden-units = { low = 50, high = 150, step = 50 }
learning_rate = { low = 0.001, high = 0.01, log = true }
word_features = [["none"], ["case", "prefix", "suffix", "shape"]]
"""


@pytest.fixture
def search(tmp_path):
    path = tmp_path / "search.toml"
    path.write_text(SEARCH, "utf-8")
    return path


def grows(settings, on_epoch):
    """A training whose F1 grows to what its settings are worth: more units are better."""
    worth = settings["hidden_units"] / 200 + settings["seed"] / 100
    for epoch in range(1, settings["epochs"] + 1):
        on_epoch(epoch, worth * epoch / settings["epochs"])
    return worth


def search_with(search, folder, train=grows, **changed):
    options = {"trials": 6, "seeds": (1,), "prune": True} | changed
    return tune.tune(search, folder, train=train, **options)


def test_settings_are_drawn_from_their_ranges(search):
    space = search_space.read_search(search)
    drawn = []
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=3))
    for _ in range(30):
        drawn.append(space.draw(study.ask()))
        make_settings(**drawn[-1])  # raises for what no training could use
    assert {one["hidden_units"] for one in drawn} == {50, 100, 150}
    assert {("focal_gamma" in one, one["loss"]) for one in drawn} == {
        (True, "focal"),
        (False, "cross-entropy"),
    }
    assert all(0.001 <= one["learning_rate"] <= 0.01 and one["epochs"] == 8 for one in drawn)
    assert ["none"] in [one["word_features"] for one in drawn]


@pytest.mark.slow
def test_the_defaults_come_first(search, tmp_path):
    study = search_with(search, tmp_path / "study", trials=3)
    assert study.trials[0].params == {
        "loss": "cross-entropy",
        "hidden_units": 100,
        "learning_rate": 0.002,
        "word_features": "['case', 'prefix', 'suffix', 'shape']",
    }
    best = tomllib.loads((tmp_path / "study" / "best.toml").read_text("utf-8"))
    assert best == study.best_trial.user_attrs["settings"]
    assert best["hidden_units"] == max(t.params["hidden_units"] for t in study.trials)
    make_settings(**best)


def test_settings_are_trained_once(tmp_path, capsys):
    path, calls = tmp_path / "search.toml", []
    path.write_text("epochs = 2\n[search]\nhidden_units = [50, 100]", "utf-8")

    def counts(settings, on_epoch):
        calls.append(settings["hidden_units"])
        return grows(settings, on_epoch)

    search_with(path, tmp_path / "study", counts, trials=2)
    study = search_with(path, tmp_path / "study", counts, trials=4)
    assert sorted(calls) == [50, 100]
    assert [one.state.name for one in study.trials] == ["COMPLETE"] * 4
    for trial in study.trials:
        assert trial.value == pytest.approx(trial.params["hidden_units"] / 200 + 0.01)
    lines = capsys.readouterr().out.splitlines()
    repeats = [
        f"trial {n}: same settings as trial {study.trials[n].user_attrs['repeats']}, "
        f"macro F1 {study.trials[n].value:.3f}: hidden_units={study.trials[n].params['hidden_units']}"
        for n in range(4)
        if "repeats" in study.trials[n].user_attrs
    ]
    assert [line for line in lines if "same settings" in line] == repeats
    assert len(repeats) == 2
    assert tune.main([str(path), "--out", str(tmp_path / "study"), "--trials", "4"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == (
        "2 trials repeated earlier settings and took their F1 without a training; the search space is small"
    )


@pytest.mark.slow
def test_trials_that_fall_behind_are_stopped(search, tmp_path):
    study = search_with(search, tmp_path / "study", trials=30)
    stopped = [one for one in study.trials if one.state.name == "PRUNED"]
    assert stopped
    for trial in stopped:
        step = max(trial.intermediate_values)
        assert step >= 2, "no trial is stopped before a quarter of its 8 epochs is done"
        others = [
            one.intermediate_values[step]
            for one in study.trials[: trial.number]
            if step in one.intermediate_values and one.state.name == "COMPLETE"
        ]
        assert len(others) >= 4
        assert max(trial.intermediate_values.values()) < sorted(others)[len(others) // 2] + 1e-9
    free = search_with(search, tmp_path / "free", trials=12, prune=False)
    assert {one.state.name for one in free.trials} == {"COMPLETE"}


@pytest.mark.slow
def test_several_seeds_give_their_mean(search, tmp_path, capsys):
    study = search_with(search, tmp_path / "study", seeds=(1, 5), trials=2)
    for trial in study.trials:
        worth = trial.params["hidden_units"] / 200
        assert trial.user_attrs["by_seed"] == pytest.approx([worth + 0.01, worth + 0.05])
        assert trial.value == pytest.approx(worth + 0.03)
        assert sorted(trial.intermediate_values) == list(range(1, 17))
    assert "trial 0: macro F1 0.530 (0.510 0.550), 0 s: " in capsys.readouterr().out


@pytest.mark.slow
def test_an_interrupted_search_goes_on(search, tmp_path):
    folder, calls = tmp_path / "study", []

    def interrupts(settings, on_epoch):
        calls.append(settings)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return grows(settings, on_epoch)

    with pytest.raises(KeyboardInterrupt):
        search_with(search, folder, interrupts)
    assert (folder / "best.toml").exists()
    study = search_with(search, folder)
    assert [one.state.name for one in study.trials].count("COMPLETE") + [
        one.state.name for one in study.trials
    ].count("PRUNED") == 6
    assert study.trials[3].params == study.trials[2].params, "what was interrupted is tried again"
    assert not (folder / ".lock").exists()
    assert len(search_with(search, folder, interrupts).trials) == len(study.trials), "all are done"


@pytest.mark.slow
def test_a_trial_of_a_killed_process_is_tried_again(search, tmp_path):
    folder = tmp_path / "study"
    study = search_with(search, folder, trials=1)
    killed = study.ask()
    search_space.read_search(search).draw(killed)
    again = search_with(search, folder, trials=2)
    assert [one.state.name for one in again.trials] == ["COMPLETE", "FAIL", "COMPLETE"]
    assert again.trials[2].params == killed.params


@pytest.mark.slow
def test_settings_that_do_not_fit_are_one_line(search, tmp_path, capsys):
    def refuses(settings, on_epoch):
        raise SettingsError("loss is 'focal': not today")

    study = search_with(search, tmp_path / "study", refuses, trials=2)
    assert [one.state.name for one in study.trials] == ["FAIL", "FAIL"]
    lines = capsys.readouterr().out.splitlines()
    assert lines == [f"trial {n}: refused: loss is 'focal': not today" for n in (0, 1)]
    assert not (tmp_path / "study" / "best.toml").exists()


FAULTS = {
    "epochs = 3": "there is no table [search] of settings to vary, such as dropout = [0.3, 0.5]",
    "[search]\ndropuot = [0.1, 0.2]": "unknown setting 'dropuot'; nearest: 'dropout'",
    "dropout = 0.5\n[search]\ndropout = [0.1, 0.2]": "dropout is both fixed and searched: choose one",
    "seed = 3\n[search]\ndropout = [0.1, 0.2]": "seed is an option of this program: leave it out of the file",
    "[search]\nseed = [1, 2]": "seed cannot be searched",
    "[search]\ndropout = 0.1": "dropout is 0.1: expected a list of values, or low and high",
    "[search]\ndropout = { low = 0.1, high = 0.2, stepp = 1 }": "dropout: unknown key 'stepp'; nearest: 'step'",
    "[search]\ndropout = { low = 0.1, high = 2 }": "dropout is 2: expected less than 1",
    "[search]\ndropout = { low = 0.4, high = 0.2 }": "dropout: low is 0.4, high is 0.2: expected low < high",
    "[search]\ndropout = { low = 0, high = 0.2, log = true }": "dropout: log needs low above 0, and no step",
    "[search]\nloss = ['focal', 'focla']": (
        "loss is 'focla': expected one of cross-entropy, label-smoothing, focal, logit-adjusted, ldam; "
        "nearest: 'focal'"
    ),
}


@pytest.mark.parametrize(("text", "message"), FAULTS.items())
def test_a_mistake_is_one_line(tmp_path, text, message):
    path = tmp_path / "search.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(UserError) as caught:
        search_space.read_search(path)
    assert str(caught.value) == f"{path}: {message}"


@pytest.mark.slow
def test_another_search_needs_another_folder(search, tmp_path):
    folder = tmp_path / "study"
    search_with(search, folder, trials=1)
    with pytest.raises(UserError) as caught:
        search_with(search, folder, trials=1, seeds=(2,))
    assert str(caught.value) == f"{folder} holds the study of another search: choose another --out"
    assert tune.main([str(search), "--out", str(folder), "--seeds", "x"]) == 2


def test_the_example_can_be_read():
    space = search_space.read_search(ROOT / "scripts" / "tune.toml")
    assert "class_weights" in space.ranges


@pytest.mark.slow
def test_it_searches_and_goes_on(tmp_path, tmp_path_factory):
    paths = tiny.corpus(tmp_path_factory)
    sizes = {name: value for name, value in tiny.CHEAP.items() if name != "epochs"}
    lines = [f"{name} = {value!r}" for name, value in {**sizes, "epochs": 3}.items()]
    lines += [f"{name} = {paths[name]!r}" for name in ("train", "valid")]
    del lines[[line.split()[0] for line in lines].index("hidden_units")]
    search = tmp_path / "search.toml"
    search.write_text("\n".join([*lines, "[search]", "hidden_units = [4, 8]"]), "utf-8")
    script = ROOT / "scripts" / "tune.py"
    outputs = []
    for trials in ("2", "3"):
        words = [sys.executable, script, search, "--out", tmp_path / "out", "--trials", trials]
        done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT)
        assert (done.returncode, done.stderr) == (0, "")
        outputs.append(done.stdout.splitlines())
    assert [line.split(":")[0] for line in outputs[0][:2]] == ["trial 0", "trial 1"]
    assert outputs[1][0].startswith("trial 2: same settings as trial ")
    assert outputs[1][-1] == f"settings: {tmp_path / 'out' / 'best.toml'}"
    assert Path(tmp_path / "out" / "study.db").stat().st_size > 0
