"""Contacts as a readable file."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

from PySide6.QtCore import QObject

from app.state.contacts import Contact, Contacts
from app.store.json_file import read_json, write_json

FILE = "contacts.json"


class ContactStore(QObject):
    """Reads the file once, and writes it whenever somebody is contacted."""

    def __init__(self, contacts: Contacts, folder: Path) -> None:
        super().__init__()
        self._file = folder / FILE
        contacts.items = tuple(_read(self._file))
        contacts.items_changed.connect(self._on_items_changed)

    def _on_items_changed(self, items: tuple[Contact, ...]) -> None:
        write_json(self._file, [asdict(item) for item in items])


def _read(file: Path) -> list[Contact]:
    """Entries that are whole; those of another shape are left out."""
    values = read_json(file)
    found: list[Contact] = []
    for value in values if isinstance(values, list) else ():
        match value:
            case {
                "address": str(address),
                "purpose": str(purpose),
                "first": int() | float() as first,
                "last": int() | float() as last,
                "times": int(times),
            }:
                found.append(Contact(address, purpose, first, last, times))
            case _:
                pass
    return found
