"""Read raw text as documents: each line, each paragraph, or the whole file; each line may begin with an id."""

from collections.abc import Iterator, Sequence
from typing import Literal

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.errors import CorpusError
from seqlab.text.lines import NumberedLines

DocumentRule = Literal["line", "paragraph", "file"]


def read_documents(
    lines: NumberedLines, *, name: str, documents: DocumentRule = "line"
) -> Iterator[AnnotatedText]:
    """Yield the documents of raw text, each as soon as its end has been read.

    lines: with their line ends, but for 'line' without them. A document keeps the line ends inside it; a paragraph
        loses its last one.
    documents: 'line' makes each line a document, empty lines too. 'paragraph' ends a document at a blank line,
        which belongs to no document. 'file' makes one document of all lines.
    """
    if documents == "line":
        for number, line in lines:
            yield AnnotatedText(text=line, source=f"{name}:{number}")
        return
    part: list[str] = []
    first = 1
    for number, line in lines:
        if documents == "paragraph" and (not line or line.isspace()):
            if part:
                yield paragraph(part, f"{name}:{first}")
                part = []
            continue
        first = first if part else number
        part.append(line)
    if part and documents == "paragraph":
        yield paragraph(part, f"{name}:{first}")
    elif part:
        yield AnnotatedText(text="".join(part), source=f"{name}:1")


def paragraph(lines: list[str], source: str) -> AnnotatedText:
    """The document of some lines, without the end of the last."""
    text = "".join(lines)
    return AnnotatedText(text=text.removesuffix("\n").rstrip("\r"), source=source)


def read_documents_with_ids(
    lines: NumberedLines, *, name: str, id_column: int
) -> Iterator[AnnotatedText]:
    """Yield each line as a document with an id.

    id_column: of cells between TABs, counted from 0. The text is everything after it; cells before it are left out.
    Raises CorpusError for a line without that many cells. Empty lines are left out.
    """
    for number, line in lines:
        if not line or line.isspace():
            continue
        cells = line.split("\t", id_column + 1)
        if len(cells) < id_column + 2:
            fact = f"expected an id in column {id_column} and a text after it, between TABs"
            raise CorpusError(fact, path=name, line=number, text=line)
        yield AnnotatedText(text=cells[-1], name=cells[id_column], source=f"{name}:{number}")


def holds_sentences(first: Sequence[str]) -> bool:
    """Tell whether lines of columns look like ids with texts: a TAB, and words between spaces after it.

    >>> tab = chr(9)
    >>> holds_sentences([f"1{tab}Ada flew .", f"2{tab}Nobody came ."]), holds_sentences([f"Ada{tab}O"])
    (True, False)
    """
    cells = [line.split("\t") for line in first]
    return bool(cells) and all(len(row) > 1 and " " in row[-1].strip() for row in cells)


def begins_with_texts(first: Sequence[str]) -> bool:
    """Tell whether the first column of lines looks like texts: words between spaces before a TAB.

    >>> tab = chr(9)
    >>> begins_with_texts([f"Ada flew .{tab}yes", f"Nobody came .{tab}no"]), begins_with_texts([f"Ada{tab}O"])
    (True, False)
    """
    cells = [line.split("\t") for line in first]
    return bool(cells) and all(len(row) > 1 and " " in row[0].strip() for row in cells)
