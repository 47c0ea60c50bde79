"""Bad files of every kind: one clear sentence each, soon, and without filling the memory."""

from __future__ import annotations

import io
import random
import resource
import struct
import sys
import time
import wave
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image

from mlx_gemma4.cli.main import main
from mlx_gemma4.prompt.checkpoint_files import PromptDefaults
from mlx_gemma4.prompt.media_segments import MediaOpener
from mlx_gemma4.protocol.errors import MediaError
from mlx_gemma4.protocol.parts import AudioPart, DocumentPart, ImagePart, MediaPart, VideoPart
from tests.unit.media_files import write_clip

HOURS = 3600
SECONDS = 5.0
MEMORY = 300 << (10 if sys.platform == "linux" else 20)  # in the units of getrusage

Make = Callable[[Path], object]


def write_wave(file: Path, seconds: float, rate: int = 16_000, sample: bytes = b"\0\0") -> None:
    """A recording of one sample, over and over; silent hours take no room on the disk."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(rate)
        sound.writeframes(sample * min(int(seconds * rate), 100))
    size = int(seconds * rate) * 2
    data = bytearray(file.read_bytes())
    struct.pack_into("<I", data, 4, size + 36)
    struct.pack_into("<I", data, 40, size)
    file.write_bytes(data)
    with file.open("r+b") as stream:
        stream.truncate(44 + size)


def patched(file: Path, old: bytes, new: bytes) -> None:
    data = file.read_bytes()
    assert old in data
    file.write_bytes(data.replace(old, new, 1))


def cut(file: Path, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])


def zero_hertz(file: Path) -> None:
    write_wave(file, 1.0)
    patched(file, struct.pack("<II", 16_000, 32_000), struct.pack("<II", 0, 0))


def truncated(file: Path, **how: object) -> None:
    cut(write_clip(file, frames=80, size=(320, 240), **how), 0.5)  # type: ignore[arg-type]


def eight_hours(file: Path) -> None:
    write_clip(file, frames=33, times=[number * 8 * HOURS * 1000 // 32 for number in range(33)])


def huge_frames(file: Path) -> None:
    """Each of the JPEGs in the clip says that it is larger than it is."""
    data = write_clip(file, "mjpeg", frames=3, pixels="yuvj422p", size=(96, 64)).read_bytes()
    start = b"\xff\xc0\x00\x11\x08"
    assert start + struct.pack(">HH", 64, 96) in data
    file.write_bytes(data.replace(start + struct.pack(">HH", 64, 96), start + struct.pack(">HH", 2600, 20_000)))


def huge_header(file: Path) -> None:
    """The container says that its frames are larger than they are."""
    write_clip(file, "rawvideo", frames=3, pixels="gray", size=(320, 272))
    patched(file, b"\xb0\x82" + struct.pack(">H", 320), b"\xb0\x82" + struct.pack(">H", 20_000))
    patched(file, b"\xba\x82" + struct.pack(">H", 272), b"\xba\x82" + struct.pack(">H", 2_600))


def pages(file: Path, count: int) -> None:
    page = Image.new("1", (60, 80))
    page.save(file, "PDF", save_all=True, append_images=[page] * (count - 1))


def locked(file: Path) -> None:
    """A PDF whose password is anybody's guess: the two strings that a password is held against are noise."""
    buffer = io.BytesIO()
    Image.new("RGB", (60, 80)).save(buffer, "PDF")
    noise = random.Random(1).randbytes(32).hex()
    lock = f"/Encrypt <</Filter /Standard /V 1 /R 2 /O <{noise}> /U <{noise}> /P -44>> /ID [<{noise}> <{noise}>]"
    file.write_bytes(buffer.getvalue().replace(b"/Root", lock.encode() + b" /Root", 1))


def font(file: Path) -> None:
    tables = b"".join(struct.pack(">4sIII", name, 0, 300, 5000) for name in (b"cmap", b"glyf", b"head", b"loca"))
    file.write_bytes(b"\0\1\0\0\0\4\0\x40\0\2\0\0" + tables + random.Random(2).randbytes(20_000))


def huge_picture(file: Path) -> None:
    """20,000 pixels each way; the rows compress to next to nothing."""
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 1, 0, 0, 0, 0)
    rows = zlib.compress(bytes(20_000 * 2_501))
    chunks = ((b"IHDR", header), (b"IDAT", rows), (b"IEND", b""))
    packed = (struct.pack(">I", len(d)) + k + d + struct.pack(">I", zlib.crc32(k + d)) for k, d in chunks)
    file.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(packed))


