"""A real browser for the truth: Chromium without a window, spoken to over a pipe (Chrome DevTools Protocol)."""

import base64
import io
import json
import os
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from PIL import Image

_FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--font-render-hinting=none", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-lcd-text",
    "--remote-debugging-pipe",
)  # fmt: skip
_ELEMENTS = """[...document.querySelectorAll('body *')].map(e => {
  const r = e.getBoundingClientRect(), s = getComputedStyle(e), own = name => e.getAttribute(name) || '';
  return {tag: e.tagName.toLowerCase(), class: own('class'), text: e.innerText || e.placeholder || '',
          look: [own('style'), own('fill'), s.color, s.backgroundColor, s.fontSize].join(';'),
          box: [r.x, r.y, r.width, r.height]};
})"""


_TEXTS = """(() => {
  const found = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const add = (text, r, e) => found.push({text: text, box: [r.x, r.y, r.width, r.height],
                                          colour: getComputedStyle(e).color.match(/[0-9]+/g).slice(0, 3).map(Number)});
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim(), range = document.createRange();
    if (!text) continue;
    range.selectNodeContents(walker.currentNode);
    add(text, range.getBoundingClientRect(), walker.currentNode.parentElement);
  }
  for (const e of document.querySelectorAll('input[placeholder]')) add(e.placeholder, e.getBoundingClientRect(), e);
  return found;
})()"""


@dataclass(frozen=True)
class Words:
    """Text of a rendered page: `box` is x, y, width, height in CSS pixels, `colour` red, green, blue."""

    text: str
    box: tuple[float, float, float, float]
    colour: tuple[int, int, int]


@dataclass(frozen=True)
class Element:
    """An element of a rendered page; `box` is x, y, width, height in CSS pixels, `look` what of its CSS is its own."""

    tag: str
    css_class: str
    text: str
    box: tuple[float, float, float, float]
    look: str = ""


class Browser:
    """Renders pages one after the other; close it, or use it as a context manager.

    Raises:
        OSError: Chromium is not installed.
    """

    def __init__(self) -> None:
        program = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        if program is None:
            raise OSError("Chromium is not installed: apt-get install chromium.")
        self._profile = tempfile.TemporaryDirectory()
        to_browser, self._out = os.pipe()
        self._in, from_browser = os.pipe()
        # the protocol's pipe is descriptors 3 and 4 of the child
        shell = f'exec "$0" "$@" 3<&{to_browser} 4>&{from_browser}'
        self._process = subprocess.Popen(
            ["bash", "-c", shell, program, *_FLAGS, f"--user-data-dir={self._profile.name}", "about:blank"],
            pass_fds=(to_browser, from_browser), stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        os.close(to_browser)
        os.close(from_browser)
        self._rest = b""
        self._number = 0
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._call("Page.enable")

    def render(
        self, html: str, width: int, least_height: int = 1, scale: float = 1.0
    ) -> tuple[Image.Image, list[Element]]:
        """The whole page as an RGB picture, and its elements.

        Args:
            html: the page.
            width: of the view, in CSS pixels.
            least_height: of the picture, in CSS pixels.
            scale: picture pixels a CSS pixel.
        """
        self._view(width, least_height, scale)
        frame = self._call("Page.getFrameTree")["frameTree"]["frame"]["id"]
        self._call("Page.setDocumentContent", frameId=frame, html=html)
        height = max(least_height, int(self._value("Math.ceil(document.body.getBoundingClientRect().height)")))
        self._view(width, height, scale)
        data = self._call("Page.captureScreenshot", format="png")["data"]
        elements = [
            Element(e["tag"], e["class"], e["text"], (e["box"][0], e["box"][1], e["box"][2], e["box"][3]), e["look"])
            for e in self._value(_ELEMENTS)
        ]
        return Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB"), elements

    def words(self) -> list[Words]:
        """The text of the page that was rendered last."""
        return [Words(w["text"], tuple(w["box"]), tuple(w["colour"])) for w in self._value(_TEXTS)]

    def close(self) -> None:
        """End the browser."""
        os.close(self._out)
        os.close(self._in)
        self._process.terminate()
        self._process.wait()
        self._profile.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _view(self, width: int, height: int, scale: float) -> None:
        self._call(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=scale, mobile=False
        )

    def _value(self, expression: str) -> Any:
        return self._call("Runtime.evaluate", expression=expression, returnByValue=True)["result"]["value"]

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message: dict[str, Any] = {"id": self._number, "method": method, "params": params}
        if session := getattr(self, "_session", None):
            message["sessionId"] = session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._read())
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _read(self) -> bytes:
        while b"\0" not in self._rest:
            data = os.read(self._in, 1 << 20)
            if not data:
                raise RuntimeError("Chromium ended.")
            self._rest += data
        message, _, self._rest = self._rest.partition(b"\0")
        return message
