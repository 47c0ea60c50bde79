"""Times of clips and recordings, as people read them."""

from __future__ import annotations

_CLOSE = 0.0005  # seconds; two moments that are nearer are one


def clock(seconds: float, *, tenths: bool = False) -> str:
    """`0:07`, `12:30`, `1:02:05`: the second, or `0:07.4`: the tenth of a second, that has begun."""
    parts = int((seconds + _CLOSE) * 10)
    minutes, rest = divmod(parts // 10, 60)
    hours, minutes = divmod(minutes, 60)
    fraction = f".{parts % 10}" if tenths else ""
    return f"{hours}:{minutes:02d}:{rest:02d}{fraction}" if hours else f"{minutes}:{rest:02d}{fraction}"
