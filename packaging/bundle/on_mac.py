"""Makes Prism.app on a Mac: Briefcase's shell around our code and libraries, signed and, if it can be, notarized."""

from __future__ import annotations

import os
import plistlib
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from bundle.assemble import fill
from bundle.conditions import PYTHON
from bundle.machos import machos_under, thin
from bundle.project import write_project
from bundle.tables import FLOOR
from bundle.updates import write_address

_IDENTITY = "PRISM_SIGNING_IDENTITY"
_NOTARY = ("PRISM_NOTARY_APPLE_ID", "PRISM_NOTARY_PASSWORD", "PRISM_NOTARY_TEAM")
_FORMAT = ("macOS", "app", "--no-input")
CREATE, BUILD = ("create", *_FORMAT), ("build", *_FORMAT)


def make(build: Path) -> tuple[Path, Path]:
    """Make the bundle in `build`, anew; returns it and its DMG.

    Raises:
        RuntimeError: this Python is not the one that Prism.app is made for, since Briefcase takes over its version.
        subprocess.CalledProcessError: Briefcase, uv or Apple's tools have refused, and have said why.
    """
    if sys.version_info[:2] != PYTHON:
        raise RuntimeError(f"Prism.app is made with Python {PYTHON[0]}.{PYTHON[1]}; VENV has another.")
    project = build / "project"
    write_project(project)
    _briefcase(project, *CREATE)
    bundle = project / "build" / "prism" / "macos" / "app" / "Prism.app"
    resources = bundle / "Contents" / "Resources"
    fill(resources / "app", resources / "app_packages")
    write_address(resources / "app" / "resources")
    _state_floor(bundle / "Contents" / "Info.plist")
    for macho in machos_under(bundle / "Contents" / "Frameworks"):
        thin(macho)
    _briefcase(project, *BUILD)
    shutil.rmtree(project / "dist", ignore_errors=True)
    _briefcase(project, *package_command(os.environ))
    subprocess.run(["codesign", "--verify", "--deep", "--strict", str(bundle)], check=True)
    return bundle, next((project / "dist").glob("*.dmg"))


def _state_floor(info_plist: Path) -> None:
    """Older templates of Briefcase write Python's floor, whatever the recipe says."""
    info = plistlib.loads(info_plist.read_bytes())
    info["LSMinimumSystemVersion"] = ".".join(map(str, FLOOR))
    info_plist.write_bytes(plistlib.dumps(info))


def package_command(environment: Mapping[str, str]) -> list[str]:
    """How Briefcase is told to make the DMG: signed by the Developer ID that the environment names, or ad hoc."""
    package = ["package", *_FORMAT, "--packaging-format", "dmg"]
    identity = environment.get(_IDENTITY)
    if not identity:
        return [*package, "--adhoc-sign"]
    if not all(environment.get(name) for name in _NOTARY):
        return [*package, "--identity", identity, "--no-notarize"]
    _keep_notary_credentials(environment)
    return [*package, "--identity", identity]


def _keep_notary_credentials(environment: Mapping[str, str]) -> None:
    """Put them where Briefcase looks: in the keychain, under a name with the team in it."""
    apple_id, password, team = (environment[name] for name in _NOTARY)
    profile = f"briefcase-macOS-{team}"
    credentials = ["--apple-id", apple_id, "--password", password, "--team-id", team]
    subprocess.run(["xcrun", "notarytool", "store-credentials", profile, *credentials], check=True)


def _briefcase(project: Path, *arguments: str) -> None:
    subprocess.run([sys.executable, "-m", "briefcase", *arguments], cwd=project, check=True)
