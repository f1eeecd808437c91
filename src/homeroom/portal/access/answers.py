"""The pages that say no: one wording for what is not there and what is not open, so neither tells which it was."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def not_found(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=404)


def not_understood(request: HttpRequest, _exception: Exception | None = None, **_why: object) -> HttpResponse:
    return render(request, "not_found.html", status=400)


def broken(request: HttpRequest) -> HttpResponse:
    return render(request, "broken.html", status=500)


def too_many(request: HttpRequest) -> HttpResponse:
    """More records than anybody needs in an hour were opened in this person's name."""
    return render(request, "too_many.html", status=429)


def form_too_old(request: HttpRequest, **_why: object) -> HttpResponse:
    return render(request, "form_too_old.html", status=403)
