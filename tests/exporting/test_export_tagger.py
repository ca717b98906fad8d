"""Exported taggers tag as their run does. The wheel is read by Python's own means."""

import ast
import base64
import csv
import errno
import hashlib
import importlib
import io
import os
import subprocess
import sys
import zipfile
from email.parser import Parser
from pathlib import Path

import pytest

import seqlab
from seqlab import tag
from seqlab.errors import UserError
from seqlab.export import main
from seqlab.exporting.carried_code import with_imports_of
from seqlab.exporting.package_modules import TaggerColumns, package_modules
from seqlab.storing.save_and_load import load_run
from tests import tiny
from tests.exporting.random_taggers import random_tagger

TEXT = "Ada Stone saw Oslo. Boris Marsh left Paris in 1999."


def export(run, folder, **options):
    options = {"format": "wheel", "name": "tiny-tagger"} | options
    return seqlab.export_tagger(run.path, out=folder, **options)


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    """The wheel of a tagger, written once."""
    run = tiny.span_run(tmp_path_factory).run
    return export(run, tmp_path_factory.mktemp("wheel"))


@pytest.fixture
def package(path, tmp_path, monkeypatch):
    """The package of an unpacked wheel."""
    with zipfile.ZipFile(path) as wheel:
        wheel.extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    yield importlib.import_module("tiny_tagger")
    for name in [name for name in sys.modules if name.partition(".")[0] == "tiny_tagger"]:
        del sys.modules[name]


def test_the_package_tags_as_the_run_does(span_run, package):
    ours, theirs = load_run(span_run.path), package.load()
    assert type(theirs).__module__ == "tiny_tagger._seqlab.tagging.tagger"
    assert [tuple(span) for span in theirs.tag_text(TEXT).spans] == [
        tuple(span) for span in ours.tag_text(TEXT).spans
    ]
    tokens = TEXT.split()
    assert theirs.tag(tokens) == ours.tag(tokens)


def test_the_package_runs_no_code_of_seqlab(package):
    found = [
        module
        for name, module in list(sys.modules.items())
        if name.startswith("tiny_tagger") and "from seqlab" in Path(module.__file__).read_text()
    ]
    assert found == []


def test_a_wheel_that_is_not_installed_says_so(path):
    code = "import tiny_tagger\ntry: tiny_tagger.load()\nexcept tiny_tagger.UserError as error: print(error)"
    run = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(path)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout == (
        f"{path}: is a file; install or unpack it, so that the tagger is a directory\n"
    )


def test_the_package_says_what_needs_keras(package):
    with pytest.raises(package.UserError, match=r"^a network needs Keras: install seqlab$"):
        _ = package.load().network


def test_the_command_of_the_package_tags_a_file(span_run, package, tmp_path, capfdbinary):
    (tmp_path / "in.txt").write_text(TEXT, "utf-8")
    standalone = importlib.import_module("tiny_tagger._seqlab.streaming.standalone")
    arguments = [str(tmp_path / "in.txt"), "--output-format", "jsonl", "--format", "text"]
    assert standalone.main(package.FILES, program="tiny", argv=arguments) == 0
    theirs = capfdbinary.readouterr().out
    assert tag.main([str(span_run.path), *arguments]) == 0
    assert theirs == capfdbinary.readouterr().out
    assert standalone.main(package.FILES, program="tiny", argv=["--oufset"]) == 2
    assert (
        capfdbinary.readouterr().err == b"error: unknown option '--oufset'; nearest: '--offsets'\n"
    )

    for words, fact in (
        (["--threshold", "0.5"], "unknown option '--threshold'"),
        (["a.txt", "b.txt"], "unexpected 'b.txt': tiny takes one file"),
    ):
        assert standalone.main(package.FILES, program="tiny", argv=words) == 2
        assert capfdbinary.readouterr().err.decode() == f"error: {fact}\n"


def test_the_help_of_the_package_lists_every_choice(package, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "300")
    standalone = importlib.import_module("tiny_tagger._seqlab.streaming.standalone")
    with pytest.raises(SystemExit):
        standalone.main(package.FILES, program="tiny", argv=["--help"])
    shown = capsys.readouterr().out
    assert "Format of the input: conll, conllu, jsonl, parallel, csv, hf, doccano, " in shown
    assert "raw text: line, paragraph, file. [default: line]" in shown
    assert "JSON lines: codepoints, utf16, bytes. [default: codepoints]" in shown


