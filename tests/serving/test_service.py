"""The service answers with what its taggers find, refuses everything else with a sentence, and logs no text."""

import asyncio
import json

import pytest
from prometheus_client.parser import text_string_to_metric_families

from seqlab.machine.numbers import is_number
from seqlab.serving.service import Service
from seqlab.text.offset_units import offset_table
from tests.exporting.random_taggers import random_tagger
from tests.serving.asking import NEWS, TEXT, ask, ask_all, error_of, served, service_of, tag

TAGGER = NEWS.tagger
WHO = {"tagger": "news", "version": "0123456789ab"}
TOKEN = "correct-battery"  # noqa: S105, of no server but the test's


def spans_of(tagged):
    return [{**span._asdict(), "score": round(span.score, 4)} for span in tagged.spans]


def tokens_of(tagged):
    return [{**token._asdict(), "score": round(token.score, 4)} for token in tagged.tokens]


@pytest.fixture(scope="module")
def service():
    plain = served("plain", "ba9876543210")
    with service_of(NEWS, plain) as one:
        yield one


def test_a_text_is_answered_as_the_tagger_tags_it(service):
    tagged = TAGGER.tag_text(TEXT)
    assert len(tagged.spans) > 3
    assert tag(service, {"text": TEXT}) == (200, {"spans": spans_of(tagged), **WHO})
    detailed = {"spans": spans_of(tagged), "tokens": tokens_of(tagged), **WHO}
    assert tag(service, {"text": TEXT, "details": True}) == (200, detailed)


def test_many_texts_are_a_list_of_results(service):
    texts = [*TEXT.split("\n"), "", "\x00 Ada\x00", "Zebra \ud800 dog"]
    status, answer = tag(service, {"texts": texts})
    assert status == 200
    assert answer == {
        "results": [{"spans": spans_of(tagged)} for tagged in TAGGER.tag_texts(texts)],
        **WHO,
    }
    assert tag(service, {"texts": []}) == (200, {"results": [], **WHO})


@pytest.mark.parametrize("unit", ["codepoints", "utf16", "bytes"])
def test_offsets_count_in_the_unit_that_was_asked_for(service, unit):
    table = offset_table(TEXT, unit)
    wanted = [
        {**span, "start": table[span["start"]], "end": table[span["end"]]}
        for span in spans_of(TAGGER.tag_text(TEXT))
    ]
    _, answer = tag(service, {"text": TEXT, "offsets": unit, "details": True})
    assert answer["spans"] == wanted
    encoded = TEXT.encode("utf-16-le") if unit == "utf16" else TEXT.encode()
    for token in answer["tokens"]:
        if unit == "utf16":
            assert (
                encoded[2 * token["start"] : 2 * token["end"]].decode("utf-16-le") == token["text"]
            )
        if unit == "bytes":
            assert encoded[token["start"] : token["end"]].decode() == token["text"]


def test_start_and_end_count_tokens_where_tokens_are_given(service):
    tokens = TEXT.split()
    status, answer = tag(service, {"tokens": tokens, "details": True})
    assert status == 200
    assert [token["tag"] for token in answer["tokens"]] == TAGGER.tag(tokens)
    assert [token["text"] for token in answer["tokens"]] == tokens
    assert [token["start"] for token in answer["tokens"]] == list(range(len(tokens)))
    for span in answer["spans"]:
        assert span["text"] == " ".join(tokens[span["start"] : span["end"]])
        assert answer["tokens"][span["start"]]["tag"] == f"B-{span['label']}"
    many = tag(service, {"sentences": [tokens, [], ["Ada"]]})[1]
    assert many["results"][0]["spans"] == answer["spans"]
    assert many["results"][1] == {"spans": []}


