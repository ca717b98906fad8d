import json
import re
import signal
import subprocess
import sys
import threading
import tomllib
from pathlib import Path

import pytest
import tomli_w

from seqlab import read_corpus, tag_weights, train
from seqlab.cli import OTHER_OPTIONS
from seqlab.corpus.schemes import Scheme
from seqlab.experiment import run as experiment
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings, make_settings, read_settings, setting_names
from seqlab.train import main, run_name
from tests import tiny
from tests.reporting.records import record

pytestmark = tiny.KERAS_NOISE

# One value, other than the default, for each option that scripts may pass.
OPTIONS = {
    "--train": "a.conll",
    "--valid": "b.conll",
    "--test": "c.conll",
    "--out": "runs/x",
    "--format": "jsonl",
    "--token-column": "1",
    "--tag-column": "-2",
    "--scheme": "iobes",
    "--valid-share": "0.25",
    "--vectors": "glove.txt",
    "--class-weights": "balanced",
    "--class-weight": "PER=4",
    "--token-weight-column": "-1",
    "--sentence-weights": "length",
    "--word-features": "none",
    "--feature-columns": "pos=1",
    "--weight-field": "votes",
    "--confidence-field": "sure",
    "--date-field": "when",
    "--half-life": "30.5",
    "--newest-date": "2024-03-01",
    "--resample": "nscrd",
    "--keep-empty": "0.5",
    "--weight-cap": "7.5",
    "--epochs": "3",
    "--patience": "2",
    "--batch-sentences": "8",
    "--batch-tokens": "900",
    "--select": "f1:PER",
    "--seed": "11",
}


@pytest.fixture
def stub(monkeypatch):
    """Replace training; returns the settings that it was called with."""
    seen: list[TrainSettings] = []

    def run_experiment(settings, *, say, load_keras, audit, resumes):
        seen.append(settings)
        say("! an epoch\x1b[2J")
        split = {"micro_f1": 1.0, "macro_f1": 1.0, "classes": {}}
        return experiment.Run(
            tagger=None,
            metrics={"best_epoch": 1, "end_reason": "patience", "splits": {"valid": split}},
            history=(record(),),
            settings=settings,
            notes=(),
            path=settings.out,
        )

    monkeypatch.setattr(experiment, "run_experiment", run_experiment)
    return seen


