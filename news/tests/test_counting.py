"""Views: who counts, how they are kept until they are written, and that each is counted once."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from datetime import UTC, date, datetime, timedelta
from http.client import HTTPConnection
from unittest import mock, skipUnless

from django.conf import settings
from django.db import OperationalError, connection, transaction
from django.test import RequestFactory, SimpleTestCase, TransactionTestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from caisu.core.jobs.declaring import PERIODIC
from caisu.tests.cast import CastTestCase, make_article, make_member
from news import counting, jobs
from news.counting import Buffer, count_visits, forget_visits, visitor_of
from news.models import Article, DailyViews, Visit

PHONE = (
    "Mozilla/5.0 (Linux; Android 14; 2211133C) AppleWebKit/537.36 (KHTML, like Gecko) Version/4.0 "
    "Chrome/116.0 Mobile Safari/537.36 XWEB/1160065 MicroMessenger/8.0.47.2560 WeChat/arm64 "
    "Weixin NetType/WIFI Language/zh_CN ABI/arm64"
)
LAPTOP = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/17.4 Safari/605.1.15"
DAY = date(2026, 11, 23)

at_once = override_settings(VIEWS_FLUSH_SECONDS=0)


def views(article):
    """What the article says, once the job has run."""
    count_visits()
    return Article.objects.get(pk=article.pk).view_count


@at_once
class HitTests(CastTestCase):
    def setUp(self):
        super().setUp()
        counting.HITS_FROM_ONE_ADDRESS.passed.clear()

    def hit(self, article=None, agent=PHONE, address="203.0.113.7", **headers):
        url = reverse("hit", args=[(article or self.article).pk])
        agent = {"HTTP_USER_AGENT": agent} if agent is not None else {}
        return self.client.post(url, headers=headers, REMOTE_ADDR=address, **agent)

    def test_counts_a_reader_once_a_day(self):
        for _n in range(3):
            self.assertEqual(self.hit().status_code, 204)
        self.assertEqual(views(self.article), 1)
        self.hit()
        self.assertEqual(views(self.article), 1)

    def test_counts_another_reader_article_and_day(self):
        self.hit()
        self.hit(agent=LAPTOP)
        self.hit(address="203.0.113.8")
        self.assertEqual(views(self.article), 3)
        other = make_article()
        self.hit(other)
        self.assertEqual(views(other), 1)
        tomorrow = counting.today() + timedelta(days=1)
        with mock.patch.object(counting, "today", return_value=tomorrow):
            self.hit()
        self.assertEqual(views(self.article), 4)
        counts = dict(DailyViews.objects.filter(article=self.article).values_list("day", "count"))
        self.assertEqual(counts, {tomorrow - timedelta(days=1): 3, tomorrow: 1})

    def test_members_count_and_staff_does_not(self):
        for who, expected in (
            (self.alice, 1),
            (self.nina, 2),
            (self.wei, 2),
            (self.mona, 2),
            (self.root, 2),
            (None, 3),
        ):
            self.login(who)
            self.hit(address=f"203.0.113.{expected}{len(getattr(who, 'username', ''))}")
            with self.subTest(who=who):
                self.assertEqual(views(self.article), expected)

    def test_programs_count_nothing(self):
        for agent in (
            None,
            "",
            "  ",
            "Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)",
            "Mozilla/5.0 (compatible; Baiduspider/2.0)",
            "Sogou web spider/4.0",
            "Bytespider",
            "AhrefsBot",
            "facebookexternalhit/1.1",
            "python-requests/2.32",
            "curl/8.5.0",
            "Wget/1.21",
            "Go-http-client/2.0",
            "okhttp/4.9",
            "UptimeRobot/2.0",
            "Mozilla/5.0 Chrome-Lighthouse",
        ):
            with self.subTest(agent=agent):
                self.assertEqual(self.hit(agent=agent).status_code, 204)
                self.assertEqual(views(self.article), 0)

    def test_telephones_of_readers_count(self):
        agents = [
            PHONE,
            LAPTOP,
            "Mozilla/5.0 (Linux; Android 11; CUBOT NOTE 20) AppleWebKit/537.36 Chrome/120.0",
            "Mozilla/5.0 (Linux; Android 12) Chrome/97.0 Mobile Safari/537.36 baiduboxapp/13.10",
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_4 like Mac OS X) MQQBrowser/15.0 QQ/9.0",
            "Mozilla/5.0 (Linux; U; Android 13) UCBrowser/15.5 Mobile Quark/6.9",
        ]
        for number, agent in enumerate(agents, start=1):
            self.hit(agent=agent)
            with self.subTest(agent=agent):
                self.assertEqual(views(self.article), number)

    def test_what_is_fetched_ahead_counts_nothing(self):
        for header, value in (
            ("Sec-Purpose", "prefetch;prerender"),
            ("Purpose", "prefetch"),
            ("X-Moz", "prefetch"),
            ("X-Purpose", "preview"),
        ):
            self.assertEqual(self.hit(**{header: value}).status_code, 204)
        self.assertEqual(views(self.article), 0)

    def test_other_sites_count_nothing(self):
        for headers in (
            {"sec_fetch_site": "cross-site"},
            {"sec_fetch_site": "same-site"},
            {"sec_fetch_site": "none"},
            {"origin": "https://spam.example"},
            {"origin": "null"},
        ):
            with self.subTest(headers=headers):
                self.assertEqual(self.hit(**headers).status_code, 403)
        self.assertEqual(views(self.article), 0)
        self.assertEqual(self.hit(origin="http://testserver").status_code, 204)
        self.assertEqual(self.hit(sec_fetch_site="same-origin", agent=LAPTOP).status_code, 204)
        self.assertEqual(views(self.article), 2)

    def test_what_is_not_public_counts_nothing(self):
        later = timezone.now() + timedelta(hours=1)
        for article in (
            make_article(status="draft", publish_at=None),
            make_article(status="withdrawn", released_at=timezone.now()),
            make_article(publish_at=later),
        ):
            self.assertEqual(self.hit(article).status_code, 204)
        for number in (999_999, 2**63 - 1, 2**63, 10**40):
            response = self.client.post(f"/hit/{number}/", HTTP_USER_AGENT=PHONE)
            self.assertEqual(response.status_code, 204)
        self.assertFalse(Visit.objects.exists())

    def test_members_only_article_is_counted_too(self):
        article = make_article(audience="members")
        self.login(self.bob)
        self.hit(article)
        self.assertEqual(views(article), 1)

    def test_one_address_cannot_be_a_crowd(self):
        with mock.patch.object(counting.HITS_FROM_ONE_ADDRESS, "times", 3):
            for n in range(5):
                self.assertEqual(self.hit(agent=f"{PHONE} {n}").status_code, 204)
            self.assertEqual(views(self.article), 3)
            self.hit(address="203.0.113.8")
            self.assertEqual(views(self.article), 4)

    def test_a_visitor_costs_no_query_and_a_member_only_the_session(self):
        with override_settings(VIEWS_FLUSH_SECONDS=5), mock.patch.object(counting, "Thread"):
            self.addCleanup(counting.waiting.begin)
            self.login(None)
            with self.assertNumQueries(0):
                self.hit()
            self.login(self.alice)
            with self.assertNumQueries(2):
                self.hit(agent=LAPTOP)
            self.assertEqual(len(counting.waiting.entries), 2)

    def test_only_posts_are_taken(self):
        url = reverse("hit", args=[self.article.pk])
        for method in ("get", "head", "put", "delete"):
            response = getattr(self.client, method)(url, HTTP_USER_AGENT=PHONE)
            self.assertEqual(response.status_code, 405, method)
        self.assertEqual(views(self.article), 0)

    def test_page_has_the_beacon_for_the_public_article_alone(self):
        draft = make_article(status="draft", publish_at=None)
        self.login(self.wei)
        url = reverse("hit", args=[self.article.pk])
        self.assertContains(self.client.get(self.article.get_absolute_url()), f'data-hit="{url}"')
        self.assertNotContains(self.client.get(draft.get_absolute_url()), "data-hit")


class VisitorTests(SimpleTestCase):
    def test_name_is_the_same_for_one_reader_and_day_alone(self):
        name = visitor_of("203.0.113.7", PHONE, DAY)
        self.assertEqual(name, visitor_of("203.0.113.7", PHONE, DAY))
        self.assertRegex(name, re.compile(r"^[A-Za-z0-9_-]{22}\Z"))
        others = {
            visitor_of("203.0.113.8", PHONE, DAY),
            visitor_of("203.0.113.7", LAPTOP, DAY),
            visitor_of("203.0.113.7", PHONE, DAY + timedelta(days=1)),
        }
        with override_settings(SECRET_KEY="another"):
            others.add(visitor_of("203.0.113.7", PHONE, DAY))
        self.assertEqual(len(others - {name}), 4)

    def test_day_is_that_of_pocatello(self):
        midnight = datetime(2026, 1, 1, 7, tzinfo=UTC)
        self.assertEqual(counting.today(midnight - timedelta(seconds=1)), date(2025, 12, 31))
        self.assertEqual(counting.today(midnight), date(2026, 1, 1))
        with timezone.override("Asia/Shanghai"):
            self.assertEqual(counting.today(midnight - timedelta(seconds=1)), date(2025, 12, 31))

    def test_visitor_without_a_session_cookie_is_asked_for_no_account(self):
        request = RequestFactory().post("/hit/1/", HTTP_USER_AGENT=PHONE)  # has no user at all
        self.assertTrue(counting.is_reader(request))


class TurnstileTests(SimpleTestCase):
    def test_lets_pass_again_after_a_minute(self):
        with mock.patch.object(counting, "monotonic", return_value=1000) as clock:
            turnstile = counting.Turnstile(times=2)
            passed = [turnstile.lets_pass("a") for _n in range(3)]
            self.assertEqual([*passed, turnstile.lets_pass("b")], [True, True, False, True])
            clock.return_value = 1061
            self.assertTrue(turnstile.lets_pass("a"))

    def test_forgets_addresses_rather_than_growing(self):
        turnstile = counting.Turnstile(times=2)
        with mock.patch.object(counting.Turnstile, "MOST_ADDRESSES", 10):
            for n in range(100):
                turnstile.lets_pass(str(n))
        self.assertLessEqual(len(turnstile.passed), 10)


class BufferTests(CastTestCase):
    """The buffer without its thread; the database's part is the same with it."""

    def setUp(self):
        super().setUp()
        self.thread = self.enterContext(mock.patch.object(counting, "Thread"))
        self.buffer = Buffer()

    def add(self, *visitors, article=None, day=DAY, buffer=None):
        for visitor in visitors:
            (buffer or self.buffer).add((day, (article or self.article).pk, visitor))

    def test_two_processes_write_a_reader_once(self):
        other = Buffer()
        self.add("a", "b")
        self.add("b", "c", buffer=other)
        self.buffer.flush()
        other.flush()
        self.assertEqual(set(Visit.objects.values_list("visitor", flat=True)), {"a", "b", "c"})
        self.assertEqual(views(self.article), 3)

    def test_a_reader_who_was_counted_is_not_written_again(self):
        self.add("a")
        self.buffer.flush()
        self.assertEqual(views(self.article), 1)
        self.add("a", "a")
        self.buffer.flush()
        self.assertEqual(views(self.article), 1)
        self.add("a", day=DAY + timedelta(days=1))
        self.buffer.flush()
        self.assertEqual(views(self.article), 2)

    def test_writes_all_at_once(self):
        articles = [make_article() for _n in range(3)]
        for n in range(100):
            self.add(f"reader {n}", article=articles[n % 3])
        with self.assertNumQueries(2):
            self.assertEqual(self.buffer.flush(), 100)
        self.assertEqual(Visit.objects.count(), 100)
        with self.assertNumQueries(0):
            self.assertEqual(self.buffer.flush(), 0)

    def test_failure_keeps_everything_for_the_next_time(self):
        self.add("a", "b")
        with mock.patch.object(
            Visit.objects, "bulk_create", side_effect=OperationalError("locked")
        ):
            with self.assertRaises(OperationalError):
                self.buffer.flush()
            self.add("c")
        self.assertEqual(len(self.buffer.entries), 3)
        self.buffer.flush()
        self.assertEqual(Visit.objects.count(), 3)

    def test_views_of_an_article_that_is_gone_meanwhile_vanish(self):
        deleted, withdrawn = make_article(), make_article()
        self.add("a", article=deleted)
        self.add("a", article=withdrawn)
        self.add("a")
        deleted.delete()
        Article.objects.filter(pk=withdrawn.pk).update(status="withdrawn")
        self.buffer.flush()
        self.assertEqual(Visit.objects.get().article_id, self.article.pk)
        self.assertEqual(self.buffer.entries, set())

    def test_is_bounded(self):
        with mock.patch.object(counting, "MOST_WAITING", 3):
            self.add("a", "b", "c", "d")
        self.assertEqual(len(self.buffer.entries), 3)

    def test_thread_starts_with_the_first_view_and_is_woken_by_many(self):
        self.thread.assert_not_called()
        with mock.patch.object(counting, "FLUSH_AT", 3):
            self.add("a", "b")
            self.assertFalse(self.buffer.full.is_set())
            self.add("c")
        self.assertTrue(self.buffer.full.is_set())
        self.thread.return_value.start.assert_called_once_with()
        self.assertTrue(self.thread.call_args.kwargs["daemon"])

    def test_failing_thread_waits_and_tries_again(self):
        self.add("a")
        waited = []
        with (
            mock.patch.object(counting, "sleep", waited.append),
            mock.patch.object(counting, "connection"),
            mock.patch.object(counting, "flush_seconds", return_value=0.001),
            mock.patch.object(
                counting, "write", side_effect=[OperationalError("locked"), ValueError, None]
            ) as write,
            self.assertLogs("caisu.news.counting") as logs,
        ):
            self.buffer.run()
        self.assertEqual((write.call_count, waited), (3, [0.001, 0.001]))
        self.assertIn("1 views wait for the database", logs.output[0])
        self.assertEqual((self.buffer.entries, self.buffer.thread), (set(), None))


