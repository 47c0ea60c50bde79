"""An answer's words as they are seen: the same whether they came at once or letter by letter, and quickly."""

from __future__ import annotations

import gc
import time

import pytest
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QGuiApplication, QTextDocument
from PySide6.QtWidgets import QApplication, QScrollArea
from pytestqt.qtbot import QtBot

from app.state.answer_blocks import AnswerSplitter
from app.views.icon_button import IconButton
from app.views.markdown.answer_text import AnswerText
from app.views.markdown.code_head import CodeHead
from app.views.markdown.link_menu import LinkMenu
from app.views.theme import Appearance, Theme

RICH = """# Sorting

There are **two ways** to do it: `sorted()` gives a *new* list. See [docs](https://docs.example/sort), <b>this</b>.

| Function | Changes | Gives |
|----------|:-------:|------:|
| `sorted(x)` | no | a list |
| `x.sort()` | **yes** | None |

1. Look at the data:
   - numbers by value
   - words by *letter*
     - accents last
2. Choose a key
3. Sort:

```python
def by_length(words):
    \"\"\"Shortest first;

    ties stay.\"\"\"
    return sorted(words, key=len)
```

> Sorting is **stable**.
> It stays so.

The cost is $O(n_1 \\log n_1)$, and $5 or $6 are prices. ![chart](https://example.org/chart.png)

- [x] read
- [ ] sort

---

Done.
"""


@pytest.fixture
def area(qtbot: QtBot, shown: Theme) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.resize(700, 800)
    qtbot.addWidget(area)
    area.show()
    return area


def grown(area: QScrollArea, text: str, step: int) -> AnswerText:
    """The text as it looks after it has come in pieces of this length."""
    view, splitter = AnswerText(), AnswerSplitter()
    area.setWidget(view)
    for start in range(0, len(text), step):
        for block in splitter.feed(text[start : start + step]):
            view.add(block)
        view.flush()
    for block in splitter.finish():
        view.add(block)
    view.flush()
    return view


def look(view: AnswerText) -> str:
    document = view.document()
    assert isinstance(document, QTextDocument)
    return document.toHtml()


@pytest.mark.parametrize("step", [1, 3, 17])
def test_it_looks_the_same_however_it_came(area: QScrollArea, step: int) -> None:
    whole = look(grown(area, RICH, len(RICH)))
    assert "<table" in whole and 'href="https://docs.example/sort"' in whole
    assert look(grown(area, RICH, step)) == whole


def test_long_lists_tables_and_paragraphs_grow_as_they_would_look_at_once(area: QScrollArea) -> None:
    rows = "".join(f"| row {number} | some **words** |\n" for number in range(40))
    items = "".join(f"{number}. item `{number}`\n" for number in range(3, 40))
    text = f"| a | b |\n|---|---|\n{rows}\n{items}\n{'words and **more** ' * 120}\n\nEnd.\n"
    whole, parts = grown(area, text, len(text)).toPlainText(), grown(area, text, 23).toPlainText()
    assert parts == whole
    assert whole.rstrip().endswith("End.") and "row 39" in whole


def test_html_and_pictures_stay_words(area: QScrollArea) -> None:
    view = grown(area, "<script>x()</script> <img src='https://e.example/a.png'> ![a](https://e.example/b.png)", 5)
    assert view.toPlainText().startswith("<script>x()</script> <img src=")
    assert "[Picture: a]" in view.toPlainText() and "<img" not in look(view)
    assert view.loadResource(2, "https://e.example/b.png") is None


def test_formulas_stay_as_they_were_written(area: QScrollArea) -> None:
    formula = "\\[ a_1 * b_2 * c \\] and \\(x_i\\) and $$y_1 * y_2$$ and $e^{i\\pi}$"
    assert grown(area, formula, 4).toPlainText() == formula


def test_selecting_everything_copies_it_as_people_would_write_it(area: QScrollArea) -> None:
    view = grown(area, RICH, 9)
    view.selectAll()
    view.copy()
    copied = QGuiApplication.clipboard().text()
    assert "Function\tChanges\tGives\nsorted(x)\tno\ta list" in copied
    assert "1. Look at the data:\n  - numbers by value\n  - words by letter\n    - accents last\n2. Choose" in copied
    assert 'def by_length(words):\n    """Shortest first;\n\n    ties stay."""' in copied


def test_code_has_its_language_and_a_button_that_copies_it(area: QScrollArea, qtbot: QtBot) -> None:
    view = grown(area, RICH, 9)
    (head,) = view.findChildren(CodeHead)
    button = head.findChild(IconButton)
    assert isinstance(button, IconButton)
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert QGuiApplication.clipboard().text().startswith("def by_length(words):\n")
    assert QGuiApplication.clipboard().text().endswith("key=len)")


@pytest.mark.qt_log_ignore("grabbing the keyboard", extend=True)
def test_a_link_asks_before_it_leads_anywhere(area: QScrollArea, qtbot: QtBot) -> None:
    view = grown(area, "[docs](https://docs.example/a?b=c&d=e)", 50)
    view.anchorClicked.emit(view.document().begin().begin().fragment().charFormat().anchorHref())
    (menu,) = view.findChildren(LinkMenu)
    qtbot.waitUntil(menu.isVisible)
    shown, *choices = [action.text() for action in menu.actions() if action.text()]
    assert shown == "https://docs.example/a?b=c&&d=e" and choices == ["Open in browser", "Copy address"]
    menu.close()
    strange = LinkMenu(QUrl("file:///etc/hosts"), view)
    assert "Open in browser" not in [action.text() for action in strange.actions()]


def test_other_colours_come_with_the_scheme(area: QScrollArea, shown: Theme) -> None:
    view = grown(area, RICH, len(RICH))
    before, words = look(view), view.toPlainText()
    shown.set_appearance(Appearance.DARK if not shown.dark else Appearance.LIGHT)
    QApplication.processEvents()
    assert view.toPlainText() == words and look(view) != before


def test_fifty_thousand_characters_stay_quick(area: QScrollArea) -> None:
    text = RICH * 55 + "| a | b |\n|---|---|\n" + "| some | words |\n" * 60 + "\n" + "words and **more** " * 700
    assert len(text) > 50_000
    view, splitter, steps = AnswerText(), AnswerSplitter(), []
    area.setWidget(view)
    gc.collect()
    gc.freeze()  # what other tests have left behind is not looked through meanwhile
    for start in range(0, len(text), 100):
        began = time.thread_time()
        for block in splitter.feed(text[start : start + 100]):
            view.add(block)
        view.flush()
        QApplication.processEvents()
        steps.append((time.thread_time() - began) * 1000)
    gc.unfreeze()
    steps.sort()
    print(f"median {steps[len(steps) // 2]:.1f} ms, p99 {steps[-len(steps) // 100]:.1f} ms, most {steps[-1]:.1f} ms")
    assert steps[len(steps) // 2] < 8 and steps[-1] < 50
