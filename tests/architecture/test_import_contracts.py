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
LAYERS = {
    contract["id"]: (contract["containers"][0], contract["layers"])
    for contract in CONTRACTS
    if contract["type"] == "layers"
}
PACKAGES = ("mlx_gemma4", "app")


def lint(folder: Path, contract: str | None = None) -> subprocess.CompletedProcess[str]:
    """Runs import-linter on the copies of the packages in `folder`."""
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache", "--no-logo"]
    if contract:
        command += ["--contract", contract]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of both packages and of the contracts."""
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def add_import(folder: Path, module: str, statement: str) -> None:
    """Appends an import to a module or to a package's __init__."""
    path = folder.joinpath(*module.split("."))
    file = path / "__init__.py" if path.is_dir() else path.with_suffix(".py")
    file.write_text(file.read_text() + f"\n{statement}\n")


def upward_imports(contract: str) -> list[tuple[str, str, str]]:
    """One offending import for every layer: it imports the layer above; siblings import each other."""
    package, layers = LAYERS[contract]
    rows = [[name.strip() for name in layer.split("|")] for layer in layers]
    upward = [(low, high) for above, below in itertools.pairwise(rows) for low in below for high in above]
    sideways = [(one, other) for row in rows for one in row for other in row if one != other]
    return [(contract, f"{package}.{low}", f"import {package}.{high}") for low, high in upward + sideways]


OFFENCES = [
    *upward_imports("layers"),
    *upward_imports("app-layers"),
    ("model-knows-no-prompt", "mlx_gemma4.model", "import mlx_gemma4.prompt"),
    ("model-knows-no-prompt", "mlx_gemma4.model", "import mlx_gemma4.media"),
    ("inputs-without-mlx", "mlx_gemma4.media", "import mlx.core as mx"),
    ("inputs-without-mlx", "mlx_gemma4.prompt", "import mlx.nn"),
    ("inputs-without-mlx", "mlx_gemma4.page", "import mlx.core as mx"),
    ("language-without-libraries", "mlx_gemma4.protocol", "import numpy as np"),
    ("language-without-libraries", "mlx_gemma4.parsing", "from PIL import Image"),
    ("language-without-libraries", "mlx_gemma4.parsing", "import mlx_gemma4.model"),
    ("language-without-libraries", "mlx_gemma4.host", "import mlx.core"),
    ("no-window", "mlx_gemma4.cli", "from PySide6.QtCore import QObject"),
    ("no-window", "mlx_gemma4.engine", "import app.state"),
    ("app-speaks-protocol", "app.state", "import mlx.core as mx"),
    ("app-speaks-protocol", "app.intake", "from PIL import Image"),
    ("app-speaks-protocol", "app.views", "import numpy as np"),
    ("app-speaks-protocol", "app.main", "from mlx_gemma4 import load"),
    ("app-speaks-protocol", "app.actions", "from mlx_gemma4.media.pictures import load_picture"),
    ("app-speaks-protocol", "app.state", "from mlx_gemma4.page.comparison import compare"),
    ("app-speaks-protocol", "app.engine_link", "from mlx_gemma4.engine import stdio"),
    ("app-speaks-protocol", "app.__main__", "import mlx_gemma4.gemma"),
    ("views-ask-actions", "app.views", "from app.engine_link.bridge import EngineBridge"),
    ("peers-in-bench-only", "mlx_gemma4.engine", "import mlx_vlm"),
    ("peers-in-bench-only", "mlx_gemma4.generation", "from mlx_lm.sample_utils import make_sampler"),
    ("peers-in-bench-only", "mlx_gemma4.media", "import transformers"),
]


def test_the_packages_keep_every_contract(copy: Path) -> None:
    result = lint(copy)
    assert result.returncode == 0, result.stdout
    assert f"{len(CONTRACTS)} kept, 0 broken" in result.stdout


@pytest.mark.parametrize(("contract", "module", "statement"), OFFENCES)
def test_an_offending_import_is_caught(copy: Path, contract: str, module: str, statement: str) -> None:
    add_import(copy, module, statement)
    result = lint(copy, contract)
    assert result.returncode == 1, result.stdout
    assert "0 kept, 1 broken" in result.stdout


@pytest.mark.parametrize("contract", LAYERS)
def test_a_folder_that_stands_in_no_layer_is_caught(copy: Path, contract: str) -> None:
    package, _ = LAYERS[contract]
    (copy / package / "helpers").mkdir()
    (copy / package / "helpers" / "__init__.py").touch()
    result = lint(copy, contract)
    assert result.returncode == 1
    assert "helpers" in result.stdout


def test_every_contract_is_broken_by_some_test() -> None:
    assert {contract["id"] for contract in CONTRACTS} == {contract for contract, _, _ in OFFENCES}
