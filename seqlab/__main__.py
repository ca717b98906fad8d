"""`python -m seqlab`: the list of commands."""

import sys
from importlib.metadata import version

COMMANDS = {
    "train": "train a tagger on imbalanced labels, every class's F1 at every epoch",
    "tag": "tag text or a corpus with a trained tagger",
    "evaluate": "score a trained tagger on a labelled corpus",
    "audit": "the doctor: what is wrong with corpora, before any training",
    "vectors": "word vectors from raw text, and how many of a corpus's words vectors cover",
    "compare": "which remedy, honestly: settings x seeds, with error bars",
}


def main(argv: list[str] | None = None) -> int:
    """Print the commands; a word that is one of them says how to call it."""
    argv = sys.argv[1:] if argv is None else argv
    if argv == ["--version"]:
        print(f"seqlab {version('seqlab')}")  # noqa: T201
        return 0
    if argv and argv[0] not in ("-h", "--help"):
        from seqlab.errors import nearest
        from seqlab.machine.terminal import print_error

        if argv[0] in COMMANDS:
            return print_error(f"commands are modules: python -m seqlab.{argv[0]}")
        return print_error(f"no command {argv[0]!r}{nearest(argv[0], COMMANDS)}")
    for name, purpose in COMMANDS.items():
        print(f"python -m seqlab.{name:<10} {purpose}")  # noqa: T201
    print("Each takes --help.")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
