"""tag.mjs answers mistakes in one line, and spans.mjs reads spans as `decode_spans` does."""

import json
import random
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

import seqlab
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.exporting.onnx_description import describe_for_readers
from seqlab.exporting.onnx_readme import onnx_readme
from tests.exporting.random_taggers import random_tagger

EXAMPLES = Path(__file__).resolve().parents[2] / "examples" / "onnx"
RUNTIME = """
export class Tensor {}
export const InferenceSession = { create: async () => ({ inputNames: [] }) };
"""
EXPORT = "write one with: seqlab export RUN --format onnx --name NAME"
POS = ', "features": {"pos": ["N"]}'
NODE = shutil.which("node")
pytestmark = pytest.mark.skipif(NODE is None, reason="the JavaScript reader needs node")


def ask(*words, text=""):
    return subprocess.run(
        [NODE, *map(str, words)], input=text, capture_output=True, text=True, check=False
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """An exported folder whose network is never run, with a runtime that runs none."""
    folder = tmp_path_factory.mktemp("onnx")
    about = {"model": "tagger.onnx", "external_data": None, **describe_for_readers(random_tagger())}
    (folder / "tagger.json").write_text(json.dumps(about))
    (folder / "tagger.onnx").touch()
    (folder / "runtime.mjs").write_text(RUNTIME)
    return folder


@pytest.mark.parametrize(
    ("line", "fact"),
    [
        (
            '{"text": "Ada sailed."}',
            'has "text", but the tagger takes tokens; cut the text and give {"tokens": ["…"]}',
        ),
        ("Ada sailed.", 'not JSON; expected {"tokens": ["…"]}'),
        ("null", 'expected {"tokens": ["…"]}'),
        ('{"tokens": "Ada"}', 'expected {"tokens": ["…"]}'),
        ('{"tokens": ["Ada", 3]}', 'expected {"tokens": ["…"]}'),
        ('{"tokens": ["Ada"]}', 'expected one string per token in "features": {"pos": […]}'),
        (
            '{"tokens": ["Ada", "b"]' + POS + "}",
            'expected one string per token in "features": {"pos": […]}',
        ),
        (
            '{"tokens": ["Ada"]' + POS + ', "numbers": {"size": [null], "left": ["1"]}}',
            'expected one number or null per token in "numbers": {"left": […]}',
        ),
    ],
)
def test_a_mistake_in_a_line_is_one_line(folder, line, fact):
    done = ask(EXAMPLES / "tag.mjs", folder, folder / "runtime.mjs", text=line + "\n")
    assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: line 1: {fact}\n")


def test_a_wrong_folder_is_one_line(folder, tmp_path):
    run = seqlab.save(random_tagger(), tmp_path / "run")
    usage = "node tag.mjs FOLDER [onnxruntime-web or onnxruntime-node] < sentences.jsonl"
    for words, message in (
        ([], f"no folder is given; usage: {usage}"),
        ([tmp_path], f"{tmp_path}: no ONNX tagger here; {EXPORT}"),
        ([run], f"{run}: holds a run, but no ONNX tagger; {EXPORT}"),
        ([folder, "no-runtime"], "no-runtime is not installed: npm install no-runtime"),
    ):
        done = ask(EXAMPLES / "tag.mjs", *words)
        assert (done.returncode, done.stdout, done.stderr) == (2, "", f"error: {message}\n")


def test_spans_are_those_of_the_tagger():
    choose = random.Random(3)  # noqa: S311, no secret
    letters = "BIESLUM"
    tags = ["O", "I-O", *letters, *(f"{one}-{kind}" for one in letters for kind in ("PER", "a-B"))]
    sentences = [choose.choices(tags, k=choose.randint(0, 9)) for _ in range(2000)]
    code = (
        f"import {{ spansOf }} from {json.dumps((EXAMPLES / 'spans.mjs').as_uri())};"
        "import { readFileSync } from 'node:fs';"
        "const given = JSON.parse(readFileSync(0, 'utf8'));"
        "const scored = (tags) => tags.map((tag) => ({ tag, score: 0.5 }));"
        "console.log(JSON.stringify([given.map(spansOf), given.map(scored).map(spansOf)]));"
    )
    done = ask("--input-type=module", "-e", code, text=json.dumps(sentences))
    assert done.returncode == 0, done.stderr
    wanted = [
        [
            {"start": start, "end": end, "label": label}
            for start, end, label in decode_spans(one, Scheme.IOBES)
        ]
        for one in sentences
    ]
    assert json.loads(done.stdout) == [wanted, wanted]


def test_the_readme_says_what_goes_in_and_what_comes_out():
    lines = onnx_readme(random_tagger()).splitlines()
    assert lines[5] == (
        "Input: the tokens of a sentence, not raw text, and one value per token of each column. For example:"
    )
    assert json.loads(lines[8]) == {
        "tokens": ["Ada", "sailed"],
        "features": {"pos": ["A", "B"]},
        "numbers": {"size": [1.5, None], "left": [1.5, None]},
    }
    assert lines[-1] == (
        "Output: one tag per token, with its probability. The tags are those of the scheme iob2, such as B-LOC. "
        "`spansOf` in `spans.mjs` turns them into spans: first token, end, label."
    )
    plain = onnx_readme(replace(random_tagger(columns=False), scheme=Scheme.PLAIN))
    assert "\nInput: the tokens of a sentence, not raw text. For example:\n" in plain
    assert '\n{"tokens": ["Ada", "sailed"]}\n' in plain
    assert plain.endswith("The tags are plain, so there are no spans.\n")
