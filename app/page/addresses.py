"""The only addresses that a page may hold: ids of its own, and pictures that are in the address itself."""

from __future__ import annotations

import re

NO_PICTURE = "data:image/gif;base64,R0lGODlhAQABAIAAAMzMzAAAACH5BAAAAAAALAAAAAABAAEAAAICRAEAOw=="
"""One light grey pixel, for a picture that is not there."""

_PICTURE = re.compile(r"data:image/(png|jpeg|jpg|gif|webp);base64,([A-Za-z0-9+/]+={0,2})", re.IGNORECASE)
_SPACE = re.compile(r"[\t\n\f\r ]+")
_FRAGMENT = re.compile(r"#[\w.:-]*")


def picture_address(text: str) -> str:
    """A picture as a data URI, or an empty string: PNG, JPEG, GIF or WebP.

    SVG is left out: it is a document with addresses of its own, and a picture of it cannot be looked into here.
    """
    match = _PICTURE.fullmatch(_SPACE.sub("", text))
    if match is None:
        return ""
    kind = match[1].lower().replace("jpg", "jpeg")
    return f"data:image/{kind};base64,{match[2]}"


def link_address(text: str) -> str:
    """Where a link leads: a place on the page, or nowhere at all; either way it looks like a link."""
    address = text.strip()
    return address if _FRAGMENT.fullmatch(address) else "#"
