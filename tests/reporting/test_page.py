import re
from html.parser import HTMLParser

import pytest

from seqlab.reporting.page import report_page, training_table, write_page
from tests.reporting.records import alarm, figures, record

VOID = {"meta", "br", "hr", "img", "link", "input"}
HOSTILE = "</td><script>alert('x')</script>\"&\u202e\n"
SHOWN = "</td><script>alert('x')</script>\"&\\u{202e}\\u{a}"


class Reader(HTMLParser):
    """Checks that tags are balanced; keeps texts, attributes and the rows of tables."""

    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.open, self.texts, self.attributes, self.rows = [], [], [], []

    def handle_starttag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th"):
            self.rows[-1].append("")

    def handle_startendtag(self, tag, attrs):
        self.attributes += [(tag, *pair) for pair in attrs]

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)
        if self.rows and {"td", "th"} & set(self.open):
            self.rows[-1][-1] += data


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def split(of="PER", **values):
    """One split of metrics.json, always with the same confusion matrix."""
    confusion = {"names": ["O", of, "LAW"], "counts": [[90, 1, 0], [3, 5, 0], [1, 1, 0]]}
    return figures(**values).to_json() | {"confusion": confusion}


def metrics(name="PER", **splits):
    """metrics.json made by hand."""
    default = {"valid": split(name, strict=True, **{name: (3, 4, 6), "LAW": (0, 0, 2)})}
    return {
        "best_epoch": 2,
        "select": f"f1:{name}",
        "seconds": 12.6,
        "train_tokens_per_second": 12345.6,
        "interrupted": False,
        "ending": "all 3 epochs are done",
        "splits": splits or default,
    }


def history(name="PER"):
    found = [
        figures(**{name: sums, "LAW": (0, 0, 2)}) for sums in ((0, 0, 6), (3, 4, 6), (1, 1, 6))
    ]
    return [
        record(epoch, found=each, name=name, alarms=[alarm(name, epoch=epoch)] if epoch > 1 else [])
        for epoch, each in enumerate(found, 1)
    ]


def made(name="PER", **changes):
    values = {
        "title": "train.conll",
        "metrics": metrics(name),
        "history": history(name),
        "settings": "epochs = 3\n",
        "notes": ["valid: 6 sentences split off"],
    }
    return report_page(**values | changes)


def test_it_is_one_balanced_page():
    html = made()
    reader = read(html)
    assert html.startswith("<!doctype html><html lang=")
    assert html.endswith("</html>\n")
    assert "train.conll" in reader.texts
    assert ("meta", "charset", "utf-8") in reader.attributes


def test_it_needs_nothing_from_elsewhere():
    html = made()
    reader = read(html)
    assert not [a for a in reader.attributes if a[1] in ("src", "href", "data", "action", "poster")]
    assert "http" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert not {"script", "link", "iframe", "object"} & {tag for tag, *_ in reader.attributes}
    assert "<script" not in html


def test_the_tables_of_a_split():
    rows = read(made()).rows
    assert rows[3:6] == [
        ["class", "gold", "predicted", "precision", "recall", "F1"],
        ["PER", "6", "4", "0.750", "0.500", "0.600"],
        ["LAW", "2", "0", "–", "0.000", "0.000"],
    ]
    assert rows[6:] == [
        ["", "O", "PER", "LAW"],
        ["O", "90", "1", ""],
        ["PER", "3", "5", ""],
        ["LAW", "1", "1", ""],
    ]


def test_a_class_never_found_stands_out():
    assert '<td class="lost">LAW</td>' in made()
    assert '<td class="lost">PER</td>' not in made()


def test_the_cards_are_of_the_last_split():
    both = metrics(valid=split(PER=(1, 1, 1)), test=split(PER=(1, 2, 4), LAW=(0, 0, 1)))
    texts = read(made(metrics=both)).texts
    for value, label in (
        ("0.167", "macro F1 (test)"),
        ("0.286", "micro F1 (test)"),
        ("1", "classes never found (test)"),
        ("2", "best epoch, by f1:PER"),
        ("13 s", "training"),
        ("12,346", "training tokens a second"),
    ):
        assert texts[texts.index(label) - 1] == value
    assert "Valid split" in texts
    assert "Test split" in texts


def test_undefined_averages_are_dashes():
    nothing = metrics(valid=split(accuracy=None, PER=(0, 0, 0)))
    texts = read(made(metrics=nothing)).texts
    assert "micro F1 –, macro F1 –, token accuracy –" in texts
    assert texts[texts.index("macro F1 (valid)") - 1] == "–"


def test_strict_figures_stand_beside_the_default_ones():
    assert "strict micro F1 0.500" in made()
    plain = metrics(valid=split(X=(1, 1, 1)))
    assert "strict" not in made(metrics=plain)


def test_alarms_are_told_once_a_class_with_their_epochs():
    texts = read(made()).texts
    (told,) = [text for text in texts if text.startswith("class 'PER' has vanished")]
    assert told.endswith("(alarm in epochs 2, 3)")
    assert "No class collapsed." not in texts
    assert "No class collapsed." in read(made(history=[record(), record(2)])).texts


def test_the_chart_has_a_line_a_class_and_marks_the_best_epoch():
    reader = read(made())
    drawn = [value for tag, key, value in reader.attributes if (tag, key) == ("path", "d")]
    per = "M44.0 232.0h0.01L337.0 100.0L630.0 169.1"  # F1 0, 0.6, 2/7 of 220 units
    assert per in drawn
    marks = [value for tag, key, value in reader.attributes if (key, value) == ("class", "mark")]
    assert len(marks) == 2


def test_settings_and_notes_are_there_and_notes_only_if_any():
    texts = read(made()).texts
    assert "epochs = 3\n" in texts
    assert "valid: 6 sentences split off" in texts
    assert "Notes on the corpora" not in made(notes=[])


@pytest.mark.parametrize("part", ["class", "title", "settings", "notes"])
def test_hostile_text_is_text(part):
    html = {
        "class": lambda: made(HOSTILE),
        "title": lambda: made(title=HOSTILE),
        "settings": lambda: made(settings=HOSTILE),
        "notes": lambda: made(notes=[HOSTILE]),
    }[part]()
    reader = read(html)
    assert "<script" not in html
    shown = HOSTILE if part == "settings" else SHOWN
    assert any(shown in text for text in reader.texts)


def test_write_page_is_utf8_whatever_the_names(tmp_path):
    path = tmp_path / "report.html"
    write_page(path, "<p>é \udce9</p>")
    assert path.read_bytes().decode("utf-8") == "<p>é &#56553;</p>"


def test_the_training_table_is_of_the_kept_epoch():
    html = training_table([record(1), record(2, name="<LAW>"), record(3)], best_epoch=2)
    rows = [re.findall(r"<t[dh]>(.*?)</t[dh]>", row) for row in html.split("<tr>")[1:]]
    assert rows == [
        ["class", "tokens of an epoch", "share", "weight", "of train loss", "of validation loss"],
        ["O", "900", "96.77%", "0.500", "25.0%", "25.0%"],
        ["&lt;LAW&gt;", "30", "3.23%", "3.000", "75.0%", "75.0%"],
    ]


def test_the_page_says_why_training_ended():
    assert (
        "at epoch 2</h2><p>Training ended after epoch 3: all 3 epochs are done.</p><table>"
        in made()
    )
