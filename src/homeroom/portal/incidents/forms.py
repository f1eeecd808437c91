"""Reads the fields of incident forms, within limits."""

from datetime import datetime, timedelta

from django.http import HttpRequest
from django.utils import timezone

from homeroom.portal.incidents.actions import Question
from homeroom.portal.incidents.words import triggers

MOST = 4_000
PARTS = ("what_happened", "doing", "can_do")
LANGUAGES = ("en", "es")


def text_in(request: HttpRequest, field: str) -> str:
    """A browser sends two characters for a line break. One more character than the database takes is kept, so that a longer text is refused."""
    return request.POST.get(field, "").replace("\x00", "").replace("\r\n", "\n").strip()[: MOST + 1]


def moment_in(request: HttpRequest, field: str) -> datetime | None:
    """Returns a time of the district, or None if it isn't one. A time that a clock change repeats means the first one."""
    try:
        typed = datetime.fromisoformat(request.POST.get(field, ""))
        return timezone.make_aware(typed) if typed.tzinfo is None else None
    except (ValueError, OverflowError):
        return None


def end_in(request: HttpRequest, field: str, now: datetime) -> datetime | None:
    """Returns the end of that minute, and at most now, because a form has no seconds."""
    typed = moment_in(request, field)
    return min(typed + timedelta(minutes=1), now) if typed else None


def question_in(request: HttpRequest, now: datetime) -> Question:
    """A file and a cause have forms of their own. Otherwise it is about a sign-in if one is chosen, an account, or any account in this time."""
    about = request.POST.get("about", "")
    subject = request.POST.get("subject", "")
    if about not in ("import", "everyone"):
        sign_in, account = request.POST.get("sign_in", ""), request.POST.get("account", "")
        about = about if sign_in else "account" if account else "time"
        subject = sign_in or account
    return Question(about, subject[:40], request.POST.get("act", "")[:40], moment_in(request, "since"), end_in(request, "until", now), text_in(request, "why"))


def triggers_in(request: HttpRequest) -> str:
    """Returns the checked rules in their order."""
    chosen = set(request.POST.getlist("rule"))
    return " ".join(rule for rule in triggers() if rule in chosen)


def letter_in(request: HttpRequest) -> dict[str, dict[str, str]]:
    return {language: {part: text_in(request, f"{part}_{language}") for part in PARTS} for language in LANGUAGES}
