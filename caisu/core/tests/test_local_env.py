import os
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from django.conf import settings
from django.test import SimpleTestCase

from caisu.core import local_env


class LocalEnvTests(SimpleTestCase):
    def setUp(self):
        directory = TemporaryDirectory()
        self.addCleanup(directory.cleanup)
        self.var = Path(directory.name) / "var"
        for name, value in (("VAR_DIR", self.var), ("LOCAL_ENV", self.var / "local.env")):
            patcher = patch.object(local_env, name, value)
            patcher.start()
            self.addCleanup(patcher.stop)

    def test_first_start_writes_a_secret_for_its_owner_alone(self):
        with patch.dict(os.environ, {"PORT": "8123"}):
            self.assertTrue(local_env.ensure_local_env())
        file = self.var / "local.env"
        self.assertEqual(file.stat().st_mode & 0o777, 0o600)
        self.assertIn("SITE_URL=http://127.0.0.1:8123\n", file.read_text())
        before = file.read_text()
        self.assertFalse(local_env.ensure_local_env())
        self.assertEqual(file.read_text(), before)

    def test_address_follows_the_port_on_this_machine_only(self):
        local_env.ensure_local_env()
        with patch.dict(os.environ, {"PORT": "9000"}):
            os.environ.pop("SITE_URL", None)
            local_env.follow_address()
            self.assertEqual(os.environ["SITE_URL"], "http://127.0.0.1:9000")
        (self.var / "local.env").write_text("SITE_URL=https://caisu.example.org\n")
        with patch.dict(os.environ, {"PORT": "9000"}):
            os.environ.pop("SITE_URL", None)
            local_env.follow_address()
            self.assertNotIn("SITE_URL", os.environ)


class SecretTests(SimpleTestCase):
    def test_without_a_secret_the_site_refuses_and_says_how_to_make_one(self):
        environment = {
            k: v for k, v in os.environ.items() if k not in {"SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        }
        environment["CAISU_ENV_FILE"] = ""
        result = subprocess.run(
            [sys.executable, "manage.py", "check"],
            cwd=settings.BASE_DIR,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("SECRET_KEY is not set", result.stderr)
        self.assertIn("secrets.token_urlsafe", result.stderr)
