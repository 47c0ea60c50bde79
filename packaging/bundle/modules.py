"""Follows imports through the bundle: which modules are reached from its doors, and which of them are not there."""

from __future__ import annotations

import ast
import sys
from collections import deque
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from bundle.imports import Imported, imports_of
from bundle.tables import HIDDEN_IMPORTS

_GONE_IN_3_12 = {"asynchat", "asyncore", "distutils", "imp", "smtpd"}
STANDARD_LIBRARY = frozenset(sys.stdlib_module_names) - _GONE_IN_3_12
_ENDINGS = (".abi3.so", ".cpython-312-darwin.so", ".so")


@dataclass
class Reached:
    """What the doors lead to.

    Attributes:
        modules: name of each module that was found → its file, or the folder of a package without `__init__.py`.
        missing: name of each module that is in no folder → who wants it.
        reached_by: name of a module → the module that wanted it first.
    """

    modules: dict[str, Path] = field(default_factory=dict)
    missing: dict[str, str] = field(default_factory=dict)
    reached_by: dict[str, str] = field(default_factory=dict)

    def trail(self, module: str) -> str:
        """How the doors lead there."""
        names = [module]
        while (before := self.reached_by.get(names[-1])) and before not in names:
            names.append(before)
        return " ← ".join(names)


class Library:
    """The folders that modules are looked for in, in this order.

    Of our own packages every import counts, also those in functions: sooner or later somebody gets there. Of other
    people's packages only those count that happen as soon as they are imported and that they cannot do without.
    """

    def __init__(self, folders: Sequence[Path], own: Iterable[str]) -> None:
        self._folders = folders
        self._own = frozenset(own)

    def find(self, module: str) -> Path | None:
        """The file or namespace folder of a module."""
        relative = Path(*module.split("."))
        for folder in self._folders:
            stem = folder / relative
            names = [*(stem.name + ending for ending in _ENDINGS), f"{stem.name}.py"]
            for candidate in (stem / "__init__.py", *map(stem.with_name, names)):
                if candidate.is_file():
                    return candidate
        return next((folder / relative for folder in self._folders if (folder / relative).is_dir()), None)

    def follow(self, doors: Iterable[str]) -> Reached:
        """Everything that can be imported from these modules on."""
        reached = Reached()
        waiting: deque[tuple[str, str]] = deque((door, "") for door in doors)
        seen: set[str] = set()
        while waiting:
            module, wanted_by = waiting.popleft()
            if module in seen or module.partition(".")[0] in STANDARD_LIBRARY:
                continue
            seen.add(module)
            reached.reached_by[module] = wanted_by
            file = self.find(module)
            if file is None:
                reached.missing[module] = wanted_by
                continue
            reached.modules[module] = file
            parent = module.rpartition(".")[0]
            if parent:
                waiting.append((parent, module))
            waiting.extend((name, module) for name in HIDDEN_IMPORTS.get(module, ()))
            if file.suffix == ".py":
                waiting.extend((name, module) for name in self._wanted(module, file))
        return reached

    def _wanted(self, module: str, file: Path) -> Iterable[str]:
        is_own = module.partition(".")[0] in self._own
        for item in imports_of(file.read_text(encoding="utf-8"), module, file.name == "__init__.py"):
            if item.module == "__future__" or (item.tentatively and self._may_be_absent(item, is_own)):
                continue
            if item.lazily and not is_own:
                continue
            yield from self._modules_of(item)

    def _may_be_absent(self, item: Imported, is_own: bool) -> bool:
        """Ours go on without a module only if they say so, and then it is still followed if it is there."""
        return not is_own or self.find(item.module) is None

    def _modules_of(self, item: Imported) -> Iterable[str]:
        yield item.module
        holder = self.find(item.module)
        if holder is None or item.module.partition(".")[0] in STANDARD_LIBRARY:
            return
        for name in item.names:
            if name == "*":
                continue
            inner = f"{item.module}.{name}"
            if self.find(inner) is not None or (name != "__main__" and not _offers(holder, name)):
                yield inner


class _Everything(Container[str]):
    """The names of a module that makes them up when asked."""

    def __contains__(self, name: object) -> bool:
        return True


def _offers(holder: Path, name: str) -> bool:
    """Whether a module has something of that name in it, as far as its text tells."""
    if holder.is_dir():
        return False
    if holder.suffix != ".py":
        return True  # what is compiled cannot be looked into
    return holder.name != "__init__.py" or name in _bound_names(ast.parse(holder.read_text(encoding="utf-8")))


def _bound_names(tree: ast.Module) -> Container[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.AsyncFunctionDef(name=name):
                if name == "__getattr__":
                    return _Everything()
                names.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                names.add(name)
            case ast.Import(names=aliases) | ast.ImportFrom(names=aliases):
                if any(alias.name == "*" for alias in aliases):
                    return _Everything()
                names.update(alias.asname or alias.name.partition(".")[0] for alias in aliases)
            case ast.Assign(value=ast.Constant(), targets=[ast.Subscript(value=ast.Call(func=ast.Name(id="globals")))]):
                return _Everything()
    return names
