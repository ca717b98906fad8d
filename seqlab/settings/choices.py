"""The values of settings with a fixed choice. Every package may import them."""

from typing import Literal

CorpusFormat = Literal[
    "conll",
    "conllu",
    "jsonl",
    "parallel",
    "csv",
    "hf",
    "doccano",
    "label-studio",
    "prodigy",
    "brat",
    "spacy",
    "bioc",
    "cas",
]
InputFormatName = Literal[CorpusFormat, "text"]
DocumentRuleName = Literal["line", "paragraph", "file"]
OffsetUnitName = Literal["codepoints", "utf16", "bytes"]
MisalignedName = Literal["split", "refuse"]
CheckName = Literal[
    "header-line",
    "no-spans",
    "tags-as-tokens",
    "ids-as-tokens",
    "swapped-columns",
    "bracketed-tags",
    "lower-case-tags",
    "zero-outside",
    "stray-tags",
    "no-prefixes",
    "one-sentence",
    "one-token",
    "same-files",
    "unknown-tags",
]
SentenceRuleName = Literal["line", "split"]
UnicodeFormName = Literal["none", "nfc", "nfkc"]
PresetName = Literal["fast", "default", "accurate"]
TagScheme = Literal["iob1", "iob2", "iobes", "bmes", "plain"]
LossName = Literal["cross-entropy", "label-smoothing", "focal", "logit-adjusted", "ldam"]
HeadName = Literal["softmax", "crf"]
CrfLossName = Literal["marginal", "likelihood"]
CharacterEncoderName = Literal["lstm", "cnn", "none"]
WordFeatureName = Literal["case", "prefix", "suffix", "shape", "none"]
SentenceWeightName = Literal["length", "confidence", "recency", "field"]
ResampleName = Literal["none", "auto", "sc", "scr", "scrd", "nscrd", "balanced"]
AugmentName = Literal["mentions", "tokens", "segments", "case"]
OnCollapse = Literal["warn", "stop", "restore", "reweight"]
WordUpdates = Literal["auto", "dense", "deferred"]
FrozenPart = Literal["words", "characters", "features", "bilstm"]
ReplayOutside = Literal["keep", "ignore"]
CalibrateName = Literal["auto", "none"]
DecideName = Literal["none", "logit-adjust", "macro_f1", "min_f1", "cost", "recall"]
TableName = Literal["all", "worst", "none"]
RawTextUse = Literal["vectors", "clusters"]
KeepVectors = Literal["all", "training"]
VectorModel = Literal["word2vec", "fasttext"]
VectorAlgorithm = Literal["skip-gram", "cbow"]
