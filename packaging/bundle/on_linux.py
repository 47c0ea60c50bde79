"""Lays out Prism.app on Linux as Briefcase does on a Mac, without Apple's launcher and Python, and packs it."""

from __future__ import annotations

import plistlib
import shutil
import zipfile
from pathlib import Path
from typing import Any

from bundle.assemble import fill
from bundle.project import recipe, version, write_project
from bundle.updates import write_address

_LINK = 0o120777


def make(build: Path) -> tuple[Path, Path]:
    """Make the bundle in `build`, anew; returns it and the zip of it."""
    project, bundle = build / "project", build / "Prism.app"
    write_project(project)
    shutil.rmtree(bundle, ignore_errors=True)
    resources = bundle / "Contents" / "Resources"
    resources.mkdir(parents=True)
    shutil.copytree(project / "src", resources / "app")
    fill(resources / "app", resources / "app_packages")
    write_address(resources / "app" / "resources")
    shutil.copy(project / "icons" / "prism.icns", resources / "prism.icns")
    app = recipe()["app"]["prism"]
    (bundle / "Contents" / "Info.plist").write_bytes(plistlib.dumps(info_plist(recipe())))
    (build / "Entitlements.plist").write_bytes(plistlib.dumps(app["macOS"]["entitlement"]))
    archive = build / f"Prism-{version()}-without-python.zip"
    pack(bundle, archive)
    return bundle, archive


def info_plist(recipe: dict[str, Any]) -> dict[str, Any]:
    """What Briefcase's template makes of the recipe."""
    app = recipe["app"]["prism"]
    return {
        "CFBundleDevelopmentRegion": "en",
        "CFBundleExecutable": app["formal_name"],
        "CFBundleIconFile": "prism.icns",
        "CFBundleIdentifier": f"{recipe['bundle']}.prism",
        "CFBundleInfoDictionaryVersion": "6.0",
        "CFBundleName": app["formal_name"],
        "CFBundlePackageType": "APPL",
        "CFBundleShortVersionString": recipe["version"],
        "CFBundleVersion": recipe["version"],
        "LSMinimumSystemVersion": app["min_os_version"],
        "CFBundleDocumentTypes": [_document_type(kind) for kind in app["document_type"].values()],
        "MainModule": "prism",
        "NSMicrophoneUsageDescription": app["permission"]["microphone"],
        "NSPrincipalClass": "NSApplication",
        **app["macOS"]["info"],
    }


def pack(bundle: Path, archive: Path) -> None:
    """Zip it with its links and permissions, in order, so that equal bundles make equal archives."""
    archive.unlink(missing_ok=True)
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as target:
        for path in sorted(bundle.rglob("*")):
            if not path.is_symlink() and not path.is_file():
                continue
            entry = zipfile.ZipInfo(path.relative_to(bundle.parent).as_posix())
            entry.create_system = 3  # whose permissions these are: Unix's
            entry.compress_type = zipfile.ZIP_DEFLATED
            if path.is_symlink():
                entry.external_attr = _LINK << 16
                target.writestr(entry, str(path.readlink()))
            else:
                entry.external_attr = (0o100000 | (path.stat().st_mode & 0o777)) << 16
                target.writestr(entry, path.read_bytes())


def _document_type(kind: dict[str, Any]) -> dict[str, Any]:
    mac = kind["macOS"]
    return {
        "CFBundleTypeName": kind["description"],
        "CFBundleTypeRole": mac["CFBundleTypeRole"],
        "LSHandlerRank": mac["LSHandlerRank"],
        "LSItemContentTypes": [mac["LSItemContentTypes"]],
    }
