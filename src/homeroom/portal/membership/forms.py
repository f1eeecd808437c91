"""What an office's form says, within bounds."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from homeroom.portal.access.guard import Asked
from homeroom.portal.membership.duty_actions import Days

MOST_WORDS = 2_000
MOST_TICKED = 60
MOST_LETTERS = 4_000
MOST_NUMBERS = 2_000
MOST_LIST = 200_000


def why_in(request: HttpRequest) -> str:
    """PostgreSQL's text holds no NUL."""
    return request.POST.get("why", "").replace("\x00", "").strip()[:MOST_WORDS]


def words_in(request: HttpRequest) -> str:
    """Whom somebody looks for; from a form that posts, since a name in an address would stay in the browser's history."""
    return request.POST.get("name", "").replace("\x00", "").strip()[:200]


def asked_by_words(request: HttpRequest) -> Asked | None:
    """A list of students whose names begin with what was typed."""
    words = words_in(request)
    return (None, words, None) if words else None


def name_in(request: HttpRequest, field: str) -> str:
    return " ".join(request.POST.get(field, "").replace("\x00", "")[:200].split())


def school_in(request: HttpRequest) -> UUID | None:
    """None: the whole district. An id that is none is nobody's school."""
    text = (request.POST if request.method == "POST" else request.GET).get("school", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def classes_in(request: HttpRequest) -> list[UUID]:
    """Those ticked."""
    return ticked_in(request, "class")


def ticked_in(request: HttpRequest, name: str) -> list[UUID]:
    """An id that is none is nobody's."""
    return list(dict.fromkeys(uuid_in(text) or UUID(int=0) for text in request.POST.getlist(name)[:MOST_TICKED]))


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def number_in(request: HttpRequest, name: str) -> int | None:
    """Of a page's address or a form; None where it is none that a table counts to."""
    text = (request.POST if request.method == "POST" else request.GET).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def days_in(request: HttpRequest) -> Days | None:
    """None where a day is missing or none."""
    first, last = request.POST.get("first", ""), request.POST.get("last", "")
    try:
        return Days(date.fromisoformat(first), date.fromisoformat(last) if last else None)
    except ValueError:
        return None


def said_in(request: HttpRequest) -> str:
    """A message, one letter longer than the database takes where it is too long: what was typed is never cut off unseen."""
    return request.POST.get("words", "").replace("\x00", "").strip()[: MOST_LETTERS + 1]


def listed_in(request: HttpRequest, name: str) -> list[str]:
    """What was ticked, or pasted as a list: split at spaces, commas, semicolons and line ends; each once. One more than an office may send."""
    typed = " ".join(request.POST.getlist(name)).replace("\x00", "")[:MOST_LIST]
    return list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip())))[: MOST_NUMBERS + 1] if typed.strip() else []


def numbers_in(request: HttpRequest, name: str) -> list[int]:
    """Those ticked that a table counts to."""
    return [int(text) for text in request.POST.getlist(name)[:MOST_NUMBERS] if text.isascii() and text.isdigit() and len(text) < 10]


def day_in(request: HttpRequest, name: str) -> tuple[date | None, bool]:
    """The day, None where it was left empty; and whether what was typed is one."""
    text = request.POST.get(name, "")
    try:
        return (date.fromisoformat(text) if text else None, True)
    except ValueError:
        return (None, False)


def last_in(request: HttpRequest) -> tuple[date | None, bool]:
    """A last day as people count, as the first day that no longer counts; and whether what was typed is one."""
    day, is_day = day_in(request, "last")
    return (day + timedelta(days=1) if day and day < date.max else None, is_day and day != date.max)


def tie_in(request: HttpRequest) -> dict[str, Any] | None:
    """A tie as the office typed it; None where a day is none."""
    (first, is_first), (end, is_last) = day_in(request, "first"), last_in(request)
    if not is_first or not is_last:
        return None
    ticked = {"views": [*map(_plain, request.POST.getlist("view"))], "rights": [*map(_plain, request.POST.getlist("right"))]}
    typed = {name: _plain(request.POST.get(name, "")) for name in ("basis", "relation", "proof", "given", "family")}
    return typed | ticked | {"start": first and first.isoformat(), "end": end and end.isoformat(), "confidential": "confidential" in request.POST}


def bar_in(request: HttpRequest) -> dict[str, Any] | None:
    """A restriction as the office typed it; None where a day is none."""
    (first, is_first), (end, is_last) = day_in(request, "first"), last_in(request)
    if not is_first or not is_last:
        return None
    typed = {name: _plain(request.POST.get(name, "")) for name in ("basis", "paper", "given", "family")}
    return typed | {"start": first and first.isoformat(), "end": end and end.isoformat()}


def _plain(text: str) -> str:
    """PostgreSQL's JSON holds no NUL; one letter longer than a field takes stays too long."""
    return text.replace("\x00", "").strip()[:201]
