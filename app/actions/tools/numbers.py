"""Numbers as the calculator has them: exact fractions as long as that is possible, bounded in size."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Context, Decimal, DecimalException
from fractions import Fraction

from app.actions.tools.failure import ToolError
from mlx_gemma4.protocol.json_values import JsonObject

_MOST_BITS = 14_000
"""Of a numerator or denominator: 4,200 digits, which Python writes out and divides within a millisecond."""
_PRECISE = Context(prec=60)
_LONGEST_DECIMAL = 50
_SHOWN_DIGITS = 30
_LONGEST_FRACTION = 40
_LARGEST_FACTORIAL = 1_000
TOO_LARGE = "The result has more than 4,000 digits."


@dataclass(frozen=True)
class Number:
    """A value; `exact` is False once something irrational was rounded."""

    value: Fraction
    exact: bool = True

    def __post_init__(self) -> None:
        """Refuse what would take long to compute with."""
        if max(self.value.numerator.bit_length(), self.value.denominator.bit_length()) > _MOST_BITS:
            raise ToolError(TOO_LARGE)


def power(base: Number, exponent: Number) -> Number:
    """The power, exact where it is rational and the exponent is whole."""
    if exponent.value.denominator == 1:
        return _whole_power(base, exponent.value.numerator, base.exact and exponent.exact)
    if base.value < 0:
        raise ToolError("A negative number has no real power with a fractional exponent.")
    if exponent.value == Fraction(1, 2):
        return root(base)
    return rounded(lambda: _PRECISE.power(_decimal(base.value), _decimal(exponent.value)))


def root(number: Number) -> Number:
    """The square root, exact for squares of fractions."""
    if number.value < 0:
        raise ToolError("A negative number has no real square root.")
    above, below = math.isqrt(number.value.numerator), math.isqrt(number.value.denominator)
    if Fraction(above * above, below * below) == number.value:
        return Number(Fraction(above, below), number.exact)
    return rounded(lambda: _PRECISE.sqrt(_decimal(number.value)))


def factorial(number: Number) -> Number:
    """1 · 2 · … · n."""
    if number.value.denominator != 1 or not 0 <= number.value <= _LARGEST_FACTORIAL:
        raise ToolError(f"A factorial needs a whole number from 0 to {_LARGEST_FACTORIAL}.")
    return Number(Fraction(math.factorial(number.value.numerator)), number.exact)


def rounded(compute: Callable[[], Decimal | float]) -> Number:
    """What this gives, to 60 digits or those of a float."""
    try:
        return Number(Fraction(compute()), exact=False)
    except (DecimalException, ValueError, OverflowError) as error:
        raise ToolError("That is not defined, or too large.") from error


def logarithm(number: Number, base: int | None) -> Number:
    """To base e (None) or 10."""
    if number.value <= 0:
        raise ToolError("Only numbers above 0 have a logarithm.")
    compute = _PRECISE.ln if base is None else _PRECISE.log10
    return rounded(lambda: compute(_decimal(number.value)))


def exponential(number: Number) -> Number:
    """The number e to this power."""
    if abs(number.value) > 9_000:
        raise ToolError(TOO_LARGE)
    return rounded(lambda: _PRECISE.exp(_decimal(number.value)))


def written(number: Number) -> JsonObject:
    """For the model: a decimal number, with the exact fraction or a remark where that has been rounded."""
    decimal = _exact_decimal(number.value)
    if decimal is not None and number.exact:
        return {"result": decimal}
    short = format(Context(prec=_SHOWN_DIGITS).create_decimal(_decimal(number.value)).normalize(), "f")
    scientific = f"{_decimal(number.value):.29e}"
    result: JsonObject = {"result": short if len(short) <= 2 * _SHOWN_DIGITS else scientific}
    fraction = f"{number.value.numerator}/{number.value.denominator}"
    if number.exact and len(fraction) <= _LONGEST_FRACTION:
        result["exactly"] = fraction
    result["rounded"] = True
    return result


def _whole_power(base: Number, exponent: int, exact: bool) -> Number:
    if base.value == 0 and exponent < 0:
        raise ToolError("That divides by zero.")
    bits = max(base.value.numerator.bit_length(), base.value.denominator.bit_length())
    if abs(base.value) != 1 and base.value != 0 and (bits - 1) * abs(exponent) > _MOST_BITS:
        raise ToolError(TOO_LARGE)
    if abs(base.value) == 1:
        exponent %= 2
    return Number(base.value**exponent if exponent or base.value else Fraction(1), exact)


def _decimal(value: Fraction) -> Decimal:
    return _PRECISE.divide(Decimal(value.numerator), Decimal(value.denominator))


def _exact_decimal(value: Fraction) -> str | None:
    """All digits of it, if they end soon enough."""
    rest, places = value.denominator, 0
    for prime in (2, 5):
        count = 0
        while rest % prime == 0 and count <= _LONGEST_DECIMAL:
            rest //= prime
            count += 1
        places = max(places, count)
    if rest != 1 or places > _LONGEST_DECIMAL:
        return None
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    sign = "-" if value < 0 else ""
    return f"{sign}{digits[:-places]}.{digits[-places:]}" if places else f"{sign}{digits}"
