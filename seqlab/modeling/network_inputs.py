"""Which of the encoder's arrays each input of a network reads."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import keras

from seqlab.encoding.encoded_corpus import FROZEN_INPUT, NUMBERS_INPUT
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, nearest
from seqlab.inference.own_network import InputNames, NetworkReading
from seqlab.machine.numbers import is_whole
from seqlab.machine.wording import plural

MAX_CHARS = 15
DEEP = {"chars": "(B, T, W)", NUMBERS_INPUT: "(B, T, D)", FROZEN_INPUT: "(B, T, D)"}
NAMED_BY_KERAS = re.compile(r"(keras_tensor|input_layer|input)(_\d+)?$")
NO_SIZE = "a subclassed network does not say so itself"


class InputShape(NamedTuple):
    """An input of a network: its name and shape, with None for free sizes."""

    name: str
    shape: tuple[int | None, ...]


def network_reading(
    network: Any,
    encoder: Encoder,
    *,
    inputs: InputNames | Sequence[str] | None,
    max_tokens: int | None,
    max_chars: int | None,
) -> NetworkReading:
    """How a network reads the encoder's arrays, from its inputs and from what the user says.

    Raises UserError if an input is unknown, or a size contradicts the network's.
    """
    for name, value in (("max_tokens", max_tokens), ("max_chars", max_chars)):
        if value is not None and not (is_whole(value) and value >= 1):
            raise UserError(f"{name} is {value!r}: expected a whole number, at least 1")
    shapes = input_shapes(network)
    chosen = guessed_inputs(network, shapes, encoder) if inputs is None else as_names(inputs)
    reading = NetworkReading(inputs=chosen, max_tokens=max_tokens, max_chars=max_chars or MAX_CHARS)
    check_names(reading.names, encoder)
    if not shapes:
        alone = len(reading.names) == 1 and isinstance(chosen, tuple)
        return replace(reading, inputs=reading.names[0]) if alone else reading
    if len(reading.names) == 1 and not isinstance(chosen, Mapping):  # Keras warns of the other form
        is_list = isinstance(getattr(network, "input", None), list | tuple)
        chosen = reading.names if is_list else reading.names[0]
    if len(shapes) != len(reading.names):
        raise UserError(
            f"the network has {plural(len(shapes), 'input')}, but inputs names {len(reading.names)} arrays"
        )
    by_array = dict(zip(reading.names, ordered(shapes, chosen), strict=True))
    for array, shape in by_array.items():
        axes = DEEP.get(array, "(B, T)")
        if len(shape.shape) != axes.count(",") + 1:
            raise UserError(
                f"input {shape.name!r} has shape {shape.shape}, but the array {array!r} is {axes}"
            )
    lengths = {shape.shape[1] for shape in by_array.values() if len(shape.shape) > 1} - {None}
    return NetworkReading(
        inputs=chosen,
        max_tokens=agreed("max_tokens", max_tokens, lengths, "tokens per sentence"),
        max_chars=agreed("max_chars", max_chars, chars_of(by_array), "characters per word")
        or MAX_CHARS,
    )


def input_shapes(network: Any) -> list[InputShape]:
    """The inputs of a functional or sequential network, in its order; empty for a subclassed one."""
    try:
        tensors = keras.tree.flatten(network.inputs or [])
    except (AttributeError, ValueError):  # subclassed, or not built yet
        return []
    return [InputShape(tensor.name, tuple(tensor.shape)) for tensor in tensors]


def array_names(encoder: Encoder) -> list[str]:
    """The names of the arrays that an encoder makes."""
    names = ["words", "chars", *encoder.features]
    names += [FROZEN_INPUT] if encoder.frozen_words is not None else []
    return names + ([NUMBERS_INPUT] if encoder.numeric_columns else [])


def guessed_inputs(network: Any, shapes: Sequence[InputShape], encoder: Encoder) -> InputNames:
    """The arrays of a network whose inputs have their names. A single input that Keras has named reads words.

    Raises UserError for an input with another name.
    """
    if not shapes:
        raise UserError(
            f"inputs is missing: name the arrays that the network reads, such as inputs=('words', 'chars'); {NO_SIZE}"
        )
    known, names = array_names(encoder), []
    for shape in shapes:
        unnamed = len(shapes) == 1 and len(shape.shape) == 2 and NAMED_BY_KERAS.match(shape.name)
        name = "words" if unnamed else shape.name
        if name not in known:
            raise UserError(
                f"input {shape.name!r} of shape {shape.shape} has the name of no array; "
                f"name the inputs, or give inputs=: expected {', '.join(known)}{nearest(name, known)}"
            )
        names.append(name)
    struct = getattr(network, "input", None)
    if isinstance(struct, Mapping):
        return dict(zip(sorted(struct), names, strict=True))
    return tuple(names)


def as_names(inputs: InputNames | Sequence[str]) -> InputNames:
    """The given inputs as a text, a tuple or a dict of texts. Raises UserError for anything else."""
    if isinstance(inputs, str):
        return inputs
    values = list(inputs.values()) if isinstance(inputs, Mapping) else inputs
    if not isinstance(values, list | tuple) or not all(isinstance(one, str) for one in values):
        raise UserError(
            f"inputs is {inputs!r}: expected names of arrays, such as ('words', 'chars')"
        )
    return dict(inputs) if isinstance(inputs, Mapping) else tuple(values)


def check_names(names: Sequence[str], encoder: Encoder) -> None:
    """Raise UserError for an array that the encoder does not make."""
    known = array_names(encoder)
    for name in names:
        if name not in known:
            raise UserError(
                f"inputs has {name!r}: expected {', '.join(known)}{nearest(name, known)}"
            )


def ordered(shapes: Sequence[InputShape], inputs: InputNames) -> list[InputShape]:
    """The network's inputs in the order of `inputs`. Those of a dict are in the order of its sorted keys."""
    if not isinstance(inputs, Mapping):
        return list(shapes)
    by_key = dict(zip(sorted(inputs), shapes, strict=True))
    return [by_key[key] for key in inputs]


def chars_of(by_array: Mapping[str, InputShape]) -> set[int | None]:
    """The characters per word that a network reads, if its input says so."""
    shape = by_array["chars"].shape if "chars" in by_array else ()
    return {shape[2]} - {None} if len(shape) == 3 else set()


def agreed(name: str, given: int | None, sizes: set[int | None], what: str) -> int | None:
    """The one size of the network's inputs and of the argument. Raises UserError if they differ."""
    own = sorted(size for size in sizes if size is not None)
    if len(own) > 1:
        raise UserError(
            f"the network's inputs read {own[0]} and {own[1]} {what}; expected one length"
        )
    if own and given not in (None, own[0]):
        raise UserError(f"{name} is {given}, but the network reads {own[0]} {what}")
    return own[0] if own else given
