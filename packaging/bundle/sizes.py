"""Measures the bundle, with and without Python, and holds it against the limits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bundle.app_folder import AppFolder, Fault
from bundle.tables import MOST_BYTES, MOST_PACKED_BYTES, PYTHON_BYTES, PYTHON_PACKED_BYTES


@dataclass(frozen=True)
class Size:
    """In bytes; `estimated` if Python is not inside and was added by estimate."""

    without_python: int
    with_python: int
    packed: int | None
    packed_with_python: int | None
    estimated: bool


def measure(bundle: AppFolder, packed: Path | None) -> Size:
    """The files of the bundle, and of the archive if there is one."""
    whole = sum(file.stat().st_size for file in bundle.files)
    archive = packed.stat().st_size if packed is not None else None
    if not bundle.has_python:
        archive_with = None if archive is None else archive + PYTHON_PACKED_BYTES
        return Size(whole, whole + PYTHON_BYTES, archive, archive_with, True)
    python = sum(file.stat().st_size for file in bundle.files if file.is_relative_to(bundle.frameworks))
    return Size(whole - python, whole, None, archive, False)


def check_size(bundle: AppFolder, packed: Path | None) -> Iterator[Fault]:
    """It stays under the limits, with Python."""
    size = measure(bundle, packed)
    if size.with_python > MOST_BYTES:
        yield Fault("size", bundle.path.name, f"{megabytes(size.with_python)}; the limit is {megabytes(MOST_BYTES)}")
    if packed is not None and (size.packed_with_python or 0) > MOST_PACKED_BYTES:
        found = megabytes(size.packed_with_python or 0)
        yield Fault("size", packed.name, f"{found}; the limit is {megabytes(MOST_PACKED_BYTES)}")


def by_part(bundle: AppFolder) -> list[tuple[str, int]]:
    """The folders of libraries and of our own code with their bytes, largest first."""
    parts: Counter[str] = Counter()
    for file in bundle.files:
        for base in (bundle.packages, bundle.app, bundle.frameworks):
            if file.is_relative_to(base):
                name = file.relative_to(base).parts[0]
                parts["licences and metadata" if name.endswith(".dist-info") else name] += file.stat().st_size
                break
        else:
            parts["Info.plist, icon, launcher"] += file.stat().st_size
    return parts.most_common()


def megabytes(count: int) -> str:
    """For people; a million bytes, as Finder counts."""
    return f"{count / 1e6:.1f} MB"
