"""All presets: those that Prism brings to look at and copy, the person's own to change."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.actions.presets import PresetActions
from app.state.presets import BUILT_IN, Preset, Presets
from app.views import theme
from app.views.preferences.sections import SectionList
from app.views.presets.form import PresetForm
from app.words import tr

_SIZE = (720, 520)


class PresetsWindow(QWidget):
    """Every change is in force at once; a removed preset can come back.

    Attributes:
        list: the names of all.
        form: what the chosen one is.
    """

    def __init__(self, presets: Presets, actions: PresetActions) -> None:
        super().__init__(None, Qt.WindowType.Dialog)
        self._presets, self._actions = presets, actions
        self._filling = False
        self.setWindowTitle(tr("Presets"))
        self.setProperty("role", "content")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAttribute(Qt.WidgetAttribute.WA_QuitOnClose, False)
        self.list = SectionList(tr("Presets"), self)
        self.form = PresetForm(self)
        self.add = QPushButton(tr("New preset"), self)
        self.remove = QPushButton(tr("Remove"), self)
        self.undo = QPushButton(tr("Undo"), self)
        self._note = QLabel(self)
        self._note.setProperty("role", "quiet")
        self._note.setWordWrap(True)
        self._lay_out()
        for before, after in pairwise((self.list, self.add, self.remove, self.form.name)):
            self.setTabOrder(before, after)
        self.list.currentRowChanged.connect(self._on_row_changed)
        self.add.clicked.connect(self._on_add)
        self.remove.clicked.connect(self._on_remove)
        self.undo.clicked.connect(self._on_undo)
        self.form.changed.connect(self._on_form_changed)
        presets.own_changed.connect(self._fill)
        presets.removed_changed.connect(self._follow)
        self._fill()
        self.list.setCurrentRow(0)
        self.resize(theme.scaled(_SIZE[0]), theme.scaled(_SIZE[1]))

    def present(self) -> None:
        """Come to the front."""
        self.show()
        self.raise_()
        self.activateWindow()
        self.list.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close()
        else:
            super().keyPressEvent(event)

    def _lay_out(self) -> None:
        below = QHBoxLayout()
        below.setSpacing(theme.GRID)
        for button in (self.add, self.remove):
            below.addWidget(button)
        left = QVBoxLayout()
        left.setSpacing(theme.GRID)
        left.addWidget(self.list, 1)
        self.list.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)  # as wide as the buttons
        left.addLayout(below)
        said = QHBoxLayout()
        said.addWidget(self._note, 1)
        said.addWidget(self.undo)
        right = QVBoxLayout()
        right.setSpacing(theme.GRID)
        right.addWidget(self.form, 1)
        right.addLayout(said)
        across = QHBoxLayout(self)
        across.setContentsMargins(theme.GRID * 2, theme.GRID * 2, theme.GRID * 2, theme.GRID * 2)
        across.setSpacing(theme.GRID * 3)
        across.addLayout(left)
        across.addLayout(right, 1)

    @property
    def _chosen(self) -> Preset:
        items = self._presets.items
        return items[min(max(self.list.currentRow(), 0), len(items) - 1)]

    def _fill(self, *_: object) -> None:
        row = max(self.list.currentRow(), 0)
        self._filling = True
        names = [preset.name for preset in self._presets.items]
        if [self.list.item(number).text() for number in range(self.list.count())] != names:
            self.list.clear()
            self.list.addItems(names)
            self.list.setCurrentRow(min(row, len(names) - 1))
        self._filling = False
        self._follow()

    def _follow(self, *_: object) -> None:
        chosen, removed = self._chosen, self._presets.removed
        own = chosen not in BUILT_IN
        self.form.show_preset(chosen, editable=own)
        self.remove.setEnabled(own)
        self.undo.setVisible(removed is not None)
        if removed is not None:
            self._note.setText(tr("“{name}” was removed.", name=removed[1].name))
        else:
            self._note.setText("" if own else tr("Prism brings this one. “New preset” makes a copy to change."))

    def _on_row_changed(self, _row: int) -> None:
        if not self._filling:
            self._follow()

    def _on_add(self) -> None:
        self._actions.create(self._chosen)
        self.list.setCurrentRow(self.list.count() - 1)
        self.form.begin()

    def _on_remove(self) -> None:
        self._actions.remove(self._chosen)

    def _on_undo(self) -> None:
        removed = self._presets.removed
        self._actions.bring_back.trigger()
        if removed is not None:
            self.list.setCurrentRow(len(BUILT_IN) + removed[0])

    def _on_form_changed(self, preset: object) -> None:
        if isinstance(preset, Preset):
            name = preset.name.strip() or self._chosen.name
            self._actions.change(replace(preset, name=name))
