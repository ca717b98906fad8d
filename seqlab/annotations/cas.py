"""UIMA CAS of INCEpTION and WebAnno: XMI with a type system beside it, JSON, or a zip or folder of these.

Entities are annotations of DKPro Core's type NamedEntity. cassis turns the offsets of the files, UTF-16 code units,
into code points.
"""

import warnings
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from io import BytesIO
from pathlib import Path, PurePosixPath
from typing import Any

from seqlab.annotations.annotated_text import AnnotatedText, LabelledSpan
from seqlab.annotations.document_folder import document_folder
from seqlab.annotations.json_records import HALF_SURROGATE
from seqlab.annotations.record_fields import sentences_of_tokens, text_of
from seqlab.annotations.span_report import SpanReport, writable_spans
from seqlab.errors import CorpusError, UserError, pip_install
from seqlab.text.lines import open_corpus

ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
SENTENCE = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Sentence"
TOKEN = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type.Token"  # noqa: S105
OTHER_LAYERS = ("custom.", "webanno.custom.")
TYPE_SYSTEM = "TypeSystem.xml"
MISSING = f"files of UIMA CAS need dkpro-cassis: {pip_install('cas', 'dkpro-cassis')}"


def read(path: Path, *, encoding: str, notes: Counter[str]) -> Iterator[AnnotatedText]:
    """Yield the document of each CAS; see `AnnotationModule`. The files state their own encoding.

    Raises CorpusError if dkpro-cassis is not installed.
    """
    cassis = _cassis(path)
    for source, name, content, types in _files(path):
        yield _document(_load(cassis, source, content, types), source, name, notes)


def _cassis(path: Path) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)
            import cassis
    except ImportError:
        raise CorpusError(MISSING, path=str(path)) from None
    return cassis


CasFile = tuple[str, str, bytes, bytes | None]
"""Path for messages, name, content, and the type system of an XMI."""


def _files(path: Path) -> Iterator[CasFile]:
    """Yield each file of a folder, of a zip, or the file itself."""
    if path.is_dir():
        files = sorted(one for one in path.rglob("*") if one.suffix in (".xmi", ".json"))
        if not files:
            raise CorpusError("there is no .xmi or .json in this folder", path=str(path))
        for file in files:
            nearby = (folder / TYPE_SYSTEM for folder in (file.parent, path))
            types = next((one.read_bytes() for one in nearby if one.is_file()), None)
            name = file.relative_to(path).with_suffix("").as_posix()
            yield str(file), name, file.read_bytes(), types
        return
    with open_corpus(path) as stream:
        is_zip = stream.read(4) == b"PK\x03\x04"
    if is_zip:
        yield from _files_of_zip(path)
        return
    beside = path.parent / TYPE_SYSTEM
    types_of_file = beside.read_bytes() if beside.is_file() else None
    yield str(path), path.stem, path.read_bytes(), types_of_file


def _files_of_zip(path: Path) -> Iterator[CasFile]:
    try:
        with zipfile.ZipFile(path) as archive:
            names = sorted(one for one in archive.namelist() if one.endswith((".xmi", ".json")))
            if not names:
                raise CorpusError("there is no .xmi or .json in this zip", path=str(path))
            for name in names:
                beside = str(PurePosixPath(name).parent / TYPE_SYSTEM)
                found = next(
                    (one for one in (beside, TYPE_SYSTEM) if one in archive.namelist()), None
                )
                types = archive.read(found) if found else None
                short = PurePosixPath(name).with_suffix("").as_posix()
                yield f"{path}: {name}", short, archive.read(name), types
    except (zipfile.BadZipFile, EOFError, OSError, RuntimeError, NotImplementedError) as error:
        raise CorpusError(f"can't be read as a zip: {error}", path=str(path)) from None


def _load(cassis: Any, source: str, content: bytes, types: bytes | None) -> Any:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # cassis warns of types of its own that it redefines
            if content.lstrip().startswith(b"{"):
                return cassis.load_cas_from_json(BytesIO(content))
            if types is None:
                fact = f"there is no {TYPE_SYSTEM} beside it; export both"
                raise CorpusError(fact, path=source)
            system = cassis.load_typesystem(BytesIO(types))
            return cassis.load_cas_from_xmi(BytesIO(content), typesystem=system, lenient=True)
    except CorpusError:
        raise
    except Exception as error:  # cassis and its parsers raise whatever they meet
        reason = (str(error).splitlines() or [""])[0] or type(error).__name__
        raise CorpusError(
            f"can't be read as a CAS ({reason}); export it again", path=source
        ) from None


