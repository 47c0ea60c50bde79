"""Finds what a source file imports in the bundle, wherever in it the import stands."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bundle.conditions import decided

_LEAVING = (ast.Return, ast.Raise, ast.Continue, ast.Break)
_FORGIVING = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}


@dataclass(frozen=True)
class Imported:
    """One module that is wanted.

    Attributes:
        module: its absolute name.
        names: what is taken out of it; modules, or other things in it.
        lazily: only when a function is called.
        tentatively: the file goes on without it.
        line: where.
    """

    module: str
    names: tuple[str, ...] = ()
    lazily: bool = False
    tentatively: bool = False
    line: int = 0


def imports_of(source: str, module: str, is_package: bool) -> list[Imported]:
    """All imports that can happen on macOS, in order."""
    return list(_Reader(module, is_package).block(ast.parse(source).body, lazily=False, tentatively=False))


class _Reader:
    """Walks through one module's statements."""

    def __init__(self, module: str, is_package: bool) -> None:
        self._package = module if is_package else module.rpartition(".")[0]

    def block(self, statements: Sequence[ast.stmt], *, lazily: bool, tentatively: bool) -> Iterator[Imported]:
        """What follows a return that certainly happens is never reached."""
        for statement in statements:
            yield from self._statement(statement, lazily, tentatively)
            if isinstance(statement, _LEAVING):
                return
            if isinstance(statement, ast.If):
                taken = {True: statement.body, False: statement.orelse, None: []}[decided(statement.test)]
                if taken and isinstance(taken[-1], _LEAVING):
                    return

    def _statement(self, node: ast.stmt, lazily: bool, tentatively: bool) -> Iterator[Imported]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield Imported(alias.name, (), lazily, tentatively, node.lineno)
            case ast.ImportFrom():
                names = tuple(alias.name for alias in node.names)
                yield Imported(self._absolute(node), names, lazily, tentatively, node.lineno)
            case ast.If(test=test, body=body, orelse=orelse):
                outcome = decided(test)
                unsure = tentatively or outcome is None
                if outcome is not False:
                    yield from self.block(body, lazily=lazily, tentatively=unsure)
                if outcome is not True:
                    yield from self.block(orelse, lazily=lazily, tentatively=unsure)
                yield from self._expressions(test, lazily, tentatively)
            case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
                caught = any(_forgives(handler) for handler in handlers)
                yield from self.block(body, lazily=lazily, tentatively=tentatively or caught)
                for handler in handlers:
                    yield from self.block(handler.body, lazily=lazily, tentatively=True)
                for part in (orelse, finalbody):
                    yield from self.block(part, lazily=lazily, tentatively=tentatively)
            case _:
                inside = lazily or isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
                for _, value in ast.iter_fields(node):
                    for part in value if isinstance(value, list) else [value]:
                        if isinstance(part, ast.expr):
                            yield from self._expressions(part, lazily, tentatively)
                        elif isinstance(part, ast.match_case):
                            yield from self.block(part.body, lazily=inside, tentatively=True)
                yield from self._bodies(node, inside, tentatively)

    def _bodies(self, node: ast.stmt, lazily: bool, tentatively: bool) -> Iterator[Imported]:
        for name in ("body", "orelse"):
            yield from self.block(getattr(node, name, []), lazily=lazily, tentatively=tentatively)

    def _expressions(self, node: ast.expr, lazily: bool, tentatively: bool) -> Iterator[Imported]:
        """Modules named in strings: `import_module("x")`, and commands such as `[sys.executable, "-m", "x"]`."""
        for part in ast.walk(node):
            match part:
                case ast.Call(
                    func=ast.Name(id="import_module") | ast.Attribute(attr="import_module"),
                    args=[ast.Constant(value=str(name)), *_],
                ) if not name.startswith("."):
                    yield Imported(name, (), lazily, tentatively, part.lineno)
                case ast.List(elts=parts) | ast.Tuple(elts=parts):
                    yield from _run_as_program(parts, tentatively)

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        parents = self._package.split(".")
        base = parents[: len(parents) - node.level + 1]
        return ".".join([*base, node.module] if node.module else base)


def _run_as_program(parts: Sequence[ast.expr], tentatively: bool) -> Iterator[Imported]:
    words = [part.value if isinstance(part, ast.Constant) else None for part in parts]
    for flag, name in itertools.pairwise(words):
        if flag == "-m" and isinstance(name, str):
            yield Imported(name, ("__main__",), True, tentatively, parts[0].lineno)


def _forgives(handler: ast.ExceptHandler) -> bool:
    if handler.type is None:
        return True
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    return any(ast.unparse(kind) in _FORGIVING for kind in kinds)
