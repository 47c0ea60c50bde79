"""Walks through every window, panel, sheet and menu of the app, and says what is wrong with their words and controls.

Run as a program, since a language is chosen before anything is imported: prints a JSON list of faults.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QImage
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.actions.hub_token import HubToken
from app.actions.privacy import PrivacyActions
from app.state.contacts import Contact, Contacts, Purpose
from app.state.library import Entry, Hit
from app.state.notices import Notice
from app.state.quick_ask import QuickAsk
from app.views.about import About
from app.views.main_window import MainWindow
from app.views.preferences.privacy_page import PrivacyPage
from app.views.preferences.window import PreferencesWindow
from app.views.quick_ask.panel import QuickAskPanel
from app.views.sidebar.sidebar import ConversationList
from app.views.theme import Appearance, Theme
from app.words import tr
from mlx_gemma4.protocol.events import BoxFound, EngineFailed, MediaProbed, TextDelta, ThoughtDelta, TurnFinished
from tests.unit.app.actions.pages import answers
from tests.unit.app.actions.test_models import REPOSITORY, found, listing
from tests.unit.app.actions.test_preferences import Rig as Choices
from tests.unit.app.screen_faults import Painted, faults_of
from tests.unit.app.scripted import ONE_BOX, Rig, said

Look = Callable[[QWidget, str], None]
DATA = (  # what people, models and the system say is nobody's to translate
    "blue.png", "star", "Here:", "That is all.", "json", "box_2d", "label", "http", "huggingface.co", "localhost",
    "Prism", "Tour", "Gemma", "E2B", "E4B", "Hub", "Old conversation", "Second one", "What is this?", "Detect",
    "Apache", "Quick.", "HTML", "html", "gradient", "noise", "stars", "courses", "Find", "the", "Title", "doctype",
    "body", "token", "English", "Region", "tok", "Return", "Shift", "Space", "Alt", "Ctrl", "Esc", "Meta",
    "Let me see", "Quick", "What is in this picture?", "Detect every star.", "bit", "tmp",
    "film", "talk.wav", "What happens in this clip?", "What is said in this recording?",
    "The picture is damaged", "Save it again", "mlx-community", "Is there", "all objects", "cli",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Arguments: width, height and text size in per cent, and where to put pictures, if anywhere."""
    width, height, scale = (int(argument) for argument in arguments[:3])
    pictures = Path(arguments[3]) if len(arguments) > 3 else None
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(app, Appearance.LIGHT, scale / 100)
    painted = Painted()
    found_faults: list[str] = []
    begun = time.monotonic()

    folder = tempfile.mkdtemp()

    def look(widget: QWidget, name: str) -> None:
        settle()
        painted.begin()
        picture = widget.grab()
        if pictures is not None:
            picture.save(str(pictures / f"{name}.png"))
        data = (*DATA, folder)
        found_faults.extend(f"{name}: {fault}" for fault in [*faults_of(widget, data), *painted.faults(data)])

    for scene in (empty_window, busy_window, clips_and_recordings, settings, quick_panel, about, page):
        for _ in scene(Path(folder), (width, height), look):
            settle()
    shutil.rmtree(folder)
    print(json.dumps(sorted(set(found_faults)), ensure_ascii=False, indent=1))
    print(f"{time.monotonic() - begun:.1f} s", file=sys.stderr)
    theme.deleteLater()
    sys.stdout.flush()
    os._exit(0)  # windows and their threads are of no more use


def settle(rounds: int = 6) -> None:
    """Let everything happen that is waiting to."""
    for _ in range(rounds):
        QApplication.processEvents()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        time.sleep(0.012)


def wait(condition: Callable[[], object], seconds: float = 5) -> None:
    """Let everything happen until this is true."""
    deadline = time.monotonic() + seconds
    while not condition():
        settle(1)
        assert time.monotonic() < deadline, condition


def a_picture(folder: Path) -> str:
    """A file to ask about."""
    file = folder / "blue.png"
    image = QImage(64, 48, QImage.Format.Format_RGB32)
    image.fill(QColor("#336699"))
    image.save(str(file))
    return str(file)


def opened(size: tuple[int, int], rig: Rig) -> MainWindow:
    """The window with two conversations in its list."""
    window = MainWindow(rig.session, rig.actions)
    library = rig.session.library
    library.is_kept = True
    now = time.time()
    library.entries = (
        Entry(1, "Old conversation", "picture", now, now, pinned=True),
        Entry(2, "Second one", "words", now, now - 3e6),
    )
    window.resize(*size)
    window.show()
    rig.actions.engine.start()
    wait(lambda: rig.session.engine.can_answer)
    return window


