"""Reads a rewritten page with another parser, html5lib, and says what should not be in it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

import html5lib

FORBIDDEN = frozenset(
    "script noscript template iframe frame frameset noframes object embed applet param base link source track video "
    "audio portal use image feImage foreignObject animate animateMotion animateTransform set math area map isindex xmp "
    "plaintext noembed listing".split()
)
FETCH = frozenset(
    "action formaction srcset poster background ping target download data code codebase archive classid cite longdesc "
    "usemap lowsrc dynsrc manifest profile srcdoc imagesrcset form popovertarget is xlink:href xml:base".split()
)
TEXT = frozenset("title alt placeholder value label summary aria-label".split())
_PICTURE = re.compile(r"data:image/(png|jpeg|gif|webp);base64,[A-Za-z0-9+/]+=*")
_ESCAPE = re.compile(r"\\(?:([0-9a-fA-F]{1,6})\s?|(.))", re.DOTALL)
_CSS = re.compile(
    r"(?<!\\)@(?:import|font-face|namespace|document)|(?<![\w-])(?:expression|(?:-webkit-)?image-set|src)\(|"
    r"animation:[^;{}]*\binfinite\b[^;{}]*(?:[;}]|$)",
    re.IGNORECASE,
)
_STRING = re.compile(r'(url\("[^"]*"\))|"(?:[^"\\]|\\.)*"', re.DOTALL)
_URL = re.compile(r"(?<![\w-])url\(\s*[\"']?([^)\"']*)", re.I)


def tree_of(html: str) -> Element:
    """The page as html5lib reads it."""
    return html5lib.parse(html, treebuilder="etree")


def faults(html: str) -> list[str]:
    """What the page holds and must not."""
    tree = tree_of(html)
    head = tree.find("{http://www.w3.org/1999/xhtml}head")
    found = (
        [] if head is not None and len(head) and _is_policy(head[0]) else ["the policy is not the first in the head"]
    )
    for node in tree.iter():
        found += _faults_of(node)
    return found


def words_of(html: str) -> str:
    """What can be read on the page, styles left out."""
    body = tree_of(html).find("{http://www.w3.org/1999/xhtml}body")
    assert body is not None
    return "".join(_words(body))


def _words(node: Element) -> Iterator[str]:
    if name_of(node) != "style":
        yield node.text or ""
        for child in node:
            yield from _words(child)
            yield child.tail or ""


def name_of(node: Element) -> str:
    """An element's name without its namespace."""
    return node.tag.rpartition("}")[2] if isinstance(node.tag, str) else "comment"


def _is_policy(node: Element) -> bool:
    return node.get("http-equiv") == "Content-Security-Policy" and "default-src 'none'" in node.get("content", "")


def _faults_of(node: Element) -> Iterator[str]:
    name = name_of(node)
    if name in FORBIDDEN or name == "comment":
        yield f"element {name}"
    if name == "meta" and not (_is_policy(node) or set(node.keys()) == {"charset"} or node.get("name") == "viewport"):
        yield f"meta {dict(node.items())}"
    if name == "style":
        yield from css_faults(without_strings("".join(node.itertext())))
    for key, value in node.items():
        yield from _attribute_faults(name, key.rpartition("}")[2].lower(), value)


def _attribute_faults(name: str, key: str, value: str) -> Iterator[str]:
    if key.startswith("on") or key in FETCH:
        yield f"attribute {key} of {name}"
    elif key == "href" and not re.fullmatch(r"#[\w.:-]*", value):
        yield f"link to {value}"
    elif key == "src" and not (name == "img" and _PICTURE.fullmatch(value)):
        yield f"source {value}"
    elif key == "style":
        yield from css_faults(without_strings(value))
    elif key not in TEXT and key not in ("src", "content"):
        yield from css_faults(value)
        if "//" in value or "data:" in value or "script:" in value:
            yield f"address in {key}: {value}"


def css_faults(css: str) -> Iterator[str]:
    """Addresses and at-rules in CSS, whichever way they are written."""
    plain = _ESCAPE.sub(_unescaped, css)
    for text in (css, plain, re.sub(r"/\*.*?\*/", "", plain, flags=re.DOTALL)):
        if match := _CSS.search(text):
            yield f"{match[0]} in CSS"
        for address in _URL.findall(text):
            if not (_PICTURE.fullmatch(address) or re.fullmatch(r"#[\w-]+", address)):
                yield f"url({address}) in CSS"


def without_strings(css: str) -> str:
    """CSS as it was rewritten, without what it only shows."""
    return _STRING.sub(lambda match: match[1] or '""', css)


def _unescaped(match: re.Match[str]) -> str:
    """What an escape stands for; signs that would mean something if they were not escaped stay escaped."""
    sign = chr(min(int(match[1], 16), 0x10FFFF)) if match[1] else match[2]
    return match[0] if sign in "@(" else sign
