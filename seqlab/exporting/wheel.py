"""The wheel of a tagger: its files, the code that tags, and the metadata for installers (PEP 427)."""

from base64 import urlsafe_b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version as version_of
from pathlib import Path

from seqlab.exporting.archive import files_below, write_archive
from seqlab.exporting.carried_code import carried_code
from seqlab.exporting.deployed import PYTHON, REQUIREMENTS, SERVE_REQUIREMENTS
from seqlab.exporting.package_modules import NO_COLUMNS, TaggerColumns, package_modules, usage
from seqlab.exporting.package_name import import_name
from seqlab.machine.checksums import bytes_sha256, file_sha256
from seqlab.machine.terminal import visible

TAGGER = "tagger"  # directory of the tagger's files, in the package


@dataclass(frozen=True, kw_only=True)
class PackageFacts:
    """The metadata of a package.

    labels: the classes of its tagger. columns: those that it reads. card: the model card in Markdown, or ''.
    """

    name: str
    version: str
    labels: Sequence[str] = ()
    columns: TaggerColumns = NO_COLUMNS
    card: str = ""

    @property
    def package(self) -> str:
        """The name under which Python imports it."""
        return import_name(self.name)

    @property
    def stem(self) -> str:
        """The beginning of the names of its files."""
        return f"{self.package}-{self.version}"


def wheel_name(facts: PackageFacts) -> str:
    """The file name of the wheel: any version of Python 3, any machine."""
    return f"{facts.stem}-py3-none-any.whl"


def write_wheel(path: Path, tagger_files: Path, facts: PackageFacts) -> None:
    """Write a wheel. tagger_files: a directory with the files of the tagger and their manifest."""
    files: dict[str, bytes | Path] = {
        **package_modules(facts.package, facts.name, facts.version, facts.columns),
        **carried_code(facts.package),
        **files_below(tagger_files, f"{facts.package}/{TAGGER}"),
    }
    information = f"{facts.stem}.dist-info"
    files[f"{information}/METADATA"] = metadata(facts).encode()
    files[f"{information}/WHEEL"] = wheel_file().encode()
    files[f"{information}/entry_points.txt"] = console_script(facts).encode()
    record = f"{information}/RECORD"
    files[record] = record_file(files, record).encode()
    write_archive(path, files)


def metadata(facts: PackageFacts) -> str:
    """The content of METADATA: what the package needs and what it does."""
    labels = ", ".join(map(visible, facts.labels))
    head = [
        "Metadata-Version: 2.1",
        f"Name: {facts.name}",
        f"Version: {facts.version}",
        f"Summary: Tags {labels}. Exported by seqlab {version_of('seqlab')}.",
        f"Requires-Python: {PYTHON}",
        *(f"Requires-Dist: {one}" for one in REQUIREMENTS),
        "Provides-Extra: serve",
        *(f"Requires-Dist: {with_extra(one, 'serve')}" for one in SERVE_REQUIREMENTS),
        "Description-Content-Type: text/markdown",
    ]
    body = usage(facts.package, facts.name, facts.columns)
    return "\n".join(head) + f"\n\n{body}\n{facts.card}"


def with_extra(requirement: str, extra: str) -> str:
    """A requirement that holds with an extra only.

    >>> with_extra("uvloop>=0.21; sys_platform != 'win32'", "serve")
    "uvloop>=0.21; (sys_platform != 'win32') and extra == 'serve'"
    """
    package, _, marker = requirement.partition("; ")
    return f"{package}; {f'({marker}) and ' if marker else ''}extra == '{extra}'"


def wheel_file() -> str:
    """The content of WHEEL."""
    return (
        f"Wheel-Version: 1.0\nGenerator: seqlab {version_of('seqlab')}\n"
        "Root-Is-Purelib: true\nTag: py3-none-any\n"
    )


def console_script(facts: PackageFacts) -> str:
    """The content of entry_points.txt: a command with the name of the package."""
    return f"[console_scripts]\n{facts.name} = {facts.package}.__main__:main\n"


def record_file(files: Mapping[str, bytes | Path], record: str) -> str:
    """The content of RECORD: sha256 and size of every file but itself."""
    lines = [f"{name},{record_entry(content)}" for name, content in files.items()]
    return "\n".join([*lines, f"{record},,"]) + "\n"


def record_entry(content: bytes | Path) -> str:
    """The sha256 and the size of a file, as RECORD has them."""
    if isinstance(content, Path):
        digest, size = file_sha256(content), content.stat().st_size
    else:
        digest, size = bytes_sha256(content), len(content)
    return f"sha256={urlsafe_b64encode(bytes.fromhex(digest)).rstrip(b'=').decode()},{size}"
