"""The checks of a trained network on labelled corpora: read them, check invariance, find suspects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len

from seqlab.auditing.invariance import Invariance, check_invariance
from seqlab.auditing.suspects import Suspects, find_suspects
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import read_as
from seqlab.errors import SettingsError, nearest, shorten
from seqlab.machine.files import is_same_path
from seqlab.machine.wording import percent_above_zero
from seqlab.reporting.table import text_table, visible
from seqlab.storing.run_settings import columns_for, run_settings, trained_feature_columns
from seqlab.storing.save_and_load import load_run

if TYPE_CHECKING:
    from seqlab.auditing.invariance import Invariance


READER = ("format", "token_column", "tag_column")


@dataclass(frozen=True, kw_only=True)
class NetworkAudit:
    """What the checks of a network found. suspects: None where they were not asked for."""

    invariance: Invariance
    suspects: Suspects | None
    notes: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """The checks as `--json` prints them."""
        return {
            "invariance": self.invariance.to_json(),
            "suspects": None if self.suspects is None else self.suspects.to_json(),
            "notes": list(self.notes),
        }


def audit_network(
    run: str | Path,
    corpora: Sequence[str | Path] = (),
    *,
    suspects: int | None = None,
    reader: Mapping[str, str | None] | None = None,
) -> NetworkAudit:
    """Check the network of a run directory on labelled corpora, by default those of the run.

    suspects: how many labels that are probably wrong to look for.
    reader: format, token_column, tag_column; what it lacks, and the columns of features, are as the
    run's own corpus was read.
    Raises UserError for a run or a corpus that can't be read, and without cleanlab for suspects.
    """
    tagger = load_run(run)
    trained = run_settings(run)
    for name in reader or {}:
        if name not in READER:
            raise SettingsError(f"reader: unknown option {name!r}{nearest(name, READER)}")
    given = {name: value for name, value in (reader or {}).items() if value is not None}
    known = given.get("format", trained.format)
    features = trained_feature_columns(trained, tagger.encoder.feature_columns)
    sentences: list[Sentence] = []
    notes: list[str] = []
    if not corpora:
        corpora = corpora_of_run(trained.train, (trained.valid, trained.test))
        notes.append(f"no corpus is named: reads the run's own, {', '.join(corpora)}")
    for path in corpora:
        columns = {**columns_for(trained, path, known), **given, "format": known}
        found, said = read_as(str(path), scheme=tagger.scheme, feature_columns=features, **columns)
        sentences += found
        notes += said
        if suspects is not None and is_same_path(path, trained.train):
            notes.append(
                f"{path}: the network was trained on this file and may have learnt its mistakes; "
                "suspects are surer in a file that it never saw"
            )
    return NetworkAudit(
        invariance=check_invariance(tagger, sentences),
        suspects=None if suspects is None else find_suspects(tagger, sentences, most=suspects),
        notes=tuple(notes),
    )


def corpora_of_run(train: str | None, held_out: Sequence[str | None]) -> list[str]:
    """The files of a run: those that it was not trained on, if it has any."""
    paths = [path for path in held_out if path is not None]
    if not paths and train is None:
        raise SettingsError("the run does not say what it was trained on; name a corpus")
    return paths or [str(train)]


def invariance_text(found: "Invariance") -> str:
    """Each loss, the largest differences between the layouts, and the verdict."""
    first = found.layouts[0].losses
    rows = [
        [name, f"{first[name]:.7f}", f"{difference:.1e}"]
        for name, difference in found.loss_differences.items()
    ]
    sizes = " and ".join(str(size) for size in dict.fromkeys(x.batch for x in found.layouts))
    width = max(layout.padded_to or 0 for layout in found.layouts)
    verdict = "ok" if found.ok else "NOT OK: padding or batch size changes what the network says"
    return (
        f"padding invariance: {found.tokens:,} tokens in {found.windows:,} windows, in batches of "
        f"{sizes}, cut to their longest and padded to {width}\n"
        f"{text_table(['loss', 'weighted', 'largest difference'], rows)}\n"
        f"  largest difference of a probability {found.probability_difference:.1e}; "
        f"changed tags {found.changed_tags}\n"
        f"  {verdict} (tolerance {found.tolerance:g})"
    )


def suspects_text(suspects: Suspects) -> str:
    """The suspects, a line each, grouped by class from the rarest on."""
    left_out = ", ".join(
        f"{visible(n)} {percent_above_zero(s)}" for n, s in suspects.left_out.items()
    )
    note = f"left out, for the network hardly finds them: {left_out}" if left_out else ""
    if not suspects.found:
        return "\n".join(filter(None, ("suspects: none", note)))
    texts = [visible(shorten(s.context, 70)) for s in suspects.found]
    width = max(map(cell_len, texts))
    rows = [
        [
            visible(s.source),
            s.rank_class,
            visible(shorten(s.given, 30)),
            visible(shorten(s.suggested, 30)),
            f"{s.score:.3f}",
            f"{s.suggested_score:.3f}",
            text + " " * (width - cell_len(text)),
        ]
        for s, text in zip(suspects.found, texts, strict=True)
    ]
    header = ["suspects", "class", "given", "suggested", "p(given)", "p(suggested)"]
    header.append("text" + " " * (width - 4))
    return "\n".join(filter(None, (text_table(header, rows, indent=0), note)))
