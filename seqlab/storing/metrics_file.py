"""Read metrics.json, the figures of a run."""

from seqlab.machine.json_fields import Fields
from seqlab.storing.run_files import RunFiles, errors_of_file

METRICS = "metrics.json"


def support_by_class(files: RunFiles, split: str) -> dict[str, int]:
    """The gold spans, or tokens, of each class of a split; empty without this split.

    Raises RunError for a metrics.json that is damaged or was changed.
    """
    content = files.read_json(METRICS)
    with errors_of_file(files.path(METRICS)):
        splits = Fields(content).part("splits")
        if not splits.has(split):
            return {}
        classes = splits.part(split).part("classes")
        return {name: classes.part(name).whole("support") for name in classes.names()}
