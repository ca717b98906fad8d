"""Write a tagger as an ONNX model with the description that a program needs to use it."""

import json
from pathlib import Path

from seqlab.errors import SettingsError, UserError
from seqlab.exporting.onnx_description import describe_for_readers
from seqlab.exporting.onnx_readme import README, onnx_readme
from seqlab.machine.atomic import atomic_directory, remove_leftovers
from seqlab.machine.packed_arrays import NumberType
from seqlab.storing.run_directory import os_errors_about
from seqlab.tagging.tagger import Tagger

MODEL, LARGE_ARRAYS, DESCRIPTION = "tagger.onnx", "tagger.onnx.data", "tagger.json"


def export_onnx(
    tagger: Tagger,
    path: Path,
    *,
    version: str,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a tagger into the directory `path`, whole or not at all; see `write_onnx`. Returns the directory's path.

    Raises UserError where `refuse_other_directory` does.
    """
    path = path.resolve() if path.is_symlink() else path  # the link stays, as that to a run does
    remove_leftovers(path.parent, path.name)
    with os_errors_about(path), atomic_directory(path, may_replace=is_exported) as pending:
        write_onnx(tagger, pending.temporary, version=version, weights=weights, vectors=vectors)
        refuse_other_directory(path, overwrite=overwrite)  # another export may have been faster
    return pending.path


def refuse_other_directory(path: Path, *, overwrite: bool) -> None:
    """Raise UserError if the path exists, unless it is an exported ONNX directory and `overwrite` is True."""
    if not path.exists():
        return
    if not is_exported(path):
        raise UserError(f"{path}: exists and is no exported ONNX directory; give another --out")
    if not overwrite:
        raise UserError(
            f"{path}: exists; give --overwrite (in Python overwrite=True) to replace it, or another --out"
        )


def is_exported(path: Path) -> bool:
    """Whether a directory holds an exported ONNX network and nothing else."""
    names = {entry.name for entry in path.iterdir()} if path.is_dir() else set[str]()
    return {MODEL, DESCRIPTION} <= names <= {MODEL, DESCRIPTION, LARGE_ARRAYS, README}


def write_onnx(
    tagger: Tagger,
    directory: Path,
    *,
    version: str,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
) -> None:
    """Write `tagger.onnx`, `tagger.json`, `README.md` and, for large tables, `tagger.onnx.data` into a directory.

    version: of the exported tagger. weights, vectors: how the weights and the vectors of frozen words are stored; None
        leaves the vectors as they are.
    Raises SettingsError without the onnx package, UserError for a tagger that ONNX cannot hold.
    """
    check_exportable(tagger)
    try:
        from seqlab.exporting.onnx_graph import TaggerGraph
        from seqlab.exporting.onnx_nodes import OnnxNodes
        from seqlab.exporting.onnx_weights import packed_table
    except ImportError:
        raise SettingsError("--format onnx needs onnx: pip install 'seqlab[onnx]'") from None
    frozen = tagger.encoder.frozen_words
    graph = TaggerGraph(
        forward=tagger.forward,
        frozen=None
        if frozen is None
        else packed_table(frozen.vectors, vectors or frozen.number_type),
        number_type=weights,
    )
    nodes = OnnxNodes(large_file=LARGE_ARRAYS)
    graph.build(nodes)
    model = nodes.model(
        producer="seqlab", version=version, description="Tag scores of tokens; see tagger.json."
    )
    (directory / MODEL).write_bytes(model.SerializeToString())
    if nodes.large.size:
        nodes.large.write(directory / LARGE_ARRAYS)
    description = {
        "model": MODEL,
        "external_data": LARGE_ARRAYS if nodes.large.size else None,
        **describe_for_readers(tagger),
    }
    text = json.dumps(description, ensure_ascii=True, allow_nan=False)
    (directory / DESCRIPTION).write_text(text + "\n", encoding="ascii")
    (directory / README).write_text(onnx_readme(tagger), encoding="utf-8")


def check_exportable(tagger: Tagger) -> None:
    """Raise UserError for a tagger whose inputs cannot be looked up in a table."""
    if tagger.encoder.clusters is not None:
        raise UserError(
            "--format onnx cannot look up the clusters of words, which this tagger reads; use --format wheel"
        )
    if len(tagger.encoder.gazetteers):
        raise UserError(
            "--format onnx cannot search for the phrases of gazetteers, which this tagger reads; use --format wheel"
        )
    frozen = tagger.encoder.frozen_words
    if frozen is not None and frozen.ngrams is not None:
        raise UserError(
            "--format onnx cannot compose vectors from n-grams, which this tagger's fastText model does; "
            "use --format wheel, or train with the vectors of whole words"
        )
