"""The door of Prism.app: its launcher runs this module.

The launcher is no Python that could be given a module to run; `Prism -m NAME` makes it one, for our own modules. So
children are started as in a checkout, by `sys.executable`, once that names the launcher.
"""

from __future__ import annotations

import runpy
import sys
import traceback
from pathlib import Path

_OWN = ("app", "mlx_gemma4")


def main() -> int:
    """Run the window, or one of our modules as a program; returns the exit code."""
    launcher = Path(__file__).parents[3] / "MacOS" / "Prism"
    if launcher.is_file():
        sys.executable = str(launcher)
    if sys.argv[1:2] == ["-m"] and "".join(sys.argv[2:3]).partition(".")[0] in _OWN:
        module = sys.argv[2]
        del sys.argv[1:3]
        try:
            runpy.run_module(module, run_name="__main__", alter_sys=True)
        except Exception:  # noqa: BLE001  # the launcher would open a window about it, for a child that nobody sees
            traceback.print_exc()
            return 1
        return 0

    from app.__main__ import main as window

    return window()


if __name__ == "__main__":
    sys.exit(main())
