"""The attributes of one element as it was written → those that it keeps."""

from __future__ import annotations

import re
from collections.abc import Mapping

from app.page.addresses import link_address, picture_address
from app.page.markup import EVERYWHERE, OWN, SVG_GEOMETRY, SVG_STYLE, WORDS
from app.page.styles import rewrite_declarations, rewrite_value

_PLAIN = re.compile(r"[\w\s.,%#()+*'-]*")  # no colon, no slash and no backslash: neither an address nor an escape
_NOT_A_CLASS = re.compile(r"url\(|//|data:|script:", re.IGNORECASE)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_ESCAPED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f&<>]")


def without_controls(text: str) -> str:
    """Text that a parser reads as it was written: no control characters but tabs and newlines."""
    return _CONTROL.sub("", text)


def escaped(text: str) -> str:
    """Text as it stands between tags."""
    if not _ESCAPED.search(text):
        return text
    return without_controls(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def html_attributes(tag: str, attributes: Mapping[str, str | None]) -> str:
    """What follows the name in an HTML element's tag."""
    own = OWN.get(tag, frozenset())
    kept = []
    for name, value in attributes.items():
        text = _html_attribute(tag, name, value or "", own)
        if text is not None:
            kept.append(_written(name, text))
    return "".join(kept)


def svg_attributes(attributes: Mapping[str, str | None]) -> str:
    """What follows the name in an SVG element's tag."""
    kept = []
    for name, value in attributes.items():
        text = _svg_attribute(name, value or "")
        if text is not None:
            kept.append(_written(name, text))
    return "".join(kept)


def _html_attribute(tag: str, name: str, value: str, own: frozenset[str]) -> str | None:
    if tag == "a" and name == "href":
        return link_address(value)
    if tag == "img" and name == "src":
        return picture_address(value) or None
    if name in own or name in EVERYWHERE:
        return value if name in WORDS or _PLAIN.fullmatch(value) else None
    return _common(name, value)


def _svg_attribute(name: str, value: str) -> str | None:
    if name in SVG_STYLE:
        return rewrite_value(name, value) or None
    if name in SVG_GEOMETRY or name in EVERYWHERE:
        return value if _PLAIN.fullmatch(value) else None
    return _common(name, value)


def _common(name: str, value: str) -> str | None:
    """Attributes that every element of both kinds may have."""
    match name:
        case "style":
            return rewrite_declarations(value) or None
        case "class":
            return " ".join(token for token in value.split() if not _NOT_A_CLASS.search(token)) or None
        case "id":
            return value if value and not _NOT_A_CLASS.search(value) else None
        case "title" | "aria-label":
            return value
    if name.startswith(("data-", "aria-")) and name.replace("-", "").isalnum() and name.isascii():
        return value if _PLAIN.fullmatch(value) else None
    return None


def _written(name: str, value: str) -> str:
    text = escaped(value).replace('"', "&quot;")
    return f' {name}="{text}"' if text else f" {name}"
