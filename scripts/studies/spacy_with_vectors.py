"""Train spaCy with word vectors on one corpus, and write pred.txt and result.json, as the tools of peers.py do.

    PYTHON scripts/studies/spacy_with_vectors.py --train F --dev F --test F --vectors glove.txt --task ner --out FOLDER

PYTHON is a Python with spaCy 3; it needs no seqlab. The corpora have lines 'token tag', the vectors lines 'word numbers'.
The configuration is that of `spacy init config --optimize accuracy`, whose tok2vec reads static vectors.
"""

import argparse
import contextlib
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.cli.init_config import init_config
from spacy.tokens import Doc, DocBin
from spacy.training.initialize import convert_vectors, init_nlp
from spacy.training.loop import train
from spacy.util import registry

PIPES = {"ner": "ner", "pos": "tagger"}


class TimeIsUp(Exception):  # noqa: N818, no error
    """Training has lasted as long as it may."""


def read(path: Path) -> list[tuple[list[str], list[str]]]:
    """The tokens and tags of each sentence."""
    blocks = path.read_text("utf-8").strip("\n").split("\n\n")
    rows = [[line.split(" ") for line in block.split("\n")] for block in blocks]
    return [([token for token, _ in block], [tag for _, tag in block]) for block in rows]


def write_docs(source: Path, target: Path, vocab: Any, task: str) -> None:
    """Write a corpus in spaCy's format."""
    name = "ents" if task == "ner" else "tags"
    docs = [Doc(vocab, words=words, **{name: tags}) for words, tags in read(source)]
    DocBin(docs=docs).to_disk(target)


def log_until(seconds: float) -> None:
    """Register a logger that prints each evaluation and ends training after some seconds."""

    def setup(nlp: Any, stdout: Any = None, stderr: Any = None) -> Any:
        start = time.perf_counter()

        def step(info: dict[str, Any] | None) -> None:
            if info is not None:
                print(info["epoch"], info["step"], info["score"], flush=True)
                if time.perf_counter() - start > seconds:
                    raise TimeIsUp

        return step, lambda: None

    registry.loggers.register("until.v1", func=lambda: setup)


def configure(options: argparse.Namespace) -> Any:
    """The configuration, with vectors from a file of text."""
    nlp = spacy.blank(options.language)
    convert_vectors(nlp, options.vectors, truncate=0, prune=-1, mode="default")
    nlp.to_disk(options.out / "vectors")
    for split in ("train", "dev"):
        source = getattr(options, split)
        write_docs(source, options.out / f"{split}.spacy", nlp.vocab, options.task)
    config = init_config(
        lang=options.language, pipeline=[PIPES[options.task]], optimize="accuracy", gpu=False
    )
    paths = {"train": "train.spacy", "dev": "dev.spacy", "vectors": "vectors"}
    config["paths"].update({key: str(options.out / name) for key, name in paths.items()})
    config["initialize"]["vectors"] = str(options.out / "vectors")
    config["training"]["logger"] = {"@loggers": "until.v1"}
    config["training"]["seed"] = config["system"]["seed"] = options.seed
    return config


def fit(options: argparse.Namespace) -> float:
    """Train into the folder `model-best`. Returns the seconds."""
    log_until(options.seconds)
    nlp = init_nlp(configure(options), use_gpu=-1)
    start = time.perf_counter()
    with contextlib.suppress(TimeIsUp):
        train(nlp, options.out, use_gpu=-1)
    return time.perf_counter() - start


def tags_of(doc: Any, task: str) -> Iterator[str]:
    """The predicted tags of a sentence."""
    for token in doc:
        if task == "pos":
            yield token.tag_
        else:
            yield f"{token.ent_iob_}-{token.ent_type_}" if token.ent_type_ else "O"


def predict(options: argparse.Namespace) -> float:
    """Write the test split with predicted tags. Returns tokens per second."""
    nlp = spacy.load(options.out / "model-best")
    sentences = read(options.test)
    start = time.perf_counter()
    docs = list(nlp.pipe(Doc(nlp.vocab, words=words) for words, _ in sentences))
    seconds = time.perf_counter() - start
    with (options.out / "pred.txt").open("w", encoding="utf-8") as file:
        for (words, gold), doc in zip(sentences, docs, strict=True):
            rows = zip(words, gold, tags_of(doc, options.task), strict=True)
            file.write("".join(f"{' '.join(row)}\n" for row in rows) + "\n")
    return sum(map(len, docs)) / seconds


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("train", "dev", "test", "vectors", "out"):
        parser.add_argument(f"--{name}", type=Path, required=True)
    parser.add_argument("--task", choices=list(PIPES), required=True)
    parser.add_argument("--language", default="en")
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    seconds = fit(options)
    speed = predict(options)
    result = {"train": {"train_s": seconds}, "predict": {"predict_tok_s": speed}}
    (options.out / "result.json").write_text(json.dumps(result), encoding="utf-8")


if __name__ == "__main__":
    main()
