"""A QtWebEngine page that runs no script, follows no link, and reaches nothing but its own text and data: URIs."""

from __future__ import annotations

from typing import Any, cast

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QObject, QUrl
from PySide6.QtWebEngineCore import (
    QWebEngineDownloadRequest,
    QWebEnginePage,
    QWebEnginePermission,
    QWebEngineProfile,
    QWebEngineSettings,
    QWebEngineUrlRequestInfo,
    QWebEngineUrlRequestInterceptor,
    QWebEngineUrlRequestJob,
    QWebEngineUrlScheme,
    QWebEngineUrlSchemeHandler,
)

SCHEME = b"prism-page"
_POLICY = (
    b"default-src 'none'; style-src 'unsafe-inline' data:; img-src data:; font-src data:; media-src data:; "
    b"form-action 'none'; frame-src 'none'; base-uri 'none'"
)
_Attribute = QWebEngineSettings.WebAttribute
_ON = {_Attribute.PlaybackRequiresUserGesture, _Attribute.WebRTCPublicInterfacesOnly, _Attribute.AutoLoadImages}

_Family = QWebEngineSettings.FontFamily
_FAMILIES = {
    _Family.StandardFont: "Times New Roman",
    _Family.SerifFont: "Times New Roman",
    _Family.SansSerifFont: "Arial",
    _Family.FixedFont: "Monospace",
    _Family.CursiveFont: "Comic Sans MS",
    _Family.FantasyFont: "Impact",
}
"""Chromium's own choices, so that a page that names no font looks as it will in a browser, not as Qt's windows do."""


def register_scheme() -> None:
    """Make pages' own scheme known; before the application object is made."""
    scheme = QWebEngineUrlScheme(SCHEME)
    scheme.setSyntax(QWebEngineUrlScheme.Syntax.Path)
    scheme.setFlags(QWebEngineUrlScheme.Flag.SecureScheme)
    QWebEngineUrlScheme.registerScheme(scheme)


class PageSource(QWebEngineUrlSchemeHandler):
    """Serves the text of the page, of any length, under its address."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.html = b""
        self.url = QUrl()
        self._pages = 0

    def serve(self, html: bytes) -> QUrl:
        """Serve this page from now on; returns its address, which no page had before."""
        self.html = html
        self._pages += 1
        self.url = QUrl(f"{SCHEME.decode()}:{self._pages}")
        return self.url

    def requestStarted(self, job: QWebEngineUrlRequestJob) -> None:
        """Answer with the page; with a policy of our own before the one that stands in it."""
        if job.requestUrl() != self.url:
            job.fail(QWebEngineUrlRequestJob.Error.UrlNotFound)
            return
        device = QBuffer(job)
        device.setData(self.html)
        device.open(QIODevice.OpenModeFlag.ReadOnly)
        headers: Any = {
            QByteArray(b"Content-Security-Policy"): [QByteArray(_POLICY)]
        }  # a multi-map: its values are lists
        job.setAdditionalResponseHeaders(headers)
        job.reply(b"text/html; charset=utf-8", device)


class NothingElse(QWebEngineUrlRequestInterceptor):
    """Blocks every request but the one for the page itself and those for data in it."""

    def __init__(self, source: PageSource) -> None:
        super().__init__(source)
        self._source = source

    def interceptRequest(self, info: QWebEngineUrlRequestInfo) -> None:
        """Block it unless it stays inside the page."""
        url = info.requestUrl()
        info.block(url != self._source.url and url.scheme() != "data")


class LockedPage(QWebEnginePage):
    """The page; `source` is what it can load."""

    def __init__(self) -> None:
        profile = QWebEngineProfile()  # off the record: nothing is stored
        super().__init__(profile)
        self._profile = profile
        self.source = PageSource(profile)
        profile.installUrlSchemeHandler(SCHEME, self.source)
        self._nothing_else = NothingElse(self.source)  # kept: Qt does not
        profile.setUrlRequestInterceptor(self._nothing_else)
        profile.downloadRequested.connect(_refuse_download)
        profile.setSpellCheckEnabled(False)
        self.permissionRequested.connect(QWebEnginePermission.deny)
        settings = self.settings()
        for attribute in _Attribute:
            settings.setAttribute(attribute, attribute in _ON)
        settings.setImageAnimationPolicy(QWebEngineSettings.ImageAnimationPolicy.Disallow)
        for generic, family in _FAMILIES.items():
            settings.setFontFamily(generic, family)

    def acceptNavigationRequest(self, url: QUrl | str, type: QWebEnginePage.NavigationType, isMainFrame: bool) -> bool:
        """Only we go anywhere, and only to the page's own address."""
        ours = type == QWebEnginePage.NavigationType.NavigationTypeTyped
        return ours and isMainFrame and QUrl(url) == self.source.url

    def createWindow(self, type: QWebEnginePage.WebWindowType) -> QWebEnginePage:
        """No window opens: Qt takes None for that, though its types do not say so."""
        return cast(QWebEnginePage, None)

    def javaScriptConsoleMessage(
        self, level: QWebEnginePage.JavaScriptConsoleMessageLevel, message: str, lineNumber: int, sourceID: str
    ) -> None:
        """What a page complains of is nobody's concern."""


def _refuse_download(download: QWebEngineDownloadRequest) -> None:
    download.cancel()