def test_thresholds_leave_out_spans_of_a_lower_score(service):
    spans = spans_of(TAGGER.tag_text(TEXT))
    scores = sorted(span["score"] for span in spans if span["label"] == "LOC")
    least = scores[len(scores) // 2]
    kept = [span for span in spans if span["label"] != "LOC" or span["score"] >= least]
    assert 0 < len(kept) < len(spans)
    _, answer = tag(service, {"text": TEXT, "thresholds": {"LOC": least}})
    assert answer["spans"] == kept
    assert tag(service, {"text": TEXT, "thresholds": {"PER": 1, "LOC": 1}})[1]["spans"] == []


def test_plain_tags_are_listed_per_token(plain_run):
    from seqlab.serving.served_taggers import serve_tagger

    with service_of(serve_tagger("plain", "0123456789ab", plain_run.tagger)) as service:
        tagged = plain_run.tagger.tag_text("Ada saw Oslo in 1999.")
        answer = {"spans": [], "tokens": tokens_of(tagged), **WHO, "tagger": "plain"}
        assert tag(service, {"text": tagged.text}) == (200, answer)
        limited = {"text": "Ada", "thresholds": {"NOUN": 0.5}}
        refused = "thresholds are for spans, but tagger 'plain' gives plain tags: leave them out"
        assert error_of(service, limited) == (422, "invalid", refused)
        paths = ask(service, "GET", "/openapi.json").json()["paths"]
        of_text = body_schema(paths)["oneOf"][0]["properties"]
        assert of_text["thresholds"]["properties"] == {}
        taggers = ask(service, "GET", "/labels").json()["taggers"]
        assert taggers[0]["plain"] is True
        assert taggers[0]["labels"] == sorted(plain_run.tagger.encoder.tags.symbols)


def body_schema(paths):
    """The schema of the body of POST /tag."""
    return paths["/tag"]["post"]["requestBody"]["content"]["application/json"]["schema"]


def test_columns_of_a_tagger_that_reads_none_are_refused(service):
    columns = {"features": {"pos": ["N"]}}
    none = "features['pos']: tagger 'news' reads no columns: leave out features"
    assert error_of(service, {"tokens": ["Ada"], **columns}) == (422, "invalid", none)


def test_columns_reach_the_tagger():
    tagger = random_tagger()
    tokens, values = ["Ada", "saw", "OSLO"], {"pos": ["N", "V", "N"]}
    numbers = {"size": [1, 2.5, -3], "left": [None, 0, 1e3]}
    wanted = tagger.tag(tokens, features=values, numbers=numbers)
    columns = {"features": values, "numbers": numbers}
    with service_of(served(columns=True)) as service:
        status, answer = tag(service, {"tokens": tokens, "details": True, **columns})
        assert (status, [token["tag"] for token in answer["tokens"]]) == (200, wanted)
        many = {key: {name: [one] for name, one in of.items()} for key, of in columns.items()}
        status, answer = tag(service, {"sentences": [tokens], "details": True, **many})
        assert [token["tag"] for token in answer["results"][0]["tokens"]] == wanted
        reads = "tagger 'news' reads features ['pos'] and numbers ['size', 'left']"
        missing = f"{reads}: send them with the tokens"
        assert error_of(service, {"tokens": tokens}) == (422, "invalid", missing)
        other = {"tokens": tokens, "features": {"pso": ["N"] * 3}}
        name = "features['pso']: tagger 'news' has no such feature; nearest: 'pos'"
        assert error_of(service, other) == (422, "invalid", name)
        text = f"{reads}, which texts do not have: send tokens"
        assert error_of(service, {"text": "Ada"}) == (422, "invalid", text)


def test_a_tagger_is_chosen_by_name(service):
    assert tag(service, {"text": "Ada", "tagger": "plain"})[1]["version"] == "ba9876543210"
    unknown = "tagger is 'plan': expected one of 'news', 'plain'; nearest: 'plain'"
    assert error_of(service, {"text": "Ada", "tagger": "plan"}) == (422, "invalid", unknown)
    label = "thresholds['PRE']: tagger 'news' has no such label; nearest: 'PER'"
    assert error_of(service, {"text": "a", "thresholds": {"PRE": 1}}) == (422, "invalid", label)
    facts = {"plain": False, "features": [], "numbers": [], "labels": ["LOC", "PER"]}
    assert ask(service, "GET", "/labels").json() == {
        "taggers": [
            {"name": "news", "version": "0123456789ab", **facts},
            {"name": "plain", "version": "ba9876543210", **facts},
        ]
    }


def test_other_paths_and_methods_are_refused(service):
    paths = "/tag, /health, /ready, /labels, /metrics, /openapi.json, /"
    for method, path, status, code, message in (
        ("GET", "/lables", 404, "not_found", f"no such path; expected one of {paths}; nearest: '/labels'"),
        ("GET", "/tag", 405, "wrong_method", "the path takes POST, not GET"),
        ("POST", "/health", 405, "wrong_method", "the path takes GET, not POST"),
        ("POST", "/tag/", 404, "not_found", f"no such path; expected one of {paths}; nearest: '/tag'"),
        ("GET", "/docs", 404, "not_found", f"no such path; expected one of {paths}"),
    ):  # fmt: skip
        response = ask(service, method, path)
        assert response.status_code == status
        assert response.json() == {"error": {"code": code, "message": message}}
    assert ask(service, "GET", "/tag").headers["allow"] == "POST"
    assert ask(service, "GET", "/health").json() == {"status": "ok"}
    assert ask(service, "GET", "/ready").json() == {"status": "ready"}
    page = ask(service, "GET", "/")
    assert page.headers["content-security-policy"].startswith("default-src 'none'")


def test_a_token_is_asked_for():
    wrong = "the token is missing or wrong: send the header Authorization: Bearer TOKEN"
    with service_of(token=TOKEN) as service:
        for header in ({}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"},
                       {"authorization": "Bearer"}, {"authorization": f"Bearer {TOKEN}x"}):  # fmt: skip
            assert error_of(service, {"text": "a"}, **header) == (401, "unauthorized", wrong)
        right = {"authorization": f"bearer {TOKEN}"}
        assert tag(service, {"text": "a"}, **right)[0] == 200
        for path, status in {"/labels": 401, "/metrics": 401, "/nope": 401, "/health": 200,
                             "/ready": 200, "/": 200, "/openapi.json": 200}.items():  # fmt: skip
            assert ask(service, "GET", path).status_code == status
            assert ask(service, "GET", path, headers=right).status_code in (200, 404)


def test_too_many_tokens_are_refused():
    with service_of(max_tokens=6) as service:
        assert tag(service, {"text": "a b c d e f"})[0] == 200
        assert tag(service, {"tokens": list("abcdef")})[0] == 200
        large = (413, "too_large", "the request has more than 6 tokens: send it in parts")
        for body in (
            {"text": "a b c\nd e f g"},
            {"tokens": list("abcdefg")},
            {"texts": [""] * 8},
            {"texts": ["a b c d", "e f g"]},
            {"sentences": [[]] * 8},
            {"text": "a " * 50_000},
        ):
            assert error_of(service, body) == large


def test_too_many_bytes_are_refused_as_they_arrive():
    large = "the body has more than 1,000 bytes: send the texts in parts"
    pulled = 0

    async def endless():
        nonlocal pulled
        for _ in range(100):
            pulled += 1
            yield b"x" * 100

    with service_of(max_body=1000) as service:
        assert error_of(service, b" " * 1001) == (413, "too_large", large)
        assert tag(service, b'{"text": "a"}'.ljust(1000))[0] == 200
        response = ask(service, "POST", "/tag", content=endless())
        assert (response.status_code, response.json()["error"]["message"]) == (413, large)
        assert service.bodies.arriving == 0
    assert pulled <= 12


def test_a_body_that_does_not_arrive_is_refused():
    slow = "the body did not arrive within 0.1 s: send it faster, or in parts"

    async def one_byte():
        yield b"{"
        await asyncio.sleep(60)

    with service_of(timeout=0.1) as service:
        response = ask(service, "POST", "/tag", content=one_byte())
        assert (response.status_code, response.json()["error"]["message"]) == (408, slow)
        assert response.headers["connection"] == "close"
        assert service.bodies.arriving == 0


class Stopped:
    """Holds the small lane of a service until it is released."""

    def __init__(self, service):
        import threading

        self.event, self.flat_tags, self.batches = (
            threading.Event(),
            service.lanes.answers_to_batch,
            [],
        )
        self.service = service

    def __enter__(self):
        def wait(jobs):
            self.event.wait(10)
            self.batches.append(len(jobs))
            return self.flat_tags(jobs)

        self.service.lanes.answers_to_batch = wait
        return self

    def __exit__(self, *args):
        self.event.set()
        self.service.lanes.answers_to_batch = self.flat_tags


def test_a_request_that_waits_too_long_is_refused():
    late = "the request was not tagged within 0.2 s: send it later, or in parts"
    with service_of(timeout=0.2) as service:
        with Stopped(service):
            response = ask(service, "POST", "/tag", content=b'{"text": "a"}')
        assert response.headers["retry-after"] == "1"
        assert (response.status_code, response.json()["error"]["message"]) == (503, late)
        assert service.active == 0
        assert tag(service, {"text": "a"})[0] == 200


def test_requests_beyond_the_limit_are_refused_at_once():
    request = ("POST", "/tag", {"content": b'{"text": "Ada saw OSLO"}'})
    full = "3 requests are being tagged, and the server takes no more: try again"

    with service_of(max_concurrency=3) as service, Stopped(service) as stopped:

        def release(job, submit=service.lanes.submit):
            submit(job)
            if service.active == 3:
                asyncio.get_running_loop().call_later(0.05, stopped.event.set)

        service.lanes.submit = release
        responses = ask_all(service, *[request] * 5)
        assert sorted(one.status_code for one in responses) == [200, 200, 200, 503, 503]
        assert {one.json()["error"]["message"] for one in responses if one.is_error} == {full}


def test_requests_that_arrive_together_are_tagged_together():
    texts = [f"Ada saw OSLO {number} times" for number in range(20)]
    requests = [("POST", "/tag", {"content": json.dumps({"text": text})}) for text in texts]
    requests.append(("POST", "/tag", {"content": b'{"tokens": ["Ada", "saw"], "details": true}'}))
    requests.append(("POST", "/tag", {"content": b'{"text": "a", "tagger": "plain"}'}))
    requests.append(
        ("POST", "/tag", {"content": json.dumps({"text": "x " * 40, "offsets": "utf16"})})
    )
    with service_of(NEWS, served("plain"), max_tokens=30) as service, Stopped(service) as stopped:

        def release(job, submit=service.lanes.submit):
            submit(job)
            if service.active == len(requests):
                stopped.event.set()

        service.lanes.submit = release
        *first, tokens, other, large = ask_all(service, *requests)
        for text, response in zip(texts, first, strict=True):
            assert response.json()["spans"] == spans_of(TAGGER.tag_text(text))
        assert [one["text"] for one in tokens.json()["tokens"]] == ["Ada", "saw"]
        assert other.json()["tagger"] == "plain"
        assert large.status_code == 413
        assert len(stopped.batches) <= 2


def test_a_request_that_fails_does_not_fail_its_neighbours(monkeypatch):
    flat_tags = type(TAGGER).flat_tags

    def fails(self, sentences, **options):
        if any("secret" in sentence.tokens for sentence in sentences):
            raise ZeroDivisionError("the text is secret")
        return flat_tags(self, sentences, **options)

    monkeypatch.setattr(type(TAGGER), "flat_tags", fails)
    requests = [
        ("POST", "/tag", {"content": json.dumps({"text": t})}) for t in ("Ada", "secret", "dog")
    ]
    with service_of() as service:
        statuses = [one.status_code for one in ask_all(service, *requests)]
        assert statuses == [200, 500, 200]
        wrong = (500, "internal", "the server has a defect, which its log describes")
        assert error_of(service, {"text": "secret"}) == wrong
        defects = [line for line in service.log.lines if line.get("event") == "defect"]
        assert defects[0]["error"] == "ZeroDivisionError"
        assert "test_service.py" in defects[0]["places"][-1]
        assert "secret" not in json.dumps(service.log.lines)


def test_the_log_has_a_line_per_request_without_texts(service):
    before = len(service.log.lines)
    tag(service, {"text": "Zanzibar is secret"})
    ask(service, "GET", "/Zanzibar?text=Zanzibar")
    error_of(service, {"Zanzibar": 1})
    lines = service.log.lines[before:]
    assert "Zanzibar" not in json.dumps(lines)
    assert [(one["method"], one["path"], one["status"]) for one in lines] == [
        ("POST", "/tag", 200), ("GET", "other", 404), ("POST", "/tag", 422),
    ]  # fmt: skip
    assert lines[0]["tokens"] == 3
    assert lines[0]["tagger"] == "news"
    assert lines[0]["bytes_in"] == len(b'{"text": "Zanzibar is secret"}')
    assert all(is_number(one["ms"]) for one in lines)


def test_prometheus_reads_the_figures():
    with service_of(served('a"b\\c')) as service:
        tag(service, {"tokens": ["Ada"] * 7})
        tag(service, {"tokens": 1})
        text = ask(service, "GET", "/metrics")
        assert text.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
        samples = {
            (sample.name, *sorted(sample.labels.items())): sample.value
            for family in text_string_to_metric_families(text.text)
            for sample in family.samples
        }
    assert samples["seqlab_requests_total", ("path", "/tag"), ("status", "200")] == 1
    assert samples["seqlab_requests_total", ("path", "/tag"), ("status", "422")] == 1
    assert samples["seqlab_tokens_total",] == 7
    assert samples["seqlab_request_seconds_count",] == 2
    assert samples["seqlab_batch_requests_bucket", ("le", "1")] == 1
    assert samples["seqlab_queue_requests",] == 0
    assert samples["seqlab_tagger_info", ("name", 'a"b\\c'), ("version", "0123456789ab")] == 1
    assert samples["process_resident_memory_bytes",] > 1e7


def test_a_large_request_is_tagged_in_slices_as_in_one(monkeypatch):
    from seqlab.serving import lanes

    monkeypatch.setattr(lanes, "SLICE", 10)
    monkeypatch.setattr(lanes, "SMALL", 20)
    with service_of() as service:
        tagged = TAGGER.tag_text(TEXT)
        answer = tag(service, {"text": TEXT, "details": True})[1]
        assert [token["tag"] for token in answer["tokens"]] == [t.tag for t in tagged.tokens]
        assert [span["text"] for span in answer["spans"]] == [s.text for s in tagged.spans]


def test_what_is_no_request_is_no_service():
    with service_of() as service, pytest.raises(NotImplementedError):
        asyncio.run(Service.__call__(service, {"type": "websocket"}, None, None))
