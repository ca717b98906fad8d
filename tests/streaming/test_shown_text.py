"""Formats html and displacy: what is highlighted is what JSON lines say, and the text is the input's."""

import json
import re
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from itertools import combinations
from math import cos, dist, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seqlab.annotations.annotated_text import AnnotatedText
from seqlab.corpus.schemes import Scheme
from seqlab.corpus.sentence import Sentence
from seqlab.encoding.vocabulary import Vocabulary
from seqlab.streaming.output import OutputOptions
from seqlab.streaming.shown_text import shown_labels
from seqlab.streaming.writer import TagWriter
from seqlab.tagging import text_pieces
from seqlab.tagging.tagged_html import (
    HighlightedPart,
    highlighted,
    label_numbers,
    page_head,
)
from seqlab.tagging.tagged_text import TaggedSpan, TaggedText, TaggedToken
from tests import tiny

pytestmark = tiny.KERAS_NOISE

HOSTILE = '<script>alert("Ada Stone")</script> & left Oslo.\n\t<b>Boris</b> \u202e Marsh 😀 saw &lt; Paris.'
LINES = ["Ada Stone saw Oslo in 1999.", HOSTILE, "", "Clara Vale praised Lima .\nIt rained."]


class PageReader(HTMLParser):
    """The blocks of a page: the text of each, and its highlights as (start, end, label)."""

    def __init__(self, page):
        super().__init__()
        self.blocks, self.stack, self.tags = [], [], set()
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.add(tag)
        self.stack.append(tag)
        names = dict(attributes).get("class") or ""
        if tag == "div" or (tag, names) == ("p", "sentence"):
            self.blocks.append({"text": "", "parts": []})
        if self.blocks and (tag == "mark" or names.startswith("token")):
            self.blocks[-1]["parts"].append([len(self.blocks[-1]["text"]), None, ""])

    def handle_endtag(self, tag):
        self.stack.pop()

    def handle_data(self, data):
        if not self.blocks or self.stack[-1] not in ("div", "p", "mark", "span", "b"):
            return
        block = self.blocks[-1]
        if self.stack[-1] == "b":
            block["parts"][-1][1:] = [len(block["text"]), data]
        else:
            block["text"] += data


def written(tagger, items, format, **options):
    writer = TagWriter(tagger=tagger, options=OutputOptions(format=format, **options))
    text = writer.write(items)
    assert text.error is None
    return text.text.decode()


def page_of(tagger, items, **options):
    head = page_head(shown_labels(tagger), title="<t>", plain=not any(tagger.labels))
    return PageReader(head + written(tagger, items, "html", **options))


def documents(lines=LINES):
    return [AnnotatedText(text=line, source=f"in:{n}") for n, line in enumerate(lines, 1)]


def spans_of(line, key="spans", label="label"):
    return [[s["start"], s["end"], s[label]] for s in json.loads(line)[key]]


def sentences():
    tokens = (["Ada", "Stone", "saw", "Oslo"], ["<b>", "Boris", "Marsh", "&amp;"], ["It", "rained"])
    return [Sentence(tokens=tuple(row)) for row in tokens]


@pytest.mark.parametrize("longest", [text_pieces.LONGEST_PIECE, 8])
def test_texts_are_highlighted_where_json_lines_say(span_run, monkeypatch, longest):
    tagger = span_run.tagger
    lines = written(tagger, documents(), "jsonl").splitlines()
    monkeypatch.setattr(text_pieces, "LONGEST_PIECE", longest)
    assert sum(len(spans_of(line)) for line in lines) > 4
    page = page_of(tagger, documents())
    assert [block["text"] for block in page.blocks] == LINES
    assert [block["parts"] for block in page.blocks] == [spans_of(line) for line in lines]
    shown = map(json.loads, written(tagger, documents(), "displacy").splitlines())
    assert list(shown) == [
        {
            "text": text,
            "ents": [{"start": s, "end": e, "label": label} for s, e, label in spans_of(line)],
            "title": None,
        }
        for text, line in zip(LINES, lines, strict=True)
    ]


