"""Errors meant for people: what is wrong, what to do about it, and whether the same session can go on."""

from __future__ import annotations

from typing import ClassVar


class PrismError(Exception):
    """Base of every error that a person may read.

    Attributes:
        code: stable name for programs, such as `media.missing`.
        message: one sentence that says what is wrong.
        hint: one sentence that says what to do; may be empty.
        recoverable: whether the engine can serve the next request.
    """

    default_code: ClassVar[str] = "prism"
    default_recoverable: ClassVar[bool] = True

    def __init__(self, message: str, hint: str = "", *, code: str = "", recoverable: bool | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.code = code or self.default_code
        self.recoverable = self.default_recoverable if recoverable is None else recoverable

    def __str__(self) -> str:
        """The message followed by the hint, ready to be printed on one line."""
        return f"{self.message} {self.hint}".strip()


class MediaError(PrismError):
    """A file that was given as a picture, sound or clip cannot be used."""

    default_code = "media"


class CheckpointError(PrismError):
    """A model folder is missing, foreign, incomplete or damaged."""

    default_code = "checkpoint"


class PromptError(PrismError):
    """Messages or tools cannot be written as a prompt."""

    default_code = "prompt"


class RequestError(PrismError):
    """A request has a value outside its range."""

    default_code = "request"


class WireError(PrismError):
    """A line on the wire is not a request or event of this protocol."""

    default_code = "wire"
