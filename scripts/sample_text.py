"""Write the sentences of the sample corpus from the grammar in `sample_grammar.toml`.

A rule expands to tokens with tags. Articles and capitals are set last. `sample_names.py` makes the names,
`make_sample.py` the splits.
"""

import re
import tomllib
from dataclasses import dataclass, field

from sample_names import HERE, Dice, Names, read_lists

Token = tuple[str, str]

ENTITIES = {"PER": "PER", "PER_last": "PER"} | {k: k for k in ("LOC", "ORG", "VES", "LAW", "MED")}
SINGLE_TIME = ("timepoint", "np_date", "np_long_wait")
IRREGULAR = {"calf": "calves", "goose": "geese", "half": "halves", "sheep": "sheep"}
BRACKETS = {"{": "any", "[": "maybe"}
AGREEMENT = {"was/were": ("was", "were")}
NUMBER = re.compile(r"([^#%]*)([#%])(\d+)-(\d+)(.*)")
VOWEL = re.compile(
    r"(?!uni[^n]|use|eu|ewe|one\b)[aeiou]|hour|hono|heir|x-|8|1[18]\b", re.IGNORECASE
)
WORDS = ("", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")

# A parsed production: words, ("any", alternatives) and ("maybe", production).
Node = str | tuple[str, list]


def parse(words: list[str]) -> list[list[Node]]:
    """Parse words up to a closing bracket into alternatives, and remove them from `words`."""
    alternatives: list[list[Node]] = [[]]
    while words:
        word = words.pop(0)
        if word in ("}", "]"):
            return alternatives
        if word == "|":
            alternatives.append([])
        elif word in BRACKETS:
            alternatives[-1].append((BRACKETS[word], parse(words)))
        else:
            alternatives[-1].append(word)
    return alternatives


def productions(text: str) -> list[list[Node]]:
    """The productions of a rule's text, each repeated by its weight."""
    repeated: list[list[Node]] = []
    for line in text.strip().splitlines():
        weight, body = re.fullmatch(r"(?:(\d+): )?(.*)", line).groups()
        repeated.extend(parse(body.split()) * int(weight or 1))
    return repeated


def plural(phrase: str) -> str:
    """The plural of a noun phrase, whose last word is the noun."""
    *before, noun = phrase.split()
    if noun in IRREGULAR:
        noun = IRREGULAR[noun]
    elif noun.endswith("man"):
        noun = noun[:-2] + "en"
    elif re.search(r"[^aeiou]y$", noun):
        noun = noun[:-1] + "ies"
    else:
        noun += "es" if re.search(r"(s|x|ch|sh)$", noun) else "s"
    return " ".join([*before, noun])


def load_rules() -> tuple[dict[str, list[list[Node]]], list[str]]:
    """Every rule and word list by name, and the names of the pages."""
    grammar = tomllib.loads((HERE / "sample_grammar.toml").read_text(encoding="utf-8"))
    pages = list(grammar["clauses"])
    texts = {key: value for key, value in grammar.items() if isinstance(value, str)}
    texts |= grammar["clauses"] | {"STANDALONE": grammar["standalone"]["any"]}
    rules = {key: productions(text) for key, text in texts.items()}
    for key, entries in read_lists(HERE / "sample_words.toml").items():
        rules[key] = [parse(entry.split())[0] for entry in entries]
        rules[f"{key}.s"] = [parse(plural(entry).split())[0] for entry in entries]
    return rules, pages


RULES, PAGES = load_rules()


@dataclass
class Writer:
    """Writes one sentence by expanding rules.

    dice, names: sources of random choices and of names. page: the page of the newspaper, which has clauses of its own.
    plural: number of the last noun phrase, for agreement. times: expressions of time so far.
    """

    dice: Dice
    names: Names
    page: str
    plural: bool = False
    times: int = 0
    tokens: list[Token] = field(default_factory=list)

    def expand(self, node: Node) -> None:
        """Add the tokens of one node."""
        if not isinstance(node, str):
            kind, alternatives = node
            if kind == "any" or self.dice.chance(0.5):
                self.expand_all(self.dice.pick(alternatives))
        elif node.startswith("$") and node != "$":
            self.expand_rule(node[1:])
        elif node == "^p":
            self.plural = True
        elif node in AGREEMENT:
            self.tokens.append((AGREEMENT[node][self.plural], "O"))
        else:
            self.tokens.append((self.number(node), "O"))

    def expand_all(self, nodes: list[Node]) -> None:
        """Add the tokens of a production."""
        for node in nodes:
            self.expand(node)

    def expand_rule(self, rule: str) -> None:
        """Add a name, a clause of this page, or the expansion of another rule."""
        if rule in ENTITIES:
            self.expand_name(rule)
            return
        if rule.startswith("np_"):
            self.plural = False
        self.times += rule in SINGLE_TIME
        self.expand_all(self.dice.pick(RULES[self.page if rule == "CLAUSE" else rule]))

    def expand_name(self, kind: str) -> None:
        """Add a name, with `the` before it if English needs it (the Ministry of Tides)."""
        name, tag = self.names.draw(kind), ENTITIES[kind]
        before = self.tokens[-1][0] if self.tokens else ""
        if needs_article(name, tag) and before not in ("the", "a"):
            self.tokens.append(("the", "O"))
        self.tokens.append((name[0], f"B-{tag}"))
        self.tokens.extend((word, f"I-{tag}") for word in name[1:])

    def number(self, token: str) -> str:
        """Fill in `#2-90` (words up to ten) or `%1890-1960` (always digits)."""
        match = NUMBER.fullmatch(token)
        if match is None:
            return token
        before, mark, low, high, after = match.groups()
        value = self.dice.between(int(low), int(high))
        if mark == "%":
            return f"{before}{value}{after}"
        value -= value % (100 if value > 10_000 else 1)
        return WORDS[value] if value <= 10 and not before else f"{before}{value:,}{after}"


def needs_article(name: tuple[str, ...], tag: str) -> bool:
    """Whether a name takes `the`: the Clean Quays Act and the Bank of Skarn, but Kelderby and SEAFIR."""
    if tag == "LAW":
        return len(name) > 1
    acronym = len(name) == 1 and name[0].isupper()
    return (tag in ("ORG", "LOC") and "of" in name) or (tag == "ORG" and acronym)


def write(dice: Dice, names: Names) -> list[Token] | None:
    """Write one sentence. Returns None if its length is wrong or it repeats words."""
    writer = Writer(dice, names, dice.pick(PAGES))
    writer.expand("$sentence")
    tokens = drop_commas(split_possessives(glue(writer.tokens)))
    if writer.times > 1 or not 12 <= len(tokens) <= 25 or repetitive(tokens):
        return None
    tokens = capitals(articles(tokens))
    if dice.chance(0.02):
        return headline(tokens)
    return tokens


def repetitive(tokens: list[Token]) -> bool:
    """Whether a long word, or a sequence of three words, occurs twice."""
    words = [word.casefold() for word, _ in tokens]
    long_words = [word for word in words if len(word) > 4]
    threes = list(zip(words, words[1:], words[2:], strict=False))
    return any(len(set(items)) < len(items) for items in (long_words, threes))


def glue(tokens: list[Token]) -> list[Token]:
    """Join `14 ~.~ 30` to `14.30` and `40 ~-year-old` to one token."""
    glued: list[Token] = []
    right = False
    for word, tag in tokens:
        bare = word.strip("~")
        if glued and (right or word.startswith("~")):
            glued[-1] = (glued[-1][0] + bare, glued[-1][1])
        else:
            glued.append((bare, tag))
        right = word.endswith("~")
    return glued


def split_possessives(tokens: list[Token]) -> list[Token]:
    """Split `ship's` into `ship` and `'s`, `dockers'` into `dockers` and `'`."""
    split: list[Token] = []
    for word, tag in tokens:
        stem, mark = re.fullmatch(r"(.+?)('s|(?<=s)')?", word).groups()
        split.append((stem, tag))
        if mark:
            split.append((mark, f"I{tag[1:]}" if tag != "O" else "O"))
    return split


def drop_commas(tokens: list[Token]) -> list[Token]:
    """Drop a comma before another punctuation mark: `, said Ada , the surveyor , .`"""
    following = [word for word, _ in tokens[1:]] + [""]
    return [
        token
        for token, after in zip(tokens, following, strict=True)
        if token[0] != "," or after not in (",", ".", ";", ":", "?")
    ]


def articles(tokens: list[Token]) -> list[Token]:
    """Turn `a` into `an` before a vowel sound."""
    following = [word for word, _ in tokens[1:]] + [""]
    return [
        ("an", tag) if word == "a" and VOWEL.match(after) else (word, tag)
        for (word, tag), after in zip(tokens, following, strict=True)
    ]


def capitals(tokens: list[Token]) -> list[Token]:
    """Capitalise the sentence, and a quotation that opens it or follows a colon."""
    result: list[Token] = []
    for word, tag in tokens:
        before = [earlier for earlier, _ in result[-2:]]
        if before in ([], ["“"], [":", "“"]):
            word = word[0].upper() + word[1:]
        result.append((word, tag))
    return result


def headline(tokens: list[Token]) -> list[Token]:
    """The sentence as a headline in lower case, without the full stop."""
    lower = [(word.lower(), tag) for word, tag in tokens]
    return lower[:-1] if lower[-1][0] == "." else lower
