"""How long ago something was, as lists say it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import groupby

from PySide6.QtCore import QLocale

from app.state.library import Entry
from app.words import tr

PINNED, TODAY, YESTERDAY = tr("Pinned"), tr("Today"), tr("Yesterday")
THIS_WEEK, THIS_MONTH = tr("Previous 7 days"), tr("Previous 30 days")


def grouped(entries: Iterable[Entry], now: float) -> Iterator[tuple[str, list[Entry]]]:
    """Entries under their headings: pinned ones first, then by the day on which they were changed."""
    ordered = sorted(entries, key=lambda entry: (entry.pinned, entry.changed), reverse=True)
    today = datetime.fromtimestamp(now)
    for heading, group in groupby(ordered, lambda entry: PINNED if entry.pinned else heading_of(entry.changed, today)):
        yield heading, list(group)


def heading_of(moment: float, today: datetime) -> str:
    """The day's name; for what is long ago, the month's, or the year."""
    day = datetime.fromtimestamp(moment)
    days = (today.date() - day.date()).days
    if days <= 0:
        return TODAY
    if days == 1:
        return YESTERDAY
    if days <= 7:
        return THIS_WEEK
    if days <= 30:
        return THIS_MONTH
    if day.year == today.year:
        return QLocale(QLocale.Language.English).standaloneMonthName(day.month)
    return str(day.year)


def day_of(moment: float, now: float) -> str:
    """A day in few letters, for the end of a line."""
    day, today = datetime.fromtimestamp(moment), datetime.fromtimestamp(now)
    days = (today.date() - day.date()).days
    if days <= 1:
        return TODAY if days <= 0 else YESTERDAY
    month = QLocale(QLocale.Language.English).standaloneMonthName(day.month, QLocale.FormatType.ShortFormat)
    return f"{day.day} {month}" if day.year == today.year else f"{day.day} {month} {day.year}"
