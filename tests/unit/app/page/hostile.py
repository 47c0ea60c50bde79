"""Pages that want to run, fetch or send something, by what they try; each also holds the word “kept”, to be seen."""

# ruff: noqa: E501 (a table: a page a line)
from __future__ import annotations

PICTURE = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVQImWM4AwAAzgDNaLhQZwAAAABJRU5ErkJggg=="
SERVER = "http://127.0.0.1:9"


def hostile_pages(server: str = SERVER) -> dict[str, str]:
    """What is tried → the page, which asks `server` ("http://127.0.0.1:PORT") if it can."""
    pages = (
        _fetching(server) | _in_css(server) | _running(server) | _leaving(server) | _changing(server) | _endless(server)
    )
    return {name: text if "kept" in text else f"<p>kept</p>{text}" for name, text in pages.items()}


def _fetching(s: str) -> dict[str, str]:
    host = s.partition(":")[2]
    return {
        "img": f'<img src="{s}/a.png" srcset="{s}/b.png 2x" sizes=1px lowsrc={s}/c dynsrc={s}/d longdesc={s}/e>',
        "img without a scheme": f"<img src='{host}/a.png'><img src=\"\n\t{s}/b\"><img src=/c.png><img src=\\\\host\\d>",
        "picture and source": f"<picture><source srcset={s}/a><img src={s}/b></picture>",
        "input as a picture": f'<input type=image src="{s}/a"><input type=image formaction={s}/b>',
        "media": f"<video src={s}/a poster={s}/b autoplay></video><audio src={s}/c autoplay><source src={s}/d></audio>",
        "track": f"<video><track default src={s}/a><source src={s}/b></video>",
        "frames": f"<iframe src={s}/a></iframe><iframe srcdoc='<img src={s}/b>'></iframe>",
        "frameset": f"<frameset cols=1><frame src={s}/a></frameset><noframes>kept</noframes>",
        "object and embed": f"<object data={s}/a><embed src={s}/b></object><applet code={s}/c archive={s}/d></applet>",
        "link": f"<link rel=stylesheet href={s}/a><link rel=prefetch href={s}/b><link rel=preload as=image href={s}/c>",
        "link to a name": f"<link rel=dns-prefetch href={host}><link rel=preconnect href={s}><link rel=icon href={s}/a>",
        "manifest": f"<html manifest={s}/a><link rel=manifest href={s}/b>",
        "base": f'<base href="{s}/"><img src=a.png><a href="b">kept</a>',
        "old backgrounds": f"<body background={s}/a><table background={s}/b><tr><td background={s}/c>kept</table>",
        "svg image": f"<svg><image href={s}/a /><image xlink:href={s}/b /><feImage href={s}/c /></svg>",
        "svg use": f"<svg><use href={s}/a#b /><use xlink:href='data:image/svg+xml,<svg id=x></svg>#x'/></svg>",
        "svg paint": f'<svg><rect fill="url({s}/a#b)" mask="u\\72l({s}/c)" style="clip-path:url({s}/d#e)" width=9 /></svg>',
        "svg foreign": f"<svg><foreignObject><iframe src={s}/a></iframe><img src={s}/b></foreignObject></svg>",
        "svg style": f"<svg><style>@import '{s}/a';*{{fill:url({s}/b)}}</style></svg>",
        "svg in an address": f"<img src=\"data:image/svg+xml,<svg xmlns='x'><image href='{s}/a'/></svg>\">",
        "file": "<img src=file:///etc/passwd><iframe src=file:///etc/passwd></iframe><a href=file:///etc/passwd>kept</a>",
        "custom scheme": "<a href='prism-open:secret'>kept</a><img src=prism-open:b><iframe src=qrc:/c></iframe>",
        "math": f"<math><mi href={s}/a xlink:href={s}/b>x</mi><annotation-xml encoding=text/html><img src={s}/c></math>",
    }


