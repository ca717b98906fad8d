"""The table of classes in training: the kept epoch's figures by hand."""

import re

from seqlab.reporting.page import training_section
from tests.reporting.records import record


def test_it_is_of_the_kept_epoch_and_says_why_training_ended():
    history = [record(1), record(2, name="<LAW>"), record(3)]
    html = training_section(history, best_epoch=2, ending="no better macro_f1 in 6 epochs")
    rows = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in html.split("<tr>")[1:]]
    assert rows == [
        ["class", "tokens of an epoch", "share", "weight", "of train loss", "of validation loss"],
        ["O", "900", "96.77%", "0.500", "25.0%", "25.0%"],
        ["&lt;LAW&gt;", "30", "3.23%", "3.000", "75.0%", "75.0%"],
    ]
    assert (
        "at epoch 2</h2><p>Training ended after epoch 3: no better macro_f1 in 6 epochs.<" in html
    )
