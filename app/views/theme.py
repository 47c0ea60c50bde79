"""How everything looks: colours by role, sizes, type, and the one stylesheet, in light and dark."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum
from functools import cache, lru_cache

from PySide6.QtCore import QObject, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPainter, QPalette, QPen
from PySide6.QtWidgets import QApplication, QWidget

from app.platform.accessibility import wants_contrast
from app.views.ink import css, faded, ink_on, luminance, readable
from mlx_gemma4.protocol.box_colours import COLOURS

GRID = 8
"""Distances are multiples of this; halves where it would be loose."""
INSET = 12
"""Inside cards and bars."""
RADIUS = 10
"""Corners of cards and overlays."""
CONTROL_RADIUS = 7
TARGET = 28
"""The smallest side of anything that can be clicked."""
READING_WIDTH = 720
HANG = 6  # pixels by which glyphs and links stand left of what they belong to, so that their ink lines up with it
"""The widest a column of text gets."""
FADE_MS = 120
"""How long something takes to appear."""

ACCENT = "#5B5BD6"
"""Where the system names none."""
TEXT_CONTRAST = 4.5
CONTROL_CONTRAST = 3.0
STRONG_CONTRAST = 7.0
"""Of text, where the system is asked for more contrast."""
_HAIRLINE, _HOVER, _PRESSED = 0.10, 0.06, 0.12


class Type(IntEnum):
    """Sizes of type in pixels at 100 %."""

    QUIET = 12
    CONTROL = 13
    CONVERSATION = 14
    HEADING = 15
    TITLE = 22


class Appearance(StrEnum):
    """What a person chose: as the system is, or always one of the two."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


@dataclass(frozen=True)
class Colours:
    """Colours by role.

    Attributes:
        content: behind the conversation, the brightest ground.
        surface: behind what stands beside it: the stage, bars.
        raised: cards, fields and menus, above both.
        bubble: behind a question.
        text, quiet: readable on content, surface and raised; text also on bubble.
        accent, on_accent: fill of the one main control, and what is written on it.
        link: the accent where it is text, a selection or a focus ring.
        control: outlines and glyphs of controls.
        danger, warning, good: text of notices.
    """

    dark: bool
    content: str
    surface: str
    raised: str
    bubble: str
    text: str
    quiet: str
    accent: str
    on_accent: str
    link: str
    control: str
    danger: str
    warning: str
    good: str

    @property
    def grounds(self) -> tuple[str, str, str]:
        """What text and controls stand on."""
        return self.content, self.surface, self.raised

    @property
    def hairline(self) -> QColor:
        """Lines between areas."""
        return faded(self.text, _HAIRLINE)

    @property
    def hover(self) -> QColor:
        """Laid over what the pointer is on."""
        return faded(self.text, _HOVER)

    @property
    def pressed(self) -> QColor:
        """Laid over what is held down."""
        return faded(self.text, _PRESSED)

    @property
    def selection(self) -> QColor:
        """Laid over what is selected."""
        return faded(self.link, 0.18 if self.dark else 0.12)


@lru_cache(maxsize=16)
def colours(dark: bool, accent: str = ACCENT, strong: bool = False) -> Colours:
    """All roles for one scheme and one accent, made readable whatever the accent is; `strong` has more contrast."""
    if dark:
        content, surface, raised, bubble = "#1E1E20", "#161618", "#2A2A2D", "#2F2F3E"
        text, quiet, control = "#F5F5F7", "#98989D", "#7E7E84"
        danger, warning, good = "#FF8A80", "#F2B950", "#62D28B"
    else:
        content, surface, raised, bubble = "#FFFFFF", "#F5F5F7", "#FFFFFF", "#ECECF8"
        text, quiet, control = "#1D1D1F", "#6E6E73", "#86868B"
        danger, warning, good = "#C4283A", "#8F5200", "#1B7A3D"
    grounds = content, surface, raised
    if strong:
        text = "#FFFFFF" if dark else "#000000"
        quiet, control = readable(quiet, grounds, STRONG_CONTRAST), readable(control, grounds, TEXT_CONTRAST)
        danger, warning, good = (readable(colour, grounds, STRONG_CONTRAST) for colour in (danger, warning, good))
    fill = readable(accent, grounds, TEXT_CONTRAST if strong else CONTROL_CONTRAST)
    link = readable(accent, grounds, STRONG_CONTRAST if strong else TEXT_CONTRAST)
    return Colours(
        dark, content, surface, raised, bubble, text, quiet, fill, ink_on(fill), link, control, danger, warning, good
    )


