"""Make the mutants of a Python file: the file with one small fault each, by the operators of mutmut.

Needs mutmut 3.8, which is not among the tools of `scripts/setup dev`.
"""

import ast
import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import libcst as cst
from libcst.metadata import MetadataWrapper, PositionProvider
from mutmut.mutation.mutators import mutation_operators

UNCHANGED = (cst.Annotation, cst.Decorator, cst.Import, cst.ImportFrom)
UNCHANGED_CALLS = (
    "len",
    "isinstance",
    "super",
)  # as in mutmut: nothing but a TypeError comes of them


@dataclass(frozen=True, kw_only=True)
class CodeMutant:
    """One fault in a file.

    path: of the file. function: the qualified name of the outermost function around it; '' outside functions.
    in_body: whether the fault is in the function's body, not in its defaults.
    lines: of the statement. change: the lines that differ, '- ' before the old ones and '+ ' before the new ones.
    statement: the statement of the module that holds the fault, as it was. code: the whole file with the fault.
    """

    path: str
    function: str
    in_body: bool
    lines: tuple[int, ...]
    change: str
    statement: str
    code: str

    @property
    def key(self) -> str:
        """The same for the same fault in the same statement (function, class, constant) of the file."""
        text = "\0".join((self.path, self.function, self.change, self.statement))
        return hashlib.sha256(text.encode()).hexdigest()[:16]


def code_mutants(path: Path, root: Path) -> Iterator[CodeMutant]:
    """Yield the mutants of a file that compile and mean something else, each once."""
    source = path.read_text()
    collector = _Collector()
    module = MetadataWrapper(cst.parse_module(source)).visit(collector)
    pieces = [module.code_for_node(statement) for statement in module.body]
    start = source.index("".join(pieces))
    before = source.splitlines()
    codes = {source}
    changes: Counter[tuple[str, str]] = Counter()
    for fault in collector.faults:
        statement = module.body[fault.statement].deep_replace(fault.old, fault.new)
        piece = module.code_for_node(statement)  # type: ignore[arg-type]
        rest = pieces[fault.statement + 1 :]
        code = source[:start] + "".join([*pieces[: fault.statement], piece, *rest])
        if code in codes or _meaning(piece) in ("", _meaning(pieces[fault.statement])):
            continue
        codes.add(code)
        change = "\n".join(_changed_lines(before, code.splitlines()))
        changes[fault.function, change] += 1
        number = changes[fault.function, change]
        yield CodeMutant(
            path=path.relative_to(root).as_posix(),
            function=fault.function,
            in_body=fault.in_body,
            lines=fault.lines,
            change=change if number == 1 else f"{change}\n(occurrence {number})",
            statement=pieces[fault.statement].strip(),
            code=code,
        )


@lru_cache(maxsize=256)
def _meaning(code: str) -> str:
    """A statement without its spelling: 1e30 and 1e+30 are the same; '' when it does not compile."""
    try:
        compile(code, "mutant", "exec")
        return ast.dump(ast.parse(code))
    except SyntaxError:
        return ""


def _changed_lines(before: list[str], after: list[str]) -> Iterator[str]:
    """The lines from the first difference to the last."""
    pairs = zip(before, after, strict=False)
    start = next(number for number, (old, new) in enumerate(pairs) if old != new)
    shorter = min(len(before), len(after)) - start
    pairs = zip(reversed(before), reversed(after), strict=False)
    same = next((number for number, (old, new) in enumerate(pairs) if old != new), shorter)
    end = min(same, shorter)
    yield from (f"- {line.strip()}" for line in before[start : len(before) - end])
    yield from (f"+ {line.strip()}" for line in after[start : len(after) - end])


@dataclass(frozen=True)
class _Fault:
    old: cst.CSTNode
    new: cst.CSTNode
    statement: int
    function: str
    in_body: bool
    lines: tuple[int, ...]


class _Collector(cst.CSTVisitor):
    """Collects the faults of a module in the order of the file."""

    METADATA_DEPENDENCIES = (PositionProvider,)

    def __init__(self) -> None:
        super().__init__()
        self.faults: list[_Fault] = []
        self.body: list[cst.CSTNode] = []
        self.statement = 0
        self.scopes: list[cst.CSTNode] = []
        self.bodies: list[cst.CSTNode] = []
        self.statements: list[tuple[int, ...]] = [()]

    def on_visit(self, node: cst.CSTNode) -> bool:
        if isinstance(node, cst.Module):
            self.body = list(node.body)
        if node in self.body:
            self.statement = self.body.index(node)
        if isinstance(node, UNCHANGED) or _is_unchanged_call(node):
            return False
        if isinstance(node, cst.ClassDef | cst.FunctionDef):
            self.scopes.append(node)
        if node in [getattr(scope, "body", None) for scope in self.scopes]:
            self.bodies.append(node)
        if isinstance(node, cst.SimpleStatementLine):
            self.statements.append(self.span(node))
        lines = self.statements[-1] or self.span(node)
        for new in _faults(node):
            self.faults.append(
                _Fault(node, new, self.statement, self.function, self.in_body, lines)
            )
        return True

    def on_leave(self, original_node: cst.CSTNode) -> None:
        for stack in (self.scopes, self.bodies):
            if stack and stack[-1] is original_node:
                stack.pop()
        if isinstance(original_node, cst.SimpleStatementLine):
            self.statements.pop()

    def span(self, node: cst.CSTNode) -> tuple[int, ...]:
        """The lines of a node."""
        position = self.get_metadata(PositionProvider, node, None)
        return tuple(range(position.start.line, position.end.line + 1)) if position else ()

    @property
    def outermost(self) -> list[cst.CSTNode]:
        """The classes around the outermost function, and this function; empty outside functions."""
        for number, scope in enumerate(self.scopes, start=1):
            if isinstance(scope, cst.FunctionDef):
                return self.scopes[:number]
        return []

    @property
    def function(self) -> str:
        """The qualified name of the outermost function."""
        return ".".join(scope.name.value for scope in self.outermost)  # type: ignore[attr-defined]

    @property
    def in_body(self) -> bool:
        """Whether the present node is in the body of the outermost function."""
        return bool(self.outermost) and self.outermost[-1].body in self.bodies  # type: ignore[attr-defined]


def _is_unchanged_call(node: cst.CSTNode) -> bool:
    if not isinstance(node, cst.Call) or not isinstance(node.func, cst.Name):
        return False
    return node.func.value in UNCHANGED_CALLS


def _faults(node: cst.CSTNode) -> Iterable[cst.CSTNode]:
    for kind, operator in mutation_operators:
        if isinstance(node, kind):
            yield from operator(node)
    # mutmut changes no f-string. Most messages are f-strings.
    if isinstance(node, cst.FormattedStringText) and node.value.strip():
        yield node.with_changes(value=f"XX{node.value}XX")
