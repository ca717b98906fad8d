"""Build an ONNX graph node by node."""

from collections.abc import Sequence
from typing import Any

from onnx import TensorProto, helper, numpy_helper

from seqlab.arrays import AnyArray
from seqlab.exporting.large_arrays import LargeArrays

OPSET, IR_VERSION = 17, 8  # both of 2022; newer runtimes read them
LARGEST_INSIDE = 64_000_000  # bytes; a larger array lies in a file of its own, which runtimes map

Dimensions = Sequence[int | str]
"""Sizes of an input or output, one per axis; a name stands for a size that differs between calls."""


class OnnxNodes:
    """Nodes in the order of computation. Each method returns the name of a new tensor.

    inputs, outputs: what the caller gives and gets. constants: weights and sizes that the nodes read.
    large: arrays that are stored beside the model, in the file `large_file`.
    """

    def __init__(self, *, large_file: str) -> None:
        self.large, self.large_file = LargeArrays(), large_file
        self.nodes: list[Any] = []
        self.inputs: list[Any] = []
        self.outputs: list[Any] = []
        self.constants: dict[str, Any] = {}

    def input(self, name: str, element: int, sizes: Dimensions) -> str:
        """Declare an input. element: its type, such as `TensorProto.INT32`."""
        self.inputs.append(helper.make_tensor_value_info(name, element, sizes))
        return name

    def output(self, name: str, sizes: Dimensions) -> None:
        """Declare the tensor `name` an output of float32 numbers."""
        self.outputs.append(helper.make_tensor_value_info(name, TensorProto.FLOAT, sizes))

    def constant(self, name: str, array: AnyArray) -> str:
        """Store an array. An array that is there under this name is used again."""
        if name not in self.constants:
            inside = array.nbytes <= LARGEST_INSIDE
            self.constants[name] = (
                numpy_helper.from_array(array, name) if inside else self.stored_beside(name, array)
            )
        return name

    def stored_beside(self, name: str, array: AnyArray) -> Any:
        """A reference to an array in the file beside the model (ONNX: external data)."""
        tensor = TensorProto(
            name=name,
            dims=array.shape,
            data_type=helper.np_dtype_to_tensor_dtype(array.dtype),
            data_location=TensorProto.EXTERNAL,
        )
        tensor.external_data.add(key="location", value=self.large_file)
        tensor.external_data.add(key="offset", value=str(self.large.add(array)))
        tensor.external_data.add(key="length", value=str(array.nbytes))
        return tensor

    def node(self, operator: str, *inputs: str, name: str = "", **attributes: Any) -> str:
        """Apply an operator. name: of its output; by default the operator and a number.

        inputs: names of tensors; an empty name leaves an optional input out.
        """
        output = name or f"{operator}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(operator, inputs, [output], output, **attributes))
        return output

    def last_output(self, operator: str, *inputs: str, skipped: int, **attributes: Any) -> str:
        """Apply an operator with several outputs and use only one. skipped: outputs before it."""
        output = f"{operator}_{len(self.nodes)}"
        outputs = [""] * skipped + [output]
        self.nodes.append(helper.make_node(operator, inputs, outputs, output, **attributes))
        return output

    def model(self, *, producer: str, version: str, description: str) -> Any:
        """The whole model, an `onnx.ModelProto`."""
        graph = helper.make_graph(
            self.nodes, "tagger", self.inputs, self.outputs, list(self.constants.values())
        )
        return helper.make_model(
            graph,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
            producer_name=producer,
            producer_version=version,
            doc_string=description,
        )
