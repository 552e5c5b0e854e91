"""Counting views: one for each reader, article and day, and no write in a reader's request.

A view goes three ways. The request puts it into a buffer of its process; a thread writes the buffer
down every few seconds, as rows of Visit, whose key takes each reader once a day, however many
processes saw them; a job adds what is new to the articles and to their days. A process that is
killed loses its buffer, one that ends loses nothing, and no view is counted twice.
"""

from __future__ import annotations

import atexit
import logging
import os
import re
from base64 import urlsafe_b64encode
from collections import Counter, defaultdict
from collections.abc import Collection
from datetime import date, datetime, timedelta
from threading import Event, Lock, Thread
from time import monotonic, sleep

from django.conf import settings
from django.core.cache import cache
from django.db import Error, connection, transaction
from django.db.models import F, Sum
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from .models import Article, DailyViews, Visit

logger = logging.getLogger("caisu.news.counting")

FLUSH_AT = 500  # entries; so many are written without waiting for the time
MOST_WAITING = 20_000  # entries, about 5 MB; with the database away for longer, views are lost
COUNTED_AT_ONCE = 2000  # rows in one transaction
VISITOR_LENGTH = 22  # characters of six bits: two readers of one day never share them

# Words by which programs name themselves; Cubot makes telephones.
BOT = re.compile(
    r"(?<!cu)bot(?:\b|[/_-])|crawl|spider|slurp|https?://|facebookexternalhit|whatsapp/|preview"
    r"|monitor|uptime|validator|lighthouse|scrapy|curl/|wget|python|okhttp|java/|go-http|libwww"
    r"|node-fetch|axios|feed|\brss",
    re.IGNORECASE,
)
# What browsers say of a page that is fetched before anybody looks at it.
# Source: Fetch Standard, 3.9 (Sec-Purpose), and what came before it.
AHEAD = ("Sec-Purpose", "Purpose", "X-Purpose", "X-Moz")

# The periods of “most read”, in days.
PERIODS = {"week": 7, "month": 30}
MOST_READ = 20  # articles
MOST_READ_KEY = "most-read"
MOST_READ_SECONDS = 600

Entry = tuple[date, int, str]


# --- Who looks


def today(now: datetime | None = None) -> date:
    """The date on the calendar of the site."""
    return timezone.localdate(now or timezone.now(), timezone.get_default_timezone())


def visitor_of(address: str, agent: str, day: date) -> str:
    """A name for a reader that lasts for one day and tells nobody who they are.

    Args:
        address: the network address; it is not kept.
        agent: what the browser calls itself.
        day: on another day the same reader has another name.

    Returns:
        22 characters of base64url, the beginning of an HMAC-SHA256 under SECRET_KEY.
    """
    keyed = salted_hmac(f"news.counting {day}", f"{address}\n{agent}", algorithm="sha256")
    return urlsafe_b64encode(keyed.digest()).decode()[:VISITOR_LENGTH]


def is_reader(request: HttpRequest) -> bool:
    """Whether somebody looks whose view means something: no program, nobody of the staff."""
    agent = request.headers.get("User-Agent", "")
    if not agent.strip() or BOT.search(agent):
        return False
    ahead = ("prefetch", "prerender", "preview")
    said = " ".join(request.headers.get(name, "") for name in AHEAD).lower()
    if any(word in said for word in ahead):
        return False
    # Nobody without a session is of the staff, and to ask for one costs two queries.
    with_session = settings.SESSION_COOKIE_NAME in request.COOKIES
    return not (with_session and request.user.is_staff)


