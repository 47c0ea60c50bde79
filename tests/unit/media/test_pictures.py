"""Pictures: every kind of picture file becomes upright RGB, every bad one a clear sentence."""

from __future__ import annotations

import io
import os
import struct
import threading
import time
import zlib
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image, ImageChops

from mlx_gemma4.media.pictures import load_picture
from mlx_gemma4.protocol.errors import MediaError

RED, BLUE = (255, 0, 0), (0, 0, 255)


def two_halves() -> Image.Image:
    """Left half red, right half blue."""
    picture = Image.new("RGB", (40, 20), BLUE)
    picture.paste(RED, (0, 0, 20, 20))
    return picture


@pytest.mark.parametrize(
    ("orientation", "red_at", "size"),
    [
        (1, (5, 5), (40, 20)),
        (2, (35, 5), (40, 20)),
        (3, (35, 5), (40, 20)),
        (6, (5, 5), (20, 40)),
        (8, (5, 35), (20, 40)),
    ],
)
def test_exif_orientation_is_applied(
    tmp_path: Path, orientation: int, red_at: tuple[int, int], size: tuple[int, int]
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    two_halves().save(tmp_path / "a.png", exif=exif)
    picture = load_picture(tmp_path / "a.png")
    assert picture.size == size and picture.mode == "RGB"
    assert picture.getpixel(red_at) == RED


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("name", ["a.jpg", "a.webp", "a.tiff", "a.heic"])
def test_every_orientation_in_every_format_that_has_one_is_what_pillow_makes_of_it(
    tmp_path: Path, name: str, orientation: int
) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    smooth = two_halves().resize((96, 48))
    smooth.paste((0, 255, 0), (0, 0, 48, 24))
    smooth.save(tmp_path / name, exif=exif.tobytes(), quality=95)
    turns = dict(zip(range(2, 9), (0, 3, 1, 5, 4, 6, 2), strict=True))  # EXIF's number → Pillow's
    want = smooth.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else smooth
    loaded = load_picture(tmp_path / name)
    assert loaded.size == want.size
    assert np.abs(np.asarray(loaded, int) - np.asarray(want, int)).mean() < 6


@pytest.mark.parametrize("name", ["a.heic", "a.avif", "a.jp2", "a.webp", "a.bmp", "a.tiff", "a.ppm"])
def test_every_format_opens_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    two_halves().resize((96, 48)).save(tmp_path / name)
    loaded = load_picture((tmp_path / name).rename(tmp_path / "a.mp4"))
    assert loaded.size == (96, 48) and loaded.mode == "RGB"
    np.testing.assert_allclose(loaded.getpixel((20, 20)), RED, atol=8)


@pytest.mark.parametrize(("marked", "inks"), [(True, "inverted, as Adobe writes them"), (False, "as they are")])
def test_inks_of_a_cmyk_jpeg_are_taken_as_its_mark_says(tmp_path: Path, marked: bool, inks: str) -> None:
    buffer = io.BytesIO()
    source = two_halves().convert("CMYK")
    (source if marked else ImageChops.invert(source)).save(buffer, "JPEG", quality=95)  # Pillow inverts and marks
    data = buffer.getvalue()
    at = data.index(b"\xff\xee")
    length = 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    (tmp_path / "a.jpg").write_bytes(data if marked else data[:at] + data[at + length :])
    np.testing.assert_allclose(load_picture(tmp_path / "a.jpg").getpixel((5, 5)), RED, atol=8, err_msg=inks)


def test_sixteen_bit_colours_keep_their_upper_half(tmp_path: Path) -> None:
    pixels = np.random.default_rng(2).integers(0, 65536, (20, 30, 4), np.uint16)
    pixels[..., 3] = 65535
    for codec, file in (("png", "rgba.png"), ("tiff", "rgba.tiff")):
        write_deep(tmp_path / file, pixels, codec)
        np.testing.assert_array_equal(np.asarray(load_picture(tmp_path / file)), pixels[..., :3] >> 8)


def write_deep(file: Path, pixels: np.ndarray, codec: str) -> None:
    """16-bit colours, which Pillow does not write."""
    with av.open(str(file), "w", format="image2", options={"update": "1"}) as container:
        stream = container.add_stream(codec)
        stream.height, stream.width, stream.pix_fmt = *pixels.shape[:2], "rgba64be" if codec == "png" else "rgba64le"
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, "rgba64le")))


