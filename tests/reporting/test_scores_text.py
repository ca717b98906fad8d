"""The text of evaluate: what it says, and that it fits 80 columns."""

from rich.cells import cell_len

from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.reporting.scores_text import details_text, scores_text
from seqlab.scoring.evaluation import evaluate_sentences
from seqlab.scoring.score import evaluate_tags
from seqlab.scoring.seen import word_hashes


def evaluated(names=("PER", "LAW"), scheme=Scheme.IOB2, mentions=None):
    common, rare = names
    gold = [[f"B-{common}"] * 2] * 11 + [[f"B-{rare}", "O"]]
    predicted = [[f"B-{common}"] * 2] * 10 + [[f"B-{common}", "O"], ["O", f"B-{common}"]]
    if scheme is Scheme.PLAIN:
        gold, predicted = (
            [[t.removeprefix("B-") for t in s] for s in side] for side in (gold, predicted)
        )
    whole = [Sentence(tokens=("a", "b"), tags=tuple(tags)) for tags in gold]
    return evaluate_sentences(whole, predicted, scheme, mentions=mentions)


def test_classes_stand_with_the_rarest_first_and_what_cannot_be_told():
    evaluation = evaluated()
    lines = scores_text("test", evaluation).splitlines()
    micro = evaluation.details.certainty.micro_f1_interval
    assert lines[0].startswith(f"test: micro F1 0.933 [{micro[0]:.3f}, {micro[1]:.3f}]  macro F1 ")
    assert lines[2] == "  classes lost: none; fewer than 5 gold items, so not judged: LAW"
    rows = [line.split() for line in lines[4:6]]
    assert rows[0][:6] == ["LAW", "1", "0", "–", "0.000", "0.000"]
    assert lines[4].endswith("  cannot be told")
    assert rows[1][:6] == ["PER", "22", "22", "0.955", "0.955", "0.955"]
    low, high = evaluation.details.certainty.classes["PER"].f1_interval
    assert rows[1][6] == f"{low:.3f}-{high:.3f}"
    assert rows[1][7] == f"{evaluation.details.certainty.classes['PER'].smallest_difference:.3f}"
    assert " ".join(" ".join(lines[6:]).split()) == (
        "95 %: interval over resampled sentences. difference: the smallest difference of F1 that a test can find; "
        "cannot be told: fewer than 10 gold items."
    )


def test_a_mark_stands_before_classes_at_risk():
    gold, predicted = [["B-PER", "B-LAW"]] * 5, [["B-PER", "O"]] * 5
    sentences = [Sentence(tokens=("a", "b"), tags=tuple(tags)) for tags in gold]
    evaluation = evaluate_sentences(sentences, predicted, Scheme.IOB2)
    rows = scores_text("test", evaluation).splitlines()[4:6]
    assert [row[:6] for row in rows] == ["! LAW ", "  PER "]


def test_long_names_cost_columns_and_never_the_width():
    for name in ("x" * 60, "長" * 30, "geographical-feature"):
        evaluation = evaluated((name, "y" * 18), mentions=word_hashes(["x"]))
        text = f"{scores_text('test', evaluation)}\n{details_text(evaluation)}"
        assert max(map(cell_len, text.splitlines())) <= 80
    assert f"  {'長' * 11}…  " in scores_text("test", evaluated(("長" * 30, "y")))


def test_columns_that_do_not_fit_are_named_below_the_table():
    assert "left out" not in scores_text("test", evaluated())
    one = scores_text("test", evaluated(("creative-work", "y"))).splitlines()
    assert one[6] == "  left out to fit 80 columns: precision (--json has it)"
    two = scores_text("test", evaluated(("x" * 24, "y")), elsewhere="metrics.json").splitlines()
    assert two[6] == "  left out to fit 80 columns: precision, recall (metrics.json has them)"


def test_lost_classes_those_at_risk_and_those_not_judged():
    gold = ["LOST"] * 5 + ["RISK"] * 40 + ["FEW"] * 4 + ["WELL"] * 9
    predicted = ["WELL"] * 5 + ["RISK"] + ["WELL"] * 43 + ["WELL"] * 9
    text = scores_text("test", evaluate_tags([gold], [predicted], Scheme.PLAIN))
    assert text.splitlines()[2] == (
        "  classes lost: LOST; at risk: RISK; fewer than 5 gold items, so not judged: FEW"
    )


def test_errors_seen_lengths_and_signature():
    evaluation = evaluated(mentions=word_hashes(["x"]))
    lines = details_text(evaluation).splitlines()
    starts = [line.split("  ")[0] for line in lines if not line.startswith(" ")]
    assert starts == [
        "SemEval", "partial", "type", "boundary", "errors", "PER", "LAW", "recall", "LAW", "PER",
        "by length of the span", "by length of the sentence",
        "signature of the micro F1 (--json has it on one line)",
    ]  # fmt: skip
    assert [len(line.split()) for line in lines[1:4]] == [7, 8, 7]
    assert lines[4] == "  partial and boundary ignore classes, so no macro F1 is shown for them."
    assert " ".join(lines[5].split()) == (
        "errors wrong type wrong boundary split merged missed invented"
    )
    assert lines[6].split() == ["PER", "0", "0", "0", "0", "1", "1"]
    signature = lines[lines.index(starts[-1]) + 1 :]
    assert "|".join(" ".join(signature).split()) == evaluation.details.signatures["exact"]


def test_plain_tags_have_words_and_no_spans():
    text = details_text(evaluated(scheme=Scheme.PLAIN, mentions=word_hashes(["a"])))
    assert "SemEval" not in text
    assert "by length of the span" not in text
    assert text.splitlines()[0].split() == ["errors", "wrong", "type"]
    assert "known words" in text


def test_figures_alone_have_no_intervals():
    gold = [["B-PER"]] * 22 + [["B-LAW"]]
    text = scores_text("test", evaluate_tags(gold, [["B-PER"]] * 21 + [["O"]] * 2, Scheme.IOB2))
    assert "[" not in text
    assert details_text(evaluate_tags(gold, gold, Scheme.IOB2)) == ""
