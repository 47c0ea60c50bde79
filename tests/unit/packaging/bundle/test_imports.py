"""Imports are found wherever they stand, and followed as they happen on a Mac."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from bundle.conditions import decided
from bundle.imports import imports_of
from bundle.modules import Library

from tests.unit.packaging.bundle.macho_files import write


def wanted(source: str, module: str = "app.main") -> list[str]:
    return [item.module for item in imports_of(source, module, is_package=False) if not item.tentatively]


@pytest.mark.parametrize(
    ("source", "modules"),
    [
        ("import a.b\nfrom c import d", ["a.b", "c"]),
        ("def f():\n  class C:\n    def g(self):\n      import a", ["a"]),
        ("async def f():\n  async with x:\n    for y in z:\n      import a", ["a"]),
        ("from . import x\nfrom ..other import y", ["app", "other"]),
        ("import sys\nif sys.platform == 'darwin':\n  import a\nelse:\n  import b", ["sys", "a"]),
        ("if sys.platform != 'darwin':\n  import b", []),
        (
            "if sys.platform.startswith('linux'):\n  import b\nelif sys.platform in ('darwin', 'ios'):\n  import a",
            ["a"],
        ),
        ("def f():\n  if sys.platform == 'darwin':\n    import a\n    return a\n  import b", ["a"]),
        ("def f():\n  if sys.platform == 'linux':\n    return None\n  import a", ["a"]),
        ("if TYPE_CHECKING:\n  import b", []),
        ("if sys.version_info >= (3, 13):\n  import b\nelse:\n  import a", ["a"]),
        ("if platform.system() == 'Darwin' and not TYPE_CHECKING:\n  import a", ["a"]),
        ("try:\n  import b\nexcept ImportError:\n  import c", []),
        ("try:\n  import a\nexcept OSError:\n  pass", ["a"]),
        ("try:\n  pass\nfinally:\n  import a", ["a"]),
        ("match x:\n  case 1:\n    import b", []),
        ("importlib.import_module('a.b')\nf(import_module('c'))\nimport_module(name)", ["a.b", "c"]),
        ("x = [sys.executable, '-m', 'a.b', name]", ["a.b"]),
        ("with x:\n  pass\nraise E\nimport b", []),
        ("while x:\n  pass\nelse:\n  import a", ["a"]),
    ],
)
def test_what_is_imported(source: str, modules: list[str]) -> None:
    assert wanted(source) == modules


@pytest.mark.parametrize(
    ("condition", "outcome"),
    [
        ("sys.platform == 'darwin' or x", True),
        ("sys.platform == 'darwin' and x", None),
        ("sys.platform == 'win32' and x", False),
        ("not x", None),
        ("os.name == 'nt'", False),
        ("sys.version_info[0] == 3", None),
        ("sys.version_info < (3, 12, 4)", False),
    ],
)
def test_conditions_are_decided_as_on_a_mac(condition: str, outcome: bool | None) -> None:
    assert decided(ast.parse(condition, mode="eval").body) is outcome


def test_of_other_peoples_packages_only_what_they_cannot_do_without_counts(tmp_path: Path) -> None:
    write(tmp_path / "ours.py", b"def f():\n    import theirs\n")
    theirs = b"import needed\ndef f():\n    import lazy\nif x:\n    import perhaps\n"
    write(tmp_path / "theirs" / "__init__.py", theirs)
    reached = Library([tmp_path], ["ours"]).follow(["ours"])
    assert set(reached.missing) == {"needed"}
    assert reached.trail("needed") == "needed ← theirs ← ours"


def test_compiled_modules_come_before_sources_and_packages_before_both(tmp_path: Path) -> None:
    library = Library([tmp_path], [])
    source = write(tmp_path / "a.py", b"")
    assert library.find("a") == source
    compiled = write(tmp_path / "a.abi3.so", b"")
    assert library.find("a") == compiled
    package = write(tmp_path / "a" / "__init__.py", b"")
    assert library.find("a") == package
    write(tmp_path / "space" / "b.py", b"")
    assert library.find("space") == tmp_path / "space" and library.find("space.c") is None


def test_names_in_a_package_are_told_from_modules_that_are_missing(tmp_path: Path) -> None:
    write(tmp_path / "p" / "__init__.py", b"A = 1\ndef b(): ...\n")
    write(tmp_path / "q" / "__init__.py", b"def __getattr__(name): ...\n")
    write(tmp_path / "ours.py", b"from p import A, b, c\nfrom q import anything\n")
    assert set(Library([tmp_path], ["ours"]).follow(["ours"]).missing) == {"p.c"}
