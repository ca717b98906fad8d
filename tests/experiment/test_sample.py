"""The sample corpus in `data/` keeps the promises of its README. This file has a reader of its own."""

import re
import subprocess
import sys
import tomllib
from collections import Counter
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPT = ROOT / "scripts" / "make_sample.py"
SPLITS = ("train", "valid", "test")
TYPES = ("PER", "LOC", "ORG", "VES", "LAW", "MED")


def run(*arguments: str) -> str:
    command = [sys.executable, str(SCRIPT), *arguments]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def read(split: str) -> list[list[tuple[str, str]]]:
    sentences = [[]]
    for line in (ROOT / "data" / f"{split}.conll").read_text(encoding="utf-8").splitlines():
        if line:
            token, tag = line.split("\t")
            sentences[-1].append((token, tag))
        else:
            sentences.append([])
    return sentences


def spans(sentences) -> list[tuple[str, tuple[str, ...]]]:
    found = []
    for sentence in sentences:
        for token, tag in sentence:
            if tag.startswith("B-"):
                found.append((tag[2:], [token.casefold()]))
            elif tag.startswith("I-"):
                found[-1][1].append(token.casefold())
    return [(kind, tuple(words)) for kind, words in found]


@pytest.fixture(scope="module")
def corpora():
    return {split: read(split) for split in SPLITS}


def test_made_again_the_files_are_the_same_byte_by_byte(tmp_path):
    run("--out", str(tmp_path))
    for split in SPLITS:
        made = (tmp_path / f"{split}.conll").read_bytes()
        assert made == (ROOT / "data" / f"{split}.conll").read_bytes()


def test_another_seed_makes_another_corpus(tmp_path):
    run("--out", str(tmp_path), "--seed", "8")
    assert (tmp_path / "test.conll").read_bytes() != (ROOT / "data/test.conll").read_bytes()


def test_the_readme_holds_the_counts_that_the_script_prints():
    assert run("--counts").strip() in (ROOT / "data" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("split", "size"), [("train", 2400), ("valid", 500), ("test", 700)])
def test_sizes_and_lengths(corpora, split, size):
    assert len(corpora[split]) == size
    # A headline loses its full stop, hence 11.
    assert all(11 <= len(sentence) <= 25 for sentence in corpora[split])


@pytest.mark.parametrize("split", SPLITS)
def test_tags_are_iob2(corpora, split):
    allowed = {"O"} | {f"{mark}-{kind}" for mark in "BI" for kind in TYPES}
    for sentence in corpora[split]:
        tags = ["O", *(tag for _, tag in sentence)]
        assert set(tags) <= allowed
        for before, tag in pairwise(tags):
            assert not tag.startswith("I-") or before[2:] == tag[2:]


@pytest.mark.parametrize("split", SPLITS)
def test_shares_fall_steeply_from_o_to_med(corpora, split):
    counts = Counter(tag[2:] or "O" for sentence in corpora[split] for _, tag in sentence)
    shares = [counts[kind] / counts.total() for kind in ("O", *TYPES)]
    assert shares == sorted(shares, reverse=True)
    assert 0.87 < shares[0] < 0.90
    assert 0.04 < shares[1] < 0.05
    rarer = 2 if split == "train" else 1
    assert 0.003 < rarer * shares[-2] < 0.0045
    assert 0.0015 < rarer * shares[-1] < 0.003


def test_the_rarest_class_has_enough_names_to_measure(corpora):
    assert Counter(kind for kind, _ in spans(corpora["valid"]))["MED"] >= 12
    assert Counter(kind for kind, _ in spans(corpora["test"]))["MED"] >= 15


@pytest.mark.parametrize("kind", TYPES)
def test_names_have_one_to_four_tokens(corpora, kind):
    lengths = {len(words) for name, words in spans(corpora["train"]) if name == kind}
    assert lengths == {1, 2, 3, 4}


@pytest.mark.parametrize(("split", "low", "high"), [("valid", 0.4, 0.7), ("test", 0.7, 0.95)])
def test_names_unseen_in_train(corpora, split, low, high):
    known = {words for _, words in spans(corpora["train"])}
    names = spans(corpora[split])
    assert low <= sum(words not in known for _, words in names) / len(names) <= high


def test_no_sentence_comes_twice(corpora):
    texts = [
        " ".join(token for token, _ in sentence).casefold()
        for sentences in corpora.values()
        for sentence in sentences
    ]
    assert len(set(texts)) == len(texts)


@pytest.mark.parametrize("split", SPLITS)
def test_articles_fit_the_word_that_follows(corpora, split):
    for sentence in corpora[split]:
        for (article, _), (word, _) in pairwise(sentence):
            assert (article, word[0].lower() in "aeiou") not in {("a", True), ("an", False)} or (
                re.match(r"uni|use|ewe|one|hour|X-|8|1[18]", word)
            ), f"{article} {word}"


def test_every_rule_of_the_grammar_exists_once():
    grammar = tomllib.loads((SCRIPT.parent / "sample_grammar.toml").read_text(encoding="utf-8"))
    words = tomllib.loads((SCRIPT.parent / "sample_words.toml").read_text(encoding="utf-8"))
    parts = tomllib.loads((SCRIPT.parent / "sample_names.toml").read_text(encoding="utf-8"))
    rules = {key for key, value in grammar.items() if isinstance(value, str)}
    rules |= set(grammar["clauses"])
    assert not rules & set(words)
    texts = [value for value in (*grammar.values(), *words.values()) if isinstance(value, str)]
    texts += [*grammar["clauses"].values(), *grammar["standalone"].values()]
    used = set(re.findall(r"\$(\w+(?:\.s)?)", "\n".join(texts)))
    plurals = {f"{key}.s" for key in words}
    assert used <= rules | set(words) | plurals | {*TYPES, "PER_last", "CLAUSE", "STANDALONE"}
    coined = set(re.findall(r"\$(\w+)", "\n".join(grammar["names"].values())))
    assert coined <= set(parts) | set(grammar["names"])
