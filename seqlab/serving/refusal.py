"""The answer to a request that is not served: a status, a code for programs, and a sentence for people."""

import json

from seqlab.errors import one_line

BAD_HTTP, BAD_JSON, INVALID, TOO_LARGE = "bad_http", "bad_json", "invalid", "too_large"
UNAUTHORIZED, NOT_FOUND, WRONG_METHOD = "unauthorized", "not_found", "wrong_method"
TOO_SLOW, BUSY, INTERNAL = "too_slow", "busy", "internal"
DEFECT = "the server has a defect, which its log describes"


class Refusal(Exception):  # noqa: N818, an answer rather than an error of the program
    """Ends a request with an answer that says why.

    message: one sentence: where, what is wrong, what to do. headers: of the answer, besides its type and length.
    """

    def __init__(self, status: int, code: str, message: str, *headers: tuple[bytes, bytes]) -> None:
        super().__init__(message)
        self.status, self.code, self.headers = status, code, headers

    def body(self) -> bytes:
        """The answer's body."""
        return error_body(self.code, str(self))


def error_body(code: str, message: str) -> bytes:
    """The JSON of an error. Characters that are not printable are spelled out."""
    return json.dumps({"error": {"code": code, "message": one_line(message)}}).encode()


def invalid(message: str) -> Refusal:
    """The refusal of a request whose JSON is not what /tag takes."""
    return Refusal(422, INVALID, message)


def busy(message: str) -> Refusal:
    """The refusal of a request that may succeed a second later."""
    return Refusal(503, BUSY, message, (b"retry-after", b"1"))
