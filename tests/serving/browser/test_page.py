"""The server's page in a real browser, with a made-up server and the network cut."""

import json
import os
import re
import shlex
import shutil
from itertools import combinations
from math import cos, dist, radians, sin

import pytest

from tests.serving.browser.made_up_server import ADDRESS, MadeUpServer, tagger

sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")
pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium"),
    pytest.mark.filterwarnings("ignore::ResourceWarning"),  # of playwright's pipes
]
HOSTILE = "</script><img src=x onerror=hacked()><b onclick=hacked()>\u202e{{7*7}}'\"&"
AXE = "axe_playwright_python.sync_playwright"
MIXED = "Ada 😀 left Cairo.\n\nسافر Elena إلى Oslo 👩‍🚀 mit Zoë\u0301.\n"
UPOS = tagger("words", ["NOUN", "VERB", "X"], plain=True, version="ba9876543210")


@pytest.fixture(scope="module")
def chromium():
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_page(chromium):
    """Open the page of a server. What the browser complains about, and requests elsewhere, fail the test."""
    contexts, faults = [], []

    def open_one(server, *, width=1280, scheme="light", before="", may_fail=False, **options):
        context = chromium.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True, **options
        )
        contexts.append(context)
        context.route("**", lambda route: faults.append(route.request.url))
        context.route(f"{ADDRESS}**", server.handle)
        page = context.new_page()
        page.set_default_timeout(10_000)
        if not may_fail:  # the browser reports each refused request
            page.on("console", lambda said: faults.append(said.text))
        page.on("pageerror", lambda error: faults.append(str(error)))
        if before:
            page.add_init_script(before)
        page.goto(ADDRESS)
        page.wait_for_selector("#text:visible, #ask-token:visible")
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert faults == []


def write(page, text):
    """Put a text into the text area, and wait until it is tagged."""
    page.fill("#text", text)
    page.wait_for_selector("#sheet[aria-busy=false]")


def drawn(page):
    """Wait until what was typed is drawn: in the next frame."""
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => setTimeout(done)))")


def marks(page):
    return page.locator("#mirror mark").all_text_contents()


def test_typed_text_is_tagged_as_it_is_typed(open_page):
    server = MadeUpServer()
    page = open_page(server)
    page.locator("#text").press_sequentially("Ada saw")
    page.wait_for_selector("#sheet[aria-busy=false]")
    assert marks(page) == ["Ada"]
    page.locator("#text").press_sequentially(" Oslo")
    page.wait_for_selector("#sheet[aria-busy=false]")
    assert marks(page) == ["Ada", "Oslo"]
    assert page.locator("#status").text_content().startswith("2 spans · ")
    assert page.locator("#labels b").all_text_contents() == ["LOC 0.30", "PER 0.40"]
    rows = page.locator("#spans tr").all_inner_texts()
    assert rows == ["Ada\tLOC\t0.30\t0–3", "Oslo\tPER\t0.40\t8–12"]
    assert page.locator(".sliders .count").all_text_contents() == ["", "1", "1"]
    count = len(server.requests)
    write(page, "")
    assert page.locator("#nothing").text_content() == "Nothing is tagged yet."
    assert marks(page) == []
    assert len(server.requests) == count  # an empty text asks nothing


def test_one_request_runs_at_a_time_and_the_newest_text_wins(open_page):
    server = MadeUpServer()
    page = open_page(server)
    server.holding = True
    page.locator("#text").press_sequentially("Ada and Elena saw Oslo")
    drawn(page)
    page.wait_for_timeout(50)  # a second request would be under way
    assert len(server.held) == 1
    server.release()
    page.wait_for_selector("#sheet[aria-busy=false]")
    assert len(server.requests) == 2
    assert server.requests[1]["text"] == "Ada and Elena saw Oslo"
    assert marks(page) == ["Ada", "Elena", "Oslo"]
    write(page, "Ada saw Oslo\n" * 400)  # the browser reports each line that is pasted
    assert len(server.requests) == 3
    assert len(marks(page)) == 800


