"""The page in a real browser, from disk and with the network cut: ink, sorting, filters, sliders, keys, hostile text."""

import json
import os
import shutil
import time
from dataclasses import replace

import pytest

from seqlab.reporting.page import report_page
from seqlab.reporting.run_details import BrowserSentence, ErrorMark, GoldSpan, PredictedSpan
from seqlab.reporting.shell import write_page
from seqlab.reporting.side_by_side import side_by_side_page
from tests.reporting.browser.made_up_run import made_up_run

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of playwright's pipes
]
HOSTILE = "</script><img src=x onerror=hacked()><b onclick=hacked()>\u202e{{7*7}}'\"&"
AXE = "axe_playwright_python.sync_playwright"


def run_with_overlaps():
    """A run with one sentence: three predictions overlap a gold span, and no error names the second of them."""
    run = made_up_run(2, hostile="corporation")
    one = BrowserSentence(
        split="valid",
        source="dev.conll:1",
        tokens=tuple("abcdefg"),
        gold=(GoldSpan(0, 4, "LAW"), GoldSpan(5, 6, "PER"), GoldSpan(6, 7, "PER")),
        predicted=(
            PredictedSpan(0, 1, "LAW", 0.9), PredictedSpan(2, 4, "LAW", 0.9),
            PredictedSpan(5, 6, "PER", 0.9), PredictedSpan(6, 7, "LAW", 0.9),
        ),
        errors=(ErrorMark("split", 0, 0, "LAW"),),
    )  # fmt: skip
    browser = replace(run.details.browser, sentences=(one,))
    return replace(run, details=replace(run.details, browser=browser))


PAGES = {
    "usual": lambda: report_page(made_up_run()),
    "hostile": lambda: report_page(made_up_run(3, sentences=12, epochs=3, hostile=HOSTILE)),
    "large": lambda: report_page(made_up_run(80, sentences=2000)),
    "overlap": lambda: report_page(run_with_overlaps()),
    "two": lambda: side_by_side_page({"one": made_up_run(), "other": made_up_run(seed=4)}),
}


