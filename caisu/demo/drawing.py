"""What the scenes behind the demo's covers are drawn with: cut paper and woodblock, in one small palette.

A scene is a function that draws on a Sheet in a space of 1600 x 900 units; the sheet is twice
that size in pixels, and pictures.draw() brings it down with antialiasing.
"""

from collections.abc import Sequence
from itertools import pairwise
from math import cos, pi, sin
from random import Random

from PIL import Image, ImageColor, ImageDraw

Point = tuple[float, float]

WIDTH, HEIGHT, SCALE = 1600, 900, 2

PAPER, INK, RED = "#f4ecdc", "#1e1c1a", "#c3272b"
WHITE, SAND, OCHRE, CLAY = "#faf6ec", "#e5d3ae", "#cf9f57", "#a9623f"
NIGHT, DEEP, BLUE, MIST, PALE = "#17273a", "#263e54", "#44657a", "#8fa7ad", "#c8d1ca"
FOREST, GREEN, MOSS, SAGE = "#2b4038", "#4b6752", "#7b8b66", "#b3b898"


def blend(first: str, second: str, share: float) -> str:
    """Mix two hex colours; share 0 is the first, 1 the second."""
    a, b = ImageColor.getrgb(first), ImageColor.getrgb(second)
    return "#" + "".join(f"{round(x + (y - x) * share):02x}" for x, y in zip(a, b, strict=False))


def arc(x: float, y: float, rx: float, ry: float, start: float, end: float) -> list[Point]:
    """Points on an ellipse from start to end, in degrees clockwise from the right."""
    steps = max(6, int(abs(end - start) / 5))
    angles = (pi / 180 * (start + (end - start) * i / steps) for i in range(steps + 1))
    return [(x + rx * cos(angle), y + ry * sin(angle)) for angle in angles]


def curve(*points: Point) -> list[Point]:
    """A smooth line through points (Catmull-Rom)."""
    path = [points[0], *points, points[-1]]
    smooth: list[Point] = []
    for a, b, c, d in zip(path, path[1:], path[2:], path[3:], strict=False):
        for step in range(12):
            t = step / 12
            smooth.append(
                tuple(
                    0.5
                    * (
                        2 * q
                        + (r - p) * t
                        + (2 * p - 5 * q + 4 * r - s) * t**2
                        + (3 * q - p - 3 * r + s) * t**3
                    )
                    for p, q, r, s in zip(a, b, c, d, strict=True)
                )
            )
    return [*smooth, points[-1]]


