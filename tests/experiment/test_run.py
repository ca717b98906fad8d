import json
import os
import subprocess
import sys
import tomllib
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import seqeval.metrics
from sklearn.metrics import accuracy_score, f1_score

import seqlab
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import repair
from seqlab.errors import RunError, SettingsError
from seqlab.experiment import run as experiment
from seqlab.experiment.corpora import sample_paths
from seqlab.settings.training import make_settings, read_settings
from tests import tiny

pytestmark = tiny.KERAS_NOISE

FILES = {
    "config.toml",
    "history.jsonl",
    "log.txt",
    "manifest.json",
    "mentions.npz",
    "metrics.json",
    "weights.npz",
    "report.html",
    "report.json",
    "README.md",
    "tagger.json",
    "vocabularies.json",
}
STATE = {"checkpoints/best-epoch-2.npz", "checkpoints/tagger.json", "checkpoints/epoch-3-batch-0.npz"}  # fmt: skip
CLASS = {"precision", "recall", "f1", "support", "predicted"}
STRICT = {"micro_f1", "macro_f1", "classes", "classes_never_found"}
SPLIT = STRICT | {"token_accuracy", "strict"}
SURE = {"micro_f1_interval", "macro_f1_interval", "resampled", "signature"}
BEYOND = {"partial", "type", "boundary", "errors", "seen", "by_length", "by_sentence_length"}


@pytest.fixture
def span(tmp_path_factory):
    return tiny.span_run(tmp_path_factory)


@pytest.fixture
def plain(tmp_path_factory):
    return tiny.plain_run(tmp_path_factory)


@pytest.fixture
def paths(tmp_path_factory):
    return tiny.corpus(tmp_path_factory)


def json_of(run, name):
    return json.loads((tiny.folder_of(run) / name).read_text(encoding="ascii"))


def test_the_run_directory_holds_everything(span):
    folder = tiny.folder_of(span)
    files = {str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file()}
    assert files == FILES | STATE


def test_the_manifest_has_the_true_size_and_sha256_of_every_file(span):
    files = json_of(span, "manifest.json")["files"]
    assert set(files) == FILES - {"manifest.json"} | STATE
    for name, found in files.items():
        content = (tiny.folder_of(span) / name).read_bytes()
        assert found == {"bytes": len(content), "sha256": sha256(content).hexdigest()}


def test_the_manifest_names_versions(span):
    versions = json_of(span, "manifest.json")["versions"]
    assert {"python", "seqlab", "keras", "tensorflow", "numpy"} <= set(versions)
    assert all(value[0].isdigit() for value in versions.values())


def test_no_file_holds_a_pickle(span):
    for path in (path for path in tiny.folder_of(span).rglob("*") if path.is_file()):
        head = path.read_bytes()[:8]
        assert head[:1] != b"\x80", path  # a pickle's first byte
        assert path.suffix != ".h5" or head == b"\x89HDF\r\n\x1a\n"


def test_metrics_have_the_promised_keys(span):
    metrics = json_of(span, "metrics.json")
    promised = {"best_epoch", "select", "seconds", "train_tokens_per_second", "splits"}
    assert set(metrics) == promised | {"interrupted", "decisions", "ending", "end_reason"}
    assert set(metrics["splits"]) == {"valid", "test"}
    for split in metrics["splits"].values():
        assert set(split) == SPLIT | {"confusion"} | SURE | BEYOND
        assert set(split["strict"]) == STRICT | {"signature"}
        certain = {"f1_interval", "smallest_difference"}
        for classes, more in ((split["classes"], certain), (split["strict"]["classes"], set())):
            assert classes
            assert all(set(found) == CLASS | more for found in classes.values())
    assert metrics == span.run.metrics


