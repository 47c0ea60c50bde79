"""Arguments as models give them."""

from __future__ import annotations

import pytest

from app.actions.tools.arguments import checked
from app.actions.tools.declared import CALCULATOR, CLOCK, LOOK_CLOSER, READ_FILE
from app.actions.tools.failure import ToolError
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.parts import Tool


@pytest.mark.parametrize(
    ("tool", "given", "taken"),
    [
        (CLOCK.tool, {}, {}),
        (CLOCK.tool, {"time_zone": None}, {}),
        (CALCULATOR.tool, {"expression": 12}, {"expression": "12"}),
        (LOOK_CLOSER.tool, {"box": [1, 2.0, "3", 4]}, {"box": [1, 2, 3, 4]}),
        (LOOK_CLOSER.tool, {"box": "[1, 2, 3, 4]", "picture": "2"}, {"box": [1, 2, 3, 4], "picture": 2}),
        (READ_FILE.tool, {"page": 2.0}, {"page": 2}),
    ],
)
def test_what_is_meant_well_is_taken(tool: Tool, given: JsonObject, taken: JsonObject) -> None:
    assert checked(tool, given) == taken


@pytest.mark.parametrize(
    ("tool", "given", "sentence"),
    [
        (CALCULATOR.tool, {}, "calculate needs the argument 'expression'"),
        (CALCULATOR.tool, {"expr": "1"}, "no argument 'expr'; it takes expression"),
        (CALCULATOR.tool, {"expression": ["1"]}, "must be text"),
        (LOOK_CLOSER.tool, {"box": "here"}, "must be a list"),
        (LOOK_CLOSER.tool, {"box": [1, 2, 3.5, 4]}, "item 3, is 3.5; it must be a whole number"),
        (READ_FILE.tool, {"page": True}, "whole number"),
        (READ_FILE.tool, {"page": "1e999"}, "whole number"),
        (READ_FILE.tool, {"page": "two" * 60}, "whole number"),
    ],
)
def test_what_is_wrong_is_named(tool: Tool, given: JsonObject, sentence: str) -> None:
    with pytest.raises(ToolError, match=sentence):
        checked(tool, given)
