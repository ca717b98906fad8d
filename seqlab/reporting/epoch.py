"""One epoch in text: a line for the run, a table of the classes, the alarms."""

from seqlab.reporting.table import class_table, figure
from seqlab.training.records import EpochRecord


def epoch_line(record: EpochRecord, *, epochs: int) -> str:
    """Losses weighted (and unweighted), micro and macro F1, speed; a star on the best so far."""
    train, valid, figures = record.train, record.valid, record.figures
    return (
        f"epoch {record.epoch}/{epochs}"
        f"  train loss {figure(train.weighted, 4)} (unweighted {figure(train.unweighted, 4)})"
        f"  valid loss {figure(valid.weighted, 4)} (unweighted {figure(valid.unweighted, 4)})"
        f"  micro F1 {figure(figures.micro_f1)}  macro F1 {figure(figures.macro_f1)}"
        f"  {record.train_tokens_per_second:,.0f} tokens/s"
        f"  {record.seconds:.1f}+{record.evaluation_seconds:.1f} s"
        f"{'  *' if record.best else ''}"
    )


def epoch_text(record: EpochRecord, *, epochs: int) -> str:
    """The epoch's line, its table, its alarms, and what was done about them."""
    table = class_table(record.figures, train=record.train)
    alarms = [f"  ALARM {alarm.rule}: {alarm.message()}" for alarm in record.alarms]
    answers = [f"  ANSWER {answer.action}: {answer.message()}" for answer in record.answers]
    return "\n".join([epoch_line(record, epochs=epochs), table, *alarms, *answers])
