"""One request on its way through a tagger: cut into sentences, tagged, written as JSON."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from seqlab.arrays import FloatArray, Int32Array
from seqlab.corpus.corpus_arrays import offsets_of
from seqlab.corpus.sentence import Sentence
from seqlab.inference.scorer import sentence_lengths
from seqlab.serving.answer import TaggedItem, answer_body
from seqlab.serving.refusal import TOO_LARGE, Refusal, invalid
from seqlab.serving.served_taggers import ServedTagger
from seqlab.serving.tag_request import TagRequest
from seqlab.tagging.text_pieces import SpanRow, span_bounds, span_rows
from seqlab.text.cutting import CutSentence, cut_sentences


@dataclass(kw_only=True, slots=True, eq=False)
class TagJob:
    """A request, its sentences and the future of its answer.

    future: gets the answer's body, or a Refusal. given_up: nobody waits for the answer any more.
    cuts: the sentences of each text, or of each list of tokens. tokens: how many there are in all.
    """

    request: TagRequest
    served: ServedTagger
    max_tokens: int
    future: Any = None
    given_up: bool = False
    cuts: list[list[CutSentence]] | None = None
    sentences: list[Sentence] = field(default_factory=list)
    tokens: int = 0

    def cut(self) -> None:
        """Cut the texts into sentences. Raises Refusal if they have too many tokens."""
        request, rules = self.request, self.served.rules
        if request.texts is None:
            self.sentences = sentences_of(request, self.served)
            self.tokens = sum(map(len, request.sentences))
            check_tokens(self.tokens + len(self.sentences) - 1, self.max_tokens)
            return
        if rules is None:
            raise invalid(f"{missing_columns(self.served)}, which texts do not have: send tokens")
        self.cuts = []
        units = len(request.texts) - 1  # an empty text costs something too
        for text in request.texts:
            cuts: list[CutSentence] = []
            for cut in cut_sentences(text, rules):
                cuts.append(cut)
                units += len(cut.tokens)
                if units > self.max_tokens:
                    check_tokens(units, self.max_tokens)
            self.cuts.append(cuts)
            self.sentences += [Sentence(tokens=cut.tokens) for cut in cuts]
        check_tokens(units, self.max_tokens)
        self.tokens = units - len(request.texts) + 1

    def needs_all_scores(self) -> bool:
        """Whether the answer lists tokens, each with its score."""
        return self.request.details or self.served.plain

    def write(self, tag_ids: Int32Array, scores: FloatArray, spans: Sequence[SpanRow]) -> bytes:
        """The answer's body. tag_ids, scores: of all tokens. spans: their tokens counted from the first."""
        items, first, number = [], 0, 0
        for index, count in enumerate(self.item_lengths()):
            stop, begin = first + count, number
            while number < len(spans) and spans[number].start < stop:
                number += 1
            items.append(
                TaggedItem(
                    first=first,
                    tag_ids=tag_ids[first:stop],
                    scores=scores[first:stop],
                    spans=spans[begin:number],
                    text=None if self.cuts is None else self.request.texts[index],  # type: ignore[index]
                    cuts=None if self.cuts is None else self.cuts[index],
                    tokens=() if self.cuts is not None else self.request.sentences[index],
                )
            )
            first = stop
        return answer_body(items, self.request, self.served)

    def item_lengths(self) -> list[int]:
        """The number of tokens of each text, or of each list of tokens."""
        if self.cuts is None:
            return list(map(len, self.request.sentences))
        return [sum([len(cut.tokens) for cut in cuts]) for cuts in self.cuts]


def sentences_of(request: TagRequest, served: ServedTagger) -> list[Sentence]:
    """The tokenised sentences of a request, with the columns that the tagger reads."""
    features, numbers = served.features, served.numbers
    if not features and not numbers:
        return [Sentence(tokens=tuple(tokens)) for tokens in request.sentences]
    sentences = []
    for index, tokens in enumerate(request.sentences):
        given = request.features[index] if request.features else {}
        numeric = request.numbers[index] if request.numbers else {}
        if not (given.keys() >= set(features) and numeric.keys() >= set(numbers)):
            raise invalid(f"{missing_columns(served)}: send them with the tokens")
        sentences.append(
            Sentence(
                tokens=tuple(tokens),
                features={name: tuple(given[name]) for name in features},
                numbers={
                    name: tuple(
                        float("nan") if one is None else float(one) for one in numeric[name]
                    )
                    for name in numbers
                },
            )
        )
    return sentences


def missing_columns(served: ServedTagger) -> str:
    """What a tagger reads besides tokens, for messages."""
    columns = [f"features {served.features}"] * bool(served.features)
    columns += [f"numbers {served.numbers}"] * bool(served.numbers)
    return f"tagger {served.name!r} reads {' and '.join(columns)}"


def check_tokens(tokens: int, most: int) -> None:
    """Raise Refusal if a request has too many tokens."""
    if tokens > most:
        raise Refusal(
            413,
            TOO_LARGE,
            f"the request has more than {most:,} tokens: send it in parts",
        )


def tag_together(jobs: Sequence[TagJob]) -> list[bytes]:
    """The answers to some jobs of one tagger, which are cut."""
    served = jobs[0].served
    sentences = [sentence for job in jobs for sentence in job.sentences]
    every = any(job.needs_all_scores() for job in jobs)
    tag_ids, scores, spans = tag_flat(served, sentences, every=every)
    first, number, answers = 0, 0, []
    for job in jobs:
        stop, begin = first + job.tokens, number
        while number < len(spans) and spans[number].start < stop:
            number += 1
        own = spans[begin:number]
        if first:
            own = [SpanRow(s.start - first, s.stop - first, s.tag_id, s.score) for s in own]
        answers.append(job.write(tag_ids[first:stop], scores[first:stop], own))
        first = stop
    return answers


def tag_flat(
    served: ServedTagger, sentences: Sequence[Sentence], *, every: bool
) -> tuple[Int32Array, FloatArray, list[SpanRow]]:
    """Tag ids and scores of all tokens, and spans. every: compute the scores of tags outside spans too."""
    tagger = served.tagger
    scored = np.ones_like(tagger.outside) if every else ~tagger.outside
    tag_ids, scores = tagger.flat_tags(sentences, scored=scored)
    offsets = offsets_of(sentence_lengths(sentences))
    starts, stops = span_bounds(
        tag_ids, offsets, outside=tagger.outside, continues=tagger.continues
    )
    return tag_ids, scores, span_rows(starts, stops, tag_ids, scores)


def slices_of(sentences: Sequence[Sentence], tokens: int) -> list[Sequence[Sentence]]:
    """Runs of sentences with about this many tokens."""
    bounds, count = [0], 0
    for number, sentence in enumerate(sentences, start=1):
        count += len(sentence)
        if count >= tokens:
            bounds.append(number)
            count = 0
    if bounds[-1] < len(sentences):
        bounds.append(len(sentences))
    return [sentences[a:b] for a, b in pairwise(bounds)]
