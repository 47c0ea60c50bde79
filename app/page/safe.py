"""The one way from what a model or a person wrote to what is rendered, saved and opened."""

from __future__ import annotations

from functools import partial

from app.page.pacing import MakeSafe, SafePage
from app.page.rewrite import rewrite
from app.state.page import PageProject, PageVersion
from mlx_gemma4.protocol.events import Box


def safely(project: PageProject, version: PageVersion) -> MakeSafe:
    """Makes the version, as it is now, safe; to be called on any thread."""
    return partial(make_safe, version.html, project.screenshot.path, project.pictures)


def make_safe(html: str, screenshot: str, pictures: tuple[Box, ...]) -> SafePage:
    """Put the screenshot's own pictures in, and leave out whatever runs or fetches anything.

    Args:
        html: raw.
        screenshot: picture file.
        pictures: boxes of logos and photos on it.
    """
    page = rewrite(html)
    return SafePage(page.html, page.notices)
