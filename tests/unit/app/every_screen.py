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
from collections.abc import Iterator
from pathlib import Path

from PySide6.QtWidgets import QApplication, QMenu, QWidget

from app.actions.hub_token import HubToken
from app.actions.privacy import PrivacyActions
from app.state.contacts import Contact, Contacts, Purpose
from app.state.engine_status import EngineState
from app.state.library import Hit
from app.state.notices import Notice
from app.state.quick_ask import QuickAsk
from app.views.about import About
from app.views.preferences.privacy_page import PrivacyPage
from app.views.preferences.window import PreferencesWindow
from app.views.quick_ask.panel import QuickAskPanel
from app.views.sidebar.sidebar import ConversationList
from app.views.theme import Appearance, Theme
from app.words import tr
from mlx_gemma4.protocol.events import EngineFailed, TextDelta, ThoughtDelta, TurnFinished
from tests.unit.app.actions.pages import answers
from tests.unit.app.actions.test_models import REPOSITORY, found, listing
from tests.unit.app.actions.test_preferences import Rig as Choices
from tests.unit.app.clip_screens import CLIP_SCENES
from tests.unit.app.screen_faults import Painted, faults_of
from tests.unit.app.scripted import ONE_BOX, Rig
from tests.unit.app.walking import Look, Size, a_picture, opened, settle, wait
from tests.unit.app.working_screens import WORKING_SCENES

DATA = (  # what people, models and the system say is nobody's to translate
    "blue.png", "star", "Here:", "That is all.", "json", "box_2d", "label", "http", "huggingface.co", "localhost",
    "Prism", "Tour", "Gemma", "E2B", "E4B", "Hub", "Old conversation", "Second one", "What is this?", "Detect",
    "Apache", "Quick.", "HTML", "html", "gradient", "noise", "stars", "courses", "Find", "the", "Title", "doctype",
    "body", "token", "English", "Region", "tok", "Return", "Shift", "Space", "Alt", "Ctrl", "Esc", "Meta",
    "Let me see", "Quick", "What is in this picture?", "Detect every star.", "bit", "tmp",
    "The picture is damaged", "Save it again", "mlx-community", "gemma-4-e2b-it-4bit", "Is there", "all objects", "cli",
    "Turn this screenshot into HTML",
    "What is in these files?", "What is said in these recordings?", "wav", "zip", "google/gemma-4-e4b-it", "other",
    "expression", "purpose", "calculate", "read_file", "current_time", "Recording 20",
    "film", "talk", "What happens in this clip?", "What is said in this recording?",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """Arguments: width, height, text size in per cent, `light` or `dark`, and where to put pictures, if anywhere."""
    width, height, scale = (int(argument) for argument in arguments[:3])
    pictures = Path(arguments[4]) if len(arguments) > 4 else None
    app = QApplication([])
    app.setQuitOnLastWindowClosed(False)
    theme = Theme(app, Appearance(arguments[3]), scale / 100)
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

    for scene in (empty_window, busy_window, settings, quick_panel, about, page, *CLIP_SCENES, *WORKING_SCENES):
        for _ in scene(Path(folder), (width, height), look):
            settle()
    shutil.rmtree(folder)
    print(json.dumps(sorted(set(found_faults)), ensure_ascii=False, indent=1))
    print(f"{time.monotonic() - begun:.1f} s", file=sys.stderr)
    theme.deleteLater()
    sys.stdout.flush()
    os._exit(0)  # windows and their threads are of no more use


def empty_window(folder: Path, size: Size, look: Look) -> Iterator[None]:
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
    for sees, hears in ((True, True), (True, False), (False, False)):
        rig.session.engine.loaded_path, rig.session.models.chosen = f"/{sees}{hears}", "/other"
        rig.session.engine.sees, rig.session.engine.hears = sees, hears
        rig.session.engine.state = EngineState.BUSY
        rig.session.engine.state = EngineState.READY
        look(window, f"empty-{sees}-{hears}".lower())
    rig.actions.attachments.add_files([a_picture(folder), str(folder / "x.xyz"), str(folder / "damaged.png")])
    yield
    rig.session.notices.show(Notice("problem", tr("No browser could be opened."), "x", tr("Undo"), "library.undelete"))
    look(window, "composing")
    window.hide()


def busy_window(folder: Path, size: Size, look: Look) -> Iterator[None]:
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


def settings(folder: Path, size: Size, look: Look) -> Iterator[None]:
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


def quick_panel(folder: Path, size: Size, look: Look) -> Iterator[None]:
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


def about(folder: Path, size: Size, look: Look) -> Iterator[None]:
    """Which version this is."""
    window = About()
    window.show()
    yield
    look(window, "about")
    window.hide()


def page(folder: Path, size: Size, look: Look) -> Iterator[None]:
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
