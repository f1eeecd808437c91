"""A restoration that is not confirmed yet. Only people who can confirm it may sign in, and the door says so. The database decides (access/standing)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Unconfirmed(Exception):
    """This account can't sign in before the restoration is confirmed."""


def unconfirmed_since() -> datetime | None:
    """Returns when the portal was restored. None means that sign-in is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unconfirmed_since()")
        row: tuple[datetime | None] | None = cursor.fetchone()
    return row[0] if row else None


def unconfirmed_page(request: HttpRequest) -> HttpResponse:
    return render(request, "door/unconfirmed.html", status=403)


def told_while_unconfirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Shows one page for every way to sign in that is refused, whatever was typed."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        try:
            return view(request, **names)
        except Unconfirmed:
            return unconfirmed_page(request)

    return asked


def closed_while_unconfirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Closes pages that people who can confirm a restoration don't need: cards, and asking for an account."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        return unconfirmed_page(request) if unconfirmed_since() else view(request, **names)

    return asked