class CountTests(CastTestCase):
    def visits(self, number, article=None, day=DAY, start=0):
        Visit.objects.bulk_create(
            Visit(day=day, article=article or self.article, visitor=f"reader {n}")
            for n in range(start, start + number)
        )

    def daily(self):
        return sorted(DailyViews.objects.values_list("day", "article", "count"))

    def test_adds_to_articles_and_days_and_counts_nothing_twice(self):
        other, changed = make_article(), self.article.updated_at
        self.visits(3)
        self.visits(2, other)
        self.visits(1, other, DAY - timedelta(days=1))
        self.assertEqual(count_visits(), 6)
        self.assertEqual(count_visits(), 0)
        self.visits(4, start=10)
        self.assertEqual(count_visits(), 4)
        self.article.refresh_from_db()
        other.refresh_from_db()
        self.assertEqual((self.article.view_count, other.view_count), (7, 3))
        self.assertEqual(self.article.updated_at, changed)
        self.assertEqual(
            self.daily(),
            [
                (DAY - timedelta(days=1), other.pk, 1),
                (DAY, self.article.pk, 7),
                (DAY, other.pk, 2),
            ],
        )

    def test_many_are_counted_some_at_a_time(self):
        self.visits(10)
        with mock.patch.object(counting, "COUNTED_AT_ONCE", 3):
            self.assertEqual(count_visits(), 10)
        self.assertEqual(views(self.article), 10)
        self.assertEqual(self.daily(), [(DAY, self.article.pk, 10)])

    def test_statements_do_not_grow_with_the_articles(self):
        def count():
            with self.assertNumQueries(8):  # two of them for the savepoint
                count_visits()

        self.visits(1)
        count()
        for _n in range(20):
            self.visits(1, make_article())
        count()

    def test_failure_in_between_counts_nothing(self):
        self.visits(3)
        with (
            mock.patch.object(DailyViews.objects, "bulk_create", side_effect=OperationalError),
            self.assertRaises(OperationalError),
        ):
            count_visits()
        self.article.refresh_from_db()
        self.assertEqual(self.article.view_count, 0)
        self.assertEqual(views(self.article), 3)

    def test_article_deleted_meanwhile_takes_its_views_along(self):
        gone = make_article()
        self.visits(2, gone)
        self.visits(1)
        gone.delete()
        self.assertEqual(count_visits(), 1)
        self.assertEqual(self.daily(), [(DAY, self.article.pk, 1)])

    def test_visits_are_forgotten_when_their_day_is_over(self):
        noon = datetime(2026, 11, 23, 19, tzinfo=UTC)
        self.visits(2, day=DAY - timedelta(days=1))
        count_visits()
        self.visits(1, day=DAY)
        self.visits(1, day=DAY - timedelta(days=1), start=5)  # nobody counted it yet
        count_visits()
        Visit.objects.filter(visitor="reader 5").update(is_counted=False)
        self.assertEqual(forget_visits(noon), 2)
        left = set(Visit.objects.values_list("day", "visitor"))
        self.assertEqual(left, {(DAY, "reader 0"), (DAY - timedelta(days=1), "reader 5")})
        self.assertEqual(sum(count for _day, _article, count in self.daily()), 4)

    def test_worker_does_both_by_the_clock(self):
        self.visits(2, day=DAY - timedelta(days=1))
        self.assertIn("news.jobs.count_views", PERIODIC)
        self.assertIn("news.jobs.forget_visits", PERIODIC)
        jobs.count_views()
        self.assertEqual(Article.objects.get(pk=self.article.pk).view_count, 2)
        jobs.forget_visits()
        self.assertFalse(Visit.objects.filter(day__lt=counting.today()).exists())


