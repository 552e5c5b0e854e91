"""The one settings file. Nothing has to be set but SECRET_KEY; production differs by environment only.

Values come from the environment, then from ``var/local.env`` (written by ``manage.py run``).
docs/settings.md describes each of them.
"""

import os
from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"

env = environ.Env()
ENV_FILE = os.environ.get("CAISU_ENV_FILE", VAR_DIR / "local.env")
if ENV_FILE and Path(ENV_FILE).is_file():
    env.read_env(ENV_FILE)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. On your own machine, start with “python manage.py run”, which makes "
        "one in var/local.env. On a server, put a line into the environment or var/local.env: "
        "SECRET_KEY=$(python3 -c 'import secrets; print(secrets.token_urlsafe(50))')"
    )
# Former keys, the newest first: what they have signed and encrypted can still be read.
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])

DEBUG = env.bool("DEBUG", default=False)
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
_site = urlsplit(SITE_URL)
HTTPS = _site.scheme == "https"
LOOPBACK = _site.hostname in {"127.0.0.1", "localhost", "::1"}
ALLOWED_HOSTS = env.list(
    "ALLOWED_HOSTS",
    default=["127.0.0.1", "localhost", "[::1]"] if LOOPBACK else [_site.hostname or ""],
)
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[SITE_URL])
# Number of proxies in front whose X-Forwarded-For is believed; 0 means none.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)
ADMIN_PATH = env.str("ADMIN_PATH", default="admin/").strip("/") + "/"

# --- Applications: the roof names them all; which may import which is in pyproject.toml.

INSTALLED_APPS = [
    "caisu.search",
    "caisu.demo",
    "news.comments",
    "news",
    "members.moderation",
    "members.notifications",
    "members",
    "caisu.core",
    "caisu.core.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.humanize",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django_prose_editor",
    "django_tasks",
    "django_tasks_db",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "allauth.socialaccount",
    # Off until the webmaster adds keys of theirs in the admin.
    "allauth.socialaccount.providers.google",
    "allauth.socialaccount.providers.github",
    "allauth.socialaccount.providers.weixin",
]

MIDDLEWARE = [
    "caisu.core.middleware.ClientAddressMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "caisu.core.middleware.ContentSecurityPolicyMiddleware",
    "caisu.core.middleware.PrivatePagesMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "caisu.core.middleware.TooManyRequestsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "members.middleware.LastSeenMiddleware",
    "members.middleware.SecondFactorMiddleware",
    "members.middleware.ReauthenticationMiddleware",
    "members.middleware.TermsMiddleware",
]

ROOT_URLCONF = "caisu.urls"
WSGI_APPLICATION = "caisu.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "caisu.core.context.languages",
                "caisu.core.context.theme",
            ],
        },
    },
]

# --- Data

DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{VAR_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    DATABASES["default"]["OPTIONS"] = {
        # Writers queue for the lock at the start of a transaction instead of failing in its middle.
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA mmap_size=134217728;",
    }
else:
    DATABASES["default"]["CONN_MAX_AGE"] = env.int("CONN_MAX_AGE", default=300)
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# In-process memory would count rate limits per process, so the default cache is the database's.
CACHES = {"default": env.cache("CACHE_URL", default="dbcache://core_cache")}
# Django's default of 300 would throw limits out to make room for views.
if CACHES["default"]["BACKEND"].endswith("DatabaseCache"):
    CACHES["default"].setdefault("OPTIONS", {}).setdefault("MAX_ENTRIES", 10_000)

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 60 * 60 * 24 * 30

_email = env.str("EMAIL_URL", default="")
if _email:
    vars().update(env.email_url_config(_email))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = VAR_DIR / "mail"
EMAIL_TIMEOUT = 20
EMAIL_FROM = env.str("EMAIL_FROM", default=f"CAISU <no-reply@{_site.hostname}>")
DEFAULT_FROM_EMAIL = SERVER_EMAIL = EMAIL_FROM

TASKS = {
    "default": {
        "BACKEND": "django_tasks_db.DatabaseBackend",
        "QUEUES": ["default", "mail", "images"],
    }
}

_storage = env.str("STORAGE_URL", default="")
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "caisu.core.static_files.Storage"},
}
if _storage:
    # s3://bucket/prefix?endpoint_url=https://… needs django-storages (requirements-extra.txt).
    _url = urlsplit(_storage)
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": _url.netloc,
            "location": _url.path.strip("/"),
            **dict(pair.split("=", 1) for pair in _url.query.split("&") if "=" in pair),
        },
    }
