from datetime import UTC, datetime
from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import connection
from django.test import SimpleTestCase, TestCase, override_settings

from caisu.core import throttling
from caisu.core.throttling import Limit, TooManyRequests


class LimitTests(SimpleTestCase):
    limit = Limit("test", times=2, seconds=60)

    def setUp(self):
        cache.clear()

    def hits(self, key, at, count):
        with patch.object(throttling, "clock", return_value=at):
            for _n in range(count):
                self.limit.hit(key)

    def test_third_in_a_window_is_one_too_many(self):
        self.hits("a", 600, 2)
        with self.assertRaises(TooManyRequests) as caught:
            self.hits("a", 615, 1)
        self.assertEqual(caught.exception.retry_after, 46)

    def test_keys_and_windows_are_counted_apart(self):
        self.hits("a", 600, 2)
        self.hits("b", 600, 2)
        self.hits("a", 660, 2)


@override_settings(
    CACHES={
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "core_cache",
            "TIMEOUT": 300,
        }
    }
)
class DatabaseCacheTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        call_command("createcachetable", verbosity=0)

    def test_long_window_is_not_forgotten_after_five_minutes(self):
        day = Limit("day", times=2, seconds=24 * 3600)
        for _n in range(2):
            day.hit("a")
        with connection.cursor() as cursor:
            cursor.execute("SELECT MAX(expires) FROM core_cache")
            expires = cursor.fetchone()[0]
        left = datetime.fromisoformat(str(expires)).replace(tzinfo=UTC) - datetime.now(UTC)
        self.assertGreater(left.total_seconds(), 23 * 3600)


def test_counts_are_shared_through_a_real_valkey(valkey_url):
    """The same limit over a Valkey server, as with CACHE_URL=redis://…"""
    caches = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": valkey_url,
        }
    }
    limit = Limit("valkey", times=1, seconds=3600)
    with override_settings(CACHES=caches):
        cache.clear()
        limit.hit("a")
        with pytest.raises(TooManyRequests) as caught:
            limit.hit("a")
    assert 0 < caught.value.retry_after <= 3601
