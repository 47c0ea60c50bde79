"""Subtitle files read by the letter of their grammar; what breaks it is an AssertionError that says where."""

from __future__ import annotations

import re

Cue = tuple[int, int, str]
"""Start and end in milliseconds, and the text."""

_SRT_TIME = r"(\d{2,}):([0-5]\d):([0-5]\d),(\d{3})"
_VTT_TIME = r"(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})"


def parse_srt(text: str) -> list[Cue]:
    """Blocks of a number that counts from 1, a span, one or more lines of text, and a blank line."""
    cues: list[Cue] = []
    lines = text.split("\n")
    assert lines.pop() == "", "the file ends with a line break"
    while lines:
        assert lines.pop(0) == str(len(cues) + 1)
        span = re.fullmatch(f"{_SRT_TIME} --> {_SRT_TIME}", lines.pop(0))
        assert span is not None
        body = _take_until_blank(lines)
        assert body and not any("-->" in line for line in body)
        cues.append((_milliseconds(*span.groups()[:4]), _milliseconds(*span.groups()[4:]), "\n".join(body)))
    _check_times(cues)
    return cues


def parse_vtt(text: str) -> list[Cue]:
    """The file body of the WebVTT specification: signature, blank line, cue blocks with cue text (no tags here)."""
    lines = text.split("\n")
    assert lines.pop(0) == "WEBVTT" and lines.pop(0) == "" and lines.pop() == ""
    cues: list[Cue] = []
    while lines:
        span = re.fullmatch(f"{_VTT_TIME}[ \t]+-->[ \t]+{_VTT_TIME}", lines.pop(0))
        assert span is not None
        body = "\n".join(_take_until_blank(lines))
        assert body and "-->" not in body and "<" not in body
        assert re.fullmatch(r"(?:[^&]|&(?:amp|lt|gt|lrm|rlm|nbsp);)*", body, re.DOTALL), body
        text = body.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        cues.append((_milliseconds(*span.groups("00")[:4]), _milliseconds(*span.groups("00")[4:]), text))
    _check_times(cues)
    return cues


def _take_until_blank(lines: list[str]) -> list[str]:
    body: list[str] = []
    while lines[0]:
        body.append(lines.pop(0))
    lines.pop(0)
    return body


def _milliseconds(hours: str, minutes: str, seconds: str, rest: str) -> int:
    return ((int(hours) * 60 + int(minutes)) * 60 + int(seconds)) * 1000 + int(rest)


def _check_times(cues: list[Cue]) -> None:
    assert all(start < end for start, end, _ in cues)
    starts = [start for start, _, _ in cues]
    assert starts == sorted(starts)
