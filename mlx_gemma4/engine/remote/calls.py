"""Tool calls that come in pieces, joined."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from mlx_gemma4.engine.remote.chunks import CallPiece
from mlx_gemma4.parsing.tool_calls import offered_name, parse_tool_calls
from mlx_gemma4.protocol.events import ToolCallRequested, Unparsed


class CallJoiner:
    """Joins pieces by number. A call is complete when another begins, or at the end."""

    def __init__(self, offered: Sequence[str]) -> None:
        """`offered` are the names of the functions that may be called."""
        self._offered = offered
        self._number: int | None = None
        self._name = self._arguments = self._id = ""
        self.count = 0

    def feed(self, pieces: Iterable[CallPiece]) -> list[ToolCallRequested | Unparsed]:
        """The calls that these pieces complete."""
        done: list[ToolCallRequested | Unparsed] = []
        for piece in pieces:
            # some servers number every call 0: a new id with a name is a new call
            another = piece.number != self._number or bool(piece.id and piece.name and self._id not in ("", piece.id))
            if another:
                done += self.finish()
            self._number = piece.number
            self._id = self._id or piece.id
            if not piece.name or piece.name != self._name:  # some repeat the name with every piece
                self._name += piece.name
            self._arguments += piece.arguments
        return done

    def finish(self) -> list[ToolCallRequested | Unparsed]:
        """The last call, if one is open."""
        name, arguments, is_open = self._name, self._arguments, self._number is not None
        self._number, self._name, self._arguments, self._id = None, "", "", ""
        if not is_open:
            return []
        return self._read(name, arguments)

    def _read(self, name: str, text: str) -> list[ToolCallRequested | Unparsed]:
        try:
            arguments = json.loads(text or "{}")
        except (ValueError, RecursionError):
            arguments = None
        if isinstance(arguments, dict) and name:
            self.count += 1
            return [ToolCallRequested(offered_name(name, self._offered), arguments)]
        calls, rest = parse_tool_calls(f"call:{name}{text}") if name and text.lstrip().startswith("{") else ([], text)
        if len(calls) == 1 and not rest:
            self.count += 1
            return [ToolCallRequested(offered_name(calls[0].name, self._offered), calls[0].arguments)]
        return [Unparsed("tool_call", f"{name}{text}")]
