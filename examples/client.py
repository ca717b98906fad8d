"""A client of `seqlab serve`. It needs only Python's standard library.

    python examples/client.py "Ada Stone saw Oslo."
    python examples/client.py --url http://127.0.0.1:8000 --threshold PER=0.8 < texts.txt

It writes one line per span: number of the text, start, end, label, score and text, separated by tabs. Each line of
standard input is a text; their numbers begin at 0. For a tagger of plain tags, it writes one line per token, with its
tag. The environment variable SEQLAB_TOKEN holds the token, if the server requires one.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

BATCH = 100  # texts in a request
CHARACTERS = 100_000  # of the texts in a request, unless one text alone is longer
TOO_LARGE = 413
TRIES = 5
BUSY = (429, 503)


class Refused(Exception):  # noqa: N818, a refusal is no defect
    """The server refused a request. Its message says why."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Client:
    """A connection to a server, which stays open between requests. Each thread needs its own."""

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 60) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise Refused("expected an address such as http://127.0.0.1:8000")
        make = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        self.connection = make(parts.netloc, timeout=timeout)
        self.root = parts.path.rstrip("/")
        self.headers = {"Content-Type": "application/json"}
        if token:
            self.headers["Authorization"] = f"Bearer {token}"

    def tag(self, text: str, **options: Any) -> dict[str, Any]:
        """Tag one text. options: keys of the request, such as thresholds={"PER": 0.8} or tagger="wnut"."""
        return self.ask("POST", "/tag", {"text": text, **options})

    def tag_many(self, texts: Iterable[str], **options: Any) -> Iterator[dict[str, Any]]:
        """Tag texts in order, many per request. It reads only the texts of one request ahead.

        Raises Refused for a text that is too large for the server, after the results of the texts before it.
        """
        number = 0
        for batch in batches(texts):
            yield from self.tag_batch(batch, number, options)
            number += len(batch)

    def tag_batch(
        self, texts: list[str], number: int, options: dict[str, Any]
    ) -> Iterator[dict[str, Any]]:
        """Tag texts in one request, or in two halves if they are too large together. number: that of the first text."""
        try:
            results = self.ask("POST", "/tag", {"texts": texts, **options})["results"]
        except Refused as refusal:
            if refusal.status != TOO_LARGE:
                raise
            if len(texts) == 1:
                raise Refused(f"text {number}: {refusal}", status=TOO_LARGE) from None
        else:
            yield from results
            return
        half = len(texts) // 2
        yield from self.tag_batch(texts[:half], number, options)
        yield from self.tag_batch(texts[half:], number + half, options)

    def labels(self) -> list[dict[str, Any]]:
        """The taggers of the server: name, version, labels, and the columns that they read."""
        taggers: list[dict[str, Any]] = self.ask("GET", "/labels")["taggers"]
        return taggers

    def ask(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Send a request and return the answer. A busy server is asked again after the time that it names.

        Raises Refused with the server's message.
        """
        content = None if body is None else json.dumps(body)
        for tries_left in reversed(range(TRIES)):
            response = self.send(method, path, content)
            value = self.read(response)
            if response.status == 200:
                return value
            if response.status not in BUSY or not tries_left:
                raise Refused(reason(response.status, value), status=response.status)
            time.sleep(seconds(response.headers.get("Retry-After")))
        raise AssertionError

    def read(self, response: HTTPResponse) -> dict[str, Any]:
        """The JSON of an answer. Raises Refused if it is no JSON: another program answers there."""
        try:
            value = json.loads(response.read())
        except ValueError:
            value = None
        if not isinstance(value, dict):
            fact = f"answers {response.status} without a JSON object"
            raise Refused(fact, status=response.status)
        return value

    def send(self, method: str, path: str, content: str | None) -> HTTPResponse:
        """Send a request. Send it once more if the server has closed the connection."""
        try:
            self.connection.request(method, self.root + path, content, self.headers)
            return self.connection.getresponse()
        except (HTTPException, ConnectionError):
            self.connection.close()
            self.connection.request(method, self.root + path, content, self.headers)
            return self.connection.getresponse()


def batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """Cut texts into lists, each for one request."""
    batch: list[str] = []
    size = 0
    for text in texts:
        if batch and (len(batch) == BATCH or size + len(text) > CHARACTERS):
            yield batch
            batch, size = [], 0
        batch.append(text)
        size += len(text)
    if batch:
        yield batch


def line_of(part: dict[str, Any]) -> str:
    """Start, end, label, score and text of a span or a token. The text is JSON, so a tab in it stays in its field."""
    text = json.dumps(part["text"], ensure_ascii=False)
    label = part["label"] if "label" in part else part["tag"]
    return f"{part['start']}\t{part['end']}\t{label}\t{part['score']}\t{text}"


def reason(status: int, value: dict[str, Any]) -> str:
    """The sentence of a server that refuses a request."""
    try:
        return str(value["error"]["message"])
    except (KeyError, TypeError):
        return f"answers {status} without a reason; is it a server of seqlab?"


def seconds(header: str | None) -> float:
    """The seconds of a Retry-After header; 1 if it has none, or holds a date."""
    return min(float(header), 60) if header and header.isdecimal() else 1


def main() -> int:
    """Tag the text of the command line, or the lines of standard input."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("text", nargs="?", help="default: each line of standard input")
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="default: %(default)s")
    parser.add_argument("--tagger", help="name of a tagger; default: the server's first")
    parser.add_argument("--threshold", action="append", default=[], type=threshold,
                        metavar="LABEL=SCORE", help="leave out spans with a lower score")  # fmt: skip
    options = parser.parse_args()
    texts = (
        [options.text] if options.text is not None else (line.rstrip("\n") for line in sys.stdin)
    )
    more = {"thresholds": dict(options.threshold)} if options.threshold else {}
    if options.tagger:
        more["tagger"] = options.tagger
    try:
        client = Client(options.url, token=os.environ.get("SEQLAB_TOKEN"))
        for number, result in enumerate(client.tag_many(texts, **more)):
            for part in result.get("tokens", result["spans"]):  # only plain tags come as tokens
                print(number, line_of(part), sep="\t")
    except (Refused, OSError, HTTPException) as error:
        print(f"error: {options.url}: {error}", file=sys.stderr)
        return 2
    return 0


def threshold(text: str) -> tuple[str, float]:
    """'PER=0.8' as a label and a score."""
    label, equals, score = text.rpartition("=")
    if not equals:
        raise argparse.ArgumentTypeError(f"{text!r}: expected LABEL=SCORE, such as PER=0.8")
    return label, float(score)


if __name__ == "__main__":
    sys.exit(main())
