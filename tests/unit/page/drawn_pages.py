"""Pages drawn for tests: what stands where is known."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image, ImageDraw, ImageFont


@dataclass(frozen=True)
class Part:
    """A button, or a line of text if it has no fill."""

    text: str
    top: int
    left: int = 40
    fill: str = ""
    size: int = 16
    ink: str = "#222"

    @property
    def box(self) -> tuple[int, int, int, int]:
        """Top, left, bottom, right, about."""
        return self.top, self.left, self.top + 2 * self.size, self.left + 10 * self.size

    def moved(self, down: int = 0, across: int = 0) -> Part:
        """The same elsewhere."""
        return replace(self, top=self.top + down, left=self.left + across)


PARTS = (
    Part("Privacy policy", 20, size=32),
    Part("Plans start at one a month", 100),
    Part("Sign in", 150, fill="#26d", ink="#fff"),
    Part("News about your account", 220),
    Part("Order now", 280, fill="#e72", ink="#fff"),
    Part("Questions and answers", 350),
    Part("Contact us", 420, size=24),
)


def draw(
    *parts: Part, width: int = 480, height: int = 520, scale: int = 1, paper: str = "#fff", bold: int = 0
) -> Image.Image:
    """The page, in `scale` pixels to one."""
    picture = Image.new("RGB", (width * scale, height * scale), paper)
    pen = ImageDraw.Draw(picture)
    for part in parts or PARTS:
        top, left, bottom, right = (scale * edge for edge in part.box)
        if part.fill:
            pen.rounded_rectangle((left, top, right - 1, bottom - 1), 4 * scale, fill=part.fill)
        font = ImageFont.load_default(size=part.size * scale)
        at = (left + 8 * scale, top + part.size * scale // 3)
        pen.text(at, part.text, fill=part.ink, font=font, stroke_width=bold)
    return picture


def without(index: int, up: int = 0) -> list[Part]:
    """The parts but one, those below it moved up."""
    return [part.moved(down=-up * (at > index)) for at, part in enumerate(PARTS) if at != index]


def with_other(index: int, **changes: str | int) -> list[Part]:
    """The parts, one of them changed."""
    return [replace(part, **changes) if at == index else part for at, part in enumerate(PARTS)]
