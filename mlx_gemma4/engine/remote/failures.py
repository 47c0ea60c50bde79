"""Everything that can go wrong with a server, each as one sentence and what to do about it."""

from __future__ import annotations

import json
import re
import socket
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import httpx2

from mlx_gemma4.engine.remote.chunks import problem_of
from mlx_gemma4.protocol.errors import PrismError
from mlx_gemma4.protocol.server_address import ServerAddress

_LONGEST_QUOTE = 200
_PICTURES = re.compile(r"image|picture|vision|multi-?modal|mmproj|mtmd", re.IGNORECASE)
_SOUND = re.compile(r"audio|sound|speech|multi-?modal|mmproj|mtmd", re.IGNORECASE)
_TOO_LONG = re.compile(r"context (length|size|window)|too many tokens|maximum context|exceed_context", re.IGNORECASE)
_SHORT_OF_MEMORY = re.compile(r"out of memory|insufficient (system )?(memory|resources)|requires more system memory")


@dataclass(frozen=True)
class Refusal:
    """What a server answered in the place of an answer.

    Attributes:
        status: of HTTP; 0 for what came in the middle of a stream.
        words: the server's own, as far as it says anything.
        retry_after: seconds that it asks to wait; 0 where it does not say.
        is_page: it is a web page.
        location: where it sends to.
    """

    status: int
    words: str
    retry_after: float = 0
    is_page: bool = False
    location: str = ""


def read_refusal(status: int, headers: Mapping[str, str], body: bytes) -> Refusal:
    """What stands in an answer that is none."""
    text = body.decode("utf-8", "replace").strip()
    is_page = "html" in headers.get("content-type", "") or text[:15].lower().startswith(("<!doctype", "<html"))
    return Refusal(
        status,
        "" if is_page else _words(text),
        _seconds(headers.get("retry-after", "")),
        is_page,
        headers.get("location", ""),
    )


