"""The one way from what a model or a person wrote to what is rendered, saved and opened."""

from __future__ import annotations

from functools import lru_cache, partial

from app.page.assets import put_pictures
from app.page.crops import Crop, crop
from app.page.half import settled_part
from app.page.pacing import MakeSafe, SafePage
from app.page.rewrite import rewrite
from app.state.page import PageProject, PageVersion, Rendering, VersionStatus
from mlx_gemma4.protocol.events import Box


def safely(version: PageVersion) -> MakeSafe:
    """Makes the version, as far as it is written, safe; to be called on any thread."""
    writing = version.status is VersionStatus.WRITING
    return partial(_make_safe, settled_part(version.html) if writing else version.html)


def with_pictures(project: PageProject, page: SafePage, rendering: Rendering) -> MakeSafe:
    """Puts the screenshot's own logos and photos into a safe page of which there is a picture; likewise."""
    files = project.screenshot.path, project.screenshot.display
    return partial(_put_pictures, page, rendering, files, project.pictures)


def _make_safe(html: str) -> SafePage:
    page = rewrite(html)
    return SafePage(page.html, page.notices)


def _put_pictures(page: SafePage, rendering: Rendering, files: tuple[str, str], pictures: tuple[Box, ...]) -> SafePage:
    return SafePage(put_pictures(page.html, rendering, _crops(files, pictures)), page.notices)


@lru_cache(maxsize=2)
def _crops(files: tuple[str, str], pictures: tuple[Box, ...]) -> tuple[Crop, ...]:
    """From the file itself, or where Qt does not read it, from the picture of it that the engine has made."""
    return crop(files[0], pictures) or crop(files[1], pictures)
