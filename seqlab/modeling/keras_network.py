"""A network of the user's own in a tagger: any `keras.Model` that gives each token a score per tag."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import keras
import numpy as np

from seqlab.arrays import AnyArray, FloatArray
from seqlab.encoding.encoder import Encoder
from seqlab.errors import UserError, one_line
from seqlab.inference.own_network import NetworkReading
from seqlab.machine.atomic import temporary_directory
from seqlab.modeling.keras_scorer import Arrays, KerasScorer
from seqlab.modeling.network_file import read_network, write_network

FILE = "network.keras"
NOISE = re.compile(r"\x1b\[[0-9;]*m|\{\{function_node [^}]*\}\} ?| ?\[Op:\w+\]")
NO_FACTS = ("Exception encountered when calling", "Detected at", "File ", "[[{{")


@dataclass(frozen=True)
class KerasNetwork:
    """A `keras.Model` and how it reads sentences.

    custom_objects: the classes and functions of its layers that are not part of Keras, by name.
    """

    network: Any = field(repr=False)
    reading: NetworkReading
    custom_objects: Mapping[str, Any] = field(default_factory=dict)

    def scorer(self, encoder: Encoder) -> KerasScorer:
        """Return a scorer that runs this network."""
        compute = compiled(self.network, self.arranged)

        def predict(arrays: Arrays) -> FloatArray:
            with errors_about(arrays):
                return compute(self.listed(arrays))

        return KerasScorer(predict, self.reading, encoder)

    def outputs(self, arrays: Arrays) -> FloatArray:
        """The outputs, float (B, T, C), for arrays by the names of `reading`.

        Raises UserError for a network with several outputs.
        """
        outputs = self.network(self.arranged(self.listed(arrays)), training=False)
        if isinstance(outputs, list | tuple | dict):
            raise UserError(
                f"the network has {len(outputs)} outputs; expected the tags alone: "
                "keras.Model(network.inputs, network.outputs[0])"
            )
        scores: FloatArray = keras.ops.convert_to_numpy(outputs)
        return scores

    def listed(self, arrays: Arrays) -> list[AnyArray]:
        """The arrays in the order of the inputs."""
        return [arrays[name] for name in self.reading.names]

    def arranged(self, values: Sequence[Any]) -> Any:
        """Arrays or tensors in the order of the inputs, as the network takes them."""
        inputs = self.reading.inputs
        if isinstance(inputs, str):
            return values[0]
        return dict(zip(inputs, values, strict=True)) if isinstance(inputs, Mapping) else [*values]

    def save(self, path: Path) -> None:
        """Write it as a `.keras` file. Raises UserError if Keras cannot."""
        write_network(self.network, path)

    def copy(self) -> "KerasNetwork":
        """A copy, as saving and loading give it. Raises UserError if Keras cannot save or load the network."""
        return network_of_bytes(self.content(), self.reading, self.custom_objects)

    def content(self) -> bytes:
        """The content of its file."""
        with temporary_directory() as folder:
            self.save(folder / FILE)
            return (folder / FILE).read_bytes()

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the content of its file, and custom objects by reference."""
        return network_of_bytes, (self.content(), self.reading, self.custom_objects)


@contextmanager
def errors_about(arrays: Arrays) -> Iterator[None]:
    """Within the block, an error of Keras or its backend becomes a UserError of one line."""
    try:
        yield
    except (UserError, MemoryError):
        raise
    except Exception as error:
        shapes = " and ".join(f"{name} {values.shape}" for name, values in arrays.items())
        raise UserError(f"the network cannot read {shapes}: {one_line(fact_of(error))}") from error


def fact_of(error: Exception) -> str:
    """The line of an error that says what is wrong; Keras and TensorFlow write others around it."""
    text = NOISE.sub("", str(error))
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    facts = [line for line in lines if not line.startswith(NO_FACTS)]
    if not facts:
        return repr(error)
    return facts[-1] if lines[0].startswith("Graph execution") else facts[0]


def compiled(
    network: Any, arranged: Callable[[Sequence[Any]], Any]
) -> Callable[[Sequence[AnyArray]], FloatArray]:
    """A function from the arrays of a batch to the outputs, compiled once for each shape.

    Keras' own `predict` compiles for free sizes after the second shape. Some of its layers, such as TimeDistributed of
    Keras 3.15, then give wrong shapes.
    """
    if keras.config.backend() != "tensorflow":
        return lambda values: np.asarray(network.predict_on_batch(arranged(values)))
    import tensorflow as tf

    function = tf.function(lambda *values: network(arranged(values), training=False))
    by_shape: dict[Any, Any] = {}

    def compute(values: Sequence[AnyArray]) -> FloatArray:
        tensors = [tf.convert_to_tensor(value) for value in values]
        shapes = tuple((tuple(tensor.shape), tensor.dtype) for tensor in tensors)
        if shapes not in by_shape:
            by_shape[shapes] = function.get_concrete_function(*tensors)
        scores: FloatArray = by_shape[shapes](*tensors).numpy()
        return scores

    return compute


def network_of_bytes(
    content: bytes,
    reading: NetworkReading,
    custom_objects: Mapping[str, Any],
    *,
    name: str = "the network",
) -> KerasNetwork:
    """The network of a file's content. name: the subject of errors."""
    network = read_network(content, name=name, custom_objects=custom_objects)
    return KerasNetwork(network, reading, custom_objects)
