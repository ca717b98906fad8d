"""Tagged sentences as text, many at once: what `output.tagged_text` writes of them one by one.

Only of those that hold nothing odd, which are nearly all; the rest is left to that one, and to its words for
what is wrong.
"""

from collections.abc import Sequence
from itertools import chain, pairwise

from seqlab.arrays import Int32Array
from seqlab.corpus.column_layout import DOCUMENT_MARKER
from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.sentence_blocks import UNWRITABLE, comment_lines
from seqlab.errors import UserError
from seqlab.inference.scorer import sentence_lengths
from seqlab.streaming.output import OutputFormat

LINE_ENDS = ("\n", "\r")
BYTE_ORDER_MARK = "\ufeff"


def clean_text(
    sentences: Sequence[Sentence],
    classes: Int32Array,
    symbols: Sequence[str],
    *,
    format: OutputFormat,
    scheme: Scheme,
) -> str | None:
    """The text of tagged sentences; None where they are to be written one by one.

    classes: int32 (tokens,), the number in `symbols` of each token's tag, sentence after sentence.
    """
    tokens = list(chain.from_iterable([s.tokens for s in sentences]))
    if format == "conll" and clean_columns(tokens, symbols):
        try:
            openings = [opening(sentence) for sentence in sentences]
        except UserError:
            return None
        return laid_out(sentences, tokens, classes, symbols, ("\t{}\n", "\t{}\n\n"), openings)
    if format == "text" and scheme is Scheme.PLAIN and clean_lines(tokens):
        openings = ["" if sentence.tokens else "\n" for sentence in sentences]
        return laid_out(sentences, tokens, classes, symbols, ("/{} ", "/{}\n"), openings)
    return None


def laid_out(
    sentences: Sequence[Sentence],
    tokens: Sequence[str],
    classes: Int32Array,
    symbols: Sequence[str],
    forms: tuple[str, str],
    openings: Sequence[str],
) -> str:
    """Every token with its tag behind it, and before each sentence its opening.

    forms: how a tag is written behind a token, and behind the last one of a sentence.
    """
    written = [form.format(symbol) for form in forms for symbol in symbols]
    lengths = sentence_lengths(sentences)
    offsets = offsets_of(lengths)
    numbers = classes.copy()
    numbers[offsets[1:][lengths > 0] - 1] += len(symbols)
    parts = [""] * (2 * len(tokens))
    parts[::2] = tokens
    parts[1::2] = map(written.__getitem__, numbers.tolist())
    if not any(openings):
        return "".join(parts)
    bounds = pairwise((2 * offsets).tolist())
    pieces = ("".join(parts[start:stop]) for start, stop in bounds)
    return "".join(chain.from_iterable(zip(openings, pieces, strict=True)))


def opening(sentence: Sentence) -> str:
    """The comments before a sentence's columns. Raises UserError for what they can't hold."""
    plain = sentence.weight == 1.0 and sentence.token_weights is None and not sentence.metadata
    if plain or not sentence.tokens:
        return ""
    return "".join(f"{line}\n" for line in comment_lines(sentence))


def clean_lines(tokens: Sequence[str]) -> bool:
    """Whether no token would break a line."""
    text = "".join(tokens)
    return not any(end in text for end in LINE_ENDS)


def clean_columns(tokens: Sequence[str], symbols: Sequence[str]) -> bool:
    """Whether columns hold all tokens and tags as they are, and nothing that is read as something else."""
    text = "".join(tokens)
    odd = DOCUMENT_MARKER in text or BYTE_ORDER_MARK in text or UNWRITABLE.search(text)
    if odd or not all(tokens) or (" " in text and not all(token.strip(" ") for token in tokens)):
        return False
    return all(
        symbol == symbol.strip(" ") and symbol.strip() and not UNWRITABLE.search(symbol)
        for symbol in symbols
    )
