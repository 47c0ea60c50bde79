"""The renderer of this system."""

from __future__ import annotations

import sys

from app.page.render import Renderer


def make_renderer() -> Renderer:
    """It starts with the first page, and its toolkit is loaded then."""
    if sys.platform == "darwin":
        from app.page.render_webkit import WebKitRenderer

        return WebKitRenderer()
    from app.page.render_webengine import WebEngineRenderer

    return WebEngineRenderer()
