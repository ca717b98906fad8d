"""An interrupted training goes on from its run directory: as a whole, moved, damaged, with other settings and files."""

import json
import shutil
from pathlib import Path

import pytest

import seqlab
from seqlab import train
from seqlab.checkpointing.open_training import resumed_directory
from seqlab.errors import RunError, SettingsError
from seqlab.evaluate import evaluate_tagger
from seqlab.experiment import fit
from seqlab.experiment.resume import (
    check_changes,
    check_inputs,
    resumed_settings,
    stored_settings,
)
from seqlab.settings.training import make_settings
from seqlab.storing.save_and_load import load_run, unfinished_notes
from seqlab.training.epoch_record import EpochRecord
from tests import tiny

pytestmark = tiny.KERAS_NOISE

OPTIONS = tiny.CHEAP | {
    "epochs": 3,
    "dropout": 0.3,
    "word_dropout": 0.2,
    "resample": "auto",
    "augment": ["mentions", "tokens", "segments", "case"],
    "average_epochs": 1.0,
    "rare_word_dropout": 0.5,
}
TIMES = ("seconds", "train_tokens_per_second")


def raise_in_epoch(epoch, batch, error):
    """A Keras callback that raises an error after a batch, both counted from 1."""
    import keras

    class Raise(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            self.now = epoch + 1

        def on_train_batch_end(self, number, logs=None):
            if (self.now, number + 1) == (epoch, batch):
                raise error

    return Raise()


@tiny.once
def corpus_and_run(factory):
    """A folder with a corpus and a training that was stopped in epoch 3, with a checkpoint after each batch.

    The folder `whole` has the same training, which nothing stopped.
    """
    folder = factory.mktemp("interrupted")
    paths = {}
    for part, path in tiny.corpus(factory).items():
        paths[part] = str(shutil.copy(path, folder))
    (folder / "cities.txt").write_text("Paris\nOslo\n", encoding="utf-8")
    paths["gazetteer"] = {"city": folder / "cities.txt", "country": "geonames:countries"}
    seqlab.train_tagger(**paths, **OPTIONS, out=folder / "whole")
    stop = raise_in_epoch(3, 4, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        seqlab.train_tagger(
            **paths, **OPTIONS, checkpoint_minutes=0, out=folder / "run", callbacks=[stop]
        )
    return folder


@pytest.fixture
def place(tmp_path, tmp_path_factory):
    """A copy of the folder that tests may change."""
    return Path(shutil.copytree(corpus_and_run(tmp_path_factory), tmp_path / "place"))


def state_of(run):
    content = json.loads((run / "manifest.json").read_text(encoding="ascii"))
    return content["status"], content["training"]["epoch"], content["training"]["batch"]


def assert_same_end(run, whole):
    """Weights, description and figures are equal bit for bit; times are not."""
    for name in ("weights.npz", "tagger.json", "vocabularies.json"):
        assert (run / name).read_bytes() == (whole / name).read_bytes(), name
    metrics = [json.loads((path / "metrics.json").read_text()) for path in (run, whole)]
    for one in metrics:
        for name in TIMES:
            del one[name]
    assert metrics[0] == metrics[1]
    names = [{p.relative_to(path).as_posix() for p in path.rglob("*")} for path in (run, whole)]
    assert names[0] == names[1]


class TestWhatMayChange:
    def refusal(self, run, **changes):
        with pytest.raises(SettingsError) as caught:
            resumed_settings(run, changes)
        return str(caught.value)

    def refusal_of_files(self, run, **changes):
        with pytest.raises(RunError) as caught:
            resumed_settings(run, changes)
        return str(caught.value)

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            (
                {"learning_rate": 0.5},
                "learning_rate is 0.5, but the training in {run} has 0.02; only epochs, patience, max_seconds, "
                "checkpoint_minutes may change: leave it out",
            ),
            (
                {"batch_sentences": 9, "epochs": 5},
                "batch_sentences is 9, but the training in {run} has 4; only epochs, patience, max_seconds, "
                "checkpoint_minutes may change: leave it out",
            ),
            (
                {"class_weight": ("LAW=2",)},
                "class_weight is {{'LAW': 2.0}}, but the training in {run} has not given; only epochs, patience, "
                "max_seconds, checkpoint_minutes may change: leave it out",
            ),
            ({"epohcs": 3}, "unknown setting 'epohcs'; nearest: 'epochs'"),
        ],
    )
    def test_other_settings_are_refused_by_name(self, place, changes, message):
        run = place / "run"
        assert self.refusal(run, **changes) == message.format(run=run)

    def test_a_finished_training_needs_more_to_do(self, place):
        run = place / "whole"
        assert self.refusal(run) == (
            f"{run}: this training is finished; give more --epochs, --patience or --max-seconds, or start a new training "
            f"from it with --init-from {run}"
        )
        assert resumed_settings(run, {"epochs": 4}).epochs == 4
        assert self.refusal(run, epochs=1) == self.refusal(run)

    def test_a_run_is_resumed_where_it_is(self, place):
        run = place / "run"
        stored = stored_settings(run)
        moved = make_settings(**{**stored, "out": str(place / "other")})
        with pytest.raises(SettingsError) as caught:
            check_changes(run, make_settings(**stored), moved)
        assert str(caught.value) == (
            f"out is '{place / 'other'}', but {run} is resumed where it is: leave it out"
        )

    def test_a_file_that_is_not_there_is_named(self, place):
        run, missing = place / "run", place / "moved.conll"
        with pytest.raises(RunError) as caught:
            resumed_settings(run, {"train": str(missing)})
        assert str(caught.value) == (
            f"{run}: train of this training is not at {missing} any more; give --train with its new path"
        )

    def test_the_paths_of_inputs_are_found_from_another_directory(self, place, monkeypatch):
        monkeypatch.chdir(place)
        settings = resumed_settings(Path("run"), {"train": "train.conll"})
        assert (settings.train, settings.out) == ("train.conll", "run")

    @pytest.mark.parametrize("name", ["train", "valid", "test"])
    def test_a_file_with_other_content_is_refused(self, place, name):
        run, path = place / "run", place / f"{name}.conll"
        path.write_text(path.read_text(encoding="utf-8") + "\nRome B-LOC\n", encoding="utf-8")
        settings = resumed_settings(run, {name: str(path)})
        with resumed_directory(run) as directory, pytest.raises(RunError) as caught:
            check_inputs(directory, settings)
        assert str(caught.value) == (
            f"{run}: the content of {name} has changed since this training started: {path}; "
            f"give --{name} with the file of then"
        )
        assert state_of(run) == ("training", 3, 3)

    def test_a_list_with_other_content_is_refused_and_other_lists_stay(self, place):
        run, path = place / "run", place / "cities.txt"
        path.write_text("Rome\n", encoding="utf-8")
        settings = resumed_settings(run, {"gazetteer": f"city={path}"})
        assert dict(settings.gazetteer) == {"city": str(path), "country": "geonames:countries"}
        with resumed_directory(run) as directory, pytest.raises(RunError) as caught:
            check_inputs(directory, settings)
        assert str(caught.value) == (
            f"{run}: the content of gazetteer city has changed since this training started: {path}; "
            "give --gazetteer city=FILE with the file of then"
        )

    def test_another_list_is_refused(self, place):
        assert self.refusal(place / "run", gazetteer="first=names:first") == (
            "gazetteer is ['city', 'country', 'first'], but the training in {run} has ['city', 'country']; only "
            "epochs, patience, max_seconds, checkpoint_minutes may change: leave it out"
        ).format(run=place / "run")

    def test_a_list_that_is_missing_is_named(self, place):
        assert self.refusal_of_files(place / "run", gazetteer="city=no.txt") == (
            f"{place}/run: gazetteer city of this training is not at no.txt any more; "
            "give --gazetteer city=FILE with its new path"
        )

    def test_a_file_that_the_training_did_not_have_is_refused(self, place):
        run = place / "run"
        vectors = place / "valid.conll"
        settings = resumed_settings(run, {"vectors": str(vectors)})
        with resumed_directory(run) as directory, pytest.raises(RunError) as caught:
            check_inputs(directory, settings)
        assert str(caught.value) == (
            f"{run}: this training started without vectors; leave --vectors out"
        )


