"""Why is a feature CRF ahead on SEC filings? Leave out features, and change its training.

    PYTHON scripts/studies/feature_crf.py FOLDER --out runs/feature-crf

PYTHON is a Python with sklearn-crfsuite, numpy and seqeval; it needs no seqlab. FOLDER has train.conll, valid.conll and
test.conll with lines 'token tag', as `peers.py` writes them to runs/accuracy/peers/sec_filings. Finished variants are kept.
`sec_filings.py` writes the page.
"""

import argparse
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

RESAMPLES = 2000
Features = dict[str, Any]
Sentence = list[tuple[str, str]]  # tokens with their tags
Keep = Callable[[str], bool]  # whether a feature of this name is used

WINDOW = re.compile(r"[+-]\d:")
AFFIXES = {"prefix1", "prefix2", "prefix3", "suffix1", "suffix2", "suffix3", "suffix4"}
BIGRAMS = {"before|word", "word|after"}
SPELLING = {"shape", "title", "upper", "digit", "has-digit", "hyphen", "length"}
LEFT_OUT: Mapping[str, Keep] = {
    "all features": lambda name: True,
    "no bigrams": lambda name: name not in BIGRAMS,
    "no window of two words": lambda name: not WINDOW.match(name),
    "no window, no bigrams": lambda name: not WINDOW.match(name) and name not in BIGRAMS,
    "no neighbouring words, shapes kept": lambda name: (
        not name.endswith(":word") and name not in BIGRAMS
    ),
    "not the word itself": lambda name: name not in {"word", *BIGRAMS},
    "no affixes": lambda name: name not in AFFIXES,
    "no shape or case": lambda name: name.split(":")[-1] not in SPELLING,
}
TRAINED: Mapping[str, Mapping[str, float]] = {
    "hardly regularised (c1 0, c2 0.01)": {"c1": 0.0, "c2": 0.01},
    "strongly regularised (c1 0, c2 1)": {"c1": 0.0, "c2": 1.0},
    "sparse (c1 1, c2 0)": {"c1": 1.0, "c2": 0.0},
    "20 iterations": {"max_iterations": 20},
    "features seen 3 times": {"min_freq": 3},
}
"""Changes of the training, with all features."""


def read(path: Path) -> list[Sentence]:
    """The sentences of a file with lines 'token tag'."""
    blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    return [[tuple(line.split(" ")) for line in block.split("\n")] for block in blocks]  # type: ignore[misc]


def shape(word: str) -> str:
    """The shape of a word, with runs cut to two.

    >>> shape("McDonald-1998")
    'XxXxx-dd'
    """
    classes = re.sub(r"\d", "d", re.sub(r"[a-z]", "x", re.sub(r"[A-Z]", "X", word)))
    return re.sub(r"(.)\1{2,}", r"\1\1", classes)


def spelling(word: str) -> Features:
    """What a word looks like; also used for the words around it."""
    flags = {"title": word.istitle(), "upper": word.isupper(), "digit": word.isdigit()}
    return {"word": word.lower(), "shape": shape(word), **flags}


def features(words: Sequence[str], position: int) -> Features:
    """The features of one word: its spelling and affixes, the two words on each side, and two bigrams."""
    word = words[position]
    low = word.lower()
    out: Features = {
        "bias": 1.0,
        **spelling(word),
        "hyphen": "-" in word,
        "length": str(min(len(word), 10)),
    }
    out["has-digit"] = any(letter.isdigit() for letter in word)
    out |= {f"prefix{n}": low[:n] for n in (1, 2, 3)} | {
        f"suffix{n}": low[-n:] for n in (1, 2, 3, 4)
    }
    for offset in (-2, -1, 1, 2):
        if 0 <= position + offset < len(words):
            beside = spelling(words[position + offset])
            out |= {f"{offset:+d}:{name}": value for name, value in beside.items()}
    before = words[position - 1].lower() if position else "<start>"
    after = words[position + 1].lower() if position + 1 < len(words) else "<end>"
    return {**out, "before|word": f"{before}|{low}", "word|after": f"{low}|{after}"}


