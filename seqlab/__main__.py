"""`seqlab COMMAND`, and `python -m seqlab COMMAND`: run one of the commands."""

import sys
from functools import partial
from importlib import import_module

COMMANDS = {
    "convert": "convert a corpus between formats, files of annotation tools included",
    "audit": "check corpora before training: classes, splits, labels, weights",
    "train": "train a tagger and see the F1 of every class at every epoch",
    "evaluate": "score a trained tagger on a labelled corpus",
    "report": "write the report of a run again, or lay several runs side by side",
    "compare": "train several settings under several seeds and test which differ",
    "tag": "tag text or a corpus with a trained tagger",
    "suggest": "choose the texts to label next, with predictions for an annotation tool",
    "combine": "combine the taggers of several runs into one",
    "export": "export a trained tagger as a wheel, a zip or an ONNX network",
    "serve": "tag over HTTP",
    "download": "list the corpora and word vectors that have a name, and download them",
    "vectors": "train word vectors on raw text, or show which words vectors cover",
}
"""In the order in which a user needs them."""


def main(argv: list[str] | None = None) -> int:
    """Run the command that the first argument names, or list the commands. Returns the exit code."""
    argv = sys.argv[1:] if argv is None else argv
    if argv and argv[0] in COMMANDS:
        return int(import_module(f"seqlab.{argv[0]}").main(argv[1:]))
    from seqlab.machine.standard_output import with_whole_output

    if argv == ["--version"]:
        from importlib.metadata import version

        return with_whole_output(partial(show, f"seqlab {version('seqlab')}"))
    if argv and argv[0] not in ("-h", "--help"):
        from seqlab.errors import nearest
        from seqlab.machine.terminal import print_error

        return print_error(f"unknown command {argv[0]!r}{nearest(argv[0], COMMANDS)}")
    commands = "\n".join(f"  {name:<10} {purpose}" for name, purpose in COMMANDS.items())
    end = "seqlab COMMAND --help lists the options of a command."
    return with_whole_output(
        partial(show, f"Usage: seqlab COMMAND [OPTIONS]\n\n{commands}\n\n{end}")
    )


def show(text: str) -> int:
    """Print a text. Returns the exit code."""
    print(text)  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
