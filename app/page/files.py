"""Pages as files: saved in one piece, or put where a browser can open them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.platform.files import whole_file


def save_page(html: str, path: Path) -> None:
    """Write a page so that there is either the whole of it or what was there before; links and rights are kept.

    Raises:
        OSError: it cannot be written.
    """
    with whole_file(path) as file:
        file.write_text(html, encoding="utf-8", newline="\n")


class PageFolder:
    """A folder of pages for the browser, alive as long as the app."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._count = 0

    def put(self, html: str) -> Path:
        """A new file with this page.

        Raises:
            OSError: it cannot be written.
        """
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="prism-pages-")
        self._count += 1
        path = Path(self._folder.name) / f"page-{self._count}.html"
        save_page(html, path)
        return path

    def close(self) -> None:
        """Remove all of them."""
        if self._folder is not None:
            self._folder.cleanup()
