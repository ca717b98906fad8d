"""Old training sentences that each epoch also holds (--replay). Does not import keras."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from seqlab.arrays import Int64Array
from seqlab.corpus.corpus_arrays import CorpusArrays, corpus_arrays
from seqlab.corpus.joined_arrays import join_arrays
from seqlab.corpus.schemes import OUTSIDE_TAG, Scheme, class_of_tag
from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.encoding.encoder import Encoder
from seqlab.encoding.replay import ReplaySampler, old_sentences
from seqlab.errors import SettingsError
from seqlab.experiment.old_data import read_old_data
from seqlab.experiment.old_run import Origin
from seqlab.machine.wording import listed, percent, plural
from seqlab.reporting.log import Log
from seqlab.settings.training import TrainSettings
from seqlab.weighting.resampling import Resampler


@dataclass(frozen=True, kw_only=True)
class Replay:
    """The old corpus of --replay. share: of the epoch's sentences that are drawn from it."""

    arrays: CorpusArrays
    share: float

    def joined(self, new: CorpusArrays) -> CorpusArrays:
        """The new training corpus with the old one behind it."""
        return join_arrays(new, self.arrays)

    def drawn(self, new: int) -> int:
        """How many old windows an epoch with `new` other ones holds."""
        return old_sentences(new, self.share)

    def sampler(self, windows: EncodedCorpus, new: int, inner: Resampler | None) -> ReplaySampler:
        """Return what draws the windows of each epoch.

        windows: of the joined corpus. new, inner: the number of windows of the new corpus, and what draws them.
        """
        return ReplaySampler(new=new, old=len(windows) - new, share=self.share, inner=inner)


def read_replay(
    settings: TrainSettings, origin: Origin | None, encoder: Encoder, log: Log
) -> Replay | None:
    """Read the corpus of --replay; None without it. Notes go to the log.

    With --replay-outside ignore, its O tokens get weight 0.
    Raises CorpusError for a file that cannot be read, and SettingsError for `ignore` with plain tags.
    """
    if origin is None or settings.replay is None:
        return None
    scheme = origin.old.tagger.scheme
    ignored = settings.replay_outside == "ignore"
    if ignored and scheme is Scheme.PLAIN:
        raise SettingsError("replay_outside is 'ignore', but plain tags have no O: leave it out")
    data = read_old_data(settings.replay, settings, origin, log)
    columns = tuple(encoder.feature_columns), tuple(encoder.numeric_columns)
    arrays = corpus_arrays(data.sentences, *columns)
    for note in replay_notes(arrays, origin, encoder, ignored=ignored):
        log(f"note: {note}")
    return Replay(
        arrays=without_outside(arrays) if ignored else arrays, share=settings.replay_share
    )


def without_outside(arrays: CorpusArrays) -> CorpusArrays:
    """The corpus with weight 0 for its O tokens."""
    weights = arrays.token_weights
    weights = np.ones(len(arrays.spelling_ids)) if weights is None else weights
    outside = np.array([tag == OUTSIDE_TAG for tag in arrays.tags])
    return replace(arrays, token_weights=np.where(outside[arrays.tag_ids], 0.0, weights))


def replay_notes(
    arrays: CorpusArrays, origin: Origin, encoder: Encoder, *, ignored: bool
) -> Iterator[str]:
    """Yield notes on tags that the network lacks, and on new entity types that the old sentences lack."""
    old, scheme = origin.old.tagger, origin.old.tagger.scheme
    counts = arrays.counts_by_tag()
    unknown = [tag for tag in counts if tag not in encoder.tags]
    if unknown:
        tokens = plural(sum(counts[tag] for tag in unknown), "token")
        yield f"replay: {tokens} with tags that neither the old run nor train has are not learnt: {listed(unknown)}"
    if scheme is Scheme.PLAIN or ignored:
        return
    labelled = {class_of_tag(tag, scheme) for tag in counts}
    known = {class_of_tag(tag, scheme) for tag in old.encoder.tags}
    classes = dict.fromkeys(class_of_tag(tag, scheme) for tag in encoder.tags)
    missing = [name for name in classes if name not in labelled | known]
    if missing:
        yield (
            f"replay: no span of {listed(list(map(repr, missing)))}, so the network learns that no token is in one; "
            "if some are, label them or give --replay-outside ignore"
        )


def expected_windows(resampler: Resampler | None, windows: int) -> int:
    """How many of the new windows an epoch holds on average."""
    return windows if resampler is None else round(float(resampler.expected().sum()))


def replay_text(sampler: ReplaySampler, new: int) -> str:
    """One line on how an epoch is mixed. new: windows of the new corpus in an epoch."""
    drawn = old_sentences(new, sampler.share)
    share = percent(drawn / (new + drawn), digits=0)
    often = f", each {drawn / sampler.old:.1f} times" if drawn > sampler.old else ", drawn anew"
    return f"replay: an epoch holds {drawn:,} of {sampler.old:,} old windows{often}; they are {share} of it"


def first_windows(windows: EncodedCorpus, count: int) -> EncodedCorpus:
    """The first windows of a corpus; the tokens behind them stay in its arrays, unused."""
    return replace(
        windows,
        offsets=windows.offsets[: count + 1],
        sentence_weights=windows.sentence_weights[:count],
    )


def replayed_counts(
    replay: Replay, sampler: ReplaySampler, new: int, encoder: Encoder
) -> Int64Array:
    """int64 (C,): how many replayed tokens of each tag an epoch holds on average.

    new: windows of the new corpus in an epoch.
    """
    counts = replay.arrays.counts_by_tag()
    old = np.array([counts.get(tag, 0) for tag in encoder.tags], np.float64)
    return np.round(old * old_sentences(new, sampler.share) / sampler.old).astype(np.int64)