def _in_css(s: str) -> dict[str, str]:
    return {
        "style attribute": f'<div style="background:url({s}/a)">kept</div><p style="background-image:url(\'{s}/b\')">',
        "style element": f"<style>body{{background:url({s}/a)}}li{{list-style:url('{s}/b')}}a{{cursor:url({s}/c),auto}}</style>",
        "import": f'<style>@import "{s}/a";@import url({s}/b);@IMPORT\turl("{s}/c") screen;</style>',
        "import with escapes": f'<style>@\\69mport "{s}/a";@im\\70 ort "{s}/b";p{{color:red}}</style>',
        "font": f"<style>@font-face{{font-family:x;src:url({s}/a)}}p{{font-family:x}}</style>",
        "url with escapes": f"<style>p{{background:\\75rl({s}/a)}}b{{background:u\\000072l( '{s}/b' )}}</style>",
        "url with comments": f"<style>p{{background:/*x*/url(/**/{s}/a)}}b{{background:url/**/('{s}/b')}}</style>",
        "image-set": f"<style>p{{background:image-set('{s}/a' 1x)}}b{{background:-webkit-image-set(url({s}/b) 1x)}}</style>",
        "other functions": f"<style>p{{background:cross-fade(url({s}/a),red);content:src('{s}/b');mask:element(#x)}}</style>",
        "custom property": f"<style>:root{{--a:url({s}/a);--b:'{s}/b'}}p{{background:var(--a);mask:image-set(var(--b) 1x)}}</style>",
        "registered property": f"<style>@property --a{{syntax:'<url>';inherits:true;initial-value:url({s}/a)}}</style>",
        "namespace and document": f"<style>@namespace url({s}/a);@document url({s}/b){{p{{color:red}}}}</style>",
        "nested rules": f"<style>@media screen{{@supports (color:red){{p{{&:hover{{background:url({s}/a)}}}}}}}}</style>",
        "attribute selectors": f"<input value=secret><style>{_readers(s)}</style>",
        "behaviour": f"<style>p{{behavior:url({s}/a);-moz-binding:url({s}/b#c);width:expression(alert(1))}}</style>",
        "keyframes": f"<style>@keyframes k{{from{{background:url({s}/a)}}}}p{{animation:k 1s}}</style>",
        "end of style in a string": f"<style>p{{content:'\\3c/style>\\3cimg src={s}/a onerror=alert(1)>'}}</style>",
        "style cut off": f"<p>kept<style>p{{background:url({s}/a",
        "broken string": f"<style>p{{content:'\nbackground:url({s}/a);x:'}}b{{background:url({s}/b)}}</style>",
        "unknown condition": f"<style>@supports (background:url({s}/a)){{p{{color:red}}}}@container style(--a:url({s}/b)){{}}</style>",
    }


def _readers(s: str) -> str:
    return "".join(f'input[value^="{letter}"]{{background:url({s}/{letter})}}' for letter in "abcs")


def _running(s: str) -> dict[str, str]:
    return {
        "script": f"<script>fetch('{s}/a');new WebSocket('ws'+'{s}'.slice(4))</script><script src={s}/b></script>",
        "script in pieces": "<scr<script>ipt>alert(1)</scr</script>ipt><SCRIPT/x>alert(2)</SCRIPT\n><script>alert(3)",
        "script with a NUL": "<scr\0ipt>alert(1)</scr\0ipt><img src=x on\0error=alert(2)>",
        "handlers": "<body onload=alert(1)><p onclick=alert(2) ONFOCUS=alert(3) autofocus/onx=1>kept<svg onload=alert(4)>",
        "javascript": "<a href='java\tscript:alert(1)'>kept</a><a href=' &#1;JavaScript&colon;alert(2)'>b</a>",
        "data page": "<a href='data:text/html,<script>alert(1)</script>'>kept</a><img src='data:text/html;base64,AAAA'>",
        "svg script": "<svg><script>alert(1)</script><script href='data:,alert(2)' /></svg>",
        "svg animation": "<svg><a><animate attributeName=href values=javascript:alert(1) /><set attributeName=onload to=x />",
        "svg links": "<svg><a xlink:href=javascript:alert(1)><text>x</text></a><a href=javascript:alert(2)><text>y</text></a>",
        "template": f"<template><script>alert(1)</script><img src={s}/a></template><div><template shadowrootmode=open>x",
        "popover": "<button popovertarget=a popovertargetaction=toggle>kept</button><div id=a popover onbeforetoggle=alert(1)>",
    }


