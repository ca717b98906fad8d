"""Hypothesis strategies for tokens, tags and sentences."""

from hypothesis import strategies as st

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence

TYPES = ("PER", "LOC", "Multi-tissue_structure")
LETTERS = {
    Scheme.IOB1: "IB",
    Scheme.IOB2: "BI",
    Scheme.IOBES: "BIES",
    Scheme.BMES: "BMES",
}
PLAIN_TAGS = ("NOUN", "VERB", "-LRB-", "X", "#")
NASTY_TOKENS = (
    "#",
    "# a = b",
    "#hashtag",
    "-DOCSTART",
    "New York",
    "\u200b",
    "\ufeffword",
    "\u00a0",
    "a\u2028b",
    "a\x0bb\x85c",
    "'",
    '"',
    "_",
    "1-2",
    "x" * 500,
    "{",
)

span_schemes = st.sampled_from(list(LETTERS))
texts = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\t\n\r\x00"),
    min_size=1,
    max_size=6,
).filter(lambda text: not text.isspace())
tokens = st.one_of(texts, st.sampled_from(NASTY_TOKENS))
words = st.text("abcdEFG#.12", min_size=1, max_size=4)
weights = st.floats(0, 1e6, allow_nan=False)


def span_tags(scheme: Scheme, **sizes: int) -> st.SearchStrategy[list[str]]:
    """Tags of one sentence with the letters of a scheme, legal or not."""
    known = ["O", *(f"{letter}-{kind}" for letter in LETTERS[scheme] for kind in TYPES)]
    return st.lists(st.sampled_from(known), **sizes)


@st.composite
def sentences(
    draw: st.DrawFn,
    *,
    tokens: st.SearchStrategy[str] = words,
    tags: st.SearchStrategy[str] | None = None,
    weighted: bool = False,
    max_size: int = 8,
) -> Sentence:
    """A sentence of 1 to `max_size` tokens; by default with plain tags and without weights."""
    chosen = draw(st.lists(tokens, min_size=1, max_size=max_size))
    size = {"min_size": len(chosen), "max_size": len(chosen)}
    labels = draw(st.lists(st.sampled_from(PLAIN_TAGS) if tags is None else tags, **size))
    token_weights = draw(st.none() | st.lists(weights, **size)) if weighted else None
    return Sentence(
        tokens=tuple(chosen),
        tags=tuple(labels),
        weight=draw(weights) if weighted else 1.0,
        token_weights=None if token_weights is None else tuple(token_weights),
    )


def corpora(max_sentences: int = 5, **options: object) -> st.SearchStrategy[list[Sentence]]:
    """Lists of 1 to `max_sentences` sentences."""
    return st.lists(sentences(**options), min_size=1, max_size=max_sentences)
