"""What TensorBoard, MLflow and Weights & Biases hold, read back from their files, is what history.jsonl holds."""

import json
import struct
import sys

import numpy as np
import pytest

import seqlab
from seqlab.errors import SettingsError, UserError
from seqlab.experiment import tracking
from seqlab.reporting.confusion_picture import confusion_picture, short_number
from seqlab.reporting.mlflow_tracker import MlflowTracker, metric_name
from seqlab.reporting.tensorboard_tracker import TensorBoardTracker
from seqlab.reporting.wandb_tracker import WandbTracker
from seqlab.settings.training import make_settings
from seqlab.training.epoch_record import keras_logs
from seqlab.training.tracker import TrackedResults
from tests import tiny
from tests.experiment.test_resume import OPTIONS, raise_in_epoch
from tests.reporting.records import alarm, figures, record

pytestmark = tiny.KERAS_NOISE

SETTINGS = {
    "learning_rate": 0.002,
    "class_weights": "balanced",
    "word_features": ["case"],
    "crf": True,
}
LOSSES = ("train_loss", "train_loss_unweighted", "valid_loss", "valid_loss_unweighted")
TRAINING = ("selected", "learning_rate", "seconds", "evaluation_seconds", "train_tokens_per_second")
CLASSES = ("f1", "precision", "recall", "support", "predicted")
BY_CLASS = ("weights", "train_tokens", "loss_shares", "valid_loss_shares")
CONFUSION = {"names": ["O", "PER"], "counts": [[20000, 3], [1, 0]]}
METRICS = {
    "best_epoch": 2,
    "splits": {
        "valid": {
            "macro_f1": 0.3,
            "micro_f1": None,
            "classes": {"PER": {"f1": 1 / 3}},
            "confusion": CONFUSION,
        }
    },
}


def numbers(line):
    """The numbers of a line of history.jsonl that a tool holds, by their name there."""
    found = {f"loss/{key}": line[key] for key in LOSSES}
    found |= {f"training/{key}": line[key] for key in TRAINING}
    found |= {f"average/{key}": line[key] for key in ("macro_f1", "micro_f1", "token_accuracy")}
    for name, row in line["classes"].items():
        found |= {f"{key}/{name}": row[key] for key in CLASSES}
    for key in BY_CLASS:
        found |= {f"{key}/{name}": value for name, value in line[key].items()}
    found["training/alarms"] = len(line["alarms"])
    return {name: float(value) for name, value in found.items() if value is not None}


def expected(lines):
    return {(name, line["epoch"]): v for line in lines for name, v in numbers(line).items()}


def records(first=1, last=3, *, third=1 / 3):
    """Epochs with figures that float32 cannot hold; one class has a name that few tools take."""
    return [
        record(
            epoch,
            found=figures(**{"PER": (epoch, 7, 9), ",$/ é": (0, 0, 1), ".": (0, 0, 0)}),
            loss=third * epoch,
            alarms=[alarm(epoch=epoch)] if epoch == 2 else [],
        )
        for epoch in range(first, last + 1)
    ]


def follow(tracker, epochs, *, results=True, finished=True, settings=SETTINGS):
    """Call a tracker as a training does."""
    tracker.follow(settings)
    tracker.on_train_begin()
    for one in epochs:
        tracker.on_record(one)
        tracker.on_epoch_end(one.epoch - 1, keras_logs(one))
    tracker.on_train_end()
    if results:
        tracker.finish(TrackedResults(metrics=METRICS, samples="| gold | predicted |"))
    tracker.end(finished=finished)


def in_float32(numbers):
    return {name: np.float32(value) for name, value in numbers.items()}


def read_tensorboard(folder):
    """The accumulator, and the scalars by name and step; each occurs once."""
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(folder), size_guidance={"scalars": 0, "tensors": 0, "images": 0})
    events.Reload()
    found = [
        (tag, e.step, e.value) for tag in events.Tags()["scalars"] for e in events.Scalars(tag)
    ]
    assert len({(tag, step) for tag, step, _ in found}) == len(found)
    return events, {(tag, step): np.float32(value) for tag, step, value in found}