def _leaving(s: str) -> dict[str, str]:
    return {
        "refresh": f'<meta http-equiv=refresh content="0;url={s}/a"><meta HTTP-EQUIV="Refresh" content="0">',
        "cookie and policy": "<meta http-equiv=set-cookie content=a=b><meta http-equiv=content-security-policy content=''>",
        "form": f"<form action={s}/a method=post target=_blank><button formaction={s}/b>kept</button><input name=c></form>",
        "form from afar": f"<button form=f formaction={s}/a>kept</button><form id=f action={s}/b></form><isindex action={s}/c>",
        "popup": f"<a href={s}/a target=_blank ping={s}/b rel=opener>kept</a><base target=_blank>",
        "download": f"<a href={s}/a download=x.exe>kept</a><a href='data:application/octet-stream,x' download>b</a>",
        "map": f"<map name=m><area href={s}/a ping={s}/b></map><img usemap=#m ismap>",
    }


def _changing(s: str) -> dict[str, str]:
    """What means one thing to one parser and another to the next, or when it is read again."""
    bad = f"<img src={s}/a onerror=alert(1)>"
    return {
        "comment": f"<!--><p>kept--><!-- --!>{bad}<!--<!-- -->-->{bad}<![CDATA[{bad}]]><?x {bad}?>",
        "noscript": f'<noscript><p title="</noscript>{bad}">kept</noscript>',
        "title": f'<title><p title="</title>{bad}"></title><p>kept',
        "raw text": f"<xmp><p title='</xmp>{bad}'></xmp><noembed>{bad}</noembed><listing>\n{bad}</listing>kept",
        "textarea": f"<textarea><p title='</textarea>{bad}'></textarea>kept",
        "plaintext": f"kept<plaintext>{bad}</plaintext>",
        "select": f"<select><style></select>{bad}</style><option><p>kept<template></select>{bad}",
        "math in style": f"<math><mtext><table><mglyph><style><!--</style><p title='--&gt;&lt;/style&gt;{bad}'>",
        "svg in style": f"<svg></p><style><a id='</style>{bad}'>kept",
        "svg title": f"<svg><title><style><p title='</style></title></svg>{bad}'></style></title></svg>kept",
        "form in form": f"<form><math><mtext></form><form><mglyph><style></math>{bad}</style></mglyph></mtext></math>",
        "deep and broken": "<b><i><a><p><table><tr><b><a>kept<td><form></table></a><p></i><td>" * 20,
        "attribute quotes": f"<p title='\"><script>alert(1)</script>' class='a\"b' id=`{s}`>kept<p title=\"`\" \"=x '=y <=z>",
        "cut off in a tag": f'<p>kept<img src="{s}/a',
        "entities": f"<p>kept &lt;script&gt;&amp;lt;img&#x0;&#xD800;&notin;&#x80;</p>&lt;img src={s}/a&gt;",
        "one address twice": f"<img src='data:image/png;base64,{PICTURE}' src={s}/a><a href=# href={s}/b>kept</a>",
    }


def _endless(s: str) -> dict[str, str]:
    return {
        "animation": "<style>@keyframes k{to{left:9px}}p{animation:k 1ms Infinite}</style><p style='animation:k 1s infinite'>",
        "a million nodes": "<p>kept" + "<p>x" * 1_000_000,
        "a million within each other": "<p>kept</p>" + "<div>" * 1_000_000,
        "attributes": "<p>kept</p><p " + " ".join(f"a{i}=1" for i in range(100_000)) + f"><img src={s}/a>",
        "reopened": "<p>kept</p><p>" + "".join(f"<font color=a{i}>" for i in range(3000)) + "<p>x" * 3000,
        "brackets": f"<style>p{{color:{'(' * 100_000}}}b{{background:url({s}/a)}}</style>",
        "rules": f"<style>{'a{' * 50_000}</style><style>{'p{x:y}' * 100_000}</style>",
    }
