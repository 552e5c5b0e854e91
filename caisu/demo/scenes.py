"""The scenes behind the demo's covers: cut paper and woodblock, in one small palette.

A scene is a function that draws on a Sheet in a space of 1600 x 900 units; the sheet is twice
that size in pixels, and pictures.draw() brings it down with antialiasing.
"""

from collections.abc import Callable, Sequence
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

    def shape(self, points: Sequence[Point], fill: str, lift: float = 0) -> None:
        """Fill a polygon; lift throws the shadow of a raised sheet of paper up and left."""
        pixels = [(x * SCALE, y * SCALE) for x, y in points]
        for share in (1, 0.7, 0.4) if lift else ():
            shift = lift * share * SCALE
            self.pen.polygon([(x - shift * 0.5, y - shift) for x, y in pixels], fill=INK + "12")
        self.pen.polygon(pixels, fill=fill)

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


def snow_road(s: Sheet) -> None:
    """A ploughed road runs up to snowy mountains; one red car is on its way."""
    s.sky((BLUE, MIST, PALE, SAND), 560)
    s.disc(1120, 300, 74, WHITE)
    s.ridge(
        [
            (-20, 380),
            (180, 250),
            (330, 330),
            (560, 150),
            (760, 330),
            (980, 220),
            (1240, 350),
            (1450, 240),
            (1620, 330),
        ],
        blend(BLUE, PALE, 0.25),
    )
    s.cap(560, 152, 92, 96, 78, WHITE)
    s.cap(980, 221, 66, 76, 52, WHITE)
    s.cap(180, 252, 70, 72, 56, WHITE)
    s.cap(1450, 241, 76, 60, 58, WHITE)
    s.ridge(
        [(-20, 470), (300, 400), (620, 470), (900, 390), (1250, 455), (1620, 385)],
        blend(DEEP, BLUE, 0.4),
        0.07,
    )
    s.ridge([(-20, 545), (420, 520), (800, 540), (1200, 505), (1620, 530)], PALE, 0.02)
    for i in range(30):
        x = i * 56 + s.rng.uniform(-18, 18)
        if not 690 < x < 900:
            s.pine(x, 560 + s.rng.uniform(-8, 14), s.rng.uniform(44, 92), blend(FOREST, BLUE, 0.3))
    s.ridge([(-20, 600), (400, 560), (800, 572), (1250, 556), (1620, 590)], WHITE, 0.015)
    right = curve((812, 566), (930, 610), (905, 670), (960, 760), (1240, 920))
    left = curve((420, 920), (640, 760), (790, 668), (870, 612), (800, 566))
    s.shape([*right, *left], blend(DEEP, INK, 0.35))
    for a, b in (
        ((848, 584), (882, 597)),
        ((890, 620), (874, 641)),
        ((850, 662), (838, 690)),
        ((828, 722), (822, 762)),
        ((820, 806), (822, 870)),
    ):
        s.line([a, b], SAND, 3 + (a[1] - 586) / 32)
    s.ridge([(-20, 700), (160, 690), (330, 760), (470, 900), (1620, 905)], PALE, 0.01)
    s.ridge([(-20, 905), (1180, 905), (1270, 800), (1420, 712), (1620, 690)], PALE, 0.01)
    for x, y, tall in (
        (70, 760, 330),
        (215, 800, 250),
        (330, 850, 190),
        (1515, 790, 380),
        (1390, 810, 260),
        (1300, 850, 170),
    ):
        s.pine(x, y, tall, FOREST, WHITE)
    s.box(849, 694, 860, 706, INK, 2)
    s.box(890, 694, 901, 706, INK, 2)
    s.box(845, 664, 905, 696, RED, 7)
    s.shape([(852, 666), (862, 642), (890, 642), (898, 666)], blend(RED, INK, 0.25))
    s.shape([(858, 664), (866, 648), (886, 648), (892, 664)], NIGHT)
    s.disc(853, 679, 4, SAND)
    s.disc(897, 679, 4, SAND)
    s.flakes(210)


def dusk(s: Sheet) -> None:
    """Evening in the valley: five ridges, one sun, and the first lights."""
    s.sky((blend(BLUE, MIST, 0.5), PALE, SAND, "#eab98a"), 600, 13)
    s.disc(1040, 372, 120, RED)
    for i, (x0, x1, y) in enumerate(((700, 1060, 300), (960, 1400, 352), (820, 1180, 418))):
        s.stroke([(x0, y), ((x0 + x1) / 2, y + 2), (x1, y - 3 + i)], blend(SAND, PAPER, 0.4), 15)
    s.ridge(
        [(-20, 450), (240, 350), (470, 420), (700, 330), (960, 440), (1300, 360), (1620, 430)],
        blend(MIST, SAND, 0.25),
    )
    s.ridge(
        [(-20, 430), (190, 470), (480, 400), (720, 520), (1010, 470), (1330, 530), (1620, 420)],
        blend(BLUE, MIST, 0.4),
    )
    s.ridge(
        [(-20, 560), (330, 530), (610, 600), (900, 560), (1200, 490), (1430, 560), (1620, 520)],
        blend(BLUE, DEEP, 0.35),
    )
    s.ridge([(-20, 610), (260, 650), (620, 640), (1000, 665), (1620, 610)], DEEP, 0.05)
    for _ in range(75):
        x = s.rng.gauss(780, 250)
        y = s.rng.uniform(690, 762)
        s.box(
            x, y, x + s.rng.choice((4, 6, 8)), y + s.rng.choice((4, 6)), s.rng.choice((OCHRE, SAND))
        )
    s.ridge(
        [(-20, 700), (170, 730), (420, 790), (800, 800), (1180, 775), (1450, 700), (1620, 640)],
        NIGHT,
        0.05,
    )
    for _ in range(46):
        x = s.rng.choice((s.rng.uniform(0, 520), s.rng.uniform(1130, 1600)))
        s.pine(x, 880 - abs(x - 800) * 0.13, s.rng.uniform(60, 150), blend(NIGHT, INK, 0.45))
    s.ridge([(-20, 830), (500, 872), (1100, 868), (1620, 800)], INK, 0.02, 0)
    s.birds((430, 210), (486, 186), (520, 232), (610, 176), size=17)


