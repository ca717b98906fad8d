"""What is fuzzed: each target takes the bytes of one case, and returns or raises UserError."""

import gzip
import io
import random
import shutil
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from fuzz_values import (
    NAMES,
    TAGS,
    Choices,
    any_array,
    any_text,
    any_value,
    pack,
    tag_sequences,
    unpack,
    with_odd_value,
)
from read_damaged_files import check, damage
from valid_files import ValidFile, valid_files

from seqlab.auditing.corpora import audit_corpora
from seqlab.corpus.conversion import convert_corpus
from seqlab.corpus.format_detection import Format
from seqlab.corpus.reading import read_corpus
from seqlab.corpus.reading_options import ReadingOptions
from seqlab.corpus.retag import Retagger
from seqlab.corpus.schemes import (
    Scheme,
    class_of_tag,
    convert,
    decode_spans,
    detect_scheme,
    encode_spans,
    repair,
)
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import load_splits
from seqlab.corpus.tag_rewriting import new_name, tags_of_brackets
from seqlab.corpus.text_input import guess_format, open_lines, read_items
from seqlab.corpus.writing import write_corpus
from seqlab.deciding.transitions import legal_transitions
from seqlab.encoding.encoder import fit_encoder
from seqlab.encoding.fasttext_file import MAGIC
from seqlab.encoding.vector_file import load_vectors
from seqlab.errors import UserError
from seqlab.scoring.score import evaluate_tags, score
from seqlab.settings.by_name import ColumnByFeature, NumberByClass, TagByTag
from seqlab.settings.declaring import declared
from seqlab.settings.training import TrainSettings, make_settings, read_settings
from seqlab.text.cutting import TextRules, cut_text
from seqlab.text.token_rules import learn_token_rules
from seqlab.text.unicode_form import in_form, parse_unicode_form
from seqlab.tuning.costs import read_costs
from seqlab.weighting.class_weights import class_weights, tag_weights
from seqlab.weighting.manual import read_weight_table
from seqlab.weighting.sample_weight import check_sample_weight
from seqlab.weighting.temporal import temporal_weights

HEAD = 12  # bytes of options before the files of a case
Mutate = Callable[[bytes, random.Random], bytes]


@dataclass(frozen=True, kw_only=True)
class Target:
    """One thing to fuzz.

    seeds: valid cases. run: takes a case. mutate: changes a case. prefix: how each message begins, if it must.
    """

    name: str
    seeds: Sequence[bytes]
    run: Callable[[bytes], None]
    mutate: Mutate
    prefix: str = ""


def mutate_bytes(data: bytes, generator: random.Random) -> bytes:
    """Change, remove or add some bytes of choices."""
    changed = bytearray(data)
    for _ in range(generator.choice((1, 1, 2, 4))):
        at = generator.randrange(len(changed) + 1)
        kind = generator.randrange(4)
        if kind == 0 and changed:
            changed[at % len(changed)] = generator.randrange(256)
        elif kind == 1:
            changed[at:at] = generator.randbytes(generator.choice((1, 2, 8, 40)))
        elif kind == 2:
            del changed[at : at + generator.choice((1, 2, 8))]
        else:
            changed[at:at] = changed[at : at + generator.randrange(20)]
    return bytes(changed[:4096])


def mutate_files(data: bytes, generator: random.Random) -> bytes:
    """Change the options of a case, or damage one of its files."""
    head, files = bytearray(data[:HEAD].ljust(HEAD, b"\0")), unpack(data[HEAD:])
    if generator.random() < 0.2:
        head[generator.randrange(HEAD)] = generator.randrange(256)
    elif files:
        name = generator.choice(sorted(files))
        if len(files) > 1 and generator.random() < 0.02:
            del files[name]
        else:
            files[name] = damage(files[name], generator)[:100_000]
    return pack(bytes(head), files)