@pytest.fixture(scope="module")
def file_of(tmp_path_factory):
    """The file of a page, made when it is first wanted."""
    folder = tmp_path_factory.mktemp("pages")

    def file(name):
        path = folder / f"{name}.html"
        if not path.exists():
            write_page(path, PAGES[name]())
        return path

    return file


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium, file_of):
    """Open a page. What the browser complains about, and every request but for the page itself, fails the test."""
    contexts, faults = [], []

    def open_one(name, *, width=1280, scheme="light", before="", **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.on("request", lambda request: faults.append(request.url))
        if before:
            page.add_init_script(before)
        page.goto(file_of(name).as_uri())
        faults.remove(page.url)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


@pytest.mark.parametrize("name", ["usual", pytest.param("large", marks=pytest.mark.slow), "two"])
def test_every_figure_has_ink(open_page, name):
    page = open_page(name)
    blank = page.evaluate(
        """() => [...document.querySelectorAll('main svg')].filter((svg) => !svg.closest('details:not([open])')
             && !svg.closest('[hidden]')).filter((svg) => {
               const box = svg.getBoundingClientRect();
               const drawn = [...svg.querySelectorAll('path, rect, circle, line')].some((one) => {
                 const style = getComputedStyle(one);
                 return style.visibility === 'visible' && (style.stroke !== 'none' || style.fill !== 'none');
               });
               return box.width < 10 || box.height < 5 || !drawn;
             }).map((svg) => svg.outerHTML.slice(0, 80))"""
    )
    assert blank == []
    shot = page.locator("#epochs .panel svg").first.screenshot()
    assert len(shot) > 1500  # a picture of one colour has a few hundred bytes


@pytest.mark.parametrize(
    ("name", "width"),
    [
        ("usual", 390),
        ("hostile", 390),
        *(
            pytest.param(name, width, marks=pytest.mark.slow)
            for name in PAGES
            for width in (320, 390, 768, 1280, 1600)
        ),
    ],
)
def test_no_width_needs_scrolling_sideways(open_page, name, width):
    page = open_page(name, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    f1 = page.locator("#classes [data-rows]:visible td.f1").first.bounding_box()
    assert f1["x"] + 40 < width


def test_the_table_is_sorted_and_filtered(open_page):
    page = open_page("usual")
    names = page.locator('#classes [data-choice-name="test"] tbody tr:not([hidden]) th')
    assert names.all_text_contents()[0] == "class0"
    page.locator('#classes [data-choice-name="test"] th button', has_text="gold").click()
    head = page.locator('#classes [data-choice-name="test"] th', has_text="gold")
    assert head.get_attribute("aria-sort") == "descending"
    assert names.all_text_contents()[:2] == ["O (tokens)", "class5"]
    page.get_by_label("Find a class").fill("class3")
    assert names.all_text_contents() == ["class3"]
    page.get_by_label("Find a class").fill("")
    page.get_by_label("At risk only").check()
    assert names.all_text_contents() == ["class0"]
    page.locator("#classes [data-choices] button", has_text="valid").click()
    assert page.locator('#classes [data-choice-name="test"]').is_hidden()


def test_the_browser_filters_by_class_kind_split_confidence_and_text(open_page):
    page = open_page("usual")
    sentences = made_up_run().details.browser.sentences
    count = page.locator("#found-count")

    def expect(number):
        assert count.text_content() == f"{number} of 60 sentences"

    expect(60)
    page.locator("#browse [name=label]").select_option(label="class2")
    expect(sum(any(e.label == "class2" for e in s.errors) for s in sentences))
    page.locator("#browse [name=kind]").select_option("missed")
    both = [any(e[0] == "missed" and e.label == "class2" for e in s.errors) for s in sentences]
    expect(sum(both))
    page.locator("#browse [name=label]").select_option("")
    page.locator("#browse [name=kind]").select_option("")
    page.locator("#browse [name=split]").select_option("valid")
    expect(30)
    page.locator("#browse [name=split]").select_option("")
    page.locator("#browse [name=suspect]").check()
    expect(sum(bool(s.suspects) for s in sentences))
    page.locator("#browse [name=suspect]").uncheck()
    page.locator("#browse [name=sure]").fill("0.5")
    wrong = [
        [s.predicted[e.predicted].confidence for e in s.errors if e.predicted is not None]
        for s in sentences
    ]
    expect(sum(any(c >= 0.5 for c in one) for one in wrong))
    page.locator("#browse [name=sure]").fill("0")
    page.locator("#browse [name=text]").fill("WORD17 ")
    expect(1)
    assert page.locator("#sentences mark").text_content() == "word17"


def test_a_prediction_that_equals_no_gold_span_looks_wrong(open_page):
    page = open_page("overlap")
    marks = page.locator("#sentences .token").evaluate_all(
        """(tokens) => tokens.map((one) => ['in-right', 'in-wrong'].filter((name) => one.classList.contains(name))[0])"""
    )
    right, wrong = "in-right", "in-wrong"
    assert marks == [wrong, None, wrong, wrong, None, right, wrong]


@pytest.mark.parametrize("width", [601, 1280])
def test_no_class_name_breaks_within_a_word(open_page, width):
    page = open_page("overlap", width=width)
    heads = page.locator("#classes [data-rows]:visible tbody th")
    assert heads.first.text_content() == "class0corporation"
    lines = heads.first.evaluate(
        """(head) => {
          const range = document.createRange();
          range.selectNodeContents(head);
          return range.getClientRects().length;
        }"""
    )
    assert lines == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.slow
def test_pages_of_the_browser_turn(open_page):
    page = open_page("usual")
    assert page.locator("#sentences > li").count() == 20
    page.locator("#later").click()
    page.locator("#later").click()
    assert page.locator("#page-number").text_content() == "3 of 3"
    assert page.locator("#later").is_disabled()
    assert "word40" in page.locator("#sentences > li").first.text_content()


def test_sentences_are_copied_as_lines_that_seqlab_reads(open_page, tmp_path):
    import seqlab

    page = open_page("usual", permissions=["clipboard-read", "clipboard-write"])
    page.locator("#browse [name=kind]").select_option("missed")
    page.locator("#copy-all").click()
    page.wait_for_function("document.getElementById('said').textContent.endsWith('copied')")
    copied = page.evaluate("navigator.clipboard.readText()")
    lines = [json.loads(line) for line in copied.splitlines()]
    wanted = [s for s in made_up_run().details.browser.sentences if s.errors[0].kind == "missed"]
    assert [line["tokens"] for line in lines] == [list(s.tokens) for s in wanted]
    assert lines[0]["errors"] == [{"kind": "missed", "label": wanted[0].errors[0].label}]
    path = tmp_path / "copied.jsonl"
    path.write_text(copied, "utf-8")
    tags = seqlab.read_corpus(path).sentences[0].tags
    name = wanted[0].gold[0].label
    assert tags[2:4] == (f"B-{name}", f"I-{name}")


def test_all_charts_show_the_epoch_under_the_keys(open_page):
    page = open_page("usual")
    charts = page.locator("#epochs svg[data-panel]")
    charts.first.focus()
    page.keyboard.press("Home")
    for number in range(4):
        page.keyboard.press("ArrowRight")
        assert charts.first.get_attribute("aria-valuenow") == str(number + 2)
    history = made_up_run().history
    told = page.locator("#epochs .panel [data-readout]").nth(1).text_content()
    assert told.startswith(f"epoch 5: F1 {history[4]['classes']['class1']['f1']:.3f} · precision ")
    page.keyboard.press("Tab")
    page.mouse.move(5, 5)
    assert charts.nth(1).evaluate("(svg) => svg === document.activeElement")


@pytest.mark.slow
def test_a_pointer_shows_precision_and_recall(open_page):
    page = open_page("usual")
    chart = page.locator("#epochs svg[data-panel]").nth(1)
    chart.scroll_into_view_if_needed()
    box = chart.bounding_box()
    page.mouse.move(box["x"] + box["width"] * 252 / 260, box["y"] + 40)
    told = page.locator("#epochs .panel [data-readout]").nth(1).text_content()
    assert told.startswith("epoch 12: F1 ")
    page.wait_for_timeout(200)
    assert (
        chart.locator(".on-hover").first.evaluate("(line) => getComputedStyle(line).opacity") == "1"
    )


def test_a_slider_says_what_another_bias_would_predict(open_page):
    page = open_page("usual")
    panel = page.locator("#thresholds .panel").first
    assert (
        panel.locator("output")
        .text_content()
        .startswith("bias +0.50: 38 predicted, 21 of them right")
    )
    panel.locator("input").focus()
    page.keyboard.press("ArrowLeft")
    assert (
        panel.locator("output")
        .text_content()
        .startswith("bias +0.25: 39 predicted, 20 of them right")
    )


def test_hostile_text_runs_nothing_and_is_shown(open_page):
    page = open_page("hostile", before="window.hacked = () => { document.title = 'hacked'; };")
    shown = HOSTILE.replace("\u202e", "\\u{202e}")
    assert page.title() == f"train.conll{shown}"
    assert page.locator("main img, main b[onclick]").count() == 0
    assert shown in page.locator("#sentences").text_content()
    page.locator("#browse [name=label]").select_option(index=1)
    page.locator("#copy-all").click()
    assert page.title() == f"train.conll{shown}"


def test_the_policy_refuses_other_scripts(chromium, file_of):
    context = chromium.new_context(offline=True)
    page = context.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.goto(file_of("usual").as_uri())
    page.evaluate(
        """() => { const script = document.createElement('script'); script.textContent = 'window.ran = true';
             document.body.append(script); }"""
    )
    assert page.evaluate("window.ran") is None
    assert "Content Security Policy" in said[0]
    context.close()


def least_seconds(action):
    """The seconds of the fastest of some calls: a busy machine slows single ones down."""

    def seconds():
        start = time.perf_counter()
        action()
        return time.perf_counter() - start

    return min(seconds() for _ in range(5))


def test_2000_errors_of_80_classes_filter_within_a_second(open_page, file_of):
    page = open_page("large")
    assert file_of("large").stat().st_size < 3_000_000
    rows = page.locator('#classes [data-choice-name="test"] tbody tr:visible')

    def choose(field, value):
        page.locator(f"#browse [name={field}]").select_option(value)
        assert page.locator("#found-count").text_content() != ""

    def search():
        page.locator("#browse [name=text]").fill("word1")
        assert page.locator("#found-count").text_content() != ""

    def find():
        page.get_by_label("Find a class").fill("class7")
        assert rows.count() == 11

    for field, value in (("label", "7"), ("kind", "missed"), ("order", "sure")):
        assert least_seconds(lambda field=field, value=value: choose(field, value)) < 1
    assert least_seconds(search) < 1
    assert least_seconds(find) < 1


@pytest.mark.slow
def test_many_classes_open_the_worst_dozen(open_page):
    page = open_page("large")
    assert page.locator("#epochs .panel:visible").count() == 12 + 2
    page.locator("#epochs summary").click()
    assert page.locator("#epochs .panel:visible").count() == 80 + 2


@pytest.mark.parametrize(
    ("name", "scheme"),
    [
        ("hostile", "light"),
        pytest.param("hostile", "dark", marks=pytest.mark.slow),
        *(
            pytest.param(name, scheme, marks=pytest.mark.slow)
            for name in ("usual", "two")
            for scheme in ("light", "dark")
        ),
    ],
)
def test_axe_finds_no_serious_fault(open_page, name, scheme):
    axe = pytest.importorskip(AXE, reason="axe-playwright-python is not installed")
    page = open_page(name, scheme=scheme, bypass_csp=True)
    for summary in page.locator("details:not([open]) > summary").all():
        summary.click()
    found = axe.Axe().run(page).response["violations"]
    serious = [
        (fault["id"], node["target"], node["failureSummary"])
        for fault in found
        if fault["impact"] in ("serious", "critical")
        for node in fault["nodes"][:2]
    ]
    assert serious == []


@pytest.mark.slow
def test_print_unfolds_and_hides_controls(open_page):
    page = open_page("usual")
    page.emulate_media(media="print")
    assert page.locator("nav").is_hidden()
    assert page.locator("#browse").is_hidden()
    assert page.locator("#settings pre").last.is_visible()
