"""What a training takes from the run that it continues, before its first step."""

import json
import tomllib

import numpy as np
import pytest

import seqlab
from seqlab import train
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.errors import CorpusError, RunError, SettingsError
from seqlab.experiment.build import architecture_of, make_network, make_task, part_of
from seqlab.experiment.old_run import with_old_settings
from seqlab.experiment.prepare import prepare
from seqlab.inference.weights import network_weights
from seqlab.modeling.network import build_network
from seqlab.reporting.log import Log
from seqlab.scoring.score import score
from seqlab.settings.training import make_settings
from tests import tiny
from tests.experiment.old_runs import SMALL, quiet, tagger_of, untrained_run, write

pytestmark = tiny.KERAS_NOISE

OLD = ("Ada/B-PER saw/O Oslo/B-LOC ./O", "Bob/B-PER saw/O the/O new/O law/B-LAW ./O") * 3
NEW = ("Ada/B-PER left/O Lima/B-LOC on/O Möndäy/B-DATE ./O", "it/O rains/O in/O May/B-DATE") * 3


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("continue")
    for name, texts in (("old", OLD), ("new", NEW)):
        write(folder / f"{name}.conll", *texts)
        write(folder / f"{name}-valid.conll", *texts[:2])
    for head in ("softmax", "crf"):
        untrained_run(
            folder / head,
            head=head,
            train=str(folder / "old.conll"),
            valid=str(folder / "old-valid.conll"),
        )
    return folder


def settings_of(folder, run="crf", **changes):
    """Settings of a training on the new files that continues a run."""
    files = {"train": str(folder / "new.conll"), "valid": str(folder / "new-valid.conll")}
    values = {"init_from": str(folder / run), "resample": "none", **files, **changes}
    return make_settings(**with_old_settings(values))


def prepared(folder, run="crf", **changes):
    return quiet(settings_of(folder, run, **changes))


def scores(tagger, sentences):
    """The emissions of all tokens, float32 (tokens, C)."""
    rows = {}
    for batch in tagger.scorer.score(sentences):
        for row, (sentence, length) in enumerate(batch.rows()):
            rows[sentence] = batch.emissions[row, :length]
    return np.concatenate([rows[number] for number in sorted(rows)])


@pytest.mark.parametrize("run", ["softmax", "crf"])
class TestBeforeTheFirstStep:
    def test_old_tags_have_the_scores_of_the_old_tagger_on_any_text(self, folder, run):
        old, new = seqlab.load(folder / run), tagger_of(prepared(folder, run)[0])
        unseen = Sentence(tokens=("Zoë", "saw", "Möndäy", "ŁŁ", "."))
        texts = [*read_corpus(folder / "old.conll"), *read_corpus(folder / "new.conll"), unseen]
        columns = [new.encoder.tags.symbols.index(tag) for tag in old.encoder.tags]
        np.testing.assert_allclose(scores(new, texts)[:, columns], scores(old, texts), atol=1e-5)

    @pytest.mark.bits("repeated")
    def test_a_new_tag_starts_as_in_a_fresh_network(self, folder, run):
        start, _ = prepared(folder, run)
        new = tagger_of(start)
        import keras

        keras.utils.set_random_seed(start.settings.seed)
        fresh = network_weights(build_network(architecture_of(start)))
        number = new.encoder.tags.symbols.index("B-DATE")
        layer = "emissions" if run == "crf" else "logits"
        np.testing.assert_array_equal(
            new.weights[f"{layer}/0"][:, number], fresh[f"{layer}/0"][:, number]
        )
        assert new.weights[f"{layer}/1"][number] == 0
        if run == "crf":
            transitions = new.weights["logits/0"]
            assert not transitions[number].any()
            assert not transitions[:, number].any()

    def test_transitions_between_old_tags_stay(self, folder, run):
        old, new = seqlab.load(folder / run), tagger_of(prepared(folder, run)[0])
        before, after = old.path_scores, new.path_scores
        for row, tag in enumerate(old.encoder.tags):
            for column, other in enumerate(old.encoder.tags):
                here = [new.encoder.tags.symbols.index(name) for name in (tag, other)]
                assert after.transitions[*here] == before.transitions[row, column]
            assert after.start[here[0]] == before.start[row]
            assert after.end[here[0]] == before.end[row]

    def test_dropped_tags_leave_the_scores_of_the_others(self, folder, run):
        old = seqlab.load(folder / run)
        new = tagger_of(prepared(folder, run, drop_tag=["PER", "LAW"])[0])
        assert new.encoder.tags.symbols == ("O", "B-LOC", "B-DATE")
        texts = read_corpus(folder / "old.conll")
        columns = [old.encoder.tags.symbols.index(tag) for tag in ("O", "B-LOC")]
        np.testing.assert_allclose(
            scores(new, texts)[:, :2], scores(old, texts)[:, columns], atol=1e-5
        )


