import json
import re
from base64 import b64encode
from hashlib import sha256
from html.parser import HTMLParser

import pytest

from seqlab.reporting.page import report_page
from seqlab.reporting.sections.epochs import state_text
from seqlab.reporting.shell import write_page
from tests.reporting.page_values import metrics, run_values, split
from tests.reporting.records import figures, record

VOID = {"meta", "br", "hr", "img", "link", "input"}
HOSTILE = "</td></script><script>alert('x')</script>\"&\u202e\n"
SHOWN = "</td></script><script>alert('x')</script>\"&\\u{202e}\\u{a}"


class Reader(HTMLParser):
    """Checks that tags are balanced; keeps texts, attributes, scripts and the rows of tables."""

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

    def values(self, tag, key):
        return [value for t, k, value in self.attributes if (t, k) == (tag, key)]


def read(html):
    reader = Reader()
    reader.feed(html)
    reader.close()
    assert reader.open == []
    return reader


def made(name="PER", **changes):
    return report_page(run_values(name, **changes))


def test_it_is_one_balanced_page():
    html = made()
    reader = read(html)
    assert html.startswith("<!doctype html><html lang=")
    assert html.endswith("</html>\n")
    assert "train.conll" in reader.texts
    assert ("meta", "charset", "utf-8") in reader.attributes


def test_sections_have_the_ids_that_scripts_rely_on_in_order():
    assert read(made()).values("section", "id") == [
        "verdict", "epochs", "classes", "errors", "audit", "settings",
    ]  # fmt: skip


def test_it_needs_nothing_from_elsewhere():
    html = made()
    reader = read(html)
    assert not [a for a in reader.attributes if a[1] in ("src", "data", "action", "poster")]
    assert all(link.startswith("#") for link in reader.values("a", "href"))
    assert "http:" not in html
    assert "https:" not in html
    assert "@import" not in html
    assert "url(" not in html
    assert not {"link", "iframe", "object", "img"} & {tag for tag, *_ in reader.attributes}


def test_the_policy_allows_this_script_and_this_style_sheet_alone():
    html = made()
    (policy,) = [value for value in read(html).values("meta", "content") if "default-src" in value]
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    (style,) = re.findall(r"<style>(.*?)</style>", html, re.DOTALL)
    sources = [
        f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (script, style)
    ]
    assert policy == (
        "default-src 'none'; img-src data:; base-uri 'none'; form-action 'none'; "
        f"style-src {sources[1]}; script-src {sources[0]}"
    )
    assert not [a for a in read(html).attributes if a[1] == "style" or a[1].startswith("on")]


def test_the_table_of_a_split_has_the_rarest_class_first_and_the_outside_last():
    rows = read(made()).rows
    assert rows[0] == [
        "class", "gold", "predicted", "precision", "recall", "F1", "tokens", "weight", "loss share",
    ]  # fmt: skip
    assert rows[1] == ["LAW", "2", "0", "–", "0.000", "0.000", "–", "–", "–"]
    assert rows[2] == ["PER", "6", "4", "0.750", "0.500", "0.600", "30", "3", "75.0%"]
    # O: 90 of 91 gold tokens right, of 94 predicted.
    assert rows[3] == ["O (tokens)", "91", "94", "0.957", "0.989", "0.973", "900", "0.5", "25.0%"]


def test_a_lost_class_stands_out():
    html = made()
    assert '<tr><th scope="row">LAW</th>' in html  # two gold items are too few to judge it
    assert '<tr><th scope="row">PER</th>' in html
    lost = metrics(valid=split(PER=(3, 4, 6), LAW=(0, 0, 5)))
    assert '<tr class="lost"><th scope="row">LAW</th>' in made(metrics=lost)
    texts = read(made(metrics=lost)).texts
    assert "Lost in valid at the kept epoch, epoch 2: LAW." in texts
    assert not any(text.startswith("At risk in") for text in texts)
    risky = metrics(valid=split(PER=(3, 4, 6), LAW=(1, 1, 24)))
    assert "At risk in valid at the kept epoch, epoch 2: LAW." in read(made(metrics=risky)).texts


