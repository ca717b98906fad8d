"""Hugging Face data: JSON lines, Parquet, Arrow folders and `datasets.Dataset`, with the names of integer tags."""

import io
import json
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import seqlab
from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.format_detection import Format
from seqlab.corpus.hugging_face import read_json_rows, write_json_rows
from seqlab.corpus.reading import format_of, read_corpus
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import ColumnFile
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, SettingsError, UserError

NAMES = ["O", "B-PER", "I-PER", "B-LOC"]
ROWS = [
    {
        "id": "7",
        "tokens": ["Ada", "Lovelace", "sailed"],
        "ner_tags": [1, 2, 0],
        "pos_tags": [0, 0, 1],
    },
    {"id": "8", "tokens": ["nan", "Oslo"], "ner_tags": [0, 3], "pos_tags": [1, 0]},
]
SENTENCES = [
    Sentence(
        tokens=("Ada", "Lovelace", "sailed"),
        tags=("B-PER", "I-PER", "O"),
        features={"pos": ("NNP", "NNP", "VBD")},
        metadata={"id": "7", "confidence": 0.5},
    ),
    Sentence(
        tokens=("nan", "Oslo"),
        tags=("O", "B-LOC"),
        features={"pos": ("VBD", "NNP")},
        metadata={"id": "8", "confidence": 1.0},
    ),
]


def json_lines(rows=ROWS) -> str:
    return "".join(json.dumps(row) + "\n" for row in rows)


def contents(sentences):
    return [(s.tokens, s.tags, dict(s.features), dict(s.metadata)) for s in sentences]


def read(rows, *, tagged: bool = True, tag_names=NAMES, notes=None, **columns):
    return list(
        read_json_rows(
            enumerate(map(json.dumps, rows), start=1),
            ColumnFile("x.jsonl", Counter() if notes is None else notes),
            columns=ChosenColumns(**columns),
            tagged=tagged,
            tag_names=tag_names,
        )
    )


def fault(rows, **options) -> str:
    with pytest.raises(CorpusError) as caught:
        read(rows, **options)
    return str(caught.value)


def test_json_lines_with_names():
    one, other = read(ROWS)
    assert one == Sentence(
        tokens=("Ada", "Lovelace", "sailed"),
        tags=("B-PER", "I-PER", "O"),
        metadata={"id": "7"},
        source="x.jsonl:1",
    )
    assert (other.tokens, other.tags) == (("nan", "Oslo"), ("O", "B-LOC"))
    assert read(ROWS, features={"pos": "pos_tags"})[0].features == {"pos": ("0", "0", "1")}
    assert read(ROWS, tagged=False, tag_names=None)[0].tags is None


def test_string_tags_and_other_columns():
    rows = [{"words": ["Oslo"], "labels": ["B-LOC"], "upos": ["NNP"]}]
    assert contents(read(rows, tag_names=None)) == [(("Oslo",), ("B-LOC",), {}, {})]
    assert read(rows, tag="upos")[0].tags == ("NNP",)
    assert read([{"tokens": ["a"], "chunk_tags": [3]}])[0].tags == ("B-LOC",)


def test_rows_without_tokens_are_counted():
    notes: Counter[str] = Counter()
    assert len(read([{"tokens": [], "ner_tags": []}, *ROWS], notes=notes)) == 2
    assert notes == {"rows without tokens skipped": 1}


OPTIONS = "give --tag-names, or NAME.features.json or dataset_info.json beside the file"


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ({"tokens": ["a"], "ner_tags": [4]},
         f"tag 4 in 'ner_tags' has no name: the names are those of tags 0 to 3; {OPTIONS}"),
        ({"tokens": ["a"], "ner_tags": [-1]},
         f"tag -1 in 'ner_tags' has no name: the names are those of tags 0 to 3; {OPTIONS}"),
        ({"tokens": ["a"], "ner_tags": [-100]},
         "tag -100 in 'ner_tags' marks pieces of words, as a tokeniser cut them; give the data with one tag "
         "per word"),
        ({"tokens": ["a"], "ner_tags": [True]}, "'ner_tags' holds a boolean; expected integers or strings"),
        ({"tokens": ["a"], "ner_tags": [None]}, "'ner_tags' holds null; expected integers or strings"),
        ({"tokens": ["a"], "ner_tags": [""]}, "'ner_tags' holds an empty string; expected integers or strings"),
        ({"tokens": ["a"], "ner_tags": [0, 0]},
         "1 token and 2 values in 'ner_tags'; expected one per token"),
        ({"tokens": "a", "ner_tags": [0]}, "'tokens' is a string; expected a list of strings"),
        ({"tokens": [""], "ner_tags": [0]}, "tokens[0] is an empty string"),
        ({"tokens": ["a"]}, "no column of tags; found columns 'tokens'; choose with --tag-column"),
        ({"tokens": ["a"], "chunk_tags": [0], "xpos_tags": [0]},
         "columns of tags are 'chunk_tags', 'xpos_tags'; found columns 'tokens', 'chunk_tags', 'xpos_tags'; "
         "choose with --tag-column"),
        ({"text": "a", "label": 1},
         "there is no column 'tokens'; found columns 'text', 'label'; this is raw text, without tokens"),
        ({"token": ["a"]}, "there is no column 'tokens'; found columns 'token'; give --token-column"),
    ],
)  # fmt: skip
def test_faults(row, message: str):
    assert fault([row]) == f"x.jsonl:1: {message}"


