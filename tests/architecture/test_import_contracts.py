"""Every import contract holds, and each one is broken here in a copy of the package to see that it is caught."""

import itertools
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
LAYERS = next(contract["layers"] for contract in CONTRACTS if contract["id"] == "layers")


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on the copy of mlx_gemma4 in `folder`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    if contract:
        command += ["--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package and of the contracts."""
    shutil.copytree(ROOT / "mlx_gemma4", tmp_path / "mlx_gemma4", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add_import(folder: Path, module: str, statement: str) -> None:
    """Appends an import to a module or to a package's __init__."""
    path = folder.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    file.write_text(file.read_text() + f"\n{statement}\n")


def upward_imports() -> list[tuple[str, str, str]]:
    """One offending import for every layer: it imports the layer above; siblings import each other."""
    rows = [[name.strip() for name in layer.split("|")] for layer in LAYERS]
    upward = [(low, high) for above, below in itertools.pairwise(rows) for low in below for high in above]
    sideways = [(one, other) for row in rows for one in row for other in row if one != other]
    return [("layers", f"mlx_gemma4.{low}", f"import mlx_gemma4.{high}") for low, high in upward + sideways]


OFFENCES = [
    *upward_imports(),
    ("model-knows-no-prompt", "mlx_gemma4.model", "import mlx_gemma4.prompt"),
    ("model-knows-no-prompt", "mlx_gemma4.model", "import mlx_gemma4.media"),
    ("inputs-without-mlx", "mlx_gemma4.media", "import mlx.core as mx"),
    ("inputs-without-mlx", "mlx_gemma4.prompt", "import mlx.nn"),
    ("language-without-libraries", "mlx_gemma4.protocol", "import numpy as np"),
    ("language-without-libraries", "mlx_gemma4.parsing", "from PIL import Image"),
    ("language-without-libraries", "mlx_gemma4.parsing", "import mlx_gemma4.model"),
    ("language-without-libraries", "mlx_gemma4.host", "import mlx.core"),
    ("no-qt", "mlx_gemma4.cli", "from PySide6.QtCore import QObject"),
    ("peers-in-bench-only", "mlx_gemma4.engine", "import mlx_vlm"),
    ("peers-in-bench-only", "mlx_gemma4.generation", "from mlx_lm.sample_utils import make_sampler"),
    ("peers-in-bench-only", "mlx_gemma4.media", "import transformers"),
]


def test_the_package_keeps_every_contract(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "module", "statement"), OFFENCES)
def test_an_offending_import_is_caught(copy: Path, contract: str, module: str, statement: str) -> None:
    add_import(copy, module, statement)
    result = lint(copy, contract)
    assert result.returncode == 1, result.stdout
    assert "0 kept, 1 broken" in result.stdout


def test_a_folder_that_stands_in_no_layer_is_caught(copy: Path) -> None:
    (copy / "mlx_gemma4" / "helpers").mkdir()
    (copy / "mlx_gemma4" / "helpers" / "__init__.py").touch()
    result = lint(copy, "layers")
    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_every_contract_is_broken_by_some_test() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in OFFENCES}
