"""All versions of the page, side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.state.page import PageProject, PageVersion
from app.views.stage.card_strip import CardStrip
from app.views.stage.version_card import VersionCard
from app.words import tr


class VersionStrip(CardStrip[VersionCard]):
    """Follows one project."""

    def __init__(self, show: Callable[[PageVersion], None], parent: QWidget | None = None) -> None:
        """`show` is called with the version that the person wants to see."""
        super().__init__(tr("Versions"), parent)
        self._show = show
        self._project: PageProject | None = None
        self.chosen.connect(self._on_chosen)

    def follow(self, project: PageProject | None) -> None:
        """Show the versions of this one from now on."""
        if self._project is not None:
            self._project.version_added.disconnect(self._on_version_added)
            self._project.current_changed.disconnect(self._on_current_changed)
        self.clear()
        self._project = project
        if project is not None:
            project.version_added.connect(self._on_version_added)
            project.current_changed.connect(self._on_current_changed)
            for version in project.versions:
                self._on_version_added(version)
            self._on_current_changed(project.current)

    def _on_chosen(self, number: int) -> None:
        self._show(self.cards[number].version)

    def _on_version_added(self, version: PageVersion) -> None:
        before = self.cards[-1].version if self.cards else None
        branched = before is not None and version.made_from is not before
        version.fidelity_changed.connect(self._mark_best)
        self.put(VersionCard(version, branched=branched, parent=self.widget()))
        self._mark_best()

    def _on_current_changed(self, current: PageVersion | None) -> None:
        versions = [card.version for card in self.cards]
        self.show_current(versions.index(current) if current in versions else None)

    def _mark_best(self, *_: object) -> None:
        best = self._project.best if self._project else None
        for card in self.cards:
            card.set_best(card.version is best and len(self.cards) > 1)