def test_integers_need_names():
    assert (
        fault(ROWS, tag_names=None)
        == f"x.jsonl:1: 'ner_tags' holds integers without names; {OPTIONS}"
    )
    assert fault(ROWS, tag="net_tags") == (
        "x.jsonl:1: there is no tag column 'net_tags'; nearest: 'ner_tags'; "
        "found columns 'id', 'tokens', 'ner_tags', 'pos_tags'"
    )


CLASS_LABEL = {"feature": {"names": NAMES, "_type": "ClassLabel"}, "_type": "Sequence"}


@pytest.mark.parametrize(
    ("file", "document"),
    [
        ("train.features.json", {"ner_tags": CLASS_LABEL}),
        ("features.json", {"features": {"ner_tags": [{"names": NAMES}]}}),
        ("dataset_info.json", {"features": {"ner_tags": CLASS_LABEL}}),
        ("dataset_infos.json", {"conll2003": {"features": {"ner_tags": CLASS_LABEL}}}),
        ("features.json", {"id2label": dict(enumerate(NAMES))}),
    ],
)
def test_names_beside_the_file(tmp_path: Path, file: str, document):
    path = tmp_path / "train.jsonl"
    path.write_text(json_lines())
    (tmp_path / file).write_text(json.dumps(document))
    corpus = read_corpus(path)
    assert corpus.format is Format.HF
    assert [s.tags for s in corpus] == [("B-PER", "I-PER", "O"), ("O", "B-LOC")]
    (tmp_path / file).rename(tmp_path / "elsewhere.json")
    with pytest.raises(CorpusError, match="'ner_tags' holds integers without names"):
        read_corpus(path)
    given_file = read_corpus(path, tag_names=[str(tmp_path / "elsewhere.json")])
    assert given_file.sentences == corpus.sentences
    assert read_corpus(path, tag_names=NAMES).sentences == corpus.sentences


def test_bad_files_of_names(tmp_path: Path):
    path, names = tmp_path / "train.jsonl", tmp_path / "train.features.json"
    path.write_text(json_lines())
    names.write_text("{")
    with pytest.raises(CorpusError) as caught:
        read_corpus(path)
    assert str(caught.value) == (
        f"{names}: not JSON (Expecting property name enclosed in double quotes: line 1 column 2 (char 1)); "
        "expected the names of the tags"
    )
    names.write_text('{"features": {"pos_tags": 1}}')
    with pytest.raises(CorpusError, match="there are no names of the tags in column 'ner_tags'"):
        read_corpus(path, tag_names=[str(names)])


def test_two_configurations_that_differ_give_no_names(tmp_path: Path):
    (tmp_path / "train.jsonl").write_text(json_lines())
    other = {"feature": {"names": ["a", "b", "c", "d"]}}
    infos = {
        "one": {"features": {"ner_tags": CLASS_LABEL}},
        "two": {"features": {"ner_tags": other}},
    }
    (tmp_path / "dataset_infos.json").write_text(json.dumps(infos))
    with pytest.raises(CorpusError, match="holds integers without names"):
        read_corpus(tmp_path / "train.jsonl")


def test_json_rows_that_are_written_are_read_back(tmp_path: Path):
    path = tmp_path / "x.jsonl"
    write_corpus(SENTENCES, path, format="hf")
    assert json.loads(path.read_text().splitlines()[0]) == {
        "tokens": ["Ada", "Lovelace", "sailed"],
        "ner_tags": ["B-PER", "I-PER", "O"],
        "pos": ["NNP", "NNP", "VBD"],
        "id": "7",
        "confidence": 0.5,
    }
    found = read_corpus(path, format="hf", feature_columns={"pos": "pos"})
    assert contents(found) == contents(SENTENCES)


