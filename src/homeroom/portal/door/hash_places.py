"""Who hashes a password now, and who waits. A hash takes 19 MiB and a tenth of a second, so a flood of sign-ins must not take every thread of the door."""

import ctypes
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

# More hashes together would let strangers fill the memory, and 4 on 2 cores would each take twice as long.
TOGETHER, WAITING = 2, 4
REST = 20.0  # seconds without a hash, after which the system gets the memory of hashes back
SECONDS = 2  # until there is room again. The front asks once more by itself
# Threads of their own: memory that a thread freed stays with it, and twelve threads of the door would keep 19 MiB each.
_places = ThreadPoolExecutor(TOGETHER, "hash")
_line = threading.BoundedSemaphore(TOGETHER + WAITING)
_has_hashed = threading.Event()


class Busy(Exception):
    """Others hash and wait already. Nothing was checked."""


def hashed[T](work: Callable[[], T]) -> T:
    """Waits for a place behind a few others, and returns what the work returns. Raises Busy."""
    if not _line.acquire(blocking=False):
        raise Busy
    _tidy_up()
    try:
        return _places.submit(work).result()
    finally:
        _has_hashed.set()
        _line.release()


@cache
def _tidy_up() -> None:
    threading.Thread(target=_give_back, daemon=True).start()


def _give_back() -> None:
    """Gives the memory back after each rest. A hash that finds memory of the one before takes a third less time, so it's kept meanwhile."""
    libc = ctypes.CDLL(None)
    while _has_hashed.wait():
        while _has_hashed.is_set():
            _has_hashed.clear()
            time.sleep(REST)
        libc.malloc_trim(0)


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
