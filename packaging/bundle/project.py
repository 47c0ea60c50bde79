"""Lays out what Briefcase makes Prism.app from: its configuration, our sources, the licence and the icon."""

from __future__ import annotations

import runpy
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterable
from pathlib import Path

from bundle.tables import NOT_FOR_THE_BUNDLE

ROOT = Path(__file__).parents[2]
RECIPE = Path(__file__).with_name("briefcase.toml")
_IGNORED = shutil.ignore_patterns("__pycache__", "*.pyc", ".DS_Store")


def version() -> str:
    """Of Prism, from the one place where it stands."""
    names = runpy.run_path(str(ROOT / "mlx_gemma4" / "protocol" / "version.py"))
    return str(names["VERSION"])


def recipe() -> dict[str, dict]:
    """Briefcase's configuration, as a table."""
    return tomllib.loads(_filled_in())["tool"]["briefcase"]


def write_project(folder: Path) -> None:
    """Write everything into `folder`, anew."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / "icons").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(_filled_in())
    shutil.copy(ROOT / "LICENSE", folder)
    draw = [sys.executable, str(ROOT / "packaging" / "icon" / "make_icns.py"), str(folder / "icons" / "prism.icns")]
    subprocess.run(draw, check=True)
    copy_sources(folder / "src")


def copy_sources(folder: Path) -> None:
    """Copy the packages and the data, without what is not for the bundle."""
    for source in (RECIPE.parent / "prism", ROOT / "app", ROOT / "mlx_gemma4", ROOT / "resources"):
        shutil.copytree(source, folder / source.name, ignore=_IGNORED)
    for path in files_of(folder, NOT_FOR_THE_BUNDLE):
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def files_of(folder: Path, modules: Iterable[str]) -> dict[Path, str]:
    """The files and folders of those modules that are there → which of the names or patterns they are."""
    found: dict[Path, str] = {}
    for module in modules:
        place = module.replace(".", "/")
        found |= dict.fromkeys((*folder.glob(place), *folder.glob(f"{place}.py")), module)
    return found


def _filled_in() -> str:
    return RECIPE.read_text().replace("@VERSION@", version())