def written_to(folder: Path, files: dict[str, bytes]) -> None:
    """Put the files of a case into an emptied folder; names that leave it are left out."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for name, content in files.items():
        path = folder / name
        if "\0" in name or len(name) > 40 or ".." in name or name.startswith("/") or not name:
            continue
        with suppress(OSError):  # a file where another name needs a folder
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)


# Corpora


def reading_keywords(choices: Choices, form: str) -> tuple[bool, dict[str, Any]]:
    """Return whether tags are read, and the keywords of `read_corpus`; all bytes 0 give the defaults."""
    column = partial(
        choices.pick, (0, 1, -1, 5, "FORM", "UPOS", "tokens", "text", "word", "none", "label", "")
    )
    keywords: dict[str, Any] = {
        "format": choices.rarely(None, lambda: choices.pick((form, *Format)))
    }
    tagged = choices.rarely(form != "text", lambda: choices.pick((True, False)))
    keywords["normalise"] = choices.rarely("none", lambda: choices.pick(("nfc", "nfkc")))
    keywords["token_column"] = choices.rarely(None, column)
    keywords["tag_column"] = choices.rarely(None, column)
    keywords["feature_columns"] = choices.rarely(None, lambda: {"pos": column()})
    keywords["numeric_columns"] = choices.rarely(None, lambda: {"size": column()})
    keywords["token_weight_column"] = choices.rarely(None, column)
    kind = choices.byte()
    if kind > 250:
        keywords["encoding"] = choices.pick(
            ("latin-1", "utf-16", "utf-32", "cp1251", "idna", "rot13", "base64")
        )
    elif kind > 240:
        keywords["skip_lines"] = choices.pick((1, 3, 10**6))
    elif kind > 230:
        keywords["bracketed_tags"] = True
    elif kind > 215:
        keywords["map_tag"] = choices.pick(({"O": "B-PER"}, {"B-": "I-"}, {"B-PER": "O"}))
    elif kind > 205:
        keywords["misaligned"] = "refuse"
    elif kind > 195:
        keywords["tag_names"] = choices.pick((["O", "B-X"], ["O"], [], ["O"] * 3))
    elif kind > 185:
        keywords["tokenized"] = True
    elif kind > 175:
        keywords["sentences"], keywords["language"] = "line", "de"
    return tagged, {key: value for key, value in keywords.items() if value is not None}


def read_case(folder: Path, name: str, form: str, data: bytes) -> None:
    """Read the corpus of a case, or load splits, audit, or convert it."""
    choices, case = Choices(data[:HEAD]), folder / "case"
    tagged, keywords = reading_keywords(choices, form)
    files = unpack(data[HEAD:])
    written_to(case, files)
    kind = choices.byte()
    path = case / name
    if kind < 128:
        check(read_corpus(path, tagged=tagged, **keywords))
    elif kind < 176:
        load_splits(path, valid_share=0.3, scheme=("iob2" if kind < 150 else None), **keywords)
    elif kind < 200:
        audit_corpora(path, **keywords)
    else:
        written_as = (*Format,)[kind % len(Format)]
        convert_corpus(path, folder / "converted", to=written_as, overwrite=True, **keywords)


def corpus_targets(folder: Path, files: Sequence[ValidFile]) -> Iterator[Target]:
    """Yield one target for each format of corpora."""
    for form in sorted({file.format for file in files}):
        own = [file for file in files if file.format == form]
        # Each case has one name, so that a file can become one of another kind of the same format.
        by_name = b"\xff\0" if form == "text" else b""  # any text may be columns
        names = {file.name: pack(by_name.ljust(HEAD, b"\0"), file.files) for file in own}
        by_number = [*names]
        run = partial(_read_named, folder / form, by_number, form)
        seeds = [bytes([number]) + data for number, data in enumerate(names.values())]
        yield Target(
            name=f"read-{form}",
            seeds=seeds,
            run=run,
            mutate=_keep_first(mutate_files),
            prefix=str(folder),
        )


def _read_named(folder: Path, names: Sequence[str], form: str, data: bytes) -> None:
    name = names[data[0] % len(names)] if data else names[0]
    read_case(folder, name, form, data[1:])


def _keep_first(mutate: Mutate) -> Mutate:
    return lambda data, generator: data[:1] + mutate(data[1:], generator)


# Vectors

ROWS = {
    "the": (0.1, -0.2, 0.3),
    "Oslo": (1e-3, 2.0, -3.5),
    "größe": (0.0, 0.5, 4.0),
    "...": (1.0, 2.0, 3.0),
}


def vector_files() -> dict[str, bytes]:
    """Return a small valid file of each format of vectors."""
    lines = "".join(f"{word} {' '.join(map(str, row))}\n" for word, row in ROWS.items()).encode()
    header = f"{len(ROWS)} 3\n".encode()
    binary = b"".join(
        word.encode() + b" " + np.array(row, "<f4").tobytes() + b"\n" for word, row in ROWS.items()
    )
    return {
        "glove": lines,
        "word2vec-text": header + lines,
        "word2vec-binary": header + binary,
        "gzip": gzip.compress(header + lines, mtime=0),
        "fasttext": fasttext_model(),
    }


def fasttext_model(buckets: int = 5) -> bytes:
    """Return a fastText model of the words of `ROWS` and some n-grams."""
    arguments = (3, 5, 5, 1, 5, 1, 2, 1, buckets, 3, 6, 100)
    head = struct.pack("<2i12id", 793712314, 12, *arguments, 1e-4)
    words = b"".join(word.encode() + b"\0" + struct.pack("<qb", 9, 0) for word in ROWS)
    dictionary = struct.pack("<3i2q", len(ROWS), len(ROWS), 0, 100, -1) + words
    matrix = np.arange((len(ROWS) + buckets) * 3, dtype="<f4") / 10
    return head + dictionary + struct.pack("<?2q", False, len(ROWS) + buckets, 3) + matrix.tobytes()


def mutate_vectors(data: bytes, generator: random.Random) -> bytes:
    """Damage a file of vectors: an odd number in its header, odd bytes, or what any file suffers."""
    head, content = data[:1], data[1:]
    kind = generator.random()
    if kind < 0.1:
        return bytes([generator.randrange(256)]) + content
    if content.startswith(MAGIC) and kind < 0.5:
        at = 4 * generator.randrange(2, 30)
        odd = generator.choice((0, 1, -1, 2**31 - 1, -(2**31), 2**20, 7))
        return head + content[:at] + struct.pack("<i", odd) + content[at + 4 :]
    if content.startswith(MAGIC) and kind < 0.7:
        at = generator.randrange(len(content))
        odd = generator.choice((-1, 2**63 - 1, -(2**63), 2**32, 2**40, 0, 3))
        return head + content[:at] + struct.pack("<q", odd) + content[at + 8 :]
    if content[:1].isdigit() and kind < 0.3:
        first = b"%d %d" % (generator.choice(COUNTS), generator.choice(COUNTS))
        return head + first + content[content.find(b"\n") :]
    return head + damage(content, generator)[:100_000]


COUNTS = (0, 1, 2, 3, 4, 5, 10**3, 10**9, 2**31, 2**63, 10**25, 10**35)


def load_case(folder: Path, data: bytes) -> None:
    """Load the vectors of a case, and look a known and an unknown word up."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "vectors"
    limits: tuple[Any, ...] = (None, None, None, 1, 2, 10**9, 0, -1, 2.5, "3")
    path.write_bytes(data[1:])
    vectors = load_vectors(str(path), limit=limits[data[0] % len(limits)] if data else None)
    if len(vectors.vectors) < len(vectors.rows) or not np.isfinite(vectors.vectors).all():
        raise AssertionError(
            f"vectors of shape {vectors.vectors.shape} for {len(vectors.rows)} words"
        )
    for token in (*vectors.rows, "Unseen"):
        spelling = vectors.find(token)
        if vectors.ngrams is not None:
            spelling = spelling or vectors.ngrams.spelt(token)
        if spelling is not None and vectors.vector(spelling).shape != (vectors.dim,):
            raise AssertionError(f"no vector of {token!r}")