@pytest.mark.parametrize(
    ("valid", "test", "said"),
    [
        ((0, 0, 3), None, "too few gold items in validation to judge it"),
        ((0, 0, 3), (0, 0, 6), "too few gold items in validation to judge it; lost in test"),
        ((0, 0, 6), (0, 0, 6), "lost at the kept epoch"),
        ((1, 1, 24), None, "at risk: F1 below 0.1"),
        ((6, 6, 6), (1, 1, 24), "at risk in test"),
        ((6, 6, 6), (0, 0, 4), ""),
        ((0, 0, 0), (0, 0, 4), "no gold items in validation: F1 is undefined"),
    ],
)
def test_the_state_of_a_class_is_that_of_the_verdict(valid, test, said):
    splits = {"valid": split(LAW=valid)} | ({"test": split(LAW=test)} if test else {})
    lines = [record(number, found=figures(LAW=valid)).to_json() for number in (1, 2)]
    run = run_values(metrics=metrics(**splits), history=lines)
    assert state_text(run, "LAW", ()) == said


def test_the_headline_figures_are_those_of_the_last_split():
    both = metrics(
        valid=split(PER=(1, 1, 1)), test=split(PER=(1, 2, 4), LAW=(0, 0, 5), VES=(0, 0, 0))
    )
    texts = read(made(metrics=both)).texts
    for value, label in (
        ("0.167", "macro F1, test"),
        ("0.182", "micro F1, test"),
        ("1", "class lost"),
        ("2", "kept epoch, by f1:PER"),
    ):
        assert texts[texts.index(label) - 1] == value
    assert texts[texts.index("class lost") + 1] == "valid: none; test: LAW"
    assert "valid" in texts
    assert "test" in texts


def test_undefined_averages_are_dashes():
    nothing = metrics(valid=split(accuracy=None, PER=(0, 0, 0)))
    texts = read(made(metrics=nothing)).texts
    assert texts[texts.index("macro F1, valid") - 1] == "–"


def test_alarms_are_told_once_a_class_with_their_epochs():
    texts = read(made()).texts
    (told,) = [text for text in texts if text.startswith("class 'PER' has vanished")]
    assert told.endswith("(alarm in epochs 2, 3)")
    assert "No class collapsed." not in texts
    calm = [record().to_json(), record(2).to_json()]
    found = metrics(valid=split(PER=(3, 4, 6)))
    assert "No class collapsed." in read(made(history=calm, metrics=found)).texts
    found = metrics(valid=split(PER=(3, 4, 6), LAW=(0, 0, 5)))
    lost = read(made(history=calm, metrics=found)).texts
    assert "No alarm was raised." in lost
    assert "No class collapsed." not in lost


def test_the_panels_read_out_what_history_holds():
    html = made()
    (data,) = re.findall(r'id="data-panels">(.*?)</script>', html)
    law, per, macro, accuracy = json.loads(data)
    assert law["names"] == ["F1", "precision", "recall", "predicted", "loss"]
    assert law["values"] == [[0.0] * 3, [None] * 3, [0.0] * 3, [0, 0, 0], [3.0] * 3]
    assert per["values"][:2] == [[0.0, 0.6, 0.286], [None, 0.75, 1.0]]
    assert macro["names"] == ["macro F1", "micro F1", "loss", "training loss"]
    assert accuracy["values"] == [[0.5] * 3]


def test_a_collapse_is_told_on_its_panel():
    assert '<span class="state">vanished in epoch 2</span>' in made()


def test_settings_and_notes_are_there_and_notes_only_if_any():
    texts = read(made()).texts
    assert "epochs = 3\n" in texts
    assert "valid: 6 sentences split off" in texts
    assert 'id="audit"' not in made(notes=[])


@pytest.mark.parametrize("part", ["class", "title", "settings", "notes"])
def test_hostile_text_is_text(part):
    html = {
        "class": lambda: made(HOSTILE),
        "title": lambda: made(title=HOSTILE),
        "settings": lambda: made(settings=HOSTILE),
        "notes": lambda: made(notes=[HOSTILE]),
    }[part]()
    reader = read(html)
    assert "alert('x')" not in html.replace("alert(&#39;x&#39;)", "")
    assert html.count("<script") == 2  # the data of the panels, and the page's own
    shown = HOSTILE if part == "settings" else SHOWN
    assert any(shown in text for text in reader.texts)


def test_write_page_is_utf8_whatever_the_names(tmp_path):
    path = tmp_path / "report.html"
    write_page(path, "<p>é \udce9</p>")
    assert path.read_bytes().decode("utf-8") == "<p>é &#56553;</p>"


def test_the_page_says_why_training_ended():
    told = "Training ended after epoch 3: all 3 epochs are done. It took 13 s, at 12,346 training tokens per second."
    assert told in read(made()).texts
    unfinished = metrics() | {"end_reason": None}
    assert "Training is not finished: 3 epochs so far." in read(made(metrics=unfinished)).texts
