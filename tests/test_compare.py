import json

import pytest

from seqlab.compare import main
from seqlab.comparing import comparison
from tests.comparing.hand import made_up


@pytest.fixture
def stub(monkeypatch):
    """Replace the comparison; returns what it was called with."""
    seen = []

    def run_comparison(plan, out, **options):
        from seqlab.comparing.judging import make_results

        seen.append((plan, out, options))
        results = make_results(*made_up(), resamples=5)
        return comparison.Comparison(path=out, results=results, failed=len(plan.seeds) - 1)

    monkeypatch.setattr(comparison, "run_comparison", run_comparison)
    return seen


def toml(folder, text):
    path = folder / "compare.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


FILE = """\
epochs = 3
processes = 2
memory = 3
seeds = [4]
baseline = "b"
[settings.a]
loss = "focal"
[settings.b]
"""


def test_options_make_the_plan(stub, capsys):
    argv = ["--vary", "class_weights=none,balanced", "--seeds", "1", "--epochs", "2"]
    argv += ["--baseline", "balanced", "--train", "x/train.conll", "--resamples", "9"]
    assert main(argv) == 0
    plan, out, options = stub[0]
    assert (plan.names, plan.seeds, plan.baseline) == (("none", "balanced"), (1,), "balanced")
    assert plan.cells[1].settings.class_weights == "balanced"
    assert plan.cells[1].settings.epochs == 2
    assert str(out) == "runs/compare-x"
    assert options["resamples"] == 9
    assert capsys.readouterr().out.startswith("# Comparison\n")


@pytest.mark.parametrize(("option", "said"), [("--json", []), ("--quiet", []), (None, ["a line"])])
def test_quiet_and_json_print_the_results_alone(stub, capsys, option, said):
    argv = ["--vary", "class_weights=none,balanced", "--seeds", "1", "--train", "x/train.conll"]
    assert main([*argv, *([option] if option else [])]) == 0
    capsys.readouterr()
    stub[0][2]["say"]("a line")
    assert capsys.readouterr().out.splitlines() == said


def test_json_is_one_object(stub, capsys):
    argv = ["--vary", "class_weights=none,balanced", "--seeds", "1", "--train", "x/train.conll"]
    assert main([*argv, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["baseline"]


def test_a_file_makes_the_plan_and_options_override_it(stub, tmp_path):
    path = toml(tmp_path, FILE)
    assert main(["--config", path]) == 0
    assert main(["--config", path, "--epochs", "5", "--seeds", "1", "--baseline", "a"]) == 0
    (first, *_), (second, *_) = stub
    assert (first.names, first.seeds, first.baseline) == (("a", "b"), (4,), "b")
    assert (second.seeds, second.baseline) == ((1,), "a")
    assert stub[0][2]["budget"].memory == 3
    assert [plan.cells[0].settings.epochs for plan in (first, second)] == [3, 5]


def test_failed_trainings_exit_with_1(stub):
    assert main(["--vary", "layers=1,2", "--seeds", "2"]) == 1


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "0 settings to compare: expected 2 or more, from --vary or [settings.NAME] tables"),
        (["--seed", "3"], "seed cannot be set: the seeds are those of --seeds"),
        (["--processes", "1.5"], "processes is '1.5': expected a whole number"),
        (
            ["--seeds", "x"],
            "seeds is 'x': expected a number of seeds, or a list of seeds such as 7,8,9",
        ),
        (["--vary", "los=a,b"], "vary: unknown setting 'los'; nearest: 'loss'"),
        (
            ["--vary", "layers=1,2", "--processes", "0"],
            "processes is 0: expected a whole number of 1 or more",
        ),
        (
            ["--vary", "layers=1,2", "--resamples", "0"],
            "resamples is 0: expected a whole number of 1 or more",
        ),
        (
            ["--vary", "layers=1,2", "--resamples", "1000000000"],
            "resamples is 1000000000: expected a whole number of 1,000,000 or less",
        ),
        (["--vary", "layers=1,2", "--train", "no.conll"], "no.conll: no such file\n"),
        (
            ["--vary", "layers=1,2", "--baseline", "layers=3"],
            "baseline is 'layers=3': expected one of layers=1, layers=2; nearest: 'layers=",
        ),
    ],
)
def test_a_mistake_is_one_line_and_code_2(capsys, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith(f"error: {message}")
    assert err.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("seed = 3", "compare.toml: seed cannot be set"),
        (FILE + "seeds = 'x'", "compare.toml: settings.b: unknown setting 'seeds'"),
        (FILE.replace("[4]", "'x'"), "compare.toml: seeds is 'x': expected a number of seeds"),
        ("epoch = 3", "compare.toml: unknown setting 'epoch'; nearest: 'epochs'"),
        ("[settings]\na = 3", "compare.toml: settings: expected tables [settings.NAME]"),
        (
            FILE + "layer = 2",
            "compare.toml: settings.b: unknown setting 'layer'; nearest: 'layers'",
        ),
    ],
)
def test_a_mistake_in_the_file(capsys, tmp_path, text, message):
    assert main(["--config", toml(tmp_path, text)]) == 2
    assert message in capsys.readouterr().err


def test_tables_and_vary_exclude_each_other(capsys, tmp_path):
    assert main(["--config", toml(tmp_path, FILE), "--vary", "layers=1,2"]) == 2
    assert "--vary and [settings.NAME] tables are both given" in capsys.readouterr().err
