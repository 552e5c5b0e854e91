from datetime import UTC, date, datetime, timedelta
from unittest.mock import patch

from django.test import RequestFactory, SimpleTestCase
from django.utils.translation import override

from caisu.core.templatetags import site as tags

NOW = datetime(2026, 11, 23, 20, 30, tzinfo=UTC)  # half past one in Pocatello


class TimeTests(SimpleTestCase):
    def ago(self, **spent):
        return tags._ago(NOW - timedelta(**spent), NOW)

    def test_english(self):
        with override("en"):
            self.assertEqual(self.ago(seconds=20), "just now")
            self.assertEqual(self.ago(minutes=1), "1 minute ago")
            self.assertEqual(self.ago(minutes=59), "59 minutes ago")
            self.assertEqual(self.ago(hours=3), "3 hours ago")
            self.assertEqual(self.ago(hours=19), "yesterday 18:30")
            self.assertEqual(self.ago(days=3), "November 20, 2026")
            self.assertEqual(tags.long_date(NOW), "Monday, November 23, 2026")
            self.assertEqual(tags.date_and_time(NOW), "November 23, 2026, 13:30")

    def test_chinese(self):
        with override("zh-hans"):
            self.assertEqual(self.ago(seconds=20), "刚刚")
            self.assertEqual(self.ago(minutes=5), "5 分钟前")
            self.assertEqual(self.ago(hours=19), "昨天 18:30")
            self.assertEqual(self.ago(days=3), "2026年11月20日")
            self.assertEqual(tags.long_date(NOW), "2026年11月23日 星期一")

    def test_machines_get_the_exact_time(self):
        with override("en"):
            self.assertIn('datetime="2026-11-23T13:30:00-07:00"', tags.ago(NOW))

    def test_lunar_date_and_solar_term(self):
        self.assertEqual(tags.lunar(date(2026, 11, 22)), "十月十四 小雪")
        self.assertEqual(tags.lunar(date(2026, 11, 23)), "十月十五 小雪")
        self.assertEqual(tags.lunar(date(2026, 2, 17)), "正月初一 立春")
        self.assertEqual(tags.lunar(date(2025, 7, 30)), "闰六月初六 大暑")


class LinkTests(SimpleTestCase):
    def context(self, path):
        return {"request": RequestFactory().get(path)}

    def test_way_back_leads_to_this_very_place(self):
        with override("en"):
            url = tags.with_next(
                self.context("/en/news/2026/snow/?from=3"), "account_login", "#comments"
            )
            self.assertEqual(
                url, "/en/accounts/login/?next=%2Fen%2Fnews%2F2026%2Fsnow%2F%3Ffrom%3D3%23comments"
            )
            url = tags.with_next(self.context("/en/accounts/login/?next=/en/x/"), "account_signup")
            self.assertEqual(url, "/en/accounts/signup/?next=%2Fen%2Fx%2F")

    def test_switch_leads_to_the_other_language(self):
        with override("en"):
            self.assertEqual(
                tags.switch_url(self.context("/en/?q=1")),
                "/language/zh-hans/?next=%2Fen%2F%3Fq%3D1",
            )

    def test_canonical_addresses_are_absolute(self):
        with override("en"), self.settings(SITE_URL="https://caisu.example.org"):
            context = self.context("/en/news/?x=1")
            self.assertEqual(tags.absolute(context), "https://caisu.example.org/en/news/")
            self.assertEqual(
                tags.absolute(context, language="zh-hans"),
                "https://caisu.example.org/zh-hans/news/",
            )

    def test_data_for_machines_cannot_leave_its_block(self):
        block = tags.json_ld(at_type="NewsArticle", headline="</script><!-- &", image="")
        self.assertEqual(block.count("</script>"), 1)
        self.assertNotIn("<!--", block)
        self.assertNotIn("image", block)


class MastheadTests(SimpleTestCase):
    def test_day_is_pocatellos(self):
        late = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
        with patch.object(tags.timezone, "now", return_value=late):
            self.assertEqual(tags.today()["now"].day, 23)
