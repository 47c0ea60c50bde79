"""A file of text for the model: which encoding, and as much of it as makes sense to read at once."""

from __future__ import annotations

import codecs
from pathlib import Path

from app.actions.tools.failure import ToolError
from mlx_gemma4.protocol.json_values import JsonObject

MOST_BYTES = 4_000_000
"""That are looked at; what a model is shown is far less."""
MOST_CHARACTERS = 24_000
"""Of one answer: about 6,000 tokens."""
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\r\f\x1b")


def read_text_file(path: Path, start: int = 1) -> JsonObject:
    """The text from a line on, counted from 1, with the file's name and how many lines it has.

    Raises:
        ToolError: it cannot be read, or is no text.
    """
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise ToolError(f"The file cannot be read: {error.strerror}.") from error
    text = decode(content[:MOST_BYTES], whole=len(content) <= MOST_BYTES)
    lines = text.splitlines(keepends=True)
    if start > max(len(lines), 1):
        raise ToolError(f"The file has only {len(lines)} lines.")
    rest = "".join(lines[start - 1 :])
    shown = rest[:MOST_CHARACTERS]
    answer: JsonObject = {"name": path.name, "lines": len(lines), "text": shown}
    if len(shown) < len(rest):
        shown = shown[: shown.rfind("\n") + 1] or shown
        answer["text"] = shown
        answer["more"] = f"It goes on: call again with from_line {start + shown.count(chr(10))}."
    if len(content) > MOST_BYTES:
        answer["remark"] = f"Only the first {MOST_BYTES // 1_000_000} MB of the file were looked at."
    return answer


def decode(content: bytes, *, whole: bool = True) -> str:
    """Text in UTF-8, UTF-16, UTF-32 or, where that fails, Windows' Latin letters; with plain line breaks.

    Raises:
        ToolError: these bytes are no text.
    """
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _unified(content.decode(encoding, errors="replace"))
    if b"\0" in content[:4096]:
        guess = _guess_wide(content)
        if guess is None:
            raise ToolError("The file is not text.")
        return _unified(content.decode(guess, errors="replace"))
    try:
        return _unified(codecs.getincrementaldecoder("utf-8")().decode(content, final=whole))
    except UnicodeDecodeError:
        pass
    if sum(byte in _CONTROLS for byte in content[:4096]) > len(content[:4096]) // 50:
        raise ToolError("The file is not text.")
    return _unified(content.decode("cp1252", errors="replace"))


def _guess_wide(content: bytes) -> str | None:
    """UTF-16 without its mark: in words of most languages every other byte is nearly always 0."""
    sample = content[:4096]
    odd, even = sample[1::2].count(0), sample[::2].count(0)
    most = len(sample) // 2 * 0.6
    if odd > most and even < most / 8:
        return "utf-16-le"
    return "utf-16-be" if even > most and odd < most / 8 else None


def _unified(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
