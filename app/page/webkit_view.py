"""A WKWebView that runs no script of the page's, follows no link, and reaches nothing but data: URIs."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from importlib import import_module
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

_RULES = [
    {"trigger": {"url-filter": ".*"}, "action": {"type": "block"}},
    {"trigger": {"url-filter": "^data:"}, "action": {"type": "ignore-previous-rules"}},
    {"trigger": {"url-filter": "^about:blank"}, "action": {"type": "ignore-previous-rules"}},
]
_FAR_AWAY = -20_000  # from every screen, should the window ever be shown
_KILL = "_killWebContentProcessAndResetState"  # of WebKit's own tests; without it a busy page runs on until it ends

Then = Callable[[Any], None]


class WebView:
    """One web view in a window that is never shown; `died` is called when WebKit's process for the page has ended."""

    def __init__(self, died: Callable[[], None]) -> None:
        AppKit, WebKit = _framework("AppKit"), _framework("WebKit")
        configuration = WebKit.WKWebViewConfiguration.alloc().init()
        configuration.setWebsiteDataStore_(WebKit.WKWebsiteDataStore.nonPersistentDataStore())
        configuration.defaultWebpagePreferences().setAllowsContentJavaScript_(False)
        configuration.preferences().setJavaScriptCanOpenWindowsAutomatically_(False)
        configuration.setMediaTypesRequiringUserActionForPlayback_(WebKit.WKAudiovisualMediaTypeAll)
        frame = ((0, 0), (1280, 800))
        self._world = WebKit.WKContentWorld.worldWithName_("prism")
        self._rules: Any = None
        self._watcher = _watcher_class().alloc().init()
        self._watcher.expected = False
        self._watcher.loaded = _nothing
        self._watcher.died = died
        self._view = WebKit.WKWebView.alloc().initWithFrame_configuration_(frame, configuration)
        self._view.setNavigationDelegate_(self._watcher)
        self._window = AppKit.NSWindow.alloc().initWithContentRect_styleMask_backing_defer_(
            ((_FAR_AWAY, _FAR_AWAY), (1280, 800)),
            AppKit.NSWindowStyleMaskBorderless,
            AppKit.NSBackingStoreBuffered,
            False,
        )
        self._window.setReleasedWhenClosed_(False)
        self._window.contentView().addSubview_(self._view)

    def keep_from_the_network(self, then: Then) -> None:
        """Install the rule that blocks every load; the outcome is whether it is in force."""
        if self._rules is not None:
            then(True)
            return

        def compiled(rules: Any, error: Any) -> None:
            if rules is not None:
                self._view.configuration().userContentController().addContentRuleList_(rules)
                self._rules = rules
            then(rules is not None)

        store = _framework("WebKit").WKContentRuleListStore.defaultStore()
        store.compileContentRuleListForIdentifier_encodedContentRuleList_completionHandler_(
            "prism-page", json.dumps(_RULES), compiled
        )

    def resize(self, width: int, height: int) -> None:
        """Give the view a size in CSS pixels; the page has it a little later."""
        self._view.setFrame_(((0, 0), (width, height)))

    def load(self, html: str, then: Then) -> None:
        """Load a page; the outcome is whether it is there."""
        self._watcher.expected = True
        self._watcher.loaded = then
        self._view.loadHTMLString_baseURL_(html, None)

    def script(self, text: str) -> Callable[[Then], None]:
        """A script of ours, in a world of its own; the outcome is what it returns, None if it fails."""

        def step(then: Then) -> None:
            self._view.evaluateJavaScript_inFrame_inContentWorld_completionHandler_(
                text, None, self._world, lambda value, error: then(None if error is not None else value)
            )

        return step

    def snapshot(self, pixels: int) -> Callable[[Then], None]:
        """The view's picture, that many pixels wide; the outcome is a function that makes a QImage of it, or None."""

        def step(then: Then) -> None:
            wanted = _framework("WebKit").WKSnapshotConfiguration.alloc().init()
            wanted.setAfterScreenUpdates_(True)
            wanted.setSnapshotWidth_(pixels / self._window.backingScaleFactor())
            self._view.takeSnapshotWithConfiguration_completionHandler_(
                wanted, lambda image, error: then(None if image is None else _as_image(image))
            )

        return step

    def close(self) -> None:
        """End it, and the process that has its page."""
        self._watcher.died = self._watcher.loaded = _nothing
        self._view.stopLoading()
        self._view.setNavigationDelegate_(None)
        if self._view.respondsToSelector_(_KILL):
            getattr(self._view, _KILL)()
        self._view.removeFromSuperview()
        self._window.close()


def _as_image(image: Any) -> Callable[[int, int], QImage]:
    """What turns an NSImage into a picture of exactly so many pixels; may be called on any thread."""

    def convert(width: int, height: int) -> QImage:
        AppKit = _framework("AppKit")
        bitmap = AppKit.NSBitmapImageRep.imageRepWithData_(image.TIFFRepresentation())
        data = bitmap.representationUsingType_properties_(AppKit.NSBitmapImageFileTypePNG, {})
        picture = QImage.fromData(bytes(data))
        if (picture.width(), picture.height()) == (width, height):
            return picture
        smooth = Qt.TransformationMode.SmoothTransformation
        return picture.scaled(width, height, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)

    return convert


def _framework(name: str) -> Any:
    """A module of PyObjC, which only Macs have."""
    return import_module(name)


def _nothing(*_: object) -> None:
    pass


@cache
def _watcher_class() -> Any:
    """The Objective-C class that WebKit asks and tells; a class can be made only once."""
    objc, WebKit, NSObject = _framework("objc"), _framework("WebKit"), _framework("Foundation").NSObject

    delegate = objc.protocolNamed("WKNavigationDelegate")

    class PrismPageWatcher(NSObject, protocols=[delegate]):  # pyright: ignore
        """Lets the page that we load in, and nothing after it."""

        def webView_decidePolicyForNavigationAction_decisionHandler_(self, view: Any, action: Any, decide: Any) -> None:
            frame = action.targetFrame()
            ours = self.expected and frame is not None and frame.isMainFrame()
            self.expected = False
            decide(WebKit.WKNavigationActionPolicyAllow if ours else WebKit.WKNavigationActionPolicyCancel)

        def webView_didFinishNavigation_(self, view: Any, navigation: Any) -> None:
            self.loaded(True)

        def webView_didFailNavigation_withError_(self, view: Any, navigation: Any, error: Any) -> None:
            self.loaded(False)

        def webView_didFailProvisionalNavigation_withError_(self, view: Any, navigation: Any, error: Any) -> None:
            self.loaded(False)

        def webViewWebContentProcessDidTerminate_(self, view: Any) -> None:
            self.died()

    return PrismPageWatcher