def boulders(s: Sheet) -> None:
    """Granite towers over sagebrush; a walker in a red coat gives the scale."""
    s.sky((blend(BLUE, MIST, 0.45), PALE, PAPER, SAND), 640)
    s.stroke(curve((60, 150), (340, 120), (640, 160)), WHITE, 34)
    s.stroke(curve((220, 186), (460, 176), (760, 196)), WHITE, 20)
    s.ridge(
        [(-20, 520), (260, 440), (520, 520), (860, 450), (1200, 530), (1620, 470)],
        blend(MIST, SAGE, 0.4),
    )
    s.ridge(
        [(-20, 580), (420, 560), (800, 590), (1200, 550), (1620, 580)],
        blend(MOSS, MIST, 0.35),
        0.05,
    )
    for _ in range(60):
        s.disc(s.rng.uniform(0, 1600), s.rng.uniform(592, 650), s.rng.uniform(7, 17), GREEN, 7)
    towers = (
        (
            (930, 764),
            ((0, 0), (12, -210), (60, -330), (130, -372), (214, -340), (262, -230), (280, 0)),
            0.1,
        ),
        (
            (1330, 780),
            ((0, 0), (-20, -260), (40, -450), (120, -520), (220, -500), (310, -380), (330, 0)),
            0.2,
        ),
        (
            (1090, 790),
            ((0, 0), (10, -280), (70, -470), (170, -560), (280, -520), (340, -330), (350, 0)),
            0,
        ),
        (
            (-80, 760),
            ((0, 0), (10, -330), (90, -480), (210, -500), (310, -400), (370, -180), (390, 0)),
            0.15,
        ),
        ((250, 770), ((0, 0), (16, -130), (80, -210), (170, -190), (220, -90), (230, 0)), 0.05),
    )
    for (ox, oy), outline, shade in towers:
        stone = blend("#d9b78a", CLAY, shade)
        rock = curve(*((ox + x, oy + y) for x, y in outline))
        s.shape(rock, stone, 9)
        wide = outline[-1][0] - outline[0][0]
        top = min(y for _, y in outline)
        # The side away from the sun, cut as one darker sheet, then cracks in ink.
        peak = min(outline, key=lambda point: point[1])
        dark = [(ox + x, oy + y) for x, y in outline if x >= peak[0]]
        inner = [
            (ox + peak[0] + wide * 0.13, oy + top * 0.7),
            (ox + wide * 0.66, oy + top * 0.32),
            (ox + wide * 0.58, oy),
        ]
        s.shape([*curve(*dark), *curve(*inner[::-1])], blend(stone, CLAY, 0.62))
        for share in (0.22, 0.4, 0.74):
            x = ox + wide * share
            s.stroke(
                curve(
                    (x + 10, oy + top * 0.66), (x - 6, oy + top * 0.42), (x + 8, oy + top * 0.12)
                ),
                blend(CLAY, INK, 0.55),
                6,
            )
        s.stroke(
            curve(
                (ox + wide * 0.1, oy + top * 0.4),
                (ox + wide * 0.4, oy + top * 0.45),
                (ox + wide * 0.7, oy + top * 0.36),
            ),
            blend(CLAY, INK, 0.4),
            5,
        )
    s.ridge([(-20, 720), (300, 752), (620, 712), (900, 742), (1250, 728), (1620, 745)], SAGE, 0.03)
    s.shape(
        [
            *curve((640, 722), (690, 770), (610, 830), (700, 920)),
            *curve((900, 920), (720, 828), (740, 768), (664, 720)),
        ],
        SAND,
    )
    s.ridge([(-20, 800), (260, 850), (480, 930), (1620, 960)], MOSS, 0.04)
    s.ridge([(-20, 960), (900, 940), (1200, 842), (1620, 800)], MOSS, 0.04)
    for _ in range(70):
        x = s.rng.choice((s.rng.uniform(-10, 420), s.rng.uniform(1060, 1610)))
        y = 905 - abs(x - 760) * 0.1 + s.rng.uniform(-4, 40)
        for turn in range(-4, 5):
            s.stroke(
                [(x, y), (x + turn * 5, y - 22), (x + turn * 10, y - 44 + abs(turn) * 4)],
                s.rng.choice((GREEN, FOREST, SAGE)),
                6,
            )
    s.person(690, 790, 108, RED, NIGHT)
    s.birds((800, 250), (850, 226), (884, 268), size=18)


def cabin_window(s: Sheet) -> None:
    """Coming in: the wing, the last ridges and the runway town, seen from a window seat."""
    s.sky((DEEP, BLUE, MIST, "#e6bf95"), 620, 12)
    s.disc(560, 300, 44, WHITE)
    s.ridge(
        [(300, 560), (480, 470), (620, 540), (800, 450), (960, 540), (1130, 470), (1400, 560)],
        blend(BLUE, MIST, 0.35),
    )
    s.cap(800, 451, 62, 66, 42, WHITE)
    s.cap(480, 471, 48, 50, 30, WHITE)
    s.ridge([(300, 600), (560, 560), (820, 610), (1060, 566), (1400, 620)], blend(DEEP, BLUE, 0.45))
    s.ridge([(300, 660), (700, 640), (1100, 668), (1400, 640)], DEEP, 0.05)
    for _ in range(95):
        x, y = s.rng.gauss(690, 120), s.rng.uniform(676, 770)
        s.box(x, y, x + 5, y + 4, s.rng.choice((OCHRE, SAND, SAND, RED)))
    wing = [(1290, 570), (930, 560), (662, 516), (632, 520), (820, 610), (1290, 800)]
    s.shape(wing, PALE, 8)
    s.shape([(1290, 800), (820, 610), (632, 520), (760, 566), (1290, 690)], MIST)
    s.shape([(676, 519), (632, 520), (604, 420), (628, 414)], RED)
    s.line([(1290, 620), (800, 566)], BLUE, 3)
    # The cabin wall is one sheet with the window cut out of it.
    hole = [
        (
            800 + 350 * abs(cos(a)) ** 0.62 * (1 if cos(a) > 0 else -1),
            446 + 396 * abs(sin(a)) ** 0.62 * (1 if sin(a) > 0 else -1),
        )
        for a in (pi + i * pi / 90 for i in range(181))
    ]
    blind = [(x, y) for x, y in hole if y <= 196]
    s.shape([(x, y + 22) for x, y in (blind[0], blind[-1])] + blind[::-1], INK + "40")
    s.shape(blind, blend(PAPER, SAND, 0.5))
    s.box(742, 162, 858, 176, blend(SAND, CLAY, 0.35), 7)
    for grow, fill in (
        (0, blend(SAND, MIST, 0.62)),
        (26, SAND),
        (62, PAPER),
        (104, blend(PAPER, SAND, 0.6)),
    ):
        ring = [
            (800 + (x - 800) * (1 + grow / 350), 446 + (y - 446) * (1 + grow / 396))
            for x, y in hole
        ]
        upper, lower = ring[:91], ring[90:]
        s.shape([*upper, (1610, upper[-1][1]), (1610, -10), (-10, -10), (-10, upper[0][1])], fill)
        s.shape([*lower, (-10, lower[-1][1]), (-10, 910), (1610, 910), (1610, lower[0][1])], fill)
    for x in (150, 1450):
        s.line([(x, -10), (x, 910)], blend(SAND, CLAY, 0.28), 4)


def library(s: Sheet) -> None:
    """Finals week: the one lit window on a snowy night, and who is still behind it."""
    s.sky((NIGHT, blend(NIGHT, DEEP, 0.8)), HEIGHT, 8)
    for row in range(26):
        for column in range(-1, 17):
            x = column * 104 + (52 if row % 2 else 0)
            shade = blend(NIGHT, DEEP, s.rng.uniform(0.25, 0.85))
            s.box(x + 3, row * 36 + 3, x + 101, row * 36 + 33, shade, 3)
    s.box(330, 96, 1270, 790, INK)
    s.box(350, 116, 1250, 770, "#e9b968")
    s.box(350, 116, 1250, 260, blend("#e9b968", SAND, 0.35))
    for shelf in (250, 384, 518):
        for x in range(376, 690, 0x10):
            if s.rng.random() < 0.88:
                tall = s.rng.uniform(66, 104)
                s.box(
                    x,
                    shelf - tall,
                    x + s.rng.choice((11, 14)),
                    shelf,
                    s.rng.choice((CLAY, DEEP, RED, GREEN, BLUE, SAND, FOREST, "#8d4b2d")),
                )
        s.box(350, shelf, 700, shelf + 10, blend(CLAY, INK, 0.45))
    s.line([(1010, 116), (1010, 226)], INK, 4)
    s.shape([(950, 280), *arc(1010, 236, 26, 26, 180, 360), (1070, 280)], RED)
    s.shape([(950, 280), (1070, 280), (1190, 640), (830, 640)], "#fff0c455")
    s.box(350, 640, 1250, 664, blend(CLAY, INK, 0.5))
    s.box(350, 664, 1250, 770, blend(CLAY, INK, 0.68))
    s.shape(
        [
            (872, 640),
            *curve((880, 560), (900, 506), (950, 484), (1010, 492), (1050, 540), (1066, 640)),
        ],
        DEEP,
    )
    s.disc(962, 440, 47, "#e3b48a")
    s.shape([*arc(956, 432, 55, 52, 120, 352), (985, 420), (938, 432)], INK)
    s.stroke(curve((1040, 570), (1068, 616), (1010, 632)), blend(DEEP, INK, 0.25), 34)
    s.shape([(900, 640), (980, 616), (1012, 634), (1046, 616), (1126, 640)], WHITE)
    for i, fill in enumerate((RED, SAND, GREEN, DEEP)):
        s.box(740 + i * 4, 616 - i * 22, 850 - i * 7, 638 - i * 22, fill, 2)
    s.box(1160, 590, 1204, 640, WHITE, 5)
    s.line(arc(1206, 612, 13, 14, -90, 90), WHITE, 6)
    for x in (1172, 1190):
        s.stroke(curve((x, 580), (x - 10, 556), (x + 6, 532), (x - 6, 506)), WHITE + "aa", 8)
    for x in (650, 950):
        s.box(x - 6, 116, x + 6, 770, INK)
    s.box(350, 330, 1250, 340, INK)
    s.shape(
        [
            (300, 800),
            *curve((330, 776), (520, 764), (800, 772), (1080, 760), (1290, 778)),
            (1300, 800),
        ],
        WHITE,
        5,
    )
    s.box(300, 798, 1300, 822, blend(DEEP, INK, 0.5))
    s.ridge([(-20, 860), (400, 838), (900, 862), (1620, 830)], PALE, 0.01)
    s.flakes(230)