def kept_features(sentences: Sequence[Sentence], keep: Keep) -> list[list[Features]]:
    """The features of every word, without those that are left out."""
    words = [[word for word, _ in sentence] for sentence in sentences]
    return [
        [{n: v for n, v in features(each, i).items() if keep(n)} for i in range(len(each))]
        for each in words
    ]


def spans(tags: Sequence[str]) -> set[tuple[int, int, str]]:
    """The entities of a sentence, as seqeval finds them."""
    from seqeval.metrics.sequence_labeling import get_entities

    return {(start, end, label) for label, start, end in get_entities(list(tags))}


def counts(
    gold: Sequence[Sequence[str]], predicted: Sequence[Sequence[str]], classes: Sequence[str]
) -> Any:
    """int64 (N, C, 3): correct, predicted and gold spans of each sentence and class."""
    out = np.zeros((len(gold), len(classes), 3), np.int64)
    for number, pair in enumerate(zip(gold, predicted, strict=True)):
        real, found = map(spans, pair)
        for column, some in enumerate((real & found, found, real)):
            for _, _, label in some:
                out[number, classes.index(label), column] += 1
    return out


def f1(sums: Any) -> Any:
    """F1 from correct, predicted and gold in the last axis; 0 without any."""
    return 2 * sums[..., 0] / np.maximum(sums[..., 1] + sums[..., 2], 1)


def micro(sums: Any) -> Any:
    """Micro F1 of counts (…, C, 3)."""
    return f1(sums.sum(axis=-2))


def difference(ours: Any, theirs: Any) -> tuple[float, float, float]:
    """Micro F1 of ours minus theirs, (N, C, 3) each, and its 95 % interval over resampled sentences."""
    dice = np.random.default_rng(1)
    weights = dice.multinomial(len(ours), np.full(len(ours), 1 / len(ours)), RESAMPLES)
    drawn = [micro(np.einsum("rn,nck->rck", weights, each)) for each in (ours, theirs)]
    low, high = np.quantile(drawn[0] - drawn[1], (0.025, 0.975))
    return float(micro(ours.sum(0)) - micro(theirs.sum(0))), float(low), float(high)


def train(
    splits: Mapping[str, list[Sentence]], keep: Keep, options: Mapping[str, float]
) -> dict[str, Any]:
    """Train one variant. Returns its predictions for validation and test, and its seconds."""
    import sklearn_crfsuite

    chosen = {"c1": 0.1, "c2": 0.1, "max_iterations": 100, **options}
    model = sklearn_crfsuite.CRF(algorithm="lbfgs", all_possible_transitions=True, **chosen)
    start = time.perf_counter()
    model.fit(
        kept_features(splits["train"], keep), [[tag for _, tag in s] for s in splits["train"]]
    )
    seconds = time.perf_counter() - start
    tagged = {
        name: list(model.predict(kept_features(splits[name], keep))) for name in ("valid", "test")
    }
    return {
        "seconds": seconds,
        **{name: [list(row) for row in rows] for name, rows in tagged.items()},
    }


def variants() -> Iterator[tuple[str, Keep, Mapping[str, float]]]:
    """All variants: the first has all features."""
    everything = LEFT_OUT["all features"]
    yield from ((name, keep, {}) for name, keep in LEFT_OUT.items())
    yield from ((name, everything, options) for name, options in TRAINED.items())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "folder", type=Path, help="folder of train.conll, valid.conll and test.conll"
    )
    parser.add_argument("--out", type=Path, required=True, help="folder of finished variants")
    options = parser.parse_args()
    splits = {name: read(options.folder / f"{name}.conll") for name in ("train", "valid", "test")}
    options.out.mkdir(parents=True, exist_ok=True)
    for number, (name, keep, changes) in enumerate(variants()):
        path = options.out / f"{number}.json"
        if not path.exists():
            path.write_text(json.dumps(train(splits, keep, changes)), encoding="utf-8")
            print(name, flush=True)


if __name__ == "__main__":
    main()
