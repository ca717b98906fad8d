"""Train for up to an hour, with word vectors, on the corpora of accuracy.toml, and write docs/long.md.

    .venv/bin/python scripts/studies/long.py --out runs/accuracy

Give the same `--out` as to accuracy.py, so that its trainings with the first seed are used. The options are the same.
"""

from pathlib import Path

from study import Study
from tables import CorpusResults, page_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "long.md"
TABLE = Path(__file__).with_name("long.toml")
HEAD = """\
# How far each corpus goes

The long settings train for up to one hour, with a patience of 20 epochs and GloVe vectors for the 5,000 most frequent
English words: `long` for spans, `long-plain` for plain tags. `long-without-vectors` is for French, which has no
vectors. They are compared with the defaults (`crf` for spans, `softmax` for plain tags) on the test splits. Written by

    .venv/bin/python scripts/studies/long.py --out runs/accuracy

on {machine}. The settings are in
`scripts/studies/long.toml`. All runs share:

```toml
{common}
```

Seeds: {seeds}. One seed shows only the variation over sentences, so no difference here gets a mark.

{reading}"""


def page(corpora: CorpusResults, *, common: str, out: Path) -> str:
    """The whole page. common: the settings that all runs share, as TOML. out: the folder of finished trainings."""
    return page_text(HEAD, corpora, common=common)


if __name__ == "__main__":
    Study(TABLE).run(__doc__.splitlines()[0], page, PAGE)
