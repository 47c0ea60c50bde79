"""Puts Prism's code and libraries where Prism.app has them, in the same way on a Mac and on Linux."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from bundle.licences import write_licences
from bundle.lock import LOCK, PLATFORM, uv
from bundle.machos import machos_under, thin
from bundle.modules import Library
from bundle.qt import link_frameworks, unneeded_files
from bundle.tables import DOORS, OWN, STRAYS

_KEPT_OF_DIST_INFO = re.compile(r"METADATA|WHEEL|licenses?|LICEN[CS]E.*|COPYING.*|NOTICE.*|AUTHORS.*", re.IGNORECASE)


def fill(app: Path, packages: Path) -> None:
    """Install the locked wheels into `packages`, which is made anew, and leave there what Prism.app needs.

    Args:
        app: the folder of our own code, `Contents/Resources/app`; the licences of everything go into its resources.
        packages: the folder of the libraries, `Contents/Resources/app_packages`.
    """
    shutil.rmtree(packages, ignore_errors=True)
    install = ["pip", "install", *PLATFORM, "--quiet", "--only-binary", ":all:", "--no-deps", "--require-hashes"]
    uv(*install, "--target", str(packages), "--requirement", str(LOCK))
    remove_strays(packages)
    reached = Library([app, packages], OWN).follow(DOORS)
    for path in unneeded_files(packages, reached.modules):
        path.unlink()
    _trim_dist_info(packages)
    _remove_shadowed_sources(packages)
    _remove_empty_folders(packages)
    link_frameworks(packages)
    for macho in machos_under(packages):
        thin(macho)
    write_licences(packages, app / "resources" / "licences.txt")


def remove_strays(packages: Path) -> None:
    """Remove what has no place in the bundle."""
    for pattern in STRAYS:
        for path in list(packages.glob(pattern)):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.exists():
                path.unlink()


def _trim_dist_info(packages: Path) -> None:
    """Lists of installed files would be wrong from here on."""
    for folder in packages.glob("*.dist-info"):
        for path in folder.iterdir():
            if not _KEPT_OF_DIST_INFO.fullmatch(path.name):
                shutil.rmtree(path) if path.is_dir() else path.unlink()


def _remove_shadowed_sources(packages: Path) -> None:
    """A source beside the extension module made from it is never read."""
    for compiled in packages.rglob("*.so"):
        source = compiled.with_name(f"{compiled.name.partition('.')[0]}.py")
        if source.name != "__init__.py":
            source.unlink(missing_ok=True)


def _remove_empty_folders(packages: Path) -> None:
    for path in sorted(packages.rglob("*"), reverse=True):
        if path.is_dir() and not path.is_symlink() and not any(path.iterdir()):
            path.rmdir()
