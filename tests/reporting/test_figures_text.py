from seqlab.reporting.figures_text import class_table, epoch_line, epoch_text
from seqlab.scoring.figures import ItemCounts, summarise
from seqlab.training.split_losses import Losses
from tests.reporting.records import alarm, figures, record

LINE = (
    "epoch 3/30  train loss 1.5000 (unweighted 0.7500)  valid loss 3.0000 (unweighted 1.5000)"
    "  micro F1 0.333  macro F1 0.333  12,346 tokens/s  2.0+0.2 s"
)


def test_the_line_of_an_epoch():
    assert epoch_line(record(3), epochs=30) == LINE
    assert epoch_line(record(3, best=True), epochs=30) == LINE + "  *"


def test_undefined_figures_of_an_epoch_are_dashes():
    line = epoch_line(record(loss=None, found=figures(PER=(0, 0, 0))), epochs=1)
    assert "train loss – (unweighted –)  valid loss – (unweighted –)" in line
    assert "micro F1 –  macro F1 –" in line


def test_the_text_of_an_epoch_is_line_table_and_alarms():
    lines = epoch_text(record(3, alarms=[alarm()]), epochs=30).splitlines()
    assert lines == [
        LINE,
        "  class  gold  predicted  precision  recall     F1  weight  loss share  train tokens",
        "  PER       4          2      0.500   0.250  0.333   3.000       75.0%            30",
        "  O                                                  0.500       25.0%           900",
        "  ALARM vanished: class 'PER' has vanished since epoch 2: 0 predicted for 4 gold, F1 0.600 "
        "at epoch 1, now 0.000; meanwhile valid loss fell from 3.0000 to 2.5000. Try "
        "--crf-loss marginal, on which class weights act, or more training examples of it",
    ]


def summary(**sums):
    """`name=(correct, predicted, support)`."""
    return summarise({name: ItemCounts(*counts) for name, counts in sums.items()})


def test_class_table_shows_what_is_undefined_as_a_dash():
    table = class_table(summary(PER=(3, 4, 6), LAW=(0, 0, 2), GPE=(0, 1, 0), NIL=(0, 0, 0)))
    assert table.splitlines() == [
        "  class  gold  predicted  precision  recall     F1",
        "  PER       6          4      0.750   0.500  0.600",
        "  LAW       2          0          –   0.000  0.000",
        "  GPE       0          1      0.000       –  0.000",
        "  NIL       0          0          –       –      –",
    ]


def test_class_table_with_weights_and_a_row_for_what_is_no_span():
    table = class_table(
        summary(PER=(1, 1, 1), LAW=(0, 0, 0)),
        train=Losses(
            weighted=1.0,
            unweighted=1.0,
            weights={"O": 0.5, "PER": 2.25},
            shares={"O": 0.125, "PER": 0.875},
            tokens={"O": 950, "PER": 4},
        ),
    )
    assert table.splitlines() == [
        "  class  gold  predicted  precision  recall     F1  weight  loss share  train tokens",
        "  PER       1          1      1.000   1.000  1.000   2.250       87.5%             4",
        "  LAW       0          0          –       –      –       –           –             0",
        "  O                                                  0.500       12.5%           950",
    ]


def test_the_share_of_a_loss_that_is_no_number_is_a_dash():
    losses = Losses(
        weighted=float("nan"),
        unweighted=float("nan"),
        weights={"PER": 1.0},
        shares={"PER": float("nan")},
        tokens={"PER": 4},
    )
    row = class_table(summary(PER=(1, 1, 1)), train=losses).splitlines()[1]
    assert row.split()[-2:] == ["–", "4"]


def test_a_hostile_class_name_stays_in_its_row():
    table = class_table(summary(**{"A\n\x1b[2JB": (1, 1, 1)}))
    assert len(table.splitlines()) == 2
    assert table.splitlines()[1].startswith("  A\\u{a}\\u{1b}[2JB     1")
