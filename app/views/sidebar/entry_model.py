"""Entries and their headings as rows of a list."""

from __future__ import annotations

import time
from typing import TypeAlias

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

from app.state.dates import grouped
from app.state.library import Entry

Index: TypeAlias = QModelIndex | QPersistentModelIndex
_NOWHERE = QModelIndex()


class EntryModel(QAbstractListModel):
    """A row is an Entry, or the text of a heading, which cannot be chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[Entry | str] = []

    def show(self, entries: tuple[Entry, ...]) -> None:
        """Show these."""
        rows: list[Entry | str] = []
        for heading, group in grouped(entries, time.time()):
            rows += [heading, *group]
        if rows == self.rows:
            return
        if len(rows) == len(self.rows):
            self.rows = rows
            self.dataChanged.emit(self.index(0), self.index(len(rows) - 1))
        else:
            self.beginResetModel()
            self.rows = rows
            self.endResetModel()

    def entry(self, index: Index) -> Entry | None:
        """The entry in this row; None for a heading."""
        row = self.rows[index.row()] if 0 <= index.row() < len(self.rows) else None
        return row if isinstance(row, Entry) else None

    def row_of(self, key: int | None) -> QModelIndex:
        """Where this conversation stands."""
        for number, row in enumerate(self.rows):
            if isinstance(row, Entry) and row.key == key:
                return self.index(number)
        return QModelIndex()

    def rowCount(self, parent: Index = _NOWHERE) -> int:
        """Headings count."""
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The title; read aloud with what it is."""
        row = self.rows[index.row()]
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return row if isinstance(row, str) else row.title
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return row if isinstance(row, str) else f"{row.title}, {row.kind}{', pinned' if row.pinned else ''}"
        if role == Qt.ItemDataRole.ToolTipRole and isinstance(row, Entry):
            return row.title
        return None

    def flags(self, index: Index) -> Qt.ItemFlag:
        """Headings are there to be read."""
        if self.entry(index) is None:
            return Qt.ItemFlag.NoItemFlags
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable
