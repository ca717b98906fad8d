"""`seqlab serve RUN…`: tag over HTTP."""

import sys
from collections.abc import Sequence
from typing import Annotated

from cyclopts import Parameter

from seqlab import cli
from seqlab.cli import Flag
from seqlab.machine import threads
from seqlab.machine.terminal import print_note, say
from seqlab.serving.options import ServeOptions, help_of

DEFAULTS = ServeOptions()


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the options and serve. Returns the exit code."""
    return cli.run(cli.make_app("serve", serve), argv)


def serve(
    *runs: str,
    host: Annotated[str, Parameter(help=help_of("host"))] = DEFAULTS.host,
    port: Annotated[int, Parameter(help=help_of("port"))] = DEFAULTS.port,
    token_file: str | None = None,
    reload: Annotated[Flag, Parameter(help=help_of("reload"))] = False,
    max_body: Annotated[int, Parameter(help=help_of("max_body"))] = DEFAULTS.max_body,
    max_tokens: Annotated[int, Parameter(help=help_of("max_tokens"))] = DEFAULTS.max_tokens,
    max_concurrency: Annotated[
        int, Parameter(help=help_of("max_concurrency"))
    ] = DEFAULTS.max_concurrency,
    timeout: Annotated[float, Parameter(help=help_of("timeout"))] = DEFAULTS.timeout,
) -> None:
    """Serve the taggers of some runs over HTTP, until SIGTERM or Ctrl-C.

    POST /tag takes {"text": "…"}, {"tokens": […]}, {"texts": […]} or {"sentences": [[…]]}.
    Other paths: / (a page to try it), /labels, /health, /ready, /metrics and /openapi.json.
    Standard error gets one line of JSON per request, without the texts.

    Args:
        runs: Run directories, each as PATH or NAME=PATH. The first is the default tagger.
        token_file: File with a token, which clients send as Authorization: Bearer TOKEN. [default: variable SEQLAB_TOKEN]
    """
    from seqlab.serving.token import read_token

    options = ServeOptions(
        host=host,
        port=port,
        token=read_token(token_file),
        reload=reload,
        max_body=max_body,
        max_tokens=max_tokens,
        max_concurrency=max_concurrency,
        timeout=timeout,
    )
    threads.limit_blas_threads()
    from seqlab.serving.run_server import serve_runs
    from seqlab.serving.served_taggers import named_runs

    serve_runs(named_runs(runs), options, say=say, note=print_note)


if __name__ == "__main__":
    sys.exit(main())
