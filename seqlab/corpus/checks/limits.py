"""All thresholds of the checks of what was read, each with its reason.

Shares are from 0 to 1. The corpora in the tests, published and made, stay on the right side of each.
"""

SAMPLE_TOKENS = 10_000
"""Tokens looked at to judge columns. Columns are alike from line to line. A fixed number makes the share of distinct
words the same for small and for large corpora: it falls with their size."""

SAMPLE_LINES = 2_000
"""Lines of a file looked at to find the columns of tokens and tags: enough to meet a span."""

STRAY_SHARE = 0.5
"""Share of tokens up to which tags that fit no span scheme are mistakes in a corpus of spans. Above it the corpus has
plain tags."""

MEANT_SHARE = 0.95
"""Share of tokens whose tags must be span tags, or become span tags when letters, separators or `0` are mended, before
the tags are called misspelt. Tag sets of parts of speech have a few such names by chance."""

COLUMN_SHARE = 0.9
"""Share of tokens that are numbers, or tags, from which on the token column holds numbers or tags. Texts with many
numbers stay far below it."""

SPAN_COLUMN_SHARE = 0.95
"""Share of the cells of a column that are O or PREFIX-TYPE, from which on it is a column of spans."""

MANY_TAGS = 20
MANY_TAGS_SHARE = 0.05
TAGS_PER_WORD = 2
"""Swapped columns: at least `MANY_TAGS` distinct tags, `MANY_TAGS_SHARE` of the tokens looked at, and `TAGS_PER_WORD`
times as many as distinct tokens. Large tag sets (500 morphological tags) stay below 5 % of 10,000 tokens. Corpora of
letters or phonemes have more tags than tokens, but not twice as many."""

WORDS_AS_TAGS = 50
WORDS_AS_TAGS_SHARE = 0.2
"""Words as tags, whatever the tokens are: at least `WORDS_AS_TAGS` distinct tags, a new one at every fifth token."""

ONE_SENTENCE_TOKENS = 200
"""Tokens from which on a file that is a single sentence has lost its sentence breaks. Longer sentences occur (641 tokens
in SEC filings), but never alone."""

LONG_SHARE = 0.02
"""Share of the sentences longer than a training window, from which on a note asks for sentence breaks."""

ONE_TOKEN_SENTENCES = 50
"""Sentences from which on a file of one-token sentences probably has a blank line after each token."""

REPEATED_SHARE = 0.9
REPEATED_SENTENCES = 10
"""Share of the sentences of a split of at least `REPEATED_SENTENCES` that another split has too, above which one file was
taken from the other. Short sentences recur in honest splits, but not nearly all of them."""

UNKNOWN_TAGS_SHARE = 0.5
"""Share of the tokens of another split whose tags training lacks, from which on the two are different tasks."""
