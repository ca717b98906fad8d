"""Made-up results with round numbers, easy to check by eye."""

from bench.models import AROUND, BYTES, SECONDS, CostModel
from bench.startup import ANSWERS

MACHINE = {
    "cpu": "Abacus 3",
    "cores": 2,
    "memory_bytes": 24_000_000_000,
    "system": "Linux x86_64",
    "python": "3.13.1",
    "tensorflow": "2.21.0",
    "keras": "3.15.0",
    "numpy": "2.3.0",
    "commit": "abc1234",
}
TRUTH = {
    "seconds": CostModel(terms=SECONDS, coefficients={
        "steps": 0.02, "steps x length": 0.0005, "tokens": 4e-5, "tokens x classes": 0.0,
        "steps x words": 1e-7}),
    "seconds around": CostModel(terms=AROUND, coefficients={
        "start": 8.0, "tokens": 1e-5, "words": 1e-6}),
    "bytes": CostModel(terms=BYTES, coefficients={
        "start": 7e8, "tokens": 200.0, "words": 1600.0}),
}  # fmt: skip
SIZES = (
    (1000, 16, 1000, 4), (4000, 16, 1000, 64), (6000, 16, 30_000, 4), (600, 64, 1000, 16),
    (1500, 32, 9000, 64), (300, 120, 9000, 4), (5000, 6, 12_000, 16), (2500, 24, 15_000, 32),
)  # fmt: skip


DATA_SIZES = (
    (10_000, 16, 2000, 17), (80_000, 16, 2000, 17), (40_000, 24, 40_000, 17), (50_000, 12, 20_000, 17),
)  # fmt: skip


SERVED = {
    "p50": [2.0, 3.0], "p99": [9.0, 8.0], "requests": [1000.0, 1100.0], "tokens": [16_000.0, 17_000.0],
    "ratio": [0.16, 0.17], "load": [0.25, 0.3],
}  # fmt: skip


def point(sentences, length, words, classes, *, kind="compute", held_out=False, wrong=1.0):
    """A training with the true costs times `wrong`."""
    found = {
        "tokens": sentences * length,
        "steps": sentences // 32,
        "words": words,
        "parameters": 150_000 + 100 * words,
        "sentences": sentences,
        "length": length,
        "classes": classes,
    }
    costs = {key: model.predict(found) * wrong for key, model in TRUTH.items()}
    return {**found, **costs, "kind": kind, "held out": held_out}


def part(figures, *, others=0.01, seconds=60.0, **sizes):
    return {
        "date": "2026-01-31",
        "seconds": seconds,
        "others": others,
        "sizes": {name.replace("_", " "): size for name, size in sizes.items()},
        "figures": figures,
    }


