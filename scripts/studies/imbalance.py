"""Train every remedy of imbalance.toml on six corpora, over seeds, and write docs/imbalance.md.

    .venv/bin/python scripts/studies/imbalance.py --out runs/imbalance

Takes hours. It can be stopped and started again: finished cells are kept. `--settings A,B` and
`--corpora A,B` train a part; `--page` trains nothing and writes the page from what is finished.
"""

from pathlib import Path

from answers import section
from study import Study
from tables import Found, by_corpus, filled, over_corpora, setting_names
from verdicts import best_on_average, conclusions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "imbalance.md"
TABLE = Path(__file__).with_name("imbalance.toml")
PLAIN = ("ud_english_ewt",)
WEIGHTINGS = ("none", "sqrt-inverse", "balanced", "balanced-cap10", "effective-number")
HEAD = """\
# Which remedy helps

Remedies for imbalance are compared with unweighted cross entropy (`none`) on published corpora and scored on their
test splits. Each remedy is used alone unless its name says otherwise. Written by

    .venv/bin/python scripts/studies/imbalance.py --out runs/imbalance

on {machine}. The remedies are in
`scripts/studies/imbalance.toml`. All other settings are seqlab's defaults, except these:

```toml
{common}
```

Seeds: {seeds}.

{reading}"""


def page(found: Found, *, common: str, out: Path) -> str:
    """The whole page. found: results by corpus. common: settings that all runs share, as TOML. out: the folder of cells."""
    head = filled(HEAD, found, common=common)
    parts = [head, "## In words", words(found), *over_corpora(found), *section(found, out)]
    return "\n\n".join([*parts, *by_corpus(found)]) + "\n"


def words(found: Found) -> str:
    """The conclusion for each remedy, and the default that follows."""
    lines = conclusions(found)
    lines.append(f"- {best_on_average(found, WEIGHTINGS, what='class weightings')}")
    others = [name for name in setting_names(found) if name not in WEIGHTINGS]
    spans = {corpus: results for corpus, results in found.items() if corpus not in PLAIN}
    for what, part in (
        ("other remedies", found),
        ("other remedies, without the corpus of plain tags,", spans),
    ):
        if others and part:
            lines.append(f"- {best_on_average(part, ['none', *others], what=what)}")
    return "\n".join(lines)


if __name__ == "__main__":
    Study(TABLE).run(__doc__.splitlines()[0], page, PAGE)