def test_history_has_the_promised_keys(span):
    lines = (tiny.folder_of(span) / "history.jsonl").read_text(encoding="utf-8").splitlines()
    records = [json.loads(line) for line in lines]
    assert [record["epoch"] for record in records] == [1, 2]
    for record in records:
        assert set(record) == SPLIT | {
            "epoch", "train_loss", "train_loss_unweighted", "valid_loss", "valid_loss_unweighted",
            "selected", "best", "learning_rate", "seconds", "evaluation_seconds",
            "train_tokens_per_second", "weights", "train_tokens", "loss_shares", "valid_loss_shares", "alarms", "answers",
        }  # fmt: skip
        assert set(record["classes"]) == {"PER", "LOC", "LAW"}
        assert all(set(found) == CLASS for found in record["classes"].values())
        assert sum(record["loss_shares"].values()) == pytest.approx(1)
        assert record["selected"] == record["macro_f1"]


def test_undefined_figures_are_null(span):
    """LAW is in the training corpus only. Validation has no gold for it."""
    first = (tiny.folder_of(span) / "history.jsonl").read_text(encoding="utf-8").splitlines()[0]
    law = json.loads(first)["classes"]["LAW"]
    assert (law["support"], law["recall"]) == (0, None)
    assert law["predicted"] or law["precision"] is law["f1"] is None
    assert "NaN" not in first


def test_figures_of_the_test_split_are_those_of_seqeval_called_by_hand(span):
    from seqlab.corpus.schemes import Scheme, convert

    sentences = list(seqlab.read_corpus(span.run.settings.test))
    gold = [list(convert(s.tags, Scheme.IOB2, Scheme.IOBES)) for s in sentences]
    predicted = [span.run.tagger.tag(s.tokens) for s in sentences]
    found = json_of(span, "metrics.json")["splits"]["test"]
    assert found["micro_f1"] == pytest.approx(seqeval.metrics.f1_score(gold, predicted))
    report = seqeval.metrics.classification_report(gold, predicted, output_dict=True)
    for name, figures in found["classes"].items():
        if figures["support"]:
            assert figures["f1"] == pytest.approx(report[name]["f1-score"])
            assert figures["support"] == report[name]["support"]
    scores = [report[n]["f1-score"] for n, c in found["classes"].items() if c["support"]]
    assert found["macro_f1"] == pytest.approx(sum(scores) / len(scores))
    assert found["token_accuracy"] == seqeval.metrics.accuracy_score(gold, predicted)
    assert found["micro_f1"] > 0  # figures that compare nothing would agree too


def test_the_best_epoch_is_the_one_that_is_kept(span):
    best = max(span.run.history, key=lambda r: (r.figures.macro_f1, -r.valid.weighted))
    metrics = json_of(span, "metrics.json")
    assert metrics["best_epoch"] == best.epoch
    valid = metrics["splits"]["valid"]
    assert valid["micro_f1"] == best.figures.micro_f1
    assert valid["macro_f1"] == best.figures.macro_f1
    assert valid["token_accuracy"] == best.figures.token_accuracy


def test_plain_tags_are_scored_by_token(plain):
    sentences = list(seqlab.read_corpus(plain.run.settings.test))
    gold = [tag for s in sentences for tag in s.tags]
    predicted = [tag for s in sentences for tag in plain.run.tagger.tag(s.tokens)]
    found = json_of(plain, "metrics.json")["splits"]["test"]
    assert set(found["classes"]) == set(gold) == {"NAME", "WORD", "NUM", "-PUNCT-"}
    assert found["micro_f1"] == found["token_accuracy"]
    assert found["micro_f1"] == pytest.approx(accuracy_score(gold, predicted))
    labels = sorted(set(gold))
    expected = f1_score(gold, predicted, labels=labels, average=None, zero_division=0)
    for name, value in zip(labels, expected, strict=True):
        assert found["classes"][name]["f1"] == pytest.approx(value)
    assert found["macro_f1"] == pytest.approx(expected.mean())
    assert found["strict"] is None


def test_config_toml_repeats_the_run(span):
    values = read_settings(str(tiny.folder_of(span) / "config.toml"))
    assert make_settings(**values) == span.run.settings
    assert values["scheme"] == "iobes"