def dumplings(s: Sheet) -> None:
    """A steamer of dumplings on an indigo cloth, from above."""
    s.sky((DEEP, DEEP), HEIGHT, 2)
    for row in range(-1, 24):
        for column in range(-1, 21):
            x, y = column * 84 + (42 if row % 2 else 0), row * 42
            for r, fill in (
                (42, blend(DEEP, BLUE, 0.62)),
                (37, DEEP),
                (26, blend(DEEP, BLUE, 0.45)),
                (21, DEEP),
            ):
                s.disc(x, y + 20, r, fill)
    cx, cy = 690, 455
    for shift in range(6):
        s.disc(cx + 14 + shift * 3, cy + 16 + shift * 3, 398, INK + "18")
    for r, fill in ((396, CLAY), (386, OCHRE), (362, "#b98444"), (350, "#dcb673")):
        s.disc(cx, cy, r, fill)
    for i in range(-8, 9):
        half = max(0, 345**2 - (i * 41) ** 2) ** 0.5
        s.line([(cx - half, cy + i * 41), (cx + half, cy + i * 41)], "#c3954f", 5)
    for i in range(36):
        a = i * pi / 18
        s.line(
            [(cx + 366 * cos(a), cy + 366 * sin(a)), (cx + 384 * cos(a), cy + 384 * sin(a))],
            CLAY,
            4,
        )
    places = [
        (0.0, 0.0),
        *((128 * cos(i * pi / 3 + 0.3), 128 * sin(i * pi / 3 + 0.3)) for i in range(6)),
        *((258 * cos(i * pi / 6 + 0.1), 258 * sin(i * pi / 6 + 0.1)) for i in range(12)),
    ]
    for i, (dx, dy) in enumerate(places):
        if i == 9:
            continue
        _dumpling(s, cx + dx, cy + dy, s.rng.uniform(-0.5, 0.5) + i, 64)
    for shift in range(5):
        s.disc(1330 + shift * 3, 268 + shift * 3, 132, INK + "18")
    s.disc(1320, 255, 130, WHITE)
    s.disc(1320, 255, 116, PALE)
    s.disc(1320, 255, 106, "#3a1f16")
    s.disc(1298, 236, 46, "#57301f", 30)
    for _ in range(20):
        a, r = s.rng.uniform(0, 6.3), s.rng.uniform(10, 86)
        s.disc(
            1320 + r * cos(a), 255 + r * sin(a), s.rng.uniform(4, 8), s.rng.choice((RED, RED, MOSS))
        )
    for offset in (0, 34):
        s.shape(
            [
                (1176 + offset, 872),
                (1190 + offset, 876),
                (1478 + offset, 418),
                (1472 + offset, 414),
            ],
            INK + "55",
        )
        s.shape(
            [
                (1164 + offset, 864),
                (1180 + offset, 870),
                (1470 + offset, 408),
                (1462 + offset, 404),
            ],
            RED,
        )
    s.box(1330, 640, 1470, 672, WHITE, 16)
    s.box(1330, 640, 1470, 654, PALE, 12)
    _dumpling(s, 1210, 560, 0.6, 60)


def _dumpling(s: Sheet, x: float, y: float, turn: float, size: float) -> None:
    """One crescent dumpling with pleats along its back."""

    def place(px: float, py: float) -> Point:
        return (
            x + size * (px * cos(turn) - py * sin(turn)),
            y + size * (px * sin(turn) + py * cos(turn)),
        )

    body = curve(
        (-0.95, 0.24),
        (-0.62, -0.34),
        (0, -0.56),
        (0.62, -0.34),
        (0.95, 0.24),
        (0.45, 0.46),
        (0, 0.5),
        (-0.45, 0.46),
        (-0.95, 0.24),
    )
    s.shape([place(px + 0.07, py + 0.12) for px, py in body], INK + "40")
    s.shape([place(px, py) for px, py in body], "#f3e6cb")
    s.shape(
        [
            place(px, py)
            for px, py in curve(
                (-0.8, 0.28),
                (0, 0.1),
                (0.8, 0.28),
                (0.4, 0.44),
                (0, 0.47),
                (-0.4, 0.44),
                (-0.8, 0.28),
            )
        ],
        "#e0c99f",
    )
    for i in range(-3, 4):
        foot = place(i * 0.21, -0.42 + abs(i) * 0.075)
        s.stroke(
            [foot, place(i * 0.19, -0.25 + abs(i) * 0.07), place(i * 0.13, -0.02 + abs(i) * 0.04)],
            "#a98553",
            size * 0.07,
        )


def campus(s: Sheet) -> None:
    """White columns on a red hill above the autumn trees of the campus."""
    s.sky((MIST, PALE, PAPER, SAND), 620)
    s.stroke(curve((900, 160), (1200, 130), (1540, 170)), WHITE, 40)
    s.stroke(curve((1040, 204), (1260, 196), (1480, 214)), WHITE, 22)
    s.ridge(
        [(-20, 470), (260, 400), (560, 470), (900, 380), (1260, 460), (1620, 400)],
        blend(MIST, BLUE, 0.25),
    )
    s.ridge(
        [
            (-20, 600),
            (220, 520),
            (470, 404),
            (620, 372),
            (900, 378),
            (1120, 470),
            (1380, 570),
            (1620, 600),
        ],
        blend(CLAY, SAND, 0.3),
        0.06,
    )
    s.shape(
        curve(
            (1120, 470), (960, 520), (870, 600), (1000, 700), (1400, 640), (1380, 570), (1120, 470)
        ),
        blend(CLAY, INK, 0.12),
    )
    s.shape(
        [
            *curve((735, 384), (780, 450), (690, 520), (800, 610), (700, 760)),
            *curve((770, 760), (850, 610), (726, 520), (806, 452), (762, 384)),
        ],
        SAND,
    )
    for x in (622, 706, 790, 874):
        s.box(x - 17, 222, x + 17, 380, WHITE)
        s.box(x + 5, 222, x + 17, 380, PALE)
        s.box(x - 26, 212, x + 26, 226, WHITE)
        s.box(x - 26, 372, x + 26, 388, WHITE)
    s.box(580, 176, 916, 212, WHITE)
    s.box(580, 202, 916, 212, PALE)
    s.box(566, 164, 930, 180, WHITE)
    s.person(748, 388, 62, RED)
    s.ridge([(-20, 690), (340, 650), (760, 690), (1200, 640), (1620, 690)], MOSS, 0.03)
    leaves = (OCHRE, "#d9ae55", CLAY, "#b4812f", RED, MOSS)
    trees = [
        (90, 760, 150),
        (250, 720, 108),
        (392, 770, 140),
        (530, 730, 82),
        (1010, 724, 84),
        (1140, 770, 128),
        (1290, 724, 104),
        (1400, 790, 150),
        (1560, 750, 128),
    ]
    for x, y, r in trees:
        s.stroke([(x, y + r * 0.75), (x, y), (x + 3, y - r * 0.6)], INK, 15)
        tone = s.rng.choice(leaves)
        for dx, dy, share in (
            (-0.5, 0.05, 0.6),
            (0.5, 0.08, 0.58),
            (0, -0.4, 0.72),
            (0.05, 0.1, 0.6),
        ):
            s.disc(x + dx * r, y + dy * r - r * 0.2, r * share, tone, 0, 4)
        for branch in ((-0.42, -0.2), (0.4, -0.25), (0.02, -0.8)):
            s.stroke(
                [
                    (x, y + r * 0.2),
                    (x + branch[0] * r * 0.5, y + branch[1] * r * 0.4),
                    (x + branch[0] * r, y + branch[1] * r),
                ],
                INK,
                6,
            )
    s.ridge([(-20, 850), (420, 818), (800, 836), (1200, 822), (1620, 862)], FOREST, 0.01)
    for _ in range(120):
        s.disc(
            s.rng.uniform(0, 1600),
            s.rng.uniform(845, 895),
            s.rng.uniform(4, 8),
            s.rng.choice(leaves),
            4,
        )
    s.birds((210, 190), (266, 214), (300, 168), size=17)


