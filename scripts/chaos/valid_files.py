"""Small valid files of every format, to be damaged by `read_damaged_files.py`."""

import json
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from seqlab.corpus.reading import Corpus, read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus


class ValidFile(NamedTuple):
    """A file or folder of one format.

    format: for --format. name: of the file or folder. files: bytes by path below its parent.
    """

    format: str
    name: str
    files: dict[str, bytes]


SENTENCES = (
    Sentence(tokens=("Ada", "Größe", "saw", "New\u00a0York", "😀"), tags=("B-PER", "I-PER", "O", "B-LOC", "O")),
    Sentence(tokens=("She", "left", "İstanbul", ",", "e\u0301t\u00e9", "."), tags=("O", "O", "B-LOC", "O", "O", "O")),
    Sentence(tokens=("“", "张", "三", "”", "👩\u200d🔬"), tags=("O", "B-PER", "I-PER", "O", "O")),
    Sentence(tokens=("It", "rained", "."), tags=("O", "O", "O")),
)  # fmt: skip
WEIGHTED = (
    Sentence(tokens=("Oslo", "#", "1,5"), tags=("B-LOC", "O", "O"), weight=0.5, metadata={"id": 7}),
    Sentence(tokens=("Bo", "ran"), tags=("B-PER", "O"), token_weights=(1.0, 2.0)),
)
QUOTES = Sentence(tokens=('"', ",", "a\nb", "nan"), tags=("O", "B-PER", "I-PER", "O"))
NAMES = ("O", "B-PER", "I-PER", "B-LOC")
TEXTS = ("Ada Größe saw Oslo 😀.", "She left.", "Bo, in New York")
SPANS = (((0, 9, "PER"), (14, 18, "LOC")), (), ((0, 2, "PER"), (7, 15, "LOC")))
KAGGLE = (
    "Sentence #,Word,POS,Tag",
    "Sentence: 1,Malmö,NNP,B-geo",
    ',",",",",O',
    ',"""",``,O',
    "Sentence: 2,Bo,NNP,B-per",
    ",ran,VBD,O",
)

WRITTEN = {
    "csv": ("a.csv",),
    "hf": ("a.jsonl", "a.parquet"),
    "doccano": ("a.jsonl",),
    "label-studio": ("a.json",),
    "prodigy": ("a.jsonl",),
    "brat": ("a",),
    "spacy": ("a.spacy", "a.json"),
    "bioc": ("a.xml", "a.json", "a.txt"),
    "cas": ("a",),
    "conll": ("a.conll",),
    "conllu": ("a.conllu",),
    "jsonl": ("a.jsonl",),
    "parallel": ("a",),
}
WEIGHTS = ("conll", "conllu", "jsonl")


def by_hand() -> list[ValidFile]:
    """The files that no writer of seqlab writes."""
    kaggle = "".join(f"{row}\n" for row in KAGGLE)
    tsv = "word\tpos\tner\nAda\tNNP\tB-PER\nran\tVBD\tO\n\nOslo\tNNP\tB-LOC\n"
    rows = [
        {"id": str(number), "tokens": one.tokens, "ner_tags": [*map(NAMES.index, one.tags or ())]}
        for number, one in enumerate(SENTENCES)
    ]
    objects = [{"tokens": one.tokens, "tags": one.tags} for one in SENTENCES]
    label = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}
    features = json.dumps({"ner_tags": label}).encode()
    older = [{"text": t, "labels": s} for t, s in zip(TEXTS, SPANS, strict=True)]
    newer = [
        {
            "id": 10 + i,
            "text": text,
            "entities": [
                {"id": 50 + k, "label": label, "start_offset": start, "end_offset": end}
                for k, (start, end, label) in enumerate(spans)
            ],
            "relations": [],
            "Comments": [],
        }
        for i, (text, spans) in enumerate(zip(TEXTS, SPANS, strict=True))
    ]
    minimal = [
        {
            "id": i,
            "text": text,
            "label": [
                {"start": s, "end": e, "text": text[s:e], "labels": [n]} for s, e, n in spans
            ],
            "annotator": 1,
            "annotation_id": i,
        }
        for i, (text, spans) in enumerate(zip(TEXTS, SPANS, strict=True))
    ]
    values = {
        ("csv", "kaggle.csv"): kaggle.encode("utf-8"),
        ("csv", "a.tsv"): tsv.encode("utf-8"),
        ("doccano", "older.jsonl"): lines_of(older),
        ("doccano", "newer.jsonl"): lines_of(newer),
        ("label-studio", "min.json"): json.dumps(minimal, indent=1).encode("utf-8"),
        ("text", "a.txt"): "\r\n".join(TEXTS).encode("utf-8"),
        ("jsonl", "array.json"): json.dumps(objects, indent=2).encode("utf-8"),
    }
    files = [ValidFile(form, name, {name: content}) for (form, name), content in values.items()]
    for name, content in (("rows.jsonl", lines_of(rows)), ("rows.json", json.dumps(rows).encode())):
        beside = f"{name.partition('.')[0]}.features.json"
        files.append(ValidFile("hf", name, {name: content, beside: features}))
    return files


def lines_of(values: Sequence[object]) -> bytes:
    """JSON lines."""
    return "".join(json.dumps(value, ensure_ascii=False) + "\n" for value in values).encode()


def valid_files(folder: Path) -> list[ValidFile]:
    """Write the files of every format below `folder`, and return them. Each is read once, as a proof."""
    files = [*by_hand()]
    for form, names in WRITTEN.items():
        for name in names:
            path = folder / form / name
            path.parent.mkdir(parents=True, exist_ok=True)
            write_corpus(_sentences(form), path, format=form)
            every = sorted(path.rglob("*")) if path.is_dir() else [path]
            contents = {
                one.relative_to(path.parent).as_posix(): one.read_bytes()
                for one in every
                if one.is_file()
            }
            files.append(ValidFile(form, name, contents))
    return sorted(files, key=lambda file: (file.format, file.name))


def _sentences(form: str) -> tuple[Sentence, ...]:
    if form in WEIGHTS:
        return SENTENCES + WEIGHTED
    return (*SENTENCES, QUOTES) if form == "csv" else SENTENCES


def put(file: ValidFile, folder: Path) -> Path:
    """Write a file or folder below `folder`. Returns the path to read."""
    for name, content in file.files.items():
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
    return folder / file.name


def read_whole(path: Path, form: str) -> Corpus:
    """Read a valid file, as the format found by looking; text only by name, as any text may be columns."""
    return reads(path, form)[int(form == "text")]()


def reads(path: Path, form: str) -> list[Callable[[], Corpus]]:
    """Every reading of a path: with the format found by looking, and as its format; without tags for text."""
    tagged = form != "text"
    read = partial(read_corpus, path, tagged=tagged)
    return [read, partial(read, format=form)]
