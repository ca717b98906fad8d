import json
import os
from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import get_args

import pytest

import seqlab
from seqlab import evaluate
from seqlab.corpus.chosen_columns import ChosenColumns
from seqlab.corpus.reading import read_chosen, read_corpus
from seqlab.corpus.schemes import Scheme, convert, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.writing import write_corpus
from seqlab.errors import CorpusError, RunError
from seqlab.machine.wording import listed
from seqlab.scoring.signature import figure_of, parse_signature
from seqlab.settings.choices import CorpusFormat
from seqlab.settings.training import make_settings
from seqlab.storing import save_and_load as loading
from seqlab.storing.run_settings import options_for
from tests import tiny
from tests.sealing import seal

pytestmark = tiny.KERAS_NOISE


@pytest.fixture(params=["span", "plain"])
def tiny_run(request, tmp_path_factory, monkeypatch):
    """A run whose tagger is in memory; everything else is read from its directory."""
    made = {"span": tiny.span_run, "plain": tiny.plain_run}[request.param](tmp_path_factory)
    monkeypatch.setattr(loading, "load_run", lambda path: made.run.tagger)
    return made


span_only = pytest.mark.parametrize("tiny_run", ["span"], indirect=True)
plain_only = pytest.mark.parametrize("tiny_run", ["plain"], indirect=True)


def written(folder, name, *sentences):
    path = folder / name
    whole = [Sentence(tokens=tuple(t.split()), tags=tuple(g.split())) for t, g in sentences]
    write_corpus(whole, path, format="conll")
    return path


@pytest.mark.bits("stored")
def test_figures_equal_score_on_the_predictions(tiny_run):
    run = tiny_run.run
    scheme = run.tagger.scheme
    sentences = list(read_corpus(run.settings.test))
    source = Scheme.PLAIN if scheme is Scheme.PLAIN else Scheme.IOB2
    gold = [convert(s.tags, source, scheme) for s in sentences]
    predicted = [p.tags for p in run.tagger.predict(sentences)]
    evaluation = seqlab.evaluate_tagger(run.path, run.settings.test)
    assert evaluation.figures == seqlab.score(gold, predicted, scheme)
    of_tagger = seqlab.evaluate_tagger(run.tagger, run.settings.test)
    assert of_tagger.figures == evaluation.figures
    assert of_tagger.notes[-1] == (
        "a Tagger without its run does not know the mentions of its training: "
        "recall of seen and unseen mentions is unknown"
    )
    pairs = [
        (name(g, scheme), name(p, scheme))
        for ours, theirs in zip(gold, predicted, strict=True)
        for g, p in zip(ours, theirs, strict=True)
    ]
    matrix = evaluation.confusion
    for row, one in enumerate(matrix.names):
        for column, other in enumerate(matrix.names):
            assert matrix.counts[row, column] == pairs.count((one, other))
    assert matrix.counts.sum() == len(pairs)


def name(tag, scheme):
    return tag if scheme is Scheme.PLAIN else tag[2:] or "O"


@pytest.mark.bits("stored")
def test_json_is_the_test_split_of_metrics(tiny_run, capsys):
    run = tiny_run.run
    assert evaluate.main([str(run.path), run.settings.test, "--json"]) == 0
    out, err = capsys.readouterr()
    printed = json.loads(out, parse_constant=pytest.fail)  # no NaN, no Infinity
    metrics = json.loads((run.path / "metrics.json").read_text(encoding="ascii"))
    assert printed == metrics["splits"]["test"]
    assert err == ""
    confusion = printed["confusion"]
    supports = {n: sum(row) for n, row in zip(confusion["names"], confusion["counts"], strict=True)}
    tags = [name(tag, run.tagger.scheme) for s in read_corpus(run.settings.test) for tag in s.tags]
    assert {n: count for n, count in supports.items() if count} == {
        tag: tags.count(tag) for tag in set(tags)
    }


def test_a_note_says_if_the_file_was_used_in_training(tiny_run):
    settings = tiny_run.run.settings
    for path, fact in (
        (settings.train, "the network was trained on this file"),
        (settings.valid, "the epoch was chosen on this file"),
    ):
        notes = evaluate.evaluate_tagger(tiny_run.run.path, path).notes
        assert f"{Path(path).name}: {fact}: the figures are too high" in notes
    assert not [
        n
        for n in evaluate.evaluate_tagger(tiny_run.run.path, settings.test).notes
        if "too high" in n
    ]