def test_highlights_move_with_the_text_until_the_answer_comes(open_page):
    server = MadeUpServer()
    page = open_page(server)
    write(page, "Ada saw Oslo")
    server.holding = True
    page.locator("#text").press("Home")
    page.locator("#text").press_sequentially("so ")
    drawn(page)
    assert marks(page) == ["Ada", "Oslo"]
    page.locator("#text").press("ArrowRight")
    page.locator("#text").press("Delete")
    drawn(page)
    assert marks(page) == ["Oslo"]
    server.release()
    page.wait_for_selector("#sheet[aria-busy=false]")
    assert page.locator("#text").input_value() == "so Aa saw Oslo"
    assert marks(page) == ["Aa", "Oslo"]


def test_offsets_are_right_in_emoji_and_right_to_left_text(open_page):
    page = open_page(MadeUpServer())
    write(page, MIXED)
    names = ["Ada", "Cairo", "Elena", "Oslo", "Zoë"]
    assert marks(page) == names
    places = page.locator("#spans td:nth-child(4)").all_text_contents()
    assert places == [f"{MIXED.index(name)}–{MIXED.index(name) + len(name)}" for name in names]
    for number, name in enumerate(names):
        page.locator("#spans button").nth(number).click()
        chosen = "(area) => area.value.slice(area.selectionStart, area.selectionEnd)"
        assert page.locator("#text").evaluate(chosen) == name


@pytest.mark.parametrize("width", [390, pytest.param(1280, marks=pytest.mark.slow)])
def test_highlights_lie_behind_their_words_and_nothing_is_cut_off(open_page, width):
    page = open_page(MadeUpServer(), width=width)
    write(page, f"{MIXED}{'Ada ' * 60}\n{'x' * 200}\n\n")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    sizes = page.locator("#text").evaluate(
        "(a) => [a.scrollHeight - a.clientHeight, a.scrollWidth - a.clientWidth]"
    )
    assert sizes == [0, 0]
    # The places of words in a text area cannot be asked for. A mirror of its style and height breaks lines as it does.
    alike = page.evaluate(
        """() => { const [area, mirror] = ['text', 'mirror'].map((id) => document.getElementById(id));
             return [area.scrollHeight === mirror.scrollHeight,
               getComputedStyle(area).font === getComputedStyle(mirror).font]; }"""
    )
    assert alike == [True, True]
    outside = page.evaluate(
        """() => { const box = document.getElementById('sheet').getBoundingClientRect();
             return [...document.querySelectorAll('#labels b')].filter((b) => {
               const one = b.getBoundingClientRect(); return one.left < box.left || one.right > box.right; }).length; }"""
    )
    assert outside == 0


def test_a_threshold_hides_spans_of_its_class_alone(open_page):
    page = open_page(MadeUpServer())
    write(page, "Ada saw Elena in Bo and Oslo")
    assert marks(page) == ["Ada", "Elena", "Bo", "Oslo"]  # LOC 0.3, LOC 0.5, PER 0.2, PER 0.4
    location = page.get_by_label("Threshold: LOC", exact=True)
    location.fill("0.31")
    assert marks(page) == ["Elena", "Bo", "Oslo"]
    assert page.locator(".sliders .count").all_text_contents() == ["", "2", "1 of 2"]
    assert page.locator("#spans tr").count() == 3
    location.focus()
    page.keyboard.press("ArrowLeft")  # 0.30: a score that equals the threshold is shown
    assert marks(page) == ["Ada", "Elena", "Bo", "Oslo"]
    page.get_by_label("Threshold: All classes").fill("0.9")
    assert marks(page) == []
    assert page.locator("#nothing").text_content() == "No span reaches its threshold."
    write(page, "Ada saw Alexandra")
    assert marks(page) == ["Alexandra"]  # thresholds outlive the text
    page.get_by_role("button", name="Reset").click()
    assert marks(page) == ["Ada", "Alexandra"]
    assert page.get_by_role("button", name="Reset").is_disabled()


