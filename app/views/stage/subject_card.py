"""What shall be different about the element that was clicked: a field over the page's lower edge."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QWidget

from app.actions.action import Action
from app.state.page import PageElement, PageProject
from app.views import theme
from app.views.icon_button import IconButton

_NAMES = {
    "a": "link", "button": "button", "img": "picture", "svg": "drawing", "picture": "picture", "p": "paragraph",
    "ul": "list", "ol": "list", "li": "list entry", "nav": "navigation", "input": "field", "textarea": "field",
    "select": "choice", "label": "label", "form": "form", "table": "table", "tr": "row", "td": "cell", "th": "cell",
    "header": "header", "footer": "footer", "section": "section", "article": "article", "aside": "sidebar",
    "div": "box", "span": "text", "b": "text", "strong": "text", "em": "text", "i": "text", "small": "text",
    "hr": "line", "figure": "figure", "main": "main part", "blockquote": "quotation", "code": "code", "pre": "code",
} | {f"h{level}": "heading" for level in range(1, 7)}  # fmt: skip
_WIDEST, _LEAST_FIELD = 520, 140
_EXAMPLE = "make it larger, write … instead"


def element_name(tag: str) -> str:
    """What people call it."""
    return _NAMES.get(tag, f"<{tag}>")


class SubjectCard(QFrame):
    """Shown while an element is selected."""

    def __init__(self, ask: Callable[[str], None], leave: Callable[[], None], stop: Action, around: QWidget) -> None:
        """`ask` is called with what was written, `leave` to select nothing; nothing is asked while `stop` can be."""
        super().__init__(around)
        self._ask, self._leave, self._stop = ask, leave, stop
        self._around = around
        self._project: PageProject | None = None
        self.setProperty("role", "card")
        self._name = QLabel(self)
        self.field = QLineEdit(self)
        self.field.setProperty("role", "clear")
        self.field.setFrame(False)
        self.field.setAcceptDrops(False)  # files belong to the whole window
        self.field.returnPressed.connect(self._on_send)
        self.field.textChanged.connect(self._follow)
        self._send = IconButton("send", "Ask for this change", self, primary=True)
        self._send.clicked.connect(self._on_send)
        close = IconButton("close", "Select nothing", self)
        close.clicked.connect(self._leave)
        row = QHBoxLayout(self)
        row.setContentsMargins(theme.INSET, 6, 6, 6)
        row.setSpacing(theme.GRID)
        row.addWidget(self._name)
        row.addWidget(self.field, 1)
        row.addWidget(close)
        row.addWidget(self._send)
        stop.enabled_changed.connect(self._follow)
        around.installEventFilter(self)
        self.hide()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """What this lies on has another size."""
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def follow(self, project: PageProject | None) -> None:
        """The element that is selected in this project."""
        if self._project is not None:
            self._project.subject_changed.disconnect(self._on_subject_changed)
        self._project = project
        if project is not None:
            project.subject_changed.connect(self._on_subject_changed)
        self._on_subject_changed(project.subject if project else None)

    def changeEvent(self, event: QEvent) -> None:
        """Take the room that larger words need."""
        if event.type() == QEvent.Type.FontChange and self.isVisible():
            self._place()
        super().changeEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape leaves."""
        if event.key() == Qt.Key.Key_Escape:
            self._leave()
        else:
            super().keyPressEvent(event)

    def _on_subject_changed(self, element: PageElement | None) -> None:
        self.setVisible(element is not None)
        if element is not None:
            self._name.setText(f"Change this {element_name(element.tag)}:")
            self.field.setAccessibleName(f"Change this {element_name(element.tag)}")
            self._place()
        self._follow()

    def _place(self) -> None:
        """At the lower edge, in the middle."""
        around = self._around.rect()
        width = min(theme.scaled(_WIDEST), around.width() - 2 * theme.INSET)
        buttons = 2 * theme.scaled(theme.TARGET) + 4 * theme.GRID
        roomy = self._name.sizeHint().width() + buttons + theme.scaled(_LEAST_FIELD) <= width
        self._name.setVisible(roomy)
        self.field.setPlaceholderText(_EXAMPLE if roomy else f"{self.field.accessibleName()}…")
        height = self.sizeHint().height()
        left = around.center().x() - width // 2
        self.setGeometry(left, around.bottom() - height - theme.INSET, width, height)

    def _on_send(self) -> None:
        wish = self.field.text().strip()
        if wish and self._send.isEnabled():
            self.field.clear()
            self._ask(wish)

    def _follow(self) -> None:
        self._send.setEnabled(bool(self.field.text().strip()) and not self._stop.enabled)
