"""The signature of a score: everything that the figure depends on, in one line, after sacrebleu (Post 2018).

`parse_signature` reads it, and `figure_of` computes its figure again from gold and predicted tags.
"""

from dataclasses import dataclass, fields, replace
from urllib.parse import quote, unquote

from seqlab.corpus.schemes import parse_scheme
from seqlab.errors import UserError, nearest
from seqlab.scoring.pairs import TagSequences
from seqlab.scoring.score import score
from seqlab.scoring.semeval import Match, match_spans
from seqlab.scoring.span_errors import span_errors

EXACT = "exact"  # seqeval's default mode, or the tokens of plain tags
SEQEVAL_STRICT = "seqeval-strict"
MATCHES = (EXACT, SEQEVAL_STRICT, *Match)
CONLLEVAL = "conlleval"  # a span may begin with any prefix
NO_REPAIR = "none"
MICRO, MACRO = "micro", "macro"
UNKNOWN = "unknown"
PLAIN_SIGNS = " !#$&'()*+,/:;=?@[]^`{}<>\"\\"


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What the F1 of a split depends on.

    average: 'micro', 'macro', or the name of a class. match: one of `MATCHES`. scheme: of the tags that are scored.
    repair: how illegal sequences are read. correct, predicted, gold: items of all classes, of this match.
    sha256: of the file; 'unknown' for a pipe. cut: how the split was cut off its file; empty for the whole file.
    version: of seqlab.
    """

    average: str = MICRO
    match: str = EXACT
    scheme: str
    repair: str
    correct: int
    predicted: int
    gold: int
    sentences: int
    tokens: int
    sha256: str = UNKNOWN
    cut: str = ""
    version: str

    def __str__(self) -> str:
        values = {field.name: str(getattr(self, field.name)) for field in fields(self)}
        # A class may have any name, so a bar in one is written as %7C.
        parts = (
            f"{name}:{quote(value, safe=PLAIN_SIGNS)}" for name, value in values.items() if value
        )
        return "|".join(["f1", *parts])

    def of(self, average: str) -> "Signature":
        """The signature of another average of the same split: 'micro', 'macro' or a class."""
        return replace(self, average=average)


def parse_signature(text: str) -> Signature:
    """The signature that a text holds.

    >>> text = "f1|scheme:iob2|repair:conlleval|correct:1|predicted:2|gold:3|sentences:1|tokens:9|version:0.1.0"
    >>> parse_signature(text).gold
    3
    """
    metric, *parts = text.split("|")
    values = {name: unquote(value) for name, _, value in (part.partition(":") for part in parts)}
    types = {field.name: field.type for field in fields(Signature)}
    for name in values:
        if name not in types:
            raise UserError(f"signature has an unknown part {name!r}{nearest(name, types)}")
    try:
        numbers = {name: int(values[name]) for name, kind in types.items() if kind is int}
        signature = Signature(**{**values, **numbers})  # type: ignore[arg-type]
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{text!r} is not the signature of a score") from None
    if metric != "f1" or signature.match not in MATCHES:
        raise UserError(f"{text!r} is not the signature of a score")
    return signature


def figure_of(signature: Signature, gold: TagSequences, predicted: TagSequences) -> float | None:
    """The figure that a signature stands for, computed again. gold, predicted: N sentences of tags, in its scheme.

    Raises UserError for a class that the tags lack.
    """
    scheme = parse_scheme(signature.scheme)
    if signature.match in (EXACT, SEQEVAL_STRICT):
        figures = score(gold, predicted, scheme, strict=signature.match == SEQEVAL_STRICT)
        strict = figures.strict if signature.match == SEQEVAL_STRICT else None
        summary = (strict or figures).to_json()
    else:
        match = Match(signature.match)
        summary = match_spans(span_errors(gold, predicted, scheme), [match])[match].to_json()
    if signature.average in (MICRO, MACRO):
        average: float | None = summary[f"{signature.average}_f1"]
        return average
    classes = summary["classes"]
    if signature.average not in classes:
        fact = f"the signature is of class {signature.average!r}, which these tags lack"
        raise UserError(fact + nearest(signature.average, classes))
    f1: float | None = classes[signature.average]["f1"]
    return f1
