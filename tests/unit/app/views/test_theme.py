"""Colours are readable by computation, and follow the system while the app runs."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QLabel, QPushButton

from app.views import theme
from app.views.ink import contrast
from app.views.theme import Appearance, Colours, Theme, Type, colours, colours_of

# Those of the Mac's settings, in their lighter and darker forms, and three that nobody should choose.
ACCENTS = (
    "#5B5BD6 #007AFF #0A84FF #AF52DE #BF5AF2 #FF2D55 #FF375F #FF3B30 #FF453A #FF9500 #FF9F0A #FFCC00 #FFD60A "
    "#28CD41 #32D74B #8E8E93 #98989D #FFFFFF #000000 #808080"
).split()


@pytest.fixture(params=[False, True], ids=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> Colours:
    return colours(request.param)


def test_contrast_agrees_with_published_pairs() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.01)
    assert contrast("#FF0000", "#FFFFFF") == pytest.approx(4.00, abs=0.01)


@pytest.mark.parametrize("role", ["text", "quiet", "link", "danger", "warning", "good"])
def test_text_is_readable_on_every_ground(scheme: Colours, role: str) -> None:
    for ground in scheme.grounds:
        assert contrast(getattr(scheme, role), ground) >= 4.5, (role, ground)


def test_a_question_is_readable_in_its_bubble_and_the_bubble_can_be_seen(scheme: Colours) -> None:
    assert contrast(scheme.text, scheme.bubble) >= 4.5
    assert contrast(scheme.bubble, scheme.content) > 1.1


@pytest.mark.parametrize("role", ["control", "accent"])
def test_controls_stand_out_on_every_ground(scheme: Colours, role: str) -> None:
    for ground in scheme.grounds:
        assert contrast(getattr(scheme, role), ground) >= 3, (role, ground)


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("accent", ACCENTS[:6])
def test_more_contrast_is_given_where_it_is_asked_for(accent: str, dark: bool) -> None:
    made = colours(dark, accent, True)
    for ground in made.grounds:
        for role in ("text", "quiet", "link", "danger", "warning", "good"):
            assert contrast(getattr(made, role), ground) >= 7, (role, ground)
        assert contrast(made.control, ground) >= 4.5 and contrast(made.accent, ground) >= 4.5


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("accent", ACCENTS)
def test_any_accent_is_made_readable(accent: str, dark: bool) -> None:
    made = colours(dark, accent)
    for ground in made.grounds:
        assert contrast(made.accent, ground) >= 3
        assert contrast(made.link, ground) >= 4.5
    assert contrast(made.on_accent, made.accent) >= 4


def test_an_accent_that_is_readable_already_stays_as_it_is() -> None:
    assert colours(dark=False).accent == theme.ACCENT.lower()


def test_text_is_readable_through_hover_press_and_selection(scheme: Colours) -> None:
    for ground in scheme.grounds:
        for veil in (scheme.hover, scheme.pressed, scheme.selection):
            assert contrast(scheme.text, _laid_over(veil, ground)) >= 4.5


def test_the_palette_follows_the_system_while_the_app_runs(qapp: QApplication, shown: Theme, qtbot: object) -> None:
    shown.set_appearance(Appearance.SYSTEM)
    label = QLabel("x")
    seen: list[bool] = []
    shown.changed.connect(lambda: seen.append(colours_of(label).dark))
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Dark)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert seen == [True, False]


def test_a_chosen_appearance_stays_when_the_system_changes(qapp: QApplication, shown: Theme) -> None:
    shown.set_appearance(Appearance.DARK)
    qapp.styleHints().colorSchemeChanged.emit(Qt.ColorScheme.Light)
    assert shown.dark
    assert qapp.palette().color(QPalette.ColorRole.Window) == QColor(colours(dark=True).content)


def test_text_grows_with_the_scale_in_fonts_and_in_the_stylesheet(qapp: QApplication, shown: Theme) -> None:
    title = QLabel("Title")
    title.setProperty("role", "title")
    title.ensurePolished()
    small = title.fontMetrics().height()
    shown.set_text_scale(2)
    title.ensurePolished()
    assert theme.type_font(Type.CONVERSATION).pixelSize() == 28
    assert title.fontMetrics().height() > 1.7 * small


def test_buttons_are_large_enough_to_hit(qapp: QApplication, shown: Theme) -> None:
    for role in ("", "primary", "link"):
        button = QPushButton("Go")
        button.setProperty("role", role)
        button.ensurePolished()
        assert button.sizeHint().height() >= theme.TARGET, role


def _laid_over(veil: QColor, ground: str) -> QColor:
    below, alpha = QColor(ground), veil.alphaF()
    return QColor.fromRgbF(
        *(
            above * alpha + under * (1 - alpha)
            for above, under in zip(
                (veil.redF(), veil.greenF(), veil.blueF()), (below.redF(), below.greenF(), below.blueF()), strict=True
            )
        )
    )
