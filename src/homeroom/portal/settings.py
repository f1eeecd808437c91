"""Settings of a portal's process, read once: portal.toml for what is public, and secrets/ for the one secret that this process may hold.

HOMEROOM_PORTAL names the portal's folder, and HOMEROOM_LOGIN names the process's database login. A missing or odd value stops the start.
"""

import hashlib
import os
import secrets
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from homeroom.portal.fixed import digest_of
from homeroom.portal.place import LOGINS, Place, PlaceOdd
from homeroom.portal.pooled import replaced_if_closed, with_password_of

try:
    PLACE = Place.read(Path(os.environ.get("HOMEROOM_PORTAL", "")))
except PlaceOdd as odd:
    raise ImproperlyConfigured(str(odd)) from odd

LOGIN = os.environ.get("HOMEROOM_LOGIN", "")
if LOGIN not in LOGINS:
    raise ImproperlyConfigured(f"HOMEROOM_LOGIN must be one of {', '.join(LOGINS)}.")

if LOGIN == "door":
    PLACE.factors_key()  # without it no one with a second factor could sign in, so the process must not start
PASSWORD = PLACE.password(LOGIN)  # None for owner and dump, which sign in as local peers
# Two workers of one login must read each other's CSRF cookie, and the seal of a form that waits for a proof.
SECRET_KEY = hashlib.sha256(b"django " + (PASSWORD or secrets.token_hex(32)).encode()).hexdigest()

DEBUG = False
ALLOWED_HOSTS = PLACE.hosts
ROOT_URLCONF = "homeroom.portal.door.urls" if LOGIN == "door" else "homeroom.portal.urls"
WSGI_APPLICATION = "homeroom.portal.wsgi.application"
INSTALLED_APPS = [
    "django.contrib.postgres",
    *(
        f"homeroom.portal.{room}"
        for room in (
            "access", "audit", "roster", "membership", "grades", "attendance", "news", "events", "intake", "support", "privacy", "incidents", "home", "door",
            "data_sheet", "letters",
        )
    ),
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.csp.ContentSecurityPolicyMiddleware",
    "homeroom.portal.access.headers.PrivateByDefault",
    "homeroom.portal.access.nul.WithoutNul",
    "homeroom.portal.access.cookies.OldCookies",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "homeroom.portal.access.asking.Asking",
    "homeroom.portal.door.hash_places.AnswersWhenBusy",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates", *sorted(Path(__file__).parent.glob("*/*/templates"))],  # and those of sub-rooms
        "APP_DIRS": True,
        "OPTIONS": {
            "libraries": {"i18n": "homeroom.portal.wording.i18n"},  # replaces Django's and has its tags
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.csrf",
                "homeroom.portal.access.brand.brand",
            ],
        },
    }
]
POOL = {
    "min_size": 1, "max_size": 8, "timeout": 5, "check": replaced_if_closed, "connection_class": with_password_of(PLACE, LOGIN),
}  # fmt: skip
DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.postgresql",
        **PLACE.database(LOGIN, PASSWORD),
        "CONN_MAX_AGE": 0,
        "DISABLE_SERVER_SIDE_CURSORS": True,
        "OPTIONS": {
            **PLACE.database_options(),
            **({"pool": POOL} if LOGIN in ("app", "door") else {}),
        },
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PASSWORD_HASHERS = ["homeroom.portal.door.hashing.Argon2id"]

SESSION_COOKIE = PLACE.cookie()
SUPPORT_COOKIE = PLACE.cookie("-support", path="/support")
BROWSER_COOKIE = PLACE.cookie("-browser", path="/sign-in")
# SP 800-63B-4 2.2: staff at most an hour idle and a day in all, families at most 30 days.
IDLE = {"staff": timedelta(hours=1), "family": timedelta(hours=12), "student": timedelta(hours=12)}
LONGEST = {"staff": timedelta(hours=24), "family": timedelta(hours=12), "student": timedelta(hours=12)}
OWN_DEVICE = timedelta(days=30)  # for families and students who said that no one else uses the device
CSRF_COOKIE_NAME = PLACE.cookie("-csrf")
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the form
CSRF_USE_SESSIONS = False
CSRF_COOKIE_SAMESITE = "Strict"
CSRF_COOKIE_SECURE = PLACE.is_secure
CSRF_TRUSTED_ORIGINS = PLACE.origins
CSRF_FAILURE_VIEW = "homeroom.portal.access.answers.form_too_old"
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")  # the front sets it and drops what came from outside
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SECURE_CSP = {
    "default-src": ["'none'"],
    "object-src": ["'none'"],
    "style-src": ["'self'"],
    "font-src": ["'self'"],
    "img-src": ["'self'"],
    "script-src": ["'self'"],
    "form-action": ["'self'"],
    "base-uri": ["'none'"],
    "frame-ancestors": ["'none'"],
}

SILENCED_SYSTEM_CHECKS = ["templates.W003"]  # the i18n library above
USE_TZ = True
TIME_ZONE = PLACE.time_zone
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LANGUAGE_COOKIE_NAME = PLACE.language_cookie
LANGUAGE_COOKIE_AGE = 31_536_000
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PLACE.is_secure
LOCALE_PATHS = [Path(__file__).parent / "locale"]
STATIC_FOLDER = Path(__file__).parent / "static"
STATIC_URL = (
    f"/static/{digest_of(STATIC_FOLDER)}/"  # a new release has a new address, so a browser may keep the old one forever
)

LOGGING_CONFIG = None  # the supervisor sets up logging, because Django's default would email and print request data
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_000_000
FILE_UPLOAD_HANDLERS: list[str] = []
