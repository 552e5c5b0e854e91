"""Mountains, roads, water and sky."""

from math import cos, pi, sin

from ..drawing import (
    BLUE,
    CLAY,
    DEEP,
    FOREST,
    GREEN,
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
    Sheet,
    arc,
    blend,
    curve,
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
