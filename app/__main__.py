"""`python -m app` and `prism`: the window or a terminal tour; `page` makes a page, `export` writes all conversations.

`--engine` has no Qt in it. With `--self-test` it looks whether everything works that the window needs,
says so, and ends with 0 or 1.
"""

from __future__ import annotations

import contextlib
import os
import sys


def main() -> int:
    """Run the engine if asked to, and Prism otherwise; returns the exit code."""
    if sys.argv[1:2] == ["--engine"]:
        from mlx_gemma4.engine import stdio

        return stdio.main()

    _speak()
    if sys.argv[1:2] == ["page"]:
        from app import page_command

        return page_command.main(sys.argv[2:])

    if sys.argv[1:2] == ["--self-test"]:
        from app import self_test

        return self_test.main()

    if sys.argv[1:2] == ["export"]:
        from app import export_command

        return export_command.main(sys.argv[2:])

    if not _has_display():
        from mlx_gemma4.cli import tour

        return tour.main()

    from app import main as window

    return window.main()


def _speak() -> None:
    """Choose the language, before anything is imported that says something in it."""
    from app.platform.home import home
    from app.platform.language import speak

    with contextlib.suppress(OSError):  # a folder that cannot be made is spoken of later
        speak(home())


def _has_display() -> bool:
    """Whether a window can be opened; Macs always can."""
    return sys.platform != "linux" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


if __name__ == "__main__":
    sys.exit(main())
