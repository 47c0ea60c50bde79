"""What a file is, without decoding it."""

from pathlib import Path

import pytest

from app.intake.file_kinds import FileKind, kind_of, refusal


@pytest.mark.parametrize(
    ("name", "start", "kind"),
    [
        ("a.png", b"", FileKind.PICTURE),  # what is wrong with it is for the engine to say
        ("A.JPEG", b"text", FileKind.PICTURE),
        ("no-ending", b"\x89PNG\r\n\x1a\n rest", FileKind.PICTURE),
        ("photo.data", b"\xff\xd8\xff\xe0", FileKind.PICTURE),
        ("web", b"RIFF\x00\x00\x00\x00WEBPVP8 ", FileKind.PICTURE),
        ("talk.m4a", b"", FileKind.SOUND),
        ("clip.MOV", b"", FileKind.CLIP),
        ("page.pdf", b"", FileKind.PDF),
        ("page", b"%PDF-1.7", FileKind.PDF),
        ("slides.key", b"PK", FileKind.OTHER),
        ("Makefile", b"", FileKind.OTHER),
        ("sound", b"RIFF\x00\x00\x00\x00WAVEfmt ", FileKind.OTHER),
    ],
)
def test_files_are_told_apart(tmp_path: Path, name: str, start: bytes, kind: FileKind) -> None:
    (tmp_path / name).write_bytes(start)
    assert kind_of(str(tmp_path / name)) is kind


def test_folders_and_what_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "dangling.png").symlink_to(tmp_path / "nothing")
    assert kind_of(str(tmp_path / "folder.png")) is FileKind.FOLDER
    assert kind_of(str(tmp_path / "gone.png")) is FileKind.MISSING
    assert kind_of(str(tmp_path / "dangling.png")) is FileKind.MISSING


@pytest.mark.parametrize("kind", [kind for kind in FileKind if kind is not FileKind.PICTURE])
def test_every_refusal_says_what_to_do(kind: FileKind) -> None:
    assert ": " in refusal("/folder/slides.key", kind)


def test_a_refusal_names_the_ending_or_the_file() -> None:
    assert refusal("/a/slides.key", FileKind.OTHER) == "Prism can't open .key files: export a PNG or JPEG picture"
    assert "“Makefile”" in refusal("/a/Makefile", FileKind.OTHER)


def test_long_names_are_cut_in_the_middle() -> None:
    sentence = refusal("/a/" + "x" * 300, FileKind.FOLDER)
    assert len(sentence) < 120 and "…" in sentence