@span_only
def test_text_for_people(tiny_run, capsys):
    run = tiny_run.run
    assert evaluate.main([str(run.path), run.settings.test]) == 0
    lines = capsys.readouterr().out.splitlines()
    figures = run.metrics["splits"]["test"]
    assert max(map(len, lines)) <= 80
    assert lines[0] == "note: test.conll: tags converted from iob2 to iobes"
    micro, macro = (
        f"{figures[name]:.3f} [{figures[f'{name}_interval'][0]:.3f}, {figures[f'{name}_interval'][1]:.3f}]"
        for name in ("micro_f1", "macro_f1")
    )
    assert lines[1] == f"test.conll: micro F1 {micro}  macro F1 {macro}"
    assert lines[2] == (
        f"  token accuracy {figures['token_accuracy']:.3f}  strict: micro "
        f"{figures['strict']['micro_f1']:.3f}, macro {figures['strict']['macro_f1']:.3f}"
    )
    border = next(i for i, line in enumerate(lines) if line.startswith("  95 %: interval over"))
    rows = [line.split()[:3] for line in lines[5:border]]
    expected = sorted(figures["classes"].items(), key=lambda item: item[1]["support"] or 1e9)
    assert rows == [[name, str(row["support"]), str(row["predicted"])] for name, row in expected]
    assert "confusion by token (rows: gold, columns: predicted)" in lines


def test_the_signature_reproduces_its_figures(tiny_run, capsys):
    """What is needed is the file with this sha256, and the signature."""
    run = tiny_run.run
    assert evaluate.main([str(run.path), run.settings.test, "--json"]) == 0
    split = json.loads(capsys.readouterr().out)
    signature = parse_signature(split["signature"])
    content = Path(run.settings.test).read_bytes()
    assert signature.sha256 == sha256(content).hexdigest()
    sentences = list(read_corpus(run.settings.test))
    source = Scheme.PLAIN if signature.scheme == "plain" else Scheme.IOB2
    gold = [convert(s.tags, source, Scheme(signature.scheme)) for s in sentences]
    predicted = [p.tags for p in run.tagger.predict(sentences)]
    assert figure_of(signature, gold, predicted) == split["micro_f1"]
    assert figure_of(signature.of("macro"), gold, predicted) == split["macro_f1"]
    assert 2 * signature.correct / (signature.predicted + signature.gold) == split["micro_f1"]
    assert signature.tokens == sum(map(len, gold))
    for name in ("strict", "partial", "type", "boundary"):
        if split[name] is not None:
            part = parse_signature(split[name]["signature"])
            assert figure_of(part, gold, predicted) == split[name]["micro_f1"]


@pytest.mark.bits("stored")
def test_a_run_without_the_mentions_of_training_says_so(tiny_run, tmp_path):
    run = tiny_run.run
    (tmp_path / "config.toml").write_text("", encoding="ascii")
    seal(tmp_path)
    old = evaluate.evaluate_tagger(tmp_path, run.settings.test)
    assert (
        "this run has no mentions.npz: recall of seen and unseen mentions is unknown" in old.notes
    )
    new = evaluate.evaluate_tagger(run.path, run.settings.test)
    assert old.to_json() == new.to_json() | {"seen": None}
    assert new.to_json()["seen"] == by_hand(run)


def by_hand(run):
    """Recall of seen and unseen mentions, from the files as text."""
    scheme = run.tagger.scheme
    plain = scheme is Scheme.PLAIN

    def mentions(sentence, tags):
        if plain:
            return [((i, tag), (sentence.tokens[i],)) for i, tag in enumerate(tags)]
        return [
            ((start, end, name), (name, *sentence.tokens[start:end]))
            for start, end, name in decode_spans(tags, Scheme.IOBES)
        ]

    known = {
        words
        for s in read_corpus(run.settings.train)
        for _, words in mentions(s, s.tags if plain else convert(s.tags, Scheme.IOB2, scheme))
    }
    counts = {}
    sentences = list(read_corpus(run.settings.test))
    for sentence, prediction in zip(sentences, run.tagger.predict(sentences), strict=True):
        tags = sentence.tags if plain else convert(sentence.tags, Scheme.IOB2, scheme)
        predicted = {place for place, _ in mentions(sentence, prediction.tags)}
        for place, words in mentions(sentence, tags):
            row = counts.setdefault(place[-1], {"seen": [0, 0], "unseen": [0, 0]})
            part = row["seen" if words in known else "unseen"]
            part[0] += 1
            part[1] += place in predicted
    return {
        name: {
            part: {"support": s, "correct": c, "recall": c / s if s else None}
            for part, (s, c) in row.items()
        }
        for name, row in counts.items()
    }


