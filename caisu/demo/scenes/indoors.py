"""Windows, desks and kitchens."""

from collections.abc import Callable
from math import cos, pi, sin

from ..drawing import (
    BLUE,
    CLAY,
    DEEP,
    FOREST,
    GREEN,
    HEIGHT,
    INK,
    MIST,
    MOSS,
    NIGHT,
    OCHRE,
    PALE,
    PAPER,
    RED,
    SAGE,
    SAND,
    WHITE,
    Point,
    Sheet,
    arc,
    blend,
    curve,
)


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
