"""The cookie with the language, and cookies that an earlier release named without a prefix."""

from collections.abc import Callable
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import MiddlewareNotUsed
from django.http import HttpRequest, HttpResponse

PREFIXES = ("__Host-", "__Secure-")  # Place.cookie()


class OldCookies:
    """Gives a page an old cookie under its new name, if the browser doesn't send the new one. So an upgrade signs no one out.

    portal.toml says through which day. Sessions of the earlier release end within 30 days anyway. A known browser gets a new cookie when someone
    signs in, and the language gets one here.
    """

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        until: date | None = settings.PLACE.old_cookies_until
        if until is None:
            raise MiddlewareNotUsed
        self.answer, self.until = answer, until

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if datetime.now(settings.PLACE.zone).date() > self.until:
            return self.answer(request)
        renamed = {name: request.COOKIES[old] for name, old in olds().items() if name not in request.COOKIES and old in request.COOKIES}
        request.COOKIES |= renamed
        response = self.answer(request)
        language = renamed.get(settings.LANGUAGE_COOKIE_NAME)
        if language in dict(settings.LANGUAGES) and settings.LANGUAGE_COOKIE_NAME not in response.cookies:
            keep_language(response, language)
        return response


def olds() -> dict[str, str]:
    """Returns the old name of each cookie that outlives an upgrade, by its new name."""
    names = (settings.SESSION_COOKIE, settings.BROWSER_COOKIE, settings.LANGUAGE_COOKIE_NAME)
    return {name: name.removeprefix(PREFIXES[0]).removeprefix(PREFIXES[1]) for name in names}


def keep_language(answer: HttpResponse, code: str) -> None:
    """Sets the cookie that chooses the language of every page."""
    answer.set_cookie(
        settings.LANGUAGE_COOKIE_NAME,
        code,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.LANGUAGE_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