def colours_of(_widget: QWidget) -> Colours:
    """The colours that this widget is shown in; ask while painting, it is cheap and never stale."""
    palette = QApplication.palette()  # not the widget's own, which rules of the stylesheet change
    dark = luminance(palette.color(QPalette.ColorRole.Window)) < 0.18
    return colours(dark, palette.color(QPalette.ColorRole.Accent).name(), _strong())


@cache
def _strong() -> bool:
    """Asked once: it is asked for with every stroke of a pen."""
    return wants_contrast()


def box_colour(number: int) -> QColor:
    """The colour that goes with `FoundBox.colour`; boxes are data and look the same in both schemes."""
    return QColor(COLOURS[number % len(COLOURS)])


def paint_focus(painter: QPainter, widget: QWidget, area: QRectF) -> None:
    """A ring along the inside of `area`, where the keyboard is."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(QColor(colours_of(widget).link), 2))
    painter.drawRoundedRect(area.adjusted(1, 1, -1, -1), 6, 6)
    painter.restore()


def text_scale() -> float:
    """How much larger than usual all text is shown; 1 before a theme is in force."""
    size = QApplication.font().pixelSize()
    return size / Type.CONTROL if size > 0 else 1.0


def scaled(length: float) -> int:
    """A length that grows with the text, in whole pixels; for what text has to fit into."""
    return round(length * max(1.0, text_scale()))


def type_font(size: Type, *, bold: bool = False, fixed: bool = False) -> QFont:
    """The system's typeface (or its fixed-width one) at one of our sizes and the text size in force."""
    base = QApplication.font()
    font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont) if fixed else QFont(base)
    font.setPixelSize(round(size * text_scale()))
    font.setWeight(QFont.Weight.DemiBold if bold else QFont.Weight.Normal)
    return font


class Theme(QObject):
    """Keeps the application's palette, font and stylesheet in the scheme that is wanted, live.

    Signals:
        changed: the scheme or the size of text is another one; palettes and fonts are set already.
    """

    changed = Signal()

    def __init__(self, app: QApplication, appearance: Appearance = Appearance.SYSTEM, text_scale: float = 1.0) -> None:
        super().__init__(app)
        self._app = app
        self._appearance = appearance
        self._text_scale = text_scale
        self._accent = _system_accent(app)
        self._hints = app.styleHints()
        self._hints.colorSchemeChanged.connect(self._on_scheme_changed)
        self._system_dark = self._hints.colorScheme() == Qt.ColorScheme.Dark
        self._apply()

    @property
    def dark(self) -> bool:
        """Whether the dark scheme is shown."""
        return self._system_dark if self._appearance is Appearance.SYSTEM else self._appearance is Appearance.DARK

    @property
    def colours(self) -> Colours:
        """The colours in force."""
        return colours(self.dark, self._accent, _strong())

    @property
    def text_scale(self) -> float:
        """How much larger than usual text is."""
        return self._text_scale

    @property
    def appearance(self) -> Appearance:
        """What a person chose."""
        return self._appearance

    def set_appearance(self, appearance: Appearance) -> None:
        """Follow the system, or stay light or dark."""
        self._appearance = appearance
        self._apply()

    def set_text_scale(self, scale: float) -> None:
        """Show all text at this multiple of its size."""
        self._text_scale = scale
        self._apply()

    def set_look(self, appearance: Appearance, scale: float) -> None:
        """Both at once, if that changes anything."""
        if (appearance, scale) != (self._appearance, self._text_scale):
            self._appearance, self._text_scale = appearance, scale
            self._apply()

    def _on_scheme_changed(self, scheme: Qt.ColorScheme) -> None:
        self._system_dark = scheme == Qt.ColorScheme.Dark
        self._apply()

    def _apply(self) -> None:
        font = QFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont))
        font.setPixelSize(round(Type.CONTROL * self._text_scale))
        self._app.setFont(font)
        self._app.setPalette(palette(self.colours))
        menus = "" if self._app.platformName() == "cocoa" else menu_rules(self.colours)
        self._app.setStyleSheet(stylesheet(self.colours, self._text_scale) + menus)
        self.changed.emit()


