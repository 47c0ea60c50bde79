"""A conversation as Markdown, with its pictures in a folder beside it, each under the hash of its content."""

from __future__ import annotations

import json
from collections.abc import Iterable

from app.store.answer_pieces import Boxed, Call, Files, Piece, Thought, boxed, pieces
from app.store.records import StoredConversation, StoredFile
from app.store.shown_turns import shown_turns, why_nothing


def as_markdown(conversation: StoredConversation, folder: str) -> str:
    """The branch that was on the screen; its pictures are to be found in `folder`."""
    files: Files = {file.key: file for file in conversation.files}
    parts = [f"# {conversation.entry.title}"]
    for turn in shown_turns(conversation):
        names = [_file(files[key], folder) for key in turn.attachments if key in files]
        parts.append("\n".join(f"> {line}".rstrip() for line in [*names, *turn.question.splitlines()]))
        answer = [_piece(piece, folder) for piece in pieces(turn, files)]
        parts += [*answer, *map(_boxes, boxed(turn, files))] or [why_nothing(turn)]
    return "\n\n".join(parts) + "\n"


def pictures_of(conversation: StoredConversation) -> list[StoredFile]:
    """Those that `as_markdown` refers to."""
    files: Files = {file.key: file for file in conversation.files}
    wanted: dict[int, StoredFile] = {}
    for turn in shown_turns(conversation):
        wanted |= {key: files[key] for key in turn.attachments if key in files}
        for piece in pieces(turn, files):
            if isinstance(piece, Call):
                wanted |= {file.key: file for file in piece.files}
    return [file for file in wanted.values() if file.sha256 and file.picture_kind]


def _file(file: StoredFile, folder: str) -> str:
    if file.sha256 and file.picture_kind:
        return f"![{file.name}](<{folder}/{file.name_by_hash}>)"
    return f"*{file.name}*" + (f" (SHA-256 {file.sha256})" if file.sha256 else "")


def _piece(piece: Piece, folder: str) -> str:
    if isinstance(piece, Thought):
        return f"<details><summary>Thoughts</summary>\n\n{piece.text}\n\n</details>"
    if isinstance(piece, Call):
        return "\n\n".join(_call(piece, folder))
    return piece.text


def _call(call: Call, folder: str) -> Iterable[str]:
    yield f"**Tool, {call.outcome}:**"
    yield _fenced(call.text, "")
    if call.response is not None:
        yield _fenced(json.dumps(call.response, ensure_ascii=False, indent=1), "json")
    yield from (_file(file, folder) for file in call.files)


def _fenced(text: str, language: str) -> str:
    fence = "```"
    while fence in text:
        fence += "`"
    return f"{fence}{language}\n{text}\n{fence}"


def _boxes(on: Boxed) -> str:
    where = f" on *{on.file.name}*" if on.file else ""
    lines = [f"- {label}: {', '.join(map(str, box))}" for label, box in on.boxes]
    return "\n".join([f"Boxes{where} (ymin, xmin, ymax, xmax of 1000):", "", *lines])
