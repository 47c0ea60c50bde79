"""Writes resources/strings/en.json, every sentence of the app, from the sources; `--check` only compares."""

from __future__ import annotations

import ast
import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
_MAKER = "app/words.py"
_PASSES_ON = "app/views/figures.py"  # what others have written out
TABLE = ROOT / "resources" / "strings" / "en.json"


def main(arguments: list[str]) -> int:
    """Write the table, or say whether it is as it should be; returns the exit code."""
    text = rendered(table_of(ROOT / "app"))
    if arguments == ["--check"]:
        return 0 if TABLE.is_file() and TABLE.read_text(encoding="utf-8") == text else 1
    TABLE.parent.mkdir(exist_ok=True)
    TABLE.write_text(text, encoding="utf-8")
    return 0


def rendered(table: dict[str, Any]) -> str:
    """The table as it stands in the file."""
    return json.dumps(table, ensure_ascii=False, indent=1) + "\n"


def table_of(folder: Path) -> dict[str, Any]:
    """All sentences of the sources in a folder, and pairs of one and many by the plural.

    Raises:
        ValueError: a sentence is not written out where it is used, so that nobody can translate it.
    """
    strings: set[str] = set()
    plurals: dict[str, str] = {}
    for file in sorted(folder.rglob("*.py")):
        place = file.relative_to(folder.parent).as_posix()
        if place == _MAKER:
            continue
        for call in _calls(file):
            match call.func, call.args:
                case ast.Name("tr"), [ast.Constant(str(text))]:
                    strings.add(text)
                case ast.Name("trn"), [ast.Constant(str(one)), ast.Constant(str(many)), _]:
                    plurals[many] = one
                case ast.Attribute(attr="counted"), [_, ast.Constant(str(thing)), *rest]:
                    things = ast.literal_eval(rest[0]) if rest else f"{thing}s"
                    plurals[f"{{n}} {things}"] = f"{{n}} {thing}"
                case ast.Name("tr" | "trn"), _ if place != _PASSES_ON:
                    raise ValueError(f"{place}, line {call.lineno}: write the sentence out.")
    return {
        "name": "English",
        "strings": {text: text for text in sorted(strings)},
        "plurals": {many: [plurals[many], many] for many in sorted(plurals)},
    }


def _calls(file: Path) -> list[ast.Call]:
    return [node for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