def test_plain_tags_are_tokens_with_their_tags(plain_run):
    tagger = plain_run.tagger
    lines = written(tagger, documents(), "jsonl").splitlines()
    page = page_of(tagger, documents())
    expected = [spans_of(line, "tokens", "tag") for line in lines]
    assert [block["parts"] for block in page.blocks] == expected
    shown = map(json.loads, written(tagger, documents(), "displacy").splitlines())
    assert [[list(ent.values()) for ent in one["ents"]] for one in shown] == expected


def test_sentences_are_blocks_with_their_tokens_joined(span_run):
    tagger = span_run.tagger
    items = [*sentences(), Sentence(tokens=())]
    page = page_of(tagger, items)
    assert [block["text"] for block in page.blocks] == [" ".join(s.tokens) for s in sentences()]
    rows = [json.loads(line) for line in written(tagger, items, "displacy").splitlines()]
    assert [row["text"] for row in rows] == [" ".join(s.tokens) for s in sentences()]
    spans = [[list(ent.values()) for ent in row["ents"]] for row in rows]
    assert [block["parts"] for block in page.blocks] == spans
    texts = [
        row["text"][start:end] for row in rows for start, end, _ in map(dict.values, row["ents"])
    ]
    confident = tagger.predict(sentences())
    inside = [
        token
        for s, p in zip(sentences(), confident, strict=True)
        for token, tag in zip(s.tokens, p.tags, strict=True)
        if tag != "O"
    ]
    assert " ".join(texts).split() == inside


def test_scores_are_those_of_json_lines(span_run):
    tagger = span_run.tagger
    scores = [
        span["score"]
        for line in written(tagger, documents(), "jsonl").splitlines()
        for span in json.loads(line)["spans"]
    ]
    rows = written(tagger, documents(), "displacy", scores=True).splitlines()
    assert [ent["score"] for row in rows for ent in json.loads(row)["ents"]] == scores
    page = page_of(tagger, documents(), scores=True)
    labels = [part[2] for block in page.blocks for part in block["parts"]]
    assert [label.split()[1] for label in labels] == [f"{score:.2f}" for score in scores]


def test_hostile_text_makes_no_element_of_its_own(span_run):
    page = page_of(span_run.tagger, documents())
    ours = "html head meta title style body h1 p mark b article div"
    assert page.tags == set(ours.split())


HOSTILE_NAMES = [
    "</style><script>alert(1)</script>",
    '"><img src=x onerror=alert(2)>',
    "' onclick='alert(3)",
    "&lt;b&gt;",
    "<!--",
    "\u202eREP\0\ud800",
]


def renamed(tagger):
    """The tagger with hostile names of its classes, and the new name of each."""
    tags = tagger.encoder.tags.symbols
    classes = dict.fromkeys(
        tag if tagger.scheme is Scheme.PLAIN else tag[2:] for tag in tags if tag != "O"
    )
    names = dict(zip(classes, HOSTILE_NAMES, strict=False))
    if tagger.scheme is Scheme.PLAIN:
        symbols = tuple(names[tag] for tag in tags)
    else:
        symbols = tuple(tag if tag == "O" else tag[:2] + names[tag[2:]] for tag in tags)
    encoder = replace(tagger.encoder, tags=Vocabulary(symbols, has_unknown=False))
    return replace(tagger, encoder=encoder), names


@pytest.mark.parametrize("run", ["span_run", "plain_run"])
def test_hostile_class_names_make_no_element_of_their_own(request, run, tmp_path, capsysbinary):
    from seqlab import save, tag

    tagger = request.getfixturevalue(run).tagger
    hostile, names = renamed(tagger)
    save(hostile, tmp_path / "run")
    (tmp_path / "a.txt").write_text("\n".join(LINES), encoding="utf-8")
    code = tag.main([str(tmp_path / "run"), str(tmp_path / "a.txt"), "--output-format", "html"])
    page = capsysbinary.readouterr().out.decode()
    found, plain = PageReader(page), tagger.scheme is Scheme.PLAIN
    assert (code, len(names)) == (0, 4 if plain else 3)
    ours = "html head meta title style body h1 p mark b article div"
    assert found.tags == set(ours.split()) | ({"span"} if plain else set())
    assert page.count("<style>") == page.count("</style>") == page.count("<!") == 1
    shown = [label for block in found.blocks for _, _, label in block["parts"]]
    assert len(shown) > 4
    assert set(shown) <= set(map(visible_name, names.values()))
    assert " ".join(block["text"] for block in found.blocks).split() == " ".join(LINES).split()


