"""Run directories made by tests: a manifest for files that were written by hand, or changed."""

import json
from hashlib import sha256
from pathlib import Path


def seal(directory: Path, **more: object) -> Path:
    """Write the manifest of the files that a directory holds now. more: further entries. Returns the directory."""
    files = {}
    for path in sorted(directory.rglob("*")):
        if path.is_file() and path.name != "manifest.json":
            content = path.read_bytes()
            entry = {"bytes": len(content), "sha256": sha256(content).hexdigest()}
            files[str(path.relative_to(directory))] = entry
    manifest = {"versions": {"seqlab": "0"}, "files": files, **more}
    (directory / "manifest.json").write_text(json.dumps(manifest), encoding="ascii")
    return directory
