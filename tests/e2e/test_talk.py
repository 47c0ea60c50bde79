"""Answers in Markdown, thoughts, presets, going on after Stop, and the texts of a base model."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from PIL import ImageChops

from app.store.changes import AddEvents, Change, SaveConversation, SaveTurn, mark
from app.store.chosen_model import write_chosen
from app.store.schema import open_database
from mlx_gemma4.protocol.events import TextDelta, ThoughtDelta, TurnFinished, UsageReport
from tests.e2e.display import Display
from tests.e2e.window import Scheme, Window, wait_until

TOUR = Path(__file__).parents[2] / "resources" / "tour"
ANSWER = """There are **two ways** to sort a list: `sorted()` gives a *new* one, `list.sort()` changes it in place.

| Function | Changes the list | Gives |
|----------|:----------------:|------:|
| `sorted(x)` | no | a new list |
| `x.sort()` | **yes** | `None` |

1. Look at the data:
   - numbers sort by value
   - words sort by *code point*
2. Then choose a key:

```python
def by_length(words: list[str]) -> list[str]:
    \"\"\"Shortest first; ties stay in order.\"\"\"
    return sorted(words, key=len)  # stable
```

> Sorting is **stable**: equal items keep their order.

More about it in [the how-to](https://docs.python.org/3/howto/sorting.html).
"""
THOUGHT = "The person asks about lists.\nA table shows best what differs, and a short function how a key is used."


def keep(home: Path) -> None:
    """A conversation as if it had been had yesterday."""
    usage = UsageReport(31, 240, 41.0, 0.6, 412_000_000, thinking_seconds=3.2)
    events = (ThoughtDelta(THOUGHT), TextDelta(ANSWER), usage, TurnFinished("end_of_turn"))
    changes: tuple[Change, ...] = (
        SaveConversation(1, "Sorting a list", "words", time.time(), 2),
        SaveTurn(2, 1, None, "How do I sort a list in Python?", (), (), None, None, "answering", None),
        AddEvents(2, events),
        SaveTurn(2, 1, None, "How do I sort a list in Python?", (), (), None, None, "done", None),
        mark("current", 1),
    )
    connection = open_database(home).connection
    for change in changes:
        change(connection)
    connection.close()


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_answer_in_markdown_and_its_thoughts(
    display: Display, tmp_path: Path, pictures: Path, scheme: Scheme
) -> None:
    keep(tmp_path / "home")
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        time.sleep(1)
        window.press("Page_Up", "Page_Up", "Page_Up")
        time.sleep(0.5)
        folded = window.grab().picture
        folded.save(pictures / f"markdown-{scheme}.png", optimize=True)
        click(display, window, *thought_line(window))
        time.sleep(0.5)
        opened = window.grab().picture
        opened.save(pictures / f"thoughts-{scheme}.png", optimize=True)
        lower = (350, 200, 1060, 600)  # the answer has moved down
        changed = ImageChops.difference(folded.crop(lower), opened.crop(lower)).convert("L")
        assert sum(changed.histogram()[60:]) > 5000


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_preset_is_made_chosen_and_kept(display: Display, tmp_path: Path, pictures: Path, scheme: Scheme) -> None:
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        window.press("ctrl+alt+p")
        wait_until(lambda: display.do("search", "--onlyvisible", "--name", "Presets").split(), 5, "the presets open")
        number = display.do("search", "--onlyvisible", "--name", "Presets").split()[0]
        display.do("windowactivate", "--sync", number)
        window.press("Down", "Tab", "space")  # like the second one
        window.type("Kind")
        window.press("Tab")
        window.type("Be kind.")
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"presets-{scheme}.png", optimize=True)
        kept = json.loads((tmp_path / "home" / "presets.json").read_text())
        assert [(preset["name"], preset["instructions"]) for preset in kept] == [("Kind", "Be kind.")]
        assert kept[0]["sampling"]["temperature"] == 1.0


@pytest.mark.full
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_base_model_goes_on_with_a_text(display: Display, tmp_path: Path, pictures: Path, scheme: Scheme) -> None:
    base = Path(shutil.copytree(TOUR, tmp_path / "tour-base"))
    generation = json.loads((base / "generation_config.json").read_text())
    (base / "generation_config.json").write_text(json.dumps(generation | {"eos_token_id": 1}))
    write_chosen(tmp_path / "home", str(base))
    with Window(display, tmp_path, scheme) as window:
        window.wait_for("ModelReady", 20)
        asked = window.ask("What is in this picture")
        window.wait_for("TextDelta", 20, since=asked)
        window.press("Escape")
        first = window.wait_for("TurnFinished", 20, since=asked)
        assert first is not None
        on = window.press("ctrl+shift+Return")
        window.wait_for("TextDelta", 20, since=on)
        time.sleep(0.5)
        window.press("Escape")
        window.wait_for("TurnFinished", 30, since=on)
        time.sleep(0.5)
        window.grab().picture.save(pictures / f"base-model-{scheme}.png", optimize=True)


def thought_line(window: Window) -> tuple[int, int]:
    """Where the line with the time is: left above the answer, below the question."""
    left, top, _, _ = window.box
    return left + 395, top + 156


def click(display: Display, window: Window, x: int, y: int) -> None:
    """There, with the pointer."""
    assert window.process.poll() is None
    display.do("mousemove", "--sync", x, y)
    display.do("click", "1")
