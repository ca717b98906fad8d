from seqlab.reporting.figures_text import class_table, epoch_line, epoch_text, loss_line
from seqlab.scoring.figures import ItemCounts, summarise
from tests.reporting.records import alarm, figures, record

LINE = "epoch 3/30  micro F1 0.333  macro F1 0.333  12,346 tokens/s  2.0+0.2 s"
LOSSES = "  train loss 1.5000 (unweighted 0.7500)  valid loss 3.0000 (unweighted 1.5000)"


def test_the_line_of_an_epoch():
    assert epoch_line(record(3), epochs=30) == LINE
    assert epoch_line(record(3, best=True), epochs=30) == LINE + "  *"


def test_the_losses_of_an_epoch():
    assert loss_line(record(3)) == LOSSES
    assert loss_line(record(3, loss=0.0)) == "  train loss 0.0000  valid loss 0.0000"


def test_undefined_figures_of_an_epoch_are_dashes():
    empty = record(loss=None, found=figures(PER=(0, 0, 0)))
    assert loss_line(empty) == "  train loss –  valid loss –"
    assert "micro F1 –  macro F1 –" in epoch_line(empty, epochs=1)


def test_the_text_of_an_epoch_is_lines_table_and_alarms():
    lines = epoch_text(record(3, alarms=[alarm()]), epochs=30).splitlines()
    assert lines == [
        LINE,
        LOSSES,
        "  class  gold  predicted  precision  recall     F1  weight  loss share  tokens",
        "! PER       4          2      0.500   0.250  0.333   3.000       75.0%      30",
        "  O                                                  0.500       25.0%     900",
        "  ALARM vanished: class 'PER' has vanished since epoch 2: 0 predicted for 4 gold, F1 0.600 "
        "at epoch 1, now 0.000; meanwhile valid loss fell from 3.0000 to 2.5000. Try "
        "--crf-loss marginal, on which class weights act, or more training examples of it",
    ]


def test_without_a_table_an_epoch_has_its_lines_and_alarms():
    lines = epoch_text(record(3, alarms=[alarm()]), epochs=30, table="none").splitlines()
    assert lines[:2] == [LINE, LOSSES]
    assert lines[2].startswith("  ALARM vanished")


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


def test_a_hostile_class_name_stays_in_its_row():
    table = class_table(summary(**{"A\n\x1b[2JB": (1, 1, 1)}))
    assert len(table.splitlines()) == 2
    assert table.splitlines()[1].startswith("  A\\u{a}\\u{1b}[2JB     1")