def test_the_command_asks_the_same(open_page):
    page = open_page(MadeUpServer())
    text = f"Ada's {HOSTILE} `id` $HOME \\ 😀\n"
    write(page, text)
    page.get_by_label("Threshold: PER", exact=True).fill("0.4")
    page.locator("#request summary").click()
    page.locator("#copy").click()
    page.get_by_text("Command copied").wait_for(state="attached")
    page.fill("#text", "")
    page.locator("#text").press("Control+v")
    command = page.locator("#text").input_value()
    assert command.isascii()
    words = shlex.split(command.replace("\\\n", " "))
    assert words[:5] == ["curl", "-s", f"{ADDRESS}tag", "-H", "Content-Type: application/json"]
    assert json.loads(words[-1]) == {"text": text, "thresholds": {"PER": 0.4}}


def test_hostile_text_and_names_run_nothing_and_are_shown(open_page):
    label, name = f"L{HOSTILE}", f"T{HOSTILE}"
    server = MadeUpServer(tagger(name, [label, "__proto__", "<b>"]), tagger("constructor", ["O"]))
    page = open_page(server, before="window.hacked = () => { document.title = 'hacked'; };")
    write(page, f"{HOSTILE} Ada Elena Oslo {{{{constructor}}}} <svg onload=hacked()>")
    shown = HOSTILE.replace("\u202e", "\\u{202e}")
    assert page.title() == f"T{shown} · seqlab"
    assert page.locator("h1").text_content() == f"T{shown}"
    assert page.locator("#spans td.class").all_text_contents()[0] == f"L{shown}"
    assert "__proto__" in page.locator("#spans").text_content()
    page.get_by_label("Threshold: __proto__").fill("1")
    assert "__proto__" not in page.locator("#spans").text_content()
    page.locator("#request summary").click()
    page.locator("#tokens summary").click()
    page.wait_for_selector("#token-strip li")
    assert page.locator("img, svg, [onclick]").count() == 0
    assert page.title() == f"T{shown} · seqlab"


def test_the_policy_refuses_scripts_styles_and_html_of_others(open_page):
    page = open_page(MadeUpServer(), may_fail=True)
    refused = page.evaluate(
        """() => { const script = document.createElement('script');
             try { script.textContent = 'window.ran = true'; } catch { return 'textContent'; }
             document.body.append(script); return 'ran ' + window.ran; }"""
    )
    assert refused == "textContent"
    assert (
        page.evaluate(
            "() => { try { document.body.innerHTML = '<b>'; } catch (e) { return e.name; } }"
        )
        == "TypeError"
    )
    elsewhere = "fetch('https://example.org/').then(() => 'sent', (error) => error.name)"
    assert page.evaluate(elsewhere) == "TypeError"
    page.evaluate(
        "() => { const i = new Image(); i.src = 'https://example.org/x.png'; document.body.append(i); }"
    )
    wide = page.evaluate(
        """() => { const b = document.createElement('b'); b.setAttribute('style', 'display: block; width: 5px');
             document.body.append(b); return getComputedStyle(b).display; }"""
    )
    assert wide == "inline"


def test_another_tagger_tags_the_same_text_with_plain_tags(open_page):
    server = MadeUpServer(tagger("names", ["PER", "LOC"]), UPOS)
    page = open_page(server)
    write(page, "Ada saw 😀 Oslo")
    page.get_by_label("Tagger").select_option("words")
    page.wait_for_selector("#token-strip li")
    assert page.locator("h1").text_content() == "words"
    assert page.locator("#facts").text_content() == "3 classes · version ba9876543210"
    tokens = page.locator("#token-strip li").all_inner_texts()
    assert tokens == ["Ada\nNOUN\n0.30", "saw\nNOUN\n0.30", "😀\nVERB\n0.10", "Oslo\nVERB\n0.40"]
    assert marks(page) == ["Ada", "saw", "😀", "Oslo"]
    assert page.locator("#span-table").is_hidden()
    assert page.locator("#threshold-help").text_content() == "Tags with a lower score are grey."
    page.get_by_label("Threshold: VERB").fill("0.2")
    assert marks(page) == ["Ada", "saw", "😀", "Oslo"]
    assert page.locator("#mirror mark.faded").all_text_contents() == ["😀"]
    assert page.locator("#token-strip li.faded .word").all_text_contents() == ["😀"]
    assert page.locator("#token-strip li.coloured").count() == 3
    assert page.locator(".sliders .count").all_text_contents() == ["", "2", "1 of 2", ""]
    page.locator("#request summary").click()
    page.wait_for_selector("#curl:not(:empty)")
    words = shlex.split(page.locator("#curl").text_content().replace("\\\n", " "))
    assert json.loads(words[-1]) == {"text": "Ada saw 😀 Oslo", "tagger": "words"}
    assert all("thresholds" not in body for body in server.requests)


