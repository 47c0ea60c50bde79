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
from app.words import tr

_KINDS = {
    tr("link"): "a",
    tr("button"): "button",
    tr("picture"): "img picture",
    tr("drawing"): "svg",
    tr("paragraph"): "p",
    tr("list"): "ul ol",
    tr("list entry"): "li",
    tr("navigation"): "nav",
    tr("field"): "input textarea",
    tr("choice"): "select",
    tr("label"): "label",
    tr("form"): "form",
    tr("table"): "table",
    tr("row"): "tr",
    tr("cell"): "td th",
    tr("header"): "header",
    tr("footer"): "footer",
    tr("section"): "section",
    tr("article"): "article",
    tr("sidebar"): "aside",
    tr("box"): "div",
    tr("text"): "span b strong em i small",
    tr("line"): "hr",
    tr("figure"): "figure",
    tr("main part"): "main",
    tr("quotation"): "blockquote",
    tr("code"): "code pre",
    tr("heading"): "h1 h2 h3 h4 h5 h6",
}
_NAMES = {tag: name for name, tags in _KINDS.items() for tag in tags.split()}
_WIDEST, _LEAST_FIELD = 520, 140
_EXAMPLE = tr("make it larger, write … instead")


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
        self._send = IconButton("send", tr("Ask for this change"), self, primary=True)
        self._send.clicked.connect(self._on_send)
        close = IconButton("close", tr("Select nothing"), self)
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
            self._name.setText(tr("Change this {element}:", element=element_name(element.tag)))
            self.field.setAccessibleName(tr("Change this {element}", element=element_name(element.tag)))
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
