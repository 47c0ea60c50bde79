"""A Prism.app of a few files that passes the check, for tests to plant faults in."""

from __future__ import annotations

import plistlib
import struct
from pathlib import Path

from bundle.on_linux import info_plist
from bundle.project import recipe
from bundle.qt import link_frameworks
from bundle.tables import QT_PLUGINS

from tests.unit.packaging.bundle.macho_files import thin_macho, write

QT = "PySide6/Qt/lib"
_SOURCES = {
    "prism/__init__.py": "",
    "prism/__main__.py": "def main():\n    from app.__main__ import main as window\n    return window()\n",
    "app/__init__.py": "",
    "app/__main__.py": (
        "import sys\n"
        "def main():\n"
        "    if sys.platform == 'linux':\n"
        "        import app.platform.linux\n"
        "    from PySide6.QtWidgets import QApplication\n"
        "    command = [sys.executable, '-m', 'mlx_gemma4.engine.worker']\n"
    ),
    "mlx_gemma4/__init__.py": "",
    "mlx_gemma4/engine/__init__.py": "",
    "mlx_gemma4/engine/stdio.py": "import json\ndef main():\n    import mlx.core as mx\n",
    "mlx_gemma4/engine/worker.py": "import numpy as np\n",
}
_LIBRARIES = {
    "mlx/core.cpython-312-darwin.so": thin_macho(["@rpath/libmlx.dylib"], ["@loader_path/lib"]),
    "mlx/lib/libmlx.dylib": thin_macho(["/usr/lib/libSystem.B.dylib"]),
    "mlx/lib/mlx.metallib": b"MTLB kernels",
    "numpy/__init__.py": b"from numpy.core import array\ntry:\n    import hypothesis\nexcept ImportError:\n    pass\n",
    "numpy/core.py": b"def array(): ...\n",
    "shiboken6/__init__.py": b"",
    "PySide6/__init__.py": b"",
    "PySide6/support/__init__.py": b"",
    "PySide6/support/deprecated.py": b"",
    "PySide6/QtWidgets.abi3.so": thin_macho(
        ["@rpath/QtWidgets.framework/Versions/A/QtWidgets"], ["@loader_path/Qt/lib"], (15, 0)
    ),
    f"{QT}/QtWidgets.framework/Versions/A/QtWidgets": thin_macho(
        ["/System/Library/Frameworks/AppKit.framework/AppKit"], ["@loader_path/../../../"]
    ),
    f"{QT}/QtWidgets.framework/Resources/Info.plist": b"a copy, as wheels hold it",
    f"{QT}/QtWidgets.framework/Versions/A/Resources/Info.plist": b"",
}


class SmallBundle:
    """The bundle, and the repository that its data comes from."""

    def __init__(self, folder: Path) -> None:
        self.repository = folder / "repository"
        self.path = folder / "Prism.app"
        self.contents = self.path / "Contents"
        self.resources = self.contents / "Resources"
        self.app = self.resources / "app"
        self.packages = self.resources / "app_packages"
        for name, source in _SOURCES.items():
            write(self.app / name, source.encode())
        for name, data in _LIBRARIES.items():
            write(self.packages / name, data)
        for name in QT_PLUGINS:
            if not name.startswith("multimedia/"):
                write(self.packages / "PySide6" / "Qt" / "plugins" / name, thin_macho())
        link_frameworks(self.packages)
        for base in (self.repository, self.app):
            write(base / "resources" / "samples" / "a.png", b"a picture")
            write(base / "resources" / "updates.json", b'{"address": ""}')
        self.add_distribution("mlx", "0.32.4")
        write(self.app / "resources" / "licences.txt", b"mlx 0.32.4: MIT")
        self.write_info(info_plist(recipe()))
        write(self.resources / "prism.icns", icon(128, 256, 512, 1024))
        granted = recipe()["app"]["prism"]["macOS"]["entitlement"]
        write(folder / "Entitlements.plist", plistlib.dumps(granted))

    def add_distribution(self, name: str, version: str) -> None:
        """A library's metadata, with a licence."""
        folder = self.packages / f"{name}-{version}.dist-info"
        write(folder / "METADATA", f"Name: {name}\nVersion: {version}\nLicense: MIT\n".encode())
        write(folder / "licenses" / "LICENSE", b"Permission is hereby granted.")

    def write_info(self, info: dict[str, object]) -> None:
        """Info.plist."""
        write(self.contents / "Info.plist", plistlib.dumps(info))

    def read_info(self) -> dict[str, object]:
        """What stands in Info.plist."""
        return plistlib.loads((self.contents / "Info.plist").read_bytes())


def icon(*sides: int) -> bytes:
    """An .icns file whose pictures end after their size."""
    pictures = [b"\x89PNG\r\n\x1a\n" + b"\0\0\0\rIHDR" + struct.pack(">II", side, side) for side in sides]
    entries = b"".join(b"ic10" + struct.pack(">I", len(picture) + 8) + picture for picture in pictures)
    return b"icns" + struct.pack(">I", len(entries) + 8) + entries
