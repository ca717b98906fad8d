"""The real server and those who ask it: `examples/client.py`, and the page in a browser."""

import json
import os
import runpy
import shutil
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests import tiny
from tests.serving.served import ROOT, server

CLIENT = ROOT / "examples" / "client.py"
TOKEN = "s3cret"  # noqa: S105, of no server but the test's
TEXT = "Ada Stone 😀 saw\tthe old Oslo in 1999 .\n\nسافر Elena Vale إلى Cairo\u202e."
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium")


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """The server of the tiny runs, which asks for a token."""
    folders = [tiny.folder_of(run(tmp_path_factory)) for run in (tiny.span_run, tiny.plain_run)]
    with server(*map(str, folders), token=TOKEN) as url:
        yield url


def ask(*arguments, stdin="", token=TOKEN):
    """Run the client in an interpreter that finds no package. Returns its exit code, output and errors."""
    command = [sys.executable, "-I", "-S", str(CLIENT), *arguments]
    environment = {"SEQLAB_TOKEN": token, "PATH": os.environ["PATH"], "PYTHONUTF8": "1"}
    done = subprocess.run(
        command, input=stdin, capture_output=True, encoding="utf-8", env=environment
    )
    return done.returncode, done.stdout, done.stderr


def rows(result):
    """The spans of a TaggedText, as the client writes them."""
    return [
        (str(span.start), str(span.end), span.label, str(round(span.score, 4)), span.text)
        for span in result.spans
    ]


def written(output):
    """The number of the text and the span of each line of the client."""
    lines = [line.split("\t") for line in output.splitlines()]
    return [(int(number), (*row, json.loads(text))) for number, *row, text in lines]


def test_the_client_writes_the_spans_of_the_tagger(address, span_run):
    expected = rows(span_run.tagger.tag_text(TEXT))
    assert len(expected) > 1
    code, output, errors = ask("--url", address, TEXT)
    assert (code, errors) == (0, "")
    assert written(output) == [(0, row) for row in expected]


def test_the_client_tags_lines_in_order_and_leaves_out_low_scores(address, span_run):
    lines = [
        f"{first} {last} left {place}"
        for first in tiny.FIRST
        for last in tiny.LAST
        for place in tiny.PLACES
    ]
    tagged = [rows(one) for one in span_run.tagger.tag_texts(lines)]
    scores = sorted(float(row[3]) for result in tagged for row in result if row[2] == "PER")
    least = scores[len(scores) // 2]
    code, output, errors = ask(
        "--url", address, "--threshold", f"PER={least}", stdin="\n".join(lines)
    )
    assert (code, errors) == (0, "")
    assert written(output) == [
        (number, row)
        for number, result in enumerate(tagged)
        for row in result
        if row[2] != "PER" or float(row[3]) >= least
    ]


def test_the_client_prints_plain_tags(address, plain_run):
    tokens = plain_run.tagger.tag_text(TEXT).tokens
    code, output, errors = ask("--url", address, "--tagger", "plain", TEXT)
    assert (code, errors) == (0, "")
    assert written(output) == [
        (0, (str(t.start), str(t.end), t.tag, str(round(t.score, 4)), t.text)) for t in tokens
    ]


def test_the_client_halves_what_is_too_large(span_run):
    lines = [f"Ada Stone saw Oslo {'and ' * (7 * n % 11)}" for n in range(40)]
    tagged = list(span_run.tagger.tag_texts(lines))
    expected = [(number, row) for number, result in enumerate(tagged) for row in rows(result)]
    longest = max(len(one.tokens) for one in tagged)
    huge = "Ada " * (longest + 1)
    with server(str(span_run.path), "--max-tokens", str(longest)) as url:
        code, output, errors = ask("--url", url, stdin="\n".join(lines))
        assert (code, errors) == (0, "")
        assert written(output) == expected
        code, output, errors = ask("--url", url, stdin="\n".join([*lines, huge, "Ada"]))
    fact = f"the request has more than {longest} tokens: send it in parts"
    assert (code, errors) == (2, f"error: {url}: text 40: {fact}\n")
    assert written(output) == expected


def test_a_request_of_the_client_has_few_characters():
    client = runpy.run_path(str(CLIENT))
    texts = ["a" * 60_000, "b" * 60_000, "c" * 200_000, *["d"] * 101]
    sizes = [list(map(len, batch)) for batch in client["batches"](texts)]
    assert sizes == [[60_000], [60_000], [200_000], [1] * 100, [1]]


def test_a_mistake_is_one_line(address):
    plain = "thresholds are for spans, but tagger 'plain' gives plain tags: leave them out"
    asked = ask("--url", address, "--tagger", "plain", "--threshold", "NOUN=1", "Ada")
    assert asked == (2, "", f"error: {address}: {plain}\n")
    wrong = f"error: {address}: the token is missing or wrong: send the header Authorization: Bearer TOKEN\n"
    assert ask("--url", address, "Ada", token="wrong") == (2, "", wrong)
    unknown = (
        f"error: {address}: thresholds['PEE']: tagger 'span' has no such label; nearest: 'PER'\n"
    )
    assert ask("--url", address, "--threshold", "PEE=1", "Ada") == (2, "", unknown)
    nobody = "error: http://127.0.0.1:1: [Errno 111] Connection refused\n"
    assert ask("--url", "http://127.0.0.1:1", "Ada") == (2, "", nobody)
    no_address = "error: 127.0.0.1: expected an address such as http://127.0.0.1:8000\n"
    assert ask("--url", "127.0.0.1", "Ada") == (2, "", no_address)


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (
            404,
            b'{"detail": "Not Found"}',
            "answers 404 without a reason; is it a server of seqlab?",
        ),
        (500, b'{"error": "boom"}', "answers 500 without a reason; is it a server of seqlab?"),
        (200, b"[]", "answers 200 without a JSON object"),
        (502, b"<html>", "answers 502 without a JSON object"),
    ],
)
def test_the_answers_of_another_server_are_one_line(status, body, message):
    class Other(BaseHTTPRequestHandler):
        def do_POST(self):
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), Other) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}"
        assert ask("--url", url, "Ada") == (2, "", f"error: {url}: {message}\n")
        thread.join()


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed: apt install chromium")
@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of playwright's pipes
def test_the_page_shows_what_the_tagger_finds(address, span_run, plain_run):
    sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page()
        page.set_default_timeout(10_000)
        faults = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.goto(address)
        page.locator("#token").fill(TOKEN)
        page.keyboard.press("Enter")
        page.locator("#text").press_sequentially(TEXT[:12])
        page.fill("#text", TEXT)
        page.wait_for_selector("#sheet[aria-busy=false]")
        spans = span_run.tagger.tag_text(TEXT).spans
        assert page.locator("#mirror mark").all_text_contents() == [span.text for span in spans]
        places = page.locator("#spans td:last-child").all_text_contents()
        assert places == [f"{span.start}–{span.end}" for span in spans]
        page.get_by_label("Tagger").select_option("plain")
        page.wait_for_selector("#token-strip li")
        tokens = plain_run.tagger.tag_text(TEXT).tokens
        assert page.locator("#token-strip .tag").all_text_contents() == [t.tag for t in tokens]
        browser.close()
    assert faults == []
