"""Padding invariance of sound and broken networks; planted label errors are found."""

import random
from collections import Counter
from dataclasses import replace

import numpy as np
import pytest
import tensorflow as tf

from seqlab.auditing.invariance import Invariance, LayoutLosses, check_invariance
from seqlab.auditing.network_text import invariance_text
from seqlab.auditing.suspects_text import suspects_text
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.schemes import Scheme, decode_spans, encode_spans
from seqlab.corpus.writing import write_corpus
from seqlab.errors import SettingsError
from seqlab.modeling.losses import token_cross_entropy
from seqlab.settings.choices import LossName
from tests import tiny
from tests.auditing.hand import sentence

pytestmark = tiny.KERAS_NOISE


def test_a_trained_network_does_not_see_padding(tmp_path_factory):
    import seqlab

    run = tiny.folder_of(tiny.span_run(tmp_path_factory))
    found = seqlab.audit_network(run)
    paths = tiny.corpus(tmp_path_factory)
    read = f"{paths['valid']}, {paths['test']}"
    assert found.notes[0] == f"no corpus is given: the check reads those of the run, {read}"
    assert found.invariance.ok
    assert found.invariance.probability_difference < 1e-5
    assert found.invariance.changed_tags == 0
    assert [(x.batch, x.padded_to) for x in found.invariance.layouts] == [
        (1, None),
        (32, None),
        (1, 150),
        (32, 150),
    ]
    sizes = [
        len(s)
        for part in ("valid", "test")
        for s in read_corpus(tiny.corpus(tmp_path_factory)[part])
    ]
    assert found.invariance.tokens == sum(sizes)
    assert found.suspects is None
    names = [*LossName.__args__]
    assert [*found.invariance.loss_differences] == names
    assert max(found.invariance.loss_differences.values()) < 1e-5
    losses = [round(x, 6) for x in found.invariance.layouts[0].losses.values()]
    assert len(set(losses)) == len(names)


def test_a_network_that_loses_its_mask_is_caught(tmp_path_factory):
    import keras

    tagger = tiny.span_run(tmp_path_factory).run.tagger
    words = keras.Input((None,), dtype="int32", name="words")
    hidden = keras.layers.Embedding(tagger.encoder.words.id_count, 8)(words)
    hidden = keras.layers.Bidirectional(keras.layers.LSTM(6, return_sequences=True))(hidden)
    logits = keras.layers.Dense(len(tagger.encoder.tags.symbols), name="logits")(hidden)
    leaky = keras.Model(words, keras.layers.Softmax()(logits))
    sentences = read_corpus(tiny.corpus(tmp_path_factory)["valid"]).sentences
    leaking = replace(tagger)
    vars(leaking)["network"] = leaky  # as if it had been built from the weights
    found = check_invariance(leaking, in_scheme(sentences, tagger.scheme))
    assert not found.ok
    assert found.probability_difference > found.tolerance


def counts_padding(labels, logits):
    """Cross entropy that treats padding as the first class."""
    classes = tf.maximum(labels - 1, 0)
    return tf.nn.sparse_softmax_cross_entropy_with_logits(labels=classes, logits=logits)


def divides_by_positions(labels, logits):
    """0 on padding, but more padding makes the loss of each token smaller."""
    size = tf.cast(tf.size(labels), tf.float32)
    real = tf.reduce_sum(tf.cast(labels > 0, tf.float32))
    return token_cross_entropy(labels, logits) * real / size


def knows_its_batch(labels, logits):
    """0 on padding, but the loss of a token depends on the number of tokens in its batch."""
    real = tf.reduce_sum(tf.cast(labels > 0, tf.float32))
    return token_cross_entropy(labels, logits) / real


@pytest.mark.parametrize("loss", [counts_padding, divides_by_positions, knows_its_batch])
def test_a_loss_that_counts_padding_or_the_batch_is_caught(tmp_path_factory, loss):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    sentences = read_corpus(tiny.corpus(tmp_path_factory)["valid"]).sentences
    losses = {"right": token_cross_entropy, "wrong": loss}
    found = check_invariance(tagger, in_scheme(sentences, tagger.scheme), losses=losses)
    assert not found.ok
    assert found.loss_differences["right"] < 1e-5
    assert found.loss_differences["wrong"] > found.tolerance
    assert found.probability_difference < 1e-5


