"""Read tagger.json: the architecture, the tag scheme and the decisions of a tagger.

Each value is checked against its type and its bounds, because the file may come from a stranger.
"""

from collections.abc import Mapping
from dataclasses import MISSING
from dataclasses import fields as dataclass_fields
from pathlib import Path
from typing import Any, NamedTuple, cast, get_args, get_type_hints

from seqlab.architecture import Architecture
from seqlab.corpus.schemes import Scheme
from seqlab.deciding.decision_rule import DecisionRule
from seqlab.errors import RunError
from seqlab.inference.memory import weight_bytes, working_bytes
from seqlab.inference.own_network import InputNames, NetworkReading
from seqlab.machine.json_fields import LARGEST, Fields, described
from seqlab.machine.numbers import is_whole
from seqlab.machine.packed_arrays import NUMBER_TYPES, NumberType
from seqlab.storing.run_files import RunFiles, errors_of_file
from seqlab.text.cutting import CuttingChoice
from seqlab.text.sentence_bounds import SentenceRule

FORMAT = 2  # 1 had a single word feature under other names, and its weights in HDF5
OWN_NETWORK = "own_network"
MOST = {"layers": 1000, "max_chars": 1000}  # other sizes are bounded by the size of the weights
MOST_MEMBERS = 100
MOST_BIAS = 1e6  # nats; and the largest temperature
LARGEST_DOUBT = 0.999
MOST_WORKING_BYTES = 8 << 30
WORKING_FACTOR = 16  # of the size of the weights, if that is more


class StoredNumbers(NamedTuple):
    """How the files of a tagger hold its numbers. weights: of the network. vectors: of frozen words."""

    weights: NumberType = "float32"
    vectors: NumberType = "float32"


class Description(NamedTuple):
    """The content of tagger.json; the fields but `numbers`, `reading` and `members` are those of `Tagger`.

    reading: how a network of the user's own reads sentences; None for a network of `build_network`.
    members: how many taggers this one combines; 0 for a tagger of one network.
    """

    architecture: Architecture
    scheme: Scheme
    decision: DecisionRule
    constrained: bool
    cutting: CuttingChoice
    numbers: StoredNumbers
    reading: NetworkReading | None
    members: int = 0


def read_description(files: RunFiles, name: str) -> Description:
    """Read a tagger.json. Raises RunError if it is damaged, of another format, or describes an absurd network."""
    content = files.read_json(name)
    with errors_of_file(files.path(name)):
        fields = Fields(content)
        check_format(files.path(name), fields.take("format") if fields.has("format") else 1)
        description = Description(
            scheme=Scheme(fields.text("scheme", tuple(Scheme))),
            architecture=read_architecture(fields.part("architecture")),
            decision=read_decision(fields.part("decision")),
            constrained=fields.flag("constrained"),
            cutting=read_cutting(fields.part("cutting"))
            if fields.has("cutting")
            else CuttingChoice(),
            numbers=read_numbers(fields.part("numbers"))
            if fields.has("numbers")
            else StoredNumbers(),
            reading=read_own_network(fields.part(OWN_NETWORK)) if fields.has(OWN_NETWORK) else None,
            members=fields.whole("members", least=2, most=MOST_MEMBERS)
            if fields.has("members")
            else 0,
        )
        fields.end()
    return description


def read_own_network(fields: Fields) -> NetworkReading:
    """How a network of the user's own reads sentences. Raises ValueError for a wrong type or an absurd size."""
    inputs: InputNames
    if fields.has("input"):
        inputs = fields.text("input")
    elif fields.has("keys"):
        keys = fields.part("keys")
        inputs = {key: keys.text(key) for key in keys.names()}
    else:
        inputs = fields.texts("inputs")
    reading = NetworkReading(
        inputs=inputs,
        max_tokens=fields.whole("max_tokens", least=1) if fields.has("max_tokens") else None,
        max_chars=fields.whole("max_chars", least=1, most=MOST["max_chars"]),
        logits=fields.flag("logits"),
    )
    fields.end()
    if not reading.names:
        raise ValueError("own_network reads no array")
    return reading


