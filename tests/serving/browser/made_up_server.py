"""A server of made-up taggers, inside the browser: each capitalised word is a name, and its length gives the score."""

import json
import re

from seqlab.serving.page import page, page_headers

ADDRESS = "http://seqlab.test/"
WORD = re.compile(r"[^\W\d_]+|\S")


def units(text):
    """The UTF-16 units of a text."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class MadeUpServer:
    """Answers the requests of a page. taggers: as GET /labels lists them. requests: the bodies of POST /tag."""

    def __init__(self, *taggers, token=None):
        self.taggers = taggers or (tagger("names", ["PER", "LOC"]),)
        self.token = token
        self.scores = {}  # of words whose score is not a tenth per character
        self.requests = []
        self.refusals = []  # (status, headers, error), one for each of the next requests
        self.holding = False
        self.held = []  # answers that `release` gives

    def handle(self, route):
        request = route.request
        path = request.url.removeprefix(ADDRESS)
        if path == "":
            route.fulfill(body=page(), headers=dict(page_headers()))
        elif self.token and request.headers.get("authorization") != f"Bearer {self.token}":
            answer(route, {"error": {"code": "unauthorized", "message": "Send a token."}}, 401)
        elif path == "labels":
            answer(route, {"taggers": self.taggers})
        else:
            self.tag(route, json.loads(request.post_data_buffer))

    def tag(self, route, body):
        self.requests.append(body)
        if self.holding:
            self.held.append((route, body))
        else:
            self.answer_to(route, body)

    def release(self):
        """Answer what was held, and hold no more."""
        self.holding = False
        while self.held:
            self.answer_to(*self.held.pop(0))

    def answer_to(self, route, body):
        if self.refusals:
            status, headers, error = self.refusals.pop(0)
            return answer(route, {"error": error}, status, headers)
        chosen = next(one for one in self.taggers if one["name"] == body["tagger"])
        assert body["offsets"] == "utf16"
        parts = list(found(body["text"], chosen))
        for part in parts:
            part["score"] = self.scores.get(part["text"], part["score"])
        spans = [] if chosen["plain"] else [part for part in parts if part["text"].istitle()]
        result = {"spans": spans, "tagger": chosen["name"], "version": chosen["version"]}
        if chosen["plain"] or body["details"]:
            tags = [p["label"] if chosen["plain"] or p in spans else "O" for p in parts]
            result["tokens"] = [
                {**{key: part[key] for key in ("start", "end", "text", "score")}, "tag": tag}
                for part, tag in zip(parts, tags, strict=True)
            ]
        return answer(route, result)


def tagger(name, labels, **more):
    """An entry of GET /labels."""
    entry = {"version": "0123456789ab", "plain": False, "features": [], "numbers": []}
    return {"name": name, "labels": labels, **entry, **more}


def found(text, chosen):
    """Each word with a label by its length, and a score of a tenth per character."""
    for match in WORD.finditer(text):
        start, word = units(text[: match.start()]), match[0]
        label = chosen["labels"][len(word) % len(chosen["labels"])]
        score = min(len(word), 9) / 10
        yield {
            "start": start,
            "end": start + units(word),
            "label": label,
            "text": word,
            "score": score,
        }


def answer(route, value, status=200, headers=None):
    """Answer with JSON."""
    kinds = {"Content-Type": "application/json", **(headers or {})}
    route.fulfill(status=status, headers=kinds, body=json.dumps(value))
