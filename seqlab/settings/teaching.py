"""Settings of the teacher, and of sentences that a person did not label."""

from dataclasses import dataclass

from seqlab.settings.declaring import Settings, setting


@dataclass(frozen=True, kw_only=True, init=False, repr=False, eq=False)
class TeachingSettings(Settings):
    """The tagger whose probabilities a training learns, and further training sentences."""

    heading = "Teacher and further sentences"

    teacher: str | None = setting(None, path=True)
    """Run whose tag probabilities the network also learns (distillation), such as a run of seqlab combine. It must know all
    classes of the training corpus."""
    teacher_share: float = setting(0.5, above=0, at_most=1, needs=("teacher",))
    """Share of each token's loss that compares the network with the teacher's probabilities; used with --teacher. The rest
    is the loss of the token's tag."""
    self_train: bool = setting(False, needs=("raw_text",))
    """Let the teacher label the sentences of --raw-text, and also train on those that it is sure of, rare classes first.
    Needs --teacher."""
    extra_train: str | None = setting(None, path=True)
    """Further training sentences, such as those that a large model has labelled. JSON lines may give a weight per
    sentence (weight) and tag probabilities per token (tag_probabilities). Validation and test are never taken from it."""
