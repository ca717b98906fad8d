"""Names and versions of exported packages: what is refused, and how."""

import re
from importlib.metadata import PackageNotFoundError, requires

import pytest

from seqlab.errors import UserError
from seqlab.exporting.deployed import REQUIREMENTS, SERVE_REQUIREMENTS
from seqlab.exporting.package_name import check_name, check_version, import_name

SHAPE = "expected letters, digits and single hyphens, a letter first, such as invoice-tagger"


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        ("", SHAPE),
        ("../evil", SHAPE),
        ("/etc/passwd", SHAPE),
        ("a b", SHAPE),
        ("a;import os", SHAPE),
        ('x"', SHAPE),
        ("1st", SHAPE),
        ("_x", SHAPE),
        ("tagger-", SHAPE),
        ("tägger", SHAPE),
        ("tagger\n", SHAPE),
        ("x" * 65, SHAPE),
        ("class", "no package can have this name; choose another"),
        ("NUL", "no package can have this name; choose another"),
        ("com1", "no package can have this name; choose another"),
        ("json", "it would hide the package 'json'; choose another"),
        ("NumPy", "it would hide the package 'numpy'; choose another"),
        ("pip", "it would hide the package 'pip'; choose another"),
        ("Pydantic-Core", "it would hide the package 'pydantic_core'; choose another"),
        ("test", "it would hide the package 'test'; choose another"),
        ("seqlab", "it would hide the package 'seqlab'; choose another"),
    ],
)
def test_unsafe_names_are_refused(name, fault):
    with pytest.raises(UserError) as caught:
        check_name(name)
    assert str(caught.value).endswith(f": {fault}")
    assert str(caught.value).startswith("name is '")


@pytest.mark.parametrize("name", ["python", "Python3", "python3.11", "pip3", "activate"])
def test_no_command_of_an_environment_is_replaced(name):
    with pytest.raises(UserError) as caught:
        check_name(name)
    assert str(caught.value) == (
        f"name is {name!r}: it would replace a command of Python; choose another"
    )


@pytest.mark.parametrize("name", ["invoice-tagger", "Invoice.Tagger2", "ner", "x" * 64])
def test_usual_names_are_taken(name):
    check_name(name)


def test_the_import_name_is_an_identifier():
    assert import_name("Invoice-Tagger.v2") == "invoice_tagger_v2"


@pytest.mark.parametrize(
    "version", ["1.0.0", "0.1", "2026.11.30", "1.2.0rc1", "1.0.post1", "1.0+run.7"]
)
def test_versions_in_normal_form_are_taken(version):
    check_version(version)


@pytest.mark.parametrize(
    "version", ["", "1.0-beta", "v1", "1.0/..", "01.2", "1.0 ", "1.0\n", "١.0"]
)
def test_other_versions_are_refused(version):
    with pytest.raises(
        UserError, match=r"expected numbers separated by dots, such as 1\.0\.0 or 1\.2\.0rc1$"
    ):
        check_version(version)


def test_no_package_that_an_exported_one_needs_can_be_hidden():
    waiting, needed = [*REQUIREMENTS, *SERVE_REQUIREMENTS], set()
    while waiting:
        name = re.match(r"[\w.-]+", waiting.pop())[0]
        if name not in needed:
            needed.add(name)
            try:
                waiting += [one for one in requires(name) or () if "extra ==" not in one]
            except PackageNotFoundError:  # of another system or version of Python
                continue
    assert {"numpy", "pydantic", "h11", "anyio"} < needed
    for name in needed:
        with pytest.raises(UserError, match="it would hide the package"):
            check_name(name)
