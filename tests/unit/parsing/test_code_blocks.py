"""Code blocks: fences as models write them, closed or cut off, however the text is cut into pieces."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlx_gemma4.parsing.code_blocks import CodeBlockScanner, code_blocks
from mlx_gemma4.protocol.events import CodeBlock

PAGE = "<!DOCTYPE html>\n<p>Hi</p>"


@pytest.mark.parametrize(
    ("text", "blocks"),
    [
        (f"Here:\n```html\n{PAGE}\n```\nDone.", [CodeBlock("html", PAGE)]),
        (f"```HTML\n{PAGE}\n```", [CodeBlock("html", PAGE)]),
        ("```\na\n```\n~~~ python\nb\n~~~", [CodeBlock("", "a"), CodeBlock("python", "b")]),
        ("```html title=page.html\na\n```", [CodeBlock("html", "a")]),
        ("1. First:\n   ```css\n   a{}\n   ```\n", [CodeBlock("css", "   a{}")]),
        ("````md\n```html\na\n```\n````", [CodeBlock("md", "```html\na\n```")]),
        ("```md\n```html\n```", [CodeBlock("md", "```html")]),
        ("```js\n`a`\n\n```  \n", [CodeBlock("js", "`a`\n")]),
        ("```\n```", [CodeBlock("", "")]),
        ("a ```not a fence``` b\n```inline```\n", []),
        ("``html\na\n``", []),
        (f"```html\n{PAGE}", [CodeBlock("html", PAGE, closed=False)]),
        (f"```html\n{PAGE}\n", [CodeBlock("html", PAGE + "\n", closed=False)]),
        (f"```html\n{PAGE}\n``", [CodeBlock("html", PAGE + "\n", closed=False)]),
        ("```html", [CodeBlock("html", "", closed=False)]),
        ("", []),
    ],
)
def test_blocks_are_found_as_models_write_them(text: str, blocks: list[CodeBlock]) -> None:
    assert code_blocks(text) == blocks


@given(st.lists(st.sampled_from(["```", "~~~", "`", "\n", "html", " ", "<p>", "a\n"])).map("".join), st.data())
def test_how_the_text_is_cut_makes_no_difference(text: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=5)))
    scanner = CodeBlockScanner()
    pieces = [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    found = [block for piece in pieces for block in scanner.feed(piece)]
    assert [*found, *scanner.finish()] == code_blocks(text)


def test_a_block_is_reported_with_the_line_of_its_closing_fence() -> None:
    scanner = CodeBlockScanner()
    assert scanner.feed("```html\na\n```") == []
    assert scanner.feed("\n") == [CodeBlock("html", "a")]
    assert scanner.finish() == []
