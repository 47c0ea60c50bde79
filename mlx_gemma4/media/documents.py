"""A PDF to pictures of its pages, each rendered at the size at which it will be looked at."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image

from mlx_gemma4.media.files import existing_file
from mlx_gemma4.protocol.errors import MediaError

MOST_PAGES = 50
"""What is read at once; more would leave the model little room for anything else."""
_HEADER_BYTES = 1024  # how much may stand before the mark of a PDF
_lock = threading.RLock()  # pdfium can be used by one thread at a time


class Document:
    """An open PDF; pages are numbered from 1.

    Attributes:
        page_count: how many pages it has.
    """

    def __init__(self, name: str, pdf: pypdfium2.PdfDocument) -> None:
        self.page_count = len(pdf)
        self._name = name
        self._pdf = pdf

    def numbers(self, pages: tuple[int, int] | None) -> range:
        """The numbers of the pages from the first to the last of `pages`, or of all.

        Raises:
            MediaError: the document has no such pages, or these are more than `MOST_PAGES`.
        """
        first, last = pages or (1, self.page_count)
        if last > self.page_count:
            count = f"{self.page_count} pages" if self.page_count != 1 else "1 page"
            raise MediaError(
                f"{self._name} has {count}, so there is no page {last}.", "Choose others.", code="media.pages"
            )
        if last - first >= MOST_PAGES:
            raise MediaError(
                f"{self._name}: {last - first + 1} pages are too many to be looked at together.",
                f"Choose at most {MOST_PAGES} of them.",
                code="media.pages",
            )
        return range(first, last + 1)

    def size(self, number: int) -> tuple[float, float]:
        """Width and height of a page as it is read, in points (1/72 inch).

        Raises:
            MediaError: the page is damaged.
        """
        with self._page(number) as page:
            return page.get_size()

    def picture(self, number: int, width: int, height: int) -> Image.Image:
        """A page as mode RGB on white, just large enough to cover so many pixels; filled-in forms are shown.

        Raises:
            MediaError: the page is damaged.
        """
        with self._page(number) as page:
            page_width, page_height = page.get_size()
            scale = max(width / page_width, height / page_height)
            bitmap = page.render(scale=scale, rev_byteorder=True)
            try:
                return bitmap.to_pil().copy()  # which lies in pdfium's memory
            finally:
                bitmap.close()

    @contextmanager
    def _page(self, number: int) -> Iterator[pypdfium2.PdfPage]:
        with _lock:
            page = None
            try:
                page = self._pdf[number - 1]
                if min(page.get_size()) <= 0 or not all(map(math.isfinite, page.get_size())):
                    raise pypdfium2.PdfiumError("a page without area")
                yield page
            except pypdfium2.PdfiumError as error:
                raise MediaError(
                    f"Page {number} of {self._name} is damaged.", "Choose other pages.", code="media.damaged"
                ) from error
            finally:
                if page is not None:
                    page.close()


@contextmanager
def open_document(path: str | os.PathLike[str]) -> Iterator[Document]:
    """The PDF, opened; no page has been looked at yet.

    Raises:
        MediaError: not a file, not a PDF, damaged, or locked with a password.
    """
    file = existing_file(path)
    with _lock:
        try:
            pdf = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            raise _unusable(str(file), error) from error
        try:
            pdf.init_forms()
            document = Document(str(file), pdf)
            if document.page_count < 1:
                raise MediaError(f"{file} has no pages.", code="media.empty")
            yield document
        finally:
            pdf.close()


def is_document(path: str | os.PathLike[str]) -> bool:
    """Whether the file is a PDF.

    Raises:
        MediaError: not a file.
    """
    with existing_file(path).open("rb") as stream:
        return b"%PDF-" in stream.read(_HEADER_BYTES)


def _unusable(name: str, error: pypdfium2.PdfiumError) -> MediaError:
    if error.err_code in (pdfium.FPDF_ERR_PASSWORD, pdfium.FPDF_ERR_SECURITY):
        return MediaError(
            f"{name} is locked with a password.",
            "Open it in another program and save it without one.",
            code="media.locked",
        )
    return MediaError(
        f"{name} is not a PDF, or too damaged to be read as one.", "Save or download it again.", code="media.damaged"
    )
