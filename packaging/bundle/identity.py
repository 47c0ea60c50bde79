"""Checks what macOS reads first: Info.plist, the icon, the entitlements."""

from __future__ import annotations

import plistlib
import re
import struct
from collections.abc import Iterator
from typing import Any

from bundle.app_folder import AppFolder, Fault
from bundle.project import version
from bundle.tables import ENTITLEMENTS, FLOOR, USAGE_TEXTS

_IDENTIFIER = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_NEEDED_SIDES = {128, 256, 512, 1024}
_PNG = b"\x89PNG\r\n\x1a\n"


def check_info(bundle: AppFolder) -> Iterator[Fault]:
    """Info.plist names what is there, and asks macOS for no more than is meant."""
    try:
        info = bundle.info
    except ValueError as error:
        yield Fault("info", "Contents/Info.plist", str(error))
        return
    for complaint in _complaints(bundle, info):
        yield Fault("info", "Contents/Info.plist", complaint)


def check_icon(bundle: AppFolder) -> Iterator[Fault]:
    """The icon is an .icns file with all sizes that Finder and the Dock show."""
    try:
        name = str(bundle.info.get("CFBundleIconFile", ""))
    except ValueError:
        return  # said already
    file = bundle.resources / (name if name.endswith(".icns") else f"{name}.icns")
    if not name or not file.is_file():
        yield Fault("icon", bundle.name(file), "is missing")
        return
    try:
        sides = icon_sides(file.read_bytes())
    except ValueError as error:
        yield Fault("icon", bundle.name(file), str(error))
        return
    if lacking := _NEEDED_SIDES - sides:
        yield Fault("icon", bundle.name(file), f"has no picture of {', '.join(map(str, sorted(lacking)))} pixels")


def check_entitlements(bundle: AppFolder) -> Iterator[Fault]:
    """It is signed with the entitlements of the table and no others."""
    try:
        granted = plistlib.loads(bundle.entitlements.read_bytes())
    except Exception as error:  # noqa: BLE001  # plistlib lets every mistake of its parsers out
        yield Fault("entitlements", bundle.entitlements.name, f"cannot be read: {error}")
        return
    for name, value in granted.items():
        if not isinstance(value, bool):
            yield Fault("entitlements", name, "is neither true nor false")
        elif value and name not in ENTITLEMENTS:
            yield Fault("entitlements", name, "has no reason in the table")
    for name in ENTITLEMENTS:
        if granted.get(name) is not True:
            yield Fault("entitlements", name, f"is missing: {ENTITLEMENTS[name]}")


def icon_sides(data: bytes) -> set[int]:
    """The sides of the pictures in an .icns file, in pixels.

    Raises:
        ValueError: it is none, or broken.
    """
    if data[:4] != b"icns" or len(data) < 8 or struct.unpack(">I", data[4:8])[0] != len(data):
        raise ValueError("is no whole .icns file")
    sides: set[int] = set()
    at = 8
    while at < len(data):
        size = struct.unpack(">I", data[at + 4 : at + 8])[0] if at + 8 <= len(data) else 0
        picture = data[at + 8 : at + size]
        if size < 8 or at + size > len(data):
            raise ValueError("has a broken entry")
        if picture[:8] == _PNG:
            width, height = struct.unpack(">II", picture[16:24])
            if width != height:
                raise ValueError(f"has a picture of {width}×{height} pixels")
            sides.add(width)
        at += size
    return sides


def _complaints(bundle: AppFolder, info: dict[str, Any]) -> Iterator[str]:
    floor = ".".join(map(str, FLOOR))
    expected = {
        "CFBundleName": "Prism",
        "CFBundleExecutable": "Prism",
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": version(),
        "LSMinimumSystemVersion": floor,
        "MainModule": "prism",
    }
    for key, value in expected.items():
        if info.get(key) != value:
            yield f"{key} is {info.get(key)!r}, not {value!r}"
    if not _IDENTIFIER.fullmatch(str(info.get("CFBundleIdentifier", ""))):
        yield f"CFBundleIdentifier is {info.get('CFBundleIdentifier')!r}"
    if info.get("LSUIElement"):
        yield "LSUIElement hides the app from the Dock; people double-click it and expect a window"
    if not (bundle.app / "prism" / "__main__.py").is_file():
        yield "MainModule is not in Resources/app"
    program = bundle.programs / str(info.get("CFBundleExecutable", ""))
    if bundle.has_python and not (program.is_file() and program.stat().st_mode & 0o111):
        yield f"{program.name} is no program"
    for key in USAGE_TEXTS:
        if not str(info.get(key, "")).strip():
            yield f"{key} is missing; macOS ends an app that asks without it"
    yield from _document_complaints(info)


def _document_complaints(info: dict[str, Any]) -> Iterator[str]:
    kinds = info.get("CFBundleDocumentTypes", [])
    if not kinds:
        yield "there are no document types, so Open With does not know Prism"
    for kind in kinds:
        name = ", ".join(kind.get("LSItemContentTypes", [])) or "a document type without content types"
        if kind.get("LSHandlerRank") != "Alternate":
            yield f"{name}: the rank is {kind.get('LSHandlerRank')!r}; Prism must not make itself the owner"
        if kind.get("CFBundleTypeRole") != "Viewer":
            yield f"{name}: the role is {kind.get('CFBundleTypeRole')!r}; Prism changes no files"
    if info.get("UTExportedTypeDeclarations"):
        yield "it declares types of its own"
