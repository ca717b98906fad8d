"""Train every remedy of imbalance.toml on six corpora with several seeds, and write docs/imbalance.md.

    .venv/bin/python scripts/studies/imbalance.py --out runs/imbalance

This takes hours. After an interruption, start it again: finished trainings are kept. `--settings A,B` and
`--corpora A,B` train only those. `--page` writes the page from finished trainings and trains nothing.
"""

from pathlib import Path

from answers import section
from study import Study
from tables import CorpusResults, by_corpus, filled, over_corpora, setting_names
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


def page(corpora: CorpusResults, *, common: str, out: Path) -> str:
    """The whole page. common: the settings that all runs share, as TOML. out: the folder of finished trainings."""
    head = filled(HEAD, corpora, common=common)
    parts = [head, "## In words", words(corpora), *over_corpora(corpora), *section(corpora, out)]
    return "\n\n".join([*parts, *by_corpus(corpora)]) + "\n"


def words(corpora: CorpusResults) -> str:
    """The conclusion for each remedy, and the best class weighting and other remedy on average."""
    lines = conclusions(corpora)
    lines.append(f"- {best_on_average(corpora, WEIGHTINGS, what='class weightings')}")
    others = [name for name in setting_names(corpora) if name not in WEIGHTINGS]
    spans = {corpus: results for corpus, results in corpora.items() if corpus not in PLAIN}
    for what, part in (
        ("other remedies", corpora),
        ("other remedies, without the corpus of plain tags,", spans),
    ):
        if others and part:
            lines.append(f"- {best_on_average(part, ['none', *others], what=what)}")
    return "\n".join(lines)


if __name__ == "__main__":
    Study(TABLE).run(__doc__.splitlines()[0], page, PAGE)
