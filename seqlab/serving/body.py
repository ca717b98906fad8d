"""Read the body of a request. Its bytes are counted as they arrive, whatever its headers promise."""

from typing import Any

from seqlab.serving.exchange import Scope
from seqlab.serving.refusal import TOO_LARGE, Refusal, busy

BODIES = 64  # largest bodies that may arrive at a time


class ClientGone(Exception):  # noqa: N818, an end rather than an error
    """The client closed the connection before its request was complete."""


class BodyReader:
    """Reads bodies of at most `most` bytes. arriving: the bytes of bodies that are not complete."""

    def __init__(self, most: int) -> None:
        self.most, self.arriving = most, 0

    async def read(self, scope: Scope, receive: Any) -> bytes:
        """The body of a request. Raises Refusal if it is too large; the bytes are counted as they arrive."""
        most = self.most
        for name, value in scope["headers"]:
            if name == b"content-length" and value.isdigit() and int(value[:20]) > most:
                raise too_large(most)
        message = await receive()
        if message["type"] == "http.request" and not message.get("more_body"):
            body: bytes = message.get("body", b"")  # nearly all requests: the body arrives at once
            if len(body) > most:
                raise too_large(most)
            return body
        content = bytearray()  # a list of tiny chunks would take many times the memory
        try:
            while True:
                if message["type"] == "http.disconnect":
                    raise ClientGone
                chunk = message.get("body", b"")
                content += chunk
                self.arriving += len(chunk)
                if len(content) > most:
                    raise too_large(most)
                if self.arriving > BODIES * most:
                    raise busy("too many bodies arrive at a time: send the request again")
                if not message.get("more_body"):
                    return bytes(content)
                message = await receive()
        finally:
            self.arriving -= len(content)


def too_large(most: int) -> Refusal:
    """The refusal of a body of too many bytes."""
    return Refusal(
        413, TOO_LARGE, f"the body has more than {most:,} bytes: send the texts in parts"
    )