def desk(s: Sheet) -> None:
    """Tax season from above: forms, a pen, a calculator, tea, and a seal to be done with it."""
    s.sky(("#8a5a3c", "#7b4f35"), HEIGHT, 9)
    for _ in range(34):
        y = s.rng.uniform(0, 900)
        s.stroke(
            curve((-20, y), (500, y + s.rng.uniform(-12, 12)), (1620, y)),
            "#6f452d",
            s.rng.uniform(2, 5),
        )

    def sheet(
        x: float, y: float, wide: float, tall: float, lean: float, fill: str
    ) -> Callable[..., list[Point]]:
        def quad(x0: float, y0: float, x1: float, y1: float) -> list[Point]:
            return [
                (x + px * cos(lean) - py * sin(lean), y + px * sin(lean) + py * cos(lean))
                for px, py in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
            ]

        for shift in (14, 9, 4):
            s.shape([(px + shift, py + shift) for px, py in quad(0, 0, wide, tall)], INK + "1c")
        s.shape(quad(0, 0, wide, tall), fill)
        return quad

    back = sheet(150, 210, 520, 690, -0.2, PALE)
    for i in range(9):
        s.shape(back(44, 60 + i * 66, 470, 64 + i * 66), MIST)
    form = sheet(420, 84, 560, 740, 0.06, WHITE)
    s.shape(form(36, 36, 524, 92), DEEP)
    s.shape(form(52, 54, 250, 74), PAPER)
    for i in range(11):
        y = 128 + i * 50
        s.shape(form(36, y + 34, 524, y + 36), MIST)
        s.shape(form(36, y + 10, 36 + s.rng.uniform(120, 260), y + 19), blend(MIST, BLUE, 0.5))
        s.shape(form(400, y + 2, 524, y + 30), PALE)
        if i < 7:
            s.line(
                curve(
                    *(form(412 + k * 15, y + 16 + s.rng.uniform(-7, 7), 0, 0)[0] for k in range(6))
                ),
                DEEP,
                3,
            )
    s.shape(form(370, 640, 470, 716), RED)
    for cut in (
        (382, 652, 390, 704),
        (404, 652, 412, 704),
        (428, 652, 458, 660),
        (428, 672, 458, 680),
        (428, 696, 458, 704),
    ):
        s.shape(form(*cut), WHITE)
    pad = sheet(1110, 400, 270, 390, 0.14, NIGHT)
    s.shape(pad(24, 24, 246, 92), SAGE)
    for row in range(4):
        for column in range(4):
            fill = RED if (row, column) == (3, 3) else OCHRE if column == 3 else PALE
            x, y = 24 + column * 58, 118 + row * 66
            s.shape(pad(x, y, x + 46, y + 48), fill)
    for r, dx, fill in (
        (128, 10, INK + "50"),
        (124, 0, WHITE),
        (110, 0, MIST),
        (100, 0, "#a8712f"),
    ):
        s.disc(1290 + dx, 196 + dx, r, fill)
    s.disc(1268, 172, 46, "#bf8a45", 30)
    for dx, dy, lean in ((20, 20, 0.5), (-22, 46, 2.1), (44, -24, 1.2)):
        leaf = [
            (1290 + dx - 22 * cos(lean), 196 + dy - 22 * sin(lean)),
            (1290 + dx, 196 + dy),
            (1290 + dx + 22 * cos(lean), 196 + dy + 22 * sin(lean)),
        ]
        s.stroke(leaf, FOREST, 14)
    s.line(arc(1432, 196, 40, 46, -100, 100), WHITE, 20)
    s.stroke([(818, 810), (960, 640), (1080, 496)], INK + "55", 30)
    s.stroke([(800, 800), (945, 628), (1066, 484)], RED, 30)
    s.shape([(806, 780), (824, 794), (782, 822)], OCHRE)
    s.box(60, 700, 150, 790, INK, 12)
    s.box(50, 690, 140, 780, RED, 12)
    s.box(64, 704, 126, 766, blend(RED, INK, 0.25), 8)


def hot_spring(s: Sheet) -> None:
    """Steam over a hot pool under a winter moon."""
    s.sky((NIGHT, DEEP, BLUE), 560, 10)
    s.disc(1180, 190, 84, SAND)
    for _ in range(60):
        s.disc(s.rng.uniform(0, 1600), s.rng.uniform(0, 300), s.rng.choice((1.3, 1.8, 2.4)), PALE)
    s.ridge(
        [(-20, 400), (220, 290), (420, 370), (700, 230), (960, 380), (1230, 300), (1620, 400)],
        blend(BLUE, MIST, 0.35),
    )
    s.cap(700, 232, 90, 96, 66, PALE)
    s.cap(220, 291, 70, 66, 46, PALE)
    s.ridge([(-20, 480), (340, 420), (700, 490), (1100, 410), (1620, 470)], DEEP, 0.07)
    for i in range(26):
        s.pine(
            i * 64 + s.rng.uniform(-22, 22),
            540,
            s.rng.uniform(80, 165),
            blend(FOREST, NIGHT, 0.5),
            PALE,
        )
    s.ridge([(-20, 530), (420, 506), (820, 536), (1200, 500), (1620, 536)], WHITE, 0.012)
    s.shape(
        curve(
            (60, 700),
            (160, 600),
            (480, 556),
            (900, 566),
            (1320, 560),
            (1530, 640),
            (1560, 760),
            (1380, 880),
            (700, 930),
            (200, 880),
            (60, 700),
        ),
        blend(CLAY, INK, 0.62),
        6,
    )
    s.shape(
        curve(
            (110, 706),
            (200, 622),
            (490, 584),
            (900, 592),
            (1300, 588),
            (1480, 652),
            (1510, 752),
            (1350, 852),
            (700, 898),
            (240, 856),
            (110, 706),
        ),
        "#3f7f84",
    )
    for _ in range(56):
        x, y = s.rng.uniform(230, 1380), s.rng.uniform(626, 850)
        s.stroke(
            [(x, y), (x + 34, y - 3), (x + s.rng.uniform(70, 150), y)],
            s.rng.choice(("#5d999a", "#82b3ae", "#356f76")),
            6,
        )
    for y in range(640, 860, 22):
        half = s.rng.uniform(20, 62)
        s.stroke([(1170 - half, y), (1170, y + 2), (1170 + half, y)], SAND, 8)
    for i in range(26):
        a = i * pi / 13
        x, y = 810 + 735 * cos(a), 738 + 158 * sin(a)
        r = s.rng.uniform(30, 58)
        s.disc(x, y, r, blend(DEEP, INK, s.rng.uniform(0.2, 0.6)), r * 0.62, 3)
        s.shape(arc(x, y - r * 0.14, r * 0.94, r * 0.5, 180, 360), WHITE)
    for x, y, hair, towel in (
        (520, 716, INK, RED),
        (640, 742, INK, WHITE),
        (850, 690, "#6f452d", PALE),
    ):
        s.disc(x, y + 34, 62, "#82b3ae", 12)
        s.shape([*arc(x, y + 36, 50, 34, 180, 360)], "#dcae86")
        s.disc(x, y - 12, 29, "#dcae86")
        s.shape(arc(x, y - 16, 32, 31, 172, 368), hair)
        s.box(x - 27, y - 54, x + 27, y - 37, towel, 7)
    for x, top, side in (
        (300, 330, 1),
        (410, 220, -1),
        (690, 270, 1),
        (800, 150, -1),
        (1010, 300, 1),
        (1290, 240, -1),
        (1390, 340, 1),
    ):
        for wide, alpha in ((64, "1e"), (40, "2c"), (18, "40")):
            wave = curve(
                (x, 650),
                (x + 22 * side, 560),
                (x - 14 * side, 460),
                (x + 20 * side, 370),
                (x - 6 * side, top),
            )
            s.stroke(wave, WHITE + alpha, wide)
    s.flakes(70)


