"""Compares how the living page looks here with how it looked in an earlier commit, pixel by pixel.

    python -m caisu.tests.looks [REVISION]

REVISION is HEAD~1 unless it is given. Both trees are served by this environment, each with an empty
database of its own; what differs is drawn into ``var/looks/``. The same tree looks the same each time:
the page has no script, its samples and its clock stand still, and nothing moves.

The last word is the exit status: 0 where nothing differs, 1 where a component looks different or is
gone, 2 where a tree could not be rendered. A component that the earlier commit did not have is told
and is no difference.
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops

from caisu.tests.browser import FLAGS, find_chromium

ROOT = Path(__file__).resolve().parents[2]
OUT = ROOT / "var/looks"
SCHEMES, WIDTHS = ("light", "dark"), (390, 1280)
# A component looks different when more than so great a share of its pixels differs by more than so
# much of 255 in any channel: smoothing of a letter's edge passes, a line that moved does not.
SHARE, CHANNEL = 0.001, 8
START_SECONDS = 300  # an empty database is made first


def compare(one: Image.Image, other: Image.Image) -> tuple[float, Image.Image]:
    """How much of two pictures differs.

    Returns:
        the share of pixels, 0 to 1, of the smallest picture that holds both; and the second picture,
        pale, with these pixels in red. Where only one of the two is, it differs.
    """
    one, other = one.convert("RGB"), other.convert("RGB")
    width, height = max(one.width, other.width), max(one.height, other.height)
    both = (0, 0, min(one.width, other.width), min(one.height, other.height))
    channels = ImageChops.difference(one.crop(both), other.crop(both)).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    mask = Image.new("L", (width, height), 255)
    mask.paste(most.point([255 if value > CHANNEL else 0 for value in range(256)]))
    drawn = Image.new("RGB", (width, height), "white")
    drawn.paste(Image.blend(other, Image.new("RGB", other.size, "white"), 0.7))
    drawn.paste("#d00000", mask=mask)
    return mask.histogram()[255] / (width * height), drawn


@contextmanager
def tree_of(revision: str) -> Iterator[Path]:
    """The files of a commit, for as long as the block lasts; the repository is only read.

    Raises:
        subprocess.CalledProcessError: where there is no such commit.
    """
    packed = subprocess.run(
        ["git", "-C", str(ROOT), "archive", "--format=tar", revision],
        check=True,
        capture_output=True,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="caisu-looks-") as directory:
        with tarfile.open(fileobj=BytesIO(packed)) as files:
            files.extractall(directory, filter="data")
        yield Path(directory)


@contextmanager
def served(tree: Path, directory: Path) -> Iterator[str]:
    """A tree's site with DEBUG, its data in ``directory``; yields its address, where it soon answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "CAISU_ENV_FILE": "",
        "SECRET_KEY": "not secret: it signs nothing that outlives this run",
        "DEBUG": "on",
        "SITE_URL": "http://127.0.0.1:8000",  # the same in both, for it is seen
        "DATABASE_URL": f"sqlite:///{directory}/db.sqlite3",
        "CACHE_URL": "locmemcache://",
        "EMAIL_URL": "dummymail://",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    start = '"$0" manage.py migrate -v0 && exec "$0" manage.py runserver --noreload "$1"'
    with (directory / "server.log").open("w") as log:
        server = subprocess.Popen(
            ["sh", "-c", start, sys.executable, f"127.0.0.1:{port}"],
            cwd=tree,
            env=environment,
            stdout=log,
            stderr=log,
        )
        try:
            yield f"http://127.0.0.1:{port}"
        finally:
            server.terminate()
            server.wait(30)


def await_answer(address: str, log: Path) -> None:
    """Returns once the site answers.

    Raises:
        TimeoutError: where it does not, with the last lines of its log.
    """
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{address}/robots.txt", timeout=10).close()  # noqa: S310
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.5)
        else:
            return
    raise TimeoutError("\n".join(log.read_text().splitlines()[-8:]))