@span_only
def test_a_file_in_another_scheme_gives_the_same_figures(tiny_run, tmp_path):
    """The run is IOBES, its files IOB2; here they are written in IOB1, IOBES and BMES."""
    run = tiny_run.run
    sentences = list(read_corpus(run.settings.test))
    expected = seqlab.evaluate_tagger(run.path, run.settings.test).figures
    for scheme in (Scheme.IOB1, Scheme.IOBES, Scheme.BMES):
        path = tmp_path / f"{scheme}.conll"
        rewritten = [
            Sentence(tokens=s.tokens, tags=convert(s.tags, Scheme.IOB2, scheme)) for s in sentences
        ]
        write_corpus(rewritten, path, format="conll")
        evaluation = seqlab.evaluate_tagger(run.path, path)
        assert evaluation.figures == expected


@span_only
def test_a_tag_unknown_to_the_tagger_counts_as_missed(tiny_run, tmp_path):
    path = written(tmp_path, "new.conll", ("Ada Stone saw Oslo", "B-PER I-PER O B-CITY"))
    figures = seqlab.evaluate_tagger(tiny_run.run.path, path).figures
    city = figures.classes["CITY"]
    assert (city.support, city.predicted, city.recall, city.f1) == (1, 0, 0.0, 0.0)
    assert city.precision is None
    assert "CITY" in figures.classes_never_found
    assert figures.token_accuracy <= 0.75


@plain_only
def test_an_unknown_plain_tag_counts_as_missed(tiny_run, tmp_path):
    path = written(tmp_path, "new.conll", ("Ada saw", "NAME VERB"))
    figures = seqlab.evaluate_tagger(tiny_run.run.path, path).figures
    assert figures.classes["VERB"].recall == 0
    assert "VERB" in figures.classes_never_found


@pytest.mark.parametrize(
    ("tiny_run", "tags"),
    [
        ("span", ("B-A O B-B O B-C", "B-D")),
        ("plain", ("A O B O C", "D")),
    ],
    indirect=["tiny_run"],
)
def test_a_file_without_any_class_of_the_tagger_is_refused(tiny_run, tmp_path, capsys, tags):
    path = written(tmp_path, "x.conll", ("a b c d e", tags[0]), ("f", tags[1]))
    scheme = tiny_run.run.tagger.scheme
    names = sorted({name(tag, scheme) for tag in tiny_run.run.tagger.encoder.tags} - {"O"})
    assert evaluate.main([str(tiny_run.run.path), str(path)]) == 2
    assert capsys.readouterr() == (
        "",
        f"error: {path}: this tagger knows no class of the file: the file has A, B, C and 1 more, "
        f"the tagger {listed(names)}; choose another column with --tag-column, rename with --map-tag, "
        "or give another file\n",
    )


