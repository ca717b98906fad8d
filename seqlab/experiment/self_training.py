"""Self-training: a teacher labels raw text, and the sentences that it is sure of become training sentences.

Sentences with rare classes are chosen first, by calibrated confidence. The student learns the teacher's probabilities, and
each sentence weighs as much as the teacher is sure of it. Choice by confidence goes back to Yarowsky (1995), soft labels of
a teacher on raw data to "noisy student" training (Xie et al. 2020).
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean

import numpy as np

from seqlab.arrays import FloatArray
from seqlab.corpus.schemes import Scheme, decode_spans
from seqlab.corpus.sentence import Sentence
from seqlab.corpus.splits import Splits
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.deciding.viterbi import decode
from seqlab.encoding.raw_text import RawText
from seqlab.errors import UserError
from seqlab.inference.scorer import log_softmax
from seqlab.machine.progress import watched
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.storing.save_and_load import load_run
from seqlab.tagging.tagger import CHUNK, Tagger

Words = tuple[str, ...]
LEAST_CONFIDENCE = 0.5  # of every token: below it another tag may be more probable


@dataclass(frozen=True, kw_only=True)
class LabelledText:
    """A sentence of raw text with the teacher's tags; its weight is the teacher's confidence.

    items: its spans by class; for plain tags its tokens by tag.
    """

    sentence: Sentence
    items: Counter[str]

    @property
    def confidence(self) -> float:
        """The smallest calibrated probability of a chosen tag."""
        return self.sentence.weight


def read_self_trained(settings: TrainSettings, splits: Splits, log: Log) -> list[Sentence]:
    """The sentences of --raw-text that training takes, labelled by --teacher; none without --self-train.

    Sentences of the splits are left out.
    Raises UserError for a teacher that reads columns, or whose tag scheme is another.
    """
    path = settings.teacher
    if not settings.self_train or path is None:
        return []
    teacher = load_run(path)
    if teacher.encoder.feature_columns or teacher.encoder.numeric_columns:
        raise UserError(
            f"{path}: reads columns besides the words, which raw text does not have; leave --self-train out"
        )
    if teacher.scheme is not splits.scheme:
        raise UserError(
            f"{path}: its tag scheme is {teacher.scheme}, but that of this training is {splits.scheme}; "
            f"give --scheme {teacher.scheme}"
        )
    counts = item_counts_of(splits.train, splits.scheme)
    texts = raw_sentences(settings, splits)
    chosen = self_trained(teacher, texts, counts, most=len(splits.train))
    log(self_training_text(chosen, len(texts), teacher.scheme))
    return chosen


def raw_sentences(settings: TrainSettings, splits: Splits) -> dict[Words, None]:
    """The distinct sentences of --raw-text that no split has."""
    text = RawText(
        (settings.raw_text or "",),
        format="text",
        tokenized=settings.tokenized,
        normalised=False,
        encoding=settings.encoding,
        longest=settings.max_tokens,
    )
    parts = (splits.train, splits.valid, splits.test or ())
    known = {sentence.tokens for part in parts for sentence in part}
    texts = (tuple(words) for words in text)
    return dict.fromkeys(words for words in texts if words not in known)


def self_training_text(chosen: Sequence[Sentence], texts: int, scheme: Scheme) -> str:
    """One line about the sentences that the teacher has labelled, rarest class first.

    >>> self_training_text([Sentence(tokens=("Ada",), tags=("B-PER",), weight=0.8)], 1200, Scheme.IOB2)
    'self-training: 1 of 1,200 sentences, mean weight 0.8; PER 1'
    """
    counts = item_counts_of(chosen, scheme)
    line = f"self-training: {len(chosen):,} of {texts:,} sentences"
    if not chosen:
        return f"{line}: the teacher is not sure of any with a span"
    items = ", ".join(f"{name} {counts[name]:,}" for name in sorted(counts, key=counts.__getitem__))
    return f"{line}, mean weight {fmean(s.weight for s in chosen):.3g}; {items or 'no spans'}"


def self_trained(
    teacher: Tagger, texts: Iterable[Words], counts: Mapping[str, int], *, most: int
) -> list[Sentence]:
    """The sentences that are added to training, with the teacher's tags and weights, in the order of the texts.

    texts: distinct sentences. counts: items of each class in training. most: the largest number of sentences.
    """
    sure = []
    for sentence, probabilities in watched(teach(teacher, texts), "self-training"):
        confidence = chosen_probability(teacher, sentence, probabilities)
        if confidence >= LEAST_CONFIDENCE:
            items = items_of(sentence.tags or (), teacher.scheme)
            weighted = Sentence(tokens=sentence.tokens, tags=sentence.tags, weight=confidence)
            sure.append(LabelledText(sentence=weighted, items=items))
    return [sure[number].sentence for number in sorted(choose(sure, counts, most=most))]


def teach(teacher: Tagger, texts: Iterable[Words]) -> Iterator[tuple[Sentence, FloatArray]]:
    """Label sentences. Yields each with its tags, and float32 (T, C), its calibrated probabilities."""
    source = iter(texts)
    while chunk := [Sentence(tokens=tokens) for tokens in islice(source, CHUNK)]:
        for sentence, logs in zip(chunk, teacher.token_log_probabilities(chunk), strict=True):
            tag_ids = decode(logs[None] + teacher.bias, np.array([len(logs)]), teacher.legal)[0]
            labelled = Sentence(tokens=sentence.tokens, tags=teacher.tag_names(tag_ids))
            yield labelled, calibrated_probabilities(logs, teacher.decision)


def calibrated_probabilities(logs: FloatArray, decision: DecisionRule) -> FloatArray:
    """float32 (T, C) from log-probabilities of C tags: the probabilities that a tagger reports."""
    probabilities = np.exp(log_softmax(logs / np.float32(decision.temperature)))
    return decision.doubted(probabilities, tags=logs.shape[-1]).astype(np.float32)


def chosen_probability(teacher: Tagger, sentence: Sentence, probabilities: FloatArray) -> float:
    """The smallest probability of a sentence's tags."""
    columns = [teacher.encoder.tags.symbols.index(tag) for tag in sentence.tags or ()]
    return float(probabilities[np.arange(len(columns)), columns].min())


