import ast
import json
import subprocess
import sys
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import pytest

import seqlab

HEAVY = {"keras", "tensorflow", "gensim", "sklearn", "scipy", "pandas", "seqeval"}


def modules_after(code):
    """What a fresh interpreter has imported when `code` is done."""
    script = f"{code}\nimport sys, json; print('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_importing_the_package_is_light():
    found = modules_after("import seqlab")
    assert not found & (HEAVY | {"numpy", "cyclopts", "rich"})


def test_reading_a_corpus_needs_no_network_library():
    path = Path(__file__).parents[1] / "data" / "valid.conll"
    code = f"import seqlab; c = seqlab.read_corpus({str(path)!r}); print(len(c), seqlab.Scheme)"
    assert not modules_after(code) & (HEAVY - {"sklearn", "scipy", "pandas"})


@pytest.mark.parametrize(
    ("command", "argv"),
    [
        ("train", ["--help"]),
        ("train", ["--epoch", "3"]),
        ("train", ["--epochs", "0"]),
        ("train", ["--print-config"]),
        ("train", ["--train", "missing.conll"]),
        ("tag", ["--help"]),
        ("tag", ["--score"]),
        ("evaluate", ["--help"]),
        ("evaluate", ["run"]),
        ("compare", ["--help"]),
        ("compare", ["--seeds", "x"]),
        ("compare", ["--vary", "layers=1,2", "--train", "missing.conll"]),
    ],
    ids=lambda part: part if isinstance(part, str) else " ".join(part),
)
def test_help_and_mistakes_are_answered_before_keras_is_imported(tmp_path, command, argv):
    code = (
        f"import os; from seqlab.{command} import main; os.chdir({str(tmp_path)!r})\n"
        f"assert main({argv!r}) in (0, 2)"
    )
    assert not modules_after(code) & HEAVY


def test_the_names_for_type_checkers_are_the_lazy_ones():
    tree = ast.parse(Path(seqlab.__file__).read_text(encoding="utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        alias.asname or alias.name: (node.module.removeprefix("seqlab."), alias.name)
        for node in block.body
        for alias in node.names
    }
    lazy = {name: (place, seqlab.RENAMED.get(name, name)) for name, place in seqlab.PLACES.items()}
    assert lazy == typed


@pytest.mark.parametrize("name", seqlab.PLACES)
def test_every_public_name_is_found_where_it_lives(name):
    home = import_module(f"seqlab.{seqlab.PLACES[name]}")
    found = getattr(seqlab, name)
    assert found is getattr(home, seqlab.RENAMED.get(name, name))
    assert found.__doc__
    assert name in seqlab.__all__
    assert name in dir(seqlab)


def test_no_public_name_is_that_of_a_module():
    folder = Path(seqlab.__file__).parent
    modules = {path.stem for path in folder.iterdir()}
    assert not modules & set(seqlab.PLACES)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="module 'seqlab' has no attribute 'trian'"):
        _ = seqlab.trian
    assert not hasattr(seqlab, "nope")


def test_the_version_is_that_of_the_installed_package(monkeypatch):
    assert seqlab.__version__ == version("seqlab")
    assert "__version__" in dir(seqlab)

    def missing(name):
        raise PackageNotFoundError(name)

    monkeypatch.setattr("importlib.metadata.version", missing)
    assert not hasattr(seqlab, "__version__")


@pytest.mark.parametrize(
    ("missing", "packages"), [("keras", "keras tensorflow"), ("tensorflow", "keras tensorflow")]
)
def test_names_that_need_keras_say_what_to_install(missing, packages):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import seqlab\n"
        "for name in ('build_network', 'keras_loss', 'TrackClasses', 'tagger_of_network'):\n"
        "    try:\n"
        "        getattr(seqlab, name)\n"
        "    except seqlab.UserError as error:\n"
        "        print(error)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    names = ("build_network", "keras_loss", "TrackClasses", "tagger_of_network")
    assert done.stdout.splitlines() == [
        f"seqlab.{name} needs Keras: pip install {packages}" for name in names
    ]
    assert (done.returncode, done.stderr) == (0, "")