def visible_name(name):
    """A class name in the page, where HTML cannot hold some characters."""
    return name.replace("\0", "\\x00").replace("\ud800", "\\xd800")


def test_the_policy_allows_the_style_of_the_page_alone(span_run):
    head = page_head(shown_labels(span_run.tagger), title="t", plain=False)
    (style,) = re.findall("<style>(.*?)</style>", head, re.DOTALL)
    allowed = b64encode(sha256(style.encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    )
    assert f'content="{policy}"' in head
    for number in range(len(shown_labels(span_run.tagger))):
        assert f".c{number}{{--hue:" in style


@pytest.mark.parametrize("count", [2, 6, 17, 24])
def test_no_two_labels_have_nearly_the_same_colour(count):
    labels = [f"L{number}" for number in range(count)]
    style = re.search("<style>(.*?)</style>", page_head(labels, title="t", plain=True), re.DOTALL)[
        1
    ]
    edges = [(float(a), float(b)) for a, b in re.findall(r"--edge(?:-\d)?: (\d+)% ([.\d]+)", style)]
    rules = re.findall(r"\.c\d+\{--hue:(\d+)(?:;--mark:var\(--mark-(\d)\))?", style)
    assert len(rules) == count
    for scheme in (edges[:3], edges[3:]):  # light, dark
        places = [lab_of_lch(*scheme[int(tone or 0)], float(hue)) for hue, tone in rules]
        assert min(dist(a, b) for a, b in combinations(places, 2)) > 0.075


def lab_of_lch(percent, chroma, hue):
    """A colour in OKLab, whose distances are those that people see."""
    return percent / 100, chroma * cos(radians(hue)), chroma * sin(radians(hue))


@given(st.text(st.characters(codec=None), max_size=20))
@settings(max_examples=50)
def test_any_text_can_be_written(text):
    html = highlighted(
        text,
        [HighlightedPart(0, len(text), "A<b", float("nan"))],
        label_numbers(["A<b"]),
        plain=False,
    )
    html.encode()
    page = PageReader(f"<div>{html}</div>")
    assert page.blocks[0]["parts"][0][2] == "A<b ?"
    kept = "".join(c for c in text if c.isprintable() or c in " \n\t")
    assert set(kept) <= set(page.blocks[0]["text"])
    assert page.tags == {"div", "mark", "b"}


def test_displacy_of_spacy_draws_the_lines(span_run):
    displacy = pytest.importorskip("spacy.displacy")
    rows = [
        json.loads(row) for row in written(span_run.tagger, documents(), "displacy").splitlines()
    ]
    html = displacy.render(rows, manual=True, style="ent", jupyter=False)
    assert html.count("<mark") == sum(len(row["ents"]) for row in rows) > 4
    assert "<script" not in html


def tagged_text(spans=(), tag="O"):
    tokens = (TaggedToken(0, 3, "Ada", tag, 0.9), TaggedToken(4, 8, "left", tag, 0.8))
    return TaggedText(text="Ada left", spans=spans, tokens=tokens)


class TestFromPython:
    def test_a_text_with_spans(self):
        text = tagged_text((TaggedSpan(0, 3, "PER", "Ada", 0.91),), "B-PER")
        assert text.to_displacy(title="7", scores=True) == {
            "text": "Ada left",
            "ents": [{"start": 0, "end": 3, "label": "PER", "score": 0.91}],
            "title": "7",
        }
        page = PageReader(text.to_html())
        assert page.blocks == [{"text": "Ada left", "parts": [[0, 3, "PER"]]}]
        assert "PER 0.91" in text.to_html(scores=True)

    def test_a_text_without_spans(self):
        assert tagged_text().to_displacy() == {"text": "Ada left", "ents": [], "title": None}

    def test_plain_tags(self):
        page = PageReader(tagged_text(tag="X").to_html())
        assert page.blocks[0]["parts"] == [[0, 3, "X"], [4, 8, "X"]]