def renderings(browser, address: str, scheme: str, width: int) -> dict[str, Image.Image]:
    """What each component of the living page looks like, by its key; none where there is no page."""
    page = browser.new_page(
        viewport={"width": width, "height": 900},
        device_scale_factor=1,
        color_scheme=scheme,
        reduced_motion="reduce",
        locale="en-US",
        timezone_id="America/Boise",
    )
    page.set_default_timeout(120_000)
    try:
        response = page.goto(f"{address}/styleguide/?scheme={scheme}")
        if response.status == 404:
            return {}
        if not response.ok:
            raise RuntimeError(f"the living page answers {response.status}")
        return {
            each.get_attribute("data-component"): Image.open(
                BytesIO(each.screenshot(animations="disabled", caret="hide"))
            )
            for each in page.locator("[data-component]").all()
        }
    finally:
        page.close()


def report(
    name: str, before: dict[str, Image.Image], after: dict[str, Image.Image], out: Path
) -> bool:
    """Says how two renderings of the page differ, and draws it.

    Args:
        name: of the rendering, for its line and its files.
        out: where pictures of what differs go.

    Returns:
        whether every component of the first is there and looks the same.
    """
    if not before:
        print(f"{name}: {len(after)} components, all of them new", flush=True)
        return True
    lines, same = [], True
    differing = pixels = 0.0
    for key in [*after, *(key for key in before if key not in after)]:
        if key not in before:
            lines.append(f"  {key}: new")
        elif key not in after:
            same = False
            lines.append(f"  {key}: gone")
        else:
            share, drawn = compare(before[key], after[key])
            differing += share * drawn.width * drawn.height
            pixels += drawn.width * drawn.height
            if share > SHARE:
                same = False
                for part, picture in (
                    ("before", before[key]),
                    ("after", after[key]),
                    ("difference", drawn),
                ):
                    picture.save(out / f"{name.replace(' ', '-')}-{key}-{part}.png")
                lines.append(f"  {key}: {share:.3%} differs")
    whole = f"{differing / max(pixels, 1):.4%} of the pixels differ"
    print(f"{name}: {len(after)} components, {whole}", *lines, sep="\n", flush=True)
    return same


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Compares the looks of the living page with those of an earlier commit."
    )
    parser.add_argument("revision", nargs="?", default="HEAD~1")
    revision = parser.parse_args(arguments).revision
    chromium = find_chromium()
    if not chromium:
        print("No Chromium found (apt-get install chromium).", file=sys.stderr)
        return 2
    from playwright.sync_api import sync_playwright

    shutil.rmtree(OUT, ignore_errors=True)
    OUT.mkdir(parents=True)
    try:
        with (
            tree_of(revision) as earlier,
            tempfile.TemporaryDirectory(prefix="caisu-looks-") as one,
            tempfile.TemporaryDirectory(prefix="caisu-looks-") as two,
            served(earlier, Path(one)) as then,
            served(ROOT, Path(two)) as now,
        ):
            await_answer(then, Path(one, "server.log"))
            await_answer(now, Path(two, "server.log"))
            with sync_playwright() as playwright:
                browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
                same = [
                    report(
                        f"{scheme} {width}",
                        renderings(browser, then, scheme, width),
                        renderings(browser, now, scheme, width),
                        OUT,
                    )
                    for scheme in SCHEMES
                    for width in WIDTHS
                ]
    except subprocess.CalledProcessError as error:
        print(error.stderr.decode().strip(), file=sys.stderr)
        return 2
    except (TimeoutError, RuntimeError) as error:
        print(f"The page could not be rendered: {error}", file=sys.stderr)
        return 2
    if all(same):
        print(f"Nothing that {revision} had looks different.")
        return 0
    print(f"Pictures of what differs are in {OUT.relative_to(ROOT)}/.")
    return 1


if __name__ == "__main__":
    sys.exit(main())