def test_transparency_of_jpeg_2000_lies_over_white(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 10, 10))
    picture.save(tmp_path / "a.jp2")
    loaded = load_picture(tmp_path / "a.jp2")
    assert loaded.getpixel((2, 2)) == RED and loaded.getpixel((15, 5)) == (255, 255, 255)


@pytest.mark.parametrize("name", ["a.jp2", "a.heic", "a.avif", "a.jpg"])
def test_no_decoder_holds_up_the_other_threads(tmp_path: Path, name: str) -> None:
    Image.effect_noise((2400, 1800), 90).convert("RGB").save(tmp_path / name)
    # A decoder holds Python's lock always or never; a busy machine holds up a thread now and then.
    assert min(longest_silence_while_loading(tmp_path / name) for _ in range(3)) < 0.5


def longest_silence_while_loading(file: Path) -> float:
    """The longest time in which another thread could not run, as a part of the time that loading took."""
    ticks, done = [time.perf_counter()], threading.Event()

    def tick() -> None:
        while not done.wait(0.001):
            ticks.append(time.perf_counter())

    clock = threading.Thread(target=tick)
    clock.start()
    start = time.perf_counter()
    load_picture(file)
    took = time.perf_counter() - start
    done.set()
    clock.join()
    return float(max(np.diff(ticks))) / took


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "LA", "CMYK"])
def test_every_mode_becomes_rgb_with_the_same_look(tmp_path: Path, mode: str) -> None:
    source = Image.new("L", (30, 20), 255)
    source.paste(0, (0, 0, 15, 20))
    file = tmp_path / ("a.tiff" if mode == "CMYK" else "a.png")
    source.convert("RGB").convert(mode).save(file)
    picture = load_picture(file)
    assert picture.mode == "RGB"
    assert picture.getpixel((3, 3)) == (0, 0, 0) and picture.getpixel((25, 3)) == (255, 255, 255)


def test_transparent_pixels_are_white_whatever_colour_they_hide(tmp_path: Path) -> None:
    picture = Image.new("RGBA", (20, 10), (0, 0, 0, 0))
    picture.paste((255, 0, 0, 255), (0, 0, 10, 10))
    picture.save(tmp_path / "rgba.png")
    picture.quantize(4).save(tmp_path / "palette.png")
    for name in ("rgba.png", "palette.png"):
        loaded = load_picture(tmp_path / name)
        assert loaded.getpixel((2, 2)) == RED and loaded.getpixel((15, 5)) == (255, 255, 255)


def test_half_transparent_pixels_are_mixed_with_white(tmp_path: Path) -> None:
    Image.new("RGBA", (4, 4), (0, 0, 0, 128)).save(tmp_path / "a.png")
    assert load_picture(tmp_path / "a.png").getpixel((0, 0)) == (127, 127, 127)


def test_sixteen_bit_greys_keep_their_brightness(tmp_path: Path) -> None:
    levels = np.linspace(0, 65535, 256).astype(np.uint16).reshape(16, 16)
    Image.fromarray(levels).save(tmp_path / "a.png")
    loaded = np.asarray(load_picture(tmp_path / "a.png"))
    np.testing.assert_array_equal(loaded[..., 0], levels >> 8)
    np.testing.assert_array_equal(loaded[..., 0], loaded[..., 2])


def test_an_animation_gives_its_first_frame(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (20, 20), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "a.webp", save_all=True, append_images=frames[1:], lossless=True)
    for name in ("a.gif", "a.png"):
        frames[0].save(tmp_path / name, save_all=True, append_images=frames[1:])
    for name in ("a.gif", "a.png", "a.webp"):
        assert load_picture(tmp_path / name).getpixel((5, 5)) == RED


