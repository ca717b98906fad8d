"""A client of `seqlab serve`. It needs only Python's standard library.

    python examples/client.py "Ada Stone saw Oslo."
    python examples/client.py --url http://127.0.0.1:8000 --threshold PER=0.8 < texts.txt

It writes one line per span: number of the text, start, end, label, score and text, separated by tabs. Each line of
standard input is a text. The environment variable SEQLAB_TOKEN holds the token, if the server requires one.
"""

import argparse
import json
import os
import sys
import time
from collections.abc import Iterable, Iterator
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
from itertools import islice
from typing import Any
from urllib.parse import urlsplit

BATCH = 100  # texts in a request
TRIES = 5
BUSY = (429, 503)


class Refused(Exception):  # noqa: N818, a refusal is no defect
    """The server refused a request. Its message says why."""


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
        """Tag texts in order, many per request. It reads only the texts of one request ahead."""
        source = iter(texts)
        while batch := list(islice(source, BATCH)):
            yield from self.ask("POST", "/tag", {"texts": batch, **options})["results"]

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
                raise Refused(reason(response.status, value))
            time.sleep(seconds(response.headers.get("Retry-After")))
        raise AssertionError

    def read(self, response: HTTPResponse) -> dict[str, Any]:
        """The JSON of an answer. Raises Refused if it is no JSON: another program answers there."""
        try:
            value = json.loads(response.read())
        except ValueError:
            value = None
        if not isinstance(value, dict):
            raise Refused(f"answers {response.status} without a JSON object")
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
            for span in result["spans"]:
                text = json.dumps(
                    span["text"], ensure_ascii=False
                )  # a tab or a line end stays one field
                print(
                    number, span["start"], span["end"], span["label"], span["score"], text, sep="\t"
                )
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