def test_settings_of_the_network_come_from_the_run(folder):
    settings = settings_of(folder)
    sizes = {name: SMALL[name] for name in ("word_dim", "char_dim", "char_units", "hidden_units")}
    assert {name: getattr(settings, name) for name in sizes} == sizes
    assert settings.dropout == 0.1
    assert (settings.head, settings.scheme) == ("crf", "iob2")
    assert settings_of(folder, dropout=0.3).dropout == 0.3


def test_the_preparation_fills_in_what_a_script_leaves_out(folder):
    files = {"train": str(folder / "new.conll"), "valid": str(folder / "new-valid.conll")}
    found, _ = quiet(make_settings(init_from=str(folder / "crf"), **files))
    assert found.settings.hidden_units == 5


def test_what_is_reused_stands_in_the_log_and_in_the_metrics(folder):
    start, lines = prepared(folder, freeze=["words", "bilstm"], drop_tag="LAW")
    assert start.start.report == {
        "from": str(folder / "crf"),
        "words": {"kept": 8, "new": 8},
        "characters": start.start.report["characters"],
        "features": start.start.report["features"],
        "tags": {"kept": ["O", "B-PER", "B-LOC"], "new": ["B-DATE"], "dropped": ["B-LAW"]},
        "layers": start.start.report["layers"],
        "frozen": ["words", "bilstm"],
    }
    text = next(line for line in lines if line.startswith("continues"))
    assert text.splitlines()[0] == f"continues {folder / 'crf'}"
    assert text.splitlines()[1].startswith("  words 8 kept, 8 new; characters ")
    assert text.splitlines()[3] == "  tags kept: O, B-PER, B-LOC; new: B-DATE; dropped: B-LAW"
    assert text.splitlines()[-1] == "  frozen: words, bilstm"


def test_frozen_parts_are_not_trainable(folder):
    start, _ = prepared(folder, freeze=["words", "characters", "features", "bilstm"])
    network = make_network(start, architecture_of(start))
    left = {layer.name for layer in network.layers if layer.trainable_weights}
    assert left == {"emissions", "logits"}
    start, _ = prepared(folder, freeze="bilstm")
    network = make_network(start, architecture_of(start))
    fixed = {part_of(x.name) for x in network.layers if x.weights and not x.trainable_weights}
    assert fixed == {"bilstm"}


@pytest.mark.bits("repeated")
def test_the_same_settings_prepare_the_same_network(folder):
    first, second = (tagger_of(prepared(folder)[0]).weights for _ in range(2))
    for name, value in first.items():
        np.testing.assert_array_equal(value, second[name])


