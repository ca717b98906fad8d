"""Tag a dataset of Hugging Face in two processes. Usage: python examples/map_dataset.py RUN"""

import sys

import datasets

import seqlab

TEXTS = ["The ferry Saint Alban left Port Ardmore.", "It rained.", "Captain Pellgate came back."]


def main(run: str) -> None:
    tag = seqlab.load(run).map_batches(text="text")
    texts = datasets.Dataset.from_dict({"text": TEXTS})
    tagged = texts.map(tag, batched=True, num_proc=2, features=tag.features(texts.features))
    for row in tagged:
        print(row["text"], [(span["text"], span["label"]) for span in row["spans"]])


if __name__ == "__main__":
    main(sys.argv[1])