# Settings

TOML = {
    "settings": b'train = "a.conll"\nepochs = 3\nlearning-rate = 0.01\nhead = "crf"\nscheme = "iobes"\n'
    b'word_features = ["case", "prefix"]\nclass_weight = ["PER=4", "B-LOC=0.5"]\n[map_tag]\n"0" = "O"\n',
    "losses": b'loss = "focal"\nfocal_gamma = 2\nclass_weights = "sqrt-inverse"\nweight_cap = 50.0\n'
    b'resample = "scr"\nsentence_weights = ["length", "field"]\nweight_field = "w"\ndecide = "macro_f1"\n',
    "costs": b"[PER]\nmiss = 5\nfalse_alarm = 1.5\n\n[LOC]\nmiss = 2\n",
    "weights": b'[class_weight]\nPER = 4.0\n"B-LOC" = 0.5\n',
}
ODD_TOML = (
    *("1e400", "-1", "0", "nan", "inf", "true", "[]", "{}", '""', '"none"', "[[1]]", "1979-05-27", "07:32:00"),
    *("99999999999999999999999", '["a", 1]', '{a = 1}', '"\\u0000"', '"\\u001b[31m"', "'''x\ny'''", "0x1F"),
)  # fmt: skip


def mutate_toml(data: bytes, generator: random.Random) -> bytes:
    """Give one key an odd value, add a setting with an odd value, or damage the text."""
    head, lines = data[:1], data[1:].split(b"\n")
    kind, odd = generator.random(), generator.choice(ODD_TOML).encode()
    if kind < 0.3:
        name = generator.choice([*declared(TrainSettings)])
        lines.insert(generator.randrange(len(lines) + 1), name.encode() + b" = " + odd)
    elif kind < 0.6:
        at = generator.randrange(len(lines))
        lines[at] = lines[at].partition(b"=")[0] + b"= " + odd
    else:
        return head + damage(data[1:], generator)[:50_000]
    return head + b"\n".join(lines)


