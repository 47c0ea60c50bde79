"""Writes wheels.lock.txt: the macOS wheels of Prism.app, each with its hashes, as pyproject.toml asks for them.

`make lock` runs it after a change of dependencies. Unlike pip, uv evaluates conditions for the system that is built
for, so this works on Linux as well.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from bundle.conditions import PYTHON
from bundle.project import ROOT
from bundle.tables import FLOOR, LEFT_OUT

LOCK = Path(__file__).with_name("wheels.lock.txt")
EXTRAS = ("app",)
PLATFORM = ("--python-platform", "aarch64-apple-darwin", "--python-version", ".".join(map(str, PYTHON)))
_PIN = re.compile(r"^([\w.-]+)==([\w.]+)", re.MULTILINE)
_HEAD = """\
# The wheels inside Prism.app: macOS {floor} on Apple silicon, Python {python}. Made by `make lock`; not edited by hand.
"""


def main() -> int:
    """Write the lock anew; returns the exit code."""
    with tempfile.TemporaryDirectory() as folder:
        wanted, excluded, made = (Path(folder) / name for name in ("wanted.in", "excluded.txt", "made.txt"))
        wanted.write_text("\n".join(requirements()) + "\n")
        excluded.write_text("\n".join(LEFT_OUT) + "\n")
        options = ("--generate-hashes", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet")
        files = ("--excludes", str(excluded), "--output-file", str(made), str(wanted))
        uv("pip", "compile", *PLATFORM, *options, *files)
        head = _HEAD.format(floor=".".join(map(str, FLOOR)), python=".".join(map(str, PYTHON)))
        LOCK.write_text(head + made.read_text())
    print(f"{len(pins())} wheels in {LOCK.relative_to(ROOT)}")
    return 0


def requirements() -> list[str]:
    """What pyproject.toml asks for in the bundle."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = [line for extra in EXTRAS for line in project["optional-dependencies"][extra]]
    return [*project["dependencies"], *extras]


def pins() -> dict[str, str]:
    """Distribution → version, as locked."""
    return {name.lower().replace("_", "-"): pinned for name, pinned in _PIN.findall(LOCK.read_text())}


def uv(*arguments: str) -> None:
    """Run uv for the oldest macOS that we support, whatever system this is.

    Raises:
        subprocess.CalledProcessError: it failed, and has said why.
    """
    settings = {"MACOSX_DEPLOYMENT_TARGET": ".".join(map(str, FLOOR))}
    subprocess.run([sys.executable, "-m", "uv", *arguments], check=True, env=os.environ | settings)


if __name__ == "__main__":
    sys.exit(main())
