"""Hand-made contents of a run's files, for the page."""

from seqlab.reporting.run_values import RunValues
from tests.reporting.records import alarm, figures, record


def split(of="PER", **values):
    """One split of metrics.json, always with the same confusion matrix."""
    confusion = {"names": ["O", of, "LAW"], "counts": [[90, 1, 0], [3, 5, 0], [1, 1, 0]]}
    return figures(**values).to_json() | {"confusion": confusion}


def metrics(name="PER", **splits):
    """metrics.json made by hand."""
    default = {"valid": split(name, strict=True, **{name: (3, 4, 6), "LAW": (0, 0, 2)})}
    return {
        "best_epoch": 2,
        "select": f"f1:{name}",
        "seconds": 12.6,
        "train_tokens_per_second": 12345.6,
        "interrupted": False,
        "ending": "all 3 epochs are done",
        "splits": splits or default,
    }


def history(name="PER"):
    """Three lines of history.jsonl: alarms about the class in the second and third."""
    found = [
        figures(**{name: sums, "LAW": (0, 0, 2)}) for sums in ((0, 0, 6), (3, 4, 6), (1, 1, 6))
    ]
    records = [
        record(epoch, found=each, name=name, alarms=[alarm(name, epoch=epoch)] if epoch > 1 else [])
        for epoch, each in enumerate(found, 1)
    ]
    return [one.to_json() for one in records]


def run_values(name="PER", **changes):
    """What the page shows of a run without report.json."""
    values = {
        "title": "train.conll",
        "metrics": metrics(name),
        "history": history(name),
        "settings": "epochs = 3\n",
        "notes": ["valid: 6 sentences split off"],
    }
    return RunValues(**values | changes)