def test_the_package_brings_a_command(path, package, tmp_path, monkeypatch, capsys):
    with zipfile.ZipFile(path) as wheel:
        script = wheel.read("tiny_tagger-1.0.0.dist-info/entry_points.txt").decode()
    assert script == "[console_scripts]\ntiny-tagger = tiny_tagger.__main__:main\n"
    main = importlib.import_module("tiny_tagger.__main__").main
    monkeypatch.setattr(sys, "argv", ["tiny-tagger", str(tmp_path / "none.txt")])
    assert main() == 2
    assert capsys.readouterr().err == f"error: {tmp_path / 'none.txt'}: no such file\n"
    monkeypatch.setattr(sys, "argv", ["tiny-tagger", "a", "b"])
    assert main() == 2
    assert capsys.readouterr().err == "error: unexpected 'b': tiny-tagger takes one file\n"


def test_a_missing_library_is_named_without_an_extra_of_seqlab(package, monkeypatch):
    hf = importlib.import_module("tiny_tagger._seqlab.corpus.arrow_files")
    monkeypatch.setitem(sys.modules, "datasets", None)
    with pytest.raises(package.UserError) as caught:
        hf.import_extra("datasets", "datasets of Hugging Face")
    assert str(caught.value) == "datasets of Hugging Face need datasets: pip install datasets"
    cas = importlib.import_module("tiny_tagger._seqlab.annotations.cas")
    spacy = importlib.import_module("tiny_tagger._seqlab.annotations.spacy")
    assert cas.MISSING.endswith(" need dkpro-cassis: pip install dkpro-cassis")
    assert spacy.MISSING.endswith(" need spaCy: pip install spacy")


def test_the_page_of_a_tagger_with_columns_shows_a_call_that_works(tmp_path, monkeypatch):
    tagger = random_tagger()
    run = seqlab.save(tagger, tmp_path / "run")
    wheel = seqlab.export_tagger(run, format="wheel", name="columns-tagger", out=tmp_path)
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    monkeypatch.syspath_prepend(tmp_path / "site")
    (information,) = (tmp_path / "site").glob("*.dist-info")
    page = (information / "METADATA").read_text("utf-8")
    call = (
        'tagger.tag(["one", "token", "each"], features={"pos": ["…", "…", "…"]}, '
        'numbers={"size": [1.0, 2.0, 3.0], "left": [1.0, 2.0, 3.0]})'
    )
    assert call in page
    assert "tag_text" not in page
    code = page.partition("```python\n")[2].partition("```")[0]
    names = {}
    exec(code.replace(call, f"tags = {call}"), names)  # noqa: S102, our own page
    assert call in names["columns_tagger"].__doc__
    features, numbers = {"pos": ["…"] * 3}, {"size": [1.0, 2.0, 3.0], "left": [1.0, 2.0, 3.0]}
    assert names["tags"] == tagger.tag(["one", "token", "each"], features=features, numbers=numbers)
    for name in [name for name in sys.modules if name.partition(".")[0] == "columns_tagger"]:
        del sys.modules[name]


@pytest.mark.parametrize("name", ['"""', "\\", "a\nb", "é{x}", '"""\nimport os\n"""', "```"])
def test_no_name_of_a_column_ends_the_text_around_it(name):
    columns = TaggerColumns(features=[name])
    modules = package_modules("x", "x", "1", columns)
    (text, *_) = ast.parse(modules["x/__init__.py"]).body
    assert ast.literal_eval(columns.call.partition("features=")[2][:-1]) == {name: ["…"] * 3}
    assert text.value.value.startswith("The sequence tagger x 1.")
    assert len(text.value.value.splitlines()) == len(text.value.value.rstrip().split("\n"))
    assert len(columns.call.splitlines()) == 1


def test_the_zip_is_a_run_directory(span_run, tmp_path):
    path = export(span_run, tmp_path, format="zip", version="2.1")
    assert path == tmp_path / "tiny_tagger-2.1.zip"
    with zipfile.ZipFile(path) as archive:
        archive.extractall(tmp_path)
    tagger = seqlab.load(tmp_path / "tiny_tagger-2.1")
    assert tagger.tag_text(TEXT) == load_run(span_run.path).tag_text(TEXT)


def test_the_record_lists_every_file(path):
    with zipfile.ZipFile(path) as wheel:
        record = wheel.read("tiny_tagger-1.0.0.dist-info/RECORD").decode()
        rows = {name: (digest, size) for name, digest, size in csv.reader(io.StringIO(record))}
        assert list(rows) == wheel.namelist()
        for name, (digest, size) in rows.items():
            content = wheel.read(name)
            found = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).decode().strip("=")
            own = name.endswith("/RECORD")
            assert (digest, size) == (("", "") if own else (f"sha256={found}", str(len(content))))