# name of the file, how it is made, as what it is given, and what the sentence says
FILES: list[tuple[str, Make, type[MediaPart], str]] = [
    ("cut.mp4", truncated, VideoPart, "too damaged"),
    ("cut_fast.mp4", lambda file: truncated(file, muxer={"movflags": "faststart"}), VideoPart, "incomplete"),
    ("sound.mp4", lambda file: write_clip(file, frames=0, sound_seconds=1), VideoPart, "no moving pictures"),
    ("mute.mp4", lambda file: write_clip(file, frames=2), AudioPart, "no sound track"),
    ("silent.wav", lambda file: write_wave(file, 2.0), AudioPart, "silent"),
    ("0hz.wav", zero_hertz, AudioPart, "0 Hz|damaged"),
    ("8h.wav", lambda file: write_wave(file, 8 * HOURS, 8000), AudioPart, "8.0 hours long"),
    ("8h.mp4", eight_hours, VideoPart, "longer than 4 hours"),
    ("8h.mkv", eight_hours, VideoPart, "longer than 4 hours"),
    ("20000.png", huge_picture, ImagePart, "too large"),
    ("20000.mkv", huge_header, VideoPart, "too large"),
    ("20000.avi", huge_frames, VideoPart, "damaged"),
    ("locked.pdf", locked, DocumentPart, "password"),
    ("cut.pdf", lambda file: (pages(file, 2), cut(file, 0.1)), DocumentPart, "damaged"),
    ("long.pdf", lambda file: pages(file, 51), DocumentPart, "51 pages are too many"),
    ("page.pdf", lambda file: pages(file, 2), VideoPart, "not a clip|neither"),
    ("still.png", lambda file: Image.new("L", (60, 60)).save(file), VideoPart, "does not move"),
    ("clip.mp4", lambda file: write_clip(file, frames=2), ImagePart, "not a picture"),
    ("clip2.mp4", lambda file: write_clip(file, frames=2), DocumentPart, "not a PDF"),
]
# Whatever these are given as, they are nothing.
FAKES: dict[str, Callable[[], bytes]] = {
    "0.mp4": lambda: b"",
    "text.mp4": lambda: b"The quick brown fox jumps over the lazy dog.\n" * 500,
    "noise.mp4": lambda: random.Random(3).randbytes(1 << 20),
    "zeros.mp4": lambda: bytes(1 << 20),
    "playlist.mp4": lambda: b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n",
    "script.mp4": lambda: b"ffconcat version 1.0\nfile /etc/passwd\n",
    "archive.mp4": lambda: b"PK\3\4\x14\0\0\0\0\0" + random.Random(4).randbytes(5000),
    "program.mp4": lambda: Path(sys.executable).resolve().read_bytes()[: 1 << 20],
}


@pytest.fixture
def soon_and_small() -> object:
    """Fails a test that takes long or fills the memory."""
    start, most = time.perf_counter(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert time.perf_counter() - start < SECONDS
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - most < MEMORY


@pytest.mark.usefixtures("soon_and_small")
@pytest.mark.parametrize(("name", "make", "part", "words"), FILES, ids=[name for name, *_ in FILES])
def test_a_bad_file_ends_in_one_clear_sentence(
    tmp_path: Path, name: str, make: Make, part: type[MediaPart], words: str
) -> None:
    make(tmp_path / name)
    with pytest.raises(MediaError, match=words) as caught:
        list(MediaOpener(PromptDefaults(sound="mel")).open(part(str(tmp_path / name))))
    assert name in caught.value.message and "\n" not in str(caught.value)


@pytest.mark.usefixtures("soon_and_small")
@pytest.mark.parametrize("part", [ImagePart, AudioPart, VideoPart, DocumentPart], ids=lambda part: part.__name__)
@pytest.mark.parametrize("name", [*FAKES, "font.mp4"])
def test_what_is_no_media_at_all_is_refused_as_everything(tmp_path: Path, name: str, part: type[MediaPart]) -> None:
    font(tmp_path / name) if name == "font.mp4" else (tmp_path / name).write_bytes(FAKES[name]())
    with pytest.raises(MediaError) as caught:
        list(MediaOpener(PromptDefaults(sound="mel")).open(part(str(tmp_path / name))))
    assert name in caught.value.message and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["cut.mp4", "cut_fast.mp4", "8h.mp4", "8h.wav", "20000.png", "20000.mkv", "locked.pdf", "long.pdf"]
)
def test_the_command_line_says_it_in_one_line_before_it_loads_a_model(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    _, make, _, _ = next(row for row in FILES if row[0] == name)
    make(tmp_path / name)
    assert main(["ask", str(tmp_path / name), "What?", "--model", "nowhere"]) == 2
    out, err = capsys.readouterr()
    assert not out and err.count("\n") == 1 and name in err


@pytest.mark.parametrize("name", [*FAKES, "font.mp4"])
def test_the_command_line_refuses_what_is_no_media(
    tmp_path: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    font(tmp_path / name) if name == "font.mp4" else (tmp_path / name).write_bytes(FAKES[name]())
    assert main(["ask", str(tmp_path / name), "What?", "--model", "nowhere"]) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1 and ("neither a picture" in err or "empty" in err)