class TestCommandLine:
    def test_resume_and_config_are_not_given_together(self, place, capsys):
        code = train.main(["--resume", str(place / "run"), "--config", "x.toml"])
        assert (code, capsys.readouterr().err) == (
            2, "error: --config and --resume are both given: choose one\n",
        )  # fmt: skip

    def test_a_run_that_is_missing(self, place, capsys):
        code = train.main(["--resume", str(place / "rum")])
        assert (code, capsys.readouterr().err) == (
            2, f"error: {place}/rum: no run of seqlab here; nearest: 'run'\n",
        )  # fmt: skip

    def test_another_setting_on_the_command_line(self, place, capsys):
        code = train.main(["--resume", str(place / "run"), "--layers", "2"])
        assert code == 2
        assert capsys.readouterr().err == (
            f"error: layers is 2, but the training in {place}/run has 1; only epochs, patience, max_seconds, "
            "checkpoint_minutes may change: leave it out\n"
        )


@pytest.mark.bits("repeated")
class TestGoingOn:
    def test_it_ends_as_one_that_nothing_stopped_wherever_its_directory_is(self, place):
        assert state_of(place / "run") == ("training", 3, 3)
        run = (place / "run").rename(place / "moved")
        (place / "train.conll").rename(place / "elsewhere.conll")
        said = []
        seqlab.resume(run, train=str(place / "elsewhere.conll"), say=said.append)
        assert "resumed in epoch 3, after batch 3; 2 epochs done before" in said
        assert not [line for line in said if line.startswith("note: the training started with")]
        assert_same_end(run, place / "whole")
        history = (run / "history.jsonl").read_text(encoding="utf-8").splitlines()
        assert [json.loads(line)["epoch"] for line in history] == [1, 2, 3]

    @pytest.mark.slow
    def test_a_damaged_checkpoint_gives_way_to_the_one_before(self, place):
        run, said = place / "run", []
        newest = run / "checkpoints" / "epoch-3-batch-3.npz"
        content = bytearray(newest.read_bytes())
        content[len(content) // 2] ^= 1
        newest.write_bytes(content)
        seqlab.resume(run, say=said.append)
        note = f"note: {newest}: damaged: its sha256 is not the manifest's; trying the previous checkpoint"
        assert (
            said[said.index(note) + 1] == "resumed in epoch 3, after batch 2; 2 epochs done before"
        )
        assert_same_end(run, place / "whole")

    def test_without_an_intact_checkpoint_nothing_is_changed(self, place):
        run = place / "run"
        for path in (run / "checkpoints").glob("epoch-*"):
            path.write_bytes(b"")
        before = sorted(p.name for p in run.rglob("*"))
        with pytest.raises(RunError) as caught:
            seqlab.resume(run)
        assert str(caught.value) == f"{run}: has no intact checkpoint; train it again"
        assert sorted(p.name for p in run.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.bits("repeated")
def test_a_training_with_a_teacher_goes_on_as_one_that_nothing_stopped(place):
    paths = {part: str(place / f"{part}.conll") for part in ("train", "valid", "test")}
    (place / "extra.jsonl").write_text(
        '{"tokens": ["Ada"], "tags": ["B-PER"], "weight": 0.5, "tag_probabilities": [{"B-PER": 1}]}\n',
        "utf-8",
    )
    taught = {"teacher": place / "whole", "extra_train": str(place / "extra.jsonl")}
    seqlab.train_tagger(**paths, **OPTIONS, **taught, out=place / "student")
    stop = raise_in_epoch(3, 4, KeyboardInterrupt())
    with pytest.raises(KeyboardInterrupt):
        seqlab.train_tagger(
            **paths,
            **OPTIONS,
            **taught,
            checkpoint_minutes=0,
            out=place / "stopped",
            callbacks=[stop],
        )
    seqlab.resume(place / "stopped")
    assert_same_end(place / "stopped", place / "student")
    (place / "extra.jsonl").unlink()
    with pytest.raises(RunError, match="extra_train of this training is not at"):
        seqlab.resume(place / "stopped", epochs=4)


class TestUnfinishedRuns:
    def test_it_is_the_tagger_of_the_best_epoch_so_far(self, place):
        run = place / "run"
        best = json.loads((run / "manifest.json").read_text())["training"]["best_epoch"]
        assert unfinished_notes(run) == [
            f"{run}: its training is not finished: this is epoch {best}, the best of 2 so far"
        ]
        assert unfinished_notes(place / "whole") == []
        records = [json.loads(line) for line in (run / "history.jsonl").read_text().splitlines()]
        evaluation = evaluate_tagger(run, place / "valid.conll")
        assert evaluation.figures.macro_f1 == records[best - 1]["macro_f1"]
        assert evaluation.notes[0] == unfinished_notes(run)[0]

    def test_tag_says_that_it_is_unfinished(self, place, capsys):
        from seqlab import tag

        (place / "text.txt").write_text("Ada Stone saw Oslo .\n", encoding="utf-8")
        assert tag.main([str(place / "run"), str(place / "text.txt"), "--workers", "4"]) == 0
        note = capsys.readouterr().err.splitlines()[0]
        assert note == f"note: {unfinished_notes(place / 'run')[0]}"

    def test_before_the_first_epoch_there_is_no_tagger(self, place):
        run = place / "run"
        manifest = json.loads((run / "manifest.json").read_text())
        manifest["training"]["checkpoints"] = []
        (run / "manifest.json").write_text(json.dumps(manifest))
        with pytest.raises(RunError) as caught:
            load_run(run)
        assert str(caught.value) == (
            f"{run}: its training has not finished an epoch yet; wait for the first one, or resume it: "
            f"python -m seqlab.train --resume {run}"
        )


@pytest.mark.slow
def test_a_training_that_runs_out_of_memory_names_its_checkpoint(tmp_path, tmp_path_factory):
    """Another error of a callback keeps its traceback, with the same note."""
    out, paths = tmp_path / "run", tiny.corpus(tmp_path_factory)
    callbacks = [raise_in_epoch(2, 3, MemoryError())]
    with pytest.raises(RunError) as caught:
        seqlab.train_tagger(**paths, **OPTIONS, out=out, callbacks=callbacks)
    how = f"saved at the end of epoch 1; resume it with: python -m seqlab.train --resume {out}"
    assert str(caught.value) == f"{out}: out of memory; {how}"
    callbacks = [raise_in_epoch(2, 3, ZeroDivisionError())]
    with pytest.raises(ZeroDivisionError) as crash:
        seqlab.resume(out, callbacks=callbacks)
    assert crash.value.__notes__ == [f"{out}: {how}"]


def test_a_stop_leaves_a_report_and_figures(tmp_path, tmp_path_factory, monkeypatch):
    monkeypatch.setattr(fit, "train_network", stopped_after_an_epoch)
    out = tmp_path / "run"
    with pytest.raises(KeyboardInterrupt):
        seqlab.train_tagger(**tiny.corpus(tmp_path_factory), **OPTIONS, out=out)
    assert "Training is not finished: 1 epoch so far." in (out / "report.html").read_text("utf-8")
    figures = json.loads((out / "checkpoints" / "metrics.json").read_text())
    record = json.loads((out / "history.jsonl").read_text())
    assert (figures["ending"], figures["end_reason"], figures["best_epoch"]) == ("not finished", None, 1)  # fmt: skip
    assert figures["splits"]["valid"]["macro_f1"] == record["macro_f1"]


def stopped_after_an_epoch(network, task, plan, *, on_epoch, stop, **options):
    """The training loop, with a signal after the first epoch."""
    from seqlab.training.loop import train_network

    def stopping(record: EpochRecord):
        on_epoch(record)
        stop.requested = True

    return train_network(network, task, plan, on_epoch=stopping, stop=stop, **options)
