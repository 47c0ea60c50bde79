"""Inside the app, widgets stand in views alone, and state needs no more of Qt than its core."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
WITH_WIDGETS = ("views", "main.py", "platform", "page/render_process.py")
"""Where QtWidgets may be imported: the widgets themselves, the one place that builds and connects everything, what
systems differ in (a tray, an overlay over the screen), and the process that renders pages, which needs an application
of its own."""
STATE_MAY_USE = {"QtCore"}


def qt_modules(source: str) -> set[str]:
    """The modules of PySide6 that `source` imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom) and node.module == "PySide6":
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("PySide6."):
            found.add((node.module or "").split(".")[1])
        elif isinstance(node, ast.Import):
            found.update(alias.name.split(".")[1] for alias in node.names if alias.name.startswith("PySide6."))
    return found


def app_files() -> list[Path]:
    """Every source file of the app."""
    files = sorted((ROOT / "app").rglob("*.py"))
    assert files
    return files


def test_widgets_stand_in_views_alone() -> None:
    outside = [f for f in app_files() if not f.relative_to(ROOT / "app").as_posix().startswith(WITH_WIDGETS)]
    assert not [str(file) for file in outside if "QtWidgets" in qt_modules(file.read_text())]


def test_state_uses_the_core_of_qt_alone() -> None:
    files = [file for file in app_files() if file.parent.name == "state"]
    assert files
    assert not [str(file) for file in files if qt_modules(file.read_text()) - STATE_MAY_USE]


@pytest.mark.parametrize(
    "statement",
    [
        "from PySide6.QtWidgets import QWidget",
        "from PySide6 import QtWidgets",
        "import PySide6.QtWidgets as widgets",
        "def f():\n    from PySide6.QtWidgets import QLabel",
    ],
)
def test_every_way_to_import_widgets_is_seen(statement: str) -> None:
    assert qt_modules(statement) == {"QtWidgets"}
