"""Checks Prism.app, made on a Mac or on Linux, without running it: `check_bundle.py Prism.app [--packed FILE]`.

Prints a line for every fault and ends with 1 if there is any; docs/PACKAGING.md says what is checked and why.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from bundle.app_folder import AppFolder, Fault
from bundle.binaries import check_architecture, check_floor, check_linking, check_metallib
from bundle.contents import check_licences, check_modules, check_qt, check_resources, check_strays
from bundle.identity import check_entitlements, check_icon, check_info
from bundle.project import ROOT
from bundle.report import write_report
from bundle.sizes import check_size, measure, megabytes

Check = Callable[[AppFolder], Iterator[Fault]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Check; returns the exit code."""
    parser = argparse.ArgumentParser(description="Checks Prism.app without running it.")
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--packed", type=Path, help="the zip or DMG that it comes in")
    parser.add_argument("--report", type=Path, help="write docs/PACKAGING.md here if there is no fault")
    options = parser.parse_args(arguments)
    if not (options.bundle / "Contents").is_dir():
        print(f"{options.bundle} is no bundle.", file=sys.stderr)
        return 2
    bundle = AppFolder(options.bundle)
    faults = find_faults(bundle, options.packed)
    for fault in faults:
        print(fault)
    size = measure(bundle, options.packed)
    about = " (Python by estimate)" if size.estimated else ""
    counts = f"{len(bundle.reached.modules)} modules reached"
    print(
        f"{bundle.path.name}: {len(faults)} faults · {counts} · {megabytes(size.without_python)} without Python, "
        f"{megabytes(size.with_python)} with it{about}"
        + ("" if size.packed_with_python is None else f" · packed {megabytes(size.packed_with_python)}{about}")
    )
    if options.report and not faults:
        write_report(bundle, options.packed, options.report)
    return 1 if faults else 0


def find_faults(bundle: AppFolder, packed: Path | None = None, repository: Path = ROOT) -> list[Fault]:
    """What every check has to say; a check that cannot read a file says so and the others go on."""
    checks: tuple[Check, ...] = (
        check_architecture,
        check_floor,
        check_linking,
        check_metallib,
        check_modules,
        check_strays,
        check_qt,
        partial(check_resources, repository=repository),
        check_licences,
        check_info,
        check_icon,
        check_entitlements,
        partial(check_size, packed=packed),
    )
    faults: list[Fault] = []
    for check in checks:
        try:
            faults += check(bundle)
        except ValueError as error:
            broken = Fault("files", bundle.path.name, str(error))
            faults += [] if broken in faults else [broken]
    return faults


if __name__ == "__main__":
    sys.exit(main())
