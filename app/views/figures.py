"""Numbers as people read them."""

from __future__ import annotations

import math

from app.words import number as figure
from app.words import tr, trn
from mlx_gemma4.protocol.byte_units import DISK_GB, DISK_MB, MEMORY_GB, MEMORY_MB
from mlx_gemma4.protocol.events import UsageReport

_AT_ONCE = 0.05  # seconds
_NEARLY_ONE, _WHOLE = 0.9995, 99.95  # GB: shown as MB below the first, without tenths from the second on


def speed(usage: UsageReport) -> str:
    """Tokens a second; empty if there were too few to tell."""
    return tr("{figure} tok/s", figure=figure(usage.tokens_per_second)) if usage.tokens_per_second else ""


def first_word(usage: UsageReport) -> str:
    """How long the first word took; empty if none came, or it was there at once."""
    seconds = figure(usage.time_to_first_token, 1)
    shown = usage.completion_tokens and usage.time_to_first_token >= _AT_ONCE
    return tr("first word {seconds} s", seconds=seconds) if shown else ""


def memory(usage: UsageReport) -> str:
    """The most memory the answer took here; empty for none."""
    return memory_size(usage.peak_memory_bytes) if usage.peak_memory_bytes else ""


def size(nbytes: float) -> str:
    """Of a file or a disk: `430 MB`, `3.6 GB`, `120 GB`."""
    return _size(nbytes, DISK_MB, DISK_GB)


def memory_size(nbytes: float) -> str:
    """Likewise of memory."""
    return _size(nbytes, MEMORY_MB, MEMORY_GB)


def built_in(nbytes: int) -> str:
    """`16 GB`: the memory that a computer has, with tenths only where it has them."""
    gigabytes = round(nbytes / MEMORY_GB, 1)
    return tr("{figure} GB", figure=figure(gigabytes, 0 if gigabytes.is_integer() else 1))


def _size(nbytes: float, megabyte: int, gigabyte: int) -> str:
    gigabytes = nbytes / gigabyte
    if gigabytes < _NEARLY_ONE:
        return tr("{figure} MB", figure=figure(nbytes / megabyte))
    return tr("{figure} GB", figure=figure(gigabytes, 0 if gigabytes >= _WHOLE else 1))


def part_of(done: float, total: float) -> str:
    """Of a file: `1.2 of 3.6 GB`."""
    megabytes = total / DISK_GB < _NEARLY_ONE
    part = figure(done / DISK_MB) if megabytes else figure(done / DISK_GB, 1 if done >= DISK_GB / 20 else 0)
    return tr("{part} of {whole}", part=part, whole=size(total))


def time_left(seconds: float) -> str:
    """`3 min left`, as exact as anybody can say."""
    if seconds < 50:
        return tr("{seconds} s left", seconds=max(round(seconds / 5), 1) * 5)
    minutes = round(seconds / 60)
    return (
        tr("{minutes} min left", minutes=max(minutes, 1))
        if minutes < 60
        else tr("{hours} h {minutes} min left", hours=minutes // 60, minutes=minutes % 60)
    )


def about(seconds: float) -> str:
    """`~2 s`, `~3 min`, as exact as an estimate is."""
    if seconds < 59.5:
        return tr("~{seconds} s", seconds=max(round(seconds), 1))
    return tr("~{minutes} min", minutes=round(seconds / 60))


def in_full(usage: UsageReport) -> str:
    """All that is known of an answer, a line each."""
    rate, first, guessed = usage.tokens_per_second, usage.time_to_first_token, usage.guessed_tokens
    share = round(100 * usage.right_guesses / guessed) if guessed else 0
    guesses = counted(guessed, "guess", "guesses")
    read, reused = counted(usage.prompt_tokens, "token"), usage.reused_tokens
    known = tr("{tokens} read, {reused} of them known from before", tokens=read, reused=figure(reused))
    lines = [
        tr("{rate} tokens a second", rate=figure(rate, 1)) if rate else "",
        tr("First word after {seconds} s", seconds=figure(first, 2)) if usage.completion_tokens else "",
        known if reused else tr("{tokens} read", tokens=read),
        tr("{written} written", written=figure(usage.completion_tokens)),
        tr("{share} % of {guesses} right", share=share, guesses=guesses) if guessed else "",
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
    return tr("{figure} % alike", figure=math.floor(fidelity * 100 + 1e-9))


def counted(number: int, thing: str, things: str = "") -> str:
    """`1 box`, `5 boxes`, `1,024 tokens`."""
    one, many = f"{{n}} {thing}", f"{{n}} {things or thing + 's'}"
    return trn(one, many, number)
