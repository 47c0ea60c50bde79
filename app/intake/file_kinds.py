"""What a file is, by its ending and its first bytes; nothing is decoded here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from app.words import tr

_PICTURE_ENDINGS = frozenset(".png .jpg .jpeg .jpe .heic .heif .webp .gif .bmp .tif .tiff .avif .jp2 .ppm .ico".split())
_SOUND_ENDINGS = frozenset(".wav .mp3 .m4a .aac .flac .ogg .opus .caf .aif .aiff".split())
_CLIP_ENDINGS = frozenset(".mp4 .mov .m4v .webm .mkv .avi".split())
_PICTURE_STARTS = (
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF87a",
    b"GIF89a",
    b"BM",
    b"II*\x00",
    b"MM\x00*",
    b"\x00\x00\x00\x0cjP  ",
)
_LONGEST_NAME = 40


class FileKind(StrEnum):
    """What the window can say about a file before the engine has looked at it; the first four as the engine says it."""

    PICTURE = "picture"
    SOUND = "sound"
    CLIP = "clip"
    DOCUMENT = "document"
    FOLDER = "folder"
    MISSING = "missing"
    OTHER = "other"


@dataclass(frozen=True)
class Senses:
    """What the loaded model takes; until there is one, everything."""

    sees: bool = True
    hears: bool = True

    def takes(self, kind: FileKind) -> bool:
        """Whether a file of this kind can be asked about."""
        if kind is FileKind.SOUND:
            return self.hears
        return self.sees and kind in (FileKind.PICTURE, FileKind.CLIP, FileKind.DOCUMENT)


ALL_SENSES = Senses()


def kind_of(path: str) -> FileKind:
    """What this is, by its ending if that is known; the engine says what is wrong with it."""
    file = Path(path)
    if file.is_dir():
        return FileKind.FOLDER
    if not file.exists():
        return FileKind.MISSING
    ending = file.suffix.lower()
    if ending in _PICTURE_ENDINGS:
        return FileKind.PICTURE
    if ending in _SOUND_ENDINGS:
        return FileKind.SOUND
    if ending in _CLIP_ENDINGS:
        return FileKind.CLIP
    return _kind_by_content(file, ending)


def refusal(path: str, kind: FileKind) -> str:
    """One sentence: why this cannot be asked about, and what to do."""
    name, ending = shown_name(path), Path(path).suffix.lower()
    what = tr("{ending} files", ending=ending) if ending else f"“{name}”"
    match kind:
        case FileKind.FOLDER:
            return tr("“{name}” is a folder: open it and drop the files you mean", name=name)
        case FileKind.MISSING:
            return tr("“{name}” is not there any more: drop it again from where it is now", name=name)
        case FileKind.SOUND:
            return tr("This model can't hear, so not {what}: use one that hears, or drop what can be seen", what=what)
        case FileKind.PICTURE | FileKind.CLIP | FileKind.DOCUMENT:
            return tr("This model can't see, so not {what}: ask it in words", what=what)
        case FileKind.OTHER:
            return tr("Prism can't open {what}: export a picture, a PDF, an MP4 clip or a WAV recording", what=what)


def shown_name(path: str) -> str:
    """The file's name, short enough for a sentence."""
    name = Path(path).name or path
    half = _LONGEST_NAME // 2
    return name if len(name) <= _LONGEST_NAME else tr("{value}…{value_2}", value=name[:half], value_2=name[-half:])


def _kind_by_content(file: Path, ending: str) -> FileKind:
    try:
        with file.open("rb") as stream:
            start = stream.read(16)
    except OSError:
        return FileKind.OTHER
    if start.startswith(b"%PDF-") or ending == ".pdf":
        return FileKind.DOCUMENT
    is_webp = start.startswith(b"RIFF") and start[8:12] == b"WEBP"
    return FileKind.PICTURE if is_webp or start.startswith(_PICTURE_STARTS) else FileKind.OTHER
