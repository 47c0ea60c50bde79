"""Decides conditions on the system and the Python version as they come out in the bundle: on macOS, in Python 3.12."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import Any

PYTHON = (3, 12)
_FACTS: dict[str, object] = {
    "sys.platform": "darwin",
    "os.name": "posix",
    "platform.system()": "Darwin",
    "TYPE_CHECKING": False,
    "typing.TYPE_CHECKING": False,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.In: lambda one, other: one in other,
    ast.NotIn: lambda one, other: one not in other,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}


def decided(test: ast.expr) -> bool | None:
    """How a condition comes out in the bundle; None if that is only known when it runs."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = decided(operand)
            return None if inner is None else not inner
        case ast.BoolOp(op=op, values=values):
            outcomes = [decided(value) for value in values]
            settling = isinstance(op, ast.Or)
            if settling in outcomes:
                return settling
            return None if None in outcomes else not settling
        case ast.Compare(left=left, ops=[comparison], comparators=[right]):
            return _compared(left, comparison, right)
        case ast.Call(func=ast.Attribute(value=value, attr="startswith"), args=[ast.Constant(value=str(prefix))]):
            fact = _value(value)
            return fact.startswith(prefix) if isinstance(fact, str) else None
        case _:
            fact = _value(test)
            return fact if isinstance(fact, bool) else None


def _compared(left: ast.expr, comparison: ast.cmpop, right: ast.expr) -> bool | None:
    versions = _version_compared(left, comparison, right)
    if versions is not None:
        return versions
    one, other = _value(left), _value(right)
    compare = _COMPARISONS.get(type(comparison))
    return None if one is None or other is None or compare is None else compare(one, other)


def _version_compared(left: ast.expr, comparison: ast.cmpop, right: ast.expr) -> bool | None:
    """For `sys.version_info >= (3, 13)`; micro versions are nobody's business here."""
    wanted = _value(right)
    if ast.unparse(left) != "sys.version_info" or not isinstance(wanted, tuple):
        return None
    return _COMPARISONS[type(comparison)](PYTHON, wanted[:2])


def _value(node: ast.expr) -> object:
    try:
        return ast.literal_eval(node)
    except ValueError:
        return _FACTS.get(ast.unparse(node))
