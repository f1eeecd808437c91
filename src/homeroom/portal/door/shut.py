"""While the portal is shut: it was restored from a backup, and only who can confirm the restoration signs in. The database decides (restoration.sql)."""

from collections.abc import Callable
from datetime import datetime
from functools import wraps

from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


class Shut(Exception):
    """This account begins no session before the restoration is confirmed."""


def shut_since() -> datetime | None:
    """When the portal was restored; None: sign-in is open."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT shut_since()")
        row: tuple[datetime | None] | None = cursor.fetchone()
    return row[0] if row else None


def shut_page(request: HttpRequest) -> HttpResponse:
    return render(request, "door/shut.html", status=403)


def told_while_shut(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """One page for every way in that is refused, whatever was typed."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        try:
            return view(request, **names)
        except Shut:
            return shut_page(request)

    return asked


def closed_while_shut(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Pages where nobody has business who can confirm a restoration: cards, and asking for an account."""

    @wraps(view)
    def asked(request: HttpRequest, **names: object) -> HttpResponse:
        return shut_page(request) if shut_since() else view(request, **names)

    return asked
