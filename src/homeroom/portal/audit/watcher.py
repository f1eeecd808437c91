"""Ends connections that work past their limits (acts_watcher.sql). It is a thread of the sealer's process, with a login of its own."""

import logging
import time
from pathlib import Path
from typing import Any

import psycopg

from homeroom.portal.place import Place, PlaceOdd

PAUSE = 5.0  # seconds
AWAY = 60.0  # seconds until the next try, if this portal has no such login
_log = logging.getLogger("watcher")


def run(portal: Path) -> None:
    """Runs until its process ends. Without its login it writes a line each minute, and doctor says what to do."""
    while True:
        try:
            with psycopg.connect(**Place.read(portal).conninfo("watcher"), autocommit=True) as connection:
                while True:
                    end_overdue(connection)
                    time.sleep(PAUSE)
        except (psycopg.Error, PlaceOdd) as away:
            _log.warning("limits are not watched: %s", type(away).__name__)
            time.sleep(PAUSE if isinstance(away, psycopg.OperationalError) else AWAY)


def end_overdue(watcher: psycopg.Connection[Any]) -> None:
    for login, why in watcher.execute("SELECT login, why FROM end_overdue()").fetchall():
        _log.warning("a connection of %s was ended: %s past its limit", login, why)