def describe_own_network(reading: NetworkReading) -> dict[str, Any]:
    """The inverse of `read_own_network`."""
    inputs = reading.inputs
    key = "input" if isinstance(inputs, str) else "inputs"
    key = "keys" if isinstance(inputs, Mapping) else key
    size = {} if reading.max_tokens is None else {"max_tokens": reading.max_tokens}
    return {key: inputs, **size, "max_chars": reading.max_chars, "logits": reading.logits}


def check_format(path: Path, version: object, *, known: int = FORMAT) -> None:
    """Raise RunError for a file of another format version than the one that is known."""
    if type(version) is int and version == known:
        return
    newer = is_whole(version) and version > known
    remedy = "install a newer version of seqlab" if newer else "train it again"
    raise RunError(
        f"{path}: has format {described(version)}, but this version of seqlab reads format {known}; {remedy}"
    )


def read_architecture(fields: Fields) -> Architecture:
    """The architecture in a tagger.json; sizes that an older version did not know have their defaults.

    Raises ValueError for an unknown size, and for one that no network has.
    """
    values: dict[str, Any] = {}
    hints = get_type_hints(Architecture)
    for one in dataclass_fields(Architecture):
        name, hint = one.name, hints[one.name]
        if not fields.has(name) and (one.default, one.default_factory) != (MISSING, MISSING):
            continue
        if name == "features":
            sizes = fields.part(name)
            values[name] = {feature: sizes.whole(feature, least=1) for feature in sizes.names()}
        elif hint is int:
            least = 0 if name == "numbers" else 1
            values[name] = fields.whole(name, least=least, most=MOST.get(name, LARGEST))
        elif hint is float:
            values[name] = fields.number(name, least=0, most=1)
        elif hint is bool:
            values[name] = fields.flag(name)
        else:
            values[name] = fields.text(name, get_args(hint))
    fields.end()
    architecture = Architecture(**values)
    check_working_memory(architecture)
    return architecture


def check_working_memory(architecture: Architecture) -> None:
    """Raise ValueError for a network whose arrays while tagging are absurdly large for its weights."""
    weights = weight_bytes(architecture)
    needed = working_bytes(architecture)
    if needed > max(MOST_WORKING_BYTES, WORKING_FACTOR * weights):
        raise ValueError(
            f"the network would take {needed / 2**30:.0f} GB of memory to tag, for {weights / 2**30:.1f} GB of weights"
        )


def read_decision(fields: Fields) -> DecisionRule:
    """The decision rule in a tagger.json. Raises ValueError for a wrong type or an absurd number."""
    bias = fields.part("bias")
    limit = MOST_BIAS
    rule = DecisionRule(
        temperature=fields.number("temperature", least=1 / limit, most=limit),
        doubt=fields.number("doubt", least=0, most=LARGEST_DOUBT) if fields.has("doubt") else 0.0,
        bias={tag: bias.number(tag, least=-limit, most=limit) for tag in bias.names()},
    )
    fields.end()
    return rule


def read_numbers(fields: Fields) -> StoredNumbers:
    """How weights and vectors are stored, in a tagger.json. Raises ValueError for an unknown type of number."""
    weights, vectors = (
        cast(NumberType, fields.text(name, NUMBER_TYPES)) for name in StoredNumbers._fields
    )
    fields.end()
    return StoredNumbers(weights, vectors)


def read_cutting(fields: Fields) -> CuttingChoice:
    """How raw text is cut, in a tagger.json. Raises ValueError for a wrong type."""
    choice = CuttingChoice()
    if fields.has("sentences"):
        choice = choice._replace(
            sentences=cast(SentenceRule, fields.text("sentences", get_args(SentenceRule)))
        )
    if fields.has("language"):
        choice = choice._replace(language=fields.text("language"))
    if fields.has("tokenized"):
        choice = choice._replace(tokenized=fields.flag("tokenized"))
    fields.end()
    return choice
