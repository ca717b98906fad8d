"""Tell which annotation tool a file or folder comes from, by looking at its beginning."""

import json
import re
import zipfile
import zlib
from collections.abc import Iterator
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

from seqlab.text.lines import BYTE_ORDER_MARK, GZIP_MAGIC, open_corpus

LOOKED_AT = 1 << 18  # bytes of a file
LOOKED_AT_JSON = 1 << 24  # bytes of a JSON file whose format LOOKED_AT bytes do not show
ZIP_MAGIC = b"PK\x03\x04"
DOC_BIN_MAGIC = (b"x\x01", b"x\x5e", b"x\x9c", b"x\xda")  # zlib
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
XML_ROOT = re.compile(r"<(?!\?|!)([\w.:-]+)")
PUBTATOR = re.compile(r"([^|\t\r\n]+)\|t\|[^\n]*\n(\1\|a\||\1\t\d+\t\d+\t|\r?\n|$)")
SPAN_NUMBERS = 2  # a span in a list is [start, end, label]
BIOC_COLLECTION = re.compile(r'\s*\{(?:[^{}\[\]]|\{[^{}]*\})*"(?:documents|PubTator3)"\s*:\s*\[')
CAS_JSON = re.compile(r'\s*\{\s*"%(?:TYPES|FEATURE_STRUCTURES|VIEWS)"')
RECORDS_LOOKED_AT = 100
BETWEEN_RECORDS = re.compile(r"[\s,]*")


def detect(path: Path) -> str | None:
    """Return the name of the format, such as 'label-studio'; None for files that come from no annotation tool.

    These are files of tokens (CoNLL, JSONL with tokens, CSV, Hugging Face), and files that cannot be read.
    """
    try:
        if path.is_dir():
            return _detect_folder(path)
        if not path.is_file():  # to look at a pipe would use it up
            return None
        return _detect_file(path, LOOKED_AT) or _detect_long_record(path)
    except (OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile):
        return None


def _detect_long_record(path: Path) -> str | None:
    with open_corpus(path) as file:
        is_json = (
            file.read(8).removeprefix(BYTE_ORDER_MARK).lstrip().startswith((b"{", b"[", GZIP_MAGIC))
        )
    is_long = path.stat().st_size > LOOKED_AT
    return _detect_file(path, LOOKED_AT_JSON) if is_json and is_long else None


def _detect_file(path: Path, size: int) -> str | None:
    with open_corpus(path) as file:
        head = file.read(size)
    if head.startswith(ZIP_MAGIC):
        return _detect_zip(path)
    if head.startswith(GZIP_MAGIC):
        head = zlib.decompressobj(wbits=31).decompress(head, size)
    if path.suffix == ".spacy" or _is_doc_bin(head):
        return "spacy"
    if path.suffix in (".ann", ".txt") and _is_brat_pair(path):
        return "brat"
    encoding = "utf-16" if head.startswith(UTF16_MARKS) else "utf-8"
    return _detect_text(head.removeprefix(BYTE_ORDER_MARK).decode(encoding, "replace").lstrip())


def _detect_folder(path: Path) -> str | None:
    if next(path.rglob("*.ann"), None) is not None:
        return "brat"
    if next(path.rglob("*.xmi"), None) is not None:
        return "cas"
    first = next(path.rglob("*.json"), None)
    return "cas" if first is not None and detect(first) == "cas" else None


def _detect_zip(path: Path) -> str | None:
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if any(name.endswith(".xmi") for name in names):
            return "cas"
        first = next((name for name in names if name.endswith(".json")), None)
        if first is None:
            return None
        with archive.open(first) as file:
            head = file.read(LOOKED_AT)
    return "cas" if _detect_text(head.decode("utf-8", "replace")) == "cas" else None


def _is_doc_bin(head: bytes) -> bool:
    if not head.startswith(DOC_BIN_MAGIC):
        return False
    try:
        start = zlib.decompressobj().decompress(head, 256)
    except zlib.error:
        return False
    return b"attrs" in start and b"version" in start  # the first keys of a DocBin


def _is_brat_pair(path: Path) -> bool:
    return path.with_suffix(".ann").is_file() and path.with_suffix(".txt").is_file()