def test_weights_in_json_rows():
    stream = io.StringIO()
    write_json_rows(
        [Sentence(tokens=("a",), tags=("O",), weight=2.0, token_weights=(0.5,))], stream
    )
    (sentence,) = read([json.loads(stream.getvalue())])
    assert (sentence.weight, sentence.token_weights) == (2.0, (0.5,))
    assert fault([{"tokens": ["a"], "ner_tags": [0], "weight": -1}]) == (
        "x.jsonl:1: weight -1; expected a number from 0 to 1e+09"
    )


# ── Parquet and Arrow ──


@pytest.fixture
def arrow():
    return pytest.importorskip("pyarrow", reason="needs seqlab[hf]")


@pytest.fixture
def datasets(arrow, monkeypatch):
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    module = pytest.importorskip("datasets", reason="needs seqlab[hf]")
    module.disable_progress_bars()
    return module


def test_parquet_is_read_back(arrow, tmp_path: Path):
    path = tmp_path / "x.parquet"
    write_corpus(SENTENCES, path, format="hf")
    assert format_of(path) is Format.HF
    corpus = read_corpus(path, feature_columns={"pos": "pos"})
    assert (corpus.format, contents(corpus)) == (Format.HF, contents(SENTENCES))
    assert [s.source for s in corpus] == [f"{path}: record 1", f"{path}: record 2"]
    assert read_corpus(path, tagged=False)[0].tags is None


def test_datasets_reads_what_is_written(datasets, tmp_path: Path):
    path = tmp_path / "x.parquet"
    write_corpus(SENTENCES, path, format="hf")
    loaded = datasets.load_dataset(
        "parquet", data_files=str(path), split="train", cache_dir=str(tmp_path / "cache")
    )
    label = loaded.features["ner_tags"].feature
    assert isinstance(label, datasets.ClassLabel)
    assert label.names == NAMES
    assert loaded[0] == {
        "tokens": ["Ada", "Lovelace", "sailed"],
        "ner_tags": [1, 2, 0],
        "pos": ["NNP", "NNP", "VBD"],
        "id": "7",
        "confidence": 0.5,
    }
    found = seqlab.sentences_of_dataset(loaded, feature_columns={"pos": "pos"})
    assert contents(found) == contents(SENTENCES)
    write_corpus(SENTENCES, tmp_path / "x.jsonl", format="hf")
    rows = datasets.load_dataset(
        "json",
        data_files=str(tmp_path / "x.jsonl"),
        split="train",
        cache_dir=str(tmp_path / "cache"),
    )
    assert rows[1]["ner_tags"] == ["O", "B-LOC"]
    assert contents(seqlab.sentences_of_dataset(rows, feature_columns={"pos": "pos"})) == contents(
        found
    )


def labelled(datasets):
    features = datasets.Features(
        {
            "id": datasets.Value("string"),
            "tokens": datasets.List(datasets.Value("string")),
            "ner_tags": datasets.List(datasets.ClassLabel(names=NAMES)),
            "pos_tags": datasets.List(datasets.ClassLabel(names=["NNP", "VBD"])),
        }
    )
    return datasets.Dataset.from_list(ROWS, features=features)


def test_a_dataset_and_the_files_that_it_writes(datasets, tmp_path: Path):
    dataset = labelled(datasets)
    expected = [
        (("Ada", "Lovelace", "sailed"), ("B-PER", "I-PER", "O"), {"pos": ("NNP", "NNP", "VBD")}, {"id": "7"}),
        (("nan", "Oslo"), ("O", "B-LOC"), {"pos": ("VBD", "NNP")}, {"id": "8"}),
    ]  # fmt: skip
    pos = {"pos": "pos_tags"}
    assert contents(seqlab.sentences_of_dataset(dataset, feature_columns=pos)) == expected
    stream = dataset.to_iterable_dataset()
    assert contents(seqlab.sentences_of_dataset(stream, feature_columns=pos)) == expected
    dataset.to_parquet(tmp_path / "x.parquet")
    dataset.save_to_disk(tmp_path / "saved", num_shards=2)
    dataset.to_json(tmp_path / "x.json")
    (tmp_path / "dataset_info.json").write_text(
        json.dumps({"features": dataset.features.to_dict()})
    )
    for name in ("x.parquet", "saved", "x.json"):
        corpus = read_corpus(tmp_path / name, feature_columns=pos)
        assert (corpus.format, contents(corpus)) == (Format.HF, expected)
    (shard, _) = sorted((tmp_path / "saved").glob("*.arrow"))
    assert contents(read_corpus(shard, feature_columns=pos)) == expected[:1]


