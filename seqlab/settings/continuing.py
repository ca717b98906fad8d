"""Settings of a training that goes on from a trained run."""

from dataclasses import dataclass

from seqlab.settings.choices import FrozenPart, ReplayOutside
from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class ContinueSettings(Settings):
    """The run that a training starts from, and what keeps it from forgetting."""

    heading = "Continue a run"

    init_from: str | None = setting(None, path=True)
    """Finished run whose network is trained further. New words, characters and tags are added to it. The sizes and inputs
    of its network, and its tag scheme, become the defaults of this command and cannot be changed."""
    drop_tag: tuple[str, ...] = setting((), needs=("init_from",))
    """Entity type, or plain tag, that the new network no longer has. The new data's spans of a dropped type are read as O.
    May be repeated."""
    fill_old: bool = setting(False, needs=("init_from",))
    """Let the old run label its entity types in the new training corpus, if that has no span of them: new data are often
    labelled with a new type alone."""
    freeze: tuple[FrozenPart, ...] = setting((), needs=("init_from",))
    """Part of the network that training does not change. words, characters, features: their embeddings, and the network
    that reads characters. bilstm: the BiLSTM layers. May be repeated."""
    valid_old: str | None = setting(None, path=True, needs=("init_from",))
    """Validation corpus of the old run. It is scored before training and after every epoch, and an alarm tells if a class is
    forgotten. It is read as the old run read its corpora."""
    replay: str | None = setting(None, path=True, needs=("init_from",))
    """Training corpus of the old run, from which each epoch also holds some sentences. It is read as the old run read its
    corpora."""
    replay_share: float = setting(0.2, above=0, below=1, needs=("replay",))
    """Share of an epoch's sentences that are drawn from --replay; used with --replay."""
    replay_outside: ReplayOutside = setting("keep", needs=("replay",))
    """What is learnt from the O tokens of --replay; used with --replay. keep: that they are O. ignore: nothing, because some
    of them may belong to a new entity type."""
