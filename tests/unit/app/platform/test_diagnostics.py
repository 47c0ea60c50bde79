"""What goes into the zip, and what never does."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from app.platform.diagnostics import FIRST, without_names, write_diagnostics

HOME = Path("/Users") / "ann"


def test_the_zip_holds_text_alone_and_says_so_first(tmp_path: Path) -> None:
    (tmp_path / "prism.log").write_text("now\n")
    (tmp_path / "prism.1.log").write_text("before\n")
    (tmp_path / "secret.png").write_bytes(b"picture")
    target = tmp_path / "out.zip"
    write_diagnostics(target, {"Prism": "1.0"}, tmp_path)
    with zipfile.ZipFile(target) as archive:
        assert archive.namelist() == [FIRST, "overview.txt", "prism.1.log.txt", "prism.log.txt"]
        assert archive.read("overview.txt") == b"Prism: 1.0\n"
        assert archive.read("prism.log.txt") == b"now\n"
        assert b"no conversation" in archive.read(FIRST)


def test_without_a_log_there_is_the_overview(tmp_path: Path) -> None:
    write_diagnostics(tmp_path / "out.zip", {}, tmp_path / "nowhere")
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        assert archive.namelist() == [FIRST, "overview.txt"]


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (f"{HOME}/Desktop/My tax 2026.pdf cannot be read.", "<file.pdf>"),
        (f'"{HOME}/a b.png" and "{HOME}/c.mov"', '"<file.png>" and "<file.mov>"'),
        ("/Volumes/Ann's disk/x.wav: no such file", "<file"),
        ("/private/var/folders/zz/prism-1/pasted.png broke", "<file.png>"),
        (f"cwd: {HOME}", "cwd: ~"),
        ("https://a.example/b is no file", "https://a.example/b is no file"),
        ("fps 3/4, and/or", "fps 3/4, and/or"),
    ],
)
def test_names_of_people_and_files_are_left_out(text: str, kept: str) -> None:
    said = without_names(text, HOME)
    assert kept in said
    assert not [word for word in ("ann", "Ann", "tax", "pasted", "a b", "disk") if word in said]


def test_where_prism_itself_failed_may_be_said() -> None:
    line = f'  File "{Path(without_names.__code__.co_filename)}", line 3, in f'
    assert without_names(line) == '  File "Prism:app/platform/diagnostics.py", line 3, in f'
