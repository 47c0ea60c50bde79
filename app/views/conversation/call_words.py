"""A tool call in words: its arguments and its result, whole and on one line."""

from __future__ import annotations

import json

from app.actions.tools.declared import built_in
from app.state.tools import CallStatus, ToolCall
from app.words import tr
from mlx_gemma4.protocol.json_values import Json, JsonObject

_LONGEST_LINE = 200
_FOR_THE_MODEL = ("remark", "rounded", "more", "kind")


def title(call: ToolCall) -> str:
    """What people call the tool; what the model called it, if nobody knows it."""
    tool = built_in(call.name)
    return call.name if tool is None else tool.title


def icon(call: ToolCall) -> str:
    """Its glyph."""
    tool = built_in(call.name)
    return "tools" if tool is None else tool.icon


def state(call: ToolCall, *, can_be_answered: bool) -> str:
    """How far the call is."""
    match call.status:
        case CallStatus.ASKING:
            return tr("Waits for you") if can_be_answered else tr("Not run")
        case CallStatus.RUNNING:
            return tr("Running…")
        case CallStatus.DONE:
            return tr("Done")
        case CallStatus.FAILED:
            return tr("Failed")
        case CallStatus.REFUSED:
            return tr("Not allowed")


def written(value: Json) -> str:
    """A value exactly: text as it is, anything else as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def line(values: Json) -> str:
    """Values beside each other, cut where they are long; errors alone, and without what is said to the model only."""
    if isinstance(values, dict):
        told = [value for name, value in _with_size(values).items() if name not in _FOR_THE_MODEL]
        values = values.get("error") or told
    items = values if isinstance(values, list) else [values]
    text = " · ".join(" ".join(written(item).split()) for item in items)
    return text if len(text) <= _LONGEST_LINE else f"{text[: _LONGEST_LINE - 1]}…"


def paragraphs(values: Json) -> str:
    """Everything, a line for each name, and long texts below theirs."""
    if not isinstance(values, dict):
        return written(values)
    return "\n".join(_named(name, value) for name, value in values.items())


def call_text(name: str, arguments: JsonObject) -> str:
    """The call as code: `calculate(expression="1 + 1")`."""
    inside = ", ".join(f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in arguments.items())
    return f"{name}({inside})"


def _with_size(values: JsonObject) -> JsonObject:
    """A picture's width and height as people write them."""
    if "width" not in values or "height" not in values:
        return values
    rest: JsonObject = {name: value for name, value in values.items() if name != "height"}
    return rest | {"width": f"{values['width']} × {values['height']}"}


def _named(name: str, value: Json) -> str:
    text = written(value)
    return f"{name}:\n{text}" if "\n" in text else f"{name}: {text}"
