"""What renderers ask of a page: our own scripts, run in a world apart while the page's are off."""

from __future__ import annotations

import json
from typing import Any

MOST_ELEMENTS = 5_000
_MOST_HTML = 100_000  # of one element, in characters
_MOST_HTML_IN_ALL = 2_000_000

REST = """(() => {
  let endless = false;
  for (const animation of document.getAnimations()) {
    try {
      if (animation.effect.getComputedTiming().endTime === Infinity) {
        endless = true;
        animation.pause();
        animation.currentTime = 0;
      } else animation.finish();
    } catch (error) {}
  }
  for (const picture of document.querySelectorAll('svg')) {
    try { picture.pauseAnimations(); picture.setCurrentTime(0); } catch (error) {}
  }
  const root = document.documentElement, body = document.body;
  return JSON.stringify({
    endless: endless,
    view: [innerWidth, innerHeight],
    height: Math.max(root.scrollHeight, body ? body.scrollHeight : 0),
    ratio: window.devicePixelRatio,
    loading: document.fonts.status === 'loading',
  });
})()"""
"""Bring animations to their end, endless ones to their beginning, and measure the page."""

ELEMENTS = """((mostElements, mostHtml, mostHtmlInAll) => {
  const inert = document.implementation.createHTMLDocument('');
  const copy = document.body ? inert.importNode(document.body, true) : inert.body;
  const originals = document.body ? document.body.querySelectorAll('*') : [];
  const copies = copy.querySelectorAll('*');
  const short = text => text.split('data:').map((part, i) => {
    const comma = part.indexOf(','), end = part.search(/["')\\s]|$/);
    return i > 0 && 0 <= comma && comma + 100 < end ? part.slice(0, comma + 1) + '…' + part.slice(end) : part;
  }).join('data:');
  for (const element of copies)
    for (const attribute of element.attributes)
      if (attribute.value.length > 100) attribute.value = short(attribute.value);
  const found = [];
  for (let i = 0; i < originals.length && found.length < mostElements && mostHtmlInAll > 0; i++) {
    const element = originals[i];
    if (element.parentElement.closest('svg') || !element.checkVisibility({visibilityProperty: true})) continue;
    const r = element.getBoundingClientRect();
    if (!(r.width > 0 && r.height > 0)) continue;
    const html = copies[i].outerHTML;
    if (html.length > mostHtml) continue;
    mostHtmlInAll -= html.length;
    const box = [r.x + scrollX, r.y + scrollY, r.width, r.height];
    found.push([element.localName, html, box.map(side => Math.round(side * 100) / 100)]);
  }
  return JSON.stringify(found);
})"""
ELEMENTS += f"({MOST_ELEMENTS}, {_MOST_HTML}, {_MOST_HTML_IN_ALL})"
"""Elements that take room, parents before children: tag, outer HTML with long data URIs shortened, box."""

SCROLL = """(top => {
  if (top > 0)
    for (const element of document.querySelectorAll('body *')) {
      const position = getComputedStyle(element).position;
      if (position === 'fixed') element.style.setProperty('visibility', 'hidden', 'important');
      if (position === 'sticky') element.style.setProperty('position', 'relative', 'important');
    }
  scrollTo({top: top, behavior: 'instant'});
  return JSON.stringify(scrollY);
})(%d)"""
"""Scroll there, as far as the page goes, and say where that is; what stays in view is in the first piece only."""

MARK = """(() => {
  const mark = document.createElement('prism-mark');
  mark.style = 'all: initial !important; position: fixed !important; left: 0 !important; top: 0 !important; ' +
      'width: 4px !important; height: 4px !important; z-index: 2147483647 !important; background: %s !important';
  document.documentElement.append(mark);
})()"""
"""Put a spot of a colour into the page's corner: a picture that shows it was painted after this."""

UNMARK = "document.querySelector('prism-mark').remove()"


NO_STATE = {"endless": False, "height": 0, "ratio": 0, "loading": True, "view": (0, 0)}
"""For what REST says, where it cannot run."""


def near(view: tuple[int, int], wanted: tuple[int, int]) -> bool:
    """Whether a view's size is what it should be, but for rounding."""
    return all(abs(size - should) <= 1 for size, should in zip(view, wanted, strict=True))


def answer(text: Any) -> Any:
    """What a script returned as JSON; None if it could not run."""
    return json.loads(text) if isinstance(text, str) and text else None