def test_the_log_in_the_run_directory_is_the_printed_log(span):
    log = (tiny.folder_of(span) / "log.txt").read_text(encoding="utf-8")
    assert log == "\n".join(span.lines) + "\n"
    assert "note: tags converted from iob2 to iobes" in span.lines
    assert sum(line.startswith("epoch ") for line in span.lines) == 2
    assert span.lines[-1].startswith("test: micro F1 ")


def test_sentences_instead_of_a_path_are_refused():
    sentence = seqlab.Sentence(tokens=("a",), tags=("O",))
    for name, value in (("train", (sentence,)), ("test", [sentence])):
        with pytest.raises(SettingsError) as caught:
            seqlab.train_tagger(**{name: value})
        assert str(caught.value) == (
            f"{name} is of type {type(value).__name__}: expected a path; write sentences to a file first, as with "
            f"seqlab.write_corpus(sentences, '{name}.jsonl', format='jsonl')"
        )


def test_tensorflow_prints_nothing_when_training_from_python_imports_it():
    script = (
        "from seqlab.train import quietly\n"
        "assert quietly([1]) == [1]\n"
        "import tensorflow\n"
        "tensorflow.zeros(1) + 1\n"  # prints the features of the processor, unless silenced
    )
    environment = {k: v for k, v in os.environ.items() if not k.startswith("TF_")}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_keras_callbacks_are_called_as_fit_calls_them(span):
    names = "learning_rate loss unweighted_loss val_loss val_macro_f1 val_micro_f1"
    assert span.events == [
        "train begins: 10 steps",
        "epoch 0 begins",
        f"epoch 0 ends: {names} val_unweighted_loss",
        "epoch 1 begins",
        f"epoch 1 ends: {names} val_unweighted_loss",
        "train ends",
    ]


def test_the_report_is_in_the_run(span):
    html = (tiny.folder_of(span) / "report.html").read_text(encoding="utf-8")
    assert "<title>train.conll</title>" in html
    assert "tags converted from iob2 to iobes" in html


def refuse_to_start(monkeypatch):
    def prepare(settings, log):
        raise AssertionError("the corpora were read")

    monkeypatch.setattr(experiment, "prepare", prepare)


def test_a_finished_run_is_refused_before_anything_is_read(span, paths, monkeypatch):
    refuse_to_start(monkeypatch)
    folder = tiny.folder_of(span)
    before = sorted(path.stat().st_mtime_ns for path in folder.iterdir())
    with pytest.raises(RunError) as caught:
        seqlab.train_tagger(**paths, out=folder)
    assert str(caught.value) == (
        f"{folder}: holds a finished run; give --overwrite to replace it, or another --out"
    )
    assert sorted(path.stat().st_mtime_ns for path in folder.iterdir()) == before


