"""The command `seqlab audit`: find problems in corpora before training, and with --run in a network after it."""

import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.errors import SettingsError
from seqlab.machine.progress import shown_on
from seqlab.machine.terminal import print_aside, say, say_json
from seqlab.modeling.quiet_import import import_tensorflow
from seqlab.settings.by_name import FileByList, NumberByClass
from seqlab.settings.choices import TagScheme
from seqlab.settings.declaring import declared
from seqlab.settings.reading import ReadingSettings
from seqlab.settings.training import TrainSettings, make_settings

if TYPE_CHECKING:
    from seqlab.auditing.fold_suspects import FoldAudit
    from seqlab.auditing.network import NetworkAudit
    from seqlab.experiment.fold_training import FoldDone

SPLITS = ("train", "valid", "test")
TRAINING = declared(TrainSettings)


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and run the audit. Returns the exit code: 1 for warnings with `--strict`."""
    return cli.run(cli.make_app("audit", audit, settings=ReadingSettings), argv)


def audit(
    *corpora: str,
    train: str | None = None,
    valid: str | None = None,
    test: str | None = None,
    corpus: str | None = None,
    offline: Flag = False,
    reading: Annotated[ReadingSettings, Parameter(name="*")] = ReadingSettings(),
    scheme: Annotated[TagScheme | None, Parameter(help=TRAINING["scheme"].help)] = None,
    valid_share: float | None = None,
    seed: int = 1,
    vectors: str | None = None,
    gazetteer: FileByList = FileByList(),
    max_tokens: int = 150,
    class_weights: str | None = None,
    class_weight: NumberByClass = NumberByClass(),
    weight_cap: float | None = None,
    run: str | None = None,
    suspects: int | None = None,
    folds: int | None = None,
    strict: Flag = False,
    quiet: Flag = False,
    json: Flag = False,
) -> None:
    """Find problems in corpora before training: in classes, splits, labels and weights.

    Counts every class in every split. Finds repeated and contradictory sentences, inconsistent labels,
    illegal tags, spans cut by windows, and unknown words. Shows the effect of each weighting scheme.
    Ends with warnings that say what to do. With --run it checks a trained network instead: padding must
    not change its output. --suspects lists labels that are probably wrong. With --folds, it trains taggers on
    the corpora to find them; by default on the training corpus of --run, if that is given.

    Args:
        corpora: One to three files: train, valid, test. [default: bundled sample]
        train: Training corpus.
        valid: Validation corpus.
        test: Test corpus.
        corpus: Corpus by name, such as wnut17, instead of files. seqlab download lists the names.
        offline: Download nothing. Data given by name must have been downloaded before.
        valid_share: Share of train to split off for validation, as training does.
        seed: Seed of that split.
        vectors: Word vectors, as for train; shows how many tokens they cover.
        gazetteer: List of phrases, as for train; shows which spans it covers. May be repeated.
        max_tokens: Tokens in a training window.
        class_weights: Class weights to judge: the name of a weighting scheme, or a TOML file.
        class_weight: Weight of one class, which overrides --class-weights. May be repeated.
        weight_cap: Upper limit of a weight, as a multiple of the smallest.
        run: Run directory: check its network instead, on the corpora (needs keras).
        suspects: Number of suspects to list: labels that are probably wrong. Needs --run or --folds.
        folds: For --suspects: train this many taggers, each without one part of the corpora, with the settings of --run.
        strict: Exit with code 1 if there are warnings.
        quiet: Print no progress on standard error.
        json: Print one JSON object.
    """
    from seqlab.reporting.progress import terminal_progress

    paths = named_paths(corpora, train, valid, test)
    progress = terminal_progress(quiet=quiet)
    if corpus is not None:
        with shown_on(progress):
            paths, reading = corpus_paths(
                corpus, paths, reading, offline=offline, cut=valid_share is not None
            )
    if vectors is not None and offline:
        from seqlab.catalogue.named_vectors import vectors_location

        vectors_location(vectors, offline=True)  # refuses to download
    # Raises the errors that training would raise.
    make_settings(seed=seed, max_tokens=max_tokens, weight_cap=weight_cap, valid_share=valid_share)
    if folds is not None:
        if suspects is None:
            raise SettingsError(
                "folds has no effect without suspects: give --suspects N, such as 20"
            )
        from seqlab.auditing.suspects_text import folds_text

        given = {
            "scheme": scheme,
            "valid_share": valid_share,
            "vectors": vectors,
            "gazetteer": gazetteer,
            "class_weights": class_weights,
            "class_weight": class_weight,
            "weight_cap": weight_cap,
            "seed": seed,
            "max_tokens": max_tokens,
        }
        with shown_on(progress):
            settings = {**changed(given), **reading.given()}
            listed = list_suspects(paths, suspects, folds, run, settings, quiet=quiet)
        if json:
            say_json(listed.to_json())
        else:
            say(folds_text(listed))
        return
    if run is not None:
        refuse_with_run(
            scheme=scheme,
            valid_share=valid_share,
            vectors=vectors,
            gazetteer=gazetteer,
            class_weights=class_weights,
            class_weight=class_weight,
            weight_cap=weight_cap,
        )
        with shown_on(progress):
            checked = check_network(run, list(paths.values()), suspects, reading.given())
        from seqlab.auditing.network_text import network_text

        if json:
            say_json(checked.to_json())
        else:
            say(network_text(checked))
        if strict and not checked.invariance.ok:
            raise cli.ResultFails
        return
    if suspects is not None:
        raise SettingsError(
            "suspects needs a network: give --run, or --folds 5 to train on parts of the corpus"
        )
    from seqlab.experiment.corpora import sample_paths

    chosen = paths or sample_paths()
    if not paths and valid_share is not None:
        del chosen["valid"]
    from seqlab.auditing.audit_text import audit_text
    from seqlab.auditing.corpora import audit_corpora
    from seqlab.auditing.loss_shares import WeightChoice

    with shown_on(progress):
        result = audit_corpora(
            chosen["train"],
            chosen.get("valid"),
            chosen.get("test"),
            **reading.given(),
            scheme=scheme,
            valid_share=valid_share,
            seed=seed,
            vectors=vectors,
            gazetteer=gazetteer,
            max_tokens=max_tokens,
            weights=WeightChoice(
                class_weights=class_weights, class_weight=class_weight, weight_cap=weight_cap
            ),
        )
    if json:
        say_json(result.to_json())
    else:
        say(audit_text(result))
    if strict and result.warnings:
        raise cli.ResultFails


def list_suspects(
    paths: dict[str, str],
    suspects: int,
    folds: int,
    run: str | None,
    settings: dict[str, Any],
    *,
    quiet: bool,
) -> "FoldAudit":
    """Train on folds and judge the labels. Without corpora and run, on the bundled sample."""
    from seqlab.auditing.fold_suspects import audit_folds
    from seqlab.experiment.corpora import sample_paths

    if not paths and run is None:
        paths = sample_paths()
    on_fold = (lambda done: None) if quiet else print_fold
    return audit_folds(
        **paths, suspects=suspects, folds=folds, run=run, on_fold=on_fold, **settings
    )


def print_fold(done: "FoldDone") -> None:
    """Print a line on standard error, so that the output holds the result alone."""
    print_aside(done.text())


def changed(options: dict[str, Any]) -> dict[str, Any]:
    """The options of the command that differ from their defaults."""
    settings = TrainSettings()
    return {
        name: value
        for name, value in options.items()
        if value is not None and value != getattr(settings, name)
    }


def check_network(
    run: str, paths: Sequence[str], suspects: int | None, reader: dict[str, Any]
) -> "NetworkAudit":
    """Check the network of a run."""
    import_tensorflow()
    from seqlab.auditing.network import audit_network

    return audit_network(run, paths, suspects=suspects, **reader)


def named_paths(
    corpora: Sequence[str], train: str | None, valid: str | None, test: str | None
) -> dict[str, str]:
    """The file of each split, given by position or by option, but not both.

    >>> named_paths(["a.conll", "b.conll"], None, None, None)
    {'train': 'a.conll', 'valid': 'b.conll'}
    """
    options = dict(zip(SPLITS, (train, valid, test), strict=True))
    given = {name: path for name, path in options.items() if path is not None}
    if corpora and given:
        raise SettingsError(
            f"corpora are given by position and as {', '.join(f'--{name}' for name in given)}: "
            "choose one"
        )
    if len(corpora) > len(SPLITS):
        raise SettingsError(
            f"{len(corpora)} corpora are given: expected at most 3, train, valid and test"
        )
    if given and train is None:
        raise SettingsError("valid or test is given without train: give --train")
    return given or dict(zip(SPLITS, corpora, strict=False))


def corpus_paths(
    corpus: str, paths: dict[str, str], reading: ReadingSettings, *, offline: bool, cut: bool
) -> tuple[dict[str, str], ReadingSettings]:
    """The file of each split of a named corpus, and how they are read. cut: whether validation is cut off train.

    paths: corpora that are given as files; there may be none.
    """
    if paths:
        raise SettingsError("corpus is given together with files: choose one")
    from seqlab.experiment.named_corpus import with_named_corpus

    given = reading.given()
    named = with_named_corpus(make_settings(corpus=corpus, offline=offline, **given))
    files = {name: getattr(named, name) for name in SPLITS if not (cut and name == "valid")}
    changes = {name: getattr(named, name) for name in declared(ReadingSettings)}
    return {n: file for n, file in files.items() if file is not None}, replace(reading, **changes)


def refuse_with_run(**options: object) -> None:
    """Raise SettingsError if an option is given that only the audit of corpora uses."""
    given = [
        name
        for name, value in options.items()
        if value not in (None, NumberByClass(), FileByList())
    ]
    if given:
        raise SettingsError(
            f"{' and '.join(given)}: no effect with run, which checks a network: leave out "
            f"{' and '.join(map(cli.option, given))}"
        )


if __name__ == "__main__":
    sys.exit(main())
