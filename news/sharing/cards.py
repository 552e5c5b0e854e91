"""The drawn pictures: a card for links (1200 × 630) and a poster to pass on (1080 × 1440).

A picture is drawn from a ``Sheet`` and a cover alone, so the same sheet gives the same picture.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from hashlib import sha256
from io import BytesIO
from math import pi, sin
from zlib import crc32

import segno
from PIL import Image, ImageColor, ImageDraw, ImageOps

from .typesetting import clean, fit, set_text

DESIGN = 1  # counts up with every change of the drawing, so that kept pictures are made anew

PAPER, TINT, RULE = "#faf6ee", "#f3ecdf", "#dcd3c2"
INK, GREY, SEAL = "#1c1a17", "#575047", "#c3272b"

# static/img/seal.svg, in sixteenths of its side: the edge of the stamp, and the character 学.
STAMP = [
    (1, 0.7), (5, 0.5), (7.3, 0.7), (11.2, 0.5), (14.9, 0.8), (15.3, 1.3), (15.4, 4.3),
    (15.3, 7), (15.5, 10.2), (15.3, 14.5), (14.8, 15.2), (11.3, 15.3), (8.9, 15.2), (5, 15.4),
    (1.2, 15), (0.6, 14.4), (0.5, 10.9), (0.7, 8.2), (0.5, 4.5), (0.6, 1.2),
]  # fmt: skip
STROKES = [
    [(3.3, 1.9), (4.9, 1.9), (5.8, 4.2), (4.3, 4.2)],
    [(7.2, 1.5), (8.7, 1.5), (9, 4.2), (7.5, 4.2)],
    [(11.2, 1.9), (12.8, 1.9), (11.7, 4.2), (10.2, 4.2)],
    [(2, 4.7), (14, 4.7), (14, 7.5), (12.5, 7.5), (12.5, 6), (3.5, 6), (3.5, 7.5), (2, 7.5)],
    [
        (4.7, 7.3), (11.4, 7.3), (11.4, 8.5), (8.8, 9.7), (8.8, 10.3), (14, 10.3), (14, 11.6),
        (8.8, 11.6), (8.8, 13.6), (8.73, 14.08), (8.53, 14.43), (8.18, 14.63), (7.7, 14.7),
        (5.5, 14.7), (5.2, 13.4), (7.2, 13.4), (7.2, 11.6), (2, 11.6), (2, 10.3), (7.2, 10.3),
        (7.2, 9), (8.4, 8.5), (4.7, 8.5),
    ],
]  # fmt: skip


@dataclass(frozen=True)
class Sheet:
    """All that stands on a picture, in one language."""

    language: str
    title: str
    summary: str
    category: str
    colour: str  # of the category, #rrggbb
    date: str
    note: str  # for whom, if not for everyone
    site: str
    site_other: str  # the name in the other language
    link: str  # what the code holds
    link_shown: str
    call: str  # what to do with the code
    cover: str  # which picture, and which version of it; empty for none

    @property
    def digest(self) -> str:
        """16 hexadecimal digits that change with anything on the picture."""
        return digest_of(json.dumps(asdict(self), sort_keys=True))


def digest_of(content: str) -> str:
    """16 hexadecimal digits for a content in the present design."""
    return sha256(f"{DESIGN}:{content}".encode()).hexdigest()[:16]


def code(link: str, side: int) -> Image.Image:
    """A QR code (ISO/IEC 18004) with its quiet zone of four modules.

    Args:
        link: what it holds.
        side: pixels at least; it is made of whole pixels, so up to one module more.

    Returns:
        Black and white, one bit a pixel.
    """
    matrix = [bytes(row) for row in segno.make_qr(link, error="m").matrix_iter(border=4)]
    count = len(matrix)
    small = Image.frombytes("L", (count, count), b"".join(matrix))
    scale = -(-side // count)
    return small.point(lambda dark: 0 if dark else 255, "1").resize((count * scale, count * scale))


def on_paper(picture: Image.Image) -> Image.Image:
    """A decoded picture in RGB, paper where it is transparent."""
    if not picture.has_transparency_data:
        return picture.convert("RGB")
    paper = Image.new("RGBA", picture.size, PAPER)
    paper.alpha_composite(picture.convert("RGBA"))
    return paper.convert("RGB")


def draw_card(sheet: Sheet, cover: Image.Image | None) -> Image.Image:
    """The picture that comes with a link: the cover with a band, or a title in type."""
    picture = Image.new("RGB", (1200, 630), PAPER)
    canvas = ImageDraw.Draw(picture)
    if cover is not None:
        picture.paste(ImageOps.fit(cover, (1200, 542), Image.Resampling.LANCZOS), (0, 0))
        _double_rule(canvas, 0, 542, 1200)
        _seal(picture, 40, 500, 96)
        name = set_text(sheet.site, sheet.language, "serif", 32, 720, 1)
        name.draw(canvas, 160, 568, INK)
        side = set_text(sheet.category, sheet.language, "serif", 26, 240, 1)
        side.draw(canvas, 1160 - side.width, 572, GREY)
        canvas.rectangle((1160 - side.width - 24, 578, 1160 - side.width - 14, 602), sheet.colour)
        return picture
    _hills(picture, (0, 400, 1200, 630), sheet, strength=0.5)
    _kicker(canvas, sheet, 76, 60, 30, 1048)
    title = fit(
        _heading(sheet), sheet.language, "serif", (112, 96, 88, 80, 72, 64, 58, 52), 1048, 330, 4
    )
    title.draw(canvas, 76, 120 + max(0, (300 - title.height) / 2), INK)
    _seal(picture, 76, 492, 84)
    _names(canvas, sheet, 184, 494, 34, 22, 900)
    _double_rule(canvas, 0, 0, 1200)
    return picture


def draw_poster(sheet: Sheet, cover: Image.Image | None) -> Image.Image:
    """A whole page to pass on in a chat, with a code that leads to the article."""
    picture = Image.new("RGB", (1080, 1440), PAPER)
    canvas = ImageDraw.Draw(picture)
    left, width, foot = 84, 912, 1166
    title = fit(
        _heading(sheet), sheet.language, "serif", (100, 88, 78, 70, 62, 56, 50), width, 330, 4
    )
    leading = 1.5 if sheet.language == "en" else 1.66
    summary = set_text(sheet.summary, sheet.language, "sans", 32, width, 4, leading)
    text = title.height + (summary.height + 26 if summary.lines else 0)
    # The picture takes what the text leaves.
    top = int(min(max(foot - 60 - text - 118, 480), 800))
    if cover is not None:
        picture.paste(ImageOps.fit(cover, (1080, top), Image.Resampling.LANCZOS), (0, 0))
    else:
        _hills(picture, (0, 0, 1080, top), sheet, sun=True)
    _double_rule(canvas, 0, top, 1080)
    _seal(picture, 1080 - left - 132, top - 84, 132)
    _kicker(canvas, sheet, left, top + 46, 30, width - 180)
    y = top + 118
    title.draw(canvas, left, y, INK)
    if summary.lines:
        summary.draw(canvas, left, y + title.height + 26, GREY)
    _colophon(picture, canvas, sheet, left, foot)
    return picture


def _colophon(picture, canvas, sheet: Sheet, left: int, top: int) -> None:
    """The foot of a poster: who publishes it, and the code."""
    square = code(sheet.link, 216)
    right = 1080 - left
    canvas.rectangle((0, top, 1080, 1440), TINT)
    canvas.line((0, top, 1080, top), RULE, 2)
    box = top + (1440 - top - square.height) // 2
    picture.paste(square.convert("RGB"), (right - square.width, box))
    width = right - square.width - left - 40
    _names(canvas, sheet, left, box + 4, 36, 24, width)
    call = set_text(sheet.call, sheet.language, "sans", 30, width, 1)
    call.draw(canvas, left, box + square.height - 84, INK)
    link = set_text(sheet.link_shown, "en", "sans", 24, width, 1)
    link.draw(canvas, left, box + square.height - 38, GREY)


def _heading(sheet: Sheet) -> str:
    """The title; a title of nothing but emoji leaves the category."""
    return clean(sheet.title) or sheet.category


def _names(canvas, sheet: Sheet, x: float, y: float, large: int, small: int, width: float) -> None:
    """The name of the site in both languages, this one first."""
    other = "en" if sheet.language != "en" else "zh-hans"
    name = fit(sheet.site, sheet.language, "serif", (large, large - 6), width, 90, 2)
    name.draw(canvas, x, y, INK)
    below = set_text(sheet.site_other, other, "serif", small, width, 1, 1.4)
    below.draw(canvas, x, y + name.height + 2, GREY)


def _kicker(canvas, sheet: Sheet, x: float, y: float, size: int, width: float) -> None:
    """Category with its colour, date, and for whom."""
    words = "  ·  ".join(part for part in (sheet.category, sheet.date, sheet.note) if part)
    canvas.rectangle((x, y + size * 0.2, x + size * 0.4, y + size * 1.15), sheet.colour)
    line = set_text(words, sheet.language, "serif", size, width, 1)
    line.draw(canvas, x + size * 0.75, y, GREY)


def _double_rule(canvas, x: int, y: int, width: int) -> None:
    """文武线: the thick and the thin rule of the masthead."""
    canvas.rectangle((x, y, x + width, y + 5), INK)
    canvas.rectangle((x, y + 10, x + width, y + 11), INK)


def _seal(picture: Image.Image, x: int, y: int, side: int) -> None:
    """The stamp, drawn four times as large and reduced, for smooth edges."""
    unit = side / 16 * 4
    edge = Image.new("L", (side * 4, side * 4))
    strokes = edge.copy()
    outline = [(a * unit, b * unit) for a, b in STAMP]
    canvas = ImageDraw.Draw(edge)
    canvas.polygon(outline, 255)
    canvas.line([*outline, *outline[:2]], 255, round(0.7 * unit), "curve")
    canvas = ImageDraw.Draw(strokes)
    for stroke in STROKES:
        canvas.polygon([(a * unit, b * unit) for a, b in stroke], 255)
    for mask, colour in ((edge, SEAL), (strokes, PAPER)):
        picture.paste(colour, (x, y), mask.reduce(4))


def _mixed(one: str, two: str, share: float) -> tuple[int, int, int]:
    """``share`` of the first colour in the second."""
    pairs = zip(ImageColor.getrgb(one)[:3], ImageColor.getrgb(two)[:3], strict=True)
    red, green, blue = (round(a * share + b * (1 - share)) for a, b in pairs)
    return red, green, blue


def _hills(picture, box, sheet: Sheet, strength: float = 1.0, sun: bool = False) -> None:
    """Ranges of hills in mist, as they stand around Pocatello, in the ink of a Chinese painter.

    Each title has hills of its own, tinted with the colour of its category.
    """
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    seed = crc32(sheet.title.encode())
    ink = "#{:02x}{:02x}{:02x}".format(*_mixed(sheet.colour, "#2f3a44", 0.35))
    view = Image.new("RGB", (width, height), PAPER)
    if sun:
        side = 150
        disc = Image.new("L", (side * 4, side * 4))
        ImageDraw.Draw(disc).ellipse((0, 0, side * 4 - 1, side * 4 - 1), 235)
        at = (round(width * (0.2 + 0.12 * (seed % 4))), round(height * 0.17))
        view.paste(SEAL, at, disc.reduce(4))
    ranges = 5
    for number in range(ranges):
        depth = (number + 1) / ranges
        crest = [
            (x, round(2 * height * _crest(x / 2 / 1080, number, seed, depth)))
            for x in range(0, 2 * width + 8, 8)
        ]
        mask = Image.new("L", (2 * width, 2 * height))
        ImageDraw.Draw(mask).polygon([*crest, (2 * width, 2 * height), (0, 2 * height)], 255)
        # Darkest along the crest, dissolving in mist towards the valley.
        highest = min(y for _x, y in crest) // 2
        fade = Image.new("L", (1, height))
        for y in range(height):
            below = max(0, y - highest) / max(1, height - highest)
            fade.putpixel((0, y), round(255 * strength * (0.16 + 0.6 * depth**2) * (1 - below)))
        shade = Image.new("L", (width, height))
        shade.paste(fade.resize((width, height)), mask=mask.reduce(2))
        view.paste(ink, mask=shade)
    picture.paste(view, (left, top))


def _crest(x: float, number: int, seed: int, depth: float) -> float:
    """Height of a range from the top, as a share of the view, at ``x`` of its width."""
    phase = (seed >> (number * 5) & 31) / 5 + number * 1.9
    waves = ((1.3, 0.5), (2.9, 0.27), (6.1, 0.13), (13.7, 0.055), (29.3, 0.025))
    swell = sum(size * sin(2 * pi * x * rate + phase * rate) for rate, size in waves)
    return 0.34 + 0.46 * depth + 0.17 * (1.15 - 0.5 * depth) * swell


def png(picture: Image.Image, small: bool = False) -> bytes:
    """The file.

    Args:
        picture: in RGB, or black and white.
        small: in 256 colours, which halves a photograph; messengers leave out pictures of more
            than about half a megabyte.
    """
    if small:
        # Colours chosen from a quarter of it, in a fraction of the time, and put everywhere.
        palette = picture.resize((300, 158)).quantize(256, Image.Quantize.MEDIANCUT)
        picture = picture.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    buffer = BytesIO()
    picture.save(buffer, "PNG", compress_level=6 if small else 3)
    return buffer.getvalue()