def _system_accent(app: QApplication) -> str:
    """The accent chosen in the Mac's settings; elsewhere Qt invents one, and ours is taken."""
    return app.palette().color(QPalette.ColorRole.Accent).name() if app.platformName() == "cocoa" else ACCENT


def palette(c: Colours) -> QPalette:
    """Qt's own roles, for widgets that no rule of the stylesheet touches."""
    role = QPalette.ColorRole
    result = QPalette(QColor(c.raised), QColor(c.content))
    for name, colour in {
        role.Window: c.content, role.WindowText: c.text, role.Base: c.raised, role.AlternateBase: c.surface,
        role.Text: c.text, role.Button: c.raised, role.ButtonText: c.text, role.PlaceholderText: c.quiet,
        role.Highlight: c.accent, role.HighlightedText: c.on_accent, role.Accent: c.accent, role.BrightText: c.danger,
        role.Link: c.link, role.LinkVisited: c.link, role.ToolTipBase: c.raised, role.ToolTipText: c.text,
    }.items():  # fmt: skip
        result.setColor(name, QColor(colour))
    for name in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, name, faded(c.text, 0.4))
    return result


def menu_rules(c: Colours) -> str:
    """What menus look like where the system has no look of its own for them."""
    return f"""
    QMenu {{ padding: 4px; color: {c.text}; background: {c.raised}; border: 1px solid {css(faded(c.text, 0.22))}; }}
    QMenu::item {{ padding: 5px 20px 5px 12px; border-radius: 5px; }}
    QMenu::item:selected {{ color: {c.on_accent}; background: {c.accent}; }}
    QMenu::item:disabled {{ color: {c.quiet}; background: transparent; }}
    QMenu::separator {{ height: 1px; margin: 4px 8px; background: {css(c.hairline)}; }}
    QMenu::indicator {{ left: 4px; width: 14px; height: 14px; }}
    QMenuBar {{ background: {c.content}; }}
    QMenuBar::item {{ padding: 4px 8px; color: {c.text}; background: transparent; border-radius: 5px; }}
    QMenuBar::item:selected {{ background: {css(c.pressed)}; }}
    """


