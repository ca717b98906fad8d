"""A server on localhost with a small catalogue. It records requests, and breaks off or ignores ranges if told to."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

COMMIT = "0" * 40
FOLDER = f"owner/tiny/{COMMIT}"


@dataclass
class LocalServer:
    """files: contents by path. asked: the path and the range of each request.

    broken_after: bytes of an answer before the connection ends. ranges: whether ranges are honoured.
    """

    files: Mapping[str, bytes]
    base: str = ""
    asked: list[tuple[str, str | None]] = field(default_factory=list)
    broken_after: int | None = None
    ranges: bool = True


@contextmanager
def served(files: Mapping[str, bytes]) -> Iterator[LocalServer]:
    """Serve some contents within the block."""
    state = LocalServer(files)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            wanted = self.headers.get("Range")
            path = self.path.removeprefix("/").removeprefix(f"{FOLDER}/")
            state.asked.append((path, wanted))
            content = state.files.get(path)
            if content is None:
                self.send_error(404, "Not Found")
                return
            first = int(wanted.removeprefix("bytes=").rstrip("-")) if wanted else 0
            partial = bool(first) and state.ranges
            self.send_response(206 if partial else 200)
            content = content[first:] if partial else content
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[: state.broken_after])

        def log_message(self, *words: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    state.base = f"http://127.0.0.1:{server.server_port}"
    try:
        yield state
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def catalogue_of(
    corpora: Mapping[str, Mapping[str, Any]], files: Mapping[str, bytes]
) -> dict[str, Any]:
    """The content of a catalogue: for each corpus the files of its splits, and other entries."""
    tables = {}
    for name, entries in corpora.items():
        table = {
            "title": f"{name}: NER",
            "language": "English",
            "licence": "CC0",
            "repository": "owner/tiny",
        }
        for key, value in entries.items():
            table[key] = value
            if key in ("train", "valid", "test"):
                table[key] = [
                    {
                        "path": path,
                        "bytes": len(files[path]),
                        "sha256": hashlib.sha256(files[path]).hexdigest(),
                    }
                    for path in value
                ]
        tables[name] = {**table, "commit": COMMIT}
    return {"base": "https://example.invalid", "corpora": tables}