def test_a_foreign_directory_is_refused_even_with_overwrite(tmp_path, paths, monkeypatch):
    refuse_to_start(monkeypatch)
    (tmp_path / "thesis.tex").write_text("years of work", encoding="utf-8")
    with pytest.raises(RunError) as caught:
        seqlab.train_tagger(**paths, out=tmp_path, overwrite=True)
    message = f"{tmp_path}: exists and is not a run of seqlab; choose another --out"
    assert str(caught.value) == message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize("fault", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_an_error_in_the_first_epoch_leaves_nothing(tmp_path, paths, fault):
    import keras

    class Fault(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            (temporary,) = tmp_path.iterdir()
            assert (temporary / "log.txt").is_file()
            raise fault

    with pytest.raises(fault):
        seqlab.train_tagger(**paths, **tiny.CHEAP, out=tmp_path / "run", callbacks=[Fault()])
    assert list(tmp_path.iterdir()) == []


def test_an_interrupt_after_the_first_epoch_says_how_to_go_on(tmp_path, paths):
    import keras

    class Interrupt(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 1:
                raise KeyboardInterrupt

    out, options = tmp_path / "run", tiny.CHEAP | {"epochs": 2}
    with pytest.raises(KeyboardInterrupt) as caught:
        seqlab.train_tagger(**paths, **options, out=out, callbacks=[Interrupt()])
    assert str(caught.value) == (
        f"interrupted; saved at the end of epoch 1; resume it with: python -m seqlab.train --resume {out}"
    )
    assert json.loads((out / "manifest.json").read_text())["status"] == "training"
    assert {path.name for path in tmp_path.iterdir()} == {"run"}
    whole = seqlab.train_tagger(**paths, **options, out=tmp_path / "whole")
    best_so_far = seqlab.load(out)
    assert best_so_far.encoder == whole.tagger.encoder
    resumed = seqlab.resume(out)
    assert (out / "weights.npz").read_bytes() == (whole.path / "weights.npz").read_bytes()
    assert resumed.metrics["splits"] == whole.metrics["splits"]
    assert {path.name for path in out.iterdir()} == FILES | {"checkpoints"}


def test_without_out_nothing_is_written(tmp_path, monkeypatch, paths):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("seqlab.experiment.fit.fit", lambda prepared, log, **options: TrainedTagger)
    run = seqlab.train_tagger(paths["train"])
    assert run.path is None
    assert run.metrics == {"made": "up"}
    assert list(tmp_path.iterdir()) == []


class TrainedTagger:
    tagger, metrics, history = None, {"made": "up"}, ()
    details, notes, scored = None, (), {}


def test_a_corpus_path_that_is_not_utf8_does_not_fail_the_run(span, tmp_path):
    from seqlab.experiment.fit import TrainedTagger
    from seqlab.experiment.metrics import ScoredTagger
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log

    prepared = prepare(span.run.settings, Log(lambda text: None, None))
    name = os.fsdecode(b"caf\xe9.conll")
    prepared = replace(prepared, settings=replace(prepared.settings, train=name))
    run = span.run
    scored = dict.fromkeys(("valid", "test"), ScoredTagger(run.tagger, prepared))
    fitted = TrainedTagger(
        tagger=run.tagger, scored=scored, metrics=run.metrics, history=run.history
    )
    experiment.save_experiment(prepared, fitted, tmp_path)
    config = tomllib.loads((tmp_path / "config.toml").read_text(encoding="utf-8"))
    assert config["train"] == "caf?.conll"
    assert "<title>caf\\u{dce9}.conll</title>" in (tmp_path / "report.html").read_text("utf-8")


def test_a_wrong_weight_or_class_is_reported_before_keras_is_imported(paths):
    def no_keras():
        raise AssertionError("too late")

    for wrong, fact in (
        ({"class_weights": "balnced"}, "balanced"),
        ({"class_weight": "NOPE=3"}, "NOPE"),
        ({"select": "f1:NOPE"}, "NOPE"),
    ):
        with pytest.raises(seqlab.UserError, match=fact):
            experiment.run_experiment(
                make_settings(**paths, **wrong), say=lambda text: None, load_keras=no_keras
            )


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"epohcs": 3}, "unknown setting 'epohcs'; nearest: 'epochs'"),
        ({"epochs": "3"}, "epochs is '3': expected a whole number"),
    ],
)
def test_settings_are_checked_as_those_of_the_command(settings, message):
    with pytest.raises(SettingsError) as caught:
        seqlab.train_tagger("train.conll", **settings)
    assert str(caught.value) == message


def test_the_bundled_sample_is_the_default():
    from seqlab.experiment.corpora import with_sample

    settings = with_sample(make_settings())
    for part in ("train", "valid", "test"):
        assert Path(getattr(settings, part)).is_file()
    shares = with_sample(make_settings(valid_share=0.2, test_share=0.1))
    assert (shares.valid, shares.test) == (None, None)
    mine = make_settings(train="mine.conll")
    assert with_sample(mine) is mine