def test_the_metadata_names_few_libraries(path):
    with zipfile.ZipFile(path) as wheel:
        head = Parser().parsestr(wheel.read("tiny_tagger-1.0.0.dist-info/METADATA").decode())
        assert wheel.testzip() is None
    assert (head["Name"], head["Version"]) == ("tiny-tagger", "1.0.0")
    needed = [one for one in head.get_all("Requires-Dist") if "extra" not in one]
    assert needed == ["numpy>=2.2", "regex>=2024.5.15", "sentencex>=1.0.32,<2"]
    assert head["Summary"].startswith("Tags PER, LOC")
    assert "| class |" in head.get_payload()


def test_no_file_names_a_path_of_the_training(span_run, tmp_path):
    with zipfile.ZipFile(export(span_run, tmp_path, format="zip")) as archive:
        texts = [archive.read(name) for name in archive.namelist()]
    assert not [text for text in texts if str(span_run.path.parent).encode() in text]


def test_bytes_depend_on_the_run_alone(span_run, path, tmp_path):
    assert export(span_run, tmp_path).read_bytes() == path.read_bytes()


def test_nothing_is_overwritten_unasked(span_run, tmp_path):
    path = tmp_path / "tiny_tagger-1.0.0.zip"
    path.write_bytes(b"mine")
    with pytest.raises(UserError) as caught:
        export(span_run, tmp_path, format="zip")
    assert str(caught.value) == (
        f"{path}: exists; give --overwrite (in Python overwrite=True) to replace it, or another --out"
    )
    assert path.read_bytes() == b"mine"
    assert export(span_run, tmp_path, format="zip", overwrite=True).read_bytes() != b"mine"
    assert list(tmp_path.iterdir()) == [path]


def test_of_two_exports_to_one_place_the_second_says_so(span_run, tmp_path, monkeypatch):
    from seqlab.exporting import export_tagger as module

    def write_slowly(path, *rest):
        write_wheel(path, *rest)
        monkeypatch.undo()
        export(span_run, tmp_path)  # another program, meanwhile

    write_wheel = module.write_wheel
    monkeypatch.setattr(module, "write_wheel", write_slowly)
    with pytest.raises(UserError) as caught:
        export(span_run, tmp_path)
    (path,) = tmp_path.iterdir()
    assert path.name == "tiny_tagger-1.0.0-py3-none-any.whl"
    assert str(caught.value) == (
        f"{path}: exists; give --overwrite (in Python overwrite=True) to replace it, or another --out"
    )


def test_what_a_killed_export_left_is_removed(span_run, tmp_path):
    name = "tiny_tagger-1.0.0.zip"
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    (tmp_path / f".partial-{dead.pid}-{name}").touch()
    assert export(span_run, tmp_path, format="zip").name == name
    assert [one.name for one in tmp_path.iterdir()] == [name]


def test_a_full_disk_is_named(span_run, tmp_path, monkeypatch):
    def write(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("seqlab.exporting.export_tagger.write_archive", write)
    with pytest.raises(UserError) as caught:
        export(span_run, tmp_path, format="zip")
    path = tmp_path / "tiny_tagger-1.0.0.zip"
    assert str(caught.value) == f"{path}: cannot be written: No space left on device"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("format", ["wheel", "zip", "onnx"])
def test_a_file_is_no_place_for_an_export(span_run, tmp_path, format):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError) as caught:
        export(span_run, file, format=format)
    assert str(caught.value) == f"{file}: is not a directory; give another --out"


def test_an_unsafe_name_writes_nothing(span_run, tmp_path, capsys):
    words = [str(span_run.path), "--format", "wheel", "--out", str(tmp_path / "out")]
    assert main([*words, "--name", "../evil"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_the_command_prints_the_path_last(span_run, tmp_path, capsys):
    words = ["--format", "wheel", "--name", "tiny", "--out", str(tmp_path)]
    assert main([str(span_run.path), *words]) == 0
    *_, size, path = capsys.readouterr().out.splitlines()
    assert path == str(tmp_path / "tiny-1.0.0-py3-none-any.whl")
    before = sum(one.stat().st_size for one in span_run.path.rglob("*") if one.is_file())
    after = Path(path).stat().st_size
    assert size == (
        f"wheel of {span_run.path}: {after / 1000:.0f} KB; the run has {before / 1000:.0f} KB"
    )


def test_an_unknown_format_gets_its_nearest_match(span_run, tmp_path):
    with pytest.raises(
        UserError, match=r"^format is 'weel': expected wheel, zip, onnx; nearest: 'wheel'$"
    ):
        export(span_run, tmp_path, format="weel")


def test_imports_change_and_strings_stay():
    code = 'from seqlab.errors import (\n    UserError,\n)\nNOTE = "from seqlab"\n'
    changed = 'from x._seqlab.errors import (\n    UserError,\n)\nNOTE = "from seqlab"\n'
    assert with_imports_of(code, "x._seqlab") == changed
    with pytest.raises(ValueError, match="write `from seqlab"):
        with_imports_of("import seqlab.errors", "x")
