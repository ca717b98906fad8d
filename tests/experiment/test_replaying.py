"""Replayed sentences in the prepared training: their share, their tags, and what is learnt from O."""

import numpy as np
import pytest

from seqlab.errors import SettingsError
from seqlab.experiment.build import make_task
from seqlab.settings.training import make_settings
from tests.experiment.old_runs import quiet, untrained_run, write

OLD = ("Ada/B-PER saw/O Oslo/B-LOC ./O", "Bob/B-PER came/O in/O May/O") * 5
NEW = ("Eve/B-PER left/O Lima/B-LOC ./O", "it/O rains/O in/O June/B-DATE") * 10


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("replay")
    old, new = write(folder / "old.conll", *OLD), write(folder / "new.conll", *NEW)
    untrained_run(folder / "run", train=old, valid=old)
    write(folder / "wide.conll", *[text.replace("May/O", "May/B-DATE") for text in OLD])
    assert new
    return folder


def prepared(folder, **changes):
    path = str(folder / "new.conll")
    values = {"train": path, "valid": path, "accept": "same-files", "resample": "none"}
    values |= {"init_from": str(folder / "run"), "replay": str(folder / "old.conll")}
    return quiet(make_settings(**{**values, **changes}))


def test_an_epoch_holds_the_wanted_share_of_old_sentences(folder):
    start, lines = prepared(folder, replay_share=0.2)
    batcher = make_task(start).train
    for number in (1, 2):
        drawn = np.concatenate(batcher.epoch(seed=1, number=number))
        assert np.count_nonzero(drawn >= 20) == 5  # 5 of 25
        assert sorted(drawn[drawn < 20].tolist()) == list(range(20))
    assert "replay: an epoch holds 5 of 10 old windows, drawn anew; they are 20% of it" in lines


def test_old_sentences_stand_behind_the_new_ones_in_the_same_ids(folder):
    start, _ = prepared(folder)
    words, tags = start.encoder.words, start.encoder.tags
    batch = make_task(start).train.batch(np.array([0, 20, 21]))
    assert batch.words[1].tolist() == [words.ids[w] for w in ("ada", "saw", "oslo", ".")]
    assert batch.labels[1].tolist() == [tags.ids[t] for t in ("B-PER", "O", "B-LOC", "O")]
    assert batch.words[0].tolist() == [words.ids[w] for w in ("eve", "left", "lima", ".")]


def test_class_counts_hold_the_replayed_tokens_of_an_epoch(folder):
    start, _ = prepared(folder, replay_share=0.2)
    counts = dict(zip(start.encoder.tags, start.tag_counts.tolist(), strict=True))
    # 20 new sentences, and 5 of the 10 old ones: half of their 10 PER, 5 LOC and 25 O.
    assert counts == {"O": 50 + 12, "B-PER": 10 + 5, "B-LOC": 10 + 2, "B-DATE": 10}


def test_resampled_windows_count_for_the_share(folder):
    start, _ = prepared(folder, resample="scr", replay_share=0.5)
    drawn = np.concatenate(make_task(start).train.epoch(seed=1, number=1))
    assert np.count_nonzero(drawn >= 20) == np.count_nonzero(drawn < 20) > 20


class TestOutsideTokens:
    def test_a_note_says_that_new_types_are_unlabelled(self, folder):
        note = (
            "note: replay: no span of 'DATE', so the network learns that no token is in one; "
            "if some are, label them or give --replay-outside ignore"
        )
        assert note in prepared(folder)[1]
        assert note not in prepared(folder, replay_outside="ignore")[1]
        assert note not in prepared(folder, replay=str(folder / "wide.conll"))[1]

    def test_ignored_ones_have_no_weight(self, folder):
        start, _ = prepared(folder, replay_outside="ignore")
        task = make_task(start)
        weights = task.weights(task.train.batch(np.array([0, 20])))
        assert weights.tolist() == [[1, 1, 1, 1], [1, 0, 1, 0]]

    def test_plain_tags_have_none(self, tmp_path):
        old = write(tmp_path / "old.conll", *["Ada/NOUN runs/VERB"] * 4)
        run = untrained_run(tmp_path / "run", train=old, valid=old)
        with pytest.raises(SettingsError) as caught:
            prepared(tmp_path, train=old, valid=old, init_from=str(run), replay_outside="ignore")
        assert (
            str(caught.value)
            == "replay_outside is 'ignore', but plain tags have no O: leave it out"
        )


def test_tags_that_no_training_has_are_noted(folder, tmp_path):
    odd = write(tmp_path / "odd.conll", *["Ada/B-PER saw/O Mars/B-PLANET"] * 3)
    assert (
        "note: replay: 3 tokens with tags that neither the old run nor train has are not learnt: B-PLANET"
        in prepared(folder, replay=odd)[1]
    )


def test_dropped_types_of_old_sentences_are_read_as_outside(folder):
    start, _ = prepared(folder, drop_tag="LOC")
    batch = make_task(start).train.batch(np.array([20]))
    assert [start.encoder.tags.symbol(tag) for tag in batch.labels[0]] == ["B-PER", "O", "O", "O"]
