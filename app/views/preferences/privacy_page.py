"""What leaves this computer, and what is kept on it."""

from __future__ import annotations

from PySide6.QtCore import QDateTime, QLocale, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QPushButton, QVBoxLayout, QWidget

from app.actions.privacy import PrivacyActions
from app.state.contacts import Contact, Purpose
from app.views import figures, theme
from app.views.preferences.cards import card_of, line
from app.words import current, tr, trn

PROMISE = tr(
    "Prism has no telemetry: nothing counts what you do, and nothing is sent to anybody by itself. Questions and files "
    "stay on this computer, unless you choose a server that answers them."
)
MEANING = tr(
    "Deletes all conversations with their files, downloaded models, settings, and this list, then closes Prism. "
    "It can't be undone. Files that you dropped stay where they are; so do models in other programs' folders."
)
_WHY = {
    Purpose.DOWNLOAD: tr("to download a model"),
    Purpose.UPDATES: tr("to ask for a newer Prism"),
    Purpose.SERVER_MODELS: tr("to ask which models it has"),
    Purpose.SERVER_ANSWERS: tr("to have questions answered"),
}


class PrivacyPage(QWidget):
    """Made anew whenever it is looked at."""

    def __init__(self, privacy: PrivacyActions) -> None:
        super().__init__()
        self._privacy = privacy
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(*[theme.GRID * 2] * 4)
        self._column.setSpacing(theme.GRID)
        self._column.addWidget(line(self, "conversation", PROMISE))
        self._contacts, self._kept = QWidget(self), QWidget(self)
        for title, part in ((tr("Contacted addresses"), self._contacts), (tr("Kept on this computer"), self._kept)):
            self._column.addSpacing(theme.GRID)
            self._column.addWidget(line(self, "section", title))
            QVBoxLayout(part).setContentsMargins(0, 0, 0, 0)
            self._column.addWidget(part)
        self._column.addLayout(self._buttons())
        self.question = self._make_question()
        self._column.addWidget(self.question)
        self._column.addStretch(1)
        privacy.contacts.items_changed.connect(self._fill_contacts)
        self._fill_contacts()

    def showEvent(self, event: QShowEvent) -> None:
        """Sizes have changed meanwhile."""
        self._fill(self._kept, [_kept_row(kept.title, size) for kept, size in self._privacy.kept()])
        self.question.hide()
        super().showEvent(event)

    def _fill_contacts(self, *_: object) -> None:
        rows = [_contact_row(contact) for contact in self._privacy.contacts.items]
        self._fill(self._contacts, rows or [_row(tr("Prism has contacted nobody so far."), "")])

    def _fill(self, part: QWidget, rows: list[QWidget]) -> None:
        layout = part.layout()
        assert layout is not None
        while (item := layout.takeAt(0)) is not None:
            old = item.widget()
            if old is not None:
                old.hide()
                old.deleteLater()
        layout.addWidget(card_of(rows, part))

    def _buttons(self) -> QHBoxLayout:
        self.folder = QPushButton(tr("Show Folder"), self)
        self.folder.setToolTip(str(self._privacy.folder))
        self.folder.clicked.connect(self._privacy.show_folder)
        self.delete = QPushButton(tr("Delete Everything…"), self)
        self.delete.clicked.connect(self._on_delete)
        row = QHBoxLayout()
        row.addWidget(self.folder)
        row.addStretch(1)
        row.addWidget(self.delete)
        return row

    def _make_question(self) -> QFrame:
        self.really = QPushButton(tr("Delete Everything"))
        self.really.setProperty("role", "danger")
        self.really.clicked.connect(self._privacy.delete_everything)
        keep = QPushButton(tr("Keep"))
        keep.clicked.connect(self._on_keep)
        said = QWidget()
        column = QVBoxLayout(said)
        column.setContentsMargins(theme.INSET, theme.GRID, theme.INSET, theme.GRID)
        column.addWidget(line(said, "", MEANING))
        row = QHBoxLayout()
        row.addStretch(1)
        row.addWidget(keep)
        row.addWidget(self.really)
        column.addLayout(row)
        return card_of([said], self)

    def _on_delete(self) -> None:
        self.question.show()
        self.really.setFocus(Qt.FocusReason.OtherFocusReason)

    def _on_keep(self) -> None:
        self.question.hide()
        self.delete.setFocus(Qt.FocusReason.OtherFocusReason)


def _contact_row(contact: Contact) -> QWidget:
    locale = QLocale(current().code)
    when = locale.toString(QDateTime.fromSecsSinceEpoch(int(contact.last)), QLocale.FormatType.ShortFormat)
    why = dict(_WHY).get(Purpose(contact.purpose)) if contact.purpose in set(Purpose) else contact.purpose
    times = trn("once", "{n} times", contact.times)
    return _row(contact.address, figures.joined(why or "", times, tr("last on {date}", date=when)))


def _kept_row(title: str, size: int) -> QWidget:
    return _row(title, figures.size(size) if size >= 500_000 else tr("under 1 MB") if size else tr("nothing"))


def _row(title: str, note: str) -> QWidget:
    row = QWidget()
    column = QVBoxLayout(row)
    column.setContentsMargins(theme.INSET, theme.GRID, theme.INSET, theme.GRID)
    column.setSpacing(2)
    name = line(row, "", title)
    name.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    column.addWidget(name)
    if note:
        column.addWidget(line(row, "quiet", note))
    return row
