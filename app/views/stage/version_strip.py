"""All versions of the page, side by side: click one, or walk through them by keys."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QSize, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QWidget

from app.state.page import PageProject, PageVersion
from app.views.stage.version_card import VersionCard
from app.words import tr

_SPACING = 2


class VersionStrip(QScrollArea):
    """Follows one project; one stop for Tab, which is the version that is shown."""

    def __init__(self, show: Callable[[PageVersion], None], parent: QWidget | None = None) -> None:
        """`show` is called with the version that the person wants to see."""
        super().__init__(parent)
        self._show = show
        self._project: PageProject | None = None
        self.cards: list[VersionCard] = []
        self.setAccessibleName(tr("Versions"))
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        inside = QWidget()
        self._row = QHBoxLayout(inside)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(_SPACING)
        self._row.addStretch(1)
        self.setWidget(inside)
        self.horizontalScrollBar().rangeChanged.connect(self._bring_into_view)

    def follow(self, project: PageProject | None) -> None:
        """Show the versions of this one from now on."""
        if self._project is not None:
            self._project.version_added.disconnect(self._on_version_added)
            self._project.current_changed.disconnect(self._on_current_changed)
        for card in self.cards:
            self._row.removeWidget(card)
            card.hide()
            card.deleteLater()
        self.cards.clear()
        self._project = project
        if project is not None:
            project.version_added.connect(self._on_version_added)
            project.current_changed.connect(self._on_current_changed)
            for version in project.versions:
                self._on_version_added(version)
            self._on_current_changed(project.current)

    def sizeHint(self) -> QSize:
        """As tall as a card."""
        return QSize(240, max((card.sizeHint().height() for card in self.cards), default=0))

    def minimumSizeHint(self) -> QSize:
        """One version can always be seen."""
        return QSize(120, self.sizeHint().height())

    def changeEvent(self, event: QEvent) -> None:
        """Grow with the text."""
        if event.type() == QEvent.Type.FontChange:
            self.updateGeometry()
        super().changeEvent(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Any wheel turns it sideways."""
        turned = event.pixelDelta() if not event.pixelDelta().isNull() else event.angleDelta() / 2
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - (turned.x() or turned.y()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right, first and last."""
        versions = [card.version for card in self.cards]
        current = self._project.current if self._project else None
        at = versions.index(current) if current in versions else -1
        key = event.key()
        wanted = {
            Qt.Key.Key_Left: at - 1, Qt.Key.Key_Right: at + 1, Qt.Key.Key_Home: 0, Qt.Key.Key_End: len(versions) - 1
        }.get(Qt.Key(key), -1)  # fmt: skip
        if key not in (Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Home, Qt.Key.Key_End):
            super().keyPressEvent(event)
        elif 0 <= wanted < len(versions):
            self._show(versions[wanted])

    def _on_version_added(self, version: PageVersion) -> None:
        before = self.cards[-1].version if self.cards else None
        card = VersionCard(
            version, branched=before is not None and version.made_from is not before, parent=self.widget()
        )
        card.clicked.connect(partial(self._on_clicked, version))
        version.fidelity_changed.connect(self._mark_best)
        self.cards.append(card)
        self._row.insertWidget(self._row.count() - 1, card)
        self._mark_best()
        self.updateGeometry()

    def _on_clicked(self, version: PageVersion, _checked: bool = False) -> None:
        self._on_current_changed(self._project.current if self._project else None)  # Qt has ticked the card by itself
        self._show(version)

    def _on_current_changed(self, current: PageVersion | None) -> None:
        had_focus = any(card.hasFocus() for card in self.cards)
        for card in self.cards:
            shown = card.version is current
            card.setChecked(shown)
            card.setFocusPolicy(Qt.FocusPolicy.TabFocus if shown else Qt.FocusPolicy.NoFocus)
            if shown:
                self._bring_into_view()
                if had_focus:
                    card.setFocus(Qt.FocusReason.OtherFocusReason)

    def _bring_into_view(self, *_: object) -> None:
        """The version that is shown, once it has its place."""
        QTimer.singleShot(0, self, self._scroll)

    def _scroll(self) -> None:
        for card in self.cards:
            if card.isChecked():
                self.ensureWidgetVisible(card, 0, 0)

    def _mark_best(self, *_: object) -> None:
        best = self._project.best if self._project else None
        for card in self.cards:
            card.set_best(card.version is best and len(self.cards) > 1)