def _detect_text(head: str) -> str | None:
    if head.startswith("<"):
        root = XML_ROOT.search(head)
        roots = {"collection": "bioc", "xmi:XMI": "cas"}
        return roots.get(root[1]) if root else None
    if PUBTATOR.match(head):
        return "bioc"
    if not head.startswith(("{", "[")):
        return None
    if BIOC_COLLECTION.match(head):
        return "bioc"
    if CAS_JSON.match(head):
        return "cas"
    records = islice(_records(head), RECORDS_LOOKED_AT)
    first = next(records, None)
    if _is_text_alone(first) and any(map(_is_prodigy, takewhile(_is_text_or_prodigy, records))):
        return "prodigy"  # its first texts have no spans
    return _detect_record(first)


def _records(head: str) -> Iterator[Any]:
    """Yield the elements of an array, or the values of JSON lines, up to the first that is cut off."""
    decoder = json.JSONDecoder()
    inside = re.match(r"\[\s*(?=[\[{])", head)
    place = inside.end() if inside else 0
    try:
        while place < len(head):
            record, place = decoder.raw_decode(head, place)
            yield record
            place = BETWEEN_RECORDS.match(head, place).end()  # type: ignore[union-attr]
    except (ValueError, RecursionError):
        return


def _is_text_alone(record: Any) -> bool:
    is_text = isinstance(record, dict) and isinstance(record.get("text"), str)
    return is_text and "tokens" not in record and _detect_record(record) is None


def _is_text_or_prodigy(record: Any) -> bool:
    return isinstance(record, dict) and (_is_text_alone(record) or _is_prodigy(record))


def _detect_record(record: Any) -> str | None:
    if isinstance(record, list) and len(record) == 2:
        text, annotations = record
        is_pair = isinstance(text, str) and isinstance(annotations, dict)
        return "spacy" if is_pair and "entities" in annotations else None
    if not isinstance(record, dict):
        return None
    if isinstance(record.get("passages"), list):
        return "bioc"
    if _is_label_studio_task(record):
        return "label-studio"
    if not any(isinstance(record.get(key), str) for key in ("text", "data")):
        return "label-studio" if _has_region_lists(record) else None
    if _is_prodigy(record):
        return "prodigy"
    if _has_region_lists(record):
        return "label-studio"
    if (
        "annotation_id" in record and "annotator" in record
    ):  # JSON-MIN without spans in its first record
        return "label-studio"
    return "doccano" if _is_doccano(record) else None


def _is_label_studio_task(record: dict[str, Any]) -> bool:
    """Whether a record is a task. One without annotations has its text in `data`, and may have predictions."""
    data = record.get("data")
    if not isinstance(data, dict) or "tokens" in record:
        return False
    if any(key in record for key in ("annotations", "completions", "predictions")):
        return True
    return isinstance(data.get("text"), str) and "tokens" not in data


def _is_prodigy(record: dict[str, Any]) -> bool:
    if "_task_hash" in record or "_input_hash" in record:
        return "spans" in record or "tokens" in record
    spans = record.get("spans")
    if not isinstance(spans, list):
        return False
    if spans and "tokens" not in record and all(map(_is_span_list, spans)):
        return True
    return all(isinstance(one, dict) and "start" in one and "label" in one for one in spans)


def _has_region_lists(record: dict[str, Any]) -> bool:
    """Whether a value is a list of regions, as JSON-MIN of Label Studio has them."""
    return any(
        isinstance(value, list)
        and bool(value)
        and all(isinstance(one, dict) and "labels" in one and "start" in one for one in value)
        for value in record.values()
    )


def _is_doccano(record: dict[str, Any]) -> bool:
    if "tokens" in record:
        return False
    for key in ("label", "labels", "entities", "annotations"):
        value = record.get(key)
        if isinstance(value, list) and all(map(_is_doccano_span, value)):
            return True
    return False


def _is_doccano_span(value: Any) -> bool:
    """Whether a value is meant as a span; its offsets may be of a wrong type, which the reader names."""
    if isinstance(value, dict):
        return "start_offset" in value and "end_offset" in value
    return _is_span_list(value)


def _is_span_list(value: Any) -> bool:
    """Whether a value is meant as [start, end, label]."""
    is_list = isinstance(value, list) and len(value) == SPAN_NUMBERS + 1
    return is_list and isinstance(value[SPAN_NUMBERS], str)
