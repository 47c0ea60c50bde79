"""The tools that Prism brings: what they are called, and how the model is told of them.

Declarations are in English, whatever the person's language is: they are part of the prompt.
"""

from __future__ import annotations

from dataclasses import dataclass

from app.words import tr
from mlx_gemma4.protocol.parts import Tool


@dataclass(frozen=True)
class BuiltIn:
    """One of them.

    Attributes:
        title: for people.
        purpose: what it does, likewise.
        icon: its glyph.
        tool: as the model sees it.
        sees: it gives pictures only, so that a model without eyes has no use for it.
    """

    title: str
    purpose: str
    icon: str
    tool: Tool
    sees: bool = False

    @property
    def name(self) -> str:
        """By which the model calls it."""
        return self.tool.name


CLOCK = BuiltIn(
    tr("Clock"),
    tr("Date, time and time zone"),
    "clock",
    Tool(
        "current_time",
        "Tells the present date, time, weekday and time zone.",
        {
            "type": "object",
            "properties": {
                "time_zone": {
                    "type": "string",
                    "description": "IANA name such as Europe/Paris; leave it out for the time zone of this computer.",
                }
            },
        },
    ),
)
CALCULATOR = BuiltIn(
    tr("Calculator"),
    tr("Exact arithmetic"),
    "calculator",
    Tool(
        "calculate",
        "Computes an arithmetic expression exactly.",
        {
            "type": "object",
            "properties": {
                "expression": {
                    "type": "string",
                    "description": "Numbers with + - * / // % ** ! and parentheses; sqrt, abs, round, floor, ceil, "
                    "min, max, exp, ln, log10, sin, cos, tan (radians); pi and e. No thousands separators.",
                }
            },
            "required": ["expression"],
        },
    ),
)
READ_FILE = BuiltIn(
    tr("Read a file"),
    tr("A text, picture or PDF page that you pick"),
    "document",
    Tool(
        "read_file",
        "Asks the person to pick a file and shows what is in it: text, a picture, or a page of a PDF.",
        {
            "type": "object",
            "properties": {
                "purpose": {"type": "string", "description": "Which file is wanted and why, said to the person."},
                "name": {
                    "type": "string",
                    "description": "Name of a file that was read before, to read more of it.",
                },
                "page": {"type": "integer", "description": "Page of a PDF, counted from 1."},
                "from_line": {"type": "integer", "description": "First line of a text, counted from 1."},
            },
        },
    ),
)
LOOK_CLOSER = BuiltIn(
    tr("Look closer"),
    tr("A part of a picture, in full resolution"),
    "zoom-in",
    Tool(
        "look_closer",
        "Shows a part of one of the pictures in this conversation at full resolution.",
        {
            "type": "object",
            "properties": {
                "box": {
                    "type": "array",
                    "items": {"type": "integer"},
                    "description": "The part: ymin, xmin, ymax, xmax from 0 to 1000 along each side.",
                },
                "picture": {
                    "type": "integer",
                    "description": "Which picture, counted from 1; leave it out for the last one.",
                },
                "page": {"type": "integer", "description": "Page of a PDF, counted from 1."},
            },
            "required": ["box"],
        },
    ),
    sees=True,
)
BUILT_IN = (CLOCK, CALCULATOR, READ_FILE, LOOK_CLOSER)
"""All of them, as they stand in menus."""


def built_in(name: str) -> BuiltIn | None:
    """The tool of this name, if there is one."""
    return next((tool for tool in BUILT_IN if tool.name == name), None)
