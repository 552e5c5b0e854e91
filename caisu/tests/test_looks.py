"""The comparing part of `make looks`: what counts as a difference, and what is said of it."""

import pytest
from PIL import Image, ImageDraw

from caisu.tests import looks


def picture(size=(200, 100), box=None, colour="black"):
    drawn = Image.new("RGB", size, "white")
    if box:
        ImageDraw.Draw(drawn).rectangle(box, fill=colour)
    return drawn


def test_same_pictures_do_not_differ():
    share, drawn = looks.compare(picture(box=(5, 5, 50, 50)), picture(box=(5, 5, 50, 50)))
    assert share == 0
    assert drawn.size == (200, 100)


def test_so_many_pixels_differ_and_are_drawn_red():
    share, drawn = looks.compare(picture(), picture(box=(0, 0, 9, 9)))
    assert share == pytest.approx(100 / 20_000)
    assert drawn.getpixel((3, 3)) == (0xD0, 0, 0)
    assert drawn.getpixel((100, 50)) == (255, 255, 255)


@pytest.mark.parametrize(("colour", "differs"), [("#f8f8f8", False), ("#fffff0", True)])
def test_one_channel_is_enough_and_a_trace_is_not(colour, differs):
    share, _drawn = looks.compare(picture(), picture(box=(0, 0, 199, 99), colour=colour))
    assert bool(share) is differs


def test_what_grew_differs_where_it_grew():
    share, drawn = looks.compare(picture((200, 100)), picture((200, 125)))
    assert share == pytest.approx(0.2)
    assert drawn.size == (200, 125)


def test_report_tells_new_gone_and_different(tmp_path, capsys):
    before = {"same": picture(), "other": picture(), "old": picture()}
    after = {"same": picture(), "other": picture(box=(0, 0, 99, 99)), "young": picture()}
    assert not looks.report("dark 390", before, after, tmp_path)
    assert capsys.readouterr().out.splitlines() == [
        "dark 390: 3 components, 25.0000% of the pixels differ",
        "  other: 50.000% differs",
        "  young: new",
        "  old: gone",
    ]
    assert {path.name for path in tmp_path.iterdir()} == {
        f"dark-390-other-{part}.png" for part in ("before", "after", "difference")
    }


def test_a_page_that_was_not_there_is_no_difference(tmp_path, capsys):
    assert looks.report("light 1280", {}, {"buttons": picture()}, tmp_path)
    assert capsys.readouterr().out == "light 1280: 1 components, all of them new\n"
    assert not list(tmp_path.iterdir())


def test_below_the_tolerance_it_is_counted_and_passes(tmp_path, capsys):
    almost = picture(box=(0, 0, 3, 4))  # 20 of 20,000 pixels
    assert looks.report("light 390", {"buttons": picture()}, {"buttons": almost}, tmp_path)
    assert "0.1000% of the pixels differ" in capsys.readouterr().out
