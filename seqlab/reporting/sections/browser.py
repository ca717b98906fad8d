"""The section with the error browser. Python embeds the sentences as data; the page's script shows and filters them."""

from collections import Counter
from typing import Any

from seqlab.reporting.html import render
from seqlab.reporting.run_details import Browser, BrowserSentence
from seqlab.reporting.run_values import RunValues
from seqlab.reporting.shell import Section

DIGITS = 3


def browser_section(run: RunValues) -> Section | None:
    """None for a run without sentences."""
    browser = run.details.browser if run.details else None
    if browser is None or not browser.sentences:
        return None
    errors = [error for sentence in browser.sentences for error in sentence.errors]
    labels = sorted({error.label for error in errors})
    body = render(
        "sections/browser.html",
        rule=browser.rule,
        classes=labels,
        kinds=[kind for kind, _ in Counter(error.kind for error in errors).most_common()],
        splits=list(dict.fromkeys(sentence.split for sentence in browser.sentences)),
        suspects=sum(len(sentence.suspects) for sentence in browser.sentences),
        shown=len(browser.sentences),
        all=browser.with_errors,
    )
    return Section(
        id="browser",
        short="Browse",
        heading="Read the errors",
        body=body,
        data={"browser": browser_data(browser, labels)},
    )


def browser_data(browser: Browser, labels: list[str]) -> dict[str, Any]:
    """The sentences for the script, in short lists: a typical page has a few thousand of them. labels: of the filter."""
    return {
        "labels": labels,
        "sentences": [sentence_data(sentence) for sentence in browser.sentences],
    }


def sentence_data(sentence: BrowserSentence) -> list[Any]:
    """[split, source, tokens, gold, predicted, errors, suspects, tags]."""
    return [
        sentence.split,
        sentence.source,
        sentence.tokens,
        sentence.gold,
        [(*span[:3], round(span.confidence, DIGITS)) for span in sentence.predicted],
        sentence.errors,
        [(*mark[:3], round(mark.confidence, DIGITS)) for mark in sentence.suspects],
        sentence.tags,
    ]