class Turnstile:
    """Lets so many views pass from one address in a minute.

    The key of Visit takes a reader once a day already, but a reader is an address and whatever the
    browser calls itself: a program that calls itself something else each time would be a crowd. The
    limit of caisu.core.throttling would write into the database for each view; this one is kept by
    each process for itself, so that with several an address has as many times the limit.
    """

    SECONDS = 60
    MOST_ADDRESSES = 20_000

    def __init__(self, times: int) -> None:
        self.times = times
        self.lock = Lock()
        self.began = monotonic()
        self.passed: Counter[str] = Counter()

    def lets_pass(self, address: str) -> bool:
        """Counts one view from ``address``; False when that was one too many."""
        with self.lock:
            if monotonic() - self.began > self.SECONDS or len(self.passed) >= self.MOST_ADDRESSES:
                self.passed.clear()
                self.began = monotonic()
            self.passed[address] += 1
            return self.passed[address] <= self.times


HITS_FROM_ONE_ADDRESS = Turnstile(times=120)


# --- The buffer of a process


class Buffer:
    """Views that are not written down yet. Safe among threads; nothing in it outlives a fork."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Starts empty, with locks that nobody holds."""
        self.entries: set[Entry] = set()
        self.lock = Lock()  # over entries and thread, for moments
        self.writing = Lock()  # over one flush
        self.full = Event()
        self.thread: Thread | None = None

    def add(self, entry: Entry) -> None:
        """Keeps a view, and sees to it that a thread will write it down."""
        with self.lock:
            if len(self.entries) >= MOST_WAITING:
                return
            self.entries.add(entry)
            if len(self.entries) >= FLUSH_AT:
                self.full.set()
            if self.thread is None:
                # Started by the first view, not at import: gunicorn forks in between.
                self.thread = Thread(target=self.run, name="views", daemon=True)
                self.thread.start()

    def flush(self) -> int:
        """Writes down what is there; returns how many views that were.

        Raises:
            django.db.Error: the database did not take it; everything is kept for the next time.
        """
        with self.writing:
            with self.lock:
                taken, self.entries = self.entries, set()
                self.full.clear()
            try:
                write(taken)
            except BaseException:
                with self.lock:
                    self.entries |= taken
                raise
        return len(taken)

    def try_to_flush(self) -> bool:
        """Flushes on a connection of this thread's own, which it closes; False if that failed."""
        try:
            self.flush()
        except Error as error:
            logger.warning("%d views wait for the database: %s", len(self.entries), error)
        except Exception:
            logger.exception("views could not be written")
        else:
            return True
        finally:
            connection.close()
        return False

    def run(self) -> None:
        """What the thread does: it writes every few seconds, and ends when nothing is left."""
        while True:
            self.full.wait(flush_seconds())
            if not self.try_to_flush():
                sleep(flush_seconds())  # however full it is
            with self.lock:
                if not self.entries:
                    self.thread = None
                    return


waiting = Buffer()
# A child of a process with views in its buffer would write them once more, and has no thread.
os.register_at_fork(after_in_child=waiting.begin)


@atexit.register
def flush_at_exit() -> None:
    """A process that ends in order (a worker of gunicorn that is told to stop) loses no view."""
    if waiting.entries or waiting.thread:  # the thread may be in the middle of it, and is let end
        waiting.try_to_flush()


def flush_seconds() -> float:
    """How long a view waits in the buffer; with 0 it is written at once, as in tests."""
    return getattr(settings, "VIEWS_FLUSH_SECONDS", 5)


def note(article_id: int, visitor: str, day: date | None = None) -> None:
    """Notes that ``visitor`` saw an article.

    Args:
        visitor: from visitor_of().
        day: today by default.
    """
    entry = (day or today(), article_id, visitor)
    if flush_seconds():
        waiting.add(entry)
    else:
        write([entry])


def write(entries: Collection[Entry]) -> None:
    """Writes views down as rows of Visit, without those of articles that are not public.

    A reader who is there already for that article and day is passed over.

    Raises:
        django.db.Error: nothing was written; perhaps because an article was deleted in this moment.
    """
    ids = {article_id for _day, article_id, _visitor in entries}
    public = set(Article.objects.published().filter(pk__in=ids).values_list("pk", flat=True))
    # Sorted, so that two processes that write the same rows never wait for each other in a ring.
    rows = [
        Visit(day=day, article_id=article_id, visitor=visitor)
        for day, article_id, visitor in sorted(entries)
        if article_id in public
    ]
    if rows:
        Visit.objects.bulk_create(rows, ignore_conflicts=True, batch_size=FLUSH_AT)