def settings_case(folder: Path, data: bytes) -> None:
    """Read a TOML file as settings, as costs, or as class weights."""
    folder.mkdir(parents=True, exist_ok=True)
    path, kind = folder / "a.toml", data[0] % 4 if data else 0
    path.write_bytes(data[1:])
    if kind < 2:
        settings = make_settings(**read_settings(str(path)))
        if make_settings(**dict(settings.items())) != settings:
            raise AssertionError("settings change when they are written and read")
    elif kind == 2:
        read_costs(path, ["PER", "LOC", "O"])
    else:
        read_weight_table(path)


def keywords_case(data: bytes) -> None:
    """Make settings from one to three keywords with any values, and read named values."""
    choices, names = Choices(data), [*declared(TrainSettings), "unknown"]
    kind = choices.below(4)
    if kind == 0:
        make_settings(
            **{choices.pick(names): any_value(choices) for _ in range(choices.below(3) + 1)}
        )
        return
    reader = (NumberByClass, ColumnByFeature, TagByTag)[kind - 1]
    texts = [f"{any_text(choices)}={any_text(choices)}" for _ in range(choices.below(3))]
    given = choices.rarely(texts, lambda: any_value(choices))
    read = reader.read("setting", given)
    if not isinstance(given, dict) and reader.read("setting", read.texts()) != read:
        raise AssertionError("named values change when they are written and read")
    if reader is TagByTag:
        for tag in TAGS:
            new_name(tag, read)


# Tags and figures

SPANS = (Scheme.IOB1, Scheme.IOB2, Scheme.IOBES, Scheme.BMES)


def scheme_case(data: bytes) -> None:
    """Read spans, convert and repair tags, and compare legal transitions with repair."""
    choices = Choices(data)
    source, target = choices.pick(SPANS), choices.pick((*SPANS, Scheme.PLAIN))
    sentences = tag_sequences(choices)
    detect_scheme(sentences)
    for tags in sentences:
        retagged = Retagger(source, target).tags(tags)
        spans = decode_spans(Retagger(source, source).tags(tags), source)
        if target is not Scheme.PLAIN:
            again = decode_spans(retagged, target)
            if again != spans or encode_spans(spans, len(tags), target) != retagged:
                raise AssertionError(f"{tags} in {source}: {spans} become {again} in {target}")
        one = class_of_tag if choices.byte() < 128 else _legal
        try:
            convert(tags, source, target)
            repair(tags, source)
            for tag in tags:
                one(tag, source)
            tags_of_brackets(tuple(tags), "a:1")
        except UserError:
            pass


def _legal(tag: str, scheme: Scheme) -> None:
    legal = legal_transitions(("O", "B-PER", tag), scheme)
    if legal is None or legal.pairs.shape != (3, 3):
        raise AssertionError(f"no transitions of {tag!r}")


def score_case(data: bytes) -> None:
    """Score any values as gold and predicted tags."""
    choices = Choices(data)
    scheme: Any = choices.rarely(choices.pick((*SPANS, Scheme.PLAIN)), lambda: any_value(choices))
    gold = tag_sequences(choices)
    predicted = [[choices.pick(TAGS) for _ in tags] for tags in gold]
    strict = choices.byte() < 128
    classes: Any = choices.rarely((), lambda: any_value(choices))
    ours, theirs = with_odd_value(choices, gold), with_odd_value(choices, predicted)
    if choices.byte() < 128:
        figures = score(ours, theirs, scheme, strict=strict, classes=classes)
        shares = (figures.micro_f1, figures.macro_f1, figures.token_accuracy)
        if any(share is not None and not 0 <= share <= 1 for share in shares):
            raise AssertionError(f"figures out of range: {shares}")
    else:
        evaluate_tags(ours, theirs, scheme).to_json()


