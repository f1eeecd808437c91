"""The two servers of pages, web (login app) and door: gunicorn with threads on a socket that the parent bound."""

import gc
import os
import socket
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.glogging import Logger

from homeroom.portal.processes.child import die_with_parent
from homeroom.portal.processes.quiet import Quiet

THREADS = 4
DOOR_THREADS = 12  # six hash or wait for it (door/hash_places.py), and the others answer
BETWEEN_COLLECTIONS = 20_000  # objects. A page makes thousands, and Python would search for cycles several times per page


class QuietLogger(Logger):  # type: ignore[misc]  # gunicorn has no types
    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(Quiet())

    def access(self, resp: Any, _req: object, environ: Mapping[str, Any], request_time: timedelta) -> None:
        """Logs the path as it was sent, without its query. A path can't contain a line break. gunicorn's own method gathers every header first."""
        path, _, _query = environ["RAW_URI"].partition("?")
        status, milliseconds = str(resp.status).split(None, 1)[0], request_time // timedelta(milliseconds=1)
        self.access_log.info("%s %s %s %s B %d ms", environ["REQUEST_METHOD"], path, status, resp.sent, milliseconds)


class Pages(BaseApplication):  # type: ignore[misc]
    def __init__(self, listener: socket.socket, workers: int, threads: int) -> None:
        self.listener = listener
        self.workers, self.threads = workers, threads
        super().__init__()

    def load_config(self) -> None:
        chosen = {
            "bind": f"fd://{self.listener.fileno()}",
            "worker_class": "gthread",
            "workers": self.workers,
            "threads": self.threads,
            # No more than it can answer at the same time. The rest waits in the socket's queue for a free worker.
            "worker_connections": self.threads,
            "keepalive": 0,
            "preload_app": True,
            "timeout": 60,
            "graceful_timeout": 5,
            "limit_request_line": 4094,
            "limit_request_fields": 60,
            "limit_request_field_size": 8190,
            "forwarded_allow_ips": "*",  # only the front can connect
            "control_socket_disable": True,
            "user": os.geteuid(),
            "group": os.getegid(),
            "logger_class": QuietLogger,
            "errorlog": "-",
            "accesslog": "-",
            "post_fork": _not_outliving,
            "post_worker_init": _collecting_less,
        }
        for name, value in chosen.items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        from django.urls import get_resolver

        from homeroom.portal.wsgi import application  # not at the top: only now is it said which login this process has

        _ = get_resolver().url_patterns  # reads every page's code once, for all workers. Django would read it at each worker's first request
        gc.collect()
        gc.freeze()  # the workers are forks. A collector would touch, and so copy, every page that they share
        return application

    def run(self) -> None:
        arbiter = Arbiter(self)
        arbiter.systemd = True  # as with systemd's sockets: the process that bound it removes it, not gunicorn
        arbiter.run()


def _not_outliving(_arbiter: Arbiter, _worker: object) -> None:
    """Ends the worker with its parent. Otherwise a killed parent would leave a worker answering."""
    die_with_parent()


def _collecting_less(_worker: object) -> None:
    """Excludes everything that was loaded from collections, because it stays."""
    gc.freeze()
    gc.set_threshold(BETWEEN_COLLECTIONS)


def run_web(_portal: Path, listener: socket.socket) -> None:
    Pages(listener, workers=2, threads=THREADS).run()


def run_door(_portal: Path, listener: socket.socket) -> None:
    Pages(listener, workers=1, threads=DOOR_THREADS).run()
