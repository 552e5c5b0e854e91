"""Covers and avatars of the demo community, drawn rather than photographed.

Everything is deterministic: the same name gives the same pixels, so that a second run of the
demo finds its pictures unchanged. Nothing is read from disk, no font is needed.
"""

from random import Random

from PIL import Image, ImageChops, ImageDraw, ImageOps

from .drawing import PAPER, RED, Sheet
from .scenes import SCENES

NAMES: tuple[str, ...] = tuple(SCENES)

# Seal reds and inks that stay legible under white cuts at 32 px.
SEAL_COLOURS = ("#c3272b", "#9f2a26", "#2c4a5e", "#3f5a48", "#7a4a2b", "#4a3f5c", "#1f2d3a")


def draw(name: str, size: tuple[int, int] = (1600, 900)) -> Image.Image:
    """Draw the scene called name as an RGB picture of size (width, height) in pixels.

    Other proportions than 16:9 are cropped around the centre. Raises KeyError for a name that is
    not in NAMES.
    """
    sheet = Sheet(name)
    SCENES[name](sheet)
    # From twice the size the mean of four pixels is as smooth as any filter, and far quicker.
    picture = ImageOps.fit(sheet.image, size, Image.Resampling.BOX)
    return _grain(picture, Random(f"grain:{name}"))  # noqa: S311 - a drawing, not a secret


def avatar(seed: str, size: int = 256) -> Image.Image:
    """Draw a square seal for seed: a mirrored pattern of cuts in one colour, size pixels wide."""
    rng = Random(f"avatar:{seed}")  # noqa: S311 - a drawing, not a secret
    side = 512
    colour = rng.choice(SEAL_COLOURS)
    stamp = Image.new("RGB", (side, side), PAPER)
    pen = ImageDraw.Draw(stamp)
    pen.rounded_rectangle((20, 20, side - 21, side - 21), 46, fill=colour)
    pen.rounded_rectangle((44, 44, side - 45, side - 45), 28, outline=PAPER, width=8)
    cell = 72
    left = (side - 5 * cell) // 2
    for row in range(5):
        for column in range(3):
            kind = rng.choice(("full", "full", "round", "corner", "none", "none"))
            if (row, column) == (2, 2):
                kind = "round"
            for mirrored in {column, 4 - column}:
                _cut(pen, left + mirrored * cell, left + row * cell, cell, kind, mirrored > 2)
    if colour != RED and rng.random() < 0.7:
        middle = side // 2
        pen.ellipse((middle - 19, middle - 19, middle + 19, middle + 19), fill=RED)
    return _grain(stamp.resize((size, size), Image.Resampling.LANCZOS), rng)


def _cut(pen: ImageDraw.ImageDraw, x: int, y: int, cell: int, kind: str, flip: bool) -> None:
    """Cut one cell of a seal out of its colour."""
    box = (x, y, x + cell, y + cell)
    if kind == "full":
        pen.rectangle(box, fill=PAPER)
    elif kind == "round":
        pen.ellipse((x + 3, y + 3, x + cell - 3, y + cell - 3), fill=PAPER)
    elif kind == "corner":
        start = 180 if flip else 270
        corner = x + cell if flip else x
        pen.pieslice((corner - cell, y, corner + cell, y + 2 * cell), start, start + 90, fill=PAPER)


def _grain(picture: Image.Image, rng: Random) -> Image.Image:
    """Lay paper tooth and the unevenness of a hand-inked block over picture."""
    width, height = picture.size
    fine = Image.frombytes("L", picture.size, rng.randbytes(width * height))
    small = (max(2, width // 7), max(2, height // 3))
    coarse = Image.frombytes("L", small, rng.randbytes(small[0] * small[1]))
    coarse = coarse.resize(picture.size, Image.Resampling.BICUBIC)
    fine = fine.point([int(128 + (value - 128) * 0.07) for value in range(256)])
    coarse = coarse.point([int(128 + (value - 128) * 0.08) for value in range(256)])
    tooth = ImageChops.add(fine, coarse, scale=1, offset=-128)
    return ImageChops.overlay(picture, Image.merge("RGB", (tooth, tooth, tooth)))


__all__ = ["NAMES", "avatar", "draw"]
