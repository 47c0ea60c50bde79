"""Events of an answer as they are kept: what the engine said, in order, adjacent words joined."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, replace

from app.state.tools import CallStatus, Said, ToolAnswered
from mlx_gemma4.protocol.errors import WireError
from mlx_gemma4.protocol.events import PromptProgress, TextDelta, ThoughtDelta, TranscriptSegment
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.wire import event_from_dict, to_dict

_OF_THE_REQUEST = ("seq", "request_id")
_ANSWERED = ToolAnswered.__name__
_FINAL = tuple(status.value for status in CallStatus if status.is_final)


def write_events(events: Iterable[Said]) -> str:
    """A JSON array of them."""
    return json.dumps([event_values(event) for event in joined(events)], separators=(",", ":"), ensure_ascii=False)


def read_events(pieces: Iterable[str]) -> list[Said]:
    """What `write_events` wrote, piece by piece; events that this version does not know, or not so, are left out."""
    events: list[Said] = []
    for piece in pieces:
        for values in json.loads(piece):
            try:
                event = _answered(values) if values.get("type") == _ANSWERED else event_from_dict(values)
            except WireError:
                continue
            if event is not None:
                events.append(event)
    return joined(events)


def event_values(event: Said) -> JsonObject:
    """JSON values of what was said; not which request it answered, which means nothing to another run of the app."""
    if isinstance(event, ToolAnswered):
        values: JsonObject = {"type": _ANSWERED, **asdict(event), "files": [*event.files]}
    else:
        values = to_dict(event)
    return {name: value for name, value in values.items() if name not in _OF_THE_REQUEST}


def _answered(values: JsonObject) -> ToolAnswered | None:
    call, status, files = values.get("call"), values.get("status"), values.get("files")
    if not isinstance(call, int) or status not in _FINAL or not isinstance(files, list):
        return None
    keys = tuple(key for key in files if isinstance(key, int))
    return ToolAnswered(call, str(status), values.get("response"), keys)


def joined(events: Iterable[Said]) -> list[Said]:
    """The same with neighbouring words in one event, and without how far reading had come."""
    result: list[Said] = []
    words: list[str] = []

    def close() -> None:
        if words:
            last = result[-1]
            assert isinstance(last, TextDelta | ThoughtDelta)
            result[-1] = replace(last, text="".join(words))
            words.clear()

    for event in events:
        if isinstance(event, PromptProgress):
            continue
        if isinstance(event, TextDelta | ThoughtDelta):
            if not (words and type(result[-1]) is type(event)):
                close()
                result.append(event)
            words.append(event.text)
        else:
            close()
            result.append(event)
    close()
    return result


def text_of(events: Sequence[Said]) -> str:
    """The words of the answer, for searching."""
    return "".join(
        event.text if isinstance(event, TextDelta) else f"{event.text}\n"
        for event in events
        if isinstance(event, TextDelta | TranscriptSegment)
    )
