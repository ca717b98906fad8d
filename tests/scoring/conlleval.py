"""What the script `conlleval` of the CoNLL-2000 and CoNLL-2003 shared tasks counts (Tjong Kim Sang, 2000 to 2004).

Its rules in Python: it reads one token at a time, remembers the tags of the token before, and asks of each pair of tags
whether a chunk ends or begins between them. It never makes a list of spans.
"""

from collections import Counter
from dataclasses import dataclass, field

# Letters before and after. Types that differ are a border as well, except beside O.
ENDS = {"BB", "BO", "IB", "IO", "EE", "EI", "EO"}
BEGINS = {"BB", "IB", "OB", "OI", "EE", "EI", "OE"}


@dataclass
class Conlleval:
    """The counters of the script."""

    tokens: int = 0
    correct_tags: int = 0
    correct: Counter = field(default_factory=Counter)
    guessed: Counter = field(default_factory=Counter)
    gold: Counter = field(default_factory=Counter)

    def __post_init__(self):
        self.last_gold = self.last_guess = ("O", "")
        self.in_correct = False

    def sentence(self, gold_tags, guessed_tags):
        for gold, guess in zip(gold_tags, guessed_tags, strict=True):
            self.line(parts(gold), parts(guess))
            self.tokens += 1
            self.correct_tags += gold == guess
        self.line(("O", ""), ("O", ""))  # the empty line

    def line(self, gold, guess):
        ends = ended(self.last_gold, gold), ended(self.last_guess, guess)
        if self.in_correct:
            if all(ends) and self.last_gold[1] == self.last_guess[1]:
                self.in_correct = False
                self.correct[self.last_gold[1]] += 1
            elif ends[0] != ends[1] or gold[1] != guess[1]:
                self.in_correct = False
        begins = began(self.last_gold, gold), began(self.last_guess, guess)
        if all(begins) and gold[1] == guess[1]:
            self.in_correct = True
        self.gold[gold[1]] += begins[0]
        self.guessed[guess[1]] += begins[1]
        self.last_gold, self.last_guess = gold, guess

    def counts(self):
        """By type: correct, guessed and gold chunks."""
        types = (self.gold | self.guessed).keys() - {""}
        return {name: (self.correct[name], self.guessed[name], self.gold[name]) for name in types}


def parts(tag):
    letter, _, name = tag.partition("-")
    return letter, name


def ended(before, after):
    return before[0] + after[0] in ENDS or (before[0] != "O" and before[1] != after[1])


def began(before, after):
    return before[0] + after[0] in BEGINS or (after[0] != "O" and before[1] != after[1])
