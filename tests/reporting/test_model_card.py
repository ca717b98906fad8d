"""The model card: its header as the hub's own library reads it, its figures those of metrics.json."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seqlab.errors import SettingsError
from seqlab.reporting.card_metadata import quoted
from seqlab.reporting.markdown_text import markdown_escaped
from seqlab.reporting.model_card import model_card
from seqlab.reporting.run_details import ChangedSetting, ClassDetails, RunDetails, RunInput
from seqlab.settings.training import make_settings
from tests import tiny

pytestmark = tiny.KERAS_NOISE

NASTY = 'a|b: "<i>" # \x85\ufeff*x*'


def row(support=12, f1=1 / 3, precision=None, recall=0.25, f1_interval=(0.1, 0.6)):
    return {
        "support": support, "f1": f1, "precision": precision, "recall": recall, "f1_interval": f1_interval
    }  # fmt: skip


METRICS = {
    "best_epoch": 3,
    "select": "macro_f1",
    "seconds": 12.4,
    "splits": {
        "valid": {
            "micro_f1": 0.1 + 0.2,
            "macro_f1": None,
            "macro_f1_interval": None,
            "micro_f1_interval": [0.25, 0.375],
            "classes": {"PER": row(), NASTY: row(3, 0.0, f1_interval=None)},
            "classes_never_found": [NASTY],
        },
    },
}
DETAILS = RunDetails(
    title="train.conll",
    finished="2026-11-30T14:30:00Z",
    command="seqlab train",
    inputs=(
        RunInput(name="train", path="/home/me/train.conll", sha256="ab", sentences=3394, tokens=9),
    ),
    changed={
        "epochs": ChangedSetting(3, 50),
        "train": ChangedSetting("/home/me/train.conll", None),
    },
    versions={"seqlab": "1.0"},
    plain=False,
    scheme="iob2",
    classes={
        "O": ClassDetails(tokens=9000, items=0, weight=None, why=""),
        "PER": ClassDetails(tokens=900, items=600, weight=None, why=""),
        NASTY: ClassDetails(tokens=9, items=7, weight=None, why=""),
    },
)


@pytest.fixture
def read(tmp_path):
    """The header of a card as the hub's library reads it, with its parsed results."""
    hub = pytest.importorskip("huggingface_hub")

    def read(text):
        card = hub.ModelCard(text)
        assert hub.metadata_load is not None
        return card.data, card.data.eval_results or []

    return read


def expected(splits):
    """The figures as (split, type, name, value)."""
    names = {"valid": "validation", "test": "test"}
    rows = []
    for split, figures in splits.items():
        rows += [
            (names[split], "f1", f"{average} F1", figures[f"{average}_f1"])
            for average in ("micro", "macro")
        ]
        for name, one in figures["classes"].items():
            for figure, title in (("f1", "F1"), ("precision", "precision"), ("recall", "recall")):
                rows.append((names[split], figure, f"{title} of {name}", one[figure]))
    return [row for row in rows if row[3] is not None]


def found(results):
    return [(r.dataset_split, r.metric_type, r.metric_name, r.metric_value) for r in results]


def test_the_header_holds_every_figure(read):
    data, results = read(model_card(DETAILS, METRICS, name=NASTY, licence="cc-by-4.0"))
    assert found(results) == expected(METRICS["splits"])
    assert {(r.task_type, r.dataset_name, r.dataset_type) for r in results} == {
        ("token-classification", "train.conll (part)", "train-conll-part")
    }
    assert (data.model_name, data.license, data.library_name) == (NASTY, "cc-by-4.0", "seqlab")
    assert data.pipeline_tag == "token-classification"


def test_train_writes_a_card_with_the_figures_of_metrics_json(tmp_path_factory, read):
    folder = tiny.folder_of(tiny.span_run(tmp_path_factory))
    text = (folder / "README.md").read_text("utf-8")
    metrics = json.loads((folder / "metrics.json").read_text("ascii"))
    data, results = read(text)
    assert found(results) == expected(metrics["splits"])
    assert data.license == "unknown"
    for figures in metrics["splits"].values():
        for name, one in figures["classes"].items():
            if one["support"]:
                pair = one.get("f1_interval")
                shown = f" [{pair[0]:.3f}, {pair[1]:.3f}]" if pair else ""
                end = f"| {one['f1']:.3f}{shown} |"
                assert re.search(
                    rf"^\| {name} \| {one['support']} \|.*{re.escape(end)}$", text, re.M
                )
    manifest = json.loads((folder / "manifest.json").read_text("ascii"))
    assert "README.md" in manifest["files"]
    corpus = tiny.corpus(tmp_path_factory)["test"]
    assert str(corpus) not in text


def test_the_text():
    lines = (
        model_card(DETAILS, METRICS, name="mine", unshown={"train"})
        .partition("\n---\n")[2]
        .splitlines()
    )
    nasty = markdown_escaped(NASTY)
    for line in (
        "# mine",
        "A word and character BiLSTM tagger, trained with seqlab 1.0 on 2026-11-30. It predicts 2 entity types: "
        f"PER, {nasty}.",
        "| train | train.conll | `ab` | 3,394 | 9 |",
        "## Figures on valid: train.conll (part)",
        "Micro F1 0.300 [0.250, 0.375], macro F1 –. Brackets hold 95 % intervals.",
        f"| {nasty} | 3 | – | 0.250 | 0.000 |",
        "| PER | 12 | – | 0.250 | 0.333 [0.100, 0.600] |",
        f"- Few gold items in valid: {nasty} (3). With fewer than 10, no test can find a difference between two taggers.",
        f"- Rare in training, with their number of items: {nasty} (7).",
        "- There was no test split. The validation split chose the epoch, so its figures are too high.",
        "Unknown: no licence was given with `seqlab train --license`. The licences of the data apply too.",
        "- `epochs`: 3",
    ):
        assert line in lines
    assert "/home/me" not in "\n".join(lines)
    assert not any(line.startswith(("- Lost in", "- At risk in")) for line in lines)


def test_limits_name_the_classes_that_are_lost_and_at_risk():
    classes = {"PER": row(5, 0.0), "LAW": row(40, 0.05), "X": row(4, 0.0), "LOC": row(40, 0.5)}
    split = {**METRICS["splits"]["valid"], "classes": classes}
    text = model_card(DETAILS, {**METRICS, "splits": {"valid": split}}, name="mine")
    assert "- Lost in valid, not one correct: PER.\n" in text
    assert "- At risk in valid, with an F1 below 0.1: LAW (0.050).\n" in text


@given(st.text(st.characters(codec=None)))
def test_any_text_comes_back_from_yaml(text):
    yaml = pytest.importorskip("yaml")
    assert yaml.safe_load(f"- {quoted(text)}\n") == [text]


@pytest.mark.parametrize("licence", ["My own", "", "MIT"])
def test_a_licence_that_is_no_identifier(licence):
    with pytest.raises(SettingsError) as caught:
        make_settings(license=licence)
    assert str(caught.value) == (
        f"license is {licence!r}: expected an identifier in lower case, such as mit, apache-2.0 or cc-by-4.0"
    )


def test_a_password_is_refused_without_being_shown():
    with pytest.raises(SettingsError) as caught:
        make_settings(mlflow="https://me:secret@host/")
    assert str(caught.value) == (
        "mlflow holds a password, which reports would show: expected MLFLOW_TRACKING_USERNAME and "
        "MLFLOW_TRACKING_PASSWORD in the environment instead"
    )
    assert make_settings(mlflow="http://host:5000/a@b").mlflow == "http://host:5000/a@b"
