"""Draws pictures of coloured shapes together with the truth about them: kind, colour and tight box of each shape."""

import math
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

KINDS = ("circle", "square", "rectangle", "triangle", "star", "ring", "cross", "arrow")
COLOURS = {
    "red": (216, 36, 36), "orange": (246, 134, 24), "yellow": (248, 216, 40),
    "green": (36, 158, 68), "blue": (36, 88, 222), "purple": (138, 56, 182),
    "black": (18, 18, 18), "white": (246, 246, 246), "grey": (128, 128, 128),
}  # fmt: skip
MIN_CONTRAST = 90.0  # distance in RGB between a shape and the mean of what lies behind it
SUPERSAMPLE = 4


@dataclass(frozen=True)
class Backgrounds:
    """What lies behind shapes: photographs from scikit-image's data folder, and how often each style is taken."""

    photos: tuple[str, ...]
    plain: float = 0.25
    gradient: float = 0.2
    noise: float = 0.15
    clouds: float = 0.15
    clutter: float = 0.0
    photo: float = 0.25


TRAINING_BACKGROUNDS = Backgrounds(
    ("coffee.png", "rocket.jpg", "motorcycle_left.png", "gravel.png", "brick.png", "grass.png", "ihc.png",
     "camera.png"),
    plain=0.17, gradient=0.13, noise=0.1, clouds=0.1, clutter=0.2, photo=0.3,
)  # fmt: skip
HARD_BACKGROUNDS = replace(
    TRAINING_BACKGROUNDS, plain=0.05, gradient=0.05, noise=0.05, clouds=0.05, clutter=0.4, photo=0.4
)
UNSEEN_BACKGROUNDS = Backgrounds(("astronaut.png", "chelsea.png", "hubble_deep_field.jpg"))


@dataclass(frozen=True)
class Shape:
    """One drawn shape; `box` is (left, top, right, bottom) in pixels of the picture, tight around the drawn outline."""

    kind: str
    colour: str
    box: tuple[float, float, float, float]

    @property
    def label(self) -> str:
        """What the model is to call it."""
        return f"{self.colour} {self.kind}"

    def box_1000(self, width: int, height: int) -> tuple[int, int, int, int]:
        """Gemma 4's form: (ymin, xmin, ymax, xmax), integers on a grid of 0–1000 per axis."""
        left, top, right, bottom = self.box
        y0, x0, y1, x1 = top / height, left / width, bottom / height, right / width
        return tuple(min(1000, max(0, round(1000 * v))) for v in (y0, x0, y1, x1))  # type: ignore[return-value]


def draw_scene(
    rng: np.random.Generator, width: int, height: int, count: int, backgrounds: Backgrounds = TRAINING_BACKGROUNDS
) -> tuple[Image.Image, list[Shape]]:
    """Draws up to `count` shapes that do not touch on a random background.

    Args:
        rng: source of all randomness.
        width: of the picture in pixels.
        height: of the picture in pixels.
        count: how many shapes to place; fewer are placed when no room is left.
        backgrounds: what to draw them on.

    Returns:
        The RGB picture and the shapes in the order they were drawn.
    """
    picture = Image.fromarray(_background(rng, width, height, backgrounds))
    shapes: list[Shape] = []
    largest = 0.38 * min(1.0, math.sqrt(4 / max(count, 1)))
    for _ in range(count):
        for _ in range(40):
            kind = KINDS[rng.integers(len(KINDS))]
            side = math.sqrt(width * height) * math.exp(rng.uniform(math.log(0.085), math.log(largest)))
            outlines = outlines_of(rng, kind, side)
            points = np.concatenate([outline for outline, _ in outlines])
            (x0, y0), (x1, y1) = points.min(0), points.max(0)
            w, h = x1 - x0, y1 - y0
            if w > 0.94 * width or h > 0.94 * height:
                continue
            left, top = rng.uniform(0, width - w), rng.uniform(0, height - h)
            box = (left, top, left + w, top + h)
            gap = 0.012 * math.sqrt(width * height)
            if any(touch(box, other.box, gap) for other in shapes):
                continue
            colour = visible_colour(rng, picture, box)
            if colour is None:
                continue
            paint(
                picture,
                [(outline - (x0 - left, y0 - top), hole) for outline, hole in outlines],
                jitter(rng, colour),
                box,
            )
            shapes.append(Shape(kind, colour, box))
            break
    return picture, shapes


def reading_order(shapes: list[Shape], width: int, height: int, columns: int, rows: int) -> list[Shape]:
    """Sorts shapes as the model lists them: by the soft-token cell that holds the centre, row by row."""

    def cell(shape: Shape) -> tuple[int, float]:
        left, top, right, bottom = shape.box
        return min(rows - 1, int((top + bottom) / 2 / height * rows)), (left + right) / 2 / width * columns

    return sorted(shapes, key=cell)