@span_only
def test_without_any_gold_span_the_averages_are_undefined(tiny_run, tmp_path, capsys):
    path = written(tmp_path, "o.conll", ("museum in museum", "O O O"))
    assert evaluate.main([str(tiny_run.run.path), str(path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["macro_f1"] is None


@span_only
def test_illegal_transitions_are_repaired_and_noted(tiny_run, tmp_path):
    tokens = "Ada Stone saw Ada Stone left Oslo"
    legal = written(tmp_path, "a.conll", (tokens, "B-PER I-PER O B-PER I-PER O B-LOC"))
    broken = written(tmp_path, "b.conll", (tokens, "B-PER I-PER O I-PER I-PER O B-LOC"))
    evaluation = seqlab.evaluate_tagger(tiny_run.run.path, broken)
    assert evaluation.figures == seqlab.evaluate_tagger(tiny_run.run.path, legal).figures
    assert evaluation.notes == (
        "b.conll: tags converted from iob2 to iobes",
        "b.conll: illegal transitions of iob2 repaired: 1 tag in 1 sentence",
    )


@span_only
@pytest.mark.parametrize("column", ["1", "-1", "labels"])
def test_columns_of_training_apply_to_files_that_can_have_them(
    tiny_run, tmp_path, monkeypatch, column
):
    run = tiny_run.run
    monkeypatch.setattr(loading, "load_run", lambda path: run.tagger)
    (tmp_path / "config.toml").write_text(f'tag_column = "{column}"\n', encoding="utf-8")
    seal(tmp_path)
    sentences = list(read_corpus(run.settings.test))
    expected = seqlab.evaluate_tagger(run.path, run.settings.test).figures
    for name, kind in (("a.conll", "conll"), ("pair", "parallel"), ("a.jsonl", "jsonl")):
        path = tmp_path / name
        seqlab.write_corpus(sentences, path, format=kind)
        if (column, kind) == ("labels", "jsonl"):
            path.write_text(path.read_text("utf-8").replace('"tags"', '"labels"'), encoding="utf-8")
        assert seqlab.evaluate_tagger(tmp_path, path).figures == expected


def test_a_pipe_is_not_opened_to_detect_its_format(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # opening it for reading would wait for a writer
    encoder = SimpleNamespace(feature_columns={}, numeric_columns={})
    options = options_for(make_settings(tag_column=1), tmp_path / "pipe", encoder, {})
    assert options.columns == ChosenColumns(tag="1")


def test_the_encoding_of_training_does_not_bind_other_files(tmp_path):
    (tmp_path / "in.conll").write_text("Malmö B-LOC\n", encoding="utf-8")
    encoder = SimpleNamespace(feature_columns={}, numeric_columns={})
    trained = make_settings(encoding="latin-1", language="fr")
    options = options_for(trained, tmp_path / "in.conll", encoder, {})
    assert (options.encoding, options.rules.language) == (None, "fr")
    assert read_chosen(tmp_path / "in.conll", options)[0].tokens == ("Malmö",)
    given = options_for(trained, tmp_path / "in.conll", encoder, {"encoding": "cp1252"})
    assert given.encoding == "cp1252"


@span_only
def test_format_and_columns_by_option(tiny_run, tmp_path):
    run = tiny_run.run
    path = tmp_path / "odd.jsonl"
    sentences = list(read_corpus(run.settings.test))
    path.write_text(
        "".join(
            "".join(f"{tag} x {token} y\n" for token, tag in zip(s.tokens, s.tags, strict=True))
            + "\n"
            for s in sentences
        ),
        encoding="utf-8",
    )
    evaluation = seqlab.evaluate_tagger(
        run.path, path, format="conll", token_column=2, tag_column=0
    )
    assert evaluation.figures == seqlab.evaluate_tagger(run.path, run.settings.test).figures


def test_the_file_is_read_as_the_training_corpus_was(tmp_path, tmp_path_factory, monkeypatch):
    """The columns in the run's config.toml are those of the evaluated file."""
    run = tiny.span_run(tmp_path_factory).run
    monkeypatch.setattr(loading, "load_run", lambda path: run.tagger)
    (tmp_path / "config.toml").write_text(
        'token_column = "1"\ntag_column = "0"\nformat = "conll"\n', encoding="utf-8"
    )
    seal(tmp_path)
    path = tmp_path / "swapped.jsonl"  # the name suggests another format
    path.write_text("B-PER Ada x\nO saw x\n\n", encoding="utf-8")
    other = written(tmp_path, "plain.conll", ("Ada saw", "B-PER O"))
    figures = seqlab.evaluate_tagger(tmp_path, path).figures
    assert figures == seqlab.evaluate_tagger(run.path, other).figures


@span_only
@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("", "{}: there is no sentence in this corpus"),
        ("Ada O\nStone\n", "{}:2: expected 2 columns, found 1: 'Stone'"),
        (
            "Ada NOUN\nsaw VERB\n",
            "{}:1: tag 'NOUN' is neither O nor PREFIX-TYPE, but scheme "
            "'iobes' needs spans; expected scheme 'plain'",
        ),
    ],
)
def test_a_bad_file_gives_a_one_line_error_and_exit_code_2(tiny_run, tmp_path, capsys, text, fact):
    path = tmp_path / "bad.conll"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(CorpusError):
        seqlab.evaluate_tagger(tiny_run.run.path, path)
    for argv in ([], ["--json"]):
        assert evaluate.main([str(tiny_run.run.path), str(path), *argv]) == 2
        assert capsys.readouterr() == ("", f"error: {fact.format(path)}\n")


@span_only
@pytest.mark.parametrize(
    "text", ["Ada Stone saw Oslo .\nShe left .\n", "She saw Paris in 1999 .\n"]
)
def test_plain_text_is_refused_with_the_command_that_reads_it(tiny_run, tmp_path, capsys, text):
    path = tmp_path / "text.txt"
    path.write_text(text, encoding="utf-8")
    assert evaluate.main([str(tiny_run.run.path), str(path)]) == 2
    fact = "plain text, but evaluate needs sentences with tags; seqlab tag reads plain text"
    assert capsys.readouterr() == ("", f"error: {path}: {fact}\n")


@span_only
@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("Ada O\nStone\n", "2: expected 2 columns, found 1: 'Stone'"),
        (
            "Ada NOUN\nsaw VERB\n",
            "1: tag 'NOUN' is neither O nor PREFIX-TYPE, but scheme 'iobes' needs spans; "
            "expected scheme 'plain'",
        ),
    ],
)
def test_broken_columns_are_not_taken_for_plain_text(tiny_run, tmp_path, capsys, text, fact):
    path = tmp_path / "columns.txt"
    path.write_text(text, encoding="utf-8")
    assert evaluate.main([str(tiny_run.run.path), str(path)]) == 2
    assert capsys.readouterr() == ("", f"error: {path}:{fact}\n")


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ([], "Parameter RUN requires an argument."),
        (["run"], "Parameter FILE requires an argument."),
        (["run", "file", "--jsno"], "Unknown option: --jsno. Did you mean --json?"),
        (
            ["run", "file", "--format", "text"],
            'Invalid value "text" for --format. Choose from: '
            + ", ".join(f'"{name}"' for name in get_args(CorpusFormat))
            + ".",
        ),
    ],
)
def test_invalid_options(capsys, argv, message):
    assert evaluate.main(argv) == 2
    assert capsys.readouterr() == ("", f"error: {message}\n")


