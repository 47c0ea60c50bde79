"""How a model fits, in a word and a colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.views import figures
from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, judge

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
        said = tr(
            "Needs about {need}, {free} are free of {total}",
            need=figures.memory_size(need),
            free=figures.memory_size(memory.free),
            total=figures.built_in(memory.total),
        )
        self.setToolTip(said)
        self.setAccessibleName(figures.joined(_WORDS[self.fit], said))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