class Failures:
    """Knows whom the sentences are about; the key stands in none of them, whatever the server repeats."""

    def __init__(self, server: ServerAddress, key: str = "", model: str = "") -> None:
        self._server, self._key = server, key
        self._who = server.host
        self._model = model or "the model"

    def of_transport(self, error: Exception, *, begun: bool = False) -> PrismError:
        """The connection failed; `begun` says that an answer was under way."""
        who, roots = self._who, list(_roots(error))
        tls = next((root for root in roots if isinstance(root, ssl.SSLError)), None)
        if tls is not None:
            return self._of_tls(tls)
        if any(isinstance(root, socket.gaierror) for root in roots):
            return PrismError(
                f"There is no computer called {self._server.name}, or this one is offline.",
                "Check the address and the network.",
                code="remote.unknown_host",
            )
        if isinstance(error, httpx2.ConnectTimeout):
            return PrismError(
                f"{who} cannot be reached: nothing answers there.",
                "Check that the computer is awake and in the same network.",
                code="remote.unreachable",
            )
        if begun:
            return self.cut()
        if isinstance(error, httpx2.ConnectError):
            return PrismError(
                f"Nothing listens at {who}.", "Start the server there, or check the port.", code="remote.refused"
            )
        if isinstance(error, httpx2.RemoteProtocolError) and "illegal" in str(error).lower():
            return PrismError(
                f"What {who} answers is not HTTP.",
                "Check the port, or write https:// before it.",
                code="remote.garbled",
            )
        return PrismError(f"The connection to {who} was lost.", "Ask again.", code="remote.cut")

    def cut(self) -> PrismError:
        """The answer broke off."""
        return PrismError(
            f"The connection to {self._who} was lost in the middle of the answer.",
            "What has come stays. Ask again, or have it go on.",
            code="remote.cut",
        )

    def slow(self, seconds: float) -> PrismError:
        """Not one byte has come."""
        return PrismError(
            f"{self._who} took the question, but has said nothing for {_time(seconds)}.",
            "See whether it is still loading the model or busy with something else, then ask again.",
            code="remote.slow",
        )

    def silent(self, seconds: float) -> PrismError:
        """It began and fell silent."""
        return PrismError(
            f"{self._who} fell silent in the middle of the answer, {_time(seconds)} ago.",
            "What has come stays. Ask again, or have it go on.",
            code="remote.silent",
        )

    def filtered(self) -> PrismError:
        """Its rules ended the answer."""
        return PrismError(
            f"{self._who} ended the answer by its own rules about what may be said.",
            "Ask in other words, or another model.",
            code="remote.filtered",
        )

    def garbled(self) -> PrismError:
        """What came is no JSON of this protocol."""
        return PrismError(
            f"What {self._who} answers is not what an OpenAI-compatible server says.",
            "Check the address: it often ends in /v1.",
            code="remote.garbled",
        )

    def no_model(self, listed: list[str]) -> PrismError:
        """It does not have the model."""
        return PrismError(
            f"{self._who} has no model called {self._model}.",
            f"It has {listed[0]}; choose from its list." if listed else "Load one there first.",
            code="remote.model",
        )

    def unencrypted(self) -> PrismError:
        """Words would go there for everybody to read."""
        return PrismError(
            f"Everything sent to {self._who} could be read on the way: the address begins with http, not https.",
            "Use https, or a server in your own network.",
            code="remote.unencrypted",
        )

    def of_refusal(self, refusal: Refusal, *, pictures: bool = False, sound: bool = False) -> PrismError:
        """What the server said instead of answering; whether it was shown pictures or sound."""
        who, said, status = self._who, self._quoted(refusal.words), refusal.status
        if refusal.is_page:
            return PrismError(
                f"{who} answers with a web page.", "Check the address: it often ends in /v1.", code="remote.page"
            )
        if 300 <= status < 400:
            return PrismError(
                f"{who} sends elsewhere: to {refusal.location[:_LONGEST_QUOTE] or 'nowhere'}.",
                "If you trust that address, enter it instead.",
                code="remote.moved",
            )
        if status == 401:
            words = "does not accept the key" if self._key else "asks for a key"
            return PrismError(f"{who} {words}.", "Enter its key: Model, then Connect to a Server.", code="remote.key")
        if status == 403:
            return PrismError(
                f"{who} does not allow this key to use {self._model}{said}.",
                "Ask whoever runs the server.",
                code="remote.forbidden",
            )
        if status == 429:
            wait = f"in {_time(refusal.retry_after)}" if refusal.retry_after else "in a while"
            return PrismError(f"{who} takes no more questions now{said}.", f"Ask again {wait}.", code="remote.busy")
        return self._of_contents(refusal, said, pictures=pictures, sound=sound)

    def _of_contents(self, refusal: Refusal, said: str, *, pictures: bool, sound: bool) -> PrismError:
        """Told from the words, as servers disagree on the numbers."""
        who, model, status, words = self._who, self._model, refusal.status, refusal.words
        if _TOO_LONG.search(words):
            return PrismError(
                f"The conversation is longer than {model} takes{said}.",
                "Begin a new one, or leave files out.",
                code="remote.too_long",
            )
        if pictures and _PICTURES.search(words):
            return PrismError(
                f"{model} on {who} does not take pictures{said}.",
                "Choose a model that sees, or ask without the pictures.",
                code="remote.no_pictures",
            )
        if sound and _SOUND.search(words):
            return PrismError(
                f"{model} on {who} does not take sound{said}.",
                "Choose a model that hears, or have the recording transcribed here.",
                code="remote.no_sound",
            )
        if status == 404:
            return PrismError(
                f"{who} has no {model}, or nothing of this protocol at that address{said}.",
                "Choose a model from its list, or check the address.",
                code="remote.model",
            )
        if _SHORT_OF_MEMORY.search(words.lower()):
            return PrismError(f"{who} is short of memory{said}.", "Load a smaller model there.", code="remote.server")
        if status >= 500:
            return PrismError(f"{who} failed with error {status}{said}.", "Ask again.", code="remote.server")
        if status:
            return PrismError(f"{who} does not understand the request{said}.", "", code="remote.request")
        return PrismError(f"{who} broke off{said or ' without a word'}.", "Ask again.", code="remote.server")

    def _of_tls(self, error: ssl.SSLError) -> PrismError:
        if isinstance(error, ssl.SSLCertVerificationError):
            return PrismError(
                f"The certificate of {self._who} does not prove who it is: {error.verify_message}.",
                "If it is your own server, let the system trust its certificate.",
                code="remote.tls",
            )
        return PrismError(
            f"{self._who} does not speak HTTPS.", "Write http:// before the address, if it is near.", code="remote.tls"
        )

    def _quoted(self, words: str) -> str:
        """`: “what it says”`, or nothing."""
        words = " ".join(words.split()).rstrip(".")
        if self._key:
            words = words.replace(self._key, "…")
        if len(words) > _LONGEST_QUOTE:
            words = words[:_LONGEST_QUOTE].rstrip() + "…"
        return f": “{words}”" if words else ""


def _words(text: str) -> str:
    try:
        values = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return problem_of(values) if isinstance(values, dict) else text


def _seconds(text: str) -> float:
    """Of a Retry-After header; dates are not worth a parser."""
    try:
        return max(float(text), 0.0)
    except ValueError:
        return 0.0


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} seconds" if round(seconds) != 1 else "1 second"
    return f"{seconds / 60:.0f} minutes"


def _roots(error: BaseException | None) -> Iterator[BaseException]:
    """An error and all that led to it."""
    while error is not None:
        yield error
        if isinstance(error, BaseExceptionGroup):
            for inner in error.exceptions:
                yield from _roots(inner)
        error = error.__cause__ or error.__context__