def test_the_loss_of_a_layout_by_a_loop(tmp_path_factory):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    sentences = read_corpus(tiny.corpus(tmp_path_factory)["valid"]).sentences
    sentences = in_scheme(sentences, tagger.scheme)
    found = check_invariance(tagger, sentences)
    counts = Counter(tag for s in sentences for tag in s.tags)
    total = weight = 0.0
    for one, logs in zip(sentences, tagger.token_log_probabilities(sentences), strict=True):
        for tag, row in zip(one.tags, logs, strict=True):
            own = 1 / counts[tag]
            total -= own * row[[*tagger.encoder.tags].index(tag)]
            weight += own
    assert found.layouts[0].losses["cross-entropy"] == pytest.approx(total / weight, rel=1e-4)


def test_invariance_as_a_person_reads_it():
    layouts = [
        LayoutLosses(batch=size, padded_to=width, losses={"focal": 0.5, "ldam": 1.25})
        for width in (None, 150)
        for size in (1, 32)
    ]
    found = Invariance(
        ok=False,
        windows=2,
        tokens=1200,
        loss_differences={"focal": 0.0, "ldam": 0.25},
        probability_difference=2e-7,
        changed_tags=0,
        tolerance=1e-4,
        layouts=tuple(layouts),
    )
    assert invariance_text(found).split("\n") == [
        "padding invariance: 1,200 tokens in 2 windows, in batches of 1 and 32, padded to the longest "
        "window and to 150",
        "  loss    weighted  largest difference",
        "  focal  0.5000000             0.0e+00",
        "  ldam   1.2500000             2.5e-01",
        "  largest difference of a probability 2.0e-07; changed tags 0",
        "  NOT OK: padding or batch size changes the network's output (tolerance 0.0001)",
    ]


def test_a_corpus_of_foreign_tags_has_no_loss(tmp_path_factory):
    tagger = tiny.span_run(tmp_path_factory).run.tagger
    with pytest.raises(SettingsError, match="the corpus has none of the tagger's tags"):
        check_invariance(tagger, [sentence("a/S-NEW")])


def in_scheme(sentences, scheme):
    return [
        replace(s, tags=encode_spans(decode_spans(s.tags, Scheme.IOB2), len(s), scheme))
        for s in sentences
    ]


def planted(sentences, dice):
    """Tag one place as a person in each of five sentences; returns the sentences and the positions."""
    found, places = list(sentences), []
    chosen = [n for n, s in enumerate(sentences) if "B-LOC" in s.tags]
    for number in dice.sample(chosen, 5):
        tags = list(found[number].tags)
        at = tags.index("B-LOC")
        tags[at] = "B-PER"
        found[number] = replace(found[number], tags=tuple(tags))
        places.append((number, at))
    return found, places


def test_planted_errors_are_found(tmp_path):
    import seqlab

    dice = random.Random(1)  # noqa: S311
    train, labelled = tmp_path / "train.conll", tmp_path / "labelled.conll"
    write_corpus([tiny.sentence(dice) for _ in range(80)], train, format="conll")
    wrong, places = planted([tiny.sentence(dice) for _ in range(60)], dice)
    write_corpus(wrong, labelled, format="conll")
    settings = tiny.CHEAP | {"epochs": 20, "select": "valid_loss", "word_features": "none"}
    settings |= {"class_weights": "sqrt-inverse", "dropout": 0.2}
    seqlab.train_tagger(train, **settings, out=tmp_path / "run")
    found = seqlab.audit_network(tmp_path / "run", [labelled], suspects=5).suspects
    first_lines = [int(s.source.rpartition(":")[2]) for s in read_corpus(labelled)]
    lines = {f"{labelled}:{first_lines[number] + at}" for number, at in places}
    suspected = {suspect.source for suspect in found.found}
    assert suspected == lines
    for suspect in found.found:
        assert (suspect.given, suspect.suggested, suspect.rank_class) == ("B-PER", "B-LOC", "LOC")
        assert f"[{suspect.token}]" in suspect.context
        assert suspect.token in tiny.PLACES
        assert suspect.score < suspect.suggested_score
    assert found.left_out == {}


