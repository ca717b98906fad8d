"""The error browser's order and its probable label errors, by hand-made predictions."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.experiment import browser_sentences
from seqlab.experiment.browser_sentences import candidates, in_turns, sampling_rule
from seqlab.experiment.browser_suspects import class_f1, suspects_of, suspects_rule
from seqlab.experiment.scored_split import ScoredSplit
from seqlab.tagging.tagger import Prediction
from seqlab.tuning.labelled_scores import labelled_scores

TAGS = ("O", "B-PER", "B-LAW", "B-ORG")
ITEMS = {"PER": 90, "ORG": 20, "LAW": 3}


def split_of(*pairs, sure=0.97, name="valid"):
    """A split of sentences with one-token spans. pairs: gold and predicted classes of a sentence, such as "PER O"."""
    tags = [
        [[one if one == "O" else f"B-{one}" for one in side.split()] for side in pair]
        for pair in pairs
    ]
    rest = (1 - sure) / (len(TAGS) - 1)
    scores = [
        np.log([[sure if tag == one else rest for tag in TAGS] for one in predicted])
        for _, predicted in tags
    ]
    gold = [one for one, _ in tags]
    return ScoredSplit(
        name=name,
        sentences=[
            Sentence(tokens=tuple("x" * len(one)), tags=tuple(one), source=f"f:{index}")
            for index, one in enumerate(gold)
        ],
        of=len(gold),
        predictions=[
            Prediction(tags=tuple(p), scores=np.full(len(p), sure, np.float32)) for _, p in tags
        ],
        data=labelled_scores(scores, gold, TAGS, Scheme.IOB2),
        tagger=SimpleNamespace(decision=DecisionRule(), scheme=Scheme.IOB2),
    )


def sources(split, **limits):
    found = [one for one in candidates(split, ITEMS) if one.errors.errors or one.suspects]
    chosen = in_turns(found, ITEMS, **{"sentences": 99, "tokens": 999} | limits)
    return [int(one.sentence.source[2:]) for one in chosen]


# PER: 12 right of 14; O: 14 right of 16. Sentence 0 misses PER, 2 misses LAW and invents PER, 3 misses ORG.
ERRORS = (
    ("PER O", "O O"),
    ("PER " * 12, "PER " * 12),
    ("O LAW", "PER O"),
    ("ORG PER O", "O O O"),
    ("O " * 12, "O " * 12),
)


def test_the_rarest_class_among_the_errors_comes_first_whatever_the_suspects():
    split = split_of(*ERRORS)
    marked = {one.sentence.source: one for one in candidates(split, ITEMS)}
    assert [(m.given, m.suggested) for m in marked["f:0"].suspects] == [("B-PER", "O")]
    assert {s: one.rank_class for s, one in marked.items() if one.errors.errors} == {
        "f:0": "PER",
        "f:2": "LAW",
        "f:3": "ORG",
    }
    assert sources(split) == [2, 3, 0]
    assert sources(split, sentences=2) == [2, 3]


def test_suspects_alone_come_after_all_errors():
    error, _, law, *_ = candidates(split_of(*ERRORS), ITEMS)
    alone = replace(law, errors=law.errors._replace(errors=()))
    chosen = in_turns([alone, error], ITEMS, sentences=9, tokens=99)
    assert [one.rank_class for one in chosen] == ["PER", "LAW"]


def test_a_label_is_doubted_only_if_both_classes_have_half_an_f1():
    # LAW: 1 right of 4 gold, F1 0.4. PER: 3 of 4 gold, 1 invented: F1 0.75. ORG: 1 of 1 and 1 invented: F1 0.67.
    split = split_of(
        ("PER PER PER PER", "PER PER PER ORG"),
        ("LAW LAW LAW LAW", "LAW O PER O"),
        ("ORG O O O", "ORG O O O"),
    )
    assert class_f1(split) == {"LAW": 0.4, "ORG": 2 / 3, "PER": 0.75}
    marks = suspects_of(split)
    assert [(n, m.position, m.given, m.suggested) for n, of in marks.items() for m in of] == [
        (0, 3, "B-PER", "B-ORG")
    ]
    both = [split, split_of(("PER O", "PER O"), name="test")]
    assert suspects_rule(both) == (
        "A probable label error is listed only if the given and the suggested class each have an F1 of at least 0.5 on "
        "the split. This leaves out 1 of 3 classes in valid."
    )
    rule = sampling_rule(both, [], ITEMS)
    assert rule.endswith(suspects_rule(both))
    assert "their errors. The rarest in training: LAW (3), ORG (20), PER (90). Sentences" in rule


def test_the_rule_counts_the_classes_of_each_split_that_are_left_out():
    weak = split_of(("PER LAW", "O O"))
    both = [weak, split_of(("PER LAW", "PER O"), name="test")]
    assert suspects_rule(both).endswith(
        " This leaves out all 2 classes in valid and 1 of 2 classes in test."
    )


def test_the_errors_of_the_rarest_class_lead(monkeypatch):
    split = split_of(("PER LAW ORG", "O O O"))
    monkeypatch.setattr(browser_sentences, "span_probabilities", lambda found, tagger: [{}])
    (shown,) = browser_sentences.browser([split], ITEMS).sentences
    assert [(one.label, one.gold) for one in shown.errors] == [("LAW", 1), ("ORG", 2), ("PER", 0)]
