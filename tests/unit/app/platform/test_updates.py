"""One address is asked, when somebody wants it, and its answer is read with care."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from PySide6.QtCore import QIODevice, QUrl
from PySide6.QtNetwork import QNetworkAccessManager, QNetworkReply, QNetworkRequest
from pytestqt.qtbot import QtBot

from app.platform.updates import Release, UpdateCheck, read_release, update_address
from mlx_gemma4.protocol.version import VERSION

ADDRESS = "https://updates.example/prism.json"
NEWER = b'{"version": "99.0", "page": "https://updates.example/get"}'


class Site(HTTPServer):
    """A site on this machine; `answer` is its status and text."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.answer = (200, NEWER)
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                site.asked.append((self.path, dict(self.headers)))
                status, body = site.answer
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None: ...

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Detour(QNetworkAccessManager):
    """Takes the site for every address of HTTPS."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self.wanted: list[str] = []

    def createRequest(
        self, operation: QNetworkAccessManager.Operation, request: QNetworkRequest, data: QIODevice | None = None
    ) -> QNetworkReply:
        self.wanted.append(request.url().toString())
        nearby = QNetworkRequest(request)
        nearby.setUrl(QUrl(f"http://127.0.0.1:{self._port}{request.url().path()}"))
        return super().createRequest(operation, nearby, data)


@pytest.fixture
def site() -> Iterator[Site]:
    site = Site()
    yield site
    site.shutdown()
    site.server_close()


def ask(check: UpdateCheck, qtbot: QtBot) -> Release:
    """What came of asking."""
    with qtbot.waitSignal(check.finished, timeout=15_000) as answered:
        check.start()
    assert answered.args is not None
    return answered.args[0]


def test_it_asks_the_one_address_once_and_only_when_told_to(site: Site, qtbot: QtBot) -> None:
    network = Detour(site.server_port)
    check = UpdateCheck(ADDRESS, network)
    qtbot.wait(50)
    assert not network.wanted
    assert ask(check, qtbot) == Release(f"Prism 99.0 is there; this is {VERSION}.", "https://updates.example/get")
    assert network.wanted == [ADDRESS]
    ((path, headers),) = site.asked
    assert path == "/prism.json" and headers["User-Agent"] == "Prism" and headers["Accept-Language"] == "en"
    assert not {"Cookie", "Referer", "Authorization"} & set(headers)


def test_asking_twice_at_once_is_one_question(site: Site, qtbot: QtBot) -> None:
    check = UpdateCheck(ADDRESS, Detour(site.server_port))
    with qtbot.waitSignal(check.finished, timeout=15_000):
        check.start()
        check.start()
    assert len(site.asked) == 1


@pytest.mark.parametrize("address", ["http://updates.example/a", "file:///etc/hostname", "https:///a", "x"])
def test_nothing_but_https_is_asked(address: str, site: Site, qtbot: QtBot) -> None:
    network = Detour(site.server_port)
    assert "did not ask" in ask(UpdateCheck(address, network), qtbot).text
    assert not network.wanted and not site.asked


def test_a_build_without_an_address_says_so(qtbot: QtBot) -> None:
    said = ask(UpdateCheck(""), qtbot)
    assert VERSION in said.text and "knows no place" in said.text and not said.page


def test_this_checkout_has_no_address() -> None:
    assert update_address() == ""


@pytest.mark.parametrize("answer", [(404, b"gone"), (500, b"")])
def test_an_error_is_said(answer: tuple[int, bytes], site: Site, qtbot: QtBot) -> None:
    site.answer = answer
    assert ask(UpdateCheck(ADDRESS, Detour(site.server_port)), qtbot).text.startswith("Prism could not ask")


def test_an_endless_answer_is_cut_off(site: Site, qtbot: QtBot) -> None:
    site.answer = (200, b" " * (4 << 20) + NEWER)
    said = ask(UpdateCheck(ADDRESS, Detour(site.server_port)), qtbot)
    assert "could not ask" in said.text and not said.page


@pytest.mark.parametrize(
    ("answer", "text", "page"),
    [
        (b'{"version": "%s"}' % VERSION.encode(), "is the newest version", ""),
        (b'{"version": "0.0.9"}', "is the newest version", ""),
        (b'{"version": "0.10.0", "page": "https://a.example"}', "Prism 0.10.0 is there", "https://a.example"),
        (b'{"version": "9.9", "page": "javascript:alert(1)"}', "Prism 9.9 is there", ""),
        (b'{"version": "9.9", "page": "http://a.example"}', "Prism 9.9 is there", ""),
        (b'{"version": "9 <b>"}', "could not be read", ""),
        (b'{"version": 9}', "Prism 9 is there", ""),
        (b'["version"]', "could not be read", ""),
        (b"null", "could not be read", ""),
        (b"\xff\xfe", "could not be read", ""),
        (b"", "could not be read", ""),
    ],
)
def test_answers(answer: bytes, text: str, page: str) -> None:
    said = read_release(answer)
    assert text in said.text and said.page == page