def test_a_class_that_the_network_does_not_find_is_left_out(tmp_path_factory):
    import seqlab

    run = tiny.span_run(tmp_path_factory)  # LAW occurs twice in its training file
    train = tiny.corpus(tmp_path_factory)["train"]
    found = seqlab.audit_network(tiny.folder_of(run), [train], suspects=50).suspects
    given = [tag for s in read_corpus(train) for tag in run.run.tagger.tag(s.tokens)]
    assert not any("LAW" in tag for tag in given)
    assert found.left_out["LAW"] == 0.0
    assert not any("LAW" in suspect.given for suspect in found.found)


def test_suspects_of_the_training_file_are_noted(tmp_path_factory):
    import seqlab

    run = tiny.span_run(tmp_path_factory)
    path = tiny.corpus(tmp_path_factory)["train"]
    found = seqlab.audit_network(tiny.folder_of(run), [path], suspects=3)
    assert "the network was trained on this file" in found.notes[-1]
    assert set(found.to_json()) == {"invariance", "suspects", "notes"}


def test_the_order_of_suspects_by_hand():
    from seqlab.auditing.suspects import rank_suspects, suspect_order

    tags = ["O", "PER", "LAW"]
    sentences = [sentence("a/O b/O c/PER"), sentence("d/O e/LAW f/PER g/O")]
    rows = [
        [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.1, 0.9, 0.0]],
        [[0.3, 0.1, 0.6], [0.1, 0.2, 0.7], [0.75, 0.25, 0.0], [1.0, 0.0, 0.0]],
    ]
    probabilities = [np.array(one) for one in rows]
    order = suspect_order(sentences, probabilities, tags, scheme=Scheme.PLAIN)
    # Probability of the given tag, times the root of the frequency of the rarer class: PER 2 tokens, LAW 1.
    doubts = {(0, 1): 0.2 * 2**0.5, (1, 0): 0.3, (1, 2): 0.25 * 2**0.5}
    places = [(issue.sentence, issue.position) for issue in order.issues]
    assert places == sorted(doubts, key=doubts.get)
    assert [issue.rank_class for issue in order.issues] == ["PER", "LAW", "PER"]
    listed = rank_suspects(sentences, probabilities, tags, scheme=Scheme.PLAIN, most=2).found
    assert [(s.token, s.rank_class, s.given, s.suggested) for s in listed] == [
        ("d", "LAW", "O", "LAW"),
        ("b", "PER", "O", "PER"),
    ]
    assert (
        len(rank_suspects(sentences, probabilities, tags, scheme=Scheme.PLAIN, most=9).found) == 3
    )


def test_suspects_stand_in_a_table_with_what_was_left_out():
    from seqlab.auditing.suspects import Suspect, Suspects

    one = Suspect(
        source="dev.conll:7",
        token="Oslo",
        context="left [Oslo] .",
        given="B-PER",
        suggested="B-LOC",
        score=0.01,
        suggested_score=0.97,
        rank_class="LOC",
    )
    two = replace(one, context="in the old town of [Lima]")
    assert suspects_text(Suspects(found=(one, two), left_out={"LAW": 0.1})).split("\n") == [
        "suspects     class  given  suggested  p(given)  p(suggested)  text",
        "dev.conll:7    LOC  B-PER      B-LOC     0.010         0.970  left [Oslo] .",
        "dev.conll:7    LOC  B-PER      B-LOC     0.010         0.970  in the old town of [Lima]",
        "left out, because their recall is below 20%: LAW 10.0%",
    ]
    assert suspects_text(Suspects(found=(), left_out={})) == "suspects: none"