# Weights


def weights_case(data: bytes) -> None:
    """Compute weights from any arrays and values."""
    choices = Choices(data)
    kind = choices.below(4)
    if kind == 0:
        temporal_case(choices)
    elif kind == 1:
        check_sample_weight(_array(choices, (2, 3)), _array(choices, (2, 3, 4)))
    else:
        names = [choices.pick(NAMES) for _ in range(choices.below(5))]
        counts: Any = {name: choices.pick((3, 1, 0, 10**9, 2**62)) for name in names}
        keywords: dict[str, Any] = {}
        for name, usual in (
            ("beta", 0.9),
            ("cap", 20.0),
            ("manual", {"PER": 4.0}),
            ("scheme", "inverse"),
        ):
            if choices.byte() > 128:
                keywords[name] = choices.rarely(usual, lambda: any_value(choices))
        counts = choices.rarely(counts, lambda: any_value(choices))
        if kind == 2:
            class_weights(counts, **keywords)
        else:
            scheme: Any = choices.rarely("iob2", lambda: any_value(choices))
            tag_weights(counts, tag_scheme=scheme, share_prefixes=choices.byte() < 128, **keywords)


def temporal_case(choices: Choices) -> None:
    """Compute temporal weights; those of valid arrays have mean 1."""
    one_hot = choices.byte() < 128
    shape = (2, 3, 4) if one_hot else (2, 3)
    valid: Any = np.eye(4, dtype=np.float32)[
        [[choices.below(4) for _ in range(3)] for _ in range(2)]
    ]
    labels = choices.rarely(valid if one_hot else valid.argmax(-1), lambda: _array(choices, shape))
    mask = None if one_hot else np.ones((2, 3), np.bool_)
    weights = temporal_weights(
        labels,
        choices.rarely(np.arange(1.0, 5.0), lambda: _array(choices, (4,))),
        sentence_weights=choices.rarely(None, lambda: _array(choices, (2,))),
        token_weights=choices.rarely(None, lambda: _array(choices, (2, 3))),
        mask=choices.rarely(mask, lambda: _array(choices, (2, 3))),
        normalise=choices.byte() < 200,
    )
    if weights.dtype != np.float32 or not np.isfinite(weights).all() or (weights < 0).any():
        raise AssertionError(f"wrong weights {weights}")


def _array(choices: Choices, shape: tuple[int, ...]) -> Any:
    kind = choices.below(5)
    if kind == 4:
        return any_value(choices)
    return any_array(choices, shape if kind < 3 else None)


# Sentences that a script makes


def sentence_case(folder: Path, data: bytes) -> None:
    """Write sentences with any values as a corpus, and fit an encoder on them."""
    choices = Choices(data)
    sentences: Any = [_sentence(choices) for _ in range(choices.below(4))]
    sentences = choices.rarely(sentences, lambda: any_value(choices))
    folder.mkdir(parents=True, exist_ok=True)
    kind = choices.below(3)
    if kind == 0:
        fit_encoder(sentences)
        return
    form = choices.pick((*Format,))
    path = folder / f"out-{form}"
    shutil.rmtree(path, ignore_errors=True)
    write_corpus(sentences, path, format=form)
    if kind == 1 and path.exists():
        check(read_corpus(path, format=form))


def _sentence(choices: Choices) -> Any:
    tokens = [any_text(choices) for _ in range(choices.below(4))]
    values: dict[str, Any] = {
        "tokens": tuple(tokens),
        "tags": tuple(choices.pick(TAGS) for _ in tokens),
    }
    usual: dict[str, Any] = {
        "weight": 1.0,
        "token_weights": None,
        "features": {},
        "numbers": {},
        "metadata": {},
    }
    values |= usual
    if choices.byte() > 128:
        values[choices.pick((*values, "document", "text"))] = any_value(choices)
    return Sentence(**values)


# Text