def touch(a: tuple[float, ...], b: tuple[float, ...], gap: float) -> bool:
    """Whether two boxes lie nearer to one another than `gap`."""
    return a[0] < b[2] + gap and b[0] < a[2] + gap and a[1] < b[3] + gap and b[1] < a[3] + gap


def visible_colour(rng: np.random.Generator, picture: Image.Image, box: tuple[float, ...]) -> str | None:
    """A colour that stands out against what lies behind the box, or None."""
    behind = picture.crop(tuple(int(v) for v in (box[0], box[1], box[2] + 1, box[3] + 1))).resize(
        (4, 4), Image.Resampling.BOX
    )
    mean = np.asarray(behind, np.float32).reshape(-1, 3)
    names = list(COLOURS)
    for index in rng.permutation(len(names)):
        distance = np.linalg.norm(mean - np.asarray(COLOURS[names[index]], np.float32), axis=1)
        if np.median(distance) > MIN_CONTRAST and distance.min() > MIN_CONTRAST / 2:
            return names[index]
    return None


def jitter(rng: np.random.Generator, colour: str) -> tuple[int, int, int]:
    """A shade of a colour, RGB."""
    base = np.asarray(COLOURS[colour], np.float32)
    if colour in ("black", "white", "grey"):
        shade = base + rng.uniform(-16, 16) + rng.uniform(-4, 4, 3)
    else:
        shade = base * rng.uniform(0.88, 1.08) + rng.uniform(-14, 14, 3)
    red, green, blue = (int(v) for v in np.clip(shade, 0, 255))
    return red, green, blue


def paint(
    picture: Image.Image, outlines: list[tuple[np.ndarray, bool]], colour: tuple[int, int, int], box: tuple[float, ...]
) -> None:
    """Fills the outlines with an antialiased edge: the mask is drawn enlarged and averaged down."""
    x0, y0 = math.floor(box[0]), math.floor(box[1])
    w, h = math.ceil(box[2]) - x0 + 1, math.ceil(box[3]) - y0 + 1
    mask = Image.new("L", (w * SUPERSAMPLE, h * SUPERSAMPLE), 0)
    pen = ImageDraw.Draw(mask)
    for outline, hole in outlines:
        # Pillow fills the pixels under a polygon's corners too: half an enlarged pixel keeps edges in place.
        points = (outline - (x0, y0)) * SUPERSAMPLE - 0.5
        pen.polygon([tuple(point) for point in points.tolist()], fill=0 if hole else 255)
    picture.paste(colour, (x0, y0), mask.reduce(SUPERSAMPLE))


def outlines_of(rng: np.random.Generator, kind: str, side: float) -> list[tuple[np.ndarray, bool]]:
    """Outlines in pixels as (points [n, 2] of (x, y), is it a hole), for a shape about `side` pixels across."""
    r = side / 2
    if kind in ("circle", "ring"):
        rim = _regular(max(24, int(side / 2)), r, 0.0)
        inner = [(_regular(max(24, int(side / 2)), r * rng.uniform(0.45, 0.72), 0.0), True)] if kind == "ring" else []
        return [(rim, False), *inner]
    if kind == "square":
        points = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) * r * 0.9
    elif kind == "rectangle":
        stretch = math.sqrt(rng.uniform(1.5, 2.7))
        points = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) * (r * 0.85 * stretch, r * 0.85 / stretch)
        if rng.random() < 0.5:
            points = points[:, ::-1]
    elif kind == "triangle":
        points = np.array([(0, -1), (0.95, 0.75), (-0.95, 0.75)], float) * r * (1, rng.choice((-1, 1)))
    elif kind == "star":
        inner = rng.uniform(0.38, 0.5)
        points = _regular(10, r, -math.pi / 2) * np.where(np.arange(10) % 2, inner, 1.0)[:, None]
    elif kind == "cross":
        t = rng.uniform(0.28, 0.42)
        points = (
            np.array(
                [
                    (-t, -1),
                    (t, -1),
                    (t, -t),
                    (1, -t),
                    (1, t),
                    (t, t),
                    (t, 1),
                    (-t, 1),
                    (-t, t),
                    (-1, t),
                    (-1, -t),
                    (-t, -t),
                ]
            )
            * r
        )
    else:
        shaft, head = rng.uniform(0.16, 0.28), rng.uniform(0.0, 0.3)
        points = (
            np.array([(1, 0), (head, 0.7), (head, shaft), (-1, shaft), (-1, -shaft), (head, -shaft), (head, -0.7)]) * r
        )
    turn = rng.integers(8) * math.pi / 4 if kind == "arrow" else 0.0
    turn += rng.uniform(-0.3, 0.3) * (rng.random() < 0.7)
    c, s = math.cos(turn), math.sin(turn)
    return [(points @ np.array([(c, s), (-s, c)]), False)]


def _regular(n: int, radius: float, start: float) -> np.ndarray:
    angles = start + np.arange(n) * (2 * math.pi / n)
    return np.stack([np.cos(angles), np.sin(angles)], 1) * radius


