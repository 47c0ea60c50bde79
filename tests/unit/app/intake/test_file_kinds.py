"""What a file is, without decoding it."""

from pathlib import Path

import pytest

from app.intake.file_kinds import FileKind, Senses, kind_of, refusal


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
        ("page.pdf", b"", FileKind.DOCUMENT),
        ("page", b"%PDF-1.7", FileKind.DOCUMENT),
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


def test_a_model_takes_what_it_has_senses_for() -> None:
    both, deaf, blind = Senses(), Senses(hears=False), Senses(sees=False)
    seen = (FileKind.PICTURE, FileKind.CLIP, FileKind.DOCUMENT)
    assert all(both.takes(kind) and deaf.takes(kind) and not blind.takes(kind) for kind in seen)
    assert both.takes(FileKind.SOUND) and blind.takes(FileKind.SOUND) and not deaf.takes(FileKind.SOUND)
    assert not any(both.takes(kind) for kind in (FileKind.FOLDER, FileKind.MISSING, FileKind.OTHER))


@pytest.mark.parametrize("kind", FileKind)
def test_every_refusal_says_what_to_do(kind: FileKind) -> None:
    assert ": " in refusal("/folder/slides.key", kind)


def test_a_refusal_names_the_ending_or_the_file() -> None:
    assert (
        refusal("/a/slides.key", FileKind.OTHER)
        == "Prism can't open .key files: export a picture, a PDF, an MP4 clip or a WAV recording"
    )
    assert "“Makefile”" in refusal("/a/Makefile", FileKind.OTHER)


def test_long_names_are_cut_in_the_middle() -> None:
    sentence = refusal("/a/" + "x" * 300, FileKind.FOLDER)
    assert len(sentence) < 120 and "…" in sentence
