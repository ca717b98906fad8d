"""The OpenAPI description: its examples are answered, and answers are as it describes them."""

import json

import jsonschema
import pytest

from seqlab.serving.exchange import PATHS
from tests.serving.asking import NEWS, TEXT, ask, listening, service_of, tag


@pytest.fixture(scope="module")
def service():
    with service_of(NEWS) as one:
        yield one


@pytest.fixture(scope="module")
def description(service):
    return ask(service, "GET", "/openapi.json").json()


def body_of(holder):
    return holder["content"]["application/json"]


def test_every_path_but_the_page_is_described(description):
    assert {*description["paths"], "/", "/openapi.json"} == PATHS
    assert description["paths"]["/tag"]["post"]["summary"] == "Tag"
    assert "components" not in description or not description["components"].get("schemas")


def test_examples_of_requests_fit_the_schema_and_are_answered_as_described(service, description):
    operation = description["paths"]["/tag"]["post"]
    request, responses = body_of(operation["requestBody"]), operation["responses"]
    assert set(request["examples"]) == {"text", "tokens", "texts", "sentences", "details"}
    for example in request["examples"].values():
        jsonschema.validate(example["value"], request["schema"])
        status, answer = tag(service, example["value"])
        assert status == 200
        jsonschema.validate(answer, body_of(responses["200"])["schema"])
    for status, response in responses.items():
        body = body_of(response)
        jsonschema.Draft202012Validator.check_schema(body["schema"])
        for example in body["examples"].values():
            jsonschema.validate(example["value"], body["schema"]), status


@pytest.mark.parametrize(
    "body",
    [{"text": 1}, {"texts": [1]}, {"tokens": [""]}, {"text": "a", "tokens": []}, {}, [],
     {"text": "a", "details": 0}, {"text": "a", "offsets": "utf8"}, {"tokens": [], "offsets": "utf16"},
     {"text": "a", "thresholds": {"PER": 2}}, {"text": "a", "features": {}}, {"text": "a", "more": 1}],
)  # fmt: skip
def test_what_the_service_refuses_does_not_fit_the_schema(service, description, body):
    schema = body_of(description["paths"]["/tag"]["post"]["requestBody"])["schema"]
    assert not jsonschema.Draft202012Validator(schema).is_valid(body)
    assert tag(service, body)[0] == 422


def test_answers_of_all_pages_are_as_described(service, description):
    for path in ("/health", "/ready", "/labels"):
        schema = body_of(description["paths"][path]["get"]["responses"]["200"])["schema"]
        jsonschema.validate(ask(service, "GET", path).json(), schema)
    assert (
        "text/plain; version=0.0.4; charset=utf-8"
        in (description["paths"]["/metrics"]["get"]["responses"]["200"]["content"])
    )
    detailed = tag(service, {"texts": [TEXT, ""], "details": True})[1]
    responses = description["paths"]["/tag"]["post"]["responses"]
    jsonschema.validate(detailed, body_of(responses["200"])["schema"])


def test_the_token_is_described_where_it_is_asked_for(service, description):
    assert "securitySchemes" not in description.get("components", {})
    assert "401" not in description["paths"]["/tag"]["post"]["responses"]
    with service_of(token="secret") as guarded:
        described = ask(guarded, "GET", "/openapi.json").json()
    assert described["components"]["securitySchemes"] == {
        "token": {"type": "http", "scheme": "bearer"}
    }
    for path, operations in described["paths"].items():
        (operation,) = operations.values()
        asked = path not in ("/health", "/ready")
        assert ("security" in operation) == asked
        assert ("401" in operation["responses"]) == asked


@pytest.mark.slow  # minutes: it makes thousands of requests from the description
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("token", [None, "secret"])
def test_schemathesis_finds_nothing(token, tmp_path):
    import subprocess
    import sys
    from pathlib import Path

    with service_of(token=token) as service, listening(service) as port:
        program = Path(sys.executable).parent / "schemathesis"
        address = f"http://127.0.0.1:{port}/openapi.json"
        words = [program, "run", address, "--checks", "all", "--max-examples", "300", "--seed", "1"]
        words += ["--suppress-health-check", "all"]
        if token:
            words += ["-H", f"Authorization: Bearer {token}"]
        done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
        log = json.dumps(service.log.lines)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "defect" not in log