def moon(s: Sheet) -> None:
    """The mid-autumn moon over the basalt rim, osmanthus in front, two people on the way home."""
    s.sky((NIGHT, DEEP, BLUE, blend(BLUE, MIST, 0.6)), 760, 13)
    for r, share in ((390, 0.1), (340, 0.2), (300, 0.32)):
        s.disc(980, 380, r, blend(DEEP, SAND, share))
    s.disc(980, 380, 258, "#f3e2b6")
    for x, y, r, ry in (
        (900, 320, 70, 52),
        (1010, 300, 48, 60),
        (1060, 410, 86, 60),
        (930, 470, 60, 40),
        (850, 420, 30, 40),
        (1080, 270, 26, 20),
    ):
        s.disc(x, y, r, "#e6cf9a", ry)
    for x0, x1, y in ((560, 900, 470), (760, 1060, 520), (1090, 1420, 350)):
        s.stroke(curve((x0, y), ((x0 + x1) / 2, y - 8), (x1, y)), blend(BLUE, MIST, 0.5), 22)
    s.ridge(
        [(-20, 660), (300, 590), (620, 650), (980, 600), (1300, 660), (1620, 590)],
        blend(BLUE, DEEP, 0.5),
    )
    s.ridge(
        [(-20, 730), (420, 700), (900, 722), (1300, 700), (1620, 730)],
        blend(DEEP, BLUE, 0.15),
        0.05,
    )
    s.ridge([(-20, 850), (500, 810), (1050, 822), (1620, 780)], blend(NIGHT, INK, 0.7), 0.02)
    s.person(940, 830, 176, NIGHT)
    s.person(1034, 828, 132, RED)
    s.line([(1050, 748), (1128, 704)], INK, 4)
    s.lantern(1128, 752, 24, RED, OCHRE)
    for stem, width in (
        (((-20, 250), (150, 190), (330, 200), (520, 130), (700, 150)), 26),
        (((200, 190), (320, 300), (470, 340), (560, 420)), 15),
        (((-20, 60), (160, 70), (330, 20), (420, -20)), 17),
    ):
        path = curve(*stem)
        s.stroke(path, INK, width)
        for i, (x, y) in enumerate(path[4::4]):
            for side in (-1, 1):
                lean = side * s.rng.uniform(0.5, 1.1) + 0.2
                tip = (x + 86 * cos(lean), y + 86 * sin(lean))
                middle = (x + 44 * cos(lean) + 6, y + 44 * sin(lean) - 5)
                s.stroke(
                    [(x, y), middle, tip],
                    s.rng.choice((FOREST, GREEN, blend(FOREST, INK, 0.4))),
                    27,
                )
            for _ in range(5 if i % 2 else 2):
                s.disc(
                    x + s.rng.gauss(0, 17),
                    y + s.rng.gauss(6, 14),
                    s.rng.uniform(4, 8),
                    s.rng.choice((OCHRE, "#e8c46c")),
                )


def lanterns(s: Sheet) -> None:
    """Lanterns over a full street on the night of the gala."""
    s.sky((NIGHT, blend(NIGHT, DEEP, 0.6), DEEP, blend(BLUE, CLAY, 0.35)), 820, 12)
    s.ridge(
        [(-20, 560), (260, 470), (560, 540), (860, 450), (1200, 545), (1620, 470)],
        blend(DEEP, NIGHT, 0.3),
    )
    for x, y, wide in ((-60, 620, 520), (1130, 600, 560), (520, 660, 560)):
        wall = blend(NIGHT, INK, 0.35)
        s.box(x + 56, y, x + wide - 56, 900, wall)
        for k in range(5):
            left = x + 84 + k * (wide - 190) / 4.4
            s.box(left, y + 40, left + 46, y + 130, OCHRE)
            s.box(left + 20, y + 40, left + 25, y + 130, wall)
            s.box(left, y + 82, left + 46, y + 87, wall)
        roof = [
            *curve(
                (x - 30, y - 4),
                (x + 40, y + 16),
                (x + wide * 0.22, y - 70),
                (x + wide * 0.3, y - 96),
            ),
            *curve(
                (x + wide * 0.7, y - 96),
                (x + wide * 0.78, y - 70),
                (x + wide - 40, y + 16),
                (x + wide + 30, y - 4),
            ),
            (x + wide - 20, y + 30),
            (x + 20, y + 30),
        ]
        s.shape(roof, INK, 8)
        s.box(x + wide * 0.29, y - 106, x + wide * 0.71, y - 92, blend(RED, INK, 0.35), 4)
        s.line([(x + 30, y + 30), (x + wide - 30, y + 30)], blend(RED, INK, 0.2), 7)
    strings = (
        ((-20, 90), (420, 210), (900, 170), (1620, 40)),
        ((-20, 330), (520, 420), (1080, 340), (1620, 240)),
    )
    for string in strings:
        s.line(curve(*string), INK, 4)
    for x, y, r in (
        (60, 418, 36),
        (265, 462, 40),
        (470, 492, 44),
        (690, 490, 48),
        (905, 450, 42),
        (1110, 404, 38),
        (1320, 372, 40),
        (1530, 336, 34),
    ):
        s.lantern(x, y, r, blend(RED, NIGHT, 0.18), OCHRE)
    for x, y, r in (
        (150, 246, 78),
        (420, 330, 96),
        (760, 306, 116),
        (1120, 280, 100),
        (1430, 208, 84),
    ):
        s.lantern(x, y, r, RED, OCHRE)
    for _ in range(110):
        x, y = s.rng.uniform(-10, 1610), s.rng.uniform(806, 900)
        r = 17 + (y - 806) * 0.15
        coat = s.rng.choice(
            (INK, INK, blend(NIGHT, INK, 0.5), blend(RED, INK, 0.45), blend(DEEP, INK, 0.4))
        )
        s.shape(arc(x, y + r * 2.3, r * 1.5, r * 1.5, 180, 360), coat)
        s.disc(x, y, r * 0.72, INK)
    s.flakes(60, PALE)


