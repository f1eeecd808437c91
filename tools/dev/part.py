"""One process of the development portal: python -m tools.dev.part NAME [DESCRIPTOR]. Web and door end, and start again, when you save a Python file or a style.
If you save a rule (*.sql), the database gets it, and the pages go on.
"""

import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer

import pyotp
from django.utils import autoreload

from homeroom.ops.host.release import is_current, this_release
from homeroom.portal.place import Place
from homeroom.portal.processes.child import die_with_parent
from homeroom.portal.processes.portal import listener_for_front
from homeroom.portal.processes.start import ENTRANCES
from tools.dev.people import KEY

PLACE = Place.read(Path(os.environ["HOMEROOM_PORTAL"]))
SECOND = ("/sign-in/second", "/sign-in/again")


def main(name: str, *descriptor: str) -> None:
    die_with_parent()
    logging.basicConfig(level=logging.INFO, format=f"{name:6} %(message)s")  # with the messages of errors: the people are made up
    if name in ("door", "web"):
        autoreload.autoreload_started.connect(watch_styles)
        autoreload.start_django(Reloader() if name == "web" else autoreload.StatReloader(), serve, name)
    module, _, function = ENTRANCES[name].partition(":")
    getattr(import_module(module), function)(PLACE.folder, *(socket.socket(fileno=int(each)) for each in descriptor))


def serve(name: str) -> None:
    from homeroom.portal.wsgi import application

    server = Pages(listener_for_front(PLACE, name))
    server.set_app(application)
    server.serve_forever()


def watch_styles(sender: autoreload.BaseReloader, **_: Any) -> None:
    """Their address has a digest that is read once."""
    from django.conf import settings

    sender.watch_dir(settings.STATIC_FOLDER, "**/*")


class Reloader(autoreload.StatReloader):
    """Each second, looks also for rules, acts and migrations that the database does not have yet. Only web does."""

    tried = ""

    def snapshot_files(self) -> Iterator[tuple[Path, float]]:
        if not is_current(PLACE.folder) and (release := this_release()) != self.tried:
            self.tried = release
            renew()
        yield from super().snapshot_files()


def renew() -> None:
    """Runs as owner, in a process of its own. If a rule has an error, the database keeps the rules that it had."""
    done = subprocess.run([sys.executable, "-m", "tools.dev.people"], env=os.environ | {"HOMEROOM_LOGIN": "owner"})
    logging.info("The database still has the rules from before." if done.returncode else "The database has the rules that you saved.")


class Asked(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", _size: int | str = "-") -> None:
        logging.info("%s %s %s", self.command, self.path, getattr(code, "value", code))
        if self.path.startswith(SECOND) and code == 200:
            logging.info("Six digits of every staff member: %s", pyotp.TOTP(KEY).now())


class Pages(ThreadingMixIn, WSGIServer):
    """Serves on the socket that the front connects to."""

    daemon_threads = True

    def __init__(self, listener: socket.socket) -> None:
        super().__init__(("localhost", PLACE.port), Asked, bind_and_activate=False)
        self.socket.close()
        self.socket = listener
        self.server_name, self.server_port = PLACE.host, PLACE.port
        self.setup_environ()

    def get_request(self) -> tuple[socket.socket, tuple[str, int]]:
        return self.socket.accept()[0], ("127.0.0.1", 0)  # a unix socket's peer has no address


if __name__ == "__main__":
    main(*sys.argv[1:])