def stylesheet(c: Colours, text_scale: float = 1.0) -> str:
    """The application's one stylesheet: rules for roles (the property `role` of a widget), not for single widgets."""
    size = {kind: f"font-size: {round(kind * text_scale)}px" for kind in Type}
    line, ring = css(c.hairline), c.link
    return f"""
    *[role="content"] {{ background: {c.content}; }}
    *[role="surface"] {{ background: {c.surface}; }}
    *[role="card"] {{ background: {c.raised}; border: 1px solid {line}; border-radius: {RADIUS}px; }}
    *[role="bubble"] {{ background: {c.bubble}; border-radius: {RADIUS}px; }}
    *[role="hairline"] {{ background: {line}; }}
    *[role="clear"], QScrollArea, QScrollArea > QWidget > QWidget {{ background: transparent; border: none; }}

    QLabel[role="title"] {{ {size[Type.TITLE]}; font-weight: 600; }}
    QLabel[role="heading"] {{ {size[Type.HEADING]}; font-weight: 600; }}
    QLabel[role="conversation"] {{ {size[Type.CONVERSATION]}; }}
    QLabel[role="quiet-conversation"] {{ {size[Type.CONVERSATION]}; color: {c.quiet}; }}
    QLabel[role="quiet"] {{ {size[Type.QUIET]}; color: {c.quiet}; }}
    QLabel[role="danger"] {{ color: {c.danger}; }}
    QLabel[role="danger-quiet"] {{ {size[Type.QUIET]}; color: {c.danger}; }}
    QLabel[role="row-title"] {{ font-weight: 600; }}
    QLabel[role="section"] {{ {size[Type.QUIET]}; color: {c.quiet}; font-weight: 600; }}
    QLabel[role="badge"] {{ {size[Type.QUIET]}; color: {c.link}; }}
    QLabel[role="fit-safe"] {{ {size[Type.QUIET]}; color: {c.good}; }}
    QLabel[role="fit-tight"] {{ {size[Type.QUIET]}; color: {c.warning}; }}
    QLabel[role="fit-large"] {{ {size[Type.QUIET]}; color: {c.danger}; }}

    QPushButton {{ min-height: {TARGET - 10}px; padding: 4px 12px; color: {c.text}; background: {c.raised};
                   border: 1px solid {c.control}; border-radius: {CONTROL_RADIUS}px; }}
    QPushButton:hover {{ background: {css(c.hover)}; }}
    QPushButton:pressed {{ background: {css(c.pressed)}; }}
    QPushButton:focus {{ border: 2px solid {ring}; padding: 3px 11px; }}
    QPushButton:disabled {{ color: {css(faded(c.text, 0.4))}; border-color: {line}; }}
    QPushButton[role="primary"] {{ color: {c.on_accent}; background: {c.accent}; border-color: {c.accent};
                                   font-weight: 600; }}
    QPushButton[role="primary"]:focus {{ border-color: {c.text}; }}
    QPushButton[role="danger"] {{ color: {c.danger}; border-color: {c.danger}; font-weight: 600; }}
    QPushButton[role="link"] {{ color: {c.link}; background: transparent; border-color: transparent;
                                padding: 4px 6px; }}
    QPushButton[role="link"]:hover {{ background: {css(c.hover)}; }}
    QPushButton[role="link"]:focus {{ border: 2px solid {ring}; padding: 3px 5px; }}

    QLineEdit[role="field"], QSpinBox[role="field"], QDoubleSpinBox[role="field"] {{
        min-height: {TARGET - 10}px; padding: 4px 8px; color: {c.text}; background: {c.raised};
        border: 1px solid {c.control}; border-radius: {CONTROL_RADIUS}px; }}
    QLineEdit[role="field"]:focus, QSpinBox[role="field"]:focus, QDoubleSpinBox[role="field"]:focus {{
        border: 2px solid {ring}; padding: 3px 7px; }}
    QAbstractSpinBox[role="field"]::up-button, QAbstractSpinBox[role="field"]::down-button {{
        width: 0; border: none; }}

    QComboBox QAbstractItemView {{ color: {c.text}; background: {c.raised}; border: 1px solid {c.control};
                                   selection-background-color: {c.accent}; selection-color: {c.on_accent}; }}

    QPushButton[role="row-link"] {{ color: {c.link}; background: transparent; border-color: transparent;
                                    padding: 4px 6px 4px 0; }}
    QPushButton[role="row-link"]:hover {{ text-decoration: underline; }}
    QPushButton[role="row-link"]:focus {{ border: 2px solid {ring}; padding: 3px 5px 3px 0; }}
    QPushButton[role="quiet-link"] {{ {size[Type.QUIET]}; color: {c.quiet}; background: transparent;
                                      border-color: transparent; padding: 4px 6px; }}
    QPushButton[role="quiet-link"]:hover {{ color: {c.text}; background: {css(c.hover)}; }}
    QPushButton[role="quiet-link"]:focus {{ border: 2px solid {ring}; padding: 3px 5px; }}
    QTextEdit[role="thought"] {{ color: {c.quiet}; background: transparent; border: none;
                                 border-left: 2px solid {line}; padding-left: 10px; }}

    QPlainTextEdit[role="field"] {{ padding: 4px; color: {c.text}; background: {c.raised};
                                   border: 1px solid {c.control}; border-radius: {CONTROL_RADIUS}px; }}
    QPlainTextEdit[role="field"]:focus {{ border: 2px solid {ring}; padding: 3px; }}

    QToolTip {{ {size[Type.QUIET]}; color: {c.text}; background: {c.raised}; border: 1px solid {c.control};
                padding: 3px 6px; }}
    QSplitter::handle {{ background: {line}; }}
    QSplitter::handle:hover {{ background: {ring}; }}
    QScrollBar {{ background: transparent; margin: 0; }}
    QScrollBar:vertical {{ width: 10px; }}
    QScrollBar:horizontal {{ height: 10px; }}
    QScrollBar::handle {{ background: {css(faded(c.text, 0.25))}; border-radius: 3px; margin: 2px; min-height: 32px;
                          min-width: 32px; }}
    QScrollBar::handle:hover {{ background: {css(faded(c.text, 0.5))}; }}
    QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
    QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
    """
