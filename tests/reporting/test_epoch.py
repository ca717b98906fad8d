from seqlab.reporting.log import epoch_line, epoch_text
from tests.reporting.records import alarm, figures, record

LINE = (
    "epoch 3/30  train loss 1.5000 (unweighted 0.7500)  valid loss 3.0000 (unweighted 1.5000)"
    "  micro F1 0.333  macro F1 0.333  12,346 tokens/s  2.0+0.2 s"
)


def test_the_line_of_an_epoch():
    assert epoch_line(record(3), epochs=30) == LINE
    assert epoch_line(record(3, best=True), epochs=30) == LINE + "  *"


def test_undefined_figures_are_dashes():
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
        "--class-weight PER=VALUE above its present weight, another --class-weights, or more training "
        "examples of it",
    ]
