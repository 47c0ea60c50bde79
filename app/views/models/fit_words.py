"""How a model fits, in a word and a colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, describe, judge

_WORDS = {Fit.SAFE: tr("Fits"), Fit.TIGHT: tr("Tight"), Fit.TOO_LARGE: tr("Too large")}
_ROLES = {Fit.SAFE: "fit-safe", Fit.TIGHT: "fit-tight", Fit.TOO_LARGE: "fit-large"}


class FitLabel(QLabel):
    """One word; the figures are its tooltip."""

    def __init__(self, need: int, memory: MachineMemory | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fit = Fit.SAFE
        if not need or memory is None or not memory.total:
            return
        self.fit = judge(need, memory)
        self.setText(_WORDS[self.fit])
        self.setProperty("role", _ROLES[self.fit])
        figures = describe(need, memory)
        self.setToolTip(figures[0].upper() + figures[1:])
        self.setAccessibleName(f"{_WORDS[self.fit]}: {figures}")
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