MEDIA_ROOT = VAR_DIR / "media"
MEDIA_URL = "/media/"
# Set to an internal nginx location (e.g. /protected/) to let nginx send the files.
MEDIA_ACCEL = env.str("MEDIA_ACCEL", default="")
FILE_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
# What browsers and phones ask for at the root, whatever a page says: favicon and touch icon.
WHITENOISE_ROOT = BASE_DIR / "static/root"
if DEBUG:
    STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# --- Language and time

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", _("Chinese")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 60 * 60 * 24 * 365
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_HTTPONLY = True
USE_I18N = True
USE_TZ = True
TIME_ZONE = env.str("TIME_ZONE", default="America/Boise")

# --- People

AUTH_USER_MODEL = "members.Member"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [{"NAME": "members.passwords.GuessableValidator"}]
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.ScryptPasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"

ACCOUNT_ADAPTER = "members.adapter.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"email", "username"}
# Whoever sets no password logs in by a mailed code or a passkey.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
ACCOUNT_SIGNUP_FORM_CLASS = "members.forms.SignupForm"
ACCOUNT_FORMS = {
    "login": "members.login_form.LoginForm",
    "confirm_email_verification_code": "members.login_form.ConfirmEmailForm",
    "confirm_login_code": "members.login_form.ConfirmLoginForm",
    "confirm_password_reset_code": "members.login_form.ConfirmResetForm",
    "signup": "members.signup_form.SignupForm",
    "add_email": "members.security_forms.AddEmailForm",
}
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = 30 * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 30 * 60
ACCOUNT_PASSWORD_RESET_BY_CODE_MAX_ATTEMPTS = 5
# As long as the codes live: a login waits no longer than this for its next step.
ACCOUNT_LOGIN_TIMEOUT = 30 * 60
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 30 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
# A second, personal address beside that of the university, which ends with the degree.
ACCOUNT_MAX_EMAIL_ADDRESSES = 2
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_PRESERVE_USERNAME_CASING = False
# The rest are allauth's own. A campus shares few addresses: an evening of newcomers must pass.
ACCOUNT_RATE_LIMITS = {
    "signup": "60/m/ip",
    "login": "120/m/ip",
    "login_failed": "60/m/ip,5/5m/key",
    "confirm_email": "1/10s/key,4/10m/key,10/d/key",
    # By the address that is typed, known or not: six codes a quarter of an hour, and an end.
    "request_login_code": "60/m/ip,3/m/key,6/15m/key,20/d/key",
    "reset_password": "60/m/ip,3/m/key,6/15m/key,20/d/key",
    "reset_password_from_key": "60/m/ip",
}
MFA_FORMS = {
    "add_webauthn": "members.security_forms.AddPasskeyForm",
    "edit_webauthn": "members.security_forms.EditPasskeyForm",
    "login_webauthn": "members.security_forms.LoginByPasskeyForm",
    "authenticate_webauthn": "members.security_forms.SecondStepByPasskeyForm",
    "reauthenticate_webauthn": "members.security_forms.ReauthenticateByPasskeyForm",
}
MFA_ADAPTER = "members.second_factor.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
# Browsers know passkeys on https and on localhost only.
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = LOOPBACK and not HTTPS
# Who works at the desk proves it by a second factor; a site on one's own machine does not ask.
STAFF_SECOND_FACTOR = env.bool("STAFF_SECOND_FACTOR", default=not LOOPBACK)
SOCIALACCOUNT_FORMS = {
    "signup": "members.social_forms.SignupForm",
    "disconnect": "members.social_forms.DisconnectForm",
}
SOCIALACCOUNT_ADAPTER = "members.social.SocialAccountAdapter"
# A provider's word is no reason to skip our own form: name and agreement are asked for.
SOCIALACCOUNT_AUTO_SIGNUP = False
SOCIALACCOUNT_EMAIL_AUTHENTICATION = False
SOCIALACCOUNT_STORE_TOKENS = False
ALLAUTH_USER_CODE_FORMAT = {"numeric": True, "length": 6, "dashed": False}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXIES

# --- Security

SECURE_SSL_REDIRECT = HTTPS
SECURE_REDIRECT_EXEMPT = [r"^health/$"]
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "caisu.core.views.csrf_failure"
if TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")

# --- Logs name no person: requests are logged by the proxy, tasks by their identifier.

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "caisu": {"level": "INFO"},
        # A page refused or not found is no error of ours.
        "django.request": {"level": "ERROR"},
        # The server's own error log says the rest; an address typed by a stranger is no event.
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
TEST_RUNNER = "django.test.runner.DiscoverRunner"