# A process of the site on the database of the test.
BEGIN = """
import json, os, signal, sys, time
from django.conf import settings
given = json.loads(os.environ["COUNTING_TEST"])
settings.DATABASES["default"]["NAME"] = given["name"]
settings.VIEWS_FLUSH_SECONDS = given["seconds"]
import django
django.setup()
from datetime import date
from news import counting
day, article = date(2026, 11, 23), given["article"]
"""

# gunicorn as `manage.py run` starts it, with its settings made before it forks.
SERVER = """
from gunicorn.app.base import BaseApplication

class Site(BaseApplication):
    def load_config(self):
        self.cfg.set("bind", f"127.0.0.1:{given['port']}")
        self.cfg.set("workers", 2)
        self.cfg.set("threads", 4)
        self.cfg.set("loglevel", "warning")

    def load(self):
        from django.core.wsgi import get_wsgi_application
        return get_wsgi_application()

settings.ALLOWED_HOSTS = ["127.0.0.1"]
Site().run()
"""


class ProcessTests(TransactionTestCase):
    """With real threads, processes and ends."""

    def setUp(self):
        author = make_member("alice")
        self.article = make_article(author=author)

    def start(self, script, seconds=60, **given):
        given = {
            "name": str(connection.settings_dict["NAME"]),
            "article": self.article.pk,
            "seconds": seconds,
            **given,
        }
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + script],
            env={**os.environ, "COUNTING_TEST": json.dumps(given)},
            cwd=settings.BASE_DIR,
        )
        self.addCleanup(process.wait)
        self.addCleanup(process.kill)
        return process

    def wait_for(self, what, seconds=30):
        end = time.monotonic() + seconds
        while not what():
            self.assertLess(time.monotonic(), end, "waited in vain")
            time.sleep(0.05)

    def visitors(self):
        return sorted(Visit.objects.values_list("visitor", flat=True))

    def test_thread_writes_after_its_time_and_ends(self):
        with override_settings(VIEWS_FLUSH_SECONDS=0.05):
            buffer = Buffer()
            buffer.add((DAY, self.article.pk, "a"))
            thread = buffer.thread
            buffer.add((DAY, self.article.pk, "b"))
            self.assertTrue(thread.daemon)
            thread.join(10)
        self.assertFalse(thread.is_alive())
        self.assertIsNone(buffer.thread)
        self.assertEqual(self.visitors(), ["a", "b"])

    @skipUnless(connection.vendor == "sqlite", "one writer at a time is SQLite's own rule")
    def test_locked_database_keeps_what_waits(self):
        buffer = Buffer()
        with override_settings(VIEWS_FLUSH_SECONDS=0.05):
            with (
                mock.patch.dict(connection.settings_dict["OPTIONS"], {"timeout": 0.01}),
                self.assertLogs("caisu.news.counting"),
                transaction.atomic(),
            ):
                Article.objects.filter(pk=self.article.pk).update(is_featured=True)
                buffer.add((DAY, self.article.pk, "a"))
                thread = buffer.thread
                time.sleep(0.3)
                self.assertTrue(thread.is_alive())
            thread.join(10)
        self.assertFalse(thread.is_alive())
        self.assertEqual(self.visitors(), ["a"])

    def test_process_that_ends_in_order_loses_nothing(self):
        script = "for n in range(3): counting.note(article, f'reader {n}', day)"
        self.assertEqual(self.start(script).wait(60), 0)
        self.assertEqual(len(self.visitors()), 3)

    def test_process_that_fails_loses_nothing_either(self):
        script = "counting.note(article, 'a', day)\nsys.exit(3)"
        self.assertEqual(self.start(script).wait(60), 3)
        self.assertEqual(self.visitors(), ["a"])

    def test_end_waits_for_the_thread_in_the_middle_of_its_work(self):
        script = """
write = counting.write
def slowly(entries):
    print("begun", file=sys.stderr, flush=True)
    time.sleep(1)
    write(entries)
counting.write = slowly
counting.note(article, "a", day)
time.sleep(0.5)
assert not counting.waiting.entries
"""
        self.assertEqual(self.start(script, seconds=0.01).wait(60), 0)
        self.assertEqual(self.visitors(), ["a"])

    def test_crash_loses_the_buffer_and_no_more(self):
        script = """
counting.note(article, "written", day)
counting.waiting.flush()
counting.note(article, "lost", day)
os.kill(os.getpid(), signal.SIGKILL)
"""
        self.assertEqual(self.start(script).wait(60), -signal.SIGKILL)
        self.assertEqual(self.visitors(), ["written"])

    def test_child_begins_with_a_buffer_and_a_thread_of_its_own(self):
        script = """
counting.note(article, "parent", day)
pid = os.fork()
if not pid:
    assert not counting.waiting.entries and counting.waiting.thread is None
    counting.note(article, "child", day)
    sys.exit(0)
assert os.waitpid(pid, 0)[1] == 0
from news.models import Visit
assert [visit.visitor for visit in Visit.objects.all()] == ["child"]
"""
        self.assertEqual(self.start(script).wait(60), 0)
        self.assertEqual(self.visitors(), ["child", "parent"])

    def test_server_that_is_told_to_stop_has_counted_everybody(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        process = self.start(SERVER, port=port)
        path = f"/hit/{self.article.pk}/"
        self.wait_for(lambda: post(port, path, "reader 0"))
        for n in range(20):
            self.assertEqual(post(port, path, f"reader {n}"), 204)
        self.assertEqual(self.visitors(), [])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(30), 0)
        self.assertEqual(len(self.visitors()), 20)
        self.assertEqual(count_visits(), 20)


def post(port, path, agent):
    """The status of a beacon from a browser that calls itself ``agent``; 0 while nobody listens."""
    server = HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        server.request("POST", path, b"", {"User-Agent": f"{PHONE} {agent}"})
        return server.getresponse().status
    except OSError:
        return 0
    finally:
        server.close()
