"""`make app`: Prism.app, checked. On a Mac signed and in a DMG; on Linux without launcher and Python."""

from __future__ import annotations

import sys
from pathlib import Path

import check_bundle
from bundle.lock import LOCK, pins
from bundle.project import ROOT

BUILD = ROOT / "build" / "bundle"


def main() -> int:
    """Make and check; returns the exit code."""
    print(f"{len(pins())} wheels from {LOCK.relative_to(ROOT)}", flush=True)
    if sys.platform == "darwin":
        from bundle.on_mac import make

        bundle, packed = make(BUILD)
        return check_bundle.main([str(bundle), "--packed", str(packed)])

    from bundle.on_linux import make

    bundle, packed = make(BUILD)
    report = Path(ROOT / "docs" / "PACKAGING.md")
    return check_bundle.main([str(bundle), "--packed", str(packed), "--report", str(report)])


if __name__ == "__main__":
    sys.exit(main())
