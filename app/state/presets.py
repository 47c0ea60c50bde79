"""Ways of answering: what the model is told beforehand, how it draws its words, whether it thinks first."""

from __future__ import annotations

from dataclasses import dataclass, replace

from app.state.keys import new_key
from app.state.observable import Observable, Property
from app.words import tr
from mlx_gemma4.protocol.json_values import JsonObject
from mlx_gemma4.protocol.requests import GREEDY, SamplingSettings


@dataclass(frozen=True)
class Thinking:
    """Whether the model thinks before it answers, and how many tokens that may take; None for as many as it likes."""

    on: bool = False
    budget: int | None = None

    def as_values(self) -> JsonObject:
        """For keeping."""
        return {"on": self.on, "budget": self.budget}

    @staticmethod
    def from_values(values: object) -> Thinking | None:
        """What `as_values` gave; None for nothing, or nothing that makes sense."""
        if not isinstance(values, dict) or not isinstance(values.get("on"), bool):
            return None
        budget = values.get("budget")
        return Thinking(values["on"], budget if isinstance(budget, int) and budget >= 0 else None)


@dataclass(frozen=True)
class Preset:
    """One way of answering.

    Attributes:
        key: of this one and no other; a word for those that Prism brings.
        instructions: what the model is told before the conversation; empty for nothing.
        sampling: how words are drawn; None takes the likeliest, always.
    """

    key: str
    name: str
    instructions: str = ""
    sampling: SamplingSettings | None = None
    thinking: Thinking = Thinking()


_BRIEF = "Answer in as few words as possible, without an introduction. If a list is shorter, write a list."
BUILT_IN = (
    Preset("precise", tr("Precise")),
    Preset("balanced", tr("Balanced"), sampling=SamplingSettings()),
    Preset("thorough", tr("Thorough"), sampling=SamplingSettings(), thinking=Thinking(True)),
    Preset("brief", tr("Brief"), instructions=_BRIEF),
)
"""The first is taken where nobody chose: boxes deserve steady hands."""


class Presets(Observable):
    """Those that Prism brings, and the person's own.

    Attributes:
        own: in the order in which they were made.
        removed: the one that was removed last, and the place that it had; it can come back.
    """

    own = Property[tuple[Preset, ...]](())
    removed = Property[tuple[int, Preset] | None](None)

    @property
    def items(self) -> tuple[Preset, ...]:
        """All of them."""
        return (*BUILT_IN, *self.own)

    def find(self, key: str) -> Preset:
        """The one with this key; the first where it is not there any more."""
        return next((preset for preset in self.items if preset.key == key), BUILT_IN[0])

    def copy(self, preset: Preset) -> Preset:
        """A new one that begins as this."""
        made = replace(preset, key=str(new_key()), name=self._free_name(preset.name))
        self.own = (*self.own, made)
        return made

    def change(self, preset: Preset) -> None:
        """Put this in the place of the one with its key."""
        self.own = tuple(preset if item.key == preset.key else item for item in self.own)

    def remove(self, key: str) -> None:
        """Take one of the person's own out."""
        for place, preset in enumerate(self.own):
            if preset.key == key:
                self.own = (*self.own[:place], *self.own[place + 1 :])
                self.removed = (place, preset)

    def bring_back(self) -> None:
        """Undo the last removal."""
        if self.removed is not None:
            place, preset = self.removed
            self.own = (*self.own[:place], preset, *self.own[place:])
            self.removed = None

    def _free_name(self, name: str) -> str:
        taken = {preset.name for preset in self.items}
        number = 2
        while f"{name} {number}" in taken:
            number += 1
        return f"{name} {number}"


def sampling_of(preset: Preset) -> SamplingSettings:
    """How its words are drawn."""
    return preset.sampling or GREEDY
