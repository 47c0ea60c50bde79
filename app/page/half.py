"""Of a page that is still being written, the part that means already what it will mean."""

from __future__ import annotations

_SENTENCE_ENDS = (";", "}")


def settled_part(html: str) -> str:
    """The page without the tag or the declaration at its end that is not written out: `#f8f` may become `#f8f8fa`."""
    lower = html.lower()
    style = lower.rfind("<style")
    if style >= 0 and "</style" not in lower[style:]:
        opened = html.find(">", style)
        end = max(html.rfind(sign, style) for sign in _SENTENCE_ENDS)
        return html[: end + 1] if opened >= 0 and end > opened else html[:style]
    tag = html.rfind("<")
    return html[:tag] if tag > html.rfind(">") else html
