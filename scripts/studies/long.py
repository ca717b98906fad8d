"""Train long, with vectors, on the corpora of accuracy.toml, and write docs/long.md: how far each of them goes.

    .venv/bin/python scripts/studies/long.py --out runs/accuracy

The same `--out` as of accuracy.py, whose cells of the first seed are shared. Options as there.
"""

from pathlib import Path

from study import Study
from tables import Found, page_text

PAGE = Path(__file__).resolve().parents[2] / "docs" / "long.md"
TABLE = Path(__file__).with_name("long.toml")
HEAD = """\
# How far each corpus goes

An hour of training at most, twenty epochs of patience, and GloVe vectors of the 5,000 most frequent English words
(`long` for spans, `long-plain` for plain tags; French has no vectors: `long-without-vectors`), beside the defaults
(`crf` for spans, `softmax` for plain tags), on the test splits. Made by

    .venv/bin/python scripts/studies/long.py --out runs/accuracy

on {machine}. The settings are those of
`scripts/studies/long.toml`; all share this:

```toml
{common}
```

Seeds: {seeds}. One seed tells the sentences' part of luck alone: no difference here is borne out.

{reading}"""


def page(found: Found, *, common: str, out: Path) -> str:
    """The whole page. found: results by corpus. common: what all runs share, as TOML. out: where cells lie."""
    return page_text(HEAD, found, common=common)


if __name__ == "__main__":
    Study(TABLE).run(__doc__.splitlines()[0], page, PAGE)
