"""What our policy forbids (decision 8), found in pages, templates, style sheets and scripts.

Nothing may be inline, and nothing that a browser loads by itself may come from another host. Links
that a reader follows may lead anywhere. An offence is a sentence; no offence, an empty list.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from html.parser import HTMLParser
from urllib.parse import urlsplit

import tinycss2

# Whose href a browser fetches, or connects to, without being asked.
LOADING = {
    *("stylesheet", "icon", "apple-touch-icon", "mask-icon", "manifest", "preload"),
    *("modulepreload", "prefetch", "prerender", "preconnect", "dns-prefetch"),
}
ATTRIBUTES = {"src", "poster", "background", "action", "formaction", "ping", "data", "srcdoc"}
# In tags of SVG an href is a part of the picture.
SVG = {"use", "image", "feimage"}
# Blocks of data, which no browser runs.
DATA = {"application/json", "application/ld+json"}
TEMPLATE_TAG = re.compile(r"\{%.*?%\}|\{#.*?#\}", re.DOTALL)
TEMPLATE_VALUE = re.compile(r"\{\{.*?\}\}", re.DOTALL)
# A name that is never asked: of the language of a drawing.
NAMESPACE = re.compile(r"https?://www\.w3\.org/[\w/.#-]+")
ADDRESS = re.compile(r"""(?<=["'`])(?:(?:https?|wss?):)?//[\w-]+(?:\.[\w-]+)+""", re.IGNORECASE)


def is_elsewhere(address: str, own: Collection[str] = ()) -> bool:
    """Whether a browser would ask another host for an address in a page of ours.

    Args:
        own: our hosts by name.
    """
    parts = urlsplit(address.strip().replace("\\", "/"))
    if parts.scheme in ("data", "blob", "about", "mailto"):
        return False
    return bool(parts.netloc) and parts.hostname not in own


class _Reader(HTMLParser):
    def __init__(self, own: Collection[str]) -> None:
        super().__init__(convert_charrefs=True)
        self.own, self.found = own, []

    def handle_starttag(self, tag, attrs):
        values = {name: value or "" for name, value in attrs}
        where = f"<{tag}>"
        for name, value in values.items():
            if name == "style":
                self.found.append(f"{where} has a style attribute")
            elif re.fullmatch(r"on[a-z]+", name):
                self.found.append(f"{where} has {name}")
            elif value.strip().lower().startswith("javascript:"):
                self.found.append(f"{where} has a script in {name}")
        if tag == "style":
            self.found.append("<style> is inline")
        if tag == "script" and "src" not in values and values.get("type", "").lower() not in DATA:
            self.found.append("<script> is inline")
        for address in self.addresses(tag, values):
            if is_elsewhere(address, self.own):
                self.found.append(f"{where} loads {address}")

    def addresses(self, tag: str, values: dict[str, str]) -> Iterator[str]:
        yield from (values[name] for name in ATTRIBUTES & values.keys())
        for name in {"srcset", "imagesrcset"} & values.keys():
            yield from (each.split()[0] for each in values[name].split(",") if each.strip())
        href = values.get("href") or values.get("xlink:href") or ""
        if tag in SVG | {"base"} or (
            tag == "link" and LOADING & set(values.get("rel", "").lower().split())
        ):
            yield href
        if values.get("http-equiv", "").lower() == "refresh":
            yield values.get("content", "").partition("=")[2].strip("'\" ")

    handle_startendtag = handle_starttag


def in_html(html: str, own: Collection[str] = ()) -> list[str]:
    """Offences of a page, or of a drawing in SVG; ``own`` are our hosts by name."""
    reader = _Reader(own)
    reader.feed(html)
    reader.close()
    return reader.found


def in_template(text: str) -> list[str]:
    """Offences of a template as it is written: whatever is in all of its branches."""
    return in_html(TEMPLATE_VALUE.sub("x", TEMPLATE_TAG.sub("", text)))


def in_css(css: str) -> list[str]:
    """Offences of a style sheet: addresses of another host, and ``@import``, which would wait."""
    found: list[str] = []
    for node in tinycss2.parse_stylesheet(css, skip_comments=True, skip_whitespace=True):
        if node.type == "at-rule" and node.lower_at_keyword == "namespace":
            continue
        if node.type == "at-rule" and node.lower_at_keyword == "import":
            found.append("@import loads " + tinycss2.serialize(node.prelude).strip())
            continue
        tokens = [*node.prelude, *(node.content or [])] if node.type != "error" else []
        for address in _urls(tokens):
            if is_elsewhere(address):
                found.append(f"url() loads {address}")
    return found


def _urls(tokens) -> Iterator[str]:
    for token in tokens:
        if token.type == "url":
            yield token.value
        elif token.type == "function" and token.lower_name in ("url", "src", "image-set", "image"):
            yield from (each.value for each in token.arguments if each.type == "string")
        inner = getattr(token, "arguments", None) or getattr(token, "content", None)
        if inner:
            yield from _urls(inner)


def in_script(js: str) -> list[str]:
    """Offences of a script: another host in any of its strings, whatever it is for."""
    return [f"a string names {each}" for each in ADDRESS.findall(NAMESPACE.sub("", js))]
