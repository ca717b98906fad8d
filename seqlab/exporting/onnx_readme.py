"""README.md of an exported ONNX directory: what a program gives and gets."""

import json

from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme
from seqlab.reporting.markdown_text import markdown_escaped
from seqlab.tagging.tagger import Tagger

README = "README.md"
TEXT = """\
# A sequence tagger in ONNX

`tagger.onnx` is the network. `tagger.json` says how tokens become its inputs, and how its scores become tags. The guide
`docs/how-to/use-onnx.md` of seqlab documents both. `examples/onnx` of seqlab tags with them in JavaScript.

Input: the tokens of a sentence, not raw text{columns}. For example:

```json
{line}
```

Output: one tag per token, with its probability. {tags}
"""
SPANS = (
    "The tags are those of the scheme {scheme}, such as {tag}. "
    "`spansOf` in `spans.mjs` turns them into spans: first token, end, label."
)
PLAIN = "The tags are plain, so there are no spans."


def onnx_readme(tagger: Tagger) -> str:
    """The content of README.md."""
    encoder = tagger.encoder
    values = {
        "features": {name: ["A", "B"] for name in encoder.feature_columns},
        "numbers": {name: [1.5, None] for name in encoder.numeric_columns},
    }
    sentence = {"tokens": ["Ada", "sailed"], **{key: one for key, one in values.items() if one}}
    columns = ", and one value per token of each column" if len(sentence) > 1 else ""
    return TEXT.format(columns=columns, line=json.dumps(sentence), tags=tags_text(tagger))


def tags_text(tagger: Tagger) -> str:
    """What the tags are."""
    if tagger.scheme is Scheme.PLAIN:
        return PLAIN
    symbols = tagger.encoder.tags.symbols
    tag = next((one for one in symbols if one != OUTSIDE_TAG), OUTSIDE_TAG)
    return SPANS.format(scheme=tagger.scheme.value, tag=markdown_escaped(tag))
