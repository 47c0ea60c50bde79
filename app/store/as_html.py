"""A conversation as one HTML file without scripts: pictures inside, boxes drawn over them."""

from __future__ import annotations

import base64
import html
import json
from pathlib import Path

from app.store.answer_pieces import Boxed, Call, Files, Piece, Thought, boxed, pieces
from app.store.records import StoredConversation, StoredFile
from app.store.shown_turns import shown_turns, why_nothing
from mlx_gemma4.protocol.box_colours import COLOURS

_LARGEST_PICTURE = 4_000_000
_STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;max-width:720px;margin:40px auto;padding:0 24px;color:#1d1d1f;"
    "background:#fff}h1{font-size:22px}.q{background:#ececf8;border-radius:10px;padding:10px 12px;margin:32px 0 16px "
    "20%;width:fit-content;max-width:80%;margin-left:auto}.q,.a{white-space:pre-wrap;overflow-wrap:anywhere}"
    "img{display:block;max-width:100%;max-height:240px;border-radius:6px;margin-bottom:8px}.n,summary{color:#6e6e73}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;font:12px/1.5 ui-monospace,monospace;margin:8px 0}"
    ".t{border:1px solid #d2d2d7;border-radius:10px;padding:10px 12px;margin:16px 0}"
    ".b{position:relative;width:fit-content;margin:16px 0}.b img{max-height:420px;margin:0}"
    ".b svg{position:absolute;inset:0;width:100%;height:100%}.b rect{fill-opacity:.18;stroke-width:2px}"
    "@media(prefers-color-scheme:dark){body{background:#1e1e20;color:#f5f5f7}.q{background:#2f2f3e}"
    ".n,summary{color:#98989d}.t{border-color:#48484a}}"
)


def as_html(conversation: StoredConversation) -> str:
    """The branch that was on the screen."""
    files: Files = {file.key: file for file in conversation.files}
    title = html.escape(conversation.entry.title)
    parts = [
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n<style>{_STYLE}</style>',
        f"<h1>{title}</h1>",
    ]
    for turn in shown_turns(conversation):
        shown = "".join(_file(files[key]) for key in turn.attachments if key in files)
        parts.append(f'<div class="q">{shown}{html.escape(turn.question)}</div>')
        answer = [*map(_piece, pieces(turn, files)), *map(_boxes, boxed(turn, files))]
        parts += answer or [f'<div class="a n">{html.escape(why_nothing(turn))}</div>']
    return "\n".join(parts) + "\n</html>\n"


def _piece(piece: Piece) -> str:
    if isinstance(piece, Thought):
        inside = f'<div class="a n">{html.escape(piece.text)}</div>'
        return f"<details><summary>Thoughts</summary>{inside}</details>"
    if isinstance(piece, Call):
        return _call(piece)
    return f'<div class="a">{html.escape(piece.text)}</div>'


def _call(call: Call) -> str:
    result = ""
    if call.response is not None:
        inside = f"<pre>{html.escape(json.dumps(call.response, ensure_ascii=False, indent=1))}</pre>"
        result = f"<details><summary>Result</summary>{inside}</details>"
    pictures = "".join(map(_file, call.files))
    head = f'<span class="n">Tool, {call.outcome}</span><pre>{html.escape(call.text)}</pre>'
    return f'<div class="t">{head}{result}{pictures}</div>'


def _boxes(on: Boxed) -> str:
    """The picture with its boxes, if it can be shown, and a list of them."""
    labels = list(dict.fromkeys(label for label, _ in on.boxes))
    rows = "".join(f"<li>{html.escape(label)}: {', '.join(map(str, box))}</li>" for label, box in on.boxes)
    picture = _picture(on.file) if on.file else ""
    drawn = "".join(
        f'<rect x="{left}" y="{top}" width="{right - left}" height="{bottom - top}" '
        f'fill="{_colour(labels, label)}" stroke="{_colour(labels, label)}" vector-effect="non-scaling-stroke">'
        f"<title>{html.escape(label)}</title></rect>"
        for label, (top, left, bottom, right) in on.boxes
    )
    overlay = f'<svg viewBox="0 0 1000 1000" preserveAspectRatio="none">{drawn}</svg>'
    figure = f'<div class="b">{picture}{overlay}</div>' if picture else ""
    name = html.escape(on.file.name) if on.file else "the picture"
    return f'{figure}<details><summary>Boxes on {name}</summary><ul class="n">{rows}</ul></details>'


def _colour(labels: list[str], label: str) -> str:
    return COLOURS[labels.index(label) % len(COLOURS)]


def _file(file: StoredFile) -> str:
    return _picture(file) or f'<div class="n" title="{_by_hash(file)}">{html.escape(file.name)}</div>'


def _picture(file: StoredFile) -> str:
    """The picture inside the page; empty for one that cannot be shown."""
    path = Path(file.path)
    try:
        content = path.read_bytes() if file.picture_kind and path.stat().st_size <= _LARGEST_PICTURE else b""
    except OSError:
        content = b""
    if not content:
        return ""
    source = f"data:image/{file.picture_kind};base64,{base64.b64encode(content).decode()}"
    return f'<img alt="{html.escape(file.name)}" src="{source}" title="{_by_hash(file)}">'


def _by_hash(file: StoredFile) -> str:
    return f"SHA-256 {file.sha256}" if file.sha256 else html.escape(file.name)
