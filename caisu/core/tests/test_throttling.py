from unittest.mock import patch

import pytest
from django.core.cache import cache
from django.test import SimpleTestCase, override_settings

from caisu.core import throttling
from caisu.core.throttling import Limit, TooManyRequests


class LimitTests(SimpleTestCase):
    limit = Limit("test", times=2, seconds=60)

    def setUp(self):
        cache.clear()

    def hits(self, key, at, count):
        with patch.object(throttling.time, "time", return_value=at):
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
