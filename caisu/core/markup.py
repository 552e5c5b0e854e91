"""Text that people typed: cleaned, made HTML, or brought back from HTML to plain text.

Bodies of articles are HTML (:func:`sanitise`), comments are plain text (:func:`plain`).
"""

from __future__ import annotations

import html as entities
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping

import nh3
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from . import quoting

# --- Bodies of articles

TAGS = {
    *("p", "br", "hr", "h2", "h3", "h4", "strong", "em", "blockquote", "ul", "ol", "li", "a"),
    *("figure", "figcaption", "img", "table", "thead", "tbody", "tr", "th", "td", "pre", "code"),
    "small",  # the credit of a picture, and nowhere but in its figure
}
ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt"},
    "ol": {"start"},
    "th": {"colspan", "rowspan"},
    "td": {"colspan", "rowspan"},
}
# What goes with everything in it; of all other tags that are not allowed the text stays.
DROPPED_WITH_CONTENT = {
    *("script", "style", "title", "template", "noscript", "iframe", "object", "svg", "math"),
    *("select", "textarea", "xml"),  # Word's own notes to itself
}
# What other programs write for what we allow.
RENAMED = {
    **{"b": "strong", "i": "em", "h1": "h2", "h5": "h4", "h6": "h4"},
    **dict.fromkeys(("div", "section", "article", "address", "center", "dt", "dd"), "p"),
}
# More levels than any article has. Deep nesting costs an HTML parser the square of its depth.
MAX_DEPTH = 60
# These close one another, so many of them in a row are not deep.
NOT_NESTING = {"p", "br", "hr", "img", "li", "thead", "tbody", "tr", "th", "td"}

