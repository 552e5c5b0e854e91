"""Where people meet."""

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