TEXTS = (
    "Mr. O'Hara's paid $3.50 (about £3) in the U.S. Navy.\nShe left. She came back…\n",
    "张三去北京。Ada在北京大学\r\n我们 ทดสอบ ភាសា\n",
    "👩\u200d🔬 e\u0301t\u00e9 İstanbul a\u2028b \x85 https://x.y/?q=1 @you #tag 1,5 don't l'eau\n",
)


def mutate_text(data: bytes, generator: random.Random) -> bytes:
    """Damage a text, or put two pieces together."""
    return data[:2] + damage(data[2:], generator)[:20_000]


RULES = learn_token_rules(["l'", "don't", "'s", "u.s.", "北京", "在", "ada", "mr.", "-il", "."])


def text_case(data: bytes) -> None:
    """Cut raw text: each token stands where its offsets say, and nothing but white space is left out."""
    choices, content = Choices(data[:2]), data[2:]
    try:
        text = content.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        text = content.decode("utf-8", "replace")
    first = choices.byte()
    rules = TextRules(
        sentences="line" if first & 1 else "split",
        language=choices.pick(("en", "de", "zh", "ar", "", "xx")),
        tokenized=bool(first & 2),
        token_rules=RULES if first & 4 else TextRules().token_rules,
    )
    position = 0
    for sentence in cut_text(text, rules):
        for start, end in zip(*sentence, strict=True):
            if text[position:start].strip() or not text[start:end].strip():
                raise AssertionError(f"wrong token {text[start:end]!r} at {start}")
            position = end
    if text[position:].strip():
        raise AssertionError(f"text is lost after {position}")
    form = parse_unicode_form(("none", "nfc", "nfkc", "NFC", text[:20])[first % 5])
    in_form(text, form)


# The input of `tag` and `suggest`

INPUTS = (
    '{"text": "Ada Stone saw Oslo.", "id": 7}\n{"tokens": ["Ada", "left"], "weight": 2}\n',
    '[{"text": "Ada", "spans": []}, {"tokens": ["a", "b"], "tags": ["O", "O"]}]\n',
    "Ada\tNNP\tB-PER\nran\tVBD\tO\n\nOslo\tNNP\tB-LOC\n",
    "1\tAda Stone saw Oslo.\n2\tNo.\n",
    "Ada Stone saw Oslo.\n\nShe left.\n",
    "tokens,tags\nAda,B-PER\n",
    "# text = Ada ran\n1\tAda\tAda\tPROPN\tNNP\t_\t2\tnsubj\t_\tSpaceAfter=No\n2\tran\trun\tVERB\t_\t_\t0\troot\t_\t_\n\n",
)


def input_case(data: bytes) -> None:
    """Read standard input as `tag` and `suggest` do, up to the network."""
    choices = Choices(data[:2])
    source = io.BytesIO(data[2:])
    first, lines = open_lines(source, name="standard input", ends=choices.byte() > 200)
    form = guess_format(first, name="standard input", tags=["O", "B-PER"])
    form = choices.rarely(
        form, lambda: choices.pick(("conll", "conllu", "csv", "hf", "jsonl", "text"))
    )
    for item in read_items(lines, name="standard input", format=form, options=ReadingOptions()):
        if isinstance(item, Sentence):
            if not all(item.tokens):
                raise AssertionError(f"empty token in {item}")
        else:
            cut_text(item.text, TextRules())