def test_a_score_that_is_shown_reaches_the_threshold_of_its_digits(open_page):
    server = MadeUpServer()
    server.scores = {"Ada": 0.9991, "Elena": 1.0, "Lee": 0.29}
    page = open_page(server)
    write(page, "Ada saw Elena and Lee")
    assert page.locator("#spans td:nth-child(3)").all_text_contents() == ["0.99", "1.00", "0.29"]
    everything = page.get_by_label("Threshold: All classes")
    for least, kept in (
        ("0.29", ["Ada", "Elena", "Lee"]),
        ("0.99", ["Ada", "Elena"]),
        ("1", ["Elena"]),
    ):
        everything.fill(least)
        assert marks(page) == kept


def test_a_label_is_cut_off_before_its_score(open_page):
    server = MadeUpServer(tagger("names", ["an-extremely-long-class"]))
    page = open_page(server)
    write(page, "Adamo Boris Clara is A B")
    assert marks(page) == ["Adamo", "Boris", "Clara", "A", "B"]
    sizes = """(all) => all.map((b) => { const i = b.querySelector('i');
        return i && [i.textContent, i.getBoundingClientRect().right <= b.getBoundingClientRect().right + .5]; })"""
    shown = page.locator("#labels b").evaluate_all(sizes)
    assert shown == [["0.50", True], ["0.50", True], ["0.50", True], None, ["0.10", True]]


@pytest.mark.parametrize(("count", "scheme"), [(6, "light"), (24, "light"), (24, "dark")])
def test_no_two_classes_have_nearly_the_same_colour(open_page, count, scheme):
    page = open_page(
        MadeUpServer(tagger("names", [f"L{n:02}" for n in range(count)])), scheme=scheme
    )
    colour = "(all) => all.map((li) => getComputedStyle(li.querySelector('.name'), '::before').boxShadow)"
    edges = page.locator(".sliders li:not(.all)").evaluate_all(colour)
    places = [lab_of_lch(*map(float, re.search(r"oklch\((.*?)\)", e)[1].split())) for e in edges]
    assert len(places) == count
    # With steps of the golden angle, the edges of two classes were at a distance of 0.073.
    assert min(dist(a, b) for a, b in combinations(places, 2)) > 0.075


def lab_of_lch(lightness, chroma, hue):
    """A colour in OKLab, whose distances are those that people see."""
    return lightness, chroma * cos(radians(hue)), chroma * sin(radians(hue))


def test_a_long_list_of_thresholds_shows_that_there_is_more(open_page):
    labels = [f"L{number}" for number in range(17)]
    page = open_page(MadeUpServer(tagger("names", labels)), width=390)
    faded = "(list) => [list.classList.contains('more-below'), getComputedStyle(list).maskImage !== 'none']"
    sliders = page.locator("#classes")
    assert sliders.evaluate(faded) == [True, True]
    page.get_by_label("Threshold: L16").scroll_into_view_if_needed()
    sliders.evaluate("(list) => list.scrollTo(0, list.scrollHeight)")
    page.wait_for_selector("#classes:not(.more-below)")
    assert sliders.evaluate(faded) == [False, False]


def test_a_tagger_that_reads_columns_says_so(open_page):
    server = MadeUpServer(tagger("slots", ["PER"], features=["pos", "chunk"], numbers=["size"]))
    page = open_page(server)
    assert page.locator("#fault").text_content() == (
        "This tagger reads more than the text: pos, chunk, size. Send tokens with these columns to POST /tag."
    )
    assert page.locator("#text").is_disabled()
    assert server.requests == []


