"""Web or door on a port of loopback, in this process and over the test's database; and Chromium to look at it with."""

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
        """Nothing: a test's output is its answer."""


@contextmanager
def serving() -> Iterator[str]:
    """The address of whatever settings.ROOT_URLCONF says now."""
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
    """launch(*words): a Chromium with these words on its command line, and without some that Playwright adds. All end with the block."""
    path = shutil.which("chromium")
    assert path, "Chromium is missing: install Debian's package chromium"
    # Playwright keeps a loop in this thread, for itself alone; Django would take it for one that must not wait.
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
            # Beside a loop Django keeps a connection of its own, which nobody outside can close: the next module's would be into a dropped database.
            connection.close()
