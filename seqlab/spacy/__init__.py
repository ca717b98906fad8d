"""A component of spaCy: a trained run in, entities of the doc out, or `token.tag_` for plain tags.

nlp = spacy.blank("en")
nlp.add_pipe("seqlab", config={"run": "runs/mine"})
"""

try:
    import spacy  # noqa: F401
except ImportError:
    raise ImportError("seqlab.spacy needs spaCy: pip install 'seqlab[spacy]'") from None

from seqlab.spacy.component import TaggerComponent, make_component

__all__ = ["TaggerComponent", "make_component"]
