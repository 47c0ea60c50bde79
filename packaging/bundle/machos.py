"""Reads and thins Mach-O files, Apple's programs and libraries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from macholib.mach_o import (
    LC_BUILD_VERSION,
    LC_LOAD_DYLIB,
    LC_LOAD_WEAK_DYLIB,
    LC_REEXPORT_DYLIB,
    LC_RPATH,
    LC_VERSION_MIN_MACOSX,
)
from macholib.MachO import MachO

Version = tuple[int, int]
_ARM64 = 0x0100000C
_ARCHITECTURES = {_ARM64: "arm64", 0x01000007: "x86_64"}
_STARTS = {bytes.fromhex(start) for start in ("cffaedfe", "cefaedfe", "feedface", "feedfacf", "cafebabe", "cafebabf")}
_LOADS = {LC_LOAD_DYLIB: False, LC_REEXPORT_DYLIB: False, LC_LOAD_WEAK_DYLIB: True}
_SYSTEM = ("/usr/lib/", "/System/Library/")


@dataclass(frozen=True)
class Load:
    """A library that a file asks for; a weak one may be absent."""

    name: str
    weak: bool

    @property
    def of_the_system(self) -> bool:
        """Whether it comes with macOS."""
        return self.name.startswith(_SYSTEM)


@dataclass(frozen=True)
class Slice:
    """What is in a file for one kind of processor.

    Attributes:
        oldest_system: the oldest macOS that it declares to run on; None if it declares none.
        begin: where it is in the file, in bytes.
    """

    architecture: str
    oldest_system: Version | None
    loads: tuple[Load, ...]
    search_paths: tuple[str, ...]
    begin: int
    size: int


@dataclass(frozen=True)
class MachOFile:
    """A program, library or extension module."""

    path: Path
    slices: tuple[Slice, ...]

    @property
    def arm64(self) -> Slice | None:
        """What Macs with Apple silicon run."""
        return next((part for part in self.slices if part.architecture == "arm64"), None)


def read_macho(path: Path) -> MachOFile | None:
    """What the file is made of; None if it is no Mach-O file, or an archive of object files.

    Raises:
        ValueError: it begins like one, and is broken.
    """
    with path.open("rb") as file:
        if file.read(4) not in _STARTS:
            return None
    try:
        headers = MachO(str(path), allow_unknown_load_commands=True).headers
    except ValueError as error:
        if "0x213c6172" in str(error):  # "!<ar": a static library for two kinds of processors
            return None
        raise
    except Exception as error:  # struct.error, OverflowError, …: the library checks nothing
        raise ValueError(f"{path.name} cannot be read: {error}") from error
    return MachOFile(path, tuple(_slice(header) for header in headers))


def machos_under(folder: Path) -> Iterator[MachOFile]:
    """All of them, in order of their names; what is linked to is seen once, where it is."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink() and (macho := read_macho(path)) is not None:
            yield macho


def thin(macho: MachOFile) -> int:
    """Leave what Apple silicon runs and nothing else; returns the bytes saved. A slice keeps its signature."""
    kept = macho.arm64
    if kept is None or len(macho.slices) == 1:
        return 0
    whole = macho.path.read_bytes()
    mode = macho.path.stat().st_mode
    macho.path.unlink()  # it may be one file with uv's cache
    macho.path.write_bytes(whole[kept.begin : kept.begin + kept.size])
    macho.path.chmod(mode)
    return len(whole) - kept.size


def _slice(header: object) -> Slice:
    loads: list[Load] = []
    paths: list[str] = []
    oldest: Version | None = None
    for command, body, data in header.commands:  # type: ignore[attr-defined]  # macholib has no annotations
        if command.cmd in _LOADS:
            loads.append(Load(_text(data), _LOADS[command.cmd]))
        elif command.cmd == LC_RPATH:
            paths.append(_text(data))
        elif command.cmd == LC_BUILD_VERSION:
            oldest = _version(body.minos)
        elif command.cmd == LC_VERSION_MIN_MACOSX:
            oldest = _version(body.version)
    kind = int(header.header.cputype)  # type: ignore[attr-defined]
    name = _ARCHITECTURES.get(kind & 0xFFFFFFFF, f"processor {kind:#x}")
    size = int(header.size)  # type: ignore[attr-defined]
    return Slice(name, oldest, tuple(loads), tuple(paths), int(header.offset), size)  # type: ignore[attr-defined]


def _text(data: bytes) -> str:
    return data.rstrip(b"\0").decode()


def _version(packed: int) -> Version:
    return (int(packed) >> 16, int(packed) >> 8 & 0xFF)
