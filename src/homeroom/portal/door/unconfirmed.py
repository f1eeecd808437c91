"""A restoration that nobody has confirmed yet: only who can confirm it signs in, and the door says so. The database decides (access/standing)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Unconfirmed(Exception):
    """This account begins no session before the restoration is confirmed."""


def unconfirmed_since() -> datetime | None:
    """When the portal was restored; None: sign-in is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT unconfirmed_since()")
        row: tuple[datetime | None] | None = cursor.fetchone()
    return row[0] if row else None


def unconfirmed_page(request: HttpRequest) -> HttpResponse:
    return render(request, "door/unconfirmed.html", status=403)


def told_while_unconfirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """One page for every way in that is refused, whatever was typed."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        try:
            return view(request, **names)
        except Unconfirmed:
            return unconfirmed_page(request)

    return asked


def closed_while_unconfirmed(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages where nobody has business who can confirm a restoration: cards, and asking for an account."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        return unconfirmed_page(request) if unconfirmed_since() else view(request, **names)

    return asked