@dataclass(frozen=True, kw_only=True)
class Tagging:
    """A trained run, for `tag` and `suggest` in this process."""

    run: str
    tagger: Any
    folder: Path

    def __call__(self, data: bytes) -> None:
        """Tag a file as `tag` does, or suggest texts from it as `suggest` does."""
        from seqlab.settings.reading import InputSettings
        from seqlab.storing.run_settings import run_settings
        from seqlab.streaming.output import OutputOptions
        from seqlab.streaming.tag_input import open_input
        from seqlab.streaming.writer import TagWriter
        from seqlab.suggest import read_texts
        from seqlab.tagging.suggesting import suggest_texts

        choices, path = Choices(data[:2]), self.folder / "input"
        self.folder.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data[2:])
        kind = choices.byte()
        documents: Any = choices.pick(("line", "line", "paragraph", "file"))
        reading = InputSettings(documents=documents)
        if kind & 1:
            texts = read_texts(str(path), reading, self.tagger, run_settings(self.run))
            suggest_texts(self.tagger, texts, counts={"PER": 3}, rules=TextRules())
            return
        source = open_input(self.run, str(path), reading, self.tagger)
        written: Any = ("jsonl", "conll", "text", None)[kind // 2 % 4] or source.output_format
        more = written == "jsonl"
        options = OutputOptions(
            format=written,
            scores=kind > 128,
            n_best=2 if more and kind & 32 else None,
            span_scores=more and bool(kind & 64),
        )
        output = TagWriter(tagger=self.tagger, options=options).write([*source.items])
        output.text.decode("utf-8")
        if output.error is not None:
            raise UserError(output.error)


TINY = "\n".join(
    f"{first} B-PER\n{last} I-PER\nsaw O\n{place} B-LOC\n. O\n"
    for first, last, place in zip(
        ("Ada", "Bo", "Cy") * 8, ("Stone", "Vale") * 12, ("Oslo", "Lima") * 12, strict=True
    )
)


def tagging_target(folder: Path) -> Target:
    """Train a tiny tagger, and return the target that tags with it. Needs TensorFlow."""
    from seqlab import train_tagger
    from seqlab.storing.save_and_load import load_run

    folder.mkdir(parents=True, exist_ok=True)
    corpus, run = folder / "tiny.conll", folder / "run"
    corpus.write_text(TINY, encoding="utf-8")
    sizes: dict[str, Any] = {"epochs": 1, "word_dim": 8, "hidden_units": 4, "char_encoder": "none"}
    if not (run / "manifest.json").exists():
        train_tagger(train=str(corpus), valid_share=0.3, out=run, say=lambda line: None, **sizes)
    tagging = Tagging(run=str(run), tagger=load_run(run), folder=folder / "tag")
    seeds = [b"\0\0" + text.encode() for text in (*INPUTS, *TEXTS)]
    return Target(name="tag", seeds=seeds, run=tagging, mutate=mutate_text)


# The targets by name

FORMATS = (
    *("bioc", "brat", "cas", "conll", "conllu", "csv", "doccano", "hf", "jsonl", "label-studio"),
    *("parallel", "prodigy", "spacy", "text"),
)
VECTORS = ("glove", "word2vec-text", "word2vec-binary", "gzip", "fasttext")
OTHERS = ("toml", "settings", "schemes", "score", "weights", "sentences", "text", "input", "tag")


def target_names() -> list[str]:
    """Return the names of all targets."""
    return [
        *(f"read-{name}" for name in FORMATS),
        *(f"vectors-{name}" for name in VECTORS),
        *OTHERS,
    ]


def make_targets(folder: Path, wanted: Sequence[str]) -> dict[str, Target]:
    """Return the targets of these names."""
    targets = [*vector_targets(folder), *value_targets(folder)]
    if any(name.startswith("read-") for name in wanted):
        targets += corpus_targets(folder, valid_files(folder / "valid"))
    if "tag" in wanted:
        targets.append(tagging_target(folder / "tagging"))
    named = {target.name: target for target in targets}
    return {name: named[name] for name in wanted}


def vector_targets(folder: Path) -> Iterator[Target]:
    """Yield one target for each format of vectors."""
    run = partial(load_case, folder / "vectors")
    for name, content in vector_files().items():
        yield Target(
            name=f"vectors-{name}",
            seeds=[b"\0" + content],
            run=run,
            mutate=mutate_vectors,
            prefix=str(folder),
        )


def value_targets(folder: Path) -> Iterator[Target]:
    """Yield the targets that take settings, values and texts."""
    generator = random.Random(1)  # noqa: S311, no secret
    choices = [generator.randbytes(size) for size in (0, 20, 60, 200)]
    by_choices = {
        "settings": keywords_case,
        "schemes": scheme_case,
        "score": score_case,
        "weights": weights_case,
        "sentences": partial(sentence_case, folder / "written"),
    }
    for name, run in by_choices.items():
        yield Target(name=name, seeds=choices, run=run, mutate=mutate_bytes)
    tables = [bytes([kind]) + text for kind, text in enumerate(TOML.values())]
    read = partial(settings_case, folder / "toml")
    yield Target(name="toml", seeds=tables, run=read, mutate=mutate_toml)
    texts = [b"\5\0" + text.encode() for text in TEXTS]
    yield Target(name="text", seeds=texts, run=text_case, mutate=mutate_text)
    inputs = [b"\0\0" + text.encode() for text in INPUTS]
    yield Target(name="input", seeds=inputs, run=input_case, mutate=mutate_text)