@pytest.mark.bits("copied")
def test_new_words_get_the_vectors_of_the_file_and_old_ones_keep_theirs(folder, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("lima 1 2 3 4\nada 9 9 9 9\nelsewhere 5 6 7 8\n")
    start, _ = prepared(folder, vectors=str(vectors))
    new, old = tagger_of(start), seqlab.load(folder / "crf")
    table, words = new.weights["word_embedding/0"], new.encoder.words
    assert table[words.ids["lima"]].tolist() == [1, 2, 3, 4]
    before = old.weights["word_embedding/0"]
    np.testing.assert_array_equal(table[words.ids["ada"]], before[old.encoder.words.ids["ada"]])
    np.testing.assert_array_equal(table[words.ids["rains"]], before[1])
    assert new.encoder.frozen_words.look_up(["Elsewhere"])[1].tolist() == [[5, 6, 7, 8]]


def test_frozen_words_of_the_run_give_new_words_their_vectors(folder, tmp_path):
    vectors = tmp_path / "vectors.txt"
    vectors.write_text("Lima 1 2 3 4\nelsewhere 5 6 7 8\n")
    old, valid = str(folder / "old.conll"), str(folder / "old-valid.conll")
    untrained_run(folder / "frozen", train=old, valid=valid, vectors=str(vectors))
    new = tagger_of(prepared(folder, "frozen")[0])
    table = new.weights["word_embedding/0"]
    assert table[new.encoder.words.ids["lima"]].tolist() == [1, 2, 3, 4]
    before = seqlab.load(folder / "frozen")
    texts = read_corpus(folder / "new.conll")
    columns = [new.encoder.tags.symbols.index(tag) for tag in before.encoder.tags]
    np.testing.assert_allclose(scores(new, texts)[:, columns], scores(before, texts), atol=1e-5)
    again = seqlab.load(seqlab.save(new, tmp_path / "saved"))
    assert again.encoder.frozen_words.look_up(["elsewhere"])[1].tolist() == [[5, 6, 7, 8]]


class TestOldValidationData:
    def test_it_is_scored_before_training_without_dropped_classes(self, folder):
        path = str(folder / "old-valid.conll")
        start, lines = prepared(folder, valid_old=path, drop_tag="LAW")
        old = seqlab.load(folder / "crf")

        def without(tags):
            return ["O" if tag == "B-LAW" else tag for tag in tags]

        sentences = read_corpus(path)
        gold = [without(s.tags) for s in sentences]
        predicted = [without(old.tag(s.tokens)) for s in sentences]
        expected = score(gold, predicted, "iob2", strict=False)
        found = start.start.before
        assert {name: found.classes[name] for name in expected.classes} == dict(expected.classes)
        assert "LAW" not in found.classes
        assert any(line.startswith("old validation data, before training:\n") for line in lines)

    def test_the_new_network_is_scored_on_the_same_sentences(self, folder):
        start, _ = prepared(folder, valid_old=str(folder / "old-valid.conll"))
        old = make_task(start).old
        encoder = start.encoder
        gold = [
            [encoder.tags.ids[tag] for tag in s.tags]
            for s in read_corpus(folder / "old-valid.conll")
        ]
        figures = old.score(gold)
        assert {name: row.f1 for name, row in figures.classes.items()} == {
            "PER": 1.0, "LOC": 1.0, "LAW": 1.0,
        }  # fmt: skip
        assert [len(batch) for batch in old.batcher.in_order()] == [2]


class TestMistakes:
    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"hidden_units": 200}, "hidden_units is 200, but RUN has 5; leave it out"),
            ({"head": "softmax"}, "head is 'softmax', but RUN has 'crf'; leave it out"),
            ({"scheme": "iobes"}, "scheme is 'iobes', but RUN has 'iob2'; leave it out"),
            ({"max_chars": 20}, "max_chars is 20, but RUN has 15; leave it out"),
            ({"normalise": "nfc"}, "normalise is 'nfc', but RUN has 'none'; leave it out"),
            (
                {"word_features": ["case", "shape"]},
                "word_features is case, shape, but RUN has case, prefix, suffix, shape; leave it out",
            ),
            (
                {"feature_columns": ["pos=0"]},
                "feature_columns is pos=0, but RUN has none; leave it out",
            ),
            (
                {"token_column": "none"},
                "token_column is 'none', but RUN reads words; name the column of the words",
            ),
            ({"drop_tag": "DATE"}, "drop_tag is 'DATE', but RUN has 'PER', 'LAW', 'LOC'"),
            (
                {"drop_tag": "PRE"},
                "drop_tag is 'PRE', but RUN has 'PER', 'LAW', 'LOC'; nearest: 'PER'",
            ),
            ({"drop_tag": "O"}, "drop_tag is 'O': a network for spans needs it; leave it out"),
            (
                {"drop_tag": ["PER", "LOC", "LAW"]},
                "drop_tag names every class of RUN: keep one, or train without init_from",
            ),
        ],
    )
    def test_one_line_names_the_setting(self, folder, changes, message):
        run = str(folder / "crf")
        changes = {name: run if value == "RUN" else value for name, value in changes.items()}
        with pytest.raises(SettingsError) as caught:
            prepared(folder, **changes)
        assert str(caught.value) == message.replace("RUN", run)

    def test_a_default_that_is_given_is_refused_too(self, folder):
        with pytest.raises(SettingsError) as caught:
            seqlab.train_tagger(
                str(folder / "new.conll"), init_from=str(folder / "crf"), hidden_units=100
            )
        run = folder / "crf"
        assert str(caught.value) == f"hidden_units is 100, but {run} has 5; leave it out"

    def test_vectors_of_another_size(self, folder, tmp_path):
        path = tmp_path / "two.txt"
        path.write_text("ada 1 2\nbob 3 4\n")
        with pytest.raises(SettingsError) as caught:
            prepared(folder, vectors=str(path))
        assert str(caught.value) == (
            f"{path}: its vectors have 2 dimensions, but the word embeddings of {folder / 'crf'} have 4; "
            "give other vectors, or none"
        )

    def test_a_missing_run_names_the_nearest(self, folder):
        with pytest.raises(RunError) as caught:
            settings_of(folder, "crff")
        assert str(caught.value) == f"{folder / 'crff'}: no run of seqlab here; nearest: 'crf'"

    def test_a_damaged_run(self, folder, tmp_path):
        run = untrained_run(
            tmp_path / "run", train=str(folder / "old.conll"), valid=str(folder / "old-valid.conll")
        )
        (run / "config.toml").write_text("hidden_units = 100\n")
        with pytest.raises(RunError, match=r"config\.toml: damaged: it has 19 bytes, but"):
            with_old_settings({"init_from": str(run)})

    def test_an_unfinished_run(self, folder, tmp_path):
        run = untrained_run(
            tmp_path / "run", train=str(folder / "old.conll"), valid=str(folder / "old-valid.conll")
        )
        manifest = run / "manifest.json"
        text = manifest.read_text()
        manifest.write_text(
            '{"status": "training", ' + text.partition("{")[2].replace('"status": "finished",', "")
        )
        with pytest.raises(RunError) as caught:
            with_old_settings({"init_from": str(run)})
        assert str(caught.value) == (
            f"{run}: the training of this run is not finished; finish it with --resume {run} first"
        )

    def test_span_tags_for_a_run_of_plain_tags(self, folder, tmp_path):
        path = write(tmp_path / "pos.conll", *["Ada/NOUN runs/VERB"] * 4)
        run = untrained_run(tmp_path / "pos", train=path, valid=path)
        with pytest.raises(CorpusError) as caught:
            prepare(
                make_settings(
                    init_from=str(run),
                    train=str(folder / "new.conll"),
                    valid=str(folder / "new.conll"),
                    accept="same-files",
                ),
                Log(lambda text: None, None),
            )
        assert str(caught.value).endswith(
            f": no tag of this corpus is one of the plain tags of {run}, such as 'NOUN': "
            "it is another task; train without --init-from"
        )

    def test_dropped_plain_tags_must_not_occur(self, tmp_path):
        old = write(tmp_path / "old.conll", *["Ada/NOUN runs/VERB"] * 4)
        new = write(tmp_path / "new.conll", *["Ada/NOUN runs/VERB !/PUNCT"] * 4)
        run = untrained_run(tmp_path / "pos", train=old, valid=old)
        with pytest.raises(CorpusError) as caught:
            quiet(
                make_settings(
                    init_from=str(run), train=new, valid=new, accept="same-files", drop_tag="VERB"
                )
            )
        assert str(caught.value) == (
            "train: 4 tokens with the dropped tag 'VERB', and plain tags have no O to read it as; "
            "give it another tag with --map-tag VERB=NEW"
        )
        settings = make_settings(
            init_from=str(run),
            train=new,
            valid=new,
            accept="same-files",
            drop_tag="VERB",
            map_tag="VERB=PUNCT",
        )
        assert quiet(settings)[0].encoder.tags.symbols == ("NOUN", "PUNCT")


