"""Write and read the `.keras` file of a network, which may come from a stranger: it runs no code when it is read."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile, ZipFile

import keras

from seqlab.errors import UserError, one_line
from seqlab.machine.atomic import temporary_directory
from seqlab.machine.files import as_path, nearest_sibling

CONFIG = "config.json"
MEMBERS = ("metadata.json", CONFIG, "model.weights.h5")
# They hold code, or read other files.
UNSAFE = ("Lambda", "__lambda__", "TFSMLayer", "TorchModuleWrapper", "JaxLayer", "FlaxLayer")


def load_network(
    path: str | Path, *, custom_objects: Mapping[str, Any] | None = None, compile: bool = True
) -> keras.Model:
    """Load a network that Keras has saved, with the losses and layers of seqlab, in any process.

    It is Keras' `load_model` in its safe mode. `seqlab.load` loads a run.

    custom_objects: other classes and functions that are not part of Keras, by name.
    compile: restore the loss and the optimizer too.
    Raises UserError if there is no such file, a class is missing, or the file is damaged.
    """
    file = as_path(path, "a .keras file")
    if not file.is_file():
        raise UserError(f"{file}: no such file{nearest_sibling(file)}")
    register_parts()
    try:
        network: keras.Model = keras.saving.load_model(
            file, custom_objects=dict(custom_objects or {}), compile=compile, safe_mode=True
        )
    except (UserError, MemoryError):
        raise
    except Exception as error:
        raise UserError(f"{file}: Keras cannot load it: {one_line(str(error))}") from error
    return network


def register_parts() -> None:
    """Make the losses of seqlab known to Keras, and its layers where these run: on TensorFlow."""
    import seqlab.modeling.keras_loss

    if keras.config.backend() == "tensorflow":
        import seqlab.modeling.network  # noqa: F401


def write_network(network: Any, path: Path) -> None:
    """Write a network as a `.keras` file, without its optimizer. Raises UserError if Keras cannot."""
    try:
        with without_optimizer(network):
            network.save(path)
    except OSError:
        raise
    except Exception as error:
        raise UserError(f"Keras cannot save the network: {one_line(str(error))}") from error


@contextmanager
def without_optimizer(network: Any) -> Iterator[None]:
    """Within the block, a network has no optimizer. The slots of Adam would make its file three times as large."""
    optimizer, compiled = getattr(network, "optimizer", None), getattr(network, "compiled", False)
    if optimizer is None:
        yield
        return
    network.optimizer, network.compiled = None, False
    try:
        yield
    finally:
        network.optimizer, network.compiled = optimizer, compiled


def read_network(
    content: bytes, *, name: str, custom_objects: Mapping[str, Any] | None = None
) -> Any:
    """The `keras.Model` in the content of a `.keras` file, ready to predict.

    name: the subject of errors. custom_objects: classes and functions that are not part of Keras, by name.
    Keras reads it in its safe mode: the file names classes, but brings no code.
    Raises UserError if a class is missing or the file is damaged.
    """
    custom = dict(custom_objects or {})
    try:
        config = config_of(content)
        if any(registered.startswith("seqlab>") for _, _, registered in named_classes(config)):
            import seqlab.modeling.network  # noqa: F401, registers its layers
        check_classes(config, name=name, custom=custom)
        with temporary_directory() as folder:
            path = folder / "network.keras"
            path.write_bytes(content)
            network = keras.saving.load_model(
                path, custom_objects=custom, compile=False, safe_mode=True
            )
    except (UserError, MemoryError):
        raise
    except Exception as error:
        raise UserError(f"{name}: Keras cannot load it: {one_line(str(error))}") from error
    if not isinstance(network, keras.Model):
        raise UserError(f"{name}: expected a keras.Model, found {type(network).__name__}")
    if keras.config.backend() == "tensorflow":
        network.jit_compile = False  # XLA compiles anew for each shape
    return network


def config_of(content: bytes) -> Any:
    """The configuration in a `.keras` file. Raises ValueError for an archive that Keras did not write."""
    try:
        with ZipFile(BytesIO(content)) as archive:
            names = [entry.filename for entry in archive.infolist()]
            size = sum(entry.file_size for entry in archive.infolist())
            if sorted(names) != sorted(MEMBERS):
                raise ValueError(f"holds {', '.join(names)}; expected {', '.join(MEMBERS)}")
            if size > len(content):  # Keras writes it uncompressed
                raise ValueError(f"unpacks to {size} bytes from {len(content)}")
            return json.loads(archive.read(CONFIG))
    except (BadZipFile, RecursionError, NotImplementedError) as error:
        raise ValueError(f"is no archive that Keras wrote: {error}") from error


def check_classes(config: Any, *, name: str, custom: Mapping[str, Any]) -> None:
    """Raise UserError for a class or function of a configuration that brings code, or is neither Keras' nor given."""
    missing = dict.fromkeys(found for found in named_classes(config) if not is_known(found, custom))
    for class_name, _, _ in missing:
        if class_name in UNSAFE:
            raise UserError(
                f"{name}: has the layer {class_name}, which runs code of its file; "
                "write it as a class of its own and give it as custom_objects"
            )
    if missing:
        names = sorted({class_name for class_name, _, _ in missing})
        given = ", ".join(f"{one!r}: {one}" for one in names)
        raise UserError(
            f"{name}: needs {' and '.join(names)}, which Keras does not have and a run cannot hold; "
            f"give custom_objects={{{given}}}"
        )


def named_classes(config: Any) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the module and the registered name of each class and function in a configuration."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting += value
        elif isinstance(value, dict):
            waiting += value.values()
            if isinstance(value.get("class_name"), str):
                is_function = value["class_name"] == "function"
                named = value.get("config") if is_function else value["class_name"]
                module, registered = value.get("module"), value.get("registered_name")
                yield str(named), str(module or ""), str(registered or named)


def is_known(found: tuple[str, str, str], custom: Mapping[str, Any]) -> bool:
    """Whether Keras has a class or function, or the user has given or registered it."""
    name, module, registered = found
    if registered in custom or name in custom:
        return True
    if keras.saving.get_registered_object(registered) is not None:
        return True
    if name in UNSAFE:
        return False
    if module == "builtins":  # a function; Keras' own ones are found in these modules
        return any(hasattr(part, name) for part in (keras.activations, keras.ops, keras.losses))
    internal = name.startswith("__") and not module  # a tensor, a slice, …
    return internal or module.split(".")[0] == "keras"
