"""The words that people read, in their language; written in English where they are used."""

from __future__ import annotations


def tr(text: str, **values: object) -> str:
    """This sentence in the person's language, `{name}` in it replaced by what is given under that name."""
    return text.format(**values) if values else text
