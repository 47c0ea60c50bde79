"""Scenes of the walk with clips and recordings that are asked about."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from mlx_gemma4.protocol.events import BoxFound, MediaProbed, TextDelta, TurnFinished
from tests.unit.app.scripted import Rig
from tests.unit.app.walking import Look, Size, a_picture, opened, wait


def clips_and_recordings(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """A clip that is not heard, its frames and sound; a recording with its player."""
    rig = Rig()
    window = opened(size, rig)
    still, film, talk = a_picture(folder), folder / "film.mp4", folder / "talk.wav"
    for file in (film, talk):
        file.write_bytes(b"RIFF")
    moments = tuple(1.5 * index for index in range(8))
    rig.probed = MediaProbed("clip", 64, 48, 560, still, still, 12.0, moments=moments, has_sound=True)
    rig.shown = lambda request: Rig.show(still)
    rig.actions.attachments.add_files([str(film)])
    wait(lambda: bool(rig.session.attachments.items[0].moments))
    yield
    look(window, "clip-not-heard")
    rig.answer = lambda ask: [(0.0, TextDelta("Quick. 0:03")), (0.0, BoxFound((10, 20, 300, 400), "star", seconds=3.0)),
                              (0.0, TurnFinished("end_of_turn"))]  # fmt: skip
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle)
    (clip,) = rig.session.conversation.turns[0].attachments
    wait(lambda: bool(rig.session.stage.sheets.get(clip, 7).thumbnail))
    look(window, "clip")
    rig.answer = lambda ask: [(0.0, TextDelta("Quick. 0:03")), (0.0, TurnFinished("end_of_turn"))]
    rig.session.engine.hears = True
    rig.actions.attachments.add_files([str(talk)])
    wait(lambda: bool(rig.session.attachments.items[0].seconds))
    look(window, "recording-attached")
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle and bool(rig.session.conversation.turns[1].attachments[0].peaks))
    look(window, "recording")
    window.hide()


CLIP_SCENES = (clips_and_recordings,)
