"""Who hashes a password now, and who waits. A hash takes 19 MiB and a tenth of a second, so a flood of sign-ins must not take every thread of the door."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# More hashes together would let strangers fill the memory, and 4 on 2 cores would each take twice as long.
TOGETHER, WAITING = 2, 4
SECONDS = 2  # until there is room again. The front asks once more by itself
_places = threading.BoundedSemaphore(TOGETHER)
_line = threading.BoundedSemaphore(TOGETHER + WAITING)


class Busy(Exception):
    """Others hash and wait already. Nothing was checked."""


@contextmanager
def hash_place() -> Iterator[None]:
    """Waits for a place behind a few others. Raises Busy."""
    if not _line.acquire(blocking=False):
        raise Busy
    try:
        with _places:
            yield
    finally:
        _line.release()


class AnswersWhenBusy:
    """Middleware: the page that says when to try again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Busy):
            return None
        answer = render(request, "door/busy.html", status=503)
        answer.headers["Retry-After"] = str(SECONDS)
        return answer