def empty_window(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """As it opens; its menus; the models; the search."""
    rig = Rig(models=listing(found("/models/one"), found("/m/two", f"{REPOSITORY}-b")))
    window = opened(size, rig)
    look(window, "empty")
    for action in window.menuBar().actions():
        menu = action.menu()
        assert isinstance(menu, QMenu)
        look(menu, "menu")
    entries = window.findChild(ConversationList)
    assert entries is not None
    look(entries.menu_of(rig.session.library.entries[0]), "entry-menu")
    rig.actions.models.show.trigger()
    yield
    rig.actions.models.download(REPOSITORY)
    yield
    look(window, "models")
    rig.actions.models.close_sheet()
    rig.session.library.is_kept = True
    rig.session.search.is_open = True
    look(window, "search")
    rig.session.search.words = "star"
    rig.session.search.hits = (Hit(rig.session.library.entries[0], None, "a \x02star\x03"),)
    rig.session.search.found_for = "star"
    look(window, "found")
    rig.session.search.hits = ()
    look(window, "nothing-found")
    rig.session.search.is_open = False
    rig.actions.attachments.add_files([a_picture(folder), str(folder / "x.xyz"), str(folder / "damaged.png")])
    yield
    rig.session.notices.show(Notice("problem", tr("No browser could be opened."), "x", tr("Undo"), "library.undelete"))
    look(window, "composing")
    window.hide()


def busy_window(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """Answers of all kinds, with the stage."""
    rig = Rig()
    window = opened(size, rig)
    rig.answer = lambda ask: [(0.0, ThoughtDelta("Let me see")), *ONE_BOX]
    rig.actions.attachments.add_files([a_picture(folder)])
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.turns[-1].status.is_final)
    look(window, "boxes")
    rig.actions.view.toggle_stage.trigger()
    look(window, "boxes-alone")
    rig.answer = lambda ask: [(0.0, TextDelta("Here:")), (0.0, TurnFinished("max_tokens"))]
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle)
    look(window, "cut-off")
    rig.answer = lambda ask: [(0.0, EngineFailed("x.y", "The picture is damaged.", "Save it again.", True))]
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle)
    look(window, "failed")
    rig.answer = lambda ask: [(0.0, TextDelta("Here:"))]
    rig.actions.conversation.ask("What is this?")
    yield
    look(window, "answering")
    rig.actions.conversation.stop.trigger()
    yield
    look(window, "stopped")
    window.hide()


def clips_and_recordings(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """A clip that is not heard, its frames and sound; a recording, and what is said in it."""
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
    wait(
        lambda: (
            rig.session.conversation.idle and bool(rig.session.stage.sheets.get(rig.session.stage.picture, 7).thumbnail)
        )
    )
    look(window, "clip")
    rig.answer = lambda ask: [(0.0, TextDelta("Quick. 0:03")), (0.0, TurnFinished("end_of_turn"))]
    rig.session.engine.hears = True
    rig.actions.attachments.add_files([str(talk)])
    wait(lambda: bool(rig.session.attachments.items[0].seconds))
    look(window, "recording-attached")
    rig.actions.conversation.ask("What is this?")
    wait(lambda: rig.session.conversation.idle and bool(rig.session.stage.recording.peaks))
    look(window, "recording")
    rig.transcribe = lambda request: said((0.0, 30.0, "Quick."), (30.0, 60.0, "Here:"))
    rig.actions.transcripts.write_files([rig.session.stage.recording])
    wait(lambda: rig.session.conversation.idle)
    look(window, "transcript")
    window.hide()


def settings(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """Every section."""
    choices = Choices()
    window = PreferencesWindow(choices.preferences, choices.actions)
    contacts = Contacts()
    contacts.items = tuple(Contact("huggingface.co", purpose, 1.7e9, 1.7e9, 3) for purpose in Purpose)
    page = PrivacyPage(PrivacyActions(contacts, folder, HubToken(lambda name: "", lambda name, value: True)))
    window.add_page(tr("Privacy"), page)
    window.show()
    for number in range(window.sections.count()):
        window.sections.setCurrentRow(number)
        yield
        look(window, f"settings-{number}")
    page.delete.click()
    look(window, "delete-everything")
    window.hide()


def quick_panel(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """The panel, asked and not."""
    rig = Rig()
    rig.actions.engine.start()
    quick = QuickAsk(rig.session.engine)
    rig.actions.quick._quick = quick
    panel = QuickAskPanel(quick, rig.actions.quick, rig.actions.run)
    wait(lambda: rig.session.engine.can_answer)
    panel.show()
    yield
    look(panel, "quick")
    panel.hide()


def about(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """Which version this is."""
    window = About()
    window.show()
    yield
    look(window, "about")
    window.hide()


def page(folder: Path, size: tuple[int, int], look: Look) -> Iterator[None]:
    """A page beside its screenshot, in all ways of looking, with its menus and code."""
    rig = Rig(answer=answers)
    window = opened(size, rig)
    rig.actions.page.make_from_file(a_picture(folder))
    wait(lambda: rig.session.stage.page is not None and rig.session.conversation.idle)
    wait(lambda: rig.session.stage.page is not None and rig.session.stage.page.current is not None)
    for _ in range(6):
        yield
    look(window, "page")
    rig.actions.page.toggle_code.trigger()
    look(window, "page-code")
    for menu in window.findChildren(QMenu):
        if menu.actions():
            look(menu, "page-menu")
    window.hide()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
