"""Small runs of every sort, and mutants of them: a file that is damaged, forged, replaced or missing."""

import io
import json
import os
import pickle
import random
import shutil
import struct
import zipfile
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from read_damaged_files import damage

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.encoding.encoder import Encoder, fit_encoder
from seqlab.encoding.frozen_words import FrozenWords
from seqlab.encoding.ngrams import Ngrams
from seqlab.encoding.word_index import MemoryIndex
from seqlab.inference.forward import weight_shapes
from seqlab.machine.packed_arrays import NumberType
from seqlab.reporting import run_details as details
from seqlab.storing.mentions_file import write_mentions
from seqlab.storing.run_directory import new_run
from seqlab.storing.run_settings import CONFIG
from seqlab.storing.save_and_load import save_run
from seqlab.storing.tagger_files import save_tagger
from seqlab.tagging.tagger import Tagger
from seqlab.text.cutting import CuttingChoice

MANIFEST = "manifest.json"
BEST = "checkpoints/best-1.npz"
SENTENCES = (
    (("Ada", "saw", "Paris", "."), ("B-PER", "O", "B-LOC", "O")),
    (("Boris", "Stone", "left", "Oslo"), ("B-PER", "I-PER", "O", "B-LOC")),
    (("the", "Old", "42", "museums"), ("O", "B-LOC", "I-LOC", "O")),
)
OTHER_TEXTS = {
    "config.toml": 'train = "a.conll"\nvalid = "b.conll"\ntag_column = "1"\nclass_weights = "sqrt-inverse"\n'
    "epochs = 3\n[class_weight]\nPER = 2.0\n",
    "metrics.json": json.dumps(
        {
            "splits": {
                name: {"macro_f1": 0.5, "classes": {"PER": {"support": 3}, "LOC": {"support": 4}}}
                for name in ("valid", "test")
            },
            "seconds": 3.5,
        }
    ),
    "history.jsonl": '{"epoch": 1, "loss": 0.5}\n{"epoch": 2, "loss": 0.25}\n',
    "README.md": "# A tagger\n",
}
SENTENCE = details.BrowserSentence(
    split="valid",
    source="b.conll:1",
    tokens=("Ada", "saw", "Paris"),
    gold=(details.GoldSpan(0, 1, "PER"),),
    predicted=(details.PredictedSpan(2, 3, "LOC", 0.75),),
    errors=(details.ErrorMark("missed", 0, None, "PER"),),
    suspects=(details.SuspectMark(2, "O", "B-LOC", 0.01),),
)
DETAILS = details.RunDetails(
    title="a.conll",
    finished="2026-11-30T14:30:00Z",
    command="python -m seqlab.train",
    inputs=(details.RunInput(name="train", path="a.conll", sha256="00", sentences=3, tokens=9),),
    changed={"epochs": details.ChangedSetting(3, 50)},
    versions={"seqlab": "0"},
    plain=False,
    scheme="iob2",
    classes={"PER": details.ClassDetails(tokens=4, items=2, weight=5.5, why="It is rare.")},
    baseline=details.MajorityBaseline(
        class_name="O", token_accuracy=0.9, micro_f1=0.0, macro_f1=None
    ),
    browser=details.Browser(rule="All.", with_errors=1, sentences=(SENTENCE,)),
    thresholds=details.ThresholdCurves(
        split="valid",
        classes={
            "PER": details.ClassThresholds(
                bias=0.5, points=(details.ThresholdPoint(0.0, None, 0.0, 0),)
            )
        },
    ),
    reliability=details.ReliabilityDiagrams(
        split="valid", classes={"PER": (details.ReliabilityBin(0.5, 0.25, 4),)}
    ),
    weights=details.WeightExamples(
        sentences=(
            details.WeightedSentence(tokens=("Ada",), tags=("B-PER",), weights=(2.0,), padding=1),
        )
    ),
    audit=(details.AuditFinding(severity="note", text="A finding.", value=0.5),),
)


