"""Settings of the files that a run reads and writes, and of the words in them."""

from dataclasses import dataclass

from seqlab.settings.by_name import FileByList
from seqlab.settings.choices import KeepVectors, RawTextUse, TagScheme
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class CorpusSettings(Settings):
    """Corpora, their columns and splits, and the run directory."""

    heading = "Corpora and files"

    train: str | None = setting(None, path=True)
    """Training corpus: a file, or a directory with seq.in and seq.out. [default: the bundled sample]"""
    valid: str | None = setting(None, path=True)
    """Validation corpus. It decides which epoch is kept. [default: a stratified part of --train]"""
    test: str | None = setting(None, path=True)
    """Test corpus. It is scored once, after training."""
    corpus: str | None = None
    """Corpus by name, such as wnut17, instead of --train, --valid and --test (extra download). It is downloaded once.
    seqlab download lists the names."""
    offline: bool = setting(False, affects_results=False)
    """Download nothing. Data given by name must have been downloaded before."""
    out: str | None = setting(None, path=True, affects_results=False)
    """Run directory to write. [default: runs/NAME-1, or the next free number]"""
    overwrite: bool = setting(False, affects_results=False)
    """Replace the run in the directory --out as soon as training starts. The old run is deleted then."""
    cache: str | None = setting(None, path=True, affects_results=False)
    """Directory for a cache of the training corpus. The corpus is parsed once; later runs map the cache from disk and do
    not hold it in memory. Needs --valid."""
    scheme: TagScheme | None = None
    """Tag scheme that tags are converted to before training. plain: tags are used as they are. [default: the scheme of the
    corpus]"""
    valid_share: float | None = setting(None, above=0, below=1, excludes="valid")
    """Share of --train to split off for validation. The split is stratified by class and keeps documents whole. [default:
    0.15 without --valid]"""
    test_share: float | None = setting(None, above=0, below=1, excludes="test")
    """Share of --train to split off for testing. The split is stratified by class and keeps documents whole."""
    folds: int | None = setting(None, at_least=2, excludes="test")
    """Cut --train into this many parts of equal size. The cut is stratified by class and keeps documents whole. compare
    tests each part with a training on the others; train tests only the part --fold."""
    fold: int | None = setting(None, at_least=1, needs=("folds",))
    """Number of the part that is the test split, counted from 1; used with --folds."""


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class WordSettings(Settings):
    """Word vectors, the vocabulary, and the limits of what is read."""

    heading = "Words"

    vectors: str | None = setting(None, path=True)
    """Word vectors: a file, an address (extra download), or the name glove-6b-50d (extra glove). A file holds word2vec,
    GloVe or fastText text, word2vec binary (each may be gzipped), or a fastText model (.bin)."""
    vectors_limit: int | None = setting(None, at_least=1, needs=("vectors",))
    """Read only the first N rows of the vector file."""
    keep_vectors: KeepVectors = setting("all", needs=("vectors",))
    """Words of the vector file that the tagger knows. all: every word; a word outside the training corpus keeps its vector
    unchanged. training: only words of the training corpus."""
    freeze_vectors: bool = setting(False, needs=("vectors",))
    """Keep all word vectors unchanged during training."""
    gazetteer: FileByList = setting(FileByList())
    """List of phrases, such as names of cities, whose matches are a feature of each token. FILE has one phrase per line, or
    is a ready list such as geonames:cities (extra lists). May be repeated."""
    gazetteer_dropout: float = setting(0.2, at_least=0, below=1)
    """Share of sentences from which training hides a gazetteer, so that the network also learns to find entities that no
    list has; used with --gazetteer."""
    raw_text: str | None = setting(None, path=True)
    """Text without labels, with one sentence per line. Word vectors are trained on it before the network is trained; with
    --vectors they start from the given ones. They are kept in --cache, or in the directory .raw-text beside the run."""
    raw_text_use: tuple[RawTextUse, ...] = setting(("vectors",), needs=("raw_text",))
    """What the network gets from --raw-text. vectors: the word vectors. clusters: groups of words with similar vectors, as
    features of each word. May be repeated."""
    min_word_count: int = setting(1, at_least=1)
    """Words that occur less often in training are read as the unknown word, unless the vector file has them."""
    word_dropout: float = setting(0.05, at_least=0, below=1)
    """Share of words that each training step replaces by the unknown word."""
    rare_word_dropout: float = setting(0.0, at_least=0)
    """Hide rare words in training. With the value A, a word that occurs n times becomes the unknown word with probability
    A / (A + n). Words with a vector are never hidden. 0: hide none."""
    max_tokens: int = setting(150, at_least=1)
    """Tokens in a training window. Longer sentences are cut into several windows for training; they are tagged whole."""
    max_chars: int = setting(15, at_least=1, at_most=1000)
    """Characters read per word. A longer word keeps its beginning and its end; with 15, the first 8 and the last 7."""
