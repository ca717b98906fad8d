"""The spans of a labelled corpus, and the segments between them, as token positions."""

from dataclasses import dataclass

import numpy as np

from seqlab.arrays import AnyIntArray, BoolArray, Int64Array
from seqlab.corpus.schemes import Scheme, class_of_tag, spelled_out, split_tag
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.vocabulary import Vocabulary

OUTSIDE = -1  # type of a token outside all spans


@dataclass(frozen=True, kw_only=True)
class Segments:
    """Where spans lie in a corpus. A segment is a span, or the tokens between two spans.

    first: bool (tokens,), True on the first token of each segment.
    starts, stops: int64 (M,), first token of each span and the token after its last one, ascending.
    types: int64 (M,), the number of each span's entity type.
    names: the entity types; for plain tags the tags.
    """

    first: BoolArray
    starts: Int64Array
    stops: Int64Array
    types: Int64Array
    names: tuple[str, ...]


def find_segments(corpus: EncodedCorpus, tags: Vocabulary, scheme: Scheme) -> Segments:
    """The segments of whole sentences. With plain tags each run of one tag is a segment, and there are no spans.

    Tags are read as `decode_spans` reads them. A span of IOB1 that begins with B- is left out, because its tags depend
    on the span before it.
    """
    names = tuple(dict.fromkeys(class_of_tag(tag, scheme) for tag in tags))
    types, letters = tag_codes(tags, scheme, names)
    labels = corpus.tag_labels[corpus.tags]
    token_types = types[labels]
    starts_sentence = np.zeros(len(labels), np.bool_)
    starts_sentence[corpus.offsets[:-1]] = True
    first = starts_sentence | (token_types != before(token_types))
    if scheme is Scheme.PLAIN:
        nothing = np.zeros(0, np.int64)
        return Segments(first=first, starts=nothing, stops=nothing, types=nothing, names=names)
    letter = letters[labels]
    # After E or S a new span begins even if the letter is I.
    opens = np.isin(letter, [ord("B"), ord("S")]) | np.isin(before(letter), [ord("E"), ord("S")])
    inside = token_types != OUTSIDE
    first |= inside & opens
    begins = first & inside
    ends = inside & np.append(first[1:], True)
    kept = (letter[begins] != ord("B")) | (scheme is not Scheme.IOB1)
    return Segments(
        first=first,
        starts=np.flatnonzero(begins)[kept],
        stops=np.flatnonzero(ends)[kept] + 1,
        types=token_types[begins][kept].astype(np.int64),
        names=names,
    )


def tag_codes(
    tags: Vocabulary, scheme: Scheme, names: tuple[str, ...]
) -> tuple[Int64Array, Int64Array]:
    """Per label, from 0 for a token without a class: the number of its type, and its letter B, I, E or S.

    Returns int64 (C + 1,) twice. The outside tag has type `OUTSIDE` and letter 0, as a label of 0 has.
    """
    types, letters = [OUTSIDE], [0]
    for tag in tags:
        parts = None if scheme is Scheme.PLAIN else split_tag(spelled_out(tag))
        outside = scheme is not Scheme.PLAIN and parts is None
        types.append(OUTSIDE if outside else names.index(class_of_tag(tag, scheme)))
        letters.append(ord(parts[0]) if parts else 0)
    return np.array(types, np.int64), np.array(letters, np.int64)


def before(values: AnyIntArray) -> AnyIntArray:
    """The value of the token before each token; 0 before the first one."""
    return np.concatenate([np.zeros(1, values.dtype), values[:-1]])
