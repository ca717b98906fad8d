"""The verdicts on surviving mutants: known words, patterns that compile, files that exist."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_each_rule_can_fit_a_survivor():
    rules = tomllib.loads((ROOT / "scripts/chaos/surviving_mutants.toml").read_text())["rule"]
    files = [path.relative_to(ROOT).as_posix() for path in (ROOT / "seqlab").rglob("*.py")]
    for rule in rules:
        assert rule["verdict"] in ("equivalent", "message only", "real gap")
        assert rule["why"]
        assert re.compile(rule["change"]).groups >= 0
        assert any(rule.get("file", "") in file for file in files), rule["file"]
