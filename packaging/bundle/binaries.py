"""Checks programs and libraries: that they are for these Macs, not too new, and find what they link to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fnmatch import fnmatch
from pathlib import Path

from bundle.app_folder import AppFolder, Fault
from bundle.linking import resolve
from bundle.machos import Slice
from bundle.tables import FLOOR, NEWER_THAN_THE_FLOOR


def check_architecture(bundle: AppFolder) -> Iterator[Fault]:
    """Everything has arm64."""
    for macho in bundle.machos:
        if macho.arm64 is None:
            kinds = ", ".join(part.architecture for part in macho.slices)
            yield Fault("architecture", bundle.name(macho.path), f"is for {kinds} alone")


def check_floor(bundle: AppFolder) -> Iterator[Fault]:
    """Nothing declares a newer macOS than ours, unless it stands in the table with a reason."""
    for place, part in _slices(bundle):
        excused = any(fnmatch(bundle.name(place), pattern) for pattern in NEWER_THAN_THE_FLOOR)
        if part.oldest_system is None:
            yield Fault("floor", bundle.name(place), "declares no oldest macOS")
        elif part.oldest_system > FLOOR and not excused:
            newest = ".".join(map(str, part.oldest_system))
            yield Fault("floor", bundle.name(place), f"wants macOS {newest}; ours is {'.'.join(map(str, FLOOR))}")


def check_linking(bundle: AppFolder) -> Iterator[Fault]:
    """Every library is in the bundle or comes with macOS."""
    lent = _lent_paths(bundle)
    for place, part in _slices(bundle):
        for load in part.loads:
            if load.of_the_system or load.weak:
                continue
            found = resolve(load.name, place, (*part.search_paths, *lent[place]), bundle.programs)
            if found is None:
                yield Fault("linking", bundle.name(place), f"{load.name} is not in the bundle")
            elif not found.resolve().is_relative_to(bundle.path):
                yield Fault("linking", bundle.name(place), f"{load.name} is outside the bundle")


def check_metallib(bundle: AppFolder) -> Iterator[Fault]:
    """MLX finds its kernels beside its library and nowhere else in a bundle."""
    libraries = [file for file in bundle.files if file.name == "libmlx.dylib"]
    if not libraries:
        yield Fault("metallib", "libmlx.dylib", "is not in the bundle")
    for library in libraries:
        kernels = library.with_name("mlx.metallib")
        if not kernels.is_file():
            yield Fault("metallib", bundle.name(library), "has no mlx.metallib beside it")
        elif kernels.read_bytes()[:4] != b"MTLB":
            yield Fault("metallib", bundle.name(kernels), "is no library of Metal kernels")


def _slices(bundle: AppFolder) -> Iterator[tuple[Path, Slice]]:
    for macho in bundle.machos:
        if macho.arm64 is not None:
            yield macho.path, macho.arm64


def _lent_paths(bundle: AppFolder) -> dict[Path, list[str]]:
    """`@rpath` also stands for the paths of whoever loads a library, and of the program."""
    lent: dict[Path, list[str]] = defaultdict(list)
    slices = dict(_slices(bundle))
    program = [path for place, part in slices.items() if place.parent == bundle.programs for path in part.search_paths]
    for place, part in slices.items():
        for load in part.loads:
            found = None if load.of_the_system else resolve(load.name, place, part.search_paths, bundle.programs)
            if found is not None and found != place:
                lent[found] += [path.replace("@loader_path", str(place.parent)) for path in part.search_paths]
    for place in slices:
        lent[place] += [path.replace("@executable_path", str(bundle.programs)) for path in program]
    return lent