def test_a_phone_photo_of_48_megapixels_opens(tmp_path: Path) -> None:
    Image.new("L", (8064, 6048), 200).save(tmp_path / "a.png", compress_level=1)
    assert load_picture(tmp_path / "a.png").size == (8064, 6048)


def png_bytes(width: int, height: int) -> bytes:
    """A PNG with a valid header of this size and next to no pixel data."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


def encoded(kind: str) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(1).integers(0, 255, (60, 60, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


BAD_FILES: dict[str, tuple[Callable[[], bytes], str, str]] = {
    "text.png": (lambda: b"just words\n" * 20, "media.not_a_picture", "not a picture"),
    "script.eps": (
        lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "media.not_a_picture",
        "not a picture",
    ),
    "empty.png": (lambda: b"", "media.empty", "0 bytes"),
    "cut.png": (lambda: encoded("PNG")[:3000], "media.damaged", "damaged or incomplete"),
    "cut.jpg": (lambda: encoded("JPEG")[:900], "media.damaged", "damaged or incomplete"),
    "cut.webp": (lambda: encoded("WEBP")[:900], "media.damaged", "damaged"),
    "cut.jp2": (lambda: encoded("JPEG2000")[:2000], "media.damaged", "damaged"),
    "cut.heic": (lambda: encoded("HEIF")[:2000], "media.damaged", "damaged"),
    "20000_pixels.png": (lambda: png_bytes(20_000, 20_000), "media.too_large", "50 megapixels"),
    "twisted.avif": (lambda: encoded("AVIF").replace(b"iloc", b"ilod"), "media.damaged", "damaged"),
    "header_only.png": (lambda: encoded("PNG")[:33], "media.not_a_picture", "too damaged"),
    "60_megapixels.png": (lambda: png_bytes(10_000, 6_000), "media.too_large", "60 megapixels"),
    "bomb.png": (lambda: png_bytes(60_000, 60_000), "media.too_large", "megapixels"),
    "strip.png": (lambda: encoded_strip(), "media.strip", "strip of 1×4000"),
}


def encoded_strip() -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (1, 4000)).save(buffer, "PNG")
    return buffer.getvalue()


@pytest.mark.parametrize("name", BAD_FILES)
def test_a_bad_file_is_refused_with_one_clear_sentence(tmp_path: Path, name: str) -> None:
    make, code, words = BAD_FILES[name]
    (tmp_path / name).write_bytes(make())
    with pytest.raises(MediaError, match=words) as caught:
        load_picture(tmp_path / name)
    assert caught.value.code == code
    assert name in caught.value.message, "the sentence names the file"
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "address", ["https://example.org/a.png", "HTTP://x/y", "ftp://x/y", "file:///a.png", "data:image/png;base64,AAAA"]
)
def test_a_web_address_is_refused_without_looking_at_the_network(address: str) -> None:
    with pytest.raises(MediaError, match="web address"):
        load_picture(address)


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(MediaError, match=r"There is no file .*gone\.png"):
        load_picture(tmp_path / "gone.png")
    with pytest.raises(MediaError, match="is a folder"):
        load_picture(tmp_path)
    with pytest.raises(MediaError, match="There is no file"):
        load_picture(__file__ + "/a.png")


def test_a_pipe_and_an_impossible_name_are_refused(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(MediaError, match="not a regular file"):
        load_picture(tmp_path / "pipe")
    for name in ("a\0b", "x" * 5000):
        with pytest.raises(MediaError, match="cannot be opened"):
            load_picture(name)


def test_floating_point_pixels_are_refused(tmp_path: Path) -> None:
    Image.fromarray(np.ones((4, 4), np.float32)).save(tmp_path / "a.tiff")
    with pytest.raises(MediaError, match="floating-point"):
        load_picture(tmp_path / "a.tiff")