def test_a_server_with_a_token_is_asked_with_it(open_page):
    server = MadeUpServer(token="s3cret")
    page = open_page(server, may_fail=True)
    assert page.locator("#workbench").is_hidden()
    page.get_by_label("This server asks for an access token.").fill("wrong")
    page.keyboard.press("Enter")
    page.get_by_text("The server refuses this token.").wait_for()
    page.get_by_label("This server asks for an access token.").fill("s3cret")
    page.get_by_role("button", name="Use token").click()
    page.wait_for_selector("#text:visible")
    write(page, "Ada")
    assert marks(page) == ["Ada"]
    page.locator("#request summary").click()
    page.wait_for_selector("#curl:not(:empty)")
    assert '"Authorization: Bearer $SEQLAB_TOKEN"' in page.locator("#curl").text_content()
    assert "s3cret" not in page.content()
    server.token += "!"
    page.fill("#text", "Ada again")
    page.wait_for_selector("#ask-token:visible")


def test_a_busy_server_is_asked_again(open_page):
    server = MadeUpServer()
    page = open_page(server, may_fail=True)
    message = "The server is busy: 64 requests wait. Ask again in 1 second."
    server.refusals = [(429, {"Retry-After": "1"}, {"code": "busy", "message": message})]
    write(page, "Ada")
    assert page.locator("#fault").text_content() == message
    page.wait_for_selector("#mirror mark")
    assert page.locator("#fault").is_hidden()
    message = "The text has 5 tokens: the limit is 4. Send less."
    server.refusals = [(413, {}, {"code": "too_large", "message": message})]
    write(page, "Ada saw a b c")
    assert page.locator("#fault").text_content() == message
    assert len(server.requests) == 3


def test_a_new_version_of_a_tagger_brings_its_classes(open_page):
    server = MadeUpServer()
    page = open_page(server)
    write(page, "Ada")
    page.get_by_label("Threshold: LOC", exact=True).fill("0.2")
    server.taggers = (tagger("names", ["LOC", "LAW", "ORG"], version="999999999999"),)
    write(page, "Ada saw")
    assert page.locator("#facts").text_content() == "3 classes · version 999999999999"
    assert page.get_by_label("Threshold: LOC", exact=True).input_value() == "0.2"
    assert page.locator("#labels b").all_text_contents() == ["LOC 0.30"]


def test_the_keyboard_reaches_everything(open_page):
    page = open_page(MadeUpServer(tagger("names", ["PER", "LOC"]), UPOS))
    write(page, "Ada saw Oslo")
    page.locator(".skip").focus()
    reached = []
    for _ in range(10):
        one = "() => document.activeElement.id || document.activeElement.ariaLabel || document.activeElement.textContent"
        reached.append(page.evaluate(one))
        page.keyboard.press("Tab")
    assert reached == [
        "Skip to the text", "tagger", "text", "Threshold: All classes", "Threshold: PER", "Threshold: LOC", "Ada", "Oslo",
        "Tokens", "The same request from a terminal",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("scheme", "width"),
    [
        ("light", 1280),
        *(
            pytest.param(s, w, marks=pytest.mark.slow)
            for s in ("light", "dark")
            for w in (390, 1280)
        ),
    ],
)
def test_axe_finds_no_fault(open_page, scheme, width):
    axe = pytest.importorskip(AXE, reason="axe-playwright-python is not installed")
    labels = [f"L{number}" for number in range(30)]
    server = MadeUpServer(tagger("names", labels), UPOS)
    page = open_page(server, scheme=scheme, width=width, bypass_csp=True)
    write(page, " ".join(letter.upper() + "a" * n for n, letter in enumerate("abcdefghijkl")))
    page.locator("#request summary").click()
    page.locator("#tokens summary").click()
    page.wait_for_selector("#token-strip li")
    found = axe.Axe().run(page).response["violations"]
    faults = [(f["id"], n["target"], n["failureSummary"]) for f in found for n in f["nodes"][:2]]
    assert faults == []
