"""A parsed page → the text of one that holds nothing but what is listed in `markup`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from selectolax.lexbor import LexborHTMLParser, LexborNode

from app.page.addresses import NO_PICTURE
from app.page.attributes import escaped, html_attributes, svg_attributes
from app.page.markup import BOXES, FETCHED, HTML, LEFT_OUT_WHOLE, RAW, SVG, VOID
from app.page.styles import addresses_in, rewrite_declarations, rewrite_sheet
from app.words import tr

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"
"""Nothing is fetched and nothing is run, whatever the page holds; first thing in the head."""

MOST_ELEMENTS = 9_000  # their tags have to be fewer than `limits` allow
MOST_CSS = 100_000  # characters
DEEPEST = 120

CUT_LARGE = tr("The page has too many elements; only the first are shown.")
CUT_DEEP = tr("Elements stand too deep within each other; the innermost are left out.")
CUT_CSS = tr("The page has too much CSS; only the first part is used.")
NO_SCRIPTS = tr("Its scripts are left out.")
NOTHING_OUTSIDE = tr("What it wanted to fetch from elsewhere is left out.")


@dataclass
class Writer:
    """Writes one document, element by element.

    Attributes:
        out: the pieces of the text.
        notices: what was left out.
        elements: how many are written.
        css: how many characters of CSS were read.
        pictures: attributes of the pictures that are put into nodes of the page, by their `mem_id`.
    """

    out: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)
    elements: int = 0
    css: int = 0
    pictures: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def document(self, tree: LexborHTMLParser) -> str:
        """The whole document, with the policy before anything that could be fetched."""
        lead = f"<!DOCTYPE html>\n<html{_attributes('html', tree.root)}>\n<head>\n"
        lead += f'<meta http-equiv="Content-Security-Policy" content="{POLICY}">\n<meta charset="utf-8">\n'
        if tree.head is not None:
            self._head(tree.head)
        self.out.append(f"</head>\n<body{_attributes('body', tree.body)}>\n")
        before = len(self.out)
        if tree.body is not None:
            self._children(tree.body, 0)
        content = "".join(self.out[before:]).strip(" \t\n")
        return f"{lead}{''.join(self.out[:before])}{content}\n</body>\n</html>\n"

    def _head(self, head: LexborNode) -> None:
        """Title, styles and how wide a phone shows it: nothing else of a head is seen."""
        titled = False
        for node in head.iter():
            if node.tag == "title" and not titled:
                titled = True
                self.out.append(f"<title>{escaped(_text(node)).strip()}</title>\n")
            elif node.tag == "style":
                self._style(node)
                self.out.append("\n")
            elif node.tag == "meta":
                self._meta(node)
            else:
                self._left_out(node.tag)

    def _meta(self, node: LexborNode) -> None:
        attributes = node.attributes
        content = attributes.get("content") or ""
        if (attributes.get("name") or "").lower() == "viewport" and re.fullmatch(r"[\w\s=,.;-]*", content):
            self.out.append(f'<meta name="viewport" content="{content}">\n')

    def _style(self, node: LexborNode) -> None:
        attributes = node.attributes
        if (attributes.get("type") or "text/css").strip().lower() != "text/css":
            return
        text = _text(node)
        if self.css + len(text) > MOST_CSS:
            self._notice(CUT_CSS)
            text = text[: MOST_CSS - self.css]
        self.css += len(text)
        sheet = rewrite_sheet(text)
        if addresses_in(sheet) < addresses_in(text):
            self._notice(NOTHING_OUTSIDE)
        media = attributes.get("media") or ""
        condition = f' media="{media}"' if media and re.fullmatch(r"[\w\s(),.:-]+", media) else ""
        self.out.append(f"<style{condition}>\n{sheet}\n</style>")

    def _inside(self, parent: LexborNode, depth: int) -> Iterator[LexborNode]:
        """What stands in an element, as far as the limits allow."""
        for node in parent.iter(include_text=True):
            if depth > DEEPEST:
                return self._notice(CUT_DEEP)
            if self.elements >= MOST_ELEMENTS:
                return self._notice(CUT_LARGE)
            yield node
        return None

    def _children(self, parent: LexborNode, depth: int) -> None:
        for node in self._inside(parent, depth):
            if node.is_element_node:
                self._element(node, depth)
            elif node.is_text_node:
                self.out.append(escaped(node.text_content or ""))

    def _element(self, node: LexborNode, depth: int) -> None:
        tag = node.tag or ""
        if tag in LEFT_OUT_WHOLE:
            return self._left_out(tag)
        self.elements += 1
        if tag == "style":
            return self._style(node)
        if tag == "svg":
            return self._svg(node, depth)
        if tag == "img" or tag in BOXES:
            return self._picture(node)
        style = node.attributes.get("style")
        if style and addresses_in(style) > addresses_in(rewrite_declarations(style)):
            self._notice(NOTHING_OUTSIDE)
        if tag in VOID:
            return self.out.append(f"<{tag}{_attributes(tag, node)}>")
        return self._with_content(node, RAW.get(tag, tag if tag in HTML else "span"), depth)

    def _picture(self, node: LexborNode) -> None:
        """A picture; what would have to be fetched is a grey one of the same size, so that nothing moves."""
        attributes = html_attributes("img", {**node.attributes, **self.pictures.get(node.mem_id, {})})
        if " src=" not in attributes:
            self._notice(NOTHING_OUTSIDE)
            attributes += f' src="{NO_PICTURE}"'
        self.out.append(f"<img{attributes}>")

    def _with_content(self, node: LexborNode, tag: str, depth: int) -> None:
        self.out.append(f"<{tag}{_attributes(tag, node)}>")
        if tag in ("pre", "textarea"):
            self.out.append("\n")  # a parser drops the first one
        if node.mem_id in self.pictures:
            self.out.append(f"<img{html_attributes('img', self.pictures[node.mem_id])}>")
        elif tag in ("textarea", "option"):
            self.out.append(escaped(_text(node)))
        elif tag in ("select", "optgroup"):
            for child in self._inside(node, depth + 1):
                if child.tag in ("option", "optgroup"):
                    self._element(child, depth + 1)
        else:
            self._children(node, depth + 1)
        self.out.append(f"</{tag}>")

    def _svg(self, node: LexborNode, depth: int) -> None:
        """An SVG element and those in it, which keep SVG's own names."""
        tag = node.tag
        self.elements += 1
        self.out.append(f"<{tag}{svg_attributes(node.attributes)}>")
        if tag in ("title", "desc"):
            self.out.append(escaped(_text(node)))
        else:
            for child in self._inside(node, depth + 1):
                if child.is_text_node:
                    self.out.append(escaped(child.text_content or ""))
                elif child.tag in SVG:
                    self._svg(child, depth + 1)
                else:
                    self._left_out(child.tag)
        self.out.append(f"</{tag}>")

    def _left_out(self, tag: str | None) -> None:
        """Says so where a person would ask."""
        if tag == "script":
            self._notice(NO_SCRIPTS)
        elif tag in FETCHED:
            self._notice(NOTHING_OUTSIDE)

    def _notice(self, sentence: str) -> None:
        if sentence not in self.notices:
            self.notices.append(sentence)


def _text(node: LexborNode) -> str:
    return node.text(deep=True) or ""


def _attributes(tag: str, node: LexborNode | None) -> str:
    return html_attributes(tag, node.attributes) if node is not None else ""
