"""Combined taggers: scores against a mean that numpy computes from the members' own probabilities."""

import zipfile
from dataclasses import replace

import numpy as np
import pytest

import seqlab
from seqlab.corpus.schemes import Scheme
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.errors import RunError, UserError
from seqlab.inference.combined import COMBINED
from seqlab.tagging.combining import combine_taggers
from tests.exporting.random_taggers import random_sentences, random_tagger

SENTENCES = random_sentences(seed=3, count=150)


def other_tagger(seed, **options):
    """A random tagger with weights of its own."""
    tagger, random = random_tagger(**options), np.random.default_rng(seed)
    weights = {
        name: random.normal(0, 0.5, array.shape).astype(np.float32)
        for name, array in tagger.weights.items()
    }
    return replace(tagger, weights=weights)


def with_reversed_tags(tagger):
    """The same softmax tagger with its tags in the reverse order."""
    encoder = replace(tagger.encoder, tags=Vocabulary(tagger.encoder.tags.symbols[::-1]))
    weights = {
        name: np.ascontiguousarray(array[..., ::-1]) if name.startswith("logits/") else array
        for name, array in tagger.weights.items()
    }
    return replace(tagger, encoder=encoder, weights=weights)


@pytest.fixture(scope="module")
def members():
    return [
        other_tagger(1),
        other_tagger(2, char_encoder="lstm", layers=2),
        with_reversed_tags(other_tagger(3, head="softmax")),
    ]


def mean_of_logs(members):
    """float64 (T, C) per sentence, in the order of the first tagger's tags."""
    wanted = members[0].encoder.tags.symbols
    logs = []
    for member in members:
        order = [member.encoder.tags.symbols.index(tag) for tag in wanted]
        logs.append([one[:, order] for one in member.token_log_probabilities(SENTENCES)])
    return [np.mean(np.array(each, np.float64), axis=0) for each in zip(*logs, strict=True)]


def test_log_probabilities_are_the_normalised_mean_of_the_members(members):
    found = combine_taggers(members).token_log_probabilities(SENTENCES)
    for one, mean in zip(found, mean_of_logs(members), strict=True):
        expected = mean - np.log(np.exp(mean).sum(axis=-1, keepdims=True))
        np.testing.assert_allclose(one, expected, atol=2e-5)


def test_tags_are_the_best_legal_path_of_the_mean(members):
    plain = [replace(member, constrained=False) for member in members]
    combined = combine_taggers(plain)
    bias = np.array([0.5 * tag.endswith("LOC") for tag in combined.encoder.tags.symbols])
    best = [
        tuple(combined.encoder.tags.symbols[i] for i in (mean + bias).argmax(axis=-1))
        for mean in mean_of_logs(members)
    ]
    assert [one.tags for one in combined.predict(SENTENCES)] == best
    legal = [one.tags for one in combine_taggers(members).predict(SENTENCES)]
    assert legal != best
    for tags in legal:  # no I- without its B-
        before = ("O", *tags)
        assert all(
            tag[:2] != "I-" or last in (tag, f"B-{tag[2:]}")
            for last, tag in zip(before, tags, strict=False)
        )


def test_a_combination_is_stored_and_exported(members, tmp_path):
    combined = replace(combine_taggers(members), decision=DecisionRule(temperature=0.75))
    run = seqlab.save(combined, tmp_path / "both")
    loaded = seqlab.load(run)
    tags = [one.tags for one in combined.predict(SENTENCES)]
    assert [one.tags for one in loaded.predict(SENTENCES)] == tags
    assert loaded.decision == DecisionRule(temperature=0.75)
    assert loaded.engine == "numpy"
    wheel = seqlab.export_tagger(run, format="wheel", name="both", out=tmp_path, weights="float16")
    assert [name for name in zipfile.ZipFile(wheel).namelist() if name.endswith("weights.npz")] == [
        f"both/tagger/member-{number}/weights.npz" for number in (1, 2, 3)
    ]
    with pytest.raises(UserError) as caught:
        seqlab.export_tagger(run, format="onnx", name="both", out=tmp_path)
    assert str(caught.value) == (
        f"{run}: combines 3 networks, and --format onnx holds one; use --format wheel or zip, "
        "or train one network with --teacher"
    )
    with pytest.raises(UserError, match="the tagger combines several networks"):
        _ = loaded.network


def test_the_decision_is_the_mean_of_the_decisions(members):
    warm = replace(members[1], decision=DecisionRule(temperature=0.7, bias={"B-PER": 1.5}))
    found = combine_taggers([members[0], warm]).decision
    assert found.temperature == pytest.approx((1.7 + 0.7) / 2)
    assert found.bias == {"B-LOC": 0.25, "I-LOC": 0.25, "B-PER": 0.75}


def test_weights_of_a_combination_cannot_be_read(members):
    combined = combine_taggers(members)
    for read in (lambda: combined.forward, lambda: combined.weights["logits/0"]):
        with pytest.raises(UserError) as caught:
            read()
        assert str(caught.value) == COMBINED


def test_a_damaged_member_is_named(members, tmp_path):
    run = seqlab.save(combine_taggers(members), tmp_path / "both")
    (run / "member-2" / "weights.npz").unlink()
    with pytest.raises(RunError) as caught:
        seqlab.load(run)
    assert str(caught.value) == (
        f"{run}/member-2/weights.npz: missing, but the manifest of the run lists it; copy the run again"
    )


def test_a_member_outside_the_run_is_refused(members, tmp_path):
    run = seqlab.save(combine_taggers(members), tmp_path / "both")
    (run / "member-2").rename(tmp_path / "elsewhere")
    (run / "member-2").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(RunError, match="outside its directory; put the file itself there"):
        seqlab.load(run)


MISFITS = {
    "one tagger": (lambda one: [one], "expected 2 to 100 taggers to combine, found 1"),
    "scheme": (
        lambda one: [one, replace(one, scheme=Scheme.IOB1)],
        "tagger 2: its tag scheme is iob1, but that of tagger 1 is iob2",
    ),
    "tags": (
        lambda one: [
            one,
            replace(one, encoder=replace(one.encoder, tags=Vocabulary(("O", "B-X", "I-X")))),
        ],
        "tagger 2: has the tags 'B-X', 'I-X', which tagger 1 lacks; combine runs of the same tags",
    ),
    "columns": (
        lambda one: [one, random_tagger(columns=False)],
        "tagger 2: reads the feature columns [], but tagger 1 ['pos']; combine runs that read the same columns",
    ),
    "nested": (
        lambda one: [one, combine_taggers([one, one])],
        "tagger 2: is a combination itself; give the runs that it combines",
    ),
}


@pytest.mark.parametrize("name", MISFITS)
def test_taggers_that_do_not_fit(name):
    make, message = MISFITS[name]
    with pytest.raises(UserError) as caught:
        combine_taggers(make(random_tagger()))
    assert str(caught.value) == message
