"""Conversations as files."""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from app import export_command
from app.platform.home import VARIABLE, home
from app.state.tools import ToolChoice
from app.store.schema import NAME
from mlx_gemma4.protocol.events import TextDelta, ThoughtDelta, TurnFinished
from mlx_gemma4.protocol.wire import event_from_dict
from tests.unit.app.calling import ALL, calls, in_rounds, says
from tests.unit.app.scripted import Rig
from tests.unit.app.store.keeping import Keeping

ROOT = Path(__file__).parents[4]


@pytest.fixture
def rig(keeping: Keeping, picture: str) -> Rig:
    """A conversation about a picture, with a branch that is not on the screen."""
    rig = keeping.begin()
    keeping.ask(rig, "Where is the <star>?", picture)
    rig.answer = lambda ask: [
        (0.0, ThoughtDelta("Hm & hm.")),
        (0.0, TextDelta("First.")),
        (0.0, TurnFinished("end_of_turn")),
    ]
    keeping.ask(rig, "Sure?")
    rig.answer = lambda ask: [(0.0, TextDelta("Second <b>.")), (0.0, TurnFinished("end_of_turn"))]
    rig.actions.conversation.retry.trigger()
    keeping.wait(lambda: rig.session.conversation.idle)
    return rig


def exported(rig: Rig, keeping: Keeping, target: Path) -> str:
    """What is in the file."""
    rig.target = str(target)
    rig.actions.library.export.trigger()
    keeping.wait(lambda: any(notice.subject == "export" for notice in rig.session.notices.items))
    return target.read_text()


def test_markdown_has_the_branch_on_the_screen_and_pictures_beside_it(
    rig: Rig, keeping: Keeping, tmp_path: Path, picture: str
) -> None:
    text = exported(rig, keeping, tmp_path / "talk.md")
    name = f"{hashlib.sha256(Path(picture).read_bytes()).hexdigest()}.png"
    head = f"# Where is the <star>?\n\n> ![blue.png](<talk files/{name}>)\n> Where is the <star>?\n\nHere:\n```json\n"
    assert text.startswith(head)
    assert "Boxes on *blue.png* (ymin, xmin, ymax, xmax of 1000):\n\n- star: 10, 20, 300, 400\n" in text
    assert text.endswith("> Sure?\n\nSecond <b>.\n")
    assert (tmp_path / "talk files" / name).read_bytes() == Path(picture).read_bytes()


@pytest.fixture
def called(keeping: Keeping, picture: str) -> Rig:
    """A conversation in which a tool was allowed and brought a picture, and another was not."""
    rounds = in_rounds(
        calls(("read_file", {"purpose": "the <blue> one"}), words="I need it.", thought="Which?"),
        calls(("calculate", {"expression": "1 + 1"})),
        says("It is blue."),
    )
    rig = keeping.begin(rounds)
    rig.session.conversation.tools = ToolChoice(ALL)
    rig.picked = picture
    rig.actions.conversation.ask("Which colour?")
    tools = rig.actions.conversation.tools
    keeping.wait(lambda: bool(tools.waiting()))
    turn = rig.session.conversation.turns[0]
    tools.allow(turn, turn.calls[0])
    keeping.wait(lambda: len(turn.calls) == 2 and bool(tools.waiting()))
    tools.refuse(turn, turn.calls[1])
    keeping.wait(lambda: rig.session.conversation.idle)
    return rig


def test_markdown_has_thoughts_and_tool_calls_in_their_places(called: Rig, keeping: Keeping, tmp_path: Path) -> None:
    text = exported(called, keeping, tmp_path / "talk.md")
    places = [
        "<details><summary>Thoughts</summary>\n\nWhich?\n\n</details>",
        "I need it.",
        '**Tool, done:**\n\n```\nread_file(purpose="the <blue> one")\n```\n\n```json\n{\n "name": "blue.png"',
        "![blue.png](<talk files/",
        '**Tool, not allowed:**\n\n```\ncalculate(expression="1 + 1")\n```',
        "It is blue.",
    ]
    assert [text.index(place) for place in places] == sorted(text.index(place) for place in places)
    assert len(list((tmp_path / "talk files").iterdir())) == 1


def test_html_has_tool_calls_with_their_pictures_and_boxes_over_pictures(
    called: Rig, keeping: Keeping, tmp_path: Path
) -> None:
    text = exported(called, keeping, tmp_path / "talk.html")
    assert "read_file(purpose=&quot;the &lt;blue&gt; one&quot;)" in text and "Tool, not allowed" in text
    assert text.count('alt="blue.png"') == 1 and 'title="SHA-256 ' in text and "<script" not in text


