"""Writes docs/PACKAGING.md from a checked bundle: what is inside, how large, for which macOS, and with which rights."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from bundle import tables
from bundle.app_folder import AppFolder
from bundle.lock import pins
from bundle.sizes import Size, by_part, measure, megabytes

TEMPLATE = Path(__file__).with_name("report.md.in")
_WORTH_A_ROW = 300_000


def write_report(bundle: AppFolder, packed: Path | None, target: Path) -> None:
    """Write the page."""
    size = measure(bundle, packed)
    parts = [(name, megabytes(count)) for name, count in by_part(bundle) if count > _WORTH_A_ROW]
    text = TEMPLATE.read_text(encoding="utf-8").format(
        system="a Mac" if bundle.has_python else "Linux",
        floor=".".join(map(str, tables.FLOOR)),
        sizes=_sizes(size),
        parts=_table(("part", "on disk"), parts),
        floors=_floors(bundle),
        entitlements=_table(("entitlement", "why"), _named(tables.ENTITLEMENTS)),
        usage="\n".join(f"- {key}: “{text}”" for key, text in tables.USAGE_TEXTS.items()),
        documents=_documents(bundle),
        left_out=_table(("module or library", "why"), _named(tables.NOT_FOR_THE_BUNDLE | tables.LEFT_OUT)),
        plugins=_table(("plugin", "for"), _named(tables.QT_PLUGINS)),
        wheels=_table(("distribution", "version"), sorted(pins().items())),
    )
    target.write_text(text, encoding="utf-8")


def _sizes(size: Size) -> str:
    about = "about " if size.estimated else ""
    whole = f"{about}{megabytes(size.with_python)}"
    rows = [("on disk", megabytes(size.without_python), whole, megabytes(tables.MOST_BYTES))]
    if size.packed_with_python is not None:
        without = "–" if size.packed is None else megabytes(size.packed)
        packed = f"{about}{megabytes(size.packed_with_python)}"
        rows.append(("packed", without, packed, megabytes(tables.MOST_PACKED_BYTES)))
    table = _table(("", "without Python", "with Python", "limit"), rows)
    if not size.estimated:
        return table
    estimate = f"{megabytes(tables.PYTHON_BYTES)}, {megabytes(tables.PYTHON_PACKED_BYTES)} packed"
    return f"{table}\n\nPython and the launcher are taken to be {estimate}: an estimate, not measured."


def _floors(bundle: AppFolder) -> str:
    counted: Counter[tuple[int, int]] = Counter()
    for macho in bundle.machos:
        if macho.arm64 is not None and macho.arm64.oldest_system is not None:
            counted[macho.arm64.oldest_system] += 1
    rows = [(".".join(map(str, system)), str(count)) for system, count in sorted(counted.items())]
    excused = [f"- `{name}`: {why}" for name, why in tables.NEWER_THAN_THE_FLOOR.items()]
    note = "\n".join(excused) or "Nothing inside asks for a newer macOS than Prism does."
    return f"{_table(('declared', 'programs and libraries'), rows)}\n\n{note}"


def _documents(bundle: AppFolder) -> str:
    kinds = bundle.info.get("CFBundleDocumentTypes", [])
    rows = [(", ".join(kind["LSItemContentTypes"]), kind["CFBundleTypeRole"], kind["LSHandlerRank"]) for kind in kinds]
    return _table(("types", "role", "rank"), rows)


def _named(table: dict[str, str]) -> list[tuple[str, str]]:
    return [(f"`{name}`", why) for name, why in table.items()]


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