def test_the_error_for_a_missing_run_names_the_nearest(tmp_path_factory, capsys):
    run = tiny.span_run(tmp_path_factory).run
    path = run.path.with_name("spam")
    with pytest.raises(RunError):
        seqlab.evaluate_tagger(path, run.settings.test)
    assert evaluate.main([str(path), run.settings.test]) == 2
    message = f"error: {path}: no run of seqlab here; nearest: 'span'\n"
    assert capsys.readouterr() == ("", message)


@span_only
def test_settings_of_another_version_that_acted_in_training_only_are_not_read(tiny_run, tmp_path):
    run = tiny_run.run
    expected = seqlab.evaluate_tagger(run.path, run.settings.test).figures
    old = tmp_path / "config.toml"
    old.write_text('word_updates = "lazy"\nwarm_up = 3\nepochs = 0\n', encoding="utf-8")
    seal(tmp_path)
    assert seqlab.evaluate_tagger(tmp_path, run.settings.test).figures == expected


@pytest.mark.parametrize(
    ("text", "fact"),
    [
        ("train = 3", "train is 3: expected text"),
        (
            "format = 'xml'",
            f"format is 'xml': expected one of {', '.join(get_args(CorpusFormat))}",
        ),
    ],
)
def test_a_damaged_config_of_the_run(tmp_path, tmp_path_factory, monkeypatch, text, fact):
    run = tiny.span_run(tmp_path_factory).run
    monkeypatch.setattr(loading, "load_run", lambda path: run.tagger)
    (tmp_path / "config.toml").write_text(text, encoding="utf-8")
    seal(tmp_path)
    with pytest.raises(seqlab.UserError) as caught:
        seqlab.evaluate_tagger(tmp_path, run.settings.test)
    assert str(caught.value) == f"{tmp_path / 'config.toml'}: {fact}"
