"""One name per thing: classes and type aliases are unique in the whole package, and arrays have one set of names."""

import ast
from collections import defaultdict
from pathlib import Path

import grimp

import seqlab

FOLDER = Path(seqlab.__file__).parent
TOP_LEVEL = {
    "__init__.py", "__main__.py", "architecture.py", "arrays.py", "cli.py", "errors.py",  # shared by all
    "audit.py", "combine.py", "compare.py", "convert.py", "download.py", "evaluate.py", "export.py", "plot.py",
    "report.py", "serve.py", "suggest.py", "tag.py", "train.py", "vectors.py",  # commands
    "sklearn.py",  # doors to other libraries
}  # fmt: skip
UNTELLING = {
    "base",
    "common",
    "drafts",
    "frames",
    "helpers",
    "kinds",
    "misc",
    "numbered",
    "places",
    "sums",
    "utils",
}


def modules():
    for path in sorted(FOLDER.rglob("*.py")):
        yield path.relative_to(FOLDER), ast.parse(path.read_text("utf-8"))


def is_alias(node):
    """Whether an assignment names a type: `Pair = tuple[int, int]`, `Reader = Callable[...]`, `Either = A | B`."""
    if not isinstance(node, ast.Assign) or not isinstance(node.targets[0], ast.Name):
        return False
    name, value = node.targets[0].id, node.value
    if not name[0].isupper() or name.isupper():
        return False
    return isinstance(value, ast.Subscript | ast.Name | ast.Attribute | ast.BinOp)


def definitions():
    """By name of a class or type alias, where it is defined."""
    places = defaultdict(list)
    for path, tree in modules():
        for node in tree.body:
            if isinstance(node, ast.ClassDef):
                places[node.name].append(path.as_posix())
            elif is_alias(node):
                places[node.targets[0].id].append(path.as_posix())
    return places


def test_classes_and_type_aliases_have_names_of_their_own():
    found = definitions()
    assert len(found) > 100
    assert {name: places for name, places in found.items() if len(places) > 1} == {}


def test_array_types_are_named_in_one_file():
    named = [
        path.as_posix()
        for path, tree in modules()
        for node in tree.body
        if is_alias(node) and "NDArray" in ast.unparse(node.value).split("[")[0]
    ]
    assert set(named) == {"arrays.py"}


def test_the_top_level_holds_commands_and_what_all_share():
    assert {path.name for path in FOLDER.glob("*.py")} == TOP_LEVEL


def test_module_names_say_what_is_inside():
    assert not {path.stem for path, _ in modules()} & UNTELLING


def test_modules_import_each_other_in_one_direction():
    graph = grimp.build_graph("seqlab", cache_dir=None)
    imports = {name: graph.find_modules_directly_imported_by(name) for name in graph.modules}
    while leaves := {name for name, imported in imports.items() if not imported & imports.keys()}:
        for name in leaves:
            del imports[name]
    assert imports == {}, "these modules form circles, or import modules that do"