# gensim leaves the file to the garbage collector, whose warning does not name our code.
@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")
def test_word_vectors_are_where_training_starts_and_stay_when_frozen(paths, tmp_path):
    words = {"Paris": [0.5, -1.0, 2.0], "oslo": [1.5, 0.25, -0.5]}
    glove = tmp_path / "glove.txt"
    glove.write_text(
        "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in words.items()), "utf-8"
    )
    lines = []
    run = seqlab.train_tagger(
        **paths, **tiny.CHEAP, vectors=glove, freeze_vectors=True, say=lines.append
    )
    assert run.tagger.architecture.word_dim == 3
    table = run.tagger.network.get_layer("word_embedding").get_weights()[0]
    for word, row in words.items():
        assert table[run.tagger.encoder.words.ids[word.lower()]].tolist() == row
    tokens = [token for s in seqlab.read_corpus(paths["train"]) for token in s.tokens]
    exact, lower = tokens.count("Paris") / len(tokens), tokens.count("Oslo") / len(tokens)
    assert lines[0] == "vectors: 2 words of 3 dimensions"
    assert lines[1].startswith(
        f"  train by token: {exact:.1%} exact, {lower:.1%} lower-case, {1 - exact - lower:.1%} unknown"
    )
    assert lines[2].startswith("  valid by token: ")


@pytest.mark.parametrize(
    "setting", [{"freeze_vectors": True}, {"vectors_limit": 9}, {"keep_vectors": "training"}]
)
def test_settings_of_vectors_need_vectors(paths, setting):
    with pytest.raises(SettingsError) as caught:
        seqlab.train_tagger(**paths, **setting)
    assert str(caught.value) == f"{next(iter(setting))} is given, but vectors is not given"


def test_a_class_weight_by_hand_overrides_the_table(tmp_path):
    from seqlab.corpus.schemes import Scheme
    from seqlab.encoding.encoder import fit_encoder
    from seqlab.experiment.classes import weights_of_tags

    path = tmp_path / "weights.toml"
    path.write_text("PER = 4\nLOC = 3\n", encoding="utf-8")
    settings = make_settings(class_weights=str(path), class_weight=["LOC=9"])
    sentence = seqlab.Sentence(tokens=("a", "b", "c", "d"), tags=("O", "B-PER", "I-PER", "B-LOC"))
    encoder = fit_encoder([sentence])
    counts = encoder.encode([sentence]).tag_counts()
    weights = weights_of_tags(settings, Scheme.IOB2, encoder, counts)
    assert dict(zip(encoder.tags, weights.tolist(), strict=True)) == {
        "O": 1, "B-PER": 4, "I-PER": 4, "B-LOC": 9,
    }  # fmt: skip


@pytest.mark.parametrize(
    "settings",
    [
        {"head": "crf", "loss": "focal"},
        {
            "head": "crf",
            "crf_loss": "likelihood",
            "class_weights": "none",
            "sentence_weights": "length",
        },
        {
            "head": "crf",
            "crf_loss": "likelihood",
            "emission_weights": True,
            "class_weights": "inverse",
        },
    ],
)
def test_a_crf_is_trained_and_saved_and_predicts_legal_sequences(paths, tmp_path, settings):
    run = seqlab.train_tagger(
        **paths, **tiny.CHEAP | {"epochs": 3} | settings, out=tmp_path / "run", scheme="iobes"
    )
    losses = [record.valid.weighted for record in run.history]
    assert losses[-1] < losses[0]
    assert run.tagger.architecture.head == "crf"
    sentences = list(read_corpus(paths["test"]))
    said = [prediction.tags for prediction in run.tagger.predict(sentences)]
    assert all(repair(tags, run.tagger.scheme)[1] == 0 for tags in said)
    loaded = seqlab.load(run.path)
    assert [prediction.tags for prediction in loaded.predict(sentences)] == said


@pytest.mark.parametrize(
    ("scheme", "settings", "head"),
    [
        ("iob2", {}, "crf"),
        ("plain", {}, "softmax"),
        ("iob2", {"loss": "ldam"}, "softmax"),
        ("plain", {"head": "crf"}, "crf"),
        ("iob2", {"head": "softmax"}, "softmax"),
    ],
)
def test_span_tasks_use_the_crf_unless_settings_say_otherwise(paths, scheme, settings, head):
    options = {name: value for name, value in tiny.CHEAP.items() if name != "head"}
    run = seqlab.train_tagger(**paths, **options | settings, scheme=scheme)
    assert run.tagger.architecture.head == head


