"""Which elements and attributes a page may hold; everything else is left out."""

from __future__ import annotations

VOID = frozenset("br col hr img input wbr".split())

HTML = VOID | frozenset(
    "a abbr acronym address article aside b bdi bdo big blockquote button caption center cite code colgroup data "
    "dd del details dfn dialog dir div dl dt em fieldset figcaption figure font footer form h1 h2 h3 h4 h5 h6 "
    "header hgroup i ins kbd label legend li main mark menu meter nav ol optgroup option output p pre progress q "
    "rp rt ruby s samp search section select small span strike strong sub summary sup table tbody td textarea "
    "tfoot th thead time tr tt u ul var".split()
)
SVG = frozenset(
    "svg g path rect circle ellipse line polyline polygon text tspan defs linearGradient radialGradient stop "
    "clipPath mask title desc".split()
)
LEFT_OUT_WHOLE = frozenset(
    "script noscript template noembed noframes frameset frame base basefont bgsound link meta param source track "
    "area map head title audio math foreignObject datalist keygen".split()
)
"""Elements that go with all that is in them; others that are not known leave what is in them."""

BOXES = frozenset("video canvas iframe embed object applet".split())
"""What shows something that is not in the page: a picture without a source keeps its place."""

FETCHED = BOXES | frozenset("link image use source frameset audio".split())
"""What a person would miss, since it would have come from elsewhere."""

RAW = {"xmp": "pre", "listing": "pre", "plaintext": "pre"}
"""Old names of `pre`, with rules of their own in parsers."""

WORDS = frozenset("title alt placeholder value label summary aria-label content".split())
"""Attributes that hold what a person reads: any text."""

EVERYWHERE = frozenset("lang dir role hidden tabindex popover inert".split())
_SIZE = "width height align valign bgcolor"
ATTRIBUTES = {
    "a": "name",
    "body": "bgcolor text link alink vlink topmargin leftmargin marginwidth marginheight",
    "br": "clear",
    "button": "type disabled value",
    "caption": "align",
    "col": f"span {_SIZE}",
    "colgroup": f"span {_SIZE}",
    "data": "value",
    "details": "open",
    "dialog": "open",
    "div": "align",
    "fieldset": "disabled",
    "font": "color face size",
    "h1": "align",
    "h2": "align",
    "h3": "align",
    "hr": "size color noshade width align",
    "img": "width height alt border hspace vspace align",
    "input": "type value placeholder checked disabled readonly required size maxlength min max step multiple name",
    "label": "for",
    "li": "value type",
    "meter": "value min max low high optimum",
    "ol": "start reversed type",
    "optgroup": "label disabled",
    "option": "value label selected disabled",
    "p": "align",
    "pre": "width",
    "progress": "value max",
    "select": "multiple size disabled required name",
    "table": f"border cellpadding cellspacing rules frame {_SIZE}",
    "tbody": _SIZE,
    "td": f"colspan rowspan abbr nowrap {_SIZE}",
    "textarea": "rows cols placeholder disabled readonly required wrap maxlength name",
    "tfoot": _SIZE,
    "th": f"colspan rowspan scope abbr nowrap {_SIZE}",
    "thead": _SIZE,
    "time": "datetime",
    "tr": _SIZE,
    "ul": "type",
}
OWN = {tag: frozenset(names.split()) for tag, names in ATTRIBUTES.items()}

SVG_GEOMETRY = frozenset(
    "width height viewBox preserveAspectRatio x y x1 y1 x2 y2 cx cy r rx ry fx fy fr d points transform "
    "gradientTransform gradientUnits spreadMethod offset clipPathUnits maskUnits maskContentUnits pathLength dx "
    "dy rotate textLength lengthAdjust version".split()
)
SVG_STYLE = frozenset(
    "fill fill-opacity fill-rule stroke stroke-width stroke-opacity stroke-linecap stroke-linejoin stroke- "
    "miterlimit stroke-dasharray stroke-dashoffset opacity color stop-color stop-opacity clip-path clip-rule mask "
    "display visibility overflow font-family font-size font-weight font-style letter-spacing word-spacing text- "
    "anchor dominant-baseline alignment-baseline text-decoration paint-order vector-effect shape-rendering text- "
    "rendering transform-origin".split()
)
"""Attributes that are read as CSS."""
