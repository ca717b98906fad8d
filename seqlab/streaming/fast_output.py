"""Many tagged sentences as text at once: the same text that `output.tagged_text` writes one by one.

Nearly all chunks can be written this way. Chunks with unusual tokens are left to `output.tagged_text`, which
also reports what is wrong with them.
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

BYTE_ORDER_MARK = "\ufeff"


def fast_text(
    sentences: Sequence[Sentence],
    tag_ids: Int32Array,
    symbols: Sequence[str],
    *,
    format: OutputFormat,
    scheme: Scheme,
) -> str | None:
    """The text of tagged sentences; None if they must be written one by one.

    tag_ids: int32 (tokens,), each token's index in `symbols`, of all sentences one after another.
    """
    tokens = list(chain.from_iterable([s.tokens for s in sentences]))
    if format == "conll" and clean_columns(tokens, symbols):
        try:
            openings = [opening(sentence) for sentence in sentences]
        except UserError:
            return None
        return joined(sentences, tokens, tag_ids, symbols, ("\t{}\n", "\t{}\n\n"), openings)
    if format == "text" and scheme is Scheme.PLAIN and clean_lines(tokens):
        openings = ["" if sentence.tokens else "\n" for sentence in sentences]
        return joined(sentences, tokens, tag_ids, symbols, ("/{} ", "/{}\n"), openings)
    return None


def joined(
    sentences: Sequence[Sentence],
    tokens: Sequence[str],
    tag_ids: Int32Array,
    symbols: Sequence[str],
    templates: tuple[str, str],
    openings: Sequence[str],
) -> str:
    """Each token followed by its tag, and each sentence preceded by its opening.

    tag_ids: int32 (tokens,). templates: of the tag's text after a token, and after a sentence's last token.
    """
    tag_texts = [template.format(symbol) for template in templates for symbol in symbols]
    lengths = sentence_lengths(sentences)
    offsets = offsets_of(lengths)
    text_ids = tag_ids.copy()
    # A sentence's last token takes the second half of `tag_texts`; empty sentences have none.
    text_ids[offsets[1:][lengths > 0] - 1] += len(symbols)
    parts = [""] * (2 * len(tokens))
    parts[::2] = tokens
    parts[1::2] = map(tag_texts.__getitem__, text_ids.tolist())
    if not any(openings):
        return "".join(parts)
    pieces = ("".join(parts[start:stop]) for start, stop in pairwise((2 * offsets).tolist()))
    return "".join(chain.from_iterable(zip(openings, pieces, strict=True)))


def opening(sentence: Sentence) -> str:
    """The comment lines before a sentence's columns. Raises UserError if comments cannot hold its metadata."""
    plain = sentence.weight == 1.0 and sentence.token_weights is None and not sentence.metadata
    if plain or not sentence.tokens:
        return ""
    return "".join(f"{line}\n" for line in comment_lines(sentence))


def clean_lines(tokens: Sequence[str]) -> bool:
    """Whether no token has a line break."""
    text = "".join(tokens)
    return "\n" not in text and "\r" not in text


def clean_columns(tokens: Sequence[str], symbols: Sequence[str]) -> bool:
    """Whether columns can hold all tokens and tags unchanged, and no line would be read as something else."""
    text = "".join(tokens)
    unusual = DOCUMENT_MARKER in text or BYTE_ORDER_MARK in text or UNWRITABLE.search(text)
    blank = not all(tokens) or (" " in text and not all(token.strip(" ") for token in tokens))
    if unusual or blank:
        return False
    return all(s == s.strip(" ") and s.strip() and not UNWRITABLE.search(s) for s in symbols)
