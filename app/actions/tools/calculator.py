"""The calculator: reads an expression by itself, never as Python, and computes exactly."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction

from app.actions.tools.failure import ToolError
from app.actions.tools.numbers import Number, exponential, factorial, logarithm, power, root, rounded, written
from mlx_gemma4.protocol.json_values import JsonObject

_LONGEST = 1_000
_DEEPEST = 60
_MOST_PLACES = 200
_NUMBER = r"(?:\d[\d_]*\.?[\d_]*|\.\d+)(?:[eE][+-]?\d{1,4})?"
_TOKEN = re.compile(rf"\s*(?:{_NUMBER}|[^\W\d_]\w*|\*\*|//|[-+*/%^!(),])")
_SPELLINGS = str.maketrans({"×": "*", "·": "*", "÷": "/", "−": "-", "–": "-", "[": "(", "]": ")", "\u00a0": " "})
_PI = Fraction("3.14159265358979323846264338327950288419716939937510582097494459")
_E = Fraction("2.71828182845904523536028747135266249775724709369995957496696763")
_CONSTANTS = {"pi": Number(_PI, exact=False), "π": Number(_PI, exact=False), "e": Number(_E, exact=False)}
_DIVIDES_BY_ZERO = "That divides by zero."


def calculate(expression: str) -> JsonObject:
    """The value of an expression, as the model is told it.

    Raises:
        ToolError: it cannot be read, has no value, or is too large.
    """
    if len(expression) > _LONGEST:
        raise ToolError(f"The expression has more than {_LONGEST} characters.")
    reader = _Reader(_tokens(expression.translate(_SPELLINGS)))
    value = reader.sum()
    if reader.next:
        raise ToolError(f"There is something unexpected: {reader.next!r}.")
    return written(value)


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    position = 0
    text = text.rstrip().removesuffix("=").rstrip()
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None:
            raise ToolError(f"{text[position:].strip()[:20]!r} is not part of an expression.")
        tokens.append(match[0].strip())
        position = match.end()
    if not tokens:
        raise ToolError("The expression is empty.")
    return tokens


class _Reader:
    """Precedence by descent: sums of products of signed powers of atoms."""

    def __init__(self, tokens: Sequence[str]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    @property
    def next(self) -> str:
        """The token that is read next; empty at the end."""
        return self._tokens[self._position] if self._position < len(self._tokens) else ""

    def sum(self) -> Number:
        value = self._product()
        while self.next in ("+", "-"):
            subtract, other = self._take() == "-", self._product()
            total = value.value - other.value if subtract else value.value + other.value
            value = Number(total, value.exact and other.exact)
        return value

    def _product(self) -> Number:
        value = self._signed()
        while self.next in ("*", "/", "//", "%"):
            sign, other = self._take(), self._signed()
            if sign != "*" and other.value == 0:
                raise ToolError(_DIVIDES_BY_ZERO)
            value = Number(_product_of(sign, value.value, other.value), value.exact and other.exact)
        return value

    def _signed(self) -> Number:
        negative = False
        while self.next in ("+", "-"):
            negative ^= self._take() == "-"
        value = self._power()
        return Number(-value.value, value.exact) if negative else value

    def _power(self) -> Number:
        base = self._atom()
        while self.next == "!":
            self._take()
            base = factorial(base)
        if self.next in ("**", "^"):
            self._take()
            self._deeper()
            base = power(base, self._signed())
            self._depth -= 1
        return base

    def _atom(self) -> Number:
        token = self._take()
        if token == "(":
            self._deeper()
            value = self.sum()
            self._depth -= 1
            self._expect(")")
            return value
        if token[:1].isdigit() or token[:1] == ".":
            return Number(Fraction(token.replace("_", "").rstrip(".") or "0"))
        name = token.lower()
        if name in _CONSTANTS:
            return _CONSTANTS[name]
        if name in _FUNCTIONS and self.next == "(":
            return self._call(name)
        raise ToolError(f"{token!r} is not known here." if token else "The expression is not complete.")

    def _call(self, name: str) -> Number:
        self._take()
        self._deeper()
        arguments = [self.sum()]
        while self.next == ",":
            self._take()
            arguments.append(self.sum())
        self._depth -= 1
        self._expect(")")
        least, most, run = _FUNCTIONS[name]
        if not least <= len(arguments) <= most:
            raise ToolError(f"{name} does not take {len(arguments)} values.")
        return run(arguments)

    def _take(self) -> str:
        token = self.next
        self._position += 1
        return token

    def _expect(self, wanted: str) -> None:
        if self._take() != wanted:
            raise ToolError(f"A {wanted!r} is missing.")

    def _deeper(self) -> None:
        self._depth += 1
        if self._depth > _DEEPEST:
            raise ToolError("The expression is nested too deeply.")


def _product_of(sign: str, one: Fraction, other: Fraction) -> Fraction:
    if sign == "*":
        return one * other
    if sign == "/":
        return one / other
    return Fraction(one // other) if sign == "//" else one % other


def _round(values: Sequence[Number]) -> Number:
    """Half away from zero, as people do it."""
    places = values[1].value if len(values) > 1 else Fraction(0)
    if places.denominator != 1 or abs(places) > _MOST_PLACES:
        raise ToolError(f"round takes a whole number of places, at most {_MOST_PLACES}.")
    scale = Fraction(10) ** int(places)
    scaled = abs(values[0].value) * scale
    whole = Fraction(math.floor(scaled + Fraction(1, 2)))
    return Number((whole if values[0].value >= 0 else -whole) / scale)


def _whole(run: Callable[[Fraction], int]) -> Callable[[Sequence[Number]], Number]:
    return lambda values: Number(Fraction(run(values[0].value)))


def _float(run: Callable[[float], float]) -> Callable[[Sequence[Number]], Number]:
    return lambda values: rounded(lambda: Decimal(repr(run(float(values[0].value)))))


def _best(choose: Callable[..., Number]) -> Callable[[Sequence[Number]], Number]:
    return lambda values: choose(values, key=lambda number: number.value)


_FUNCTIONS: dict[str, tuple[int, int, Callable[[Sequence[Number]], Number]]] = {
    "sqrt": (1, 1, lambda values: root(values[0])),
    "abs": (1, 1, lambda values: Number(abs(values[0].value), values[0].exact)),
    "round": (1, 2, _round),
    "floor": (1, 1, _whole(math.floor)),
    "ceil": (1, 1, _whole(math.ceil)),
    "min": (1, 100, _best(min)),
    "max": (1, 100, _best(max)),
    "factorial": (1, 1, lambda values: factorial(values[0])),
    "exp": (1, 1, lambda values: exponential(values[0])),
    "ln": (1, 1, lambda values: logarithm(values[0], None)),
    "log": (1, 1, lambda values: logarithm(values[0], 10)),
    "log10": (1, 1, lambda values: logarithm(values[0], 10)),
    "sin": (1, 1, _float(math.sin)),
    "cos": (1, 1, _float(math.cos)),
    "tan": (1, 1, _float(math.tan)),
}
"""The fewest and most values that each takes, and what it gives; angles are in radians."""
