"""The FastAPI application: every path but POST /tag, and the description of all of them."""

from collections.abc import Callable
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from seqlab.errors import nearest
from seqlab.serving.metrics import CONTENT_TYPE
from seqlab.serving.page import page, page_headers
from seqlab.serving.refusal import INVALID, NOT_FOUND, WRONG_METHOD, error_body
from seqlab.serving.served_taggers import TaggerSet

CODES = {404: NOT_FOUND, 405: WRONG_METHOD}


def make_pages(
    taggers: TaggerSet, *, is_ready: Callable[[], bool], figures: Callable[[], str]
) -> FastAPI:
    """The pages of a service. No page of documentation: FastAPI's loads scripts from the internet.

    figures: the text of /metrics.
    """
    app = FastAPI(title="seqlab", docs_url=None, redoc_url=None)
    app.add_exception_handler(HTTPException, answer_error)

    @app.get("/health")
    async def health() -> dict[str, str]:
        """Answer 200 as long as the process serves."""
        return {"status": "ok"}

    @app.get("/ready")
    async def ready() -> Response:
        """Answer 200 if the taggers are loaded and requests are accepted, else 503."""
        if is_ready():
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "stopping"}, 503)

    @app.get("/labels")
    async def labels() -> dict[str, Any]:
        """The taggers, with the labels that they find and the columns that they read."""
        return {
            "taggers": [
                {
                    "name": one.name,
                    "version": one.version,
                    "labels": one.labels,
                    "plain": one.plain,
                    "features": one.features,
                    "numbers": one.numbers,
                }
                for one in taggers.by_name.values()
            ]
        }

    @app.get("/metrics")
    async def metrics() -> Response:
        """Figures for Prometheus."""
        return Response(figures(), media_type=CONTENT_TYPE)

    @app.get("/", include_in_schema=False)
    async def root() -> Response:
        """The page on which typed text is tagged."""
        return Response(page(), headers=page_headers())

    @app.post("/tag")
    async def tag() -> None:
        """Tag one text, one list of tokens, or many of them."""

    return app


async def answer_error(request: Request, error: Exception) -> Response:
    """An unknown path or a wrong method, as JSON."""
    if not isinstance(error, HTTPException):
        raise error
    paths = ("/tag", "/health", "/ready", "/labels", "/metrics", "/openapi.json", "/")
    messages = {
        404: f"no such path{nearest(request.url.path[:80], paths)}: expected one of {', '.join(paths)}",
        405: f"the path does not take {request.method[:20]}",
    }
    message = messages.get(error.status_code, str(error.detail))
    body = error_body(CODES.get(error.status_code, INVALID), message)
    return Response(body, error.status_code, error.headers, "application/json")
