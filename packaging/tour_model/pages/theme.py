"""How a page looks: its colours, its font and its measures; and which looks training never sees."""

from dataclasses import dataclass

import numpy as np

# A colour's name, as people ask for it, and the shades that go by it: "#rgb", as the pages write them.
SHADES = {
    "red": ("#d22", "#c33", "#e44", "#b11"),
    "orange": ("#e72", "#f80", "#d60", "#fa3"),
    "yellow": ("#fc0", "#ed3", "#fd4", "#eb0"),
    "green": ("#2a4", "#182", "#3b5", "#4c6"),
    "blue": ("#26d", "#14b", "#38f", "#47c"),
    "purple": ("#72c", "#83d", "#529", "#95e"),
    "black": ("#000", "#111", "#222"),
    "grey": ("#777", "#888", "#999", "#666"),
}
DARK_INKS = ("#000", "#111", "#222", "#333", "#124", "#213")
LIGHT_INKS = ("#fff", "#eee", "#ddd")
LIGHT_PAPERS = ("#fff", "#fff", "#fafafa", "#f5f5f5", "#eee", "#eef", "#efe", "#fee", "#ffe", "#f7f7f7")
DARK_PAPERS = ("#111", "#222", "#123", "#1a1a1a", "#213")


@dataclass(frozen=True)
class Font:
    """A family as a page's CSS names it, the generic family that an answer writes, and the files of its two weights."""

    family: str
    generic: str
    regular: str
    bold: str


FONTS = (
    Font("Liberation Sans", "sans-serif", "LiberationSans-Regular.ttf", "LiberationSans-Bold.ttf"),
    Font("DejaVu Sans", "sans-serif", "DejaVuSans.ttf", "DejaVuSans-Bold.ttf"),
    Font("Open Sans", "sans-serif", "OpenSans-Regular.ttf", "OpenSans-Bold.ttf"),
    Font("Roboto", "sans-serif", "Roboto-Regular.ttf", "Roboto-Bold.ttf"),
    Font("Liberation Serif", "serif", "LiberationSerif-Regular.ttf", "LiberationSerif-Bold.ttf"),
    Font("DejaVu Serif", "serif", "DejaVuSerif.ttf", "DejaVuSerif-Bold.ttf"),
    Font("Liberation Mono", "monospace", "LiberationMono-Regular.ttf", "LiberationMono-Bold.ttf"),
)
UNSEEN_FONT = Font("Lato", "sans-serif", "Lato-Regular.ttf", "Lato-Bold.ttf")


@dataclass(frozen=True)
class Theme:
    """What holds for a whole page; lengths are CSS pixels, colours "#rgb" or "#rrggbb".

    Attributes:
        font: of all text.
        size: of plain text; lines are one and a half times as high.
        title: font size of h1; h2 lies between the two.
        paper: behind everything.
        ink: of headings.
        body: of plain text.
        accent: of buttons, links and icons that have no colour of their own, by name and shade.
        card: behind cards.
        line: borders of cards and inputs.
        padding: around the page.
        gap: between its parts.
        radius: of the corners of buttons, inputs, cards and pictures.
        centred: everything is centred.
    """

    font: Font
    size: int
    title: int
    paper: str
    ink: str
    body: str
    accent: tuple[str, str]
    card: str
    line: str
    padding: int
    gap: int
    radius: int
    centred: bool

    @property
    def subtitle(self) -> int:
        """Font size of h2, even."""
        return (self.size + self.title) // 4 * 2


def random_theme(rng: np.random.Generator, font: Font | None = None) -> Theme:
    """A look that training may see."""
    dark = rng.random() < 0.18
    ink = str(rng.choice(LIGHT_INKS if dark else DARK_INKS))
    accents = [name for name in SHADES if name != "black"]
    return Theme(
        font=font or FONTS[rng.choice(len(FONTS), p=(0.3, 0.18, 0.12, 0.12, 0.1, 0.08, 0.1))],
        size=int(rng.choice((14, 16, 18), p=(0.2, 0.55, 0.25))),
        title=int(rng.choice((24, 28, 32, 36))),
        paper=str(rng.choice(DARK_PAPERS if dark else LIGHT_PAPERS)),
        ink=ink,
        body=str(rng.choice((ink, "#bbb" if dark else "#555", "#ccc" if dark else "#444"))),
        accent=random_shade(rng, accents),
        card="#333" if dark else str(rng.choice(("#fff", "#fff", "#f5f5f5", "#eee"))),
        line="#555" if dark else str(rng.choice(("#ccc", "#ddd", "#bbb", "#aaa"))),
        padding=int(rng.choice((16, 24, 32))),
        gap=int(rng.choice((8, 12, 16, 20))),
        radius=int(rng.choice((0, 4, 6, 8, 12))),
        centred=bool(rng.random() < 0.2),
    )


def random_shade(rng: np.random.Generator, names: list[str] | None = None) -> tuple[str, str]:
    """A colour's name and one of its shades."""
    name = str(rng.choice(names or list(SHADES)))
    return name, str(rng.choice(SHADES[name]))


def unseen_theme(font: Font = FONTS[0]) -> Theme:
    """The one look that is kept out of training: its paper, card, line, radius and measures are nowhere else."""
    return Theme(
        font=font, size=16, title=30, paper="#fdf6e3", ink="#053", body="#354", accent=("green", "#385"),
        card="#f3ead0", line="#c8b88a", padding=28, gap=14, radius=10, centred=False,
    )  # fmt: skip