class Canary:
    """Unpickling it ends in the audit event that `damage_runs` looks for."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("false",)


def sentences() -> list[Sentence]:
    """Sentences with tags, a feature and a number per token."""
    return [
        Sentence(
            tokens=tokens,
            tags=tags,
            features={"pos": tuple("N" if token.istitle() else "V" for token in tokens)},
            numbers={"length": tuple(float(len(token)) for token in tokens)},
        )
        for tokens, tags in SENTENCES
    ]


def make_runs(folder: Path) -> dict[str, Path]:
    """Save runs of six sorts, whose weights are random, and give their directories by name."""
    train = sentences()
    runs = {
        "softmax": save(folder / "softmax", fit_encoder(train, word_features=("case", "shape"))),
        "crf": save(
            folder / "crf",
            fit_encoder(train, word_features=("suffix",), unicode_form="nfc"),
            char_encoder="lstm",
            head="crf",
            layers=2,
        ),
        "vectors": save(folder / "vectors", with_vectors(fit_encoder(train)), char_encoder="none"),
        "smaller": save(
            folder / "smaller",
            with_vectors(fit_encoder(train)),
            char_encoder="none",
            numbers="int8",
        ),
        "unfinished": unfinished(save(folder / "unfinished", fit_encoder(train))),
        "columns": save(
            folder / "columns",
            fit_encoder(train, feature_columns=("pos",), numeric_columns=("length",)),
        ),
    }
    for run in runs.values():
        for name, text in OTHER_TEXTS.items():
            (run / name).write_text(text, encoding="utf-8")
        (run / details.DETAILS).write_text(details.details_text(DETAILS), encoding="ascii")
        write_mentions(np.arange(5, dtype=np.uint64), run)
        seal(run)
    return runs


def unfinished(run: Path) -> Path:
    """Make a run one whose training has not ended, with the weights of its best epoch among the checkpoints."""
    (run / "checkpoints").mkdir()
    (run / "tagger.json").rename(run / "checkpoints" / "tagger.json")
    (run / "weights.npz").rename(run / BEST)
    return run


def with_vectors(encoder: Encoder) -> Encoder:
    """The encoder with frozen words and n-grams."""
    dice, words = np.random.default_rng(1), ("berlin", "Rome", "1887", "ada")
    ngrams = Ngrams(
        vectors=dice.normal(size=(20, 6)).astype(np.float32),
        shortest=2,
        longest=3,
        spelling="lower case",
    )
    vectors = dice.normal(size=(len(words), 6)).astype(np.float32)
    frozen = FrozenWords(MemoryIndex({word: n for n, word in enumerate(words)}), vectors, ngrams)
    return Encoder(**{**vars(encoder), "frozen_words": frozen})


def save(path: Path, encoder: Encoder, *, numbers: NumberType = "float32", **sizes: Any) -> Path:
    """Save a tagger with random weights. numbers: how weights and vectors are stored."""
    defaults = {"char_encoder": "cnn", "word_dim": 6, "char_dim": 3, "char_units": 3}
    architecture = Architecture(
        words=encoder.words.id_count,
        characters=encoder.characters.id_count,
        classes=len(encoder.tags.symbols),
        features={name: values.id_count for name, values in encoder.features.items()},
        numbers=encoder.number_inputs,
        outside_vectors=encoder.frozen_words is not None,
        hidden_units=5,
        **{**defaults, **sizes},
    )
    dice = np.random.default_rng(2)
    shapes = weight_shapes(architecture).items()
    tagger = Tagger(
        architecture=architecture,
        weights={name: dice.normal(size=shape).astype(np.float32) for name, shape in shapes},
        encoder=encoder,
        scheme=Scheme.IOB2,
        decision=DecisionRule(temperature=1.5, bias={"B-PER": 0.5, "I-PER": 0.5}),
        constrained=True,
        cutting=CuttingChoice(sentences="line"),
    )
    if numbers == "float32":
        return save_run(tagger, path)
    with new_run(path) as pending:
        save_tagger(tagger, pending.temporary, weights=numbers, vectors=numbers)
        (pending.temporary / CONFIG).write_text("", encoding="ascii")
    return path


def seal(directory: Path, status: str = "finished") -> None:
    """Write a manifest for the files as they are: a forged one, if they were damaged."""
    files = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name != MANIFEST and not path.is_symlink():
            content = path.read_bytes() if path.stat().st_size < 1 << 24 else b""
            entry = {"bytes": path.stat().st_size, "sha256": sha256(content).hexdigest()}
            files[str(path.relative_to(directory))] = entry
        elif path.is_symlink() or not (path.is_dir() or path.is_file()):
            files[str(path.relative_to(directory))] = {"bytes": 0, "sha256": sha256().hexdigest()}
    manifest: dict[str, Any] = {"versions": {"seqlab": "0"}, "files": files, "status": status}
    if (directory / "checkpoints").exists():
        entries = [{"state": "checkpoints/state-1.npz", "best": BEST}]
        manifest |= {"status": "training", "training": {"checkpoints": entries}}
    (directory / MANIFEST).write_text(json.dumps(manifest), encoding="ascii")


class Mutant(NamedTuple):
    """What was done to a run. forged: the manifest was made to fit the damage."""

    kind: str
    forged: bool


class MutableRun:
    """A copy of a run that is damaged and restored. others: files of other runs, to put in place of its own."""

    def __init__(self, source: Path, copy: Path, others: Mapping[str, bytes]) -> None:
        shutil.copytree(source, copy)
        self.path, self.others = copy, others
        self.files = {
            str(path.relative_to(copy)): path.read_bytes()
            for path in sorted(copy.rglob("*"))
            if path.is_file()
        }

    def mutate(self, name: str, dice: random.Random) -> Mutant:
        """Damage a file, and sometimes a second one."""
        makers = MAKERS[:]
        if name.endswith((".npz", ".npy")):
            makers += [damaged_array] * 8
        if name.endswith(".json"):
            makers += [damaged_value] * 6
        maker = dice.choice(makers)
        maker(self, name, dice)
        forged = name == MANIFEST
        if name != MANIFEST and dice.random() < 0.75:
            seal(self.path, dice.choice(("finished", "finished", "training")))
            forged = True
        return Mutant(maker.__name__, forged)

    def put(self, name: str, content: bytes) -> None:
        """Replace a file. Whoever has mapped the old one keeps its content."""
        self.remove(name)
        (self.path / name).write_bytes(content)

    def remove(self, name: str) -> Path:
        """Remove whatever stands in place of a file. Returns its path."""
        path = self.path / name
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        path.unlink(missing_ok=True)
        return path

    def restore(self) -> None:
        """Undo all damage."""
        for path in sorted(self.path.rglob("*"), reverse=True):
            name = str(path.relative_to(self.path))
            if name not in self.files and (
                path.is_symlink() or not path.is_dir() or name not in ("vectors", "checkpoints")
            ):
                self.remove(name)
        for name, content in self.files.items():
            path = self.path / name
            whole = path.is_file() and not path.is_symlink() and path.stat().st_size == len(content)
            if not whole or path.read_bytes() != content:
                self.put(name, content)


def damaged_bytes(run: MutableRun, name: str, dice: random.Random) -> None:
    """Flip, cut, remove, swap, insert or double bytes; in JSON, values too."""
    content = run.files[name]
    for _ in range(dice.choice((1, 1, 1, 2, 3))):
        content = damage(content, dice)
    run.put(name, content)


def other_content(run: MutableRun, name: str, dice: random.Random) -> None:
    """Put the content of another file of this or of another run."""
    contents = [
        *run.files.values(),
        *(c for other, c in run.others.items() if other.endswith(name)),
    ]
    run.put(name, dice.choice(contents))


def odd_content(run: MutableRun, name: str, dice: random.Random) -> None:
    """Put nothing, zeros, noise, a pickle, deep JSON, or a long list."""
    choices = [b"", bytes(3000), dice.randbytes(3000), pickle.dumps(Canary()), b"1" * 5000]
    choices += [b"[" * 50_000, b'{"a":' * 9000, b"[" + b"[]," * 50_000 + b"[]]", b"a.b" * 3000]
    odd = dice.choice([*choices, b'{"a": 1e999}', b"null", b'"x"'])
    run.put(name, odd)


def other_file(run: MutableRun, name: str, dice: random.Random) -> None:
    """Put no file, a directory, a FIFO, a link, or a huge file of zeros that takes no space."""
    path = run.remove(name)
    choice = dice.randrange(7)
    if choice == 0:
        path.mkdir()
    elif choice == 1:
        os.mkfifo(path)
    elif choice in (2, 3, 4):
        target = ("/dev/zero", "/etc/hostname", "loop", "..", "../outside", "/dev/stdin", path.name)
        path.symlink_to(dice.choice(target))
    elif choice == 5:
        with path.open("wb") as file:
            file.truncate(1 << dice.choice((21, 27, 34, 38)))


def extra_file(run: MutableRun, name: str, dice: random.Random) -> None:
    """Add a file that Python would import from a path, or another one."""
    names = (
        "seqlab.py",
        "numpy.py",
        "json.py",
        "sitecustomize.py",
        "vectors/x.npy",
        "usercustomize.py",
    )
    extra = run.path / dice.choice(names)
    extra.parent.mkdir(exist_ok=True)
    extra.write_text("import os; os.system('false')\n", encoding="ascii")
    damaged_bytes(run, name, dice) if dice.random() < 0.5 else None


MAKERS: list[Callable[[MutableRun, str, random.Random], None]] = [
    *[damaged_bytes] * 6,
    other_content,
    odd_content,
    odd_content,
    other_file,
    other_file,
    extra_file,
]
NUMBERS = (
    0,
    -1,
    1,
    2,
    7,
    0.5,
    1e9,
    10**9,
    2**31,
    2**63,
    10**30,
    10**400,
    1e300,
    3e38,
    -3e38,
    1e-300,
)
VALUES: tuple[Any, ...] = (
    *NUMBERS,
    *(None, True, False, "", "x", "none", "\ud800", "\x1b[31m", [], {}, [[]], ["a"], {"a": 1}),
    *(["a", 1], ["a", "a"], float("nan"), float("inf"), "\0", "../x", "crf", "iob2", "plain"),
)


def damaged_value(run: MutableRun, name: str, dice: random.Random) -> None:
    """Change one value of a JSON file, at any depth, and keep the syntax whole."""
    try:
        value = json.loads(run.files[name])
    except ValueError:
        damaged_bytes(run, name, dice)
        return
    for _ in range(dice.choice((1, 1, 2))):
        value = changed(value, dice)
    run.put(name, json.dumps(value).encode())


def changed(value: Any, dice: random.Random) -> Any:
    """A JSON value with one part replaced, removed, added, renamed or moved."""
    if not isinstance(value, dict | list) or not value or dice.random() < 0.05:
        if type(value) is int and dice.random() < 0.4:
            return value + dice.choice((-1, 1, 2, 1000))
        return dice.choice(VALUES)
    keys = list(value) if isinstance(value, dict) else list(range(len(value)))
    copy: Any = dict(value) if isinstance(value, dict) else list(value)
    key, action = dice.choice(keys), dice.random()
    if action < 0.08:
        del copy[key]
    elif action < 0.16 and isinstance(copy, dict):
        copy[dice.choice(("more", "format", "words", "status", "", "x" * 300))] = dice.choice(
            VALUES
        )
    elif action < 0.16:
        copy.insert(key, dice.choice([*VALUES, *copy]))
    elif action < 0.22:
        other = dice.choice(keys)
        copy[key], copy[other] = copy[other], copy[key]
    else:
        copy[key] = changed(copy[key], dice)
    return copy


def damaged_array(run: MutableRun, name: str, dice: random.Random) -> None:
    """Change an array, its header, or its member of an archive."""
    if name.endswith(".npy"):
        run.put(name, odd_npy(np.load(io.BytesIO(run.files[name])), dice))
        return
    with np.load(io.BytesIO(run.files[name])) as file:
        members = [(key, npy(file[key])) for key in file.files]
        place = dice.randrange(len(members))
        key, array = members[place][0], file[members[place][0]]
    action = dice.randrange(8)
    if action < 4:
        members[place] = key, odd_npy(array, dice)
    elif action == 4:
        del members[place]
    elif action == 5:
        members.append(
            (dice.choice((key, "more", "../x", "/x", "x" * 300, "\0")), odd_npy(array, dice))
        )
    elif action == 6:
        other = dice.randrange(len(members))
        members[place], members[other] = (
            (key, members[other][1]),
            (members[other][0], members[place][1]),
        )
    packing = dice.choice((zipfile.ZIP_STORED,) * 6 + (zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA))
    content = archive(members, packing)
    if action == 7 or dice.random() < 0.1:
        content = odd_archive(content, dice)
    run.put(name, content)


def npy(array: Any) -> bytes:
    """The `.npy` file of an array."""
    stream = io.BytesIO()
    np.save(stream, array, allow_pickle=True)
    return stream.getvalue()


def archive(members: list[tuple[str, bytes]], packing: int) -> bytes:
    """An archive of named `.npy` files, which may have the same name."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", packing) as file:
        for name, content in members:
            file.writestr(zipfile.ZipInfo(f"{name}.npy"), content, compress_type=packing)
    return stream.getvalue()


