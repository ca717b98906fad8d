"""The options of the questions: whole numbers, each with a default."""

import argparse


def parse(question: str | None, **defaults: int) -> argparse.Namespace:
    """Parse the options; each must be 1 or more, and a seed 0 or more."""
    parser = argparse.ArgumentParser(
        description=question, formatter_class=argparse.RawTextHelpFormatter
    )
    for name, default in defaults.items():
        kind = seed if name == "seed" else positive
        parser.add_argument(f"--{name}", type=kind, default=default, help=f"default {default}")
    return parser.parse_args()


def positive(text: str) -> int:
    """A whole number of at least 1."""
    number = seed(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 1")
    return number


def seed(text: str) -> int:
    """A whole number of at least 0."""
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r}: expected a whole number from 0")
    return int(text)