# --- From visits to numbers


def count_visits() -> int:
    """Adds visits that are not counted yet to their articles and days; returns how many there were.

    Rows and numbers change in one transaction: whatever ends the process, nothing is counted twice.
    """
    total = 0
    # Asked first: on SQLite even a transaction that finds nothing keeps other writers waiting.
    while Visit.objects.filter(is_counted=False).exists():
        counted = _count_some()
        total += counted
        if counted < COUNTED_AT_ONCE:
            break
    return total


@transaction.atomic
def _count_some() -> int:
    fresh = Visit.objects.filter(is_counted=False).select_for_update(skip_locked=True)
    rows = list(fresh.values_list("pk", "day", "article")[:COUNTED_AT_ONCE])
    if not rows:
        return 0
    by_article = Counter(article for _pk, _day, article in rows)
    by_day = Counter((day, article) for _pk, day, article in rows)
    for number, articles in _by_number(by_article).items():
        Article.objects.filter(pk__in=articles).update(view_count=F("view_count") + number)
    DailyViews.objects.bulk_create(
        [DailyViews(day=day, article_id=article) for day, article in by_day], ignore_conflicts=True
    )
    for day in {day for day, _article in by_day}:
        of_day = Counter({article: n for (on, article), n in by_day.items() if on == day})
        for number, articles in _by_number(of_day).items():
            found = DailyViews.objects.filter(day=day, article__in=articles)
            found.update(count=F("count") + number)
    Visit.objects.filter(pk__in=[pk for pk, _day, _article in rows]).update(is_counted=True)
    return len(rows)


def _by_number(counts: Counter[int]) -> dict[int, list[int]]:
    """Articles by how many views they gained: few numbers, so few statements."""
    together: dict[int, list[int]] = defaultdict(list)
    for article, number in sorted(counts.items()):
        together[number].append(article)
    return together


def forget_visits(now: datetime | None = None) -> int:
    """Deletes the visits of days that are over, once they are counted; returns how many."""
    over = Visit.objects.filter(day__lt=today(now), is_counted=True)
    return over.delete()[0]


def views_each_day(since: datetime) -> dict[date, int]:
    """How often articles were read on each day: each by each reader once."""
    rows = DailyViews.objects.filter(day__gte=timezone.localdate(since)).order_by()
    return dict(rows.values_list("day").annotate(Sum("count")))


# --- Most read


def most_read(now: datetime | None = None) -> dict[str, list[int]]:
    """Articles for everyone by how often they were read, the most read first.

    Returns:
        their ids for each of PERIODS, at most MOST_READ each, as they were some minutes ago: whoever
        shows them asks again who may read them.
    """
    found = cache.get(MOST_READ_KEY)
    if found is None:
        best = {period: _best_since(today(now), days) for period, days in PERIODS.items()}
        everyone = Article.objects.published().filter(audience=Article.Audience.EVERYONE)
        asked = {article for articles in best.values() for article in articles}
        open_now = set(everyone.filter(pk__in=asked).values_list("pk", flat=True))
        found = {
            period: [article for article in articles if article in open_now][:MOST_READ]
            for period, articles in best.items()
        }
        cache.set(MOST_READ_KEY, found, MOST_READ_SECONDS)
    return found


def _best_since(last: date, days: int) -> list[int]:
    """The most read of so many days up to ``last``, among them those that are closed by now."""
    views = DailyViews.objects.filter(day__gt=last - timedelta(days=days), day__lte=last)
    totals = views.values("article").annotate(total=Sum("count"))
    ordered = totals.order_by("-total", "-article").values_list("article", flat=True)
    return list(ordered[: 5 * MOST_READ])