def odd_npy(array: Any, dice: random.Random) -> bytes:
    """The `.npy` file of an array with other numbers, shape or type, or with an odd header."""
    action = dice.randrange(9)
    if action == 0:
        array = array.astype(
            dice.choice(("f8", "f2", "i4", "u1", "c8", ">f4", "bool", "U3", ">i8"))
        )
    elif action == 1:
        array = dice.choice((array.T, array[:-1], array.ravel(), array[None], array[:0]))
    elif action == 2:
        array = array.copy()
        floats = (float("nan"), float("inf"), 3e38, -3e38, 1e9, 1e5, -1.0)
        whole = (0, 1, 3, 1000, 2**40, 2**63 - 1)
        is_float = array.dtype.kind == "f"
        fits = floats if is_float else [n for n in whole if n <= np.iinfo(array.dtype).max]
        value = dice.choice(fits)
        array.flat[dice.randrange(max(array.size, 1)) :: dice.choice((1, 7, 10**9))] = value
    elif action == 3:
        array = array[::-1].copy()
    elif action == 4:
        return npy(np.array([Canary()], object))
    elif action == 5:
        array = np.asfortranarray(array)
    elif action == 6:
        return npy(array) + b"x" * dice.choice((1, 4000))
    content = npy(array)
    if action > 6:
        length = struct.unpack("<H", content[8:10])[0]
        header = content[10 : 10 + length].strip()
        changes = [(b"(", b"(9"), (b"(", b"(" * 9000), (b"(", b"(99999999999999999999,")]
        changes += [(b"False", b"True"), (b"'<", b"'|O"), (b"f4", b"O8")]
        changes += [(b"}", b"} or __import__('os').system('false')")]
        old, new = dice.choice(changes)
        header = header.replace(old, new, 1) + b"\n"
        content = (
            content[:8] + struct.pack("<H", len(header) % 65536) + header + content[10 + length :]
        )
    return content


def odd_archive(content: bytes, dice: random.Random) -> bytes:
    """An archive with a changed field in one of its records."""
    changed_content = bytearray(content)
    record, size = dice.choice(((b"PK\1\2", 46), (b"PK\3\4", 30), (b"PK\5\6", 22)))
    places = [at for at in range(len(content)) if content.startswith(record, at)]
    if places:
        at = dice.choice(places) + 4 + 2 * dice.randrange((size - 4) // 2)
        changed_content[at : at + 2] = dice.choice(
            (b"\0\0", b"\1\0", b"\xff\xff", b"\x08\0", dice.randbytes(2))
        )
    return bytes(changed_content)
