"""Pages that refuse. Missing and closed pages have the same words, so that they don't reveal which it was."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode

from homeroom.portal.access.fresh import AGAIN


def not_found(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=404)


def not_understood(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "broken.html", status=500)


IN_AN_HOUR, UNTIL_PROVEN, UNTIL_RELEASED, ENDED = -1, -2, -3, -4  # look()'s answers


def too_many(request: HttpRequest, limit: int) -> HttpResponse:
    """The person viewed more than anyone needs. A family and a student wait. Staff confirm who they are, and later need another administrator."""
    onward = request.get_full_path() if request.method in ("GET", "HEAD") else "/"
    again = f"{AGAIN}?{urlencode({'next': onward})}" if limit == UNTIL_PROVEN else ""
    shown = {"again": again, "is_locked": limit == UNTIL_RELEASED, "is_ended": limit == ENDED}
    return render(request, "too_many.html", shown, status=429)


def not_by_card(request: HttpRequest) -> HttpResponse:
    """The person signed in with a card that a teacher printed. This page needs their own sign-in."""
    return render(request, "not_by_card.html", status=403)


def form_too_old(request: HttpRequest, **_why: object) -> HttpResponse:
    return render(request, "form_too_old.html", status=403)
