"""Text files in the encodings that people have."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest

from app.actions.tools.failure import ToolError
from app.actions.tools.text_file import MOST_BYTES, MOST_CHARACTERS, decode, read_text_file

WORDS = "Größe: 12 €\nnaïve\n"


@pytest.mark.parametrize(
    "content",
    [
        WORDS.encode(),
        codecs.BOM_UTF8 + WORDS.encode(),
        WORDS.encode("utf-16"),
        codecs.BOM_UTF16_BE + WORDS.encode("utf-16-be"),
        WORDS.encode("utf-16-le"),
        WORDS.encode("utf-16-be"),
        WORDS.encode("utf-32"),
        WORDS.encode("cp1252"),
        WORDS.replace("\n", "\r\n").encode(),
    ],
)
def test_text_is_read_in_its_encoding(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)
    assert read_text_file(file) == {"name": "notes.txt", "lines": 2, "text": WORDS}


@pytest.mark.parametrize("content", [b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", bytes(range(256)) * 8, b"\x80\x03\x04\x05" * 90])
def test_what_is_no_text_is_refused(content: bytes) -> None:
    with pytest.raises(ToolError, match="not text"):
        decode(content)


def test_a_character_cut_at_the_end_of_what_is_read_is_no_reason_to_guess_another_encoding() -> None:
    assert decode("aä".encode()[:-1], whole=False) == "a"


def test_long_texts_come_in_parts_that_end_with_lines(tmp_path: Path) -> None:
    file = tmp_path / "long.txt"
    lines = [f"line {number}\n" for number in range(1, 5001)]
    file.write_text("".join(lines))
    text, start = "", 1
    while True:
        part = read_text_file(file, start)
        assert len(str(part["text"])) <= MOST_CHARACTERS
        text += str(part["text"])
        if "more" not in part:
            break
        start = int(str(part["more"]).rstrip(".").rsplit(" ", 1)[1])
    assert text == "".join(lines)
    with pytest.raises(ToolError, match="only 5000 lines"):
        read_text_file(file, 5002)


def test_a_huge_file_is_not_read_whole(tmp_path: Path) -> None:
    file = tmp_path / "huge.txt"
    file.write_bytes(b"abc\n" * (MOST_BYTES // 4 + 10))
    assert "first 4 MB" in str(read_text_file(file)["remark"])


def test_a_file_that_cannot_be_read_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(ToolError, match="No such file"):
        read_text_file(tmp_path / "gone.txt")


def test_an_empty_file_is_an_empty_text(tmp_path: Path) -> None:
    (tmp_path / "empty.txt").touch()
    assert read_text_file(tmp_path / "empty.txt") == {"name": "empty.txt", "lines": 0, "text": ""}
