"""Collects the licences of everything in the bundle into one text, which About Prism shows."""

from __future__ import annotations

import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from email.parser import HeaderParser
from pathlib import Path

TEXTS = Path(__file__).with_name("licences")
"""Licences that wheels name and do not bring."""
LICENCE = Path(__file__).parents[2] / "LICENSE"
_RULE = "─" * 40
_NAMES = ("LICEN", "COPYING", "NOTICE", "AUTHORS")

BROUGHT_BY_US = {
    "pyside6-essentials": ("LGPL-3.0", "GPL-3.0"),
    "pyside6-addons": ("LGPL-3.0", "GPL-3.0"),
    "shiboken6": ("LGPL-3.0", "GPL-3.0"),
    "av": ("GPL-2.0", "LGPL-2.1"),
    "pyobjc-core": ("MIT-PyObjC",),
    "pyobjc-framework-avfoundation": ("MIT-PyObjC",),
    "pyobjc-framework-coreaudio": ("MIT-PyObjC",),
    "pyobjc-framework-coremedia": ("MIT-PyObjC",),
    "tokenizers": ("Apache-2.0",),
}
"""Distribution → licences that apply to it, or to libraries inside it, and that its wheel has no text of."""
NOTES = {
    "pyside6-essentials": "Qt is used under the LGPL, version 3; its libraries can be replaced inside the bundle.",
    "pyside6-addons": "Qt is used under the LGPL, version 3; its libraries can be replaced inside the bundle.",
    "av": "Holds FFmpeg with x264 and x265, which are under the GPL, version 2 or later.",
}


@dataclass(frozen=True)
class Licence:
    """Of one distribution."""

    name: str
    version: str
    named: str
    texts: tuple[str, ...]


def licences_of(packages: Path) -> list[Licence]:
    """Of every distribution in the folder, by name."""
    return sorted(map(_licence, packages.glob("*.dist-info")), key=lambda licence: licence.name)


def write_licences(packages: Path, target: Path) -> None:
    """Write the text.

    Raises:
        ValueError: a distribution has no licence text.
    """
    found = licences_of(packages)
    if bare := [licence.name for licence in found if not licence.texts]:
        raise ValueError(f"No licence text: {', '.join(bare)}. Add it to packaging/bundle/licences.")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text("\n\n".join([*_front(found), *map(_section, found), *_back()]) + "\n", encoding="utf-8")


def _front(found: list[Licence]) -> Iterator[str]:
    yield "Prism is under the Apache License 2.0. Inside it are:"
    yield "\n".join(f"{licence.name} {licence.version}: {licence.named}" for licence in found)
    yield "and Python, under the Python Software Foundation License. Their licences follow."


def _section(licence: Licence) -> str:
    note = NOTES.get(licence.name, "")
    texts = [*([note] if note else []), *licence.texts]
    return f"{_RULE}\n{licence.name} {licence.version}\n{_RULE}\n\n" + "\n\n".join(texts)


def _back() -> Iterator[str]:
    named = {name for names in BROUGHT_BY_US.values() for name in names}
    for name in sorted(named):
        file = LICENCE if name == "Apache-2.0" else TEXTS / f"{name}.txt"
        yield f"{_RULE}\n{name}\n{_RULE}\n\n{_text(file)}"
    yield f"{_RULE}\nPython\n{_RULE}\n\n{_text(Path(sysconfig.get_path('stdlib')) / 'LICENSE.txt')}"


def _licence(folder: Path) -> Licence:
    head = HeaderParser().parsestr((folder / "METADATA").read_text(encoding="utf-8"))
    name = str(head["Name"]).lower().replace("_", "-")
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and _is_text(path, folder)]
    brought = tuple(f"{licence}: see the end of this text." for licence in BROUGHT_BY_US.get(name, ()))
    return Licence(name, str(head["Version"]), _named(head), (*map(_text, files), *brought))


def _is_text(path: Path, folder: Path) -> bool:
    """Whether this is a licence: by its name, or because it lies where licences lie."""
    place = path.relative_to(folder).parts[0].lower()
    return path.suffix != ".py" and (path.name.upper().startswith(_NAMES) or place in ("licenses", "licences"))


def _named(head: Message) -> str:
    """What the metadata call it, in one line."""
    classifiers = [line.rpartition(" :: ")[2] for line in head.get_all("Classifier", []) if line.startswith("License")]
    named = str(head["License-Expression"] or head["License"] or "")
    first = named.strip().splitlines()[0] if named.strip() else ""
    return first if first and len(first) < 120 else ", ".join(classifiers) or "see below"


def _text(file: Path) -> str:
    return file.read_text(encoding="utf-8", errors="replace").strip()