class Sheet:
    """A sheet of paper with the few tools the scenes need. Lengths are in scene units."""

    def __init__(self, name: str) -> None:
        self.rng = Random(f"scene:{name}")  # noqa: S311 - a drawing, not a secret
        self.image = Image.new("RGB", (WIDTH * SCALE, HEIGHT * SCALE), PAPER)
        self.pen = ImageDraw.Draw(self.image, "RGBA")
        # Blends nothing, and fills in a tenth of the time.
        self.opaque = ImageDraw.Draw(self.image)

    def shape(self, points: Sequence[Point], fill: str, lift: float = 0) -> None:
        """Fill a polygon; lift throws the shadow of a raised sheet of paper up and left."""
        pixels = [(x * SCALE, y * SCALE) for x, y in points]
        for share in (1, 0.7, 0.4) if lift else ():
            shift = lift * share * SCALE
            self.pen.polygon([(x - shift * 0.5, y - shift) for x, y in pixels], fill=INK + "12")
        pen = self.pen if len(fill) == len("#rrggbbaa") else self.opaque
        pen.polygon(pixels, fill=fill)

    def disc(self, x: float, y: float, r: float, fill: str, ry: float = 0, lift: float = 0) -> None:
        """Fill a circle, or an ellipse when ry is given."""
        self.shape(arc(x, y, r, ry or r, 0, 360), fill, lift)

    def box(self, x0: float, y0: float, x1: float, y1: float, fill: str, r: float = 0) -> None:
        """Fill a rectangle with corners of radius r."""
        corners = tuple(value * SCALE for value in (x0, y0, x1, y1))
        self.pen.rounded_rectangle(corners, r * SCALE, fill=fill)

    def line(self, points: Sequence[Point], fill: str, width: float = 3) -> None:
        """Draw a line with round joints."""
        pixels = [(x * SCALE, y * SCALE) for x, y in points]
        self.pen.line(pixels, fill=fill, width=max(1, round(width * SCALE)), joint="curve")

    def stroke(self, points: Sequence[Point], fill: str, width: float) -> None:
        """Draw a brush stroke that swells and thins out at both ends."""
        last = len(points) - 1
        upper, lower = [], []
        for i, (x, y) in enumerate(points):
            (ax, ay), (bx, by) = points[max(0, i - 1)], points[min(last, i + 1)]
            length = max(0.001, ((bx - ax) ** 2 + (by - ay) ** 2) ** 0.5)
            half = width / 2 * sin(pi * (0.04 + 0.92 * i / last))
            nx, ny = -(by - ay) / length * half, (bx - ax) / length * half
            upper.append((x + nx, y + ny))
            lower.append((x - nx, y - ny))
        self.shape(upper + lower[::-1], fill)

    def sky(self, stops: Sequence[str], bottom: float = HEIGHT, bands: int = 11) -> None:
        """Fill the sheet down to bottom with wavering bands from the first stop to the last."""
        for i in range(bands):
            at = i / (bands - 1) * (len(stops) - 1)
            index = min(int(at), len(stops) - 2)
            fill = blend(stops[index], stops[index + 1], at - index)
            top = bottom * i / bands
            phase, swing = self.rng.uniform(0, 6), self.rng.uniform(4, 11)
            edge = [
                (x, top + swing * sin(x / 260 + phase) + swing * 0.4 * sin(x / 97 + 2 * phase))
                for x in range(-10, WIDTH + 30, 20)
            ]
            if i == 0:
                edge = [(-10, -10), (WIDTH + 10, -10)]
            self.shape([*edge, (WIDTH + 10, HEIGHT + 10), (-10, HEIGHT + 10)], fill)

    def ridge(
        self, crest: Sequence[Point], fill: str, rough: float = 0.12, lift: float = 7
    ) -> list[Point]:
        """Fill everything under a crest, broken up like rock; return the broken crest."""
        points = list(crest)
        for _ in range(4):
            finer = [points[0]]
            for (ax, ay), (bx, by) in pairwise(points):
                jolt = (bx - ax) * rough * self.rng.uniform(-1, 1)
                finer += [((ax + bx) / 2, (ay + by) / 2 + jolt), (bx, by)]
            points = finer
        self.shape([*points, (WIDTH + 20, HEIGHT + 20), (-20, HEIGHT + 20)], fill, lift)
        return points

    def cap(self, x: float, y: float, left: float, right: float, drop: float, fill: str) -> None:
        """Cut a cap of snow at a summit, with a ragged lower edge."""
        steps = 7
        edge = [(x + right, y + drop * 0.9)]
        for i in range(1, steps):
            across = x + right - (right + left) * i / steps
            edge.append((across, y + drop * (1.25 if i % 2 else 0.62) * self.rng.uniform(0.8, 1.2)))
        edge.append((x - left, y + drop * 0.9))
        self.shape([(x, y - 2), *edge], fill)

    def pine(self, x: float, y: float, tall: float, fill: str, snow: str = "") -> None:
        """Stand a pine with its foot at (x, y); snow lies on its left side."""
        tiers = 5
        left, right = [(x, y - tall)], []
        for i in range(1, tiers + 1):
            half = tall * 0.055 * (i + 0.6) * self.rng.uniform(0.9, 1.1)
            low = y - tall * (1 - (i + 0.25) / (tiers + 0.6))
            left += [(x - half, low), (x - half * 0.5, low - tall * 0.035)]
            right += [(x + half, low), (x + half * 0.5, low - tall * 0.035)]
        self.box(x - tall * 0.025, y - tall * 0.12, x + tall * 0.025, y, INK)
        self.shape([*left[:-1], *right[:-1][::-1]], fill)
        for i in range(len(left) // 2 if snow else 0):
            (ax, ay), (bx, by) = left[max(0, 2 * i)], left[2 * i + 1]
            self.shape([(ax, ay), (bx, by), (x - tall * 0.008, by - tall * 0.055)], snow)

    def flakes(self, count: int, fill: str = WHITE, bottom: float = HEIGHT) -> None:
        """Let count snowflakes fall, bigger ones nearer."""
        for _ in range(count):
            x, y = self.rng.uniform(0, WIDTH), self.rng.uniform(0, bottom)
            self.disc(x, y, self.rng.choice((1.6, 2.2, 2.8, 4, 5.5)), fill)

    def birds(self, *places: Point, size: float = 15, fill: str = INK) -> None:
        """Put far birds in the sky."""
        for x, y in places:
            wings = curve((x - size, y - size * 0.3), (x - size * 0.4, y - size * 0.45), (x, y))
            self.stroke(wings, fill, 4.5)
            self.stroke([(2 * x - px, py) for px, py in wings], fill, 4.5)

    def person(self, x: float, y: float, tall: float, coat: str, pack: str = "") -> None:
        """Stand a small figure with its feet at (x, y), seen from behind."""
        u = tall / 10
        self.shape(
            [
                (x - 1.1 * u, y),
                (x - 1.3 * u, y - 4 * u),
                (x - u * 0.1, y - 4 * u),
                (x - 0.2 * u, y),
            ],
            INK,
        )
        self.shape(
            [(x + 0.3 * u, y), (x, y - 4 * u), (x + 1.3 * u, y - 4 * u), (x + 1.2 * u, y)], INK
        )
        self.shape(
            [
                (x - 1.7 * u, y - 3.4 * u),
                *arc(x, y - 7 * u, 1.55 * u, 1.2 * u, 190, 350),
                (x + 1.7 * u, y - 3.4 * u),
            ],
            coat,
        )
        if pack:
            self.box(x - u, y - 7.4 * u, x + u, y - 4.6 * u, pack, 0.5 * u)
        self.disc(x, y - 9 * u, 1.05 * u, INK)
        self.shape(arc(x, y - 9.2 * u, 1.2 * u, 1.2 * u, 180, 360), coat)

    def lantern(self, x: float, y: float, r: float, fill: str = RED, glow: str = "") -> None:
        """Hang a round lantern with its middle at (x, y)."""
        for share in (2.1, 1.75, 1.4) if glow else ():
            self.disc(x, y, r * share, glow + "1c")
        self.line([(x, y - r * 1.5), (x, y + r * 1.3)], INK, max(2, r * 0.05))
        self.disc(x, y, r, fill, r * 0.84)
        dark = blend(fill, INK, 0.3)
        for share in (0.72, 0.3):
            for side in (-1, 1):
                rib = arc(x, y, r * share * side, r * 0.83, -88, 88)
                self.line(rib, dark, max(1.5, r * 0.028))
        self.shape(
            arc(x - r * 0.38, y - r * 0.1, r * 0.14, r * 0.42, 0, 360), blend(fill, SAND, 0.3)
        )
        for edge in (-1, 1):
            low, high = sorted((y + edge * r * 0.78, y + edge * r * 0.95))
            self.box(x - r * 0.36, low, x + r * 0.36, high, OCHRE, r * 0.04)
        for i in range(-3, 4):
            self.line(
                [(x + i * r * 0.06, y + r * 0.95), (x + i * r * 0.08, y + r * 1.65)],
                OCHRE,
                max(1.5, r * 0.035),
            )