def test_words_are_read_in_the_columns_of_the_run(tmp_path):
    """A feature column is an input of the network, so it is read without being named again."""
    lines = "Ada\tN\tB-PER\nsaw\tV\tO\n\n" * 3
    (tmp_path / "old.conll").write_text(lines)
    (tmp_path / "new.conll").write_text(lines.replace("V", "X"))
    old, new = str(tmp_path / "old.conll"), str(tmp_path / "new.conll")
    run = untrained_run(tmp_path / "run", train=old, valid=old, feature_columns=["pos=1"])
    values = with_old_settings(
        {"init_from": str(run), "train": new, "valid": new, "accept": "same-files"}
    )
    # A run that was saved from Python knows the names of its columns only.
    assert values["feature_columns"] == ["pos=pos"]
    found, _ = quiet(make_settings(**{**values, "feature_columns": ["pos=1"]}))
    assert found.encoder.feature_columns["pos"].symbols == ("N", "V", "X")


def test_tags_of_the_old_run_are_not_unknown_in_validation(folder):
    lines = prepared(folder, valid=str(folder / "old-valid.conll"))[1]
    assert not any("is not one of the" in line for line in lines)


def test_tags_without_training_tokens_have_the_weight_of_the_mean_token(folder):
    start, _ = prepared(folder, class_weights="balanced", class_weight="LAW=9")
    weights = dict(zip(start.encoder.tags, start.class_weights.tolist(), strict=True))
    counts = dict(zip(start.encoder.tags, start.tag_counts.tolist(), strict=True))
    assert counts == {"O": 18, "B-PER": 3, "B-LOC": 3, "B-LAW": 0, "B-DATE": 6}
    assert weights["B-LAW"] == 9
    start, _ = prepared(folder, class_weights="balanced")
    weights = dict(zip(start.encoder.tags, start.class_weights.tolist(), strict=True))
    mean = sum(counts[tag] * weights[tag] for tag in counts) / 30
    assert weights["B-LAW"] == pytest.approx(mean)
    assert weights["B-PER"] > mean