def test_sentences_as_a_dataset(datasets):
    dataset = seqlab.dataset_of_sentences(SENTENCES)
    assert dataset.features["ner_tags"].feature.names == NAMES
    found = seqlab.sentences_of_dataset(dataset, feature_columns={"pos": "pos"})
    assert contents(found) == contents(SENTENCES)
    assert dataset.train_test_split(0.5, seed=1)["train"].features == dataset.features


def test_several_splits_must_be_told_apart(datasets, tmp_path: Path):
    both = datasets.DatasetDict(train=labelled(datasets), test=labelled(datasets))
    with pytest.raises(UserError) as caught:
        seqlab.sentences_of_dataset(both)
    assert str(caught.value) == "expected one split of a dataset; give one of 'train', 'test'"
    both.save_to_disk(tmp_path / "both")
    with pytest.raises(CorpusError) as refused:
        read_corpus(tmp_path / "both")
    assert str(refused.value) == (
        f"{tmp_path}/both: this folder holds the splits 'train', 'test'; give one of them, such as "
        f"{tmp_path}/both/train"
    )
    assert len(read_corpus(tmp_path / "both" / "train")) == 2


def test_what_is_no_dataset():
    with pytest.raises(UserError) as caught:
        seqlab.sentences_of_dataset([1])
    assert str(caught.value) == "expected a datasets.Dataset, found list; read_corpus reads files"


def test_without_pyarrow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "x.parquet").write_bytes(b"PAR1")
    monkeypatch.setitem(__import__("sys").modules, "pyarrow.parquet", None)
    with pytest.raises(SettingsError) as caught:
        read_corpus(tmp_path / "x.parquet")
    assert str(caught.value) == "Parquet and Arrow files need pyarrow: pip install 'seqlab[hf]'"


@pytest.mark.parametrize(
    ("sentence", "message"),
    [
        (Sentence(tokens=("a",), tags=("O",), weight=2.0),
         "Parquet of Hugging Face can't hold weights; write jsonl"),
        (Sentence(tokens=("a",)), "only some of the sentences have tags"),
        (Sentence(tokens=("a",), tags=("O",), features={"f": ("b",)}),
         "its features are not those of the first sentence"),
        (Sentence(tokens=("a",), tags=("O",), metadata={"n": "b"}),
         "metadata 'n' is not of one type in all sentences"),
        (Sentence(tokens=("a",), tags=("O",), metadata={"n": 2**70}),
         "can't be written: Python int too large to convert to C long"),
    ],
)  # fmt: skip
def test_what_parquet_cannot_hold(arrow, tmp_path: Path, sentence: Sentence, message: str):
    first = Sentence(tokens=("a",), tags=("O",), metadata={"n": 1})
    with pytest.raises(UserError) as caught:
        write_corpus([first, sentence], tmp_path / "x.parquet", format="hf")
    assert message in str(caught.value)
    assert list(tmp_path.iterdir()) == []


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> dict[str, bytes]:
    pytest.importorskip("pyarrow", reason="needs seqlab[hf]")
    folder = tmp_path_factory.mktemp("whole")
    for name in ("x.parquet", "x.jsonl"):
        write_corpus(SENTENCES * 3, folder / name, format="hf")
    return {name: (folder / name).read_bytes() for name in ("x.parquet", "x.jsonl")}


@given(st.data(), st.sampled_from(["x.parquet", "x.jsonl"]))
@settings(max_examples=300)
def test_damaged_files_give_sentences_or_one_line(whole, tmp_path_factory, data, name: str):
    content = bytearray(whole[name])
    for place in data.draw(st.lists(st.integers(0, len(content) - 1), max_size=4)):
        content[place] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del content[data.draw(st.integers(0, len(content))) :]
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content)
    error = None
    try:
        assert all(isinstance(s, Sentence) for s in read_corpus(path, format="hf", tag_names=NAMES))
    except CorpusError as caught:
        error = str(caught)
    assert error is None or (error.startswith(str(path)) and "\n" not in error)
