"""Settings, made from the table of preferences: a page for every section."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.actions.preferences import PreferenceActions
from app.state.preferences import ROWS, SECTIONS, Preferences
from app.views import theme
from app.views.preferences.custom_rows import view_of
from app.views.preferences.row_view import RowView
from app.views.preferences.sections import SectionList
from app.views.reading_order import move_focus
from app.words import tr

_SIZE = (720, 500)


class PreferencesWindow(QWidget):
    """Everything is in force at once; there is nothing to confirm.

    Attributes:
        rows: the views of all preferences, by name.
        sections: the list that chooses what is shown.
    """

    def __init__(self, preferences: Preferences, actions: PreferenceActions) -> None:
        super().__init__(None, Qt.WindowType.Dialog)
        self._preferences, self._actions = preferences, actions
        self.setWindowTitle(tr("Settings"))
        self.setProperty("role", "content")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.rows: dict[str, RowView] = {}
        self._pages = QStackedWidget(self)
        self.sections = SectionList(tr("Sections"), self)
        for section in SECTIONS:
            rows = [row for row in ROWS if row.section == section]
            if rows:
                views = [view_of(row)(row, preferences, actions, self) for row in rows]
                self.rows.update({view.row.name: view for view in views})
                self.add_page(section, _card(views))
        across = QHBoxLayout(self)
        across.setContentsMargins(0, 0, 0, 0)
        across.setSpacing(0)
        across.addWidget(self.sections)
        across.addWidget(self._pages, 1)
        self.sections.currentRowChanged.connect(self._pages.setCurrentIndex)
        self.sections.setCurrentRow(0)
        self.resize(theme.scaled(_SIZE[0]), theme.scaled(_SIZE[1]))

    def add_page(self, title: str, page: QWidget) -> None:
        """Another section, at the end."""
        self.sections.addItem(title)
        self._pages.addWidget(_scrolled(page))

    def show_section(self, title: str) -> None:
        """Turn to this section."""
        for found in self.sections.findItems(title, Qt.MatchFlag.MatchExactly):
            self.sections.setCurrentItem(found)

    def control(self, name: str) -> QWidget:
        """What changes a preference."""
        return self.rows[name].control

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.sections.setFocus(Qt.FocusReason.OtherFocusReason)

    def showEvent(self, event: QShowEvent) -> None:
        """What the system keeps may have been changed there meanwhile."""
        for row in self.rows.values():
            row.refresh()
        super().showEvent(event)

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Tab follows reading order."""
        return move_focus(self, forward)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)


def _card(views: list[RowView]) -> QWidget:
    """Rows under each other, with hairlines between them."""
    page = QWidget()
    card = QFrame(page)
    card.setProperty("role", "card")
    rows = QVBoxLayout(card)
    rows.setContentsMargins(1, theme.GRID // 2, 1, theme.GRID // 2)
    rows.setSpacing(0)
    for number, view in enumerate(views):
        if number:
            line = QFrame(card)
            line.setProperty("role", "hairline")
            line.setFixedHeight(1)
            rows.addWidget(line)
        rows.addWidget(view)
    column = QVBoxLayout(page)
    column.setContentsMargins(*[theme.GRID * 2] * 4)
    column.addWidget(card)
    column.addStretch(1)
    return page


def _scrolled(page: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(page)
    return area
