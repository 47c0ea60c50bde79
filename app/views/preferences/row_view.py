"""A preference in the Settings window: its words on the left, what changes it on the right, problems below."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QWidget

from app.actions.preferences import PreferenceActions
from app.state.preference import Kind, Row
from app.state.preferences import Preferences
from app.views import theme
from app.views.dropdown import Dropdown
from app.views.number_field import NumberField
from app.views.segmented import Choice, Segmented
from app.views.switch import Switch

_FIELD_WIDTH = 240
_FEW = 3  # as many choices stand side by side


class RowView(QWidget):
    """In force at once, and shown as it is in force.

    Attributes:
        row: what is shown.
        control: what changes it.
    """

    def __init__(self, row: Row, preferences: Preferences, actions: PreferenceActions, parent: QWidget) -> None:
        super().__init__(parent)
        self.row = row
        self._preferences, self._actions = preferences, actions
        self.title = _label(self, "", row.title)
        self._problem = _label(self, "danger-quiet")
        self.control = self._make_control()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(theme.INSET, theme.GRID, theme.INSET, theme.GRID)
        self._grid.setHorizontalSpacing(theme.GRID * 2)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._grid.addWidget(self.title, 0, 0, Qt.AlignmentFlag.AlignVCenter)
        self._grid.addWidget(self.control, 0, 1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if row.note:
            self._grid.addWidget(_label(self, "quiet", row.note), 1, 0, 1, 2)
        self._grid.addWidget(self._problem, 2, 0, 1, 2)
        self.say("")

    @property
    def problem(self) -> str:
        """What is said to be wrong; empty for nothing."""
        return self._problem.text()

    def say(self, problem: str) -> None:
        """Say what is wrong, or that nothing is any more."""
        self._problem.setText(problem)
        self._problem.setVisible(bool(problem))

    def refresh(self) -> None:
        """Look again at what may have been changed elsewhere."""

    def _make_control(self) -> QWidget:
        """Of the row's kind; it shows the property and changes it by way of the actions."""
        row = self.row
        control, show = _MAKERS[row.kind](row, self._on_chosen, self)
        getattr(self._preferences, f"{row.name}_changed").connect(show)
        show(getattr(self._preferences, row.name))
        return control

    def _on_chosen(self, value: object) -> None:
        self.say(self._actions.set(self.row.name, value))


Chosen = Callable[[object], None]
Made = tuple[QWidget, Callable[[object], None]]


def _make_switch(row: Row, chosen: Chosen, parent: QWidget) -> Made:
    switch = Switch(row.title, parent)
    switch.toggled.connect(chosen)
    return switch, lambda value: switch.setChecked(bool(value))


def _make_choice(row: Row, chosen: Chosen, parent: QWidget) -> Made:
    if len(row.options) <= _FEW:
        control = Segmented(row.title, [Choice(option.value, option.title) for option in row.options], parent)
    else:
        control = Dropdown(row.title, [(option.value, option.title) for option in row.options], parent)
    control.chosen.connect(chosen)
    return control, lambda value: control.set_current(str(value))


def _make_number(row: Row, chosen: Chosen, parent: QWidget) -> Made:
    field = NumberField(row.title, row.least, row.most, row.step, row.unit, row.zero, parent)
    field.chosen.connect(chosen)
    return field, lambda value: field.set_value(int(str(value)))


def _make_text(row: Row, chosen: Chosen, parent: QWidget) -> Made:
    field = QLineEdit(parent)
    field.setProperty("role", "field")
    field.setAccessibleName(row.title)
    field.setPlaceholderText(row.hint)
    field.setMinimumWidth(theme.scaled(_FIELD_WIDTH))
    field.editingFinished.connect(lambda: chosen(field.text().strip()))
    return field, lambda value: field.setText(str(value))


_MAKERS: dict[Kind, Callable[[Row, Chosen, QWidget], Made]] = {
    Kind.BOOL: _make_switch,
    Kind.CHOICE: _make_choice,
    Kind.NUMBER: _make_number,
    Kind.TEXT: _make_text,
}


def _label(parent: QWidget, role: str, text: str = "") -> QLabel:
    label = QLabel(text, parent)
    label.setProperty("role", role)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
