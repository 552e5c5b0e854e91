"""The scenes by their names. Each draws on a Sheet in a space of 1600 x 900 units."""

from collections.abc import Callable

from ..drawing import Sheet
from .indoors import cabin_window, desk, dumplings, groceries, home, library
from .outdoors import boulders, dusk, haze, hot_spring, moon, snow_road
from .town import badminton, campus, lanterns, town, wheel

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