def results():
    """Every part but quality; peers of which one did not run."""
    points = []
    for kind, sizes in (("compute", SIZES), ("data", DATA_SIZES)):
        points += [point(*size, kind=kind) for size in sizes[:-1]]
        points.append(point(*sizes[-1], kind=kind, held_out=True, wrong=0.8))
    corpus = "UD English EWT, UPOS"
    speed = {
        "training classic": [2000.0, 1900.0, 2100.0],
        "training seqlab": [24_000.0, 19_000.0, 23_100.0],
        "training ratio": [12.0, 10.0, 11.0],
        "training rate": [200e9, 180e9, 190e9],
        "training fraction": [0.15, 0.13, 0.14],
        "training evaluation share": [0.04, 0.05, 0.04],
        "tagging classic": [5000.0, 5000.0, 5000.0],
        "tagging seqlab": [50_000.0, 60_000.0, 70_000.0],
        "tagging ratio": [10.0, 12.0, 14.0],
        "tagging rate": [200e9, 180e9, 190e9],
        "tagging fraction": [0.31, 0.32, 0.33],
        "tagging seqlab again": [80_000.0, 90_000.0, 85_000.0],
        "tagging fraction again": [0.41, 0.42, 0.43],
    }
    growth = {
        "training small": [700e6],
        "training large": [1400e6],
        "pipe small": [700e6],
        "pipe large": [710e6],
        "pipe seconds": [30.0],
        "training ratio": [2.0],
        "pipe ratio": [71 / 70],
        "bytes a sentence": [3888.9],
    }
    start = {
        **{name: [0.4, 0.3] if "train" in name else [0.2, 0.2] for name in ANSWERS},
        "answers": [0.4, 0.3],
        "first tag seconds": [6.0, 9.0],
        "import seconds": [3.0, 3.0],
        "first tag": [2.0, 3.0],
    }  # fmt: skip
    parts = {
        "speed": part(
            speed, corpus=corpus, training_tokens=204_000, tagged_tokens=50_000,
            training_flops_a_token=1.5e6, tagging_flops_a_token=0.45e6,
        ),
        "pipe": part(
            {"one": [100_000.0, 90_000.0], "all": [190_000.0, 180_000.0], "rate": [200e9, 180e9],
             "one peak": [180e6, 182e6], "all peak": [440e6, 450e6], "ratio": [1.9, 2.0],
             "one fraction": [0.23, 0.225], "all fraction": [0.43, 0.45]},
            corpus=corpus, megabytes=20.0, tokens=4_100_000, workers=2, flops_a_token=0.45e6,
        ),
        "offsets": part(
            {"one columns": [1e6, 2e6], "one offsets": [9e5, 1.7e6], "one ratio": [0.9, 0.85],
             "all columns": [2e6, 3e6], "all offsets": [1.9e6, 2.7e6], "all ratio": [0.95, 0.9],
             "one columns peak": [180e6], "one offsets peak": [190e6],
             "all columns peak": [440e6], "all offsets peak": [460e6]},
            corpus=corpus, bytes=10_500_000, workers=2,
        ),
        "serving": part(
            {"python p50": [0.8, 0.9], "python p99": [1.5, 1.6], "bulk": [100_000.0, 110_000.0],
             **{f"{load} {name}": values
                for load in ("1 clients", "8 clients", "64 clients", "half")
                for name, values in SERVED.items()},
             "memory early": [100e6], "memory late": [101e6], "memory ratio": [1.01]},
            corpus="WNUT-17", texts=2000, tokens=30_000, texts_per_request=16, requests=100_000,
        ),
        "vocabulary": part(
            {"small": [30.0, 31.0], "large": [129.0, 130.0], "ratio": [4.3, 130 / 31],
             "small end": [20.0, 21.0], "large end": [1900.0, 1950.0]},
            small_vocabulary=10_000, large_vocabulary=1_000_000,
        ),
        "crf": part(
            {"few softmax": [20.0, 21.0], "few crf": [22.0, 23.1], "few ratio": [1.1, 1.1],
             "many softmax": [30.0, 32.0], "many crf": [36.0, 40.0], "many ratio": [1.2, 1.25]},
            corpus="WNUT-17", few_tags=13, many_tags=120,
        ),
        "checkpoints": part(
            {"without": [4.0, 4.1], "with": [4.04, 4.1], "ratio": [1.01, 1.0]},
            corpus=corpus, checkpoint_bytes=29_760_000,
        ),
        "recurrence": part(
            {"8 sentences, Keras": [30.0, 28.0], "8 sentences, block": [10.0, 7.0],
             "8 sentences, ratio": [3.0, 4.0]},
            shapes=["8 sentences"],
        ),
        "startup": part(start),
        "memory": part(
            {"seqlab": [900e6], "classic": [1800e6], "import": [600e6], "ratio": [0.5]}, corpus=corpus
        ),
        "growth": part(
            growth, sentences=[20_000, 200_000], megabytes=[1.0, 10.0], vocabulary=1_000_000,
            settings="epochs=1, cache=corpora",
        ),
        "install": part(
            {"seqlab bytes": [2.4e9], "commands bytes": [350e6], "tagger bytes": [90e6],
             "serving bytes": [120e6], "wheel bytes": [6.5e6], "zip bytes": [6.1e6],
             "zip, float16 weights bytes": [3.1e6], "zip, int8 weights bytes": [1.6e6],
             "exported first tag seconds": [0.3, 0.4]},
            **{"sentences trained on": 3000},
        ),
        "scaling": part({}, points=12, others=0.2) | {"points": points},
        "peers": part(
            {"spacy training": [5000.0], "spacy tagging": [15_000.0], "crfsuite training": [4000.0],
             "crfsuite tagging": [25_000.0]},
            corpus=corpus, **{"flair, not run": "No module named 'flair'"},
        ),
    }  # fmt: skip
    return {"machine": MACHINE, "parts": parts}
