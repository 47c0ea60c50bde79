"""Which tools the model may call in this conversation, as things that a person can switch."""

from __future__ import annotations

from functools import partial

from app.actions.action import Action
from app.actions.engine import TOUR
from app.actions.tools.declared import BUILT_IN, BuiltIn
from app.actions.tools.runner import ToolRunner
from app.state.session import Session
from app.words import tr


class ToolActions:
    """A switch for every tool; `toggles` are in the order of `BUILT_IN`."""

    def __init__(self, session: Session, runner: ToolRunner) -> None:
        self._session, self._runner = session, runner
        self.toggles = tuple(
            Action(
                f"tools.{tool.name}",
                f"{tool.title}: {tool.purpose}",
                partial(self._toggle, tool),
                f"Ctrl+Alt+Shift+{number}",
            )
            for number, tool in enumerate(BUILT_IN, start=1)
        )
        session.conversation.tools_changed.connect(self._update)
        session.engine.model_path_changed.connect(self._update)
        self._update()

    @property
    def names(self) -> list[str]:
        """Of those that are on, for people."""
        return [tool.title for tool in BUILT_IN if tool.name in self._runner.on]

    @property
    def remark(self) -> str:
        """What a person should know before switching anything on; empty for nothing."""
        if self._session.engine.model_path == TOUR:
            return tr("The tour model has not learnt to call tools. Gemma 4 has.")
        return tr("Prism asks before a tool runs.")

    def _toggle(self, tool: BuiltIn) -> None:
        self._runner.switch(tool.name, tool.name not in self._runner.on)

    def _update(self, *_: object) -> None:
        for tool, toggle in zip(BUILT_IN, self.toggles, strict=True):
            toggle.checked = tool.name in self._runner.on
