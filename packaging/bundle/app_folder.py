"""Prism.app as a folder: where things are in it, whether it was made on a Mac or on Linux."""

from __future__ import annotations

import plistlib
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from bundle.machos import MachOFile, read_macho
from bundle.modules import Library, Reached
from bundle.tables import DOORS, OWN


@dataclass(frozen=True)
class Fault:
    """Something that is not as it should be: which check says so, where, and what it is."""

    check: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.check}: {self.where}: {self.what}"


class AppFolder:
    """One bundle."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.contents = self.path / "Contents"
        self.resources = self.contents / "Resources"
        self.app = self.resources / "app"
        self.packages = self.resources / "app_packages"
        self.frameworks = self.contents / "Frameworks"
        self.programs = self.contents / "MacOS"

    @property
    def has_python(self) -> bool:
        """Whether Apple's launcher and Python are inside; on Linux there are none to put there."""
        return self.frameworks.exists() or self.programs.exists()

    @property
    def entitlements(self) -> Path:
        """The file that it is signed with; Briefcase puts it beside the bundle, and so do we."""
        return self.path.with_name("Entitlements.plist")

    @cached_property
    def info(self) -> dict[str, Any]:
        """Info.plist.

        Raises:
            ValueError: it is not there, or no property list.
        """
        try:
            with (self.contents / "Info.plist").open("rb") as file:
                return plistlib.load(file)
        except Exception as error:  # plistlib lets every mistake of its parsers out
            raise ValueError(f"cannot be read: {error}") from error

    @cached_property
    def files(self) -> tuple[Path, ...]:
        """Every file, no links."""
        return tuple(path for path in sorted(self.path.rglob("*")) if path.is_file() and not path.is_symlink())

    @cached_property
    def machos(self) -> tuple[MachOFile, ...]:
        """Every program and library.

        Raises:
            ValueError: one of them is broken.
        """
        return tuple(macho for file in self.files if (macho := read_macho(file)) is not None)

    @cached_property
    def reached(self) -> Reached:
        """The modules that its doors lead to."""
        return Library([self.app, self.packages], OWN).follow(DOORS)

    def name(self, path: Path) -> str:
        """A place in the bundle, for people."""
        return path.relative_to(self.path).as_posix() if path.is_relative_to(self.path) else str(path)
