from collections import Counter, defaultdict

from seqeval.metrics.sequence_labeling import get_entities

from seqlab.auditing.corpora import audit_corpora
from seqlab.corpus.splits import load_splits
from tests.auditing.hand import write


def readings(found):
    return {t.text: {name: r.count for name, r in t.readings.items()} for t in found}


def test_texts_of_a_hand_corpus(tmp_path):
    path = write(
        tmp_path / "t.conll",
        "New/B-LOC York/I-LOC won/O",
        "New/B-ORG York/I-ORG won/O",
        "New/B-LOC York/I-LOC and/O new/O York/O",
        "the/O New/O York/O mayor/O",
        "New/O York/B-LOC",
        "Ada/B-PER met/O Ada/B-PER",
    )
    found = audit_corpora(path, scheme="iob2").consistency
    assert found.spans == 6
    assert readings(found.different_classes) == {"New York": {"LOC": 2, "ORG": 1}}
    assert found.different_share == 1 / 6
    # 'New York' once wholly outside; 'York' alone once, in 'new York', and in the mayor's.
    assert readings(found.outside_elsewhere) == {
        "New York": {"LOC": 2, "ORG": 1, "O": 1},
        "York": {"O": 2, "LOC": 1},
    }
    assert found.outside_share == (2 + 1) / (3 + 1 + 3 + 2)
    assert found.different_classes[0].readings["ORG"].example == f"{path}:5"


def test_a_real_corpus_against_brute_force(shared_data):
    folder = shared_data / "wnut17"
    paths = [str(folder / "wnut17train.conll"), str(folder / "emerging.dev.conll")]
    found, splits = audit_corpora(*paths).consistency, load_splits(*paths)
    classes, outside = defaultdict(Counter), Counter()
    for s in (*splits.train, *splits.valid):
        for kind, start, end in get_entities(list(s.tags)):
            classes[s.tokens[start : end + 1]][kind] += 1
    for s in (*splits.train, *splits.valid):
        for start in range(len(s)):
            for end in range(start + 1, min(len(s), start + 10) + 1):
                if s.tokens[start:end] in classes and set(s.tags[start:end]) == {"O"}:
                    outside[s.tokens[start:end]] += 1
    assert found.different_texts == sum(len(kinds) > 1 for kinds in classes.values())
    assert found.outside_texts == len(outside)
    for text in found.outside_elsewhere:
        counted = {name: r.count for name, r in text.readings.items() if name != "O"}
        assert counted == classes[tuple(text.text.split(" "))]
        assert text.readings["O"].count == outside[tuple(text.text.split(" "))]


def test_plain_tags_have_no_outside(tmp_path):
    path = write(tmp_path / "t.conll", "run/NOUN run/VERB O/O", "run/NOUN it/PRON")
    found = audit_corpora(path).consistency
    assert readings(found.different_classes) == {"run": {"NOUN": 2, "VERB": 1}}
    assert found.outside_texts == 0
