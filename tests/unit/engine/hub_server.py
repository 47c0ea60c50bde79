"""A small Hub on this machine: as much of its protocol as huggingface_hub needs to fetch a repository."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseServer

COMMIT = "c0ffee" + "0" * 34
_BLOCK = 1 << 16


@dataclass
class ScriptedHub:
    """One repository and what goes wrong with it.

    Attributes:
        repository: owner and name; empty for whatever is asked for.
        files: by name; those that end in `.safetensors` are kept with LFS.
        cut: how many bytes of a file are sent before the line is cut, once each; None never cuts.
        cuts_for_ever: cut every time, and at once.
        spoil: changes what is sent of a file.
        gated: who has no token is refused; who has another one as well.
        bytes_per_second: how fast files are sent; 0 for at once.
        requests: method, path and range of all that was asked.
        tokens: that came with requests.
    """

    repository: str
    files: dict[str, bytes]
    cut: float | None = None
    cuts_for_ever: bool = False
    spoil: Callable[[str, bytes], bytes] = lambda name, content: content
    gated: str = ""
    bytes_per_second: int = 0
    requests: list[tuple[str, str, str]] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    was_cut: set[str] = field(default_factory=set)

    def described(self, name: str) -> dict[str, object]:
        """What the Hub's API says about the repository of this name."""
        siblings = [
            {"rfilename": file, "size": len(content), "blobId": blob_id(content)}
            | (
                {"lfs": {"size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "pointerSize": 134}}
                if file.endswith(".safetensors")
                else {}
            )
            for file, content in self.files.items()
        ]
        return {
            "id": self.repository,
            "sha": COMMIT,
            "siblings": siblings,
            "tags": [],
            "private": False,
            "downloads": 1,
        }

    def sent(self, name: str) -> int:
        """How often a file was asked for."""
        return sum(1 for method, path, _ in self.requests if method == "GET" and path.endswith(f"/{name}"))


def blob_id(content: bytes) -> str:
    """Git's name for a file's content."""
    return hashlib.sha1(f"blob {len(content)}\0".encode() + content).hexdigest()


@contextmanager
def serving(hub: ScriptedHub) -> Iterator[str]:
    """The address of the Hub while it is served."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), lambda *arguments: _Handler(hub, *arguments))
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, hub: ScriptedHub, request: object, address: object, server: BaseServer) -> None:
        self.hub = hub
        self._pause = threading.Event()
        super().__init__(request, address, server)  # type: ignore[arg-type]

    def do_HEAD(self) -> None:
        self._answer()

    def do_GET(self) -> None:
        self._answer()

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _answer(self) -> None:
        hub = self.hub
        hub.requests.append((self.command, self.path, self.headers.get("Range", "")))
        token = self.headers.get("Authorization", "").removeprefix("Bearer ")
        hub.tokens.append(token)
        api = re.fullmatch(r"/api/models/([^?]+?)(/revision/\w+)?(\?.*)?", self.path)
        resolve = re.fullmatch(r"/([^/]+/[^/]+)/resolve/\w+/([^?]+)", self.path)
        name = (api or resolve or [None, ""])[1]
        if hub.repository and name != hub.repository:
            self._refuse(401, "RepoNotFound" if not token else "", "Repository not found")
        elif hub.gated and token != hub.gated:
            self._refuse(403 if token else 401, "GatedRepo", "Access to this model is restricted")
        elif api:
            self._send(200, json.dumps(hub.described(str(name))).encode(), {"Content-Type": "application/json"})
        elif resolve and resolve[2] in hub.files:
            self._send_file(resolve[2])
        else:
            self._refuse(404, "EntryNotFound", "Entry not found")

    def _send_file(self, name: str) -> None:
        content = self.hub.files[name]
        etag = hashlib.sha256(content).hexdigest() if name.endswith(".safetensors") else blob_id(content)
        headers = {"ETag": f'"{etag}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        sent = self.hub.spoil(name, content)
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if asked:
            start = int(asked[1])
            headers["Content-Range"] = f"bytes {start}-{len(content) - 1}/{len(content)}"
            self._send(206, sent[start:], headers, name)
        else:
            self._send(200, sent, headers, name)

    def _send(self, status: int, body: bytes, headers: dict[str, str], name: str = "") -> None:
        self.send_response(status)
        for key, value in {**headers, "Content-Length": str(len(body))}.items():
            self.send_header(key, value)
        self.end_headers()
        if self.command == "HEAD":
            return
        end = self._cut_at(name, len(body))
        try:
            self._write(name, body, end)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # who was asking has gone
        if end < len(body):
            self.close_connection = True

    def _write(self, name: str, body: bytes, end: int) -> None:
        for start in range(0, end, _BLOCK):
            self.wfile.write(body[start : min(start + _BLOCK, end)])
            if name and self.hub.bytes_per_second:
                self._pause.wait(_BLOCK / self.hub.bytes_per_second)

    def _cut_at(self, name: str, length: int) -> int:
        hub = self.hub
        if not name.endswith(".safetensors"):
            return length
        if hub.cuts_for_ever:
            return 0
        if hub.cut is None or name in hub.was_cut:
            return length
        hub.was_cut.add(name)
        return int(length * hub.cut)

    def _refuse(self, status: int, code: str, message: str) -> None:
        body = json.dumps({"error": message}).encode()
        headers = {"Content-Type": "application/json", "X-Error-Message": message}
        self._send(status, body, headers | ({"X-Error-Code": code} if code else {}))
