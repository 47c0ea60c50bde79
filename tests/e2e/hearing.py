"""A model that hears, and what tests of transcripts do with the window."""

from __future__ import annotations

import json
import time
from pathlib import Path

from app.store.chosen_model import write_chosen
from tests.e2e.display import Display
from tests.e2e.window import Window, wait_until
from tests.unit.hearing_models import write_hearing_model
from tests.unit.tiny_tokenizer import build_tokenizer

_EXPORT = (-56, 170)  # pixels of the window, from its right and upper edge


def choose_hearing_model(folder: Path) -> None:
    """Make a tiny random model the chosen one, which writes 512 small letters, spaces and bits of words a piece."""
    model = folder / "hearing"
    model.mkdir()
    write_hearing_model(model)
    settings = json.loads((model / "generation_config.json").read_text())
    mute = [number for piece, number in build_tokenizer().get_vocab().items() if not _is_plain(piece)]
    (model / "generation_config.json").write_text(json.dumps(settings | {"suppress_tokens": mute}))
    write_chosen(folder / "home", str(model))


def export_transcript(display: Display, window: Window, target: Path) -> None:
    """Through the dialog, beginning with its button beside the transcript."""
    window.click(*_EXPORT)
    wait_until(lambda: display.do("search", "--onlyvisible", "--name", "^Save$"), 5, "the dialog opens")
    time.sleep(0.5)
    window.press("ctrl+a")
    window.type(str(target))
    window.press("Return")
    wait_until(lambda: any(target.name in sentence for sentence in window.sentences()), 10, "it is written")
    wait_until(lambda: not display.do("search", "--onlyvisible", "--name", "^Save$"), 5, "the dialog closes")
    time.sleep(0.4)


def _is_plain(piece: str) -> bool:
    letters = piece.replace("▁", "")
    return not letters or (letters.isascii() and letters.isalpha() and letters.islower())