class TestTensorBoard:
    def test_the_event_file_holds_the_history(self, tmp_path):
        follow(TensorBoardTracker(tmp_path / "a" / "b"), records())
        events, found = read_tensorboard(tmp_path / "a" / "b")
        assert found == in_float32(expected([one.to_json() for one in records()]))
        assert len(found) > 60
        (shown,) = events.Tensors("alarms")
        assert shown.step == 2
        assert shown.tensor_proto.string_val[0].decode() == f"- {alarm(epoch=2).message()}"
        assert events.Tensors("samples")[0].tensor_proto.string_val == [b"| gold | predicted |"]
        (picture,) = events.Images("confusion/valid")
        assert picture.step == 2
        assert picture.encoded_image_string.startswith(b"\x89PNG")

    def test_settings_are_hyperparameters(self, tmp_path):
        from tensorboard.plugins.hparams.plugin_data_pb2 import HParamsPluginData

        follow(TensorBoardTracker(tmp_path), records())
        events, _ = read_tensorboard(tmp_path)
        content = events.SummaryMetadata("_hparams_/session_start_info").plugin_data.content
        named = HParamsPluginData.FromString(content).session_start_info.hparams
        values = {n: getattr(v, v.WhichOneof("kind")) for n, v in named.items()}
        assert values == SETTINGS | {"word_features": "['case']"}
        content = events.SummaryMetadata("_hparams_/session_end_info").plugin_data.content
        assert HParamsPluginData.FromString(content).session_end_info.status == 1  # success

    def test_an_epoch_that_is_trained_again_counts_once(self, tmp_path):
        follow(TensorBoardTracker(tmp_path), records(), results=False, finished=False)
        follow(TensorBoardTracker(tmp_path), records(2, 4, third=0.7))
        lines = [one.to_json() for one in (*records(1, 1), *records(2, 4, third=0.7))]
        assert read_tensorboard(tmp_path)[1] == in_float32(expected(lines))

    def test_a_training_in_progress_can_be_seen(self, tmp_path):
        tracker = TensorBoardTracker(tmp_path)
        tracker.follow(SETTINGS)
        (first, *_) = records()
        tracker.on_record(first)
        tracker.on_epoch_end(0, {})
        assert read_tensorboard(tmp_path)[1] == in_float32(expected([first.to_json()]))
        tracker.end(finished=False)

    def test_logs_of_fit_have_the_same_names(self, tmp_path):
        tracker = TensorBoardTracker(tmp_path)
        tracker.on_train_begin()
        tracker.on_epoch_end(0, {"loss": 0.5, "val_macro_f1": np.float32(0.25), "accuracy": 1})
        tracker.on_train_end()
        assert read_tensorboard(tmp_path)[1] == {
            ("loss/train_loss", 1): 0.5,
            ("average/macro_f1", 1): 0.25,
            ("logs/accuracy", 1): 1.0,
        }


def test_a_training_gives_its_callbacks_each_record(tmp_path_factory):
    """The run of `tiny` has the callback in its list."""
    run = tiny.span_run(tmp_path_factory).run
    events, found = read_tensorboard(
        tiny.folder_of(tiny.span_run(tmp_path_factory)).parent / "board"
    )
    assert found == in_float32(expected([one.to_json() for one in run.history]))
    assert len(events.Images("confusion/test")) == 1


@pytest.mark.slow
def test_fit_sends_the_figures_of_the_callback_before_it(tmp_path):
    import keras

    words = np.array([[1, 2, 1], [2, 2, 1], [1, 1, 2]])
    model = keras.Sequential([keras.layers.Embedding(3, 4), keras.layers.Dense(2, "softmax")])
    model.compile("adam", "sparse_categorical_crossentropy")
    track = seqlab.TrackClasses(
        words, words - 1, tags=["O", "B-PER"], scheme="iob2", mask=words > 0
    )
    tracker = seqlab.TensorBoardTracker(tmp_path, track=track)
    history = model.fit(words, words - 1, epochs=2, verbose=0, callbacks=[track, tracker]).history
    found = read_tensorboard(tmp_path)[1]
    for epoch, tracked in enumerate(track.history, 1):
        person = tracked.figures.classes["PER"]
        assert found["recall/PER", epoch] == np.float32(person.recall)
        assert found["support/PER", epoch] == person.support == 4
        assert found["loss/train_loss", epoch] == np.float32(history["loss"][epoch - 1])
        assert found["average/micro_f1", epoch] == np.float32(tracked.figures.micro_f1)


@pytest.mark.slow
def test_the_command_follows_its_training_and_the_resumed_one(tmp_path, tmp_path_factory):
    """Stopped in epoch 3 and resumed: one directory, each epoch once, the numbers of history.jsonl."""
    out, folder = tmp_path / "mine", tmp_path / "board"
    with pytest.raises(KeyboardInterrupt):
        seqlab.train_tagger(
            **tiny.corpus(tmp_path_factory),
            **OPTIONS,
            out=out,
            tensorboard=str(folder),
            callbacks=[raise_in_epoch(3, 4, KeyboardInterrupt())],
        )
    seqlab.resume(out)
    lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    events, found = read_tensorboard(folder / "mine")
    assert {step for _, step in found} == {1, 2, 3}
    assert found == in_float32(expected(lines))
    samples = events.Tensors("samples")[0].tensor_proto.string_val[0].decode().splitlines()
    assert samples[0] == "| gold | predicted |"
    assert "\\[PER " in samples[2]
    assert "tracking_id" in json.loads((out / "manifest.json").read_text())["training"]


