"""Numbers as people read them."""

from __future__ import annotations

import math

from app.words import tr
from mlx_gemma4.protocol.events import UsageReport

_MEGABYTE = 1_000_000


def speed(usage: UsageReport) -> str:
    """Tokens a second; empty if there were too few to tell."""
    return f"{usage.tokens_per_second:.0f} tok/s" if usage.tokens_per_second else ""


def first_word(usage: UsageReport) -> str:
    """How long the first word took; empty if none came."""
    return f"first word {usage.time_to_first_token:.1f} s" if usage.completion_tokens else ""


def memory(usage: UsageReport) -> str:
    """The most memory the answer took."""
    return size(usage.peak_memory_bytes)


def size(nbytes: float) -> str:
    """`430 MB`, `3.6 GB`, `120 GB`."""
    megabytes = nbytes / _MEGABYTE
    if megabytes < 999.5:
        return f"{megabytes:.0f} MB"
    return f"{megabytes / 1000:.{0 if megabytes >= 99_950 else 1}f} GB"


def part_of(done: float, total: float) -> str:
    """`1.2 of 3.6 GB`."""
    whole = size(total)
    if not whole.endswith("GB"):
        return f"{size(done).removesuffix(' MB')} of {whole}"
    return f"{done / _MEGABYTE / 1000:.1f} of {whole}"


def time_left(seconds: float) -> str:
    """`3 min left`, as exact as anybody can say."""
    if seconds < 50:
        return f"{max(round(seconds / 5), 1) * 5} s left"
    minutes = round(seconds / 60)
    return f"{max(minutes, 1)} min left" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min left"


def about(seconds: float) -> str:
    """`~2 s`, `~3 min`, as exact as an estimate is."""
    if seconds < 59.5:
        return f"~{max(round(seconds), 1)} s"
    return f"~{round(seconds / 60)} min"


def in_full(usage: UsageReport) -> str:
    """All that is known of an answer, a line each."""
    read = counted(usage.prompt_tokens, tr("token"))
    lines = [
        tr("{count} tokens a second", count=f"{usage.tokens_per_second:.1f}") if usage.tokens_per_second else "",
        tr("First word after {time} s", time=f"{usage.time_to_first_token:.2f}") if usage.completion_tokens else "",
        tr("{read} read, {reused} of them known from before", read=read, reused=f"{usage.reused_tokens:,}")
        if usage.reused_tokens
        else tr("{read} read", read=read),
        tr("{count} written", count=f"{usage.completion_tokens:,}"),
        tr("{size} of memory at most", size=memory(usage)) if usage.peak_memory_bytes else "",
    ]
    return "\n".join(line for line in lines if line)


def joined(*figures: str) -> str:
    """Those that there are, with dots between."""
    return " · ".join(figure for figure in figures if figure)


def duration(seconds: float) -> str:
    """`0:07`, `12:30`, `1:02:05`."""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def alike(fidelity: float) -> str:
    """`92 % alike`; what is not the same is never called so."""
    return f"{math.floor(fidelity * 100 + 1e-9)} % alike"


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 box`, `5 boxes`, `1,024 tokens`."""
    return f"{number:,} {thing if number == 1 else things or thing + 's'}"
