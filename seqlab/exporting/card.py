"""The model card of an exported tagger: that of its run from the data on, with what the export changed."""

from pathlib import Path

from seqlab.encoding.frozen_words import FrozenWords
from seqlab.exporting.check import ExportCheck
from seqlab.exporting.check_text import export_check_section
from seqlab.exporting.smaller import Smaller
from seqlab.reporting.model_card import CARD, FILES_NOTE
from seqlab.storing.run_files import open_run
from seqlab.tagging.tagger import Tagger

BEFORE = (
    "The figures of the data splits below are those before the export, so the tagger may be worse."
)


def card_of(
    run: str | Path, before: Tagger, after: Tagger, smaller: Smaller, check: ExportCheck | None
) -> str:
    """The card in Markdown.

    run: may have no card, as a tagger that was saved from Python. before: its tagger. after: the exported one.
    """
    sections = [stored_section(before, after, smaller)]
    if check is not None:
        sections.append(export_check_section(check))
    return "\n\n".join([*sections, card_of_run(run)]).rstrip() + "\n"


def stored_section(before: Tagger, after: Tagger, smaller: Smaller) -> str:
    """How the weights and the vectors are stored."""
    lines = [f"- Weights: {smaller.weights}."]
    all_words, words = before.encoder.frozen_words, after.encoder.frozen_words
    changed = smaller.weights != "float32"
    if all_words is not None and words is not None:
        vectors = smaller.vectors or words.number_type
        kept, count = word_count(words), word_count(all_words)
        lines += [
            f"- Vectors of words outside the vocabulary: {vectors}.",
            f"- Words outside the vocabulary that keep their vectors: {kept:,} of {count:,}.",
        ]
        changed = changed or kept < count or vectors != all_words.number_type
    text = "## Numbers and words\n\n" + "\n".join(lines)
    return f"{text}\n\n{BEFORE}" if changed else text


def word_count(frozen: FrozenWords) -> int:
    """The number of words with vectors."""
    return len(frozen.index.words())


def card_of_run(run: str | Path) -> str:
    """The model card of a run, from its data on and without the files that stay in the run; '' if it has none."""
    files = open_run(Path(run))
    if not files.has(CARD):
        return ""
    _, _, rest = files.read(CARD).decode("utf-8", "replace").partition("\n## Data\n")
    return f"## Data\n{rest}".replace(f" {FILES_NOTE}", "") if rest else ""
