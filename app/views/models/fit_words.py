"""How a model fits, in a word and a colour."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from app.views import figures
from app.words import tr
from mlx_gemma4.protocol.memory_fit import Fit, MachineMemory, judge
from mlx_gemma4.protocol.model_events import FoundModel, OfferedModel

_WORDS = {
    Fit.SAFE: tr("Fits"),
    Fit.TIGHT: tr("Tight"),
    Fit.FROM_DISK: tr("Fits, slower"),
    Fit.TOO_LARGE: tr("Too large"),
}
_ROLES = {Fit.SAFE: "fit-safe", Fit.TIGHT: "fit-tight", Fit.FROM_DISK: "fit-tight", Fit.TOO_LARGE: "fit-large"}


class FitLabel(QLabel):
    """One word; the figures are its tooltip."""

    def __init__(
        self, model: FoundModel | OfferedModel, memory: MachineMemory | None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.fit = Fit.SAFE
        need = model.need_bytes
        if not need or memory is None or not memory.total:
            return
        self.fit = judge(need, memory, model.lean_bytes)
        self.setText(_WORDS[self.fit])
        self.setProperty("role", _ROLES[self.fit])
        said = tr(
            "Needs about {need}, {free} are free of {total}",
            need=figures.memory_size(need),
            free=figures.memory_size(memory.free),
            total=figures.built_in(memory.total),
        )
        if self.fit is Fit.FROM_DISK:
            lean_size = figures.memory_size(model.lean_bytes)
            lean = tr("With its embeddings read from the disk it needs {size}.", size=lean_size)
            said = f"{said}\n{lean}"
        self.setToolTip(said)
        self.setAccessibleName(figures.joined(_WORDS[self.fit], said))
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
