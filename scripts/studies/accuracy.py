"""Train every setting of accuracy.toml on eight corpora, over seeds, and write docs/accuracy.md.

    .venv/bin/python scripts/studies/accuracy.py --out runs/accuracy

Takes hours. It can be stopped and started again: finished cells are kept. `--settings A,B` and
`--corpora A,B` train a part; `--page` trains nothing and writes the page from what is finished.
"""

import subprocess
import sys
from pathlib import Path

from published import RUNS, folder
from study import Study
from tables import Found, page_text, setting_names
from verdicts import best_on_average, conclusions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
TABLE = Path(__file__).with_name("accuracy.toml")
KINDS = {"spans": False, "plain tags": True}
HEAD = """\
# What each part brings

Each setting changes one part of the tagger. It is compared with the baseline on published corpora and scored on their
test splits. Only settings that name word vectors use them. `softmax` is seqlab's default for plain tags, `crf` the
default for spans. Written by

    .venv/bin/python scripts/studies/accuracy.py --out runs/accuracy

on {machine}. The settings are in
`scripts/studies/accuracy.toml`. All runs share:

```toml
{common}
```

Seeds: {seeds}.

{reading}"""


def page(found: Found, *, common: str, out: Path) -> str:
    """The whole page. found: results by corpus. common: settings that all runs share, as TOML. out: the folder of cells."""
    said = ["## In words", words(found)]
    return page_text(HEAD, found, common=common, words=said)


def words(found: Found) -> str:
    """The conclusions, and the best settings over all corpora of a kind."""
    lines = conclusions(found)
    compared = {name: results for name, results in found.items() if len(results.settings) > 1}
    for kind, plain in KINDS.items():
        part = {
            name: results for name, results in compared.items() if name.startswith("ud_") == plain
        }
        if part:
            best = best_on_average(part, setting_names(part), what="settings")
            lines.append(f"- {kind[0].upper()}{kind[1:]}. {best}")
    return "\n".join(lines)


def make_vectors(study: Study) -> None:
    """Train the word vectors that a setting names on raw text, unless they exist."""
    made = RUNS / "raw_text.vec"
    used = {cell.settings.vectors for name in study.corpora for cell in study.plan(name).cells}
    if str(made) in used and not made.exists():
        text = folder() / "raw_text" / "english_pd_ccby.tok.txt"
        command = [
            sys.executable,
            "-m",
            "seqlab.vectors",
            str(text),
            "--tokenized",
            "--workers",
            "1",
        ]
        subprocess.run([*command, "--out", str(made)], check=True)


if __name__ == "__main__":
    study = Study(TABLE)
    study.run(__doc__.splitlines()[0], page, PAGE, prepare=lambda: make_vectors(study))