def test_emission_weights_are_in_the_log_and_tokens_weigh_1(paths):
    lines = []
    run = seqlab.train_tagger(
        **paths,
        **tiny.CHEAP | {"head": "crf"},
        crf_loss="likelihood",
        emission_weights=True,
        class_weights="sqrt-inverse",
        say=lines.append,
    )
    (line,) = [line for line in lines if line.startswith("emission weights: ")]
    weights = dict(part.split(" ") for part in line.removeprefix("emission weights: ").split(", "))
    assert set(weights) == set(run.tagger.encoder.tags)
    assert float(weights["O"]) < 1 < float(weights["B-LAW"])
    assert set(run.history[-1].train.weights.values()) == {1.0}


def test_without_constraints_each_token_has_its_best_tag(paths):
    run = seqlab.train_tagger(**paths, **tiny.CHEAP, constrained=False)
    assert not run.tagger.constrained
    assert run.tagger.legal is None


@pytest.mark.bits("repeated")
@pytest.mark.parametrize(
    "word_updates", [pytest.param("dense", marks=pytest.mark.slow), "deferred"]
)
def test_a_cached_corpus_trains_the_same_network_to_the_bit(tmp_path, word_updates):
    """On the bundled sample."""
    train = sample_paths()["train"]
    options = tiny.CHEAP | {"valid": sample_paths()["valid"], "word_updates": word_updates}
    options |= {"batch_sentences": 32, "out": tmp_path / "plain"}
    plain = seqlab.train_tagger(train, **options)
    options |= {"out": tmp_path / "cached", "cache": tmp_path / "cache"}
    cached = seqlab.train_tagger(train, **options)
    assert cached.notes == plain.notes
    for one, other in zip(
        cached.tagger.network.get_weights(), plain.tagger.network.get_weights(), strict=True
    ):
        np.testing.assert_array_equal(one, other)
    names = ("vocabularies.json", "tagger.json")
    for name in names:
        assert (cached.path / name).read_bytes() == (plain.path / name).read_bytes()
    assert cached.metrics["splits"] == plain.metrics["splits"]


def test_deferred_word_updates_train_the_network_of_dense_ones(paths):
    dense, deferred = (
        seqlab.train_tagger(**paths, **tiny.CHEAP, word_updates=word_updates)
        .tagger.network.get_layer("word_embedding")
        .get_weights()[0]
        for word_updates in ("dense", "deferred")
    )
    np.testing.assert_allclose(deferred, dense, atol=1e-5)


@pytest.mark.parametrize(
    ("updates", "words", "name"),
    [
        ("auto", 3_999, "FusedAdam"),
        ("auto", 4_000, "DeferredAdam"),
        ("dense", 4_000, "FusedAdam"),
        ("deferred", 3, "DeferredAdam"),
    ],
)
def test_updates_of_large_word_tables_are_deferred_by_default(updates, words, name):
    from seqlab.experiment.build import choose_adam

    assert choose_adam(updates, words).__name__ == name


def test_alarms_name_weights_in_the_scale_of_class_weight(paths):
    """An alarm doubles a weight in the scale of --class-weight. It names no weight if weights do not act."""
    from seqlab.experiment.build import weights_as_typed
    from seqlab.experiment.prepare import prepare
    from seqlab.reporting.log import Log

    def stated(**settings):
        return weights_as_typed(
            prepare(make_settings(**paths, **settings), Log(lambda _: None, None))
        )

    found = stated(class_weights="balanced")
    typed = {name: f"{name}={weight}" for name, weight in found.items()}
    by_hand = stated(class_weights="none", class_weight=tuple(typed.values()))
    assert found == pytest.approx(by_hand)
    assert found["LAW"] > found["PER"] > found["O"]
    assert stated(share_prefix_weights=False, class_weight=("B-PER=9",))["PER"] == 9
    likelihood = {"head": "crf", "crf_loss": "likelihood"}
    assert stated(**likelihood, class_weights="none") == {}
    assert stated(**likelihood, emission_weights=True, class_weight="PER=3")["PER"] == 3