def _background(rng: np.random.Generator, width: int, height: int, backgrounds: Backgrounds) -> np.ndarray:
    """An RGB background [height, width, 3], uint8, in one of the styles."""
    styles = ("plain", "gradient", "noise", "clouds", "clutter", "photo")
    style = rng.choice(styles, p=[getattr(backgrounds, name) for name in styles])
    if style == "photo":
        return _photo_crop(rng, backgrounds.photos[rng.integers(len(backgrounds.photos))], width, height)
    if style == "clutter":
        return _clutter(rng, width, height)
    first = _background_colour(rng)
    if style == "plain":
        return np.broadcast_to(first.astype(np.uint8), (height, width, 3)).copy()
    if style == "noise":
        small = first + rng.normal(
            0, rng.uniform(6, 30), (-(-height // 2), -(-width // 2), 3 if rng.random() < 0.5 else 1)
        )
        noise = np.clip(small, 0, 255).astype(np.uint8)
        noise = (
            np.repeat(np.repeat(noise, 2, 0), 2, 1)[:height, :width]
            if rng.random() < 0.5
            else np.tile(noise, (2, 2, 1))[:height, :width]
        )
        return np.ascontiguousarray(np.broadcast_to(noise, (height, width, 3)))
    second = _background_colour(rng)
    if style == "gradient":
        angle = rng.uniform(0, 2 * math.pi)
        ramp = np.linspace(0, math.cos(angle), width)[None, :] + np.linspace(0, math.sin(angle), height)[:, None]
        ramp = (ramp - ramp.min()) / max(np.ptp(ramp), 1e-6)
    else:
        cells = rng.random((rng.integers(2, 9), rng.integers(2, 9)), np.float32)
        ramp = np.asarray(Image.fromarray(cells).resize((width, height), Image.Resampling.BICUBIC)).clip(0, 1)
    steps = (first + np.linspace(0, 1, 256)[:, None] * (second - first)).astype(np.uint8)
    return steps[(ramp * 255).astype(np.uint8)]


def _clutter(rng: np.random.Generator, width: int, height: int) -> np.ndarray:
    """Soft spots, ovals and streaks of any colour, none of which is a shape: what photographs are full of."""
    shrink = rng.uniform(1.5, 4)
    w, h = max(16, round(width / shrink)), max(16, round(height / shrink))
    picture = Image.new("RGB", (w, h), tuple(_background_colour(rng).astype(int).tolist()))
    pen = ImageDraw.Draw(picture)
    largest = math.sqrt(w * h) * rng.uniform(0.02, 0.25)
    for _ in range(int(rng.integers(5, 90))):
        x, y = rng.uniform(0, w), rng.uniform(0, h)
        reach, turn = rng.exponential(largest / 2) + 1, rng.uniform(0, math.pi)
        colour = tuple(rng.integers(0, 256, 3).tolist()) if rng.random() < 0.6 else (int(rng.integers(256)),) * 3
        if rng.random() < 0.3:
            across, down = reach * math.cos(turn), reach * math.sin(turn)
            pen.line([(x - across, y - down), (x + across, y + down)], colour, max(1, int(reach / 8)))
        else:
            ragged = rng.uniform(0.4, 1.1, int(rng.integers(5, 14)))
            angles = np.arange(len(ragged)) * (2 * math.pi / len(ragged)) + turn
            points = np.stack([np.cos(angles) * rng.uniform(0.3, 1), np.sin(angles)], 1) * ragged[:, None] * reach + (
                x,
                y,
            )
            pen.polygon([tuple(point) for point in points.tolist()], colour)
    soft = picture.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 3.5)))
    return np.asarray(soft.resize((width, height), Image.Resampling.BICUBIC))


def _background_colour(rng: np.random.Generator) -> np.ndarray:
    if rng.random() < 0.35:
        return np.full(3, rng.choice((255.0, 250.0, 235.0, 30.0, 12.0, 128.0)))
    return rng.uniform(0, 255, 3)


def _photo_crop(rng: np.random.Generator, name: str, width: int, height: int) -> np.ndarray:
    photo = _photo(name)
    scale = rng.uniform(0.35, 1.0) * min(photo.width / width, photo.height / height)
    w, h = max(8, int(width * scale)), max(8, int(height * scale))
    x, y = rng.integers(photo.width - w + 1), rng.integers(photo.height - h + 1)
    crop = photo.resize((width, height), Image.Resampling.BILINEAR, box=(x, y, x + w, y + h))
    pixels = np.asarray(crop)
    if rng.random() < 0.5:
        pixels = pixels[:, ::-1]
    if rng.random() < 0.3:
        pixels = pixels[..., rng.permutation(3)]
    gain, lift = rng.uniform(0.6, 1.15), rng.uniform(-30, 40)
    table = np.clip(np.arange(256) * gain + lift, 0, 255).astype(np.uint8)
    return table[pixels]


@cache
def _photo(name: str) -> Image.Image:
    import skimage

    return Image.open(Path(skimage.__file__).parent / "data" / name).convert("RGB")