def test_json_has_results_of_tools_and_hashes_of_files(
    called: Rig, keeping: Keeping, tmp_path: Path, picture: str
) -> None:
    (conversation,) = json.loads(exported(called, keeping, tmp_path / "talk.json"))["conversations"]
    answered = [event for event in conversation["turns"][0]["events"] if event["type"] == "ToolAnswered"]
    (file,) = conversation["files"]
    assert [(event["call"], event["status"]) for event in answered] == [(0, "done"), (1, "refused")]
    assert answered[0]["files"] == [file["id"]] and answered[0]["response"]["name"] == "blue.png"
    assert file["sha256"] == hashlib.sha256(Path(picture).read_bytes()).hexdigest()
    assert conversation["settings"]["tools"]["allowed"] == []


def test_the_command_reads_what_an_earlier_prism_has_written(
    rig: Rig, keeping: Keeping, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeping.end(rig)
    with closing(sqlite3.connect(keeping.folder / NAME)) as connection:
        for table in ("conversations", "turns"):
            connection.execute(f"ALTER TABLE {table} DROP COLUMN settings")
        connection.execute("PRAGMA user_version = 1")
    monkeypatch.setenv(VARIABLE, str(keeping.folder))
    assert export_command.main(["--json", str(tmp_path / "all.json")]) == 0
    (conversation,) = json.loads((tmp_path / "all.json").read_text())["conversations"]
    assert len(conversation["turns"]) == 3


def test_html_shows_words_as_they_are_and_pictures(rig: Rig, keeping: Keeping, tmp_path: Path) -> None:
    text = exported(rig, keeping, tmp_path / "talk.html")
    assert "Where is the &lt;star&gt;?" in text and "Second &lt;b&gt;." in text and "<script" not in text
    assert 'alt="blue.png" src="data:image/png;base64,' in text
    assert '<rect x="20" y="10" width="380" height="290" ' in text and "<li>star: 10, 20, 300, 400</li>" in text


def test_json_has_all_branches_with_their_events(rig: Rig, keeping: Keeping, tmp_path: Path) -> None:
    (conversation,) = json.loads(exported(rig, keeping, tmp_path / "talk.json"))["conversations"]
    assert [turn["answer"] for turn in conversation["turns"]][1:] == ["First.", "Second <b>."]
    assert conversation["turns"][1]["after"] == conversation["turns"][2]["after"] == conversation["turns"][0]["id"]
    kinds = [event["type"] for event in conversation["turns"][0]["events"]]
    assert kinds == ["TextDelta", "BoxFound", "TextDelta", "UsageReport", "TurnFinished"]
    assert all(event_from_dict(event) is not None for turn in conversation["turns"] for event in turn["events"])


def test_a_file_that_cannot_be_written_is_a_sentence(rig: Rig, keeping: Keeping, tmp_path: Path) -> None:
    rig.target = str(tmp_path / "nowhere" / "talk.md")
    rig.actions.library.export.trigger()
    keeping.wait(lambda: bool(rig.session.notices.items))
    (notice,) = rig.session.notices.items
    assert notice.text == "The conversation cannot be exported: No such file or directory."


def test_a_name_without_an_ending_becomes_markdown(rig: Rig, keeping: Keeping, tmp_path: Path) -> None:
    rig.target = str(tmp_path / "talk")
    rig.actions.library.export.trigger()
    keeping.wait((tmp_path / "talk.md").exists)


def test_the_command_writes_everything(rig: Rig, keeping: Keeping, tmp_path: Path) -> None:
    rig.actions.conversation.new.trigger()
    keeping.ask(rig, "Something else?")
    keeping.end(rig)
    target = tmp_path / "all.json"
    environment = {**os.environ, VARIABLE: str(keeping.folder)}
    command = [sys.executable, "-m", "app", "export", "--json", str(target)]
    subprocess.run(command, cwd=ROOT, env=environment, check=True, timeout=60)
    values = json.loads(target.read_text())
    assert (values["format"], values["version"]) == ("prism-conversations", 1)
    assert [len(conversation["turns"]) for conversation in values["conversations"]] == [1, 3]
    assert list(tmp_path.glob("*.part")) == []


@pytest.mark.parametrize(
    ("content", "sentence"), [(None, "There are no conversations in"), (b"not a database" * 100, "it is damaged")]
)
def test_without_a_database_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], content: bytes, sentence: str
) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    if content is not None:
        (tmp_path / NAME).write_bytes(content)
    assert home() == tmp_path
    assert export_command.main(["--json", "-"]) == export_command.FAILED
    assert sentence in capsys.readouterr().err
