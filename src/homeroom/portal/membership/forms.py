"""What an office's form says, within bounds."""

from uuid import UUID

from django.http import HttpRequest

MOST_WORDS = 2_000


def why_in(request: HttpRequest) -> str:
    """PostgreSQL's text holds no NUL."""
    return request.POST.get("why", "").replace("\x00", "").strip()[:MOST_WORDS]


def words_in(request: HttpRequest) -> str:
    """What somebody looks for, from the address."""
    return request.GET.get("name", "").replace("\x00", "").strip()[:200]


def school_in(request: HttpRequest) -> UUID | None:
    """None: the whole district. An id that is none is nobody's school."""
    text = request.POST.get("school", "")
    try:
        return UUID(text) if text else None
    except ValueError:
        return UUID(int=0)
