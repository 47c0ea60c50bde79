"""Works out which files of Qt are needed: bindings that are imported, plugins of the table, and what these link to."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

from bundle.linking import resolve
from bundle.machos import read_macho
from bundle.tables import QT_PLUGINS

_ALWAYS = ("__init__.py", "_config.py", "_git_pyside_version.py", "support")


def needed_files(packages: Path, modules: Iterable[str]) -> set[Path]:
    """Files and folders of PySide6 to keep for these imported modules.

    A binding imports the bindings of the frameworks that it links to, so these are needed as well.
    """
    pyside = packages / "PySide6"
    names = {module.split(".")[1] for module in modules if module.startswith("PySide6.Qt")}
    needed = {pyside / name for name in _ALWAYS}
    waiting = [pyside / f"{name}.abi3.so" for name in names]
    waiting += [
        pyside / "Qt" / "plugins" / name
        for name in QT_PLUGINS
        if not name.startswith("multimedia/") or "QtMultimedia" in names
    ]
    while waiting:
        file = waiting.pop()
        if file in needed or not file.is_file() or not file.is_relative_to(pyside):
            continue
        needed.add(file)
        for library in _linked(file):
            waiting.append(library)
            if file.parent == pyside and library.parent.name == "A":
                waiting.append(pyside / f"{library.name}.abi3.so")
    return needed | {_framework(file) for file in needed if _framework(file) != file}


def unneeded_files(packages: Path, modules: Iterable[str]) -> list[Path]:
    """Files of PySide6 that nothing needs."""
    needed = needed_files(packages, modules)
    return [
        path
        for path in sorted((packages / "PySide6").rglob("*"))
        if not path.is_dir() and not path.is_symlink() and not needed & {path, *path.parents}
    ]


def link_frameworks(packages: Path) -> None:
    """Give frameworks the links that wheels cannot hold, and without which macOS does not sign them."""
    for versions in sorted((packages / "PySide6").rglob("*.framework/Versions")):
        framework = versions.parent
        _link(versions / "Current", "A")
        for item in sorted((versions / "A").iterdir()):
            if not item.name.startswith("_"):
                _link(framework / item.name, f"Versions/Current/{item.name}")


def _link(link: Path, target: str) -> None:
    """Wheels hold a copy where there should be a link."""
    if link.is_dir() and not link.is_symlink():
        shutil.rmtree(link)
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def _framework(file: Path) -> Path:
    """The framework's folder, for its library: with it go the resources."""
    return next((parent for parent in file.parents if parent.suffix == ".framework"), file)


def _linked(file: Path) -> list[Path]:
    macho = read_macho(file)
    part = macho.arm64 if macho is not None else None
    if part is None:
        return []
    found = (resolve(load.name, file, part.search_paths) for load in part.loads if not load.of_the_system)
    return [library for library in found if library is not None]
