"""A stage with a plain picture on it, and its view, shown."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QImage
from pytestqt.qtbot import QtBot

from app.state.attachments import Attachment, AttachmentStatus
from app.state.stage import Stage
from app.state.turn import Turn
from app.views.stage.geometry import box_rect
from app.views.stage.stage_view import StageView
from app.views.theme import Theme
from mlx_gemma4.protocol.events import Box

GROUND = QColor("#808080")


@dataclass
class Scene:
    """What a test of the stage plays with."""

    stage: Stage
    turn: Turn
    view: StageView

    def edges(self, box: Box) -> QRectF:
        """Where a box lies on the canvas, computed apart from the painting, on whole pixels."""
        viewport = self.view.canvas.viewport
        rect = viewport.placement.rect(box_rect(box, viewport.picture))
        left, top, right, bottom = (round(v) for v in (rect.left(), rect.top(), rect.right(), rect.bottom()))
        return QRectF(left, top, right - left, bottom - top)

    def grab(self) -> QImage:
        """The canvas as it is shown now."""
        return self.view.canvas.grab().toImage()

    def middle(self, number: int) -> QPointF:
        """The middle of a box on the canvas."""
        return self.edges(self.turn.boxes[number].box).center()


def attachment(path: Path, width: int, height: int) -> Attachment:
    """A grey picture, known to the engine."""
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(GROUND)
    image.save(str(path))
    result = Attachment(str(path))
    result.width, result.height, result.display = width, height, str(path)
    result.status = AttachmentStatus.READY
    return result


MakeScene = Callable[..., Scene]


@pytest.fixture
def make_scene(qtbot: QtBot, shown: Theme, tmp_path: Path) -> MakeScene:
    """`make_scene(width, height)` → a scene whose picture has been decoded."""

    def make(width: int = 900, height: int = 500, *, animated: bool = False, pictures: int = 1) -> Scene:
        files = tuple(attachment(tmp_path / f"{n}.png", width + n, height) for n in range(pictures))
        stage, turn = Stage(), Turn("Detect all.", files)
        stage.show(turn, 0)
        view = StageView(stage, animated=animated)
        qtbot.addWidget(view)
        view.resize(640, 720)
        view.show()
        qtbot.waitUntil(lambda: view.canvas.has_picture)
        return Scene(stage, turn, view)

    return make