def printed_config(capsys, *argv):
    assert main([*argv, "--print-config"]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    return tomllib.loads(out)


def mistake(capsys, *argv):
    """The line on standard error, without 'error: '."""
    assert main(argv) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("error: ")
    assert err.endswith("\n")
    assert err.count("\n") == 1
    return err[len("error: ") : -1]


def config(folder, text):
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


PARTNERS = {
    "--confidence-field": {"sentence_weights": ["confidence"]},
    "--date-field": {"sentence_weights": ["recency"], "half_life": 3.0},
    "--weight-field": {"sentence_weights": ["field"]},
    "--half-life": {"sentence_weights": ["recency"]},
    "--newest-date": {"sentence_weights": ["recency"], "half_life": 3.0},
}
"""By option, the other settings that it needs."""


@pytest.mark.parametrize(("option", "value"), OPTIONS.items())
def test_every_promised_option_is_a_setting_of_the_same_name(capsys, tmp_path, option, value):
    name = option.removeprefix("--").replace("-", "_")
    partner = config(tmp_path, tomli_w.dumps(PARTNERS.get(option, {})))
    by_option = printed_config(capsys, option, value, "--config", partner)
    table = tomli_w.dumps({name: by_option[name], **PARTNERS.get(option, {})})
    assert str(by_option[name]) in (value, str([value]))
    assert printed_config(capsys, "--config", config(tmp_path, table)) == by_option
    assert by_option != printed_config(capsys)


def test_every_setting_is_in_the_help(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["--help"]) == 0
    words = capsys.readouterr().out.split()
    for name in [*setting_names(), "config", "print_config"]:
        assert f"--{name.replace('_', '-')}" in words, name


def test_help_has_the_settings_under_headings(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "200")
    assert main(["--help"]) == 0
    panels = re.split(r"╭─ (.*?) ─+╮", capsys.readouterr().out)[1:]
    under = dict(zip(panels[::2], panels[1::2], strict=True))
    headings = dict.fromkeys(setting.heading for setting in declared(TrainSettings).values())
    assert list(under) == [OTHER_OPTIONS, *headings]
    named = {title: re.findall(r"^│ --([a-z0-9-]+)", text, re.M) for title, text in under.items()}
    assert named[OTHER_OPTIONS] == ["config", "resume", "print-config", "quiet", "json"]
    assert named["Sampling"] == ["resample", "keep-empty", "augment", "augment-share"]
    assert (named["Training"][0], named["Training"][-1]) == ("epochs", "seed")
    settings = [name for title, names in named.items() if title != OTHER_OPTIONS for name in names]
    assert settings == [name.replace("_", "-") for name in setting_names()]


def test_an_option_overrides_the_config_file_which_overrides_the_default(capsys, tmp_path):
    path = config(tmp_path, "epochs = 9\npatience = 3\noverwrite = true\nclass_weight = ['A=1']\n")
    found = printed_config(
        capsys, "--epochs", "5", "--config", path, "--no-overwrite", "--class-weight", "B=2"
    )
    default = dict(TrainSettings().items())
    changed = {"epochs": 5, "patience": 3, "overwrite": False, "class_weight": ["B=2"]}
    assert found == default | changed


@pytest.mark.parametrize("form", [["--config", "{}"], ["--config={}"]], ids=" ".join)
def test_the_output_of_print_config_is_a_config_file_of_the_same_settings(capsys, tmp_path, form):
    argv = ["--train", "x.conll", "--tag-column", "-1", "--char-encoder", "none"]
    argv += ["--class-weight", "PER=4", "--class-weight", "B-LOC=2.5", "--learning-rate", "1e-5"]
    argv += ["--no-share-prefix-weights", "--batch-tokens", "900"]
    argv += ["--word-features", "suffix", "--word-features", "case"]
    first = printed_config(capsys, *argv)
    path = config(tmp_path, tomli_w.dumps(first))
    again = [part.format(path) for part in form]
    assert printed_config(capsys, *again) == first
    assert first["class_weight"] == ["PER=4", "B-LOC=2.5"]
    assert first["char_encoder"] == "none"
    assert first["word_features"] == ["suffix", "case"]


def test_word_features_none_overrides_the_features_of_a_file(capsys, tmp_path):
    path = config(tmp_path, "word_features = ['suffix', 'case']\n")
    assert printed_config(capsys, "--config", path)["word_features"] == ["suffix", "case"]
    found = printed_config(capsys, "--config", path, "--word-features", "none")
    assert found["word_features"] == ["none"]
    again = config(tmp_path, "word_features = []\n")
    assert printed_config(capsys, "--config", again)["word_features"] == ["none"]
    assert printed_config(capsys)["word_features"] == ["case", "prefix", "suffix", "shape"]


def test_an_unknown_word_feature_is_refused(capsys):
    said = mistake(capsys, "--word-features", "case", "--word-features", "sufix")
    assert "sufix" in said
    assert "suffix" in said


def test_a_table_of_class_weights_equals_the_repeated_option(capsys, tmp_path):
    path = config(tmp_path, '[class_weight]\nPER = 4\n"B-LOC" = 2.5\n')
    by_option = printed_config(capsys, "--class-weight", "PER=4", "--class-weight", "B-LOC=2.5")
    assert printed_config(capsys, "--config", path) == by_option


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ("--epoch 3", "Unknown option: --epoch. Did you mean --epochs?"),
        ("--epochs x", "epochs is 'x': expected a whole number"),
        ("--dropout x", "dropout is 'x': expected a number"),
        ("--epochs 0", "epochs is 0: expected 1 or more"),
        ("--epochs", "Parameter --epochs requires an argument."),
        (
            "--scheme iob3",
            'Invalid value "iob3" for --scheme. Choose from: "iob1", "iob2", "iobes", "bmes", '
            '"plain". Did you mean "iob2"?',
        ),
        (
            "--batch-sentences 4 --batch-tokens 90",
            "batch_sentences and batch_tokens are both given: choose one",
        ),
        ("--valid v --valid-share 0.1", "valid and valid_share are both given: choose one"),
        ("--seed -1", "seed is -1: expected 0 or more"),
        (
            "--select macro",
            "select is 'macro': expected one of macro_f1, micro_f1, min_f1, valid_loss, f1:NAME; "
            "nearest: 'macro_f1'",
        ),
        ("--config", "Parameter --config requires an argument."),
        ("--valid v.conll", "valid or test is given without train"),
        ("--train t.conll", "t.conll: no such file"),
        ("--freeze-vectors", "freeze_vectors is given, but vectors is not given"),
        ("train.conll", "unexpected 'train.conll': options begin with --"),
    ],
)
def test_a_mistake_is_one_line_that_says_what_to_do(capsys, tmp_path, monkeypatch, argv, message):
    monkeypatch.chdir(tmp_path)
    assert mistake(capsys, *argv.split()) == message
    assert list(tmp_path.iterdir()) in ([], [tmp_path / "runs"])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("bacth_tokens = 3", "unknown setting 'bacth_tokens'; nearest: 'batch_tokens'"),
        ("epochs = 3.5", "epochs is 3.5: expected a whole number"),
        ('epochs = "3"', "epochs is '3': expected a whole number"),
        ("print_config = true", "unknown setting 'print_config'; nearest: 'encoding'"),
    ],
)
def test_a_mistake_in_the_config_file_names_the_file(capsys, tmp_path, text, message):
    path = config(tmp_path, text)
    assert mistake(capsys, "--config", path) == f"{path}: {message}"