def test_mapped_tags_are_those_of_the_old_run(folder):
    start, lines = prepared(folder, map_tag="B-DATE=B-LAW")
    assert start.encoder.tags.symbols == seqlab.load(folder / "crf").encoder.tags.symbols
    assert "note: train: 6 tags 'B-DATE' read as 'B-LAW'" in lines


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    old, files = tiny.span_run(tmp_path_factory), tiny.corpus(tmp_path_factory)
    lines = []
    run = seqlab.train_tagger(
        files["test"],  # sentences of the same kind
        valid=files["valid"],
        init_from=tiny.folder_of(old),
        drop_tag="LAW",
        freeze=["words", "bilstm"],
        valid_old=files["valid"],
        replay=files["train"],
        replay_share=0.5,
        resample="none",
        batch_sentences=4,
        epochs=1,
        accept="same-files",
        out=tmp_path_factory.mktemp("runs") / "continued",
        say=lines.append,
    )
    return tiny.TinyRun(run, lines, [])


class TestTraining:
    @pytest.mark.bits("copied")
    def test_frozen_weights_are_those_of_the_old_run(self, trained, tmp_path_factory):
        old, new = tiny.span_run(tmp_path_factory).run.tagger, trained.run.tagger
        for name, value in old.weights.items():
            if name.startswith("bilstm"):
                np.testing.assert_array_equal(new.weights[name], value)
        table = old.weights["word_embedding/0"]
        np.testing.assert_array_equal(new.weights["word_embedding/0"][: len(table)], table)
        assert (new.weights["characters/0"] != old.weights["characters/0"]).any()

    def test_the_loaded_run_tags_as_the_trained_one_without_dropped_tags(self, trained):
        tagger = seqlab.load(trained.run.path)
        tokens = ["Ada", "Stone", "left", "Paris", "under", "Fish", "Act"]
        assert tagger.tag(tokens) == trained.run.tagger.tag(tokens)
        assert not any(tag.endswith("LAW") for tag in tagger.encoder.tags)

    def test_old_figures_stand_in_metrics_history_and_report(self, trained):
        path, metrics = trained.run.path, trained.run.metrics
        line = json.loads((path / "history.jsonl").read_text().splitlines()[0])
        assert line["old"] == metrics["old_validation"]["after"]
        # The old validation data are those of the new training here, so the figures are the same.
        assert line["old"]["classes"]["PER"] == line["classes"]["PER"]
        assert metrics["continued"]["tags"]["dropped"]
        report = (path / "report.html").read_text("utf-8")
        assert "Old validation data, before training and at the kept epoch" in report
        assert "frozen: words, bilstm" in report

    def test_half_of_the_epoch_is_replayed(self, trained):
        assert (
            "replay: an epoch holds 12 of 40 old windows, drawn anew; they are 50% of it"
            in trained.lines
        )
        tokens = trained.run.history[0].train.tokens
        assert 0 < tokens["PER"] <= 2 * 24

    @pytest.mark.bits("repeated")
    @pytest.mark.slow
    def test_a_resumed_training_ends_as_an_uninterrupted_one(self, folder, tmp_path):
        values = {
            "init_from": str(folder / "crf"),
            "train": str(folder / "new.conll"),
            "valid": str(folder / "new-valid.conll"),
            "valid_old": str(folder / "old-valid.conll"),
            "replay": str(folder / "old.conll"),
            "replay_share": 0.4,
            "freeze": ["bilstm"],
            "batch_sentences": 2,
        }
        whole = seqlab.train_tagger(**values, epochs=2, out=tmp_path / "whole")
        seqlab.train_tagger(**values, epochs=1, out=tmp_path / "parts")
        resumed = seqlab.resume(tmp_path / "parts", epochs=2)
        for name, value in whole.tagger.weights.items():
            np.testing.assert_array_equal(resumed.tagger.weights[name], value)
        assert resumed.history[0].old_figures == whole.history[0].old_figures


class TestCommandLine:
    def fails(self, capfd, *argv):
        assert train.main([*map(str, argv)]) == 2
        return capfd.readouterr().err

    def test_a_contradiction_is_one_line(self, folder, capfd):
        argv = ("--init-from", folder / "crf", "--train", folder / "new.conll")
        err = self.fails(capfd, *argv, "--hidden-units", 100)
        assert err == f"error: hidden_units is 100, but {folder / 'crf'} has 5; leave it out\n"

    def test_a_missing_run_is_one_line(self, folder, capfd):
        err = self.fails(capfd, "--init-from", folder / "cfr", "--train", folder / "new.conll")
        assert err == f"error: {folder / 'cfr'}: no run of seqlab here; nearest: 'crf'\n"

    def test_settings_of_the_run_are_printed(self, folder, capfd):
        assert train.main(["--init-from", str(folder / "crf"), "--print-config"]) == 0
        printed = tomllib.loads(capfd.readouterr().out)
        assert (printed["hidden_units"], printed["head"], printed["dropout"]) == (5, "crf", 0.1)
