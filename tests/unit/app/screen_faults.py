"""What can be wrong on a screen: words nobody translated, words cut off, controls without a name or on each other."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QComboBox,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPushButton,
    QScrollArea,
    QScrollBar,
    QSplitterHandle,
    QWidget,
)

from app.words import PSEUDO, VARIABLE

_WORD = re.compile(r"[A-Za-z]*[aeiou][A-Za-z]*", re.ASCII)
_UNITS = {"no", "a", "e", "o", "i", "u"}
_KEYS = re.compile(r"\((?:Ctrl|Alt|Shift|Meta|F\d|Esc|Return|Del|[⌘⌥⇧⌃]).*?\)")
_SLACK = 2


def faults_of(root: QWidget, data: Sequence[str]) -> list[str]:
    """Everything wrong with what is visible of a window, by walking its widgets."""
    found: list[str] = []
    for widget in [root, *root.findChildren(QWidget)]:
        if not (widget.isVisibleTo(root) or widget is root):
            continue
        if os.environ.get(VARIABLE) == PSEUDO:
            found += [f"not translated: {said!r} ({kind})" for kind, said in said_by(widget) if english(said, data)]
        found += _unnamed(widget)
        found += _cut(widget, root)
    found += list(_overlaps(root))
    return found


def said_by(widget: QWidget) -> Iterator[tuple[str, str]]:
    """All words of a widget, and where they are."""
    name = type(widget).__name__
    yield f"{name} tooltip", widget.toolTip()
    yield f"{name} name", widget.accessibleName()
    yield f"{name} description", widget.accessibleDescription()
    if widget.isWindow():
        yield f"{name} title", widget.windowTitle()
    if isinstance(widget, QLabel | QAbstractButton):
        yield name, widget.text()
    if isinstance(widget, QLineEdit):
        yield f"{name} hint", widget.placeholderText()
    if isinstance(widget, QMenu | QMenuBar):
        for action in widget.actions():
            yield f"{name} entry", action.text()
    if isinstance(widget, QComboBox):
        for row in range(widget.count()):
            yield f"{name} entry", widget.itemText(row)
    placeholder = getattr(widget, "placeholderText", None)
    if callable(placeholder) and not isinstance(widget, QLineEdit):
        yield f"{name} hint", str(placeholder())


def english(said: str, data: Sequence[str]) -> bool:
    """Whether there is a word in it that the pseudo-language has not touched."""
    said = _KEYS.sub("", said)
    for known in sorted(data, key=len, reverse=True):
        said = said.replace(known, "")
    words = (match.group() for match in _WORD.finditer(re.sub(r"[^\x00-\x7f]+", "0", said)))
    pieces = re.split(r"[0~\W\d_]+", re.sub(r"\w*[^\x00-\x7f]\w*", " ", said))
    return any(len(word) > 1 and word in pieces and word.lower() not in _UNITS for word in words)


def _unnamed(widget: QWidget) -> Iterator[str]:
    """A control that a screen reader would have nothing to say of."""
    if widget.focusPolicy() == Qt.FocusPolicy.NoFocus or widget.focusProxy() is not None:
        return
    if isinstance(widget, QMenu | QMenuBar | QScrollBar | QSplitterHandle) or widget.isWindow():
        return
    if isinstance(widget, QScrollArea) or type(widget).__name__ in ("QStackedWidget", "QMainWindow"):
        return
    if isinstance(widget, QLineEdit) and isinstance(widget.parentWidget(), QAbstractSpinBox | QComboBox):
        return
    text = widget.text() if isinstance(widget, QAbstractButton | QLabel) else ""
    if not (widget.accessibleName() or text):
        yield f"no name: {type(widget).__name__} in {type(widget.parentWidget()).__name__}"


def _cut(widget: QWidget, root: QWidget) -> Iterator[str]:
    """Words that have less room than they need."""
    if isinstance(widget, QLabel) and type(widget) is QLabel and widget.text() and widget.pixmap().isNull():
        if widget.wordWrap():
            if widget.heightForWidth(widget.width()) > widget.height() + _SLACK:
                yield f"cut off below: {widget.text()!r}"
        elif widget.sizeHint().width() > widget.width() + _SLACK:
            yield f"cut off: {widget.text()!r}"
    if isinstance(widget, QPushButton) and widget.text():
        need: QSize = widget.sizeHint()
        if need.width() > widget.width() + _SLACK or widget.height() < widget.fontMetrics().height():
            yield f"cut off: {widget.text()!r} (button)"
    around = widget.parentWidget()
    if around is None or widget.isWindow() or widget is root or isinstance(around, QAbstractScrollArea):
        return
    if isinstance(around.parentWidget(), QAbstractScrollArea) or not isinstance(widget, QLabel | QAbstractButton):
        return
    if not around.rect().adjusted(-_SLACK, -_SLACK, _SLACK, _SLACK).contains(widget.geometry()):
        yield f"beyond its place: {type(widget).__name__} {getattr(widget, 'text', str)()!r} in {type(around).__name__}"


def _overlaps(root: QWidget) -> Iterator[str]:
    """Controls of one parent that lie on each other, though a layout put them there."""
    for around in [root, *root.findChildren(QWidget)]:
        if not around.isVisibleTo(root):
            continue
        layout = around.layout()
        if layout is None:
            continue
        placed = [child for child in around.children() if isinstance(child, QLabel | QAbstractButton)]
        placed = [child for child in placed if child.isVisibleTo(root) and layout.indexOf(child) >= 0]
        for number, one in enumerate(placed):
            for other in placed[number + 1 :]:
                common: QRect = one.geometry().intersected(other.geometry())
                if common.width() > _SLACK and common.height() > _SLACK:
                    yield f"on each other: {_called(one)!r} and {_called(other)!r} in {type(around).__name__}"


def _called(widget: QWidget) -> str:
    return getattr(widget, "text", str)() or widget.accessibleName()


class Painted:
    """Hears what widgets of ours paint by themselves."""

    def __init__(self) -> None:
        self._said: list[tuple[str, bool]] = []
        plain = QPainter.drawText

        def draw_text(painter: QPainter, *arguments: Any) -> Any:
            text = next((argument for argument in arguments if isinstance(argument, str)), "")
            room = arguments[0] if arguments and isinstance(arguments[0], QRect | QRectF) else None
            flags = arguments[1] if len(arguments) > 2 and room is not None else 0
            self._said.append((text, room is not None and _is_cut(painter, room, flags, text)))
            return plain(painter, *arguments)

        QPainter.drawText = draw_text  # type: ignore[method-assign]

    def begin(self) -> None:
        """Forget what was painted before."""
        self._said.clear()

    def faults(self, data: Sequence[str]) -> list[str]:
        """What of it is wrong."""
        pseudo = os.environ.get(VARIABLE) == PSEUDO
        found = [f"not translated: {said!r} (painted)" for said, _ in self._said if pseudo and english(said, data)]
        found += [f"cut off: {said!r} (painted)" for said, cut in self._said if cut]
        if pseudo:
            found += [f"cut short: {said!r}" for said, _ in self._said if "⟦" in said and said.endswith("…")]
        return found


def _is_cut(painter: QPainter, room: QRect | QRectF, flags: Any, text: str) -> bool:
    number = getattr(flags, "value", flags)
    if not isinstance(number, int):
        return False
    area = QRectF(room)
    if number & Qt.TextFlag.TextWordWrap.value:
        return painter.boundingRect(area, number, text).height() > area.height() + _SLACK
    return painter.fontMetrics().horizontalAdvance(text) > area.width() + _SLACK
