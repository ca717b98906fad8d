"""Export a run's tagger: as a wheel, as a zip for an installed seqlab, or as an ONNX directory."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

from seqlab.corpus.schemes import OUTSIDE_TAG, class_of_tag
from seqlab.errors import UserError, nearest
from seqlab.exporting.archive import files_below, write_archive
from seqlab.exporting.card import card_of
from seqlab.exporting.check import CheckFile, ExportCheck, compare_taggers, read_check_file
from seqlab.exporting.onnx_files import export_onnx, refuse_other_directory
from seqlab.exporting.package_modules import TaggerColumns
from seqlab.exporting.package_name import check_name, check_version
from seqlab.exporting.smaller import Smaller, check_use, with_fewer_words
from seqlab.exporting.tagger_folder import write_tagger_folder
from seqlab.exporting.wheel import PackageFacts, wheel_name, write_wheel
from seqlab.machine.atomic import atomic_file, remove_leftovers, temporary_directory
from seqlab.machine.files import as_path
from seqlab.machine.packed_arrays import NumberType
from seqlab.storing.run_directory import os_errors_about
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import Tagger

ExportFormat = Literal["wheel", "zip", "onnx"]
FIRST_VERSION = "1.0.0"


def export_tagger(
    run: str | Path,
    *,
    format: ExportFormat,
    name: str,
    out: str | Path = ".",
    version: str = FIRST_VERSION,
    overwrite: bool = False,
    weights: NumberType = "float32",
    vectors: NumberType | None = None,
    keep_words: int | None = None,
    check: str | Path | None = None,
) -> Path:
    """Write the tagger of a run as one file or directory, whole or not at all. Returns its path.

    format: 'wheel' is a package with the code that tags; it needs numpy, regex and sentencex alone. 'zip' holds a run
        directory for an installed seqlab. 'onnx' is a directory for programs in other languages; see `write_onnx`.
    name, version: of the package. out: directory of the file.
    weights, vectors, keep_words: make the file smaller; see `Smaller`.
    check: labelled file; the model card of a wheel then has the F1 of every class before and after.
    Raises UserError for a name that is unsafe or taken, and for an option without effect on this tagger. Raises UserError
    if the path exists and `overwrite` is False. Raises RunError for a damaged run.
    """
    return write_export(
        run,
        PackageFacts(name=name, version=version),
        format=format,
        out=out,
        overwrite=overwrite,
        smaller=Smaller(weights=weights, vectors=vectors, keep_words=keep_words),
        checked=None if check is None else read_check_file(run, check, format),
    ).path


@dataclass(frozen=True)
class Export:
    """What was written. check: its figures on a labelled file, if one was given."""

    path: Path
    check: ExportCheck | None = None


def write_export(
    run: str | Path,
    facts: PackageFacts,
    *,
    format: ExportFormat,
    out: str | Path,
    overwrite: bool,
    smaller: Smaller,
    checked: CheckFile | None,
) -> Export:
    """Do the work of `export_tagger`. facts: name and version. checked: a labelled file, read."""
    if format not in get_args(ExportFormat):
        known = get_args(ExportFormat)
        raise UserError(
            f"format is {format!r}: expected {', '.join(known)}{nearest(format, known)}"
        )
    check_name(facts.name)
    check_version(facts.version)
    folder = as_path(out, "the output directory")
    endings = {"zip": ".zip", "onnx": "-onnx"}
    path = folder / (wheel_name(facts) if format == "wheel" else facts.stem + endings[format])
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{folder}: is not a directory; give another --out")
    refuse = refuse_other_directory if format == "onnx" else refuse_existing
    refuse(path, overwrite=overwrite)
    tagger = load_run(run)
    check_engine(tagger, format, run)
    check_use(tagger, smaller, run)
    small = with_fewer_words(tagger, smaller.keep_words)
    weights, vectors = smaller.weights, smaller.vectors
    if format == "onnx":
        written = export_onnx(
            small,
            path,
            version=facts.version,
            overwrite=overwrite,
            weights=weights,
            vectors=vectors,
        )
        return Export(written)
    with temporary_directory() as temporary:
        files = temporary / "tagger"
        with os_errors_about(files):
            write_tagger_folder(small, files, run, weights=weights, vectors=vectors)
        check = None if checked is None else compare_with(checked, files)
        facts = replace(facts, labels=labels_of(tagger), columns=columns_of(tagger))
        if format == "wheel":
            facts = replace(facts, card=card_of(run, tagger, small, smaller, check))
        with os_errors_about(path):
            folder.mkdir(parents=True, exist_ok=True)
            remove_leftovers(folder, path.name)
        with os_errors_about(path), atomic_file(path, overwrite=overwrite) as pending:
            if format == "wheel":
                write_wheel(pending.temporary, files, facts)
            else:
                write_archive(pending.temporary, files_below(files, facts.stem))
            refuse_existing(path, overwrite=overwrite)  # another export may have been faster
    return Export(pending.path, check)


def compare_with(checked: CheckFile, files: Path) -> ExportCheck:
    """Compare the tagger of the run with the one that is exported. files: the directory of its files."""
    return compare_taggers(
        checked.tagger, load_run(files), checked.sentences, file=checked.path.name
    )


def check_engine(tagger: Tagger, format: ExportFormat, run: str | Path) -> None:
    """Raise UserError for a format that holds no Keras network, or one network only."""
    if tagger.members and format == "onnx":
        raise UserError(
            f"{run}: combines {len(tagger.members)} networks, and --format onnx holds one; use --format wheel or zip, "
            "or train one network with --teacher"
        )
    if tagger.engine == "keras" and format != "zip":
        raise UserError(
            f"{run}: has a network of your own, which needs Keras; --format {format} cannot hold it, "
            "so use --format zip with an installed seqlab"
        )


def refuse_existing(path: Path, *, overwrite: bool) -> None:
    """Raise UserError if the path is a directory, or exists and `overwrite` is False."""
    if path.is_dir():
        raise UserError(f"{path}: is a directory; expected the path of a file to write")
    if path.exists() and not overwrite:
        raise UserError(
            f"{path}: exists; give --overwrite (in Python overwrite=True) to replace it, or another --out"
        )


def labels_of(tagger: Tagger) -> list[str]:
    """The classes of a tagger: entity types, or its plain tags."""
    names = (class_of_tag(tag, tagger.scheme) for tag in tagger.encoder.tags.symbols)
    return [name for name in dict.fromkeys(names) if name != OUTSIDE_TAG]


def columns_of(tagger: Tagger) -> TaggerColumns:
    """The columns that a tagger reads beside the tokens."""
    encoder = tagger.encoder
    return TaggerColumns(
        features=tuple(encoder.feature_columns), numbers=tuple(encoder.numeric_columns)
    )
