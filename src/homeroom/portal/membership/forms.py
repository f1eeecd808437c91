"""Reads the fields of forms, within limits."""

import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest

from homeroom.portal.access.guard import Asked
from homeroom.portal.membership.days import Days

MOST_WORDS = 2_000
MOST_TICKED = 60
MOST_LETTERS = 4_000
MOST_NUMBERS = 2_000
MOST_LIST = 200_000


def why_in(request: HttpRequest) -> str:
    """Removes NUL, which PostgreSQL's text can't contain."""
    return request.POST.get("why", "").replace("\x00", "").strip()[:MOST_WORDS]


def asked_for_in(request: HttpRequest) -> str:
    """Returns what a person wants to see, in their words."""
    return request.POST.get("what", "").replace("\x00", "").strip()[:MOST_WORDS]


def words_in(request: HttpRequest) -> str:
    """Returns the name to search for. The form posts it, because a name in an address would stay in the browser's history."""
    return request.POST.get("name", "").replace("\x00", "").strip()[:200]


def asked_by_words(request: HttpRequest) -> Asked | None:
    """Asks for a list of students whose names begin with the typed words."""
    words = words_in(request)
    return (None, words, None) if words else None


def name_in(request: HttpRequest, field: str) -> str:
    return " ".join(request.POST.get(field, "").replace("\x00", "")[:200].split())


def school_in(request: HttpRequest) -> UUID | None:
    """Returns None for the whole district. An invalid ID becomes UUID 0, which no school has."""
    text = (request.POST if request.method == "POST" else request.GET).get("school", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)


def classes_in(request: HttpRequest) -> list[UUID]:
    """Returns the checked classes."""
    return ticked_in(request, "class")


def ticked_in(request: HttpRequest, name: str) -> list[UUID]:
    """Returns the checked IDs. An invalid ID becomes UUID 0, which no row has."""
    return list(dict.fromkeys(uuid_in(text) or UUID(int=0) for text in request.POST.getlist(name)[:MOST_TICKED]))


def uuid_in(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def number_in(request: HttpRequest, name: str) -> int | None:
    """Returns a number of the address or form, or None if it isn't one or has ten digits or more."""
    text = (request.POST if request.method == "POST" else request.GET).get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def days_in(request: HttpRequest) -> Days | None:
    """Returns None if a day is invalid or the first one is missing."""
    first, last = request.POST.get("first", ""), request.POST.get("last", "")
    try:
        return Days(date.fromisoformat(first), date.fromisoformat(last) if last else None)
    except ValueError:
        return None


def said_in(request: HttpRequest) -> str:
    """Returns a message. A longer text is cut one character above the database's limit, so the database refuses it instead of saving a part."""
    return request.POST.get("words", "").replace("\x00", "").strip()[: MOST_LETTERS + 1]


def listed_in(request: HttpRequest, name: str) -> list[str]:
    """Returns checked or pasted values, each once. Splits at spaces, commas, semicolons and line ends. Keeps one more than an office may send."""
    typed = " ".join(request.POST.getlist(name)).replace("\x00", "")[:MOST_LIST]
    return list(dict.fromkeys(re.split(r"[\s,;]+", typed.strip())))[: MOST_NUMBERS + 1] if typed.strip() else []


def numbers_in(request: HttpRequest, name: str) -> list[int]:
    """Returns the checked numbers that have fewer than ten digits."""
    return [int(text) for text in request.POST.getlist(name)[:MOST_NUMBERS] if text.isascii() and text.isdigit() and len(text) < 10]


def day_in(request: HttpRequest, name: str) -> tuple[date | None, bool]:
    """Returns the day, or None if the field is empty or invalid, and whether it is valid. Empty is valid."""
    text = request.POST.get(name, "")
    try:
        return (date.fromisoformat(text) if text else None, True)
    except ValueError:
        return (None, False)


def last_in(request: HttpRequest) -> tuple[date | None, bool]:
    """Turns the last day into the first day that no longer counts. The second value says whether the field was valid."""
    day, is_day = day_in(request, "last")
    return (day + timedelta(days=1) if day and day < date.max else None, is_day and day != date.max)


def tie_in(request: HttpRequest) -> dict[str, Any] | None:
    """Returns access as the office typed it, or None if a day is invalid."""
    (first, is_first), (end, is_last) = day_in(request, "first"), last_in(request)
    if not is_first or not is_last:
        return None
    ticked = {"views": [*map(_plain, request.POST.getlist("view"))], "rights": [*map(_plain, request.POST.getlist("right"))]}
    typed = {name: _plain(request.POST.get(name, "")) for name in ("basis", "relation", "proof", "given", "family")}
    return typed | ticked | {"start": first and first.isoformat(), "end": end and end.isoformat(), "confidential": "confidential" in request.POST}


def bar_in(request: HttpRequest) -> dict[str, Any] | None:
    """Returns a restriction as the office typed it, or None if a day is invalid."""
    (first, is_first), (end, is_last) = day_in(request, "first"), last_in(request)
    if not is_first or not is_last:
        return None
    typed = {name: _plain(request.POST.get(name, "")) for name in ("basis", "paper", "given", "family")}
    return typed | {"start": first and first.isoformat(), "end": end and end.isoformat()}


def _plain(text: str) -> str:
    """Removes NUL, which PostgreSQL's JSON can't contain. Keeps one character more than a field may have, so that the database refuses it."""
    return text.replace("\x00", "").strip()[:201]
