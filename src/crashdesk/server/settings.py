"""Translates our settings and the data directory's ``server.json`` into Django's names; no default of its own."""

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONE, SELF

from crashdesk import settings as crashdesk_settings
from crashdesk.server import installation
from crashdesk.server.databases import main_database
from crashdesk.server.intake import sqlite
from crashdesk.server.triage.assets import static_address

sqlite.swap_in()

_data: Path | None = crashdesk_settings.value("data")
_facts: dict[str, Any] = (installation.find(_data) if _data else None) or {}
_database: str = installation.database_of(_data, _facts) if _data else ""

DEBUG = False
SECRET_KEY = _facts.get("secret_key", "only-for-commands-that-serve-nobody")
CRASHDESK_DATA = _data
CRASHDESK_URL = _facts.get("url", "")

INSTALLED_APPS = [
    "crashdesk.server.projects",
    "crashdesk.server.accounts",
    "crashdesk.server.events",
    "crashdesk.server.issues",
    "crashdesk.server.feedback",
    "crashdesk.server.outcomes",
    "crashdesk.server.sessions",
    "crashdesk.server.releases",
    "crashdesk.server.symbols",
    "crashdesk.server.triage",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_htmx",
    "allauth",
    "allauth.account",
]
AUTH_USER_MODEL = "accounts.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TIME_ZONE = "UTC"

DATABASES = {"default": main_database(_database, (_data / "main.sqlite") if _data else None)}

# The web process: addresses, pages, login. Whatever a view forgets is closed: login is required unless a view says no.
_address = urlsplit(CRASHDESK_URL)
_is_https = _address.scheme == "https"
_port = f"_{_address.port}" if _address.port else ""  # browsers do not tell apart the ports of one host
_here = Path(__file__).parent

ALLOWED_HOSTS = [*filter(None, [_address.hostname]), "localhost", "127.0.0.1", "[::1]"]
FILE_UPLOAD_HANDLERS = ["crashdesk.server.api.parts.UnnamedFiles"]
ROOT_URLCONF = "crashdesk.server.urls"
MIDDLEWARE = [
    "crashdesk.server.triage.middleware.request_numbered",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "crashdesk.server.triage.middleware.hostile_text_shown",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [_here / "triage" / "templates"],  # before the libraries' own pages
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "crashdesk.server.triage.context.every_page",
            ],
            "builtins": ["django.templatetags.i18n", "django.templatetags.static"],
        },
    }
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}
X_FRAME_OPTIONS = "DENY"
SECURE_HSTS_SECONDS = 31_536_000 if _is_https else 0

LOGGING = {  # what a stranger asks for and does not get is no event; what fails in a view is logged by triage.errors
    "version": 1,
    "disable_existing_loggers": False,
    "loggers": {
        "django": {"level": "ERROR"},
        "django.request": {"level": "CRITICAL"},
        "django.security": {"level": "CRITICAL"},
    },
}

STATICFILES_DIRS = [_here / "static"]
STATIC_URL = static_address(_here / "static")  # changes with the files, so browsers may keep them for ever
WHITENOISE_USE_FINDERS = True
WHITENOISE_IMMUTABLE_FILE_TEST = r"^/static/"

SESSION_COOKIE_NAME = f"crashdesk_session{_port}"
SESSION_COOKIE_SECURE = _is_https
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_NAME = f"crashdesk_csrf{_port}"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = _is_https
CSRF_FAILURE_VIEW = "crashdesk.server.triage.errors.stale_form"
CSRF_TRUSTED_ORIGINS = [f"{_address.scheme}://{_address.netloc}"] if _address.netloc else []

AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "issues"
ACCOUNT_ADAPTER = "crashdesk.server.triage.login.Adapter"
ACCOUNT_FORMS = {"login": "crashdesk.server.triage.login.LoginForm"}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {"login": "30/m/ip", "login_failed": "10/m/ip,5/5m/key"}
