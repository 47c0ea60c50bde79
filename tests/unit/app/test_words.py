"""Words: one table of all of them, languages beside it, numbers and plurals in each."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from app import words
from app.platform.language import PREFERENCES, speak

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "packaging" / "word_table.py"


@pytest.fixture
def german(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A language with two sentences."""
    table = {
        "name": "Deutsch",
        "strings": {"{name} is here.": "{name} ist da.", "Send": "Senden"},
        "plurals": {"{n} boxes": ["{n} Kasten", "{n} Kästen"]},
    }
    folder = tmp_path / "strings"
    folder.mkdir()
    (folder / "de.json").write_text(json.dumps(table), encoding="utf-8")
    monkeypatch.setattr(words, "_PLACES", (folder,))
    monkeypatch.setenv(words.VARIABLE, "de")
    words._language.cache_clear()
    monkeypatch.setattr(words, "_language", words._language.__wrapped__)


def test_the_table_is_as_the_sources_are() -> None:
    assert subprocess.run([sys.executable, SCRIPT, "--check"]).returncode == 0, "run `make strings`"


@pytest.mark.parametrize("line", ["tr(name)", "tr(f'{name} is here.')", "trn('{n} box', many, 3)"])
def test_a_sentence_that_is_not_written_out_is_found(line: str, tmp_path: Path) -> None:
    folder = tmp_path / "app"
    folder.mkdir()
    (folder / "a.py").write_text("tr('Fine')\ntrn('{n} box', '{n} boxes', 3)\nfigures.counted(3, 'page')\n")
    run = "import json, sys, word_table, pathlib; print(json.dumps(word_table.table_of(pathlib.Path(sys.argv[1]))))"
    command = [sys.executable, "-c", run, str(folder)]
    found = subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT.parent)
    table = json.loads(found.stdout)
    assert list(table["strings"]) == ["Fine"] and list(table["plurals"]) == ["{n} boxes", "{n} pages"]
    (folder / "b.py").write_text(line)
    assert "write the sentence out" in subprocess.run(command, capture_output=True, text=True, cwd=SCRIPT.parent).stderr


def test_english_is_what_stands_there() -> None:
    assert words.tr("{name} is here.", name="E2B") == "E2B is here."
    assert words.tr("100 {odd") == "100 {odd", "only what is given is replaced"
    assert [words.trn("{n} box", "{n} boxes", n) for n in (0, 1, 2, 1024)] == [
        "0 boxes",
        "1 box",
        "2 boxes",
        "1,024 boxes",
    ]
    assert words.number(3.5, 1) == "3.5" and words.number(1_000_000) == "1,000,000"


@pytest.mark.usefixtures("german")
def test_another_language_has_its_own_words_plurals_and_numbers() -> None:
    assert words.tr("{name} is here.", name="E2B") == "E2B ist da."
    assert words.tr("Stop") == "Stop", "what has not been translated stays English"
    assert [words.trn("{n} box", "{n} boxes", n) for n in (1, 2000)] == ["1 Kasten", "2.000 Kästen"]
    assert words.number(1234.5, 1) == "1.234,5"


@pytest.mark.parametrize(
    ("code", "numbers"), [("de", [1, 0, 1]), ("fr", [0, 0, 1]), ("ja", [0, 0, 0]), ("pl", [2, 0, 1]), ("ru", [2, 0, 1])]
)
def test_languages_count_differently(code: str, numbers: list[int]) -> None:
    language = words.Language(code)
    assert [language.plural(n) for n in (0, 1, 2)] == numbers


@pytest.mark.usefixtures("german")
def test_the_language_is_chosen_the_systems_or_named_from_outside(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(words.VARIABLE, "")
    (tmp_path / PREFERENCES).write_text('{"language": "de"}')
    assert speak(tmp_path) == "de" and words.tr("Send") == "Senden"
    monkeypatch.setenv(words.VARIABLE, "en")
    assert speak(tmp_path) == "en", "the environment has the first word"
    monkeypatch.setenv(words.VARIABLE, "")
    (tmp_path / PREFERENCES).write_text('{"language": "xx"}')
    assert speak(tmp_path) == "en"

    class System:
        @staticmethod
        def system() -> System:
            return System()

        @staticmethod
        def uiLanguages() -> list[str]:
            return ["sv-SE", "de-AT", "en"]

    monkeypatch.setenv(words.VARIABLE, "")
    monkeypatch.setattr(words, "QLocale", System)
    (tmp_path / PREFERENCES).unlink()
    assert speak(tmp_path) == "de"


def test_pseudo_keeps_what_is_filled_in() -> None:
    said = words.pseudo("The “{name}” of {{this}} (*.md)")
    assert said.startswith("⟦") and said.endswith("⟧") and "{name}" in said and "(*.md)" in said
    assert len(said) >= 1.4 * len("The “{name}” of {{this}} (*.md)")
    assert "The" not in said


def test_languages_that_come_with_prism_keep_the_slots_of_every_sentence() -> None:
    english = json.loads((ROOT / "resources" / "strings" / "en.json").read_text(encoding="utf-8"))
    for file in (ROOT / "resources" / "strings").glob("*.json"):
        table = json.loads(file.read_text(encoding="utf-8"))
        assert set(table["strings"]) <= set(english["strings"]) and set(table["plurals"]) <= set(english["plurals"])
        pairs = [(text, said) for text, said in table["strings"].items()]
        pairs += [(many, said) for many, forms in table["plurals"].items() for said in forms[1:]]
        for text, said in pairs:
            assert _slots(text) == _slots(said), (file.name, text)


def _slots(text: str) -> set[str]:
    return {piece for piece in words._SLOT.findall(text) if piece.startswith("{")}