# A picture that was replaced has a new version behind its name, so that no cache shows the old one.
OUR_PICTURE = re.compile(
    r"/media/images/([0-9a-f]{32})/(?:full|[0-9]{2,4})\.(?:webp|jpg)(?:\?v=[0-9]{1,4})?"
)
LINK = re.compile(r"https?://\S|mailto:\S|/(?![/\\])", re.IGNORECASE)
# Comments, and elements whose content is no HTML, are one piece: what looks like a tag in them is
# none. Word hides all its settings in comments. What never ends, ends with the text.
TAG = re.compile(
    r"<!--(?:-?>|.*?(?:--!?>|\Z))|<[!?][^>]*(?:>|\Z)"
    r"|<(?P<raw>script|style|title|textarea|iframe|noscript|noembed|noframes|xmp)(?=[\s/>])"
    r".*?(?:</(?P=raw)\s*>|\Z)"
    r"|<(?P<slash>/?)(?P<name>[a-z][^\s/>]*)(?P<attributes>[^>]*)(?:>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
# nh3 writes attributes in double quotes and leaves no quote, < or > unescaped in them.
PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
DEAD_LINK = re.compile(r'<a(?: (?:title|rel)="[^"]*")*>(.*?)</a>', re.DOTALL)
EMPTY = re.compile(
    r"<(p|h[2-4]|figure|figcaption|small|blockquote|li|ul|ol)>(?:\s|&nbsp;|<br>)*</\1>"
)
# The editor writes a paragraph into each item and cell. As by hand, one alone goes without.
ALONE = re.compile(
    r"(<(?:li|td|th)(?: [^>]*)?>)<p>((?:(?!</?p>).)*)</p>(?=</(?:li|td|th)>|<[uo]l[ >])", re.DOTALL
)
# Its spaces may be all that stands between two words.
EMPTY_INLINE = re.compile(r"<(strong|em|code)>((?:\s|&nbsp;|<br>)*)</\1>|<a [^>]*>(\s*)</a>")

# C0 and C1 controls but for tab and newline; embeddings, overrides and isolates, which turn the
# text around them (UAX #9); the byte order mark; halves of characters, which no database takes.
UNWANTED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")
# In bodies these too, which WeChat strews about. Not the joiners U+200C and U+200D: emoji and
# other scripts need them.
INVISIBLE = re.compile(f"{UNWANTED.pattern}|[\u200b\u2060\u00ad]")
SPACES = re.compile(
    r"(<(?:p|h[2-4]|li|figcaption|small|td|th)>)?((?:\s|&nbsp;)+)"
    r"(</(?:p|h[2-4]|li|figcaption|small|td|th)>)?"
)
WIDE = re.compile("[\u2e80-\u303f\u3041-\u9fff\uf900-\ufaff\uff00-\uff60]")
PRE = re.compile(r"(<pre>.*?</pre>)", re.DOTALL)
OPENING_OR_END = re.compile(r"<(/?)([a-z0-9]+)[^>]*>")


def _allowed_value(tag: str, attribute: str, value: str) -> str | None:
    """The value of an attribute as it may stay, or None."""
    value = INVISIBLE.sub("", value)  # first of all: what hides in an address hides what it is
    if attribute == "href":
        # Browsers ignore control characters in an address: "/\t/evil.example" is another host.
        value = re.sub(r"[\x00-\x20]+", "", value)
        return value if LINK.match(value) else None
    if attribute == "src":
        return value if OUR_PICTURE.fullmatch(value) else None
    if attribute in {"colspan", "rowspan", "start"}:
        # One is what it is without the attribute; the editor writes it on every cell.
        return value if re.fullmatch(r"[0-9]{1,2}", value) and value not in {"0", "1"} else None
    return value


CLEANER = nh3.Cleaner(
    tags=TAGS,
    attributes=ATTRIBUTES,
    clean_content_tags=DROPPED_WITH_CONTENT,
    attribute_filter=_allowed_value,
    url_schemes={"http", "https", "mailto"},
    link_rel="noopener",
)
STRIPPER = nh3.Cleaner(tags=set(), attributes={}, clean_content_tags=DROPPED_WITH_CONTENT)


class _Tidier:
    """Makes HTML harmless for the parser, and near to what we allow; it makes nothing safe.

    Two things make a parser that follows the standard blow up: deep nesting, and many open
    ``<b>``, ``<i>`` … with attributes that differ, which it copies into every paragraph that
    follows (HTML, 13.2.4.3, "reconstruct the active formatting elements"): 60 KB become 255 MB.
    So tags past MAX_DEPTH go, and attributes on tags that may have none.
    """

    # Not an empty text: what stands before and behind must not make a new tag.
    NOTHING = "<!---->"

    def __init__(self) -> None:
        self.opened: list[str] = []
        self.left_out: Counter[str] = Counter()

    def tag(self, match: re.Match[str]) -> str:
        """What stands in place of one tag."""
        slash, name, attributes = match["slash"], match["name"], match["attributes"]
        if name is None:
            return self.NOTHING
        name = RENAMED.get(name.lower(), name.lower())
        if name not in TAGS and name not in DROPPED_WITH_CONTENT:
            return self.NOTHING
        if slash:
            return f"</{name}>" if name in NOT_NESTING else self.ended(name)
        tag = f"<{name}{attributes if name in ATTRIBUTES else ''}>"
        return tag if name in NOT_NESTING else self.begun(name, tag)

    def begun(self, name: str, tag: str) -> str:
        before = ""
        if name == "a" and "a" in self.opened and "table" not in self.opened:
            before = self.ended("a")  # as browsers do: one link ends where the next begins
        if len(self.opened) == MAX_DEPTH or (name == "a" and "a" in self.opened):
            self.left_out[name] += 1
            return self.NOTHING
        self.opened.append(name)
        return before + tag

    def ended(self, name: str) -> str:
        if self.left_out[name] or name not in self.opened:
            self.left_out[name] -= self.left_out[name] > 0
            return self.NOTHING
        ends = ""  # whatever is still open in it ends with it
        while not ends.endswith(f"</{name}>"):
            ends += f"</{self.opened.pop()}>"
        return ends


def _tidy(html: str) -> str:
    return TAG.sub(_Tidier().tag, html)


def _with_credits(cleaned: str) -> str:
    """Cleaned HTML with ``small`` only as a plain text directly in a figure; elsewhere its text."""
    if "<small>" not in cleaned:
        return cleaned
    opened: list[str] = []
    in_credit = False

    def tag(match: re.Match[str]) -> str:
        nonlocal in_credit
        end, name = match[1], match[2]
        if name in {"br", "hr", "img"}:
            return "" if in_credit else match[0]
        if not end:
            stays = not in_credit and (name != "small" or opened[-1:] == ["figure"])
            in_credit = in_credit or (name == "small" and stays)
            opened.append(name if stays else "")
            return match[0] if stays else ""
        name = opened.pop()
        in_credit = in_credit and name != "small"
        return match[0] if name else ""

    return OPENING_OR_END.sub(tag, cleaned)


def _space(match: re.Match[str]) -> str:
    """What stays of spaces: one where they only held a place, none at the ends of a paragraph."""
    begin, spaces, end = match.groups(default="")
    if begin or end:
        return begin + end
    text, before, behind = match.string, match.start() - 1, match.end()
    inside = before >= 0 and behind < len(text)
    if "\n" in spaces and inside and WIDE.match(text[before]) and WIDE.match(text[behind]):
        return ""  # a line of the source ended between two Han characters: it would show as a gap
    if "&nbsp;" in spaces:
        return spaces if spaces == "&nbsp;" else " "
    return "\n" if "\n" in spaces else spaces


def _spaced(cleaned: str) -> str:
    """Cleaned HTML without the spaces that other programs set for looks; code keeps all of its."""
    pieces = PRE.split(cleaned)
    pieces[::2] = [SPACES.sub(_space, piece) for piece in pieces[::2]]
    return "".join(pieces)


def sanitise(html: str) -> str:
    """HTML from an editor or an archive, reduced to what the body of an article may hold.

    Allowed are TAGS with ATTRIBUTES; links to the web, to an e-mail address or into this site;
    pictures of our own. Everything else goes, its text stays. Doing it twice changes nothing, but
    for tables with things between their cells, which every parser moves about.

    Args:
        html: anything at all.
    """
    cleaned = CLEANER.clean(_tidy(html.replace("\0", "")))
    cleaned = _with_credits(INVISIBLE.sub("", cleaned))
    cleaned = DEAD_LINK.sub(r"\1", cleaned)
    cleaned = PICTURE.sub(lambda found: found[0] if ' src="' in found[1] else "", cleaned)
    while (emptied := EMPTY.sub("", EMPTY_INLINE.sub(r"\2\3", cleaned))) != cleaned:
        cleaned = emptied  # no deeper than MAX_DEPTH
    return ALONE.sub(r"\1\2", _spaced(cleaned)).strip()


BLOCK_END = re.compile(r"<br>|<hr>|</(?:p|h[2-4]|li|blockquote|figcaption|small|figure|tr|pre)>")
CELL_END = re.compile(r"</t[dh]>")


def text_of(html: str) -> str:
    """The plain text of an article's body: a line for each paragraph, for excerpts and search.

    Args:
        html: a body, clean or not.
    """
    tidy = CELL_END.sub(r" \g<0>", BLOCK_END.sub(r"\n\g<0>", _tidy(html)))
    lines = entities.unescape(STRIPPER.clean(tidy)).split("\n")
    return "\n".join(line for line in (" ".join(line.split()) for line in lines) if line)


# --- Counting

# Ideographs with their extensions and 〇; Kana are read as fast.
HAN = re.compile(
    r"[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af]"
)
WORD = re.compile(r"\w+(?:['’.-]\w+)*")
HAN_PER_MINUTE = 300
WORDS_PER_MINUTE = 200


def _counts(text: str) -> tuple[int, int]:
    """How many Han characters, and how many words of other scripts."""
    return len(HAN.findall(text)), len(WORD.findall(HAN.sub(" ", text)))


def is_han(text: str) -> bool | None:
    """Whether a text has at least as many Han characters as words of other scripts; None without any."""
    han, latin = _counts(text)
    return han >= latin if han or latin else None


def words(text: str) -> int:
    """The length of a plain text as Chinese editors count it: characters there, words elsewhere."""
    return sum(_counts(text))


def reading_minutes(text: str) -> int:
    """Whole minutes to read a plain text, at least one, at 300 characters or 200 words a minute."""
    han, latin = _counts(text)
    return max(1, round(han / HAN_PER_MINUTE + latin / WORDS_PER_MINUTE))


# --- Plain text, as members write it

BLANK_LINES = re.compile(r"\n{4,}")

# In a row with a link these belong to the sentence, in Chinese as in English.
_ENDS = r"\s<>\"'，。；：！？、（）《》〈〉【】〔〕「」『』“”‘’…—～"
URL = re.compile(
    r"(?<![A-Za-z0-9@.])"  # a link starts a word, but may follow a Chinese one without a space
    r"(?:https?://|www\.)"
    # The host ends before Chinese text; one that starts with it is an internationalised name.
    rf"(?:[A-Za-z0-9][A-Za-z0-9._~%!$&*+=:@-]*|[\w.-]+)"
    rf"(?:[/?#][^{_ENDS}]*)?",
    re.IGNORECASE,
)
HAS_HOST = re.compile(r"(?://|www\.)\w", re.IGNORECASE)
PARAGRAPHS = re.compile(r"\n{2,}")
REL = "nofollow ugc noopener"


def clean_text(text: str) -> str:
    """Typed text in one form: NFC, newlines as ``\\n``, nothing invisible that turns or breaks it.

    Lines lose their trailing spaces, the whole its leading and trailing ones; of more than two
    blank lines two stay. Doing it twice changes nothing.
    """
    text = re.sub(r"\r\n?|[\u2028\u2029]", "\n", text)
    text = unicodedata.normalize("NFC", UNWANTED.sub("", text))
    text = "\n".join(line.rstrip() for line in text.split("\n"))
    return BLANK_LINES.sub("\n\n\n", text).strip()


# Letters by their class, and nothing to be seen: fillers of Hangul, the empty pattern of Braille.
LOOK_EMPTY = frozenset("\u115f\u1160\u3164\uffa0\u2800")


def is_blank(text: str) -> bool:
    """Whether there is nothing in it to be seen: spaces, joiners, marks without a letter."""
    return not any(
        unicodedata.category(character)[0] in "LNPS" and character not in LOOK_EMPTY
        for character in text
    )


def _trimmed(url: str) -> str:
    """A found link without the punctuation that ends the sentence around it."""
    while True:
        shorter = url.rstrip(".,;:!?")
        if shorter.endswith(")") and shorter.count("(") < shorter.count(")"):
            shorter = shorter[:-1]
        if shorter == url:
            return url
        url = shorter


def _address(url: str) -> str:
    """Where a found link leads: ``www.`` is short for https."""
    return url if url.lower().startswith("http") else f"https://{url}"


def _found(text: str) -> list[tuple[int, str]]:
    """Places and texts of the links in a plain text."""
    found = [(match.start(), _trimmed(match[0])) for match in URL.finditer(text)]
    return [(start, url) for start, url in found if HAS_HOST.search(url)]


def links(text: str) -> list[str]:
    """The addresses that :func:`plain` would make links, in their order, with their scheme."""
    return [_address(url) for _start, url in _found(clean_text(text))]


def _pieces(text: str) -> Iterator[tuple[str, bool]]:
    """A text in pieces, each with whether it is a link."""
    position = 0
    for start, url in _found(text):
        yield text[position:start], False
        yield url, True
        position = start + len(url)
    yield text[position:], False


# “@” and a handle, as names.py allows them, nothing of an e-mail address: no letter stands before
# it, and no second @ behind. In Chinese it may follow a word without a space, and be a wide ＠.
MENTION = re.compile(
    r"(?<![A-Za-z0-9._%+@＠/-])[@＠]([A-Za-z0-9](?:[A-Za-z0-9_-]{0,28}[A-Za-z0-9])?)"
    r"(?![_-]{0,30}[A-Za-z0-9@])"
)


def mentions(text: str, *, quoted: bool = False) -> list[str]:
    """Handles that a plain text names with an @, in small letters, each once, in their order.

    Args:
        quoted: also those in what it only quotes.
    """
    handles: dict[str, None] = {}
    for level, part in quoting.levels(clean_text(text)) if "@" in text or "＠" in text else ():
        if level and not quoted:
            continue
        for piece, is_link in _pieces(part):
            found = () if is_link else MENTION.findall(piece)
            handles.update(dict.fromkeys(handle.lower() for handle in found))
    return list(handles)


def _autolinked(text: str, links: bool, people: Mapping[str, str]) -> str:
    """Escaped text with its links, and those to the people it mentions."""

    def mention(match: re.Match[str]) -> str:
        address = people.get(match[1].lower())
        return (
            f'<a class="mention" href="{escape(address)}">{match[0]}</a>' if address else match[0]
        )

    parts: list[str] = []
    for piece, is_link in _pieces(text):
        if not is_link:
            # What is escaped begins with & and ends with a semicolon: neither is part of a handle.
            parts.append(MENTION.sub(mention, escape(piece)) if people else escape(piece))
        elif links:
            parts.append(f'<a href="{escape(_address(piece))}" rel="{REL}">{escape(piece)}</a>')
        else:
            parts.append(escape(piece))
    return "".join(parts)


def plain(text: str, *, links: bool = True, people: Mapping[str, str] | None = None) -> SafeString:
    """Plain text as HTML: paragraphs at blank lines, ``<br>`` at others, addresses as links.

    Lines that begin with ``> `` are a quotation, see quoting.py.

    Args:
        text: as a member typed it.
        links: whether addresses become links; those of members who are not trusted do not.
        people: addresses of people by their handles; where it mentions them stand links to these.
    """

    def show(part: str) -> str:
        return _autolinked(part, links, people or {}) if links or people else escape(part)

    parts: list[str] = []
    depth = 0
    for level, piece in quoting.levels(clean_text(text)):
        paragraphs = [part for part in PARAGRAPHS.split(piece.strip("\n")) if part]
        if not paragraphs:
            continue
        parts += ["<blockquote>"] * (level - depth) + ["</blockquote>"] * (depth - level)
        depth = level
        parts += ["<p>" + show(part).replace("\n", "<br>") + "</p>" for part in paragraphs]
    return mark_safe("\n".join(parts + ["</blockquote>"] * depth))
