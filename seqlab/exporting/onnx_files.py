"""Write a tagger as an ONNX model with the description that a program needs to use it."""

import json
from pathlib import Path

from seqlab.errors import SettingsError, UserError
from seqlab.exporting.onnx_description import describe_for_readers
from seqlab.exporting.word_table import WordTable
from seqlab.tagging.tagger import Tagger

MODEL, WORD_VECTORS, READING = "tagger.onnx", "tagger.onnx.data", "tagger.json"
LARGEST_INSIDE = (
    64_000_000  # bytes of the word table; a larger one lies beside the model, where runtimes map it
)


def write_onnx(tagger: Tagger, directory: Path, *, version: str) -> None:
    """Write `tagger.onnx` and `tagger.json` into an existing directory, and `tagger.onnx.data` for a large word table.

    version: of the exported tagger. Raises SettingsError without the onnx package, UserError for a tagger that has no
    such graph.
    """
    check_exportable(tagger)
    try:
        from seqlab.exporting.onnx_graph import tagger_nodes
    except ImportError:
        raise SettingsError("--format onnx needs onnx: pip install 'seqlab[onnx]'") from None
    words = word_table(tagger)
    is_beside = words is not None and words.bytes > LARGEST_INSIDE
    words_file = WORD_VECTORS if is_beside else None
    nodes = tagger_nodes(tagger.scorer.forward, words, words_file=words_file)
    model = nodes.model(
        producer="seqlab", version=version, description="Tag scores of tokens; see tagger.json."
    )
    (directory / MODEL).write_bytes(model.SerializeToString())
    if words is not None and words_file is not None:
        with (directory / words_file).open("wb") as file:
            for block in words.blocks():
                file.write(block.data)
    description = {"model": MODEL, "word_vectors": words_file, **describe_for_readers(tagger)}
    text = json.dumps(description, ensure_ascii=True, allow_nan=False)
    (directory / READING).write_text(text + "\n", encoding="ascii")


def check_exportable(tagger: Tagger) -> None:
    """Raise UserError for a tagger whose words cannot be looked up in a table."""
    frozen = tagger.encoder.frozen_words
    if frozen is not None and frozen.ngrams is not None:
        raise UserError(
            "--format onnx cannot compose vectors from n-grams, which this tagger's fastText model does; "
            "use --format wheel, or train with the vectors of whole words"
        )


def word_table(tagger: Tagger) -> WordTable | None:
    """The vectors of all words; None for a network that reads none."""
    if not tagger.architecture.reads_words:
        return None
    frozen = tagger.encoder.frozen_words
    trained = tagger.scorer.forward.layer("word_embedding")[0]
    return WordTable(trained, None if frozen is None else frozen.vectors)