def test_a_missing_config_file(capsys, tmp_path):
    path = tmp_path / "nope.toml"
    assert mistake(capsys, "--config", str(path)) == f"{path}: no such file"
    (tmp_path / "nape.toml").touch()
    assert mistake(capsys, "--config", str(path)) == f"{path}: no such file; nearest: 'nape.toml'"


def test_without_out_the_run_gets_the_next_free_name(capsys, tmp_path, monkeypatch, stub):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "runs" / "wnut-1").mkdir(parents=True)
    assert main(["--train", "data/wnut.train.conll"]) == 0
    assert main([]) == 0
    assert main(["--train", "x", "--out", "mine"]) == 0
    assert [Path(settings.out) for settings in stub] == [
        Path("runs/wnut-2"),
        Path("runs/sample-1"),
        Path("mine"),
    ]
    assert capsys.readouterr().out.splitlines()[-4:] == [
        "Epoch 1 of 1 is kept, with macro F1 1.000 and micro F1 1.000 on validation; "
        "no class has 5 gold items, so none can be judged.",
        "Score the tagger on a test split, because validation chose the epoch, so its figures are a little too high.",
        "run: mine",
        "report: mine/report.html",
    ]


def test_quiet_prints_the_result_only(capsys, stub):
    assert main(["--train", "x", "--out", "mine", "--quiet"]) == 0
    assert capsys.readouterr().out.splitlines()[0].startswith("Epoch 1 of 1 is kept")
    assert main(["--train", "x", "--out", "mine"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "! an epoch\\x1b[2J"


def test_json_prints_the_run_the_verdict_and_the_metrics(capsys, stub):
    assert main(["--train", "x", "--out", "mine", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["run"] == "mine"
    assert printed["verdict"].startswith("Epoch 1 of 1 is kept")
    assert printed["best_epoch"] == 1
    assert printed["splits"] == {"valid": {"micro_f1": 1.0, "macro_f1": 1.0, "classes": {}}}


def test_colours_are_added_after_control_characters_are_gone(capsys, stub, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert main(["--train", "x", "--out", "mine"]) == 0
    assert capsys.readouterr().out.splitlines()[0] == "\x1b[31m! an epoch\\x1b[2J\x1b[0m"


@pytest.mark.parametrize(
    ("path", "name"),
    [
        (None, "sample"),
        ("a/b/train.conll.gz", "b"),
        ("a/b/", "b"),
        ("a/.hidden", "a"),
        ("/", "run"),
    ],
)
def test_run_name(path, name):
    assert run_name(make_settings(train=path)) == name


def test_sigterm_is_an_interrupt(monkeypatch, capsys, tmp_path):
    def killed(settings, **options):
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(experiment, "run_experiment", killed)
    assert main(["--out", "x"]) == 130
    assert capsys.readouterr().err == "error: interrupted\n"


def test_training_in_another_thread_leaves_signals_alone(stub, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    codes = []
    thread = threading.Thread(target=lambda: codes.append(main(["--out", "x"])))
    thread.start()
    thread.join()
    assert codes == [0]
    assert len(stub) == 1


def test_an_option_overrides_the_settings_of_the_file_that_it_excludes(stub, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    path = config(tmp_path, "batch_tokens = 500\nvalid_share = 0.3\n")
    assert main(["--config", path, "--batch-sentences", "8", "--valid", "v.conll"]) == 0
    (settings,) = stub
    assert (settings.batch_sentences, settings.batch_tokens) == (8, None)
    assert (settings.valid, settings.valid_share) == ("v.conll", None)


@pytest.mark.parametrize("words", [["--epochs", "3.5"], ["--batch-tokens=1e.2"]])
def test_a_fraction_is_not_rounded(capsys, words):
    assert main(words) == 2
    assert "expected a whole number" in capsys.readouterr().err


def test_a_bar_for_each_epoch_is_drawn_if_progress_is(monkeypatch):
    from seqlab.reporting.progress import terminal_progress
    from seqlab.reporting.training_progress import LiveProgress

    assert train.load_keras() == []
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    (bar,) = train.load_keras(terminal_progress())
    assert isinstance(bar, LiveProgress)


@pytest.fixture(scope="module")
def twice(tmp_path_factory):
    """The run directory of the command, and the run of the function with the same settings."""
    import seqlab

    folder = tmp_path_factory.mktemp("twice")
    paths = tiny.corpus(tmp_path_factory)
    by_hand = {"class_weights": "sqrt-inverse", "class_weight": {"LAW": 3, "B-PER": 1.5}}
    table = {**paths, **tiny.CHEAP, "epochs": 2, **by_hand}
    path = config(folder, tomli_w.dumps(table))
    assert main(["--config", path, "--out", str(folder / "command")]) == 0
    run = seqlab.train_tagger(**read_settings(path), out=str(folder / "function"))
    return folder / "command", run


TIMES = ("seconds", "evaluation_seconds", "train_tokens_per_second")


def without_times(record):
    return {key: value for key, value in record.items() if key not in TIMES}


@pytest.mark.bits("repeated")
def test_the_same_settings_give_the_same_numbers_by_command_and_by_function(twice):
    command, run = twice
    ours = [json.loads(line) for line in (command / "history.jsonl").read_text().splitlines()]
    theirs = [record.to_json() for record in run.history]
    assert len(ours) == 2
    assert [without_times(record) for record in ours] == [without_times(r) for r in theirs]
    metrics = json.loads((command / "metrics.json").read_text())
    assert without_times(metrics) == without_times(run.metrics)


@pytest.mark.bits("repeated")
def test_the_same_settings_give_the_same_weights_bit_for_bit(twice):
    import seqlab

    command, run = twice
    ours, theirs = seqlab.load(command).network.get_weights(), run.tagger.network.get_weights()
    assert [w.tobytes() for w in ours] == [w.tobytes() for w in theirs]


def test_manual_class_weights_are_used_in_training(twice):
    _, run = twice
    assert run.settings.class_weight == {"LAW": 3, "B-PER": 1.5}
    weights = run.history[0].train.weights  # brought to mean 1 over tokens: ratios are what counts
    assert run.settings.class_weights == "sqrt-inverse"
    tags = [tag for s in read_corpus(run.settings.train) for tag in s.tags]
    counts = {tag: tags.count(tag) for tag in set(tags)}
    computed = tag_weights(counts, "sqrt-inverse", tag_scheme=Scheme.IOB2)
    assert weights["LAW"] / weights["O"] == pytest.approx(3 / computed["O"], rel=1e-5)
    mean = (1.5 * counts["B-PER"] + computed["I-PER"] * counts["I-PER"]) / (
        counts["B-PER"] + counts["I-PER"]
    )
    assert weights["PER"] / weights["O"] == pytest.approx(mean / computed["O"], rel=1e-5)


def test_an_unknown_class_in_the_weights_is_refused(capsys, tmp_path, tmp_path_factory):
    paths = tiny.corpus(tmp_path_factory)
    out = tmp_path / "run"
    argv = ["--train", paths["train"], "--out", str(out), "--class-weight", "PRE=3"]
    assert main(argv) == 2
    lines = capsys.readouterr().err.splitlines()
    assert lines == [
        "error: class_weight names 'PRE': expected one of O, PER, LOC, LAW; nearest: 'PER'"
    ]
    assert list(tmp_path.iterdir()) == []


def test_resampling_and_weights_from_the_command_line(capsys, tmp_path_factory):
    """End to end: copies, fewer empty sentences, two factors of sentence weights, a low weight for O."""
    paths = tiny.corpus(tmp_path_factory)
    folder = tmp_path_factory.mktemp("resampled")
    config = folder / "run.toml"
    table = {name.replace("_", "-"): value for name, value in tiny.CHEAP.items()}
    config.write_text(tomli_w.dumps({**table, **paths}), encoding="utf-8")
    weighed = folder / "train.conll"
    text = Path(paths["train"]).read_text(encoding="utf-8")
    dated = [f"# date = 2024-01-0{n % 9 + 1}\n{b}" for n, b in enumerate(blocks_of(text))]
    weighed.write_text("\n\n".join(dated) + "\n", encoding="utf-8")
    argv = ["--config", str(config), "--train", str(weighed), "--out", str(folder / "run")]
    argv += ["--resample", "nscrd", "--keep-empty", "0.5", "--class-weight", "O=0.2"]
    argv += ["--sentence-weights", "length", "--sentence-weights", "recency", "--half-life", "3"]
    argv += ["--class-weights", "none"]
    code = main(argv)
    out, err = capsys.readouterr()
    assert (code, err) == (0, "")
    assert "sentence weights: length; smallest" in out
    assert "sentence weights: recency; smallest 0.157, " in out  # 8 days: 2 ** (-8 / 3)
    assert "valid: no sentence has a field 'date'; recency is not used there" in out
    assert "sentence weights, all factors together; smallest" in out
    assert "resampling nscrd: an epoch holds " in out
    assert "(unweighted " in out
    kept = tomllib.loads((folder / "run" / "config.toml").read_text(encoding="utf-8"))
    assert kept["sentence_weights"] == ["length", "recency"]
    assert (kept["resample"], kept["keep_empty"], kept["half_life"]) == ("nscrd", 0.5, 3.0)
    record = json.loads((folder / "run" / "history.jsonl").read_text(encoding="utf-8"))
    assert record["valid_loss"] != record["valid_loss_unweighted"]
    assert record["weights"]["O"] < 0.5 * record["weights"]["PER"]
    assert "resampling nscrd" in (folder / "run" / "report.html").read_text(encoding="utf-8")


def blocks_of(text):
    return [block for block in text.strip().split("\n\n") if block]


def test_the_parser_needs_no_numpy():
    """Help and a mistyped option answer at once."""
    code = "import sys, seqlab.train; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
