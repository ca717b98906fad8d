"""What does a smaller tagger cost? Trainings, exports in several forms, and docs/smaller.md.

    .venv/bin/python scripts/studies/smaller.py --glove glove.6B.50d.txt --out runs/smaller

Each form is exported, loaded again, and compared with its run on the test split. `--glove` is the file of GloVe 6B with 50
dimensions and 400,000 words. Without it the corpus that needs it is left out.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from zipfile import ZipFile

from published import files_of, folder
from smaller_page import page_text

import seqlab
from seqlab.corpus.splits import read_as
from seqlab.exporting.check import compare_taggers
from seqlab.exporting.exported_tagger import exported_tagger
from seqlab.machine.atomic import atomic_text_files
from seqlab.storing.run_settings import options_for, run_settings
from seqlab.tagging.tagger import Tagger

PAGE = Path(__file__).resolve().parents[2] / "docs" / "smaller.md"
SMALL_GLOVE = "vectors/glove.6B.50d.top5k.txt"
MAX_SECONDS = 140.0
PASSES = 3  # the fastest counts

Form = Mapping[str, Any]
"""Options of `seqlab.export_tagger`."""


@dataclass(frozen=True, kw_only=True)
class Case:
    """A tagger of the study. corpus: its name in `published`. vectors: of GloVe, in words; 0 for none."""

    corpus: str
    vectors: int
    forms: Mapping[str, Form]


WEIGHTS: Mapping[str, Form] = {
    "float32": {},
    "float16": {"weights": "float16"},
    "int8": {"weights": "int8"},
}
VECTORS: Mapping[str, Form] = {
    "float32": {},
    "float16": {"weights": "float16", "vectors": "float16"},
    "int8 vectors": {"vectors": "int8"},
    "int8": {"weights": "int8", "vectors": "int8"},
}
FEWER: Mapping[str, Form] = {
    f"int8, {words:,} words": {"weights": "int8", "vectors": "int8", "keep_words": words}
    for words in (100_000, 50_000, 20_000)
}
CASES = {
    "WNUT-17, GloVe of 400,000 words": Case(
        corpus="wnut17", vectors=400_000, forms={**VECTORS, **FEWER}
    ),
    "WNUT-17, GloVe of 5,050 words": Case(corpus="wnut17", vectors=5_050, forms=VECTORS),
    "NCBI disease": Case(corpus="ncbi_disease_iob", vectors=0, forms=WEIGHTS),
    "EWT": Case(corpus="ud_english_ewt", vectors=0, forms=WEIGHTS),
}


def train(case: Case, run: Path, *, seed: int, glove: Path | None) -> None:
    """Train a tagger of the study, unless its run exists."""
    if run.exists():
        return
    vectors = {0: None, 5_050: folder() / SMALL_GLOVE}.get(case.vectors, glove)
    given = {} if vectors is None else {"vectors": str(vectors)}
    seqlab.train_tagger(
        **files_of(case.corpus), **given, seed=seed, max_seconds=MAX_SECONDS, out=run, say=print
    )


def measure(case: Case, run: Path) -> dict[str, Any]:
    """The sizes, the speed and the F1 of every form of a run, by form."""
    test = files_of(case.corpus)["test"]
    before = seqlab.load(run)
    options = options_for(run_settings(run), test, before.encoder, {})
    sentences, _ = read_as(test, scheme=before.scheme, options=options)
    return {form: measure_form(run, before, sentences, case.forms[form]) for form in case.forms}


def measure_form(run: Path, before: Tagger, sentences: Any, form: Form) -> dict[str, Any]:
    """Export one form, load it, and compare it with its run."""
    with TemporaryDirectory() as temporary:
        small, wheel = (
            seqlab.export_tagger(run, format=kind, name="study-tagger", out=temporary, **form)
            for kind in ("zip", "wheel")
        )
        with ZipFile(small) as archive:
            files = sum(member.file_size for member in archive.infolist())
        speeds = [list(passes(small, sentences)) for _ in range(PASSES)]
        with exported_tagger(small) as after:
            check = compare_taggers(before, after, sentences)
        first, again = (max(column) for column in zip(*speeds, strict=True))
        return {
            "files": files,
            "zip": small.stat().st_size,
            "wheel": wheel.stat().st_size,
            "first_pass": first,
            "second_pass": again,
            "tokens": check.tokens,
            "changed": check.changed,
            "gold": {name: row.support for name, row in check.before.classes.items()},
            "before": f1_of(check.before),
            "after": f1_of(check.after),
        }


def passes(path: Path, sentences: Any) -> Iterator[float]:
    """Tokens per second of CPU in the first pass, which looks every word up, and in the second, whose words are cached."""
    tokens = sum(map(len, sentences))
    with exported_tagger(path) as tagger:
        for _ in range(2):
            start = time.process_time()
            tagger.tag_ids_chunk(sentences)
            yield tokens / (time.process_time() - start)


def f1_of(figures: Any) -> dict[str, float | None]:
    """The F1 of every class with gold items, and the averages."""
    classes = {name: row.f1 for name, row in figures.classes.items() if row.support}
    return {**classes, "macro F1": figures.macro_f1, "micro F1": figures.micro_f1}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="folder of runs and results")
    parser.add_argument("--glove", type=Path, help="GloVe 6B with 50 dimensions, all words")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--page", type=Path, default=PAGE)
    options = parser.parse_args()
    results: dict[str, dict[str, Any]] = {}
    for name, case in CASES.items():
        if case.vectors > 5_050 and options.glove is None:
            continue
        results[name] = {}
        for seed in range(1, options.seeds + 1):
            run = options.out / f"{case.corpus}-{case.vectors}-{seed}"
            kept = run.with_suffix(".json")
            if not kept.exists():
                train(case, run, seed=seed, glove=options.glove)
                kept.write_text(json.dumps(measure(case, run), indent=1), encoding="utf-8")
            results[name][str(seed)] = json.loads(kept.read_text(encoding="utf-8"))
            print(name, seed, flush=True)
    with atomic_text_files() as open_text:
        open_text(options.page).write(page_text(results))
    return 0


if __name__ == "__main__":
    sys.exit(main())
