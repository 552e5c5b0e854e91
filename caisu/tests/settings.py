"""Settings of the test suite: those of the site, from an environment of their own.

What the shell or var/local.env say is of no account, but for DATABASE_URL: the suite runs on SQLite
and on PostgreSQL. Nothing is written outside the directory that fixtures.py makes and takes away.
"""

import os
from pathlib import Path

os.environ.update(
    CAISU_ENV_FILE="",
    SECRET_KEY="not secret: sessions of the tests die with them",
    SITE_URL="http://testserver",
    DATABASE_URL=os.environ.get("DATABASE_URL") or "sqlite://:memory:",
    CACHE_URL="locmemcache://",
    EMAIL_URL="memorymail://",
)
for _name in (
    "ADMIN_PATH",
    "ALLOWED_HOSTS",
    "CSRF_TRUSTED_ORIGINS",
    "DEBUG",
    "EMAIL_FROM",
    "MEDIA_ACCEL",
    "SECRET_KEY_FALLBACKS",
    "STAFF_SECOND_FACTOR",
    "STORAGE_URL",
    "TIME_ZONE",
    "TRUSTED_PROXIES",
):
    os.environ.pop(_name, None)

from caisu.settings import *  # noqa: E402, F403
from caisu.settings import DATABASES, STORAGES, VAR_DIR  # noqa: E402

# Tools that read these settings without pytest (mypy, makemessages) write nothing.
VAR_DIR = Path(os.environ.get("CAISU_TESTS_DIR", VAR_DIR / "tests"))
MEDIA_ROOT = VAR_DIR / "media"
STATIC_ROOT = VAR_DIR / "static"

if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # A file, not memory: in memory all threads of the live server share one connection, and a page
    # and the beacon beside it crash the process.
    DATABASES["default"] |= {
        "NAME": VAR_DIR / "db.sqlite3",
        "TEST": {"NAME": VAR_DIR / "tests.sqlite3"},
    }

# A manifest would need collectstatic before each run.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
# Slow by design, and every member of the cast has a password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

# At once: a thread that writes later would outlive its test.
VIEWS_FLUSH_SECONDS = 0

# The cast works at the desk without one; what it asks for has tests of its own.
STAFF_SECOND_FACTOR = False
