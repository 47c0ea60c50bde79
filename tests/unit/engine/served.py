"""A small OpenAI-compatible server on this machine that says what a test tells it to, and misbehaves on demand."""

from __future__ import annotations

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer
from typing import Any, TypeAlias

MODEL = "google/gemma-4-e4b-it"


@dataclass(frozen=True)
class Pause:
    """Nothing for so many seconds, or until the other side has gone."""

    seconds: float


@dataclass(frozen=True)
class Cut:
    """The connection is closed in the middle; with `reset` as when a machine dies."""

    reset: bool = False


Step: TypeAlias = bytes | str | Mapping[str, Any] | Pause | Cut
"""Bytes as they are; a payload; an object as a payload; or something that goes wrong."""


@dataclass
class Answer:
    """What a request is answered with.

    Attributes:
        steps: of a stream, one after the other.
        status: of HTTP.
        body: in the place of a stream, if it is not None.
    """

    steps: Iterable[Step] = ()
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    before: float = 0.0


@dataclass
class Asked:
    """A request that came."""

    path: str
    headers: Mapping[str, str]
    body: dict[str, Any]


@dataclass
class ScriptedServer:
    """What it says and what it was asked.

    Attributes:
        answer: to a question, from its body.
        listing: what `/v1/models` gives.
        key: without it everything is refused; empty asks for none.
        asked: all questions.
        left: set when somebody closed the connection before the end of an answer.
    """

    answer: Callable[[dict[str, Any]], Answer] = lambda body: Answer([*said("Hello."), DONE])
    listing: Answer | None = None
    models: tuple[Mapping[str, Any], ...] = ({"id": MODEL, "object": "model", "owned_by": "test"},)
    key: str = ""
    asked: list[Asked] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)

    def always(self, *steps: Step, **more: Any) -> None:
        """Answer every question like this."""
        self.answer = lambda body: Answer(steps, **more)


DONE = "[DONE]"


def delta(reason: str | None = None, **fields: Any) -> dict[str, Any]:
    """A chunk as everybody agrees on."""
    return {
        "id": "chatcmpl-1",
        "object": "chat.completion.chunk",
        "created": 1,
        "model": MODEL,
        "choices": [{"index": 0, "delta": fields, "finish_reason": reason}],
    }


def said(*texts: str, reason: str | None = "stop") -> list[dict[str, Any]]:
    """Chunks with these texts, then the one that ends the answer."""
    return [*(delta(content=text) for text in texts), *([delta(reason)] if reason else [])]


@contextmanager
def serving(server: ScriptedServer, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    """The address of the server while it runs; leaving kills it, open answers included."""
    http = _Server(("127.0.0.1", port), lambda *arguments: _Handler(server, *arguments))
    if tls is not None:
        http.socket = tls.wrap_socket(http.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{http.server_address[1]}/v1"
    finally:
        http.shutdown()
        http.die()
        http.server_close()
        thread.join()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._open: set[socket.socket] = set()
        self.dead = threading.Event()

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def die(self) -> None:
        """Take all connections down."""
        self.dead.set()
        for connection in self._open:
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                continue

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Who hangs up is no error here."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, script: ScriptedServer, request: Any, address: Any, server: BaseServer) -> None:
        self.script = script
        super().__init__(request, address, server)

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def do_GET(self) -> None:
        listing = Answer(body=json.dumps({"object": "list", "data": list(self.script.models)}).encode())
        if self._may():
            self._give(self.script.listing or listing if self.path == "/v1/models" else _missing(self.path))

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.script.asked.append(Asked(self.path, dict(self.headers), body))
        if self._may():
            known = self.path in ("/v1/chat/completions", "/v1/completions")
            self._give(self.script.answer(body) if known else _missing(self.path))

    def _may(self) -> bool:
        given = self.headers.get("Authorization", "")
        if self.script.key and given != f"Bearer {self.script.key}":
            self._give(Answer(status=401, body=error(f"Incorrect API key provided: {given.removeprefix('Bearer ')}")))
            return False
        return True

    def _give(self, answer: Answer) -> None:
        try:
            if answer.before:
                self._wait(answer.before)
            self._send(answer)
        except (BrokenPipeError, ConnectionResetError):
            self.script.left.set()
            self.close_connection = True

    def _send(self, answer: Answer) -> None:
        self.send_response(answer.status)
        kind = "text/event-stream" if answer.body is None else "application/json"
        for name, value in {"Content-Type": kind, **answer.headers}.items():
            self.send_header(name, value)
        if answer.body is not None:
            self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            self.wfile.write(answer.body)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for step in answer.steps:
            if isinstance(step, Cut):
                self._cut(step)
                return
            self._take(step)
        self.wfile.write(b"0\r\n\r\n")

    def _take(self, step: Step) -> None:
        if isinstance(step, Pause):
            self._wait(step.seconds)
        else:
            text = step if isinstance(step, bytes) else f"data: {_payload(step)}\n\n".encode()
            self.wfile.write(b"%x\r\n%s\r\n" % (len(text), text))
            self.wfile.flush()

    def _cut(self, cut: Cut) -> None:
        self.close_connection = True
        if cut.reset:
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            self.connection.shutdown(socket.SHUT_RDWR)

    def _wait(self, seconds: float) -> None:
        """Nothing, unless the other side goes."""
        self.connection.settimeout(seconds)
        try:
            if not self.connection.recv(1, 0 if isinstance(self.connection, ssl.SSLSocket) else socket.MSG_PEEK):
                raise BrokenPipeError
        except TimeoutError:
            pass
        finally:
            self.connection.settimeout(None)


def error(message: str, **more: Any) -> bytes:
    """What servers say when something is wrong."""
    return json.dumps({"error": {"message": message, "type": "invalid_request_error", **more}}).encode()


def _missing(path: str) -> Answer:
    return Answer(status=404, body=error(f"Unexpected endpoint or method. ({path})"))


def _payload(step: Step) -> str:
    return step if isinstance(step, str) else json.dumps(step)
