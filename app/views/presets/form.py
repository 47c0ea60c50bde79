"""One preset: its name, what the model is told, how words are drawn, and whether it thinks."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QDoubleSpinBox,
    QFormLayout,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from app.state.presets import Preset, Thinking
from app.views import theme
from app.views.check_box import CheckBox
from app.words import tr
from mlx_gemma4.protocol.requests import SamplingSettings

_MOST_THINKING = 32_768


class PresetForm(QWidget):
    """Shows a preset. Signal `changed(Preset)`: the person has made this of it."""

    changed = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._preset: Preset | None = None
        self._showing = False
        self.name = QLineEdit(self)
        self.name.setProperty("role", "field")
        self.name.setMaxLength(60)
        self.instructions = QPlainTextEdit(self)
        self.instructions.setProperty("role", "field")
        self.instructions.setTabChangesFocus(True)
        self.instructions.setPlaceholderText(tr("For example: Answer in French, in short sentences."))
        self.draws = CheckBox(tr("Vary the words"), self)
        self.temperature = QDoubleSpinBox(self, minimum=0.1, maximum=2.0, singleStep=0.1, decimals=1)
        self.top_k = QSpinBox(self, minimum=0, maximum=1000)
        self.top_p = QDoubleSpinBox(self, minimum=0.05, maximum=1.0, singleStep=0.05)
        self.thinks = CheckBox(tr("Think before answering"), self)
        self.budget = QSpinBox(self, minimum=0, maximum=_MOST_THINKING, singleStep=256)
        self.budget.setSpecialValueText(tr("no limit"))
        for box in (self.temperature, self.top_k, self.top_p, self.budget):
            box.setProperty("role", "field")
            box.lineEdit().setTextMargins(theme.GRID, 0, theme.GRID, 0)
        self._lay_out()
        self.name.textEdited.connect(self._on_edited)
        self.instructions.textChanged.connect(self._on_edited)
        for box in (self.temperature, self.top_k, self.top_p, self.budget):
            box.valueChanged.connect(self._on_edited)
        for check in (self.draws, self.thinks):
            check.toggled.connect(self._on_edited)

    def show_preset(self, preset: Preset, *, editable: bool) -> None:
        """Show this one."""
        self._showing = True
        self._preset = preset
        sampling = preset.sampling or SamplingSettings()
        if self.name.text().strip() != preset.name:
            self.name.setText(preset.name)
        if self.instructions.toPlainText() != preset.instructions:
            self.instructions.setPlainText(preset.instructions)
        self.draws.setChecked(preset.sampling is not None)
        self.temperature.setValue(sampling.temperature)
        self.top_k.setValue(sampling.top_k)
        self.top_p.setValue(sampling.top_p)
        self.thinks.setChecked(preset.thinking.on)
        self.budget.setValue(preset.thinking.budget or 0)
        for field in (self.name, self.instructions):
            field.setReadOnly(not editable)
        self.draws.setEnabled(editable)
        self.thinks.setEnabled(editable)
        for box in (self.temperature, self.top_k, self.top_p):
            box.setEnabled(editable and preset.sampling is not None)
        self.budget.setEnabled(editable and preset.thinking.on)
        self._showing = False

    def begin(self) -> None:
        """Have the name typed over."""
        self.name.setFocus()
        self.name.selectAll()

    def _lay_out(self) -> None:
        rows = QFormLayout()
        rows.setHorizontalSpacing(theme.GRID * 2)
        rows.setVerticalSpacing(theme.GRID)
        for name, field in (
            (tr("Name"), self.name),
            (tr("Instructions"), self.instructions),
            ("", self.draws),
            (tr("Temperature"), self.temperature),
            (tr("Likeliest tokens (top-k)"), self.top_k),
            (tr("Share of chance (top-p)"), self.top_p),
            ("", self.thinks),
            (tr("Tokens for thinking"), self.budget),
        ):
            rows.addRow(name, field)
            if name:
                field.setAccessibleName(name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(rows)

    def _on_edited(self, *_: object) -> None:
        if self._showing or self._preset is None:
            return
        sampling = None
        if self.draws.isChecked():
            sampling = SamplingSettings(
                round(self.temperature.value(), 2), self.top_k.value(), round(self.top_p.value(), 2)
            )
        thinking = Thinking(self.thinks.isChecked(), (self.budget.value() or None) if self.thinks.isChecked() else None)
        self.changed.emit(
            replace(
                self._preset,
                name=self.name.text(),
                instructions=self.instructions.toPlainText(),
                sampling=sampling,
                thinking=thinking,
            )
        )
