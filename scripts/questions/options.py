"""Options of the question scripts: whole numbers, each with a default."""

import argparse

HELP = {
    "sentences": "number of generated sentences",
    "epochs": "training epochs",
    "tokens": "tokens per sentence, padding included",
    "seed": "seed of the corpus and of the network",
}


def parse(question: str | None, **defaults: int) -> argparse.Namespace:
    """Parse the command line. Every option must be at least 1; a seed may be 0."""
    parser = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, default in defaults.items():
        read = seed if name == "seed" else positive
        text = f"{HELP[name]} (default {default})"
        parser.add_argument(f"--{name}", type=read, default=default, help=text)
    return parser.parse_args()


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = seed(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of at least 1")
    return number


def seed(text: str) -> int:
    """A whole number of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number of at least 0")
    return int(text)
