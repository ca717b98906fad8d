"""The FastAPI application: every path but POST /tag, and the description of all of them."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.exceptions import HTTPException

from seqlab.errors import nearest
from seqlab.serving import description
from seqlab.serving.metrics import CONTENT_TYPE
from seqlab.serving.page import page, page_headers
from seqlab.serving.refusal import DEFECT, INTERNAL, INVALID, NOT_FOUND, WRONG_METHOD, error_body
from seqlab.serving.served_taggers import TaggerSet, tagger_facts

CODES = {404: NOT_FOUND, 405: WRONG_METHOD}
PATHS = ("/tag", "/health", "/ready", "/labels", "/metrics", "/openapi.json", "/")


def make_pages(
    taggers: TaggerSet,
    *,
    is_ready: Callable[[], bool],
    figures: Callable[[], str],
    token: bool,
) -> FastAPI:
    """The pages of a service. No page of documentation: FastAPI's loads scripts from the internet.

    figures: the text of /metrics. token: whether clients need one.
    """
    app = FastAPI(title="seqlab", docs_url=None, redoc_url=None, redirect_slashes=False)
    app.add_exception_handler(HTTPException, answer_error)
    app.add_exception_handler(Exception, answer_defect)
    add_state_pages(app, is_ready, figures, token=token)

    @app.get("/labels", **described(description.LABELS, token=token))
    async def labels() -> dict[str, Any]:
        """The taggers, with the labels that they find and the columns that they read."""
        return {"taggers": [tagger_facts(one) for one in taggers.by_name.values()]}

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        """The page on which typed text is tagged."""
        return Response(page(), headers=dict(page_headers()))

    @app.post(
        "/tag",
        responses=described_responses(description.TAG_RESPONSES, token=token),
        openapi_extra=secured(token=token),
    )
    async def tag() -> None:
        """Tag one text, one list of tokens, or many of them. Give exactly one of the four.

        Of text, start and end count characters; of tokens, tokens.
        """
        raise NotImplementedError  # `Service` answers

    describe(app, taggers, token=token)
    return app


def add_state_pages(
    app: FastAPI, is_ready: Callable[[], bool], figures: Callable[[], str], *, token: bool
) -> None:
    """Add the pages about the state of the server."""

    @app.get("/health", **described(description.STATUS, token=False))
    async def health() -> dict[str, str]:
        """Answer 200 as long as the process serves."""
        return {"status": "ok"}

    @app.get("/ready", **described(description.STATUS, token=False, busy=True))
    async def ready() -> Response:
        """Answer 200 if the taggers are loaded and requests are accepted, else 503."""
        if is_ready():
            return Response(b'{"status":"ready"}', media_type="application/json")
        body = error_body("busy", "the server is stopping")
        return Response(body, 503, media_type="application/json")

    @app.get("/metrics", **described(None, token=token), response_class=PrometheusText)
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return PrometheusText(figures())


class PrometheusText(Response):
    """An answer in Prometheus' format."""

    media_type = CONTENT_TYPE


def described(schema: Any, *, token: bool, busy: bool = False) -> dict[str, Any]:
    """The description of a page that answers with JSON of a schema; None for text."""
    responses: dict[int | str, dict[str, Any]] = {}
    if schema is not None:
        responses[200] = {"description": "OK", "content": description.json_content(schema)}
    if busy:
        responses[503] = description.error_response("busy", "The server is stopping.")
    return {
        "responses": described_responses(responses, token=token, errors=token),
        "openapi_extra": secured(token=token),
        "response_model": None,
    }


def described_responses(
    responses: dict[int | str, dict[str, Any]], *, token: bool, errors: bool = False
) -> dict[int | str, dict[str, Any]]:
    """The answers of a page. Without a token nobody is refused for it."""
    unauthorized = description.TAG_RESPONSES[401]
    if errors:
        responses = {**responses, 401: unauthorized}
    return {code: one for code, one in responses.items() if token or code != 401}


def secured(*, token: bool) -> dict[str, Any]:
    """What a page's description says of the token."""
    return {"security": [{"token": []}]} if token else {}


def describe(app: FastAPI, taggers: TaggerSet, *, token: bool) -> None:
    """Make the application describe the taggers that it serves at the time, and the token."""
    base = app.openapi()
    base["components"] = {"securitySchemes": description.SECURITY} if token else {}

    def present() -> dict[str, Any]:
        operation = base["paths"]["/tag"]["post"]
        operation["requestBody"] = description.tag_request(list(taggers.by_name.values()))
        return base

    app.openapi = present  # type: ignore[method-assign]


async def answer_error(request: Request, error: Exception) -> Response:
    """An unknown path or a wrong method, as JSON."""
    if not isinstance(error, HTTPException):
        raise error
    path, allowed = request.url.path, (error.headers or {}).get("Allow", "another method")
    messages = {
        404: f"no such path; expected one of {', '.join(PATHS)}{nearest(path[:80], PATHS)}",
        405: f"the path takes {allowed}, not {request.method[:20]}",
    }
    message = messages.get(error.status_code, str(error.detail))
    body = error_body(CODES.get(error.status_code, INVALID), message)
    return Response(body, error.status_code, error.headers, "application/json")


async def answer_defect(request: Request, error: Exception) -> Response:
    """A defect of the server, as JSON. Starlette raises the error again, so that `Service` reports it."""
    return Response(error_body(INTERNAL, DEFECT), 500, media_type="application/json")
