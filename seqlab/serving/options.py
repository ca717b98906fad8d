"""The options of a server: each once, with its type, default, range and help text."""

from dataclasses import dataclass, field, fields
from typing import Any

from seqlab.errors import SettingsError
from seqlab.machine.numbers import is_number

LARGEST_PORT = 65_535


def _option(default: Any, help: str, *, least: float = 0, most: float = 0) -> Any:
    return field(default=default, metadata={"help": help, "least": least, "most": most})


@dataclass(frozen=True, kw_only=True)
class ServeOptions:
    """Where a server listens, and which requests it refuses.

    token: what clients send as `Authorization: Bearer TOKEN`; None lets everyone in.
    Raises SettingsError for a number out of range.
    """

    host: str = _option("127.0.0.1", "Address to listen on. 0.0.0.0 listens to the network.")
    port: int = _option(8000, "Port to listen on; 0 takes a free one.", most=LARGEST_PORT)
    token: str | None = field(default=None, repr=False)
    reload: bool = _option(
        False, "Load a run again when its manifest.json changes; no request is dropped."
    )
    max_body: int = _option(
        1_000_000, "Largest body of a request, in bytes.", least=1_000, most=1_000_000_000
    )
    max_tokens: int = _option(
        20_000, "Largest number of tokens in a request.", least=1, most=10_000_000
    )
    max_concurrency: int = _option(
        256, "Largest number of requests in progress; others get 503.", least=1, most=100_000
    )
    timeout: float = _option(
        30.0, "Seconds within which a request arrives and is answered.", least=0.1, most=3600
    )

    def __post_init__(self) -> None:
        for one in fields(self):
            if one.metadata.get("most"):
                value = getattr(self, one.name)
                check_range(one.name, value, one.metadata["least"], one.metadata["most"])


def check_range(name: str, value: object, least: float, most: float) -> None:
    """Raise SettingsError unless the value of an option is a number in its range."""
    if not is_number(value) or not least <= float(value) <= most:
        raise SettingsError(f"{name} is {value!r}: expected a number from {least:,} to {most:,}")


def help_of(name: str) -> str:
    """The help text of an option."""
    return str(next(one.metadata["help"] for one in fields(ServeOptions) if one.name == name))
