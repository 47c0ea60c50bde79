"""Scenes of the walk in which something is asked, heard, recorded, connected or looked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from PySide6.QtWidgets import QPushButton

from app.state.tools import ToolChoice
from app.views.composer.tools_button import ToolsButton
from app.views.conversation.tool_call_view import ToolCallView
from app.views.models.server_form import ServerForm
from app.views.presets.window import PresetsWindow
from mlx_gemma4.protocol.events import EngineFailed, TranscriptSegment
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.model_events import Drafter
from mlx_gemma4.protocol.requests import ListServer
from tests.unit.app.actions.test_models import found, listing
from tests.unit.app.actions.test_recording import ScriptedMicrophone
from tests.unit.app.actions.test_servers import REFUSED, serve
from tests.unit.app.calling import ALL, SUM, calls, in_rounds, says
from tests.unit.app.scripted import Rig, probed
from tests.unit.app.walking import Look, Size, a_picture, opened, wait

SAID = ((0.0, 12.5, "Detect"), (12.5, 20.0, "Detect every star."), (20.0, 60.0, "What is this?"))


def tools(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """The menu; two calls that wait for a person; what came of them."""
    rig = Rig(picked=a_picture(folder))
    window = opened(size, rig)
    rig.session.conversation.tools = ToolChoice(ALL)
    wanted: tuple[tuple[str, JsonObject], ...] = (("calculate", SUM), ("read_file", {"purpose": "Detect"}))
    rig.answer = in_rounds(calls(*wanted, words="Here:"), calls(("current_time", {})), says("That is all."))
    rig.actions.conversation.ask("What is this?")
    waiting = rig.actions.conversation.tools.waiting
    wait(waiting)
    look(window, "tools-asked")
    for button in window.findChildren(ToolsButton):
        look(button.menu, "tools-menu")
    turn = rig.session.conversation.turns[-1]
    for call in list(turn.calls):
        rig.actions.conversation.tools.allow(turn, call)
        yield
    wait(lambda: len(turn.calls) == 3 and waiting())
    look(window, "tools-round-two")
    rig.actions.conversation.tools.refuse(turn, turn.calls[-1])
    wait(lambda: rig.session.conversation.idle)
    look(window, "tools-done")
    for view in window.findChildren(ToolCallView):
        for button in view.findChildren(QPushButton):
            if button.isCheckable():
                button.click()
    look(window, "tools-details")
    window.hide()


def servers(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """The form, a server's models, and one that does not answer."""
    rig = Rig(models=listing(found("/models/one")), serve=serve)
    window = opened(size, rig)
    rig.actions.servers.connect_action.trigger()
    yield
    (form,) = window.findChildren(ServerForm)
    form.address.setText("localhost:1234")
    look(window, "server-form")
    rig.actions.servers.connect_to("localhost:1234", "sk-1")
    wait(lambda: len(rig.session.servers.items) == 1)
    look(window, "server-models")
    refused = EngineFailed(REFUSED.code, "The picture is damaged.", "Save it again.", True)
    rig.serve = lambda request: [(0.0, refused)] if isinstance(request, ListServer) else ()
    rig.actions.servers.ask(rig.session.servers.items[0])
    wait(lambda: rig.session.servers.items[0].problem)
    look(window, "server-away")
    window.hide()


def drafters(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """Models with a drafter here, one to fetch and one that has no room; one that only fits with less of it loaded."""
    here = Drafter("g/assistant", 156_000_000, str(folder))
    large = {"need_bytes": 14_000_000_000, "lean_bytes": 6_000_000_000}
    models = (
        found("/m/one", "mlx-community/one", drafter=replace(here, path="")),
        found("/m/two", "mlx-community/two", bits=8, drafter=here),
        found("/m/three", "mlx-community/three", bits=16, **large),
    )
    rig = Rig(models=listing(*models))
    window = opened(size, rig)
    rig.actions.models.show.trigger()
    yield
    rig.session.models.chosen = "/m/one"
    rig.session.engine.from_disk = True
    look(window, "drafters")
    rig.session.engine.loaded_path = rig.session.models.chosen = "/m/two"
    look(window, "drafter-without-room")
    window.hide()


def transcript(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """A recording that is being written down beside one that waits, and both once that was stopped."""
    rig = Rig(hears=True)
    window = opened(size, rig)
    lines = [TranscriptSegment(*each, piece=number) for number, each in enumerate(SAID)]
    rig.transcribe = lambda request: [(0.0, line) for line in lines[:2]]
    files = [folder / "star.wav", folder / "Title.wav"]
    for file in files:
        file.write_bytes(b"RIFF")
    rig.actions.attachments.add_files([str(file) for file in files])
    wait(lambda: all(item.seconds for item in rig.session.attachments.items))
    look(window, "recordings")
    rig.actions.transcripts.write_down.trigger()
    wait(lambda: rig.session.conversation.turns[0].text)
    look(window, "transcript")
    for turn in rig.session.conversation.turns:
        rig.actions.transcripts.cancel(turn)
        yield
    wait(lambda: rig.session.conversation.idle)
    look(window, "transcript-stopped")
    window.hide()


def recording(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """The microphone is on; then the clip of it is beside a clip with frames."""
    microphone = ScriptedMicrophone()
    rig = Rig(hears=True, microphone=microphone)
    window = opened(size, rig)
    rig.actions.recording.record.trigger()
    microphone.hear(2.0)
    yield
    look(window, "recording")
    rig.actions.recording.record.trigger()
    yield
    moments = (0.0, 1.0, 2.0)
    picture = a_picture(folder)
    rig.probed = replace(probed(picture), kind="clip", seconds=3.0, moments=moments)
    rig.actions.attachments.add_files([picture])
    wait(lambda: all(item.thumbnail or item.seconds for item in rig.session.attachments.items))
    look(window, "clips")
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle)
    look(window, "clip-boxes")
    window.hide()


def help_screens(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """A newer version is there; diagnostics are saved."""
    rig = Rig(target=str(folder / "star.zip"))
    window = opened(size, rig)
    rig.actions.help.check_for_updates.trigger()
    yield
    look(window, "update-asked")
    rig.actions.help.save_diagnostics.trigger()
    yield
    look(window, "diagnostics")
    window.hide()


def presets(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """Those that there are, and one's own."""
    rig = Rig()
    window = PresetsWindow(rig.session.presets, rig.actions.presets)
    window.present()
    yield
    look(window, "presets")
    for button in window.findChildren(QPushButton)[:1]:
        button.click()
    yield
    look(window, "presets-own")
    window.hide()


WORKING_SCENES = (presets, tools, servers, drafters, transcript, recording, help_screens)