def item_counts_of(sentences: Iterable[Sentence], scheme: Scheme) -> Counter[str]:
    """The items of each class in some sentences."""
    counts = Counter[str]()
    for sentence in sentences:
        counts.update(items_of(sentence.tags or (), scheme))
    return counts


def items_of(tags: Sequence[str], scheme: Scheme) -> Counter[str]:
    """The spans of each class; for plain tags the tokens of each tag."""
    if scheme is Scheme.PLAIN:
        return Counter(tags)
    return Counter(entity_type for _, _, entity_type in decode_spans(tags, scheme))


def choose(sure: Sequence[LabelledText], counts: Mapping[str, int], *, most: int) -> set[int]:
    """The indices of the sentences that training takes.

    The rarest class comes first: its surest sentences, until they hold as many items of it as training has. Then sentences
    without items follow, the surest first, until they have the share that they have in `sure`.
    """
    order = sorted(range(len(sure)), key=lambda number: -sure[number].confidence)
    chosen: set[int] = set()
    added: Counter[str] = Counter()
    for name in sorted(counts, key=lambda one: (counts[one], one)):
        for number in order:
            if added[name] >= counts[name] or len(chosen) >= most:
                break
            if number not in chosen and sure[number].items[name]:
                chosen.add(number)
                added.update(sure[number].items)
    empty = [number for number in order if not sure[number].items]
    with_items = len(sure) - len(empty)
    wanted = round(len(chosen) * len(empty) / with_items) if with_items else 0
    return chosen | set(empty[: min(wanted, most - len(chosen))])
