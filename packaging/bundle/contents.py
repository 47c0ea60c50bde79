"""Checks what is inside: every module that is reached, nothing that has no place there, all data, all licences."""

from __future__ import annotations

import filecmp
import json
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from bundle.app_folder import AppFolder, Fault
from bundle.licences import licences_of
from bundle.project import files_of
from bundle.qt import unneeded_files
from bundle.tables import NOT_FOR_THE_BUNDLE, PEERS, QT_PLUGINS, STRAYS
from bundle.updates import ADDRESS_FILE

_LICENCES = "licences.txt"
_BARRED = (*NOT_FOR_THE_BUNDLE, *PEERS)


def check_modules(bundle: AppFolder) -> Iterator[Fault]:
    """What the window and the engine can come to import is there, and none of it is something that stays out."""
    reached = bundle.reached
    for module in sorted(reached.missing):
        yield Fault("modules", module, f"is not in the bundle; wanted: {reached.trail(module)}")
    for module in sorted(reached.modules):
        if any(fnmatchcase(part, barred) for part in _with_parents(module) for barred in _BARRED):
            yield Fault("modules", module, f"is not for the bundle, and reached: {reached.trail(module)}")


def _with_parents(module: str) -> list[str]:
    return [module, *(str(parent).replace("/", ".") for parent in PurePosixPath(module.replace(".", "/")).parents)]


def check_strays(bundle: AppFolder) -> Iterator[Fault]:
    """Nothing is in it that has no place there."""
    for pattern, what in STRAYS.items():
        for path in sorted(bundle.packages.glob(pattern)):
            yield Fault("strays", bundle.name(path), what)
    for path, module in files_of(bundle.app, NOT_FOR_THE_BUNDLE).items():
        yield Fault("strays", bundle.name(path), NOT_FOR_THE_BUNDLE[module])
    for name in PEERS:
        for path in sorted(bundle.packages.glob(f"{name}*")):
            yield Fault("strays", bundle.name(path), "a library that Prism is compared with, or what it drags along")
    for path in unneeded_files(bundle.packages, bundle.reached.modules):
        yield Fault("strays", bundle.name(path), "a part of Qt that nothing imports or links to")


def check_qt(bundle: AppFolder) -> Iterator[Fault]:
    """The plugins are there without which no window opens, and frameworks have their links."""
    with_sound = "PySide6.QtMultimedia" in bundle.reached.modules
    plugins = bundle.packages / "PySide6" / "Qt" / "plugins"
    for name, why in QT_PLUGINS.items():
        if (with_sound or not name.startswith("multimedia/")) and not (plugins / name).is_file():
            yield Fault("qt", name, f"is not in the bundle: {why}")
    for framework in sorted(bundle.packages.rglob("*.framework")):
        library = framework / framework.stem
        if not library.is_symlink() or not library.is_file():
            yield Fault("qt", bundle.name(framework), "has no link to its library, and cannot be signed")


def check_resources(bundle: AppFolder, repository: Path) -> Iterator[Fault]:
    """All data of the repository is there, byte for byte, but for the address that a build may have."""
    source, copy = repository / "resources", bundle.app / "resources"
    for file in sorted(source.rglob("*")):
        place = copy / file.relative_to(source)
        if file.is_dir() or file.name == ".DS_Store":
            continue
        if not place.is_file():
            yield Fault("resources", bundle.name(place), "is missing")
        elif file.name == ADDRESS_FILE:
            yield from _address_faults(bundle, place)
        elif not filecmp.cmp(file, place, shallow=False):
            yield Fault("resources", bundle.name(place), "differs from the repository's")


def _address_faults(bundle: AppFolder, file: Path) -> Iterator[Fault]:
    try:
        address = json.loads(file.read_text(encoding="utf-8"))["address"]
    except (ValueError, KeyError, TypeError) as error:
        yield Fault("resources", bundle.name(file), f"names no address: {error!r}")
        return
    if address and not str(address).startswith("https://"):
        yield Fault("resources", bundle.name(file), f"{address} is not of HTTPS")


def check_licences(bundle: AppFolder) -> Iterator[Fault]:
    """The text under About Prism names everything that is inside, with its licence."""
    file = bundle.app / "resources" / _LICENCES
    text = file.read_text(encoding="utf-8") if file.is_file() else ""
    if not text:
        yield Fault("licences", bundle.name(file), "is missing")
    found = licences_of(bundle.packages)
    if not found:
        yield Fault("licences", bundle.name(bundle.packages), "no library has metadata, so nobody knows its licence")
    for licence in found:
        if not licence.texts:
            yield Fault("licences", licence.name, "has no licence text")
        elif f"{licence.name} {licence.version}" not in text:
            yield Fault("licences", licence.name, f"is not named in {_LICENCES}")