def _document(cas: Any, source: str, name: str, notes: Counter[str]) -> AnnotatedText:
    text = text_of(cas.sofa_string or "", "the text of the CAS", source)
    spans = []
    for entity in _annotations(cas, ENTITY, source):
        if entity.value:
            spans.append(
                LabelledSpan(entity.begin, entity.end, text_of(entity.value, "value", source))
            )
        else:
            notes["entities without a value"] += 1
    for one in cas.typesystem.get_types():
        if one.name.startswith(OTHER_LAYERS):
            notes[f"annotations of {one.name}, not read"] += len(list(cas.select(one.name)))
    tokens = [(one.begin, one.end) for one in _annotations(cas, TOKEN, source)]
    starts = {one.begin for one in _annotations(cas, SENTENCE, source)}
    ends = [index for index, (start, _) in enumerate(tokens) if start in starts]
    return AnnotatedText(
        text=text,
        spans=tuple(spans),
        sentences=sentences_of_tokens(text, tokens, source, notes, ends),
        source=source,
        name=name,
    )


def _annotations(cas: Any, type_name: str, source: str) -> list[Any]:
    """The annotations of a type from left to right; none if the type system lacks it."""
    if not cas.typesystem.contains_type(type_name):
        return []
    found = list(cas.select(type_name))
    for one in found:
        if not isinstance(one.begin, int) or not isinstance(one.end, int):
            short = type_name.rpartition(".")[2]
            fact = f"a {short} has no offsets within the text; expected 'begin' and 'end'"
            raise CorpusError(fact, path=source)
    return sorted(found, key=lambda one: (one.begin, one.end))


def write(documents: Iterable[AnnotatedText], path: Path, *, report: SpanReport) -> None:
    """Write a folder with an XMI for each document and their type system, as INCEpTION imports them.

    Raises UserError if the folder exists and holds something, CorpusError if dkpro-cassis is not installed.
    """
    cassis = _cassis(path)
    system = _type_system(cassis)
    with document_folder(path) as (folder, file_of):
        for document in documents:
            file = file_of(document)
            content = _xmi(cassis, system, document, report)
            file.with_name(f"{file.name}.xmi").write_bytes(content)
        (folder / TYPE_SYSTEM).write_text(system.to_xml(), encoding="utf-8")


def _type_system(cassis: Any) -> Any:
    system = cassis.TypeSystem()
    entity = system.create_type(ENTITY, supertypeName="uima.tcas.Annotation")
    system.create_feature(entity, "value", "uima.cas.String")
    system.create_feature(entity, "identifier", "uima.cas.String")
    for name in (SENTENCE, TOKEN):
        system.create_type(name, supertypeName="uima.tcas.Annotation")
    return system


def _xmi(cassis: Any, system: Any, document: AnnotatedText, report: SpanReport) -> bytes:
    if HALF_SURROGATE.search(document.text):
        fact = "half a surrogate pair; utf-8 can't hold this document"
        raise UserError(f"{document.source}: {fact}")
    cas = cassis.Cas(system)
    cas.sofa_string, cas.sofa_mime = document.text, "text/plain"
    sentence_type, token_type = system.get_type(SENTENCE), system.get_type(TOKEN)
    for starts, ends in document.sentences or ():
        if not starts:  # a sentence that a script made without tokens
            continue
        cas.add(sentence_type(begin=starts[0], end=ends[-1]))
        cas.add_all(
            token_type(begin=start, end=end) for start, end in zip(starts, ends, strict=True)
        )
    entity_type = system.get_type(ENTITY)
    for start, end, label in writable_spans(document, report):
        cas.add(entity_type(begin=start, end=end, value=label))
    try:
        content: str = cas.to_xmi()
    except ValueError as error:
        raise UserError(f"{document.source}: XML can't hold this document: {error}") from None
    return content.encode("utf-8")
