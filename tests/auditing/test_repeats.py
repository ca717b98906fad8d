from collections import Counter

from seqlab.auditing.repeats import find_contradictions, find_repeats
from seqlab.corpus.splits import load_splits
from tests.auditing.hand import sentence

LONG = "a/O b/O c/O d/O e/O f/O g/O h/O"
SHORT = "Yes/O !/O"


def test_repeats_within_and_across():
    splits = {
        "train": tuple(map(sentence, (LONG, SHORT, LONG, LONG))),
        "valid": tuple(map(sentence, (SHORT, "new/O"))),
    }
    found = {
        (r.earlier, r.later): (r.sentences, r.long_sentences, r.share) for r in find_repeats(splits)
    }
    assert found == {
        ("train", "train"): (2, 2, 0.5),
        ("valid", "valid"): (0, 0, 0.0),
        ("train", "valid"): (1, 0, 0.5),
    }


def test_a_real_corpus_against_a_loop(shared_data):
    folder = shared_data / "crossner_science"
    splits = load_splits(*(str(folder / f"{part}.txt") for part in ("train", "dev", "test")))
    parts = {"train": splits.train, "valid": splits.valid, "test": splits.test}
    found = {(r.earlier, r.later): r.sentences for r in find_repeats(parts)}
    for (earlier, later), count in found.items():
        if earlier == later:
            counts = Counter(s.tokens for s in parts[later])
            assert count == sum(n - 1 for n in counts.values())
        else:
            known = {s.tokens for s in parts[earlier]}
            assert count == sum(s.tokens in known for s in parts[later])
    assert found["valid", "test"] == 15
    tags = {}
    for s in (s for part in parts.values() for s in part):
        tags.setdefault(s.tokens, set()).add(s.tags)
    assert len(find_contradictions(parts)) == sum(len(different) > 1 for different in tags.values())


def test_a_contradiction_names_the_first_token_where_tags_part(tmp_path):
    one, other = sentence("Rose/B-PER left/O"), sentence("Rose/B-VES left/O")
    found = find_contradictions({"train": (one, one), "valid": (other,)})
    assert [(c.token, c.tags, c.text) for c in found] == [("Rose", ("B-PER", "B-VES"), "Rose left")]
    assert find_contradictions({"train": (one, one)}) == ()


def test_the_longest_repeats_are_the_examples():
    train = tuple(map(sentence, (SHORT, LONG, SHORT, LONG)))
    (found,) = find_repeats({"train": train})
    assert [r.text for r in found.examples] == ["a b c d e f g h", "Yes !"]
