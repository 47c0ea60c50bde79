"""Leafing through what a turn has to look at: its pictures, and the pages or frames of each."""

from __future__ import annotations

from app.state.sheets import frame_time
from app.state.stage import Stage
from app.words import tr


def can_leaf(stage: Stage, step: int) -> bool:
    """Whether there is something before (-1) or behind (1) what is shown."""
    return _neighbour(stage, step) is not None


def leaf(stage: Stage, step: int) -> None:
    """Show it."""
    neighbour = _neighbour(stage, step)
    if neighbour is not None and stage.turn is not None:
        stage.show(stage.turn, *neighbour)


def where(stage: Stage) -> str:
    """What is shown of how much, in words; empty where there is only one picture."""
    picture, turn = stage.picture, stage.turn
    if picture is None or turn is None:
        return ""
    if picture.moments and picture.sheet_count > 1:
        time = frame_time(picture, min(stage.sheet, picture.sheet_count - 1))
        return tr("{time} · frame {number} of {count}", time=time, number=stage.sheet + 1, count=picture.sheet_count)
    if picture.sheet_count > 1:
        return tr("page {number} of {count}", number=stage.sheet + 1, count=picture.sheet_count)
    count = len(turn.pictures)
    return tr("{number} of {count}", number=stage.media_index + 1, count=count) if count > 1 else ""


def _neighbour(stage: Stage, step: int) -> tuple[int, int] | None:
    """Picture and sheet."""
    turn, picture = stage.turn, stage.picture
    if turn is None or picture is None:
        return None
    if 0 <= stage.sheet + step < picture.sheet_count:
        return stage.media_index, stage.sheet + step
    index = stage.media_index + step
    if not 0 <= index < len(turn.pictures):
        return None
    return index, 0 if step > 0 else turn.pictures[index].sheet_count - 1
