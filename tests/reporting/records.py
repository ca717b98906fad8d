"""Hand-made epoch records."""

from seqlab.scoring.figures import Figures, ItemCounts, summarise
from seqlab.training.collapse import Alarm, LossFall
from seqlab.training.epoch_record import EpochRecord
from seqlab.training.split_losses import Losses


def figures(*, strict=False, accuracy=0.5, **sums):
    """`name=(correct, predicted, support)`."""
    summary = summarise({name: ItemCounts(*counts) for name, counts in sums.items()})
    return Figures(
        micro_f1=summary.micro_f1,
        macro_f1=summary.macro_f1,
        token_accuracy=accuracy,
        classes=summary.classes,
        classes_never_found=summary.classes_never_found,
        strict=summary if strict else None,
    )


def record(epoch=1, *, found=None, best=False, alarms=(), loss=1.5, name="PER"):
    """One epoch; validation loss is twice the training loss."""
    losses = [
        Losses(
            weighted=None if loss is None else loss * factor,
            unweighted=None if loss is None else loss * factor / 2,
            weights={"O": 0.5, name: 3.0},
            shares={"O": 0.25, name: 0.75},
            tokens={"O": 900, name: 30},
        )
        for factor in (1, 2)
    ]
    return EpochRecord(
        epoch=epoch,
        train=losses[0],
        valid=losses[1],
        figures=found or figures(**{name: (1, 2, 4)}),
        selected=0.5,
        best=best,
        learning_rate=0.003,
        seconds=2.0,
        evaluation_seconds=0.25,
        train_tokens_per_second=12345.6,
        alarms=tuple(alarms),
    )


def alarm(name="PER", *, epoch=2):
    """A class that vanished in epoch 2."""
    return Alarm(
        rule="vanished", name=name, epoch=epoch, since=2, before=1, support=4, predicted=0,
        f1=0.0, best_f1=0.6, best_epoch=1, loss=LossFall("valid loss", 3.0, 2.5),
    )  # fmt: skip
