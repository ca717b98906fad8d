"""Train every setting of accuracy.toml on published corpora with several seeds, and write docs/accuracy.md.

    .venv/bin/python scripts/studies/accuracy.py --out runs/accuracy

This takes hours. After an interruption, start it again: finished trainings are kept. `--settings A,B` and
`--corpora A,B` train only those. `--page` writes the page from finished trainings and trains nothing.
"""

import subprocess
import sys
from pathlib import Path

from published import RUNS, folder
from study import Study
from tables import CorpusResults, page_text, setting_names
from verdicts import best_on_average, conclusions

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
TABLE = Path(__file__).with_name("accuracy.toml")
TASKS = {"spans": False, "plain tags": True}  # whether the tags are plain
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


def page(corpora: CorpusResults, *, common: str, out: Path) -> str:
    """The whole page. common: the settings that all runs share, as TOML. out: the folder of finished trainings."""
    text = ["## In words", words(corpora)]
    return page_text(HEAD, corpora, common=common, words=text)


def words(corpora: CorpusResults) -> str:
    """The conclusions, and the best setting over all corpora with spans and over all with plain tags."""
    lines = conclusions(corpora)
    compared = {name: results for name, results in corpora.items() if len(results.settings) > 1}
    for task, plain in TASKS.items():
        part = {
            name: results for name, results in compared.items() if name.startswith("ud_") == plain
        }
        if part:
            best = best_on_average(part, setting_names(part), what="settings")
            lines.append(f"- {task.capitalize()}. {best}")
    return "\n".join(lines)


def make_vectors(study: Study) -> None:
    """Train word vectors on raw text if a setting uses them and they do not exist."""
    vectors = RUNS / "raw_text.vec"
    used = {cell.settings.vectors for name in study.corpora for cell in study.plan(name).cells}
    if str(vectors) in used and not vectors.exists():
        text = folder() / "raw_text" / "english_pd_ccby.tok.txt"
        command = [sys.executable, "-m", "seqlab.vectors", str(text), "--out", str(vectors)]
        subprocess.run([*command, "--tokenized", "--workers", "1"], check=True)


if __name__ == "__main__":
    study = Study(TABLE)
    study.run(__doc__.splitlines()[0], page, PAGE, prepare=lambda: make_vectors(study))
