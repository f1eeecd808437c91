"""Leaves NUL out of what a browser sends. PostgreSQL's text can't contain it, so a statement with it would be a fault (500)."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, QueryDict

NUL = "\x00"


class WithoutNul:
    """Views leave it out of most fields, and this leaves it out of the others, such as chosen values."""

    def __init__(self, answer: Callable[[HttpRequest], HttpResponse]) -> None:
        self.answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if "%00" in request.META.get("QUERY_STRING", ""):
            request.GET = without_nul(request.GET)  # type: ignore[assignment]
        if request.method == "POST" and any(NUL in value for _name, values in request.POST.lists() for value in values):
            request.POST = without_nul(request.POST)  # type: ignore[assignment]
        return self.answer(request)


def without_nul(fields: QueryDict) -> QueryDict:
    kept = fields.copy()
    for name, values in fields.lists():
        kept.setlist(name, [value.replace(NUL, "") for value in values])
    return kept