@pytest.mark.parametrize("tool", ["tensorboard", "mlflow", "wandb"])
class TestMissing:
    def test_a_package_that_is_missing_is_named_before_anything_is_read(self, tool, monkeypatch):
        monkeypatch.setattr(tracking, "find_spec", lambda name: None)
        with pytest.raises(SettingsError) as caught:
            seqlab.train_tagger("no such file", **{tool: "x"})
        assert str(caught.value) == f"{tool} needs {tool}: pip install 'seqlab[{tool}]'"

    def test_a_callback_too_names_the_extra(self, tool, monkeypatch):
        module = "tensorboard.summary.writer" if tool == "tensorboard" else tool
        monkeypatch.setitem(sys.modules, module, None)
        make = {"tensorboard": TensorBoardTracker, "mlflow": MlflowTracker, "wandb": WandbTracker}
        with pytest.raises(SettingsError) as caught:
            make[tool]("x")
        assert str(caught.value) == f"{tool} needs {tool}: pip install 'seqlab[{tool}]'"


class TestFailures:
    def test_a_tool_that_fails_is_noted_once_and_training_goes_on(self, tmp_path):
        said = []
        tracker = TensorBoardTracker(tmp_path, say=said.append)
        tracker.write_epoch = lambda *_: (_ for _ in ()).throw(OSError("disk\nfull"))
        follow(tracker, records())
        assert said == ["note: tensorboard does not get the rest of this training: disk full"]

    def test_a_tool_that_cannot_begin_is_an_error(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(SettingsError) as caught:
            TensorBoardTracker(tmp_path / "file" / "x").follow({})
        assert str(caught.value).startswith("tensorboard: [Errno 20] Not a directory: ")

    def test_track_must_be_the_callback(self, tmp_path):
        with pytest.raises(UserError) as caught:
            TensorBoardTracker(tmp_path, track="x")
        assert str(caught.value) == "track is 'x'; expected TrackClasses(...)"


def test_tools_change_no_number_of_a_run():
    from seqlab.experiment.identity import identity

    plain = identity(make_settings(train=None), {})
    assert identity(make_settings(tensorboard="a", mlflow="b", wandb="c"), {}) == plain


class TestPicture:
    def test_each_cell_has_the_shade_of_its_share(self):
        picture = confusion_picture(CONFUSION)
        left = picture.width - 2 * 46 - 8
        colours = [
            picture.getpixel((left + 46 * column + 2, left + 46 * row + 2))
            for row in (0, 1)
            for column in (0, 1)
        ]
        right, wrong = np.array([0, 114, 178]), np.array([213, 94, 0])

        def shade(colour, share):
            return tuple(np.round(255 - (255 - colour) * (0.12 + 0.88 * share)).astype(int))

        expected = [
            shade(right, 20000 / 20003),
            shade(wrong, 3 / 20003),
            shade(wrong, 1),
            (255,) * 3,
        ]
        assert colours == expected

    def test_nothing_to_draw(self):
        many = {"names": list(map(str, range(41))), "counts": np.zeros((41, 41)).tolist()}
        for confusion in (None, {"names": [], "counts": []}, many):
            assert confusion_picture(confusion) is None

    def test_numbers_fit_their_cells(self):
        assert list(map(short_number, (9999, 12345, 1_250_000))) == ["9999", "12k", "1.2M"]


def test_metric_names_are_those_that_mlflow_takes_and_differ():
    names = ["f1/PER", "f1/PRP$", "f1/''", "f1/.", "f1/..", "f1/A/B", "f1/A:B", "f1/a.b", "f1/é ü"]
    made = list(map(metric_name, names))
    assert len(set(made)) == len(names)
    assert made[:4] == ["f1/PER", "f1/PRP:24:", "f1/:27::27:", "f1/:2e:"]


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")  # fmt: skip
class TestMlflow:
    """Read back with MLflow's own client, from a store in a directory."""

    def stored(self, folder):
        import mlflow

        client = mlflow.MlflowClient(tracking_uri=str(folder))
        experiment = client.get_experiment_by_name("seqlab")
        runs = client.search_runs([experiment.experiment_id])
        found = []
        for run in runs:
            number = run.info.run_id
            history = [
                (name, metric.step, metric.value)
                for name in run.data.metrics
                for metric in client.get_metric_history(number, name)
            ]
            assert len({(name, step) for name, step, _ in history}) == len(history)
            found.append((run, {(name, step): value for name, step, value in history}))
        return found

    def epochs_of(self, history):
        return {key: value for key, value in history.items() if not key[0].startswith("result")}

    def wanted(self, records):
        numbers = expected([one.to_json() for one in records])
        return {(metric_name(name), step): value for (name, step), value in numbers.items()}

    def test_the_store_holds_the_history(self, tmp_path):
        follow(MlflowTracker(str(tmp_path / "ml"), run_name="mine"), records())
        ((run, history),) = self.stored(tmp_path / "ml")
        assert self.epochs_of(history) == self.wanted(records())
        assert (run.info.run_name, run.info.status) == ("mine", "FINISHED")
        assert run.data.params == {name: str(value) for name, value in SETTINGS.items()}
        assert run.data.metrics["result_valid_f1/PER"] == 1 / 3

    def test_a_resumed_training_goes_on_with_its_run(self, tmp_path):
        for epochs, finished in ((records(1, 2), False), (records(2, 3), True)):
            tracker = MlflowTracker(str(tmp_path / "ml"), identity="abc")
            follow(tracker, epochs, results=finished, finished=finished)
        ((run, history),) = self.stored(tmp_path / "ml")
        assert self.epochs_of(history) == self.wanted(records())
        assert run.info.status == "FINISHED"
        follow(MlflowTracker(str(tmp_path / "ml"), identity="other"), records())
        assert len(self.stored(tmp_path / "ml")) == 2

    def test_a_server_that_is_not_there_is_one_line(self, tmp_path):
        with pytest.raises(SettingsError) as caught:
            MlflowTracker("nonsense://x").follow({})
        assert str(caught.value) == (
            "mlflow: mlflow-skinny does not reach nonsense://x; expected a server or a directory, or: pip install mlflow"
        )

    def test_fit_uses_the_active_run(self, tmp_path, monkeypatch):
        import mlflow

        monkeypatch.setenv("MLFLOW_ALLOW_FILE_STORE", "true")
        monkeypatch.setattr(mlflow.tracking._tracking_service.utils, "_tracking_uri", None)
        mlflow.set_tracking_uri(str(tmp_path / "ml"))
        mlflow.set_experiment("seqlab")
        with mlflow.start_run():
            tracker = MlflowTracker()
            tracker.on_train_begin()
            tracker.on_epoch_end(0, {"loss": 0.1})
            tracker.on_train_end()
            assert mlflow.active_run() is not None
        ((_, history),) = self.stored(tmp_path / "ml")
        assert history == {("loss/train_loss", 1): 0.1}


BLOCK = 1 << 15


def wandb_records(path):
    """The records of a .wandb file: a log of LevelDB after 7 bytes."""
    from wandb.proto.wandb_internal_pb2 import Record

    data, position, part = path.read_bytes(), 7, b""
    while position + 7 <= len(data):
        if BLOCK - position % BLOCK < 7:
            position += BLOCK - position % BLOCK
            continue
        _, size, part_type = struct.unpack("<IHB", data[position : position + 7])
        part += data[position + 7 : position + 7 + size]
        position += 7 + size
        if part_type in (1, 4):  # whole, or last
            yield Record.FromString(part)
            part = b""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning", "ignore::UserWarning")  # fmt: skip
class TestWandb:
    """Offline; read back from the file that `wandb sync` would send."""

    @pytest.fixture(autouse=True)
    def offline(self, tmp_path, monkeypatch):
        for name, value in {"MODE": "offline", "DIR": str(tmp_path), "SILENT": "true"}.items():
            monkeypatch.setenv(f"WANDB_{name}", value)

    def test_the_file_holds_the_history(self, tmp_path):
        follow(WandbTracker("project", run_name="mine", identity="abc"), records())
        (path,) = tmp_path.rglob("*.wandb")
        found, run, config = {}, None, {}
        for one in wandb_records(path):
            if one.WhichOneof("record_type") == "run":
                run = one.run
                config |= {u.key: json.loads(u.value_json) for u in run.config.update}
            if one.WhichOneof("record_type") == "history":
                items = {i.key or "/".join(i.nested_key): i.value_json for i in one.history.item}
                found |= {
                    (name, one.history.step.num): json.loads(value)
                    for name, value in items.items()
                    if not name.startswith("_")
                }
        assert found == expected([one.to_json() for one in records()])
        assert (run.project, run.display_name, run.run_id) == ("project", "mine", "abc")
        assert {name: config[name] for name in SETTINGS} == SETTINGS

    def test_fit_uses_the_active_run(self, tmp_path):
        import wandb

        with wandb.init(project="p") as run:
            tracker = WandbTracker()
            tracker.on_train_begin()
            tracker.on_epoch_end(0, {"loss": 0.1})
            tracker.on_train_end()
            assert run.summary["loss/train_loss"] == 0.1
