"""The cost of a CRF with many tags, said before training begins."""

from collections.abc import Iterator

import numpy as np

from seqlab.encoding.encoded_corpus import EncodedCorpus
from seqlab.machine.wording import plural
from seqlab.weighting.resampling import Resampler

# Per token and pair of tags: a multiplication and an addition, of both directions, in messages, slopes and the
# gradient of the transitions; see `seqlab.modeling.crf_forward_backward`.
OPERATIONS = 12
PER_SECOND = (
    2e10  # float32 operations of one core in matrix products: 2.4e10 measured with 801 tags
)
LONGEST = 10.0  # minutes of an epoch that need no word


def slow_crf(
    head: str | None, tags: int, windows: EncodedCorpus, resampler: Resampler | None
) -> Iterator[str]:
    """Yield a note when the CRF alone makes an epoch longer than `LONGEST`, as its time grows with the square of the tags.

    head: the output layer. tags: their number.
    """
    if head != "crf":
        return
    copies = np.ones(len(windows)) if resampler is None else resampler.expected()
    tokens = float(copies @ windows.lengths)
    minutes = OPERATIONS * tokens * tags**2 / PER_SECOND / 60
    if minutes > LONGEST:
        memory = (
            10 * 4 * tags**2 / 2**30
        )  # weights, slopes, two moments of Adam, and products on the way
        time = f"{minutes:,.0f} minutes" if minutes < 120 else f"{minutes / 60:,.0f} hours"
        fact = f"a CRF of {plural(tags, 'tag')} takes about {time} per epoch on one core, and {memory:.1f} GiB"
        yield f"{fact}; --head softmax has no such cost, and --map-tag merges entity types"
