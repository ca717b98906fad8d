"""Settings of a training that continues a trained run."""

from dataclasses import dataclass

from seqlab.settings.choices import FrozenPart, ReplayOutside
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class ContinueSettings(Settings):
    """The run that a training continues, and the remedies against forgetting."""

    heading = "Continue a run"

    init_from: str | None = setting(None, path=True)
    """Finished run that the training continues. Training starts with its weights and adds new words, characters and tags.
    The sizes and inputs of its network, and its tag scheme, become the defaults of this command. They cannot be
    changed."""
    drop_tag: tuple[str, ...] = setting((), needs=("init_from",))
    """Entity type, or plain tag, that the new network no longer has. Spans of a dropped type are read as O. May be
    repeated."""
    fill_old: bool = setting(False, needs=("init_from",))
    """Let the old tagger label the old entity types of which the new training corpus has no span. Use it if new data have
    labels of a new type alone."""
    freeze: tuple[FrozenPart, ...] = setting((), needs=("init_from",))
    """Part of the network that training does not change. words: word embeddings. characters: character embeddings and the
    network that reads them. features: feature embeddings. bilstm: BiLSTM layers. May be repeated."""
    valid_old: str | None = setting(None, path=True, needs=("init_from",))
    """Validation corpus of the old run. It is scored before training and after every epoch. An alarm names each forgotten
    class. The file is read as the old run read its corpora."""
    replay: str | None = setting(None, path=True, needs=("init_from",))
    """Training corpus of the old run. Each epoch also holds some of its sentences. The file is read as the old run read its
    corpora."""
    replay_share: float = setting(0.2, above=0, below=1, needs=("replay",))
    """Share of an epoch's sentences that come from --replay; used with --replay."""
    replay_outside: ReplayOutside = setting("keep", needs=("replay",))
    """What training learns from the O tokens of --replay; used with --replay. keep: that they are O. ignore: nothing,
    because some of them may belong to a new entity type."""
