"""An answer that comes as text, markers spelled out in it if at all, to the events that ids would give.

Servers send text. Most take markers out themselves; some pass on what the model writes, Gemma's or `<think>` at the
start. The text is cut at them into what `EventParser` takes for ids, so that there is one parser.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence

from mlx_gemma4.parsing.channels import ChannelIds
from mlx_gemma4.parsing.event_parser import AnswerEvent, EventParser
from mlx_gemma4.parsing.stop_strings import begun

MARKERS = {
    "<|channel>": 1,
    "<channel|>": 2,
    "<|tool_call>": 3,
    "<tool_call|>": 4,
    '<|"|>': 5,
    "<turn|>": 6,
    "<|tool_response>": 7,
}
"""As `prompt.special_tokens` spells them; the numbers mean something here only."""
_THINK, _END_OF_THINK = "<think>", "</think>"
_TEXT = 0
_IDS = ChannelIds(
    channel_open=1,
    channel_close=2,
    tool_call_open=3,
    tool_call_close=4,
    string=5,
    hidden=frozenset(MARKERS.values()),
)


class SpelledAnswer:
    """Reads one answer; how it was cut into pieces makes no difference to what the events say together."""

    def __init__(self, *, media_index: int = 0, stop: Sequence[str] = (), tools: Sequence[str] = ()) -> None:
        """As for `EventParser`."""
        self._runs = _Runs()
        self._parser = EventParser(_IDS, self._runs, media_index=media_index, stop=stop, tools=tools)
        self._held = ""
        self._begins = True  # nothing but space has come
        self._thinks = False  # between <think> and its end

    @property
    def calls(self) -> int:
        """How many tool calls have been requested so far."""
        return self._parser.calls

    @property
    def stopped(self) -> bool:
        """Whether the answer is over because a stop string has come."""
        return self._parser.stopped

    def feed(self, text: str) -> list[AnswerEvent]:
        """The events that this piece completes."""
        self._held += text
        return [event for token in self._cut() for event in self._parser.feed(token)]

    def finish(self, *, complete: bool) -> list[AnswerEvent]:
        """The last events; `complete` says that the model ended its turn itself and was not cut off."""
        rest, self._held = self._held, ""
        events = [event for token in self._tokens(rest) for event in self._parser.feed(token)]
        return [*events, *self._parser.finish(complete=complete)]

    def _cut(self) -> Iterator[int]:
        """Take everything off what is held but the beginning of a marker."""
        while self._held:
            markers = self._markers()
            places = {marker: self._held.find(marker) for marker in markers if marker in self._held}
            if not places:
                free = len(self._held) - max(begun(self._held, marker) for marker in markers)
                text, self._held = self._held[:free], self._held[free:]
                yield from self._tokens(text)
                return
            marker = min(places, key=lambda marker: places[marker])
            text, self._held = self._held[: places[marker]], self._held[places[marker] + len(marker) :]
            yield from self._tokens(text)
            yield self._switch(marker)

    def _markers(self) -> tuple[str, ...]:
        if self._begins and _THINK.startswith(self._held.lstrip()[: len(_THINK)]):
            return (*MARKERS, _THINK)
        return (*MARKERS, _END_OF_THINK) if self._thinks else tuple(MARKERS)

    def _switch(self, marker: str) -> int:
        self._begins = False
        if marker in (_THINK, _END_OF_THINK):
            self._thinks = marker == _THINK
            return MARKERS["<|channel>" if self._thinks else "<channel|>"]
        return MARKERS[marker]

    def _tokens(self, text: str) -> Iterator[int]:
        if text:
            self._begins = self._begins and not text.strip()
            self._runs.waiting.append(text)
            yield _TEXT


class _Runs:
    """What the parser takes for a decoder: the runs of text between markers, in order."""

    def __init__(self) -> None:
        self.waiting: deque[str] = deque()

    def feed(self, token: int) -> str:
        """The next run, whatever its id."""
        return self.waiting.popleft()

    def flush(self) -> str:
        """Runs are whole."""
        return ""
