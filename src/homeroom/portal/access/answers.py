"""Pages that refuse. Missing and closed pages have the same words, so that they don't reveal which it was."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=404)


def not_understood(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "broken.html", status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """The person viewed more records in an hour than anyone needs."""
    return render(request, "too_many.html", status=429)


def form_too_old(request: HttpRequest, **_why: object) -> HttpResponse:
    return render(request, "form_too_old.html", status=403)
