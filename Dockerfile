# A server for the tagger in a wheel. The folder of the build holds that wheel alone:
#
#     seqlab export runs/mine --format wheel --name invoice-tagger --out dist
#     docker build --file Dockerfile --tag invoice-tagger dist
#     docker run --rm --read-only --publish 127.0.0.1:8000:8000 invoice-tagger --max-tokens 5000
#
# With --env SEQLAB_TOKEN, clients must send the token that this variable holds.
FROM python:3.12-slim AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
COPY *.whl /wheels/
RUN wheels=(/wheels/*.whl) \
 && if [ "${#wheels[@]}" != 1 ]; then echo "the folder must hold one wheel; found ${#wheels[@]}" >&2; exit 1; fi \
 && wheel="${wheels[0]}" \
 && python -m venv /opt/tagger \
 && /opt/tagger/bin/pip install --no-cache-dir "${wheel}[serve]" \
 && file="$(basename "${wheel}")" \
 && package="${file%%-*}" \
 && printf '#!/bin/sh\nexec /opt/tagger/bin/python -m %s.serve --host 0.0.0.0 --port 8000 "$@"\n' "${package}" \
    > /opt/tagger/bin/serve-tagger \
 && chmod 755 /opt/tagger/bin/serve-tagger

FROM python:3.12-slim
COPY --from=build /opt/tagger /opt/tagger
ENV PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=4s --start-period=20s --retries=3 \
    CMD ["/opt/tagger/bin/python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=3)"]
STOPSIGNAL SIGTERM
ENTRYPOINT ["/opt/tagger/bin/serve-tagger"]
