"""Saying hello to the package costs nothing: the language, the parsers and the package itself load no library."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
STANDARD_LIBRARY_ONLY = ("protocol", "parsing", "host.py")
HEAVY = {"mlx", "numpy", "PIL", "av", "tokenizers", "jinja2", "transformers", "mlx_lm", "mlx_vlm", "PySide6"}


@pytest.mark.parametrize(
    "module", ["mlx_gemma4", "mlx_gemma4.protocol", "mlx_gemma4.protocol.wire", "mlx_gemma4.parsing", "mlx_gemma4.host"]
)
def test_importing_it_loads_no_library(module: str) -> None:
    probe = f"import sys, {module}; print(' '.join(sorted({{name.partition('.')[0] for name in sys.modules}})))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    assert not HEAVY & set(result.stdout.split())


def test_the_engines_process_loads_no_window_toolkit() -> None:
    command = [sys.executable, "-X", "importtime", "-m", "app", "--engine"]
    log = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True, cwd=ROOT).stderr
    assert "mlx_gemma4.engine" in log
    assert "PySide6" not in log


def test_the_window_loads_nothing_that_computes() -> None:
    probe = "import sys, app.main; print(' '.join(sorted({name.partition('.')[0] for name in sys.modules})))"
    result = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True, cwd=ROOT)
    loaded = set(result.stdout.split())
    assert "PySide6" in loaded
    assert not (HEAVY - {"PySide6"}) & loaded


def foreign_imports(source: str) -> set[str]:
    """Top-level names imported by `source` that are neither the standard library's nor the protocol's."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute"
            names.add(node.module or "")
    allowed = ("mlx_gemma4.protocol", "mlx_gemma4.parsing")
    return {
        name for name in names if name.partition(".")[0] not in sys.stdlib_module_names and not name.startswith(allowed)
    }


@pytest.mark.parametrize("name", STANDARD_LIBRARY_ONLY)
def test_it_imports_the_standard_library_alone(name: str) -> None:
    path = ROOT / "mlx_gemma4" / name
    files = [path] if path.is_file() else sorted(path.rglob("*.py"))
    assert files
    for file in files:
        assert not foreign_imports(file.read_text()), file


def test_a_foreign_import_is_seen_wherever_it_stands() -> None:
    assert foreign_imports("def f():\n    import numpy.linalg\n") == {"numpy.linalg"}
    assert foreign_imports("from rich import print") == {"rich"}
    assert not foreign_imports("import json\nfrom mlx_gemma4.protocol.events import Event")
