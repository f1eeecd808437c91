"""Serves web or door on a loopback port, in this process with the test's database, and starts Chromium to view it."""

import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import pytest
from django.db import connection
from playwright.sync_api import Browser, sync_playwright

QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--disable-default-apps", "--disable-domain-reliability", "--disable-dev-shm-usage",
)  # fmt: skip


class _Threaded(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Silent(WSGIRequestHandler):
    def log_message(self, format: str, *words: Any) -> None:
        """Logs nothing, because a test's output is its answer."""


@contextmanager
def serving() -> Iterator[str]:
    """Yields the address of a server for the current settings.ROOT_URLCONF."""
    from homeroom.portal.wsgi import application

    server = make_server("127.0.0.1", 0, application, server_class=_Threaded, handler_class=_Silent)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@contextmanager
def chromium() -> Iterator[Callable[..., Browser]]:
    """Yields launch(*words). It starts a Chromium with these arguments and without some of Playwright's. All end with the block."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: install Debian's package chromium"
    # Playwright keeps its own event loop in this thread. Django would take it for a loop that must not wait.
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
        started: list[Browser] = []

        def launch(*words: str, without: tuple[str, ...] = ()) -> Browser:
            started.append(playwright.chromium.launch(executable_path=path, args=[*QUIET, *words], ignore_default_args=[*without]))
            return started[-1]

        try:
            yield launch
        finally:
            for browser in started:
                browser.close()
            # Next to a loop, Django keeps its own connection, which no one outside can close. The next module's would go to a dropped database.
            connection.close()