def groceries(s: Sheet) -> None:
    """Two shelves of the shop that is worth the drive."""
    s.sky((SAND, PAPER), HEIGHT, 6)
    for x in range(0, 1600, 100):
        s.box(x, 0, x + 3, 900, blend(SAND, CLAY, 0.2))
    for y in (420, 800):
        s.box(-10, y, 1610, y + 16, blend(CLAY, SAND, 0.2))
        s.box(-10, y + 16, 1610, y + 52, blend(CLAY, INK, 0.25))
        for shade in (16, 10, 5):
            s.box(-10, y + 52, 1610, y + 52 + shade, INK + "16")
        for x in range(90, 1600, 216):
            s.box(x, y + 18, x + 86, y + 48, WHITE, 3)
            s.box(x + 10, y + 28, x + 44, y + 36, RED if (x // 216) % 2 else DEEP)

    def bottle(x: float, y: float, fill: str, label: str) -> None:
        s.shape(
            [
                (x, y),
                (x, y - 172),
                *curve((x, y - 172), (x + 10, y - 212), (x + 30, y - 236)),
                (x + 30, y - 286),
                (x + 62, y - 286),
                *curve((x + 62, y - 236), (x + 82, y - 212), (x + 92, y - 172)),
                (x + 92, y),
            ],
            fill,
            5,
        )
        s.box(x + 26, y - 308, x + 66, y - 280, RED, 5)
        s.box(x, y - 150, x + 92, y - 40, label)
        s.disc(x + 46, y - 95, 30, fill)
        s.box(x + 10, y - 196, x + 20, y - 156, blend(fill, WHITE, 0.4), 5)

    def jar(x: float, y: float, fill: str, lid: str) -> None:
        s.box(x - 4, y - 160, x + 128, y, INK + "20", 18)
        s.box(x, y - 160, x + 124, y, fill, 18)
        s.box(x + 8, y - 184, x + 116, y - 152, lid, 6)
        s.box(x, y - 112, x + 124, y - 40, PAPER)
        s.shape([(x + 62, y - 104), (x + 90, y - 76), (x + 62, y - 48), (x + 34, y - 76)], fill)
        s.box(x + 12, y - 146, x + 22, y - 118, blend(fill, WHITE, 0.45), 5)

    def sack(x: float, y: float, fill: str, mark: str) -> None:
        s.shape(
            curve(
                (x, y),
                (x - 8, y - 120),
                (x + 14, y - 236),
                (x + 100, y - 250),
                (x + 186, y - 236),
                (x + 208, y - 120),
                (x + 200, y),
            ),
            fill,
            6,
        )
        s.shape(
            [(x + 14, y - 230), (x + 30, y - 276), (x + 170, y - 276), (x + 186, y - 230)],
            blend(fill, CLAY, 0.3),
        )
        s.disc(x + 100, y - 122, 62, mark)
        for k in range(3):
            s.stroke(
                curve((x + 100, y - 74), (x + 82 + k * 18, y - 120), (x + 70 + k * 30, y - 162)),
                fill,
                12,
            )

    def cabbage(x: float, y: float) -> None:
        s.shape(
            curve(
                (x, y),
                (x - 26, y - 150),
                (x + 18, y - 268),
                (x + 78, y - 286),
                (x + 140, y - 262),
                (x + 178, y - 140),
                (x + 150, y),
            ),
            MOSS,
            5,
        )
        s.shape(
            curve(
                (x + 16, y), (x + 10, y - 130), (x + 76, y - 244), (x + 140, y - 120), (x + 138, y)
            ),
            SAGE,
        )
        s.shape(
            curve(
                (x + 36, y), (x + 50, y - 120), (x + 76, y - 190), (x + 104, y - 120), (x + 118, y)
            ),
            WHITE,
        )
        for lean in (-44, -14, 16, 46):
            s.stroke(
                [
                    (x + 76 + lean * 0.4, y - 6),
                    (x + 76 + lean * 0.8, y - 110),
                    (x + 76 + lean, y - 200),
                ],
                SAGE,
                6,
            )

    def bowl(x: float, y: float) -> None:
        s.shape([(x, y - 128), (x + 150, y - 128), (x + 124, y), (x + 26, y)], RED, 4)
        s.box(x - 8, y - 144, x + 158, y - 124, PAPER, 6)
        s.shape([(x + 8, y - 90), (x + 142, y - 90), (x + 134, y - 46), (x + 16, y - 46)], OCHRE)

    for x, fill, label in ((50, "#3a1f16", SAND), (160, "#3a1f16", SAND), (270, "#6b3620", PAPER)):
        bottle(x, 420, fill, label)
    for x, fill, lid in ((402, RED, OCHRE), (544, RED, OCHRE), (686, "#7d2a1e", INK)):
        jar(x, 420, fill, lid)
    sack(860, 420, WHITE, RED)
    bottle(1102, 420, MOSS, PAPER)
    bottle(1212, 420, OCHRE, RED)
    jar(1332, 420, DEEP, RED)
    jar(1474, 420, DEEP, RED)
    cabbage(60, 800)
    cabbage(226, 800)
    for i in range(9):
        x = 420 + i * 15
        s.stroke(
            [(x, 800), (x + 2, 690), (x + (i - 4) * 12, 500)],
            s.rng.choice((GREEN, MOSS, FOREST)),
            17,
        )
        s.stroke([(x, 802), (x, 760), (x + 1, 700)], WHITE, 15)
    s.box(412, 716, 562, 738, RED, 4)
    for x, y in ((620, 800), (790, 800), (704, 656)):
        bowl(x, y)
    sack(990, 800, SAND, DEEP)
    for x, y in ((1250, 766), (1326, 766), (1402, 766), (1288, 704), (1364, 704), (1326, 642)):
        s.disc(x, y, 40, OCHRE, 36, 3)
        s.disc(x - 12, y - 10, 9, SAND)
        s.stroke([(x, y - 34), (x + 10, y - 44), (x + 26, y - 46)], FOREST, 9)
    bottle(1478, 800, "#6b3620", PAPER)


def badminton(s: Sheet) -> None:
    """A smash over the net: racket, shuttlecock and its path."""
    s.sky((FOREST, blend(FOREST, GREEN, 0.7), GREEN), HEIGHT, 9)
    s.shape([(-20, 640), (1620, 560), (1620, 920), (-20, 920)], blend(CLAY, SAND, 0.25))
    s.shape([(-20, 742), (1620, 640), (1620, 656), (-20, 762)], WHITE)
    s.shape([(560, 606), (590, 604), (420, 920), (370, 920)], WHITE)
    for i in range(34):
        x = -10 + i * 50
        s.line([(x, 486 - x * 0.05), (x, 700 - x * 0.07)], INK + "c0", 2.5)
    for i in range(8):
        y = 486 + i * 30
        s.line([(-10, y), (1610, y - 80 - i * 4)], INK + "c0", 2.5)
    s.line([(-10, 482), (1610, 402)], WHITE, 22)
    for k in range(13):
        t = k / 12
        x, y = 1010 - 470 * t, 318 - 250 * t + 190 * t * t
        s.disc(x, y, 10 - 6 * t, SAND)
    # Racket: handle, shaft, frame, strings clipped to the oval.
    s.stroke([(1660, 900), (1530, 770), (1400, 640)], INK, 64)
    s.line([(1640, 880), (1412, 652)], RED, 36)
    for k in range(6):
        s.line(
            [(1440 + k * 38, 664 + k * 38), (1424 + k * 38, 692 + k * 38)], blend(RED, INK, 0.4), 6
        )
    s.line([(1420, 660), (1290, 530)], NIGHT, 15)
    lean = pi / 4
    for u in range(-6, 7):
        for rx, ry, turn in ((150, 208, 0.0), (208, 150, pi / 2)):
            half = ry * max(0, 1 - (u * 24 / rx) ** 2) ** 0.5
            ends = []
            for v in (-half, half):
                px, py = (u * 24, v) if not turn else (v, u * 24)
                ends.append(
                    (
                        1150 + px * cos(-lean) - py * sin(-lean),
                        390 + px * sin(-lean) + py * cos(-lean),
                    )
                )
            if u * 24 < rx:
                s.line(ends, WHITE + "d8", 2.4)
    frame = [
        (1150 + x * cos(-lean) - y * sin(-lean), 390 + x * sin(-lean) + y * cos(-lean))
        for x, y in arc(0, 0, 152, 210, 0, 360)
    ]
    s.line([*frame, frame[0], frame[1]], NIGHT, 19)
    s.line([*frame[8:34]], RED, 19)
    # Shuttlecock, cork forward.
    cx, cy, aim = 470, 250, 2.62

    def at(u: float, v: float) -> Point:
        return (cx + u * cos(aim) - v * sin(aim), cy + u * sin(aim) + v * cos(aim))

    for k in range(-4, 5):
        wide = 23
        s.shape(
            [at(40, k * 11), at(-190, k * 37 - wide), at(-216, k * 40), at(-190, k * 37 + wide)],
            WHITE if k % 2 else PALE,
            3,
        )
        s.line([at(40, k * 11), at(-205, k * 39)], MIST, 2.5)
    for u, half in ((-30, 78), (-90, 112)):
        s.line(curve(at(u, -half), at(u - 14, 0), at(u, half)), blend(MIST, BLUE, 0.5), 4)
    s.shape(
        [
            at(34, -52),
            at(34, 52),
            *(at(56 + 50 * cos(a), 52 * sin(a)) for a in (pi / 2 - i * pi / 16 for i in range(17))),
        ],
        WHITE,
        3,
    )
    s.shape([at(32, -54), at(32, 54), at(56, 53), at(56, -53)], RED)


def town(s: Sheet) -> None:
    """Old Town in the morning, and the bus that goes there."""
    s.sky((MIST, PALE, PAPER, SAND), 560)
    s.disc(320, 210, 62, RED)
    s.ridge(
        [(-20, 380), (260, 270), (560, 350), (880, 240), (1240, 350), (1620, 260)],
        blend(MIST, BLUE, 0.4),
    )
    s.ridge(
        [(-20, 470), (420, 400), (900, 460), (1300, 390), (1620, 440)], blend(MOSS, MIST, 0.3), 0.06
    )
    x = -30.0
    fronts = (
        (190, 330, CLAY),
        (150, 264, SAND),
        (220, 392, "#8d4b2d"),
        (170, 300, MIST),
        (240, 350, CLAY),
        (160, 280, SAGE),
        (230, 410, "#7b4436"),
        (190, 310, SAND),
        (220, 360, DEEP),
    )
    for wide, tall, fill in fronts:
        top = 720 - tall
        s.shape([(x, 720), (x, top), (x + wide, top), (x + wide, 720)], fill, 6)
        dark = blend(fill, INK, 0.4)
        s.box(x - 5, top - 14, x + wide + 5, top + 10, dark, 2)
        for k in range(int(wide // 22)):
            s.box(x + 6 + k * 22, top + 12, x + 18 + k * 22, top + 20, dark)
        for row in range(int((tall - 150) // 84)):
            for k in range(3):
                left = x + wide * (0.12 + 0.29 * k)
                y = top + 48 + row * 84
                s.box(
                    left,
                    y,
                    left + wide * 0.18,
                    y + 54,
                    blend(NIGHT, BLUE, s.rng.uniform(0, 0.5)),
                    2,
                )
                s.box(left - 3, y + 54, left + wide * 0.18 + 3, y + 60, PAPER)
        s.box(x + 12, 612, x + wide - 12, 716, blend(NIGHT, BLUE, 0.25))
        s.box(x + wide * 0.42, 622, x + wide * 0.6, 720, dark)
        awning = s.rng.choice((RED, DEEP, GREEN, OCHRE))
        for k in range(8):
            left, step = x + 6 + k * (wide - 12) / 8, (wide - 12) / 8
            s.shape(
                [
                    (left, 586),
                    (left + step, 586),
                    (left + step, 626),
                    (left + step / 2, 636),
                    (left, 626),
                ],
                awning if k % 2 else PAPER,
            )
        x += wide
    s.box(-10, 720, 1610, 744, PALE)
    s.box(-10, 744, 1610, 910, blend(DEEP, INK, 0.3))
    for k in range(9):
        s.box(k * 200 + 20, 842, k * 200 + 120, 850, SAND)
    s.box(446, 800, 1106, 830, INK + "66", 14)
    s.shape(
        [
            *arc(486, 590, 34, 34, 180, 270),
            *arc(1066, 590, 40, 40, 270, 360),
            (1112, 700),
            (1112, 796),
            (446, 796),
            (452, 700),
        ],
        RED,
        6,
    )
    s.box(452, 694, 1112, 718, PAPER)
    for k in range(6):
        s.box(476 + k * 88, 596, 548 + k * 88, 672, NIGHT, 8)
        s.shape(
            [(490 + k * 88, 668), (520 + k * 88, 600), (536 + k * 88, 600), (506 + k * 88, 668)],
            BLUE,
        )
    for k in (0, 2, 3, 5):
        s.disc(512 + k * 88, 648, 17, INK)
        s.shape(arc(512 + k * 88, 680, 28, 22, 180, 360), INK)
    s.box(1010, 590, 1090, 780, NIGHT, 8)
    s.box(1046, 590, 1052, 780, RED)
    for wheel in (560, 930):
        s.disc(wheel, 796, 48, INK)
        s.disc(wheel, 796, 22, PALE)
        s.disc(wheel, 796, 9, INK)
    s.box(1102, 748, 1118, 768, SAND, 4)
    s.line([(1260, 744), (1260, 520)], INK, 8)
    s.disc(1260, 512, 38, DEEP)
    s.disc(1260, 512, 28, PAPER)
    s.box(1244, 500, 1276, 524, RED, 5)
    s.person(1340, 750, 128, DEEP, OCHRE)
    s.person(1400, 752, 112, GREEN)
    s.birds((640, 130), (690, 108), (724, 146), size=15)


def home(s: Sheet) -> None:
    """First snow seen from a warm kitchen: a cat, a radiator, a pot of scallions."""
    s.sky((BLUE, MIST, PALE), 640, 9)
    s.ridge(
        [(-20, 430), (400, 330), (700, 410), (1000, 300), (1300, 400), (1620, 330)],
        blend(BLUE, MIST, 0.3),
    )
    s.cap(1000, 302, 80, 86, 58, WHITE)
    s.ridge([(-20, 530), (500, 500), (900, 530), (1620, 490)], PALE, 0.03)
    for x, y, wide, tall in (
        (360, 560, 170, 90),
        (640, 576, 200, 110),
        (960, 560, 180, 96),
        (1190, 580, 190, 110),
    ):
        s.box(x, y - tall, x + wide, y + 90, blend(CLAY, DEEP, 0.35))
        s.shape(
            [(x - 16, y - tall + 4), (x + wide / 2, y - tall - 70), (x + wide + 16, y - tall + 4)],
            WHITE,
            4,
        )
        for k in (0.22, 0.6):
            s.box(x + wide * k, y - tall + 34, x + wide * k + 28, y - tall + 70, OCHRE)
    s.ridge([(-20, 610), (700, 584), (1620, 606)], WHITE, 0.01)
    s.flakes(170, WHITE, 640)
    wall = "#7c3b2e"
    s.box(-10, -10, 290, 910, wall)
    s.box(1310, -10, 1610, 910, wall)
    s.box(-10, -10, 1610, 70, wall)
    s.box(-10, 640, 1610, 910, wall)
    for x in range(20, 1600, 74):
        for y in range(30, 900, 74):
            if not (270 < x < 1330 and 50 < y < 660):
                s.disc(x + (37 if y // 74 % 2 else 0), y, 5, blend(wall, OCHRE, 0.35))
    for x0, y0, x1, y1 in (
        (270, 50, 300, 660),
        (1300, 50, 1330, 660),
        (270, 50, 1330, 80),
        (786, 70, 814, 650),
        (290, 300, 1310, 320),
    ):
        s.box(x0, y0, x1, y1, PAPER)
        s.box(x0, y1 - 5, x1, y1, SAND)
    s.shape(
        [(180, 30), (430, 30), *curve((420, 200), (340, 380), (250, 460), (190, 690)), (120, 690)],
        OCHRE,
        6,
    )
    s.shape(
        [
            (1420, 30),
            (1170, 30),
            *curve((1180, 200), (1260, 380), (1350, 460), (1410, 690)),
            (1480, 690),
        ],
        OCHRE,
        6,
    )
    for k in range(4):
        s.stroke(
            curve(
                (230 + k * 50, 36), (226 + k * 34, 240), (180 + k * 16, 460), (144 + k * 14, 686)
            ),
            blend(OCHRE, CLAY, 0.5),
            9,
        )
        s.stroke(
            curve(
                (1370 - k * 50, 36),
                (1374 - k * 34, 240),
                (1420 - k * 16, 460),
                (1456 - k * 14, 686),
            ),
            blend(OCHRE, CLAY, 0.5),
            9,
        )
    s.box(120, 14, 1480, 30, INK, 8)
    s.box(230, 640, 1370, 676, PAPER, 4)
    s.box(230, 664, 1370, 680, SAND, 4)
    for k in range(13):
        s.box(440 + k * 56, 716, 484 + k * 56, 910, PALE, 16)
        s.box(472 + k * 56, 726, 480 + k * 56, 910, MIST, 4)
    s.box(430, 744, 1176, 762, MIST, 6)
    s.shape(
        curve((540, 644), (500, 600), (520, 520), (580, 470), (640, 520), (668, 600), (650, 644)),
        INK,
        5,
    )
    s.disc(582, 446, 50, INK, 43)
    s.shape([(536, 434), (542, 378), (576, 410)], INK)
    s.shape([(628, 434), (622, 378), (588, 410)], INK)
    s.stroke(curve((640, 622), (720, 640), (724, 706), (690, 760)), INK, 26)
    s.box(556, 486, 608, 496, RED, 5)
    s.shape([(1010, 560), (1130, 560), (1112, 644), (1028, 644)], RED, 4)
    s.box(1000, 546, 1140, 570, blend(RED, INK, 0.2), 4)
    for k in range(-4, 5):
        s.stroke(
            curve((1070 + k * 9, 550), (1070 + k * 14, 470), (1070 + k * 26, 390 + abs(k) * 12)),
            s.rng.choice((GREEN, MOSS, FOREST)),
            15,
        )
    s.line(arc(918, 612, 20, 17, -90, 90), DEEP, 9)
    s.box(846, 578, 918, 644, DEEP, 8)
    s.box(846, 604, 918, 612, SAND)
    for x in (868, 896):
        s.stroke(curve((x, 576), (x - 12, 548), (x + 8, 520), (x - 6, 490)), WHITE + "b0", 10)


def wheel(s: Sheet) -> None:
    """Behind the wheel for the first time, on a straight road to the hills."""
    s.sky((blend(BLUE, MIST, 0.6), PALE, PAPER), 470)
    s.stroke(curve((180, 120), (420, 96), (700, 130)), WHITE, 36)
    s.stroke(curve((980, 190), (1200, 176), (1460, 196)), WHITE, 26)
    s.ridge(
        [(-20, 400), (300, 300), (560, 380), (800, 290), (1080, 380), (1340, 280), (1620, 380)],
        blend(BLUE, MIST, 0.35),
    )
    s.ridge([(-20, 450), (500, 420), (900, 446), (1620, 410)], blend(MOSS, BLUE, 0.25), 0.05)
    s.ridge([(-20, 468), (800, 462), (1620, 468)], "#c9a75c", 0.005)
    for k in range(9):
        y = 476 + k * k * 3.4
        s.stroke([(-20, y + 8), (800, y), (1620, y + 8)], blend("#c9a75c", MOSS, 0.45), 3 + k)
    s.shape([(788, 462), (812, 462), (1420, 910), (180, 910)], blend(DEEP, MIST, 0.25))
    for k in range(6):
        near, far = 470 + k * k * 11, 470 + k * k * 11 + 8 + k * 7
        s.shape(
            [
                (800 - k * 1.6 - 1, near),
                (800 + k * 1.6 + 1, near),
                (800 + k * 2.2 + 1, far),
                (800 - k * 2.2 - 1, far),
            ],
            OCHRE,
        )
    for k in range(1, 7):
        x, tall = 840 + k * k * 17, 20 + k * k * 7
        foot = 470 + k * k * 8
        s.box(x, foot - tall, x + 2 + k, foot, INK)
        s.box(x - 4 - k * 2, foot - tall + k * 2, x + 6 + k * 3, foot - tall + k * 3 + 2, INK)
    s.shape(
        [
            (-10, -10),
            (1610, -10),
            (1610, 90),
            *curve((1610, 66), (1200, 34), (800, 26), (400, 34), (-10, 66)),
        ],
        INK,
    )
    s.shape([(-10, -10), (110, -10), (40, 300), (-10, 620)], INK)
    s.shape([(1610, -10), (1490, -10), (1560, 300), (1610, 620)], INK)
    s.box(700, 50, 1000, 132, INK, 24)
    s.box(714, 62, 986, 120, MIST, 16)
    s.shape([(714, 108), (850, 84), (986, 108), (986, 120), (714, 120)], MOSS)
    s.line([(850, 130), (850, 190)], INK, 3)
    s.box(832, 186, 868, 226, RED, 5)
    s.line([(850, 226), (850, 270)], RED, 5)
    s.shape(
        [
            *curve((-20, 660), (240, 606), (620, 590), (1000, 600), (1380, 640), (1620, 700)),
            (1620, 920),
            (-20, 920),
        ],
        NIGHT,
        12,
    )
    s.shape(
        [
            *curve((300, 700), (400, 622), (620, 606), (830, 624), (930, 700)),
            (930, 900),
            (300, 900),
        ],
        INK,
    )
    for x in (500, 730):
        s.disc(x, 730, 84, DEEP)
        s.disc(x, 730, 74, INK)
        for k in range(9):
            a = pi * (0.8 + 0.175 * k)
            s.line(
                [(x + 58 * cos(a), 730 + 58 * sin(a)), (x + 70 * cos(a), 730 + 70 * sin(a))],
                PAPER,
                4,
            )
        s.line([(x, 730), (x + 52 * cos(4.1), 730 + 52 * sin(4.1))], RED, 6)
        s.disc(x, 730, 9, RED)
    s.box(1050, 690, 1390, 850, INK, 18)
    s.box(1066, 704, 1374, 836, DEEP, 10)
    s.line(curve((1100, 826), (1160, 780), (1240, 790), (1320, 716)), OCHRE, 9)
    s.disc(1320, 722, 13, RED)
    ring = arc(615, 950, 372, 338, 180, 360)
    for shift in (12, 7):
        s.line([(x - shift * 0.4, y - shift) for x, y in ring], INK + "40", 62)
    s.line(ring, "#3b3632", 60)
    s.line([(x, y - 14) for x, y in ring], "#5a524b", 8)
    s.shape(curve((440, 920), (470, 830), (615, 800), (760, 830), (790, 920)), "#3b3632")
    s.disc(615, 868, 34, RED)
    for x, turn in ((300, 0.9), (930, -0.9)):
        s.disc(x, 796, 58, "#dcae86", 46, 4)
        for k in range(4):
            s.stroke(
                [(x - 40, 772 + k * 20), (x + 4, 766 + k * 20), (x + 44, 774 + k * 20)],
                "#c6936c",
                5,
            )
        s.shape(
            [
                (x - 60 - turn * 50, 920),
                (x - 62 - turn * 8, 830),
                (x + 62 - turn * 8, 830),
                (x + 60 - turn * 50, 920),
            ],
            RED if turn > 0 else blend(RED, INK, 0.12),
        )


def haze(s: Sheet) -> None:
    """Smoke season: a red disc of a sun and ridges that hardly show."""
    s.sky(("#c9b08a", "#dcc39a", "#e5d0ab", "#d9bd91"), 900, 12)
    s.disc(560, 300, 150, "#d9a478")
    s.disc(560, 300, 104, RED)
    for x0, x1, y, wide in (
        (240, 760, 330, 26),
        (420, 980, 272, 16),
        (60, 420, 420, 30),
        (900, 1500, 220, 34),
    ):
        s.stroke(curve((x0, y), ((x0 + x1) / 2, y - 9), (x1, y)), "#e1caa2", wide)
    tones = ("#c6ad88", "#b29a7b", "#97836d", "#776a5d", "#544d48")
    crests = (
        ((-20, 520), (240, 430), (560, 500), (900, 400), (1240, 480), (1620, 420)),
        ((-20, 560), (380, 540), (700, 470), (1050, 560), (1350, 500), (1620, 560)),
        ((-20, 600), (280, 640), (640, 580), (1000, 650), (1300, 590), (1620, 640)),
        ((-20, 720), (400, 680), (800, 720), (1200, 680), (1620, 720)),
        ((-20, 800), (300, 770), (760, 800), (1180, 764), (1620, 790)),
    )
    for tone, crest in zip(tones, crests, strict=True):
        s.ridge(crest, tone, 0.08)
        for _ in range(3):
            x, y = s.rng.uniform(-100, 1300), max(y for _, y in crest) - s.rng.uniform(0, 40)
            s.stroke(
                curve((x, y), (x + 230, y - 12), (x + 520, y)),
                blend(tone, SAND, 0.45),
                s.rng.uniform(14, 30),
            )
    for x, y, tall in (
        (110, 850, 210),
        (210, 870, 150),
        (1330, 850, 240),
        (1450, 880, 330),
        (1560, 860, 190),
    ):
        s.pine(x, y, tall, "#35312e")
    s.ridge([(-20, 846), (500, 872), (1100, 868), (1620, 836)], "#2b2826", 0.01)
    s.line([(-10, 640), (800, 690), (1610, 612)], INK, 3)
    s.line([(-10, 664), (800, 712), (1610, 640)], INK, 3)
    s.box(786, 610, 800, 880, INK)
    s.box(730, 640, 856, 652, INK)
    s.birds((900, 690), (932, 692), (1010, 682), size=10)


SCENES: dict[str, Callable[[Sheet], None]] = {
    "snow-road": snow_road,
    "dusk": dusk,
    "boulders": boulders,
    "airplane": cabin_window,
    "library": library,
    "dumplings": dumplings,
    "campus": campus,
    "desk": desk,
    "hot-spring": hot_spring,
    "moon": moon,
    "lanterns": lanterns,
    "groceries": groceries,
    "badminton": badminton,
    "town": town,
    "home": home,
    "wheel": wheel,
    "haze": haze,
}
