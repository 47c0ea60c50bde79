"""A second program that has words on its clipboard: `copying.py` with the words on standard input."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.e2e.display import Display


@contextmanager
def copied(display: Display, words: str) -> Iterator[None]:
    """These words can be pasted meanwhile."""
    source = subprocess.Popen(
        [sys.executable, "-c", f"import runpy; runpy.run_path({str(Path(__file__))!r}, run_name='program')"],
        env={**display.environment, "PYTHONPATH": str(Path(__file__).parents[2])},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert source.stdin is not None and source.stdout is not None
    with source.stdin, source.stdout:
        source.stdin.write(f"{words}\n")
        source.stdin.flush()
        assert source.stdout.readline().strip() == "ready"
        yield
    source.kill()
    source.wait(10)


def main() -> None:
    """Own the clipboard until killed."""
    from PySide6.QtCore import QTimer
    from PySide6.QtWidgets import QApplication

    app = QApplication(sys.argv[:1])
    app.clipboard().setText(sys.stdin.readline().strip())
    QTimer.singleShot(300, lambda: print("ready", flush=True))
    app.exec()


if __name__ == "program":
    main()
