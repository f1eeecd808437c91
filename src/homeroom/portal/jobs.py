"""The jobs process: clocks. It sweeps what is kept too long and notes when the nightly file did not come.

Every task may be missed or run twice: each looks at what there is, and the next hour makes up for a missed one.
"""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import psycopg
from procrastinate import App, PsycopgConnector

from homeroom.portal.intake import kept, receipt_box
from homeroom.portal.place import Place

RECEIPTS_KEPT = timedelta(days=60)
ENDED = "SELECT digest FROM delivery WHERE ended_at < %s"
EXPECTED = "SELECT nightly_by, (SELECT max(ended_at) FROM delivery WHERE state = 'imported') FROM district"
_log = logging.getLogger("jobs")


def run(portal: Path) -> None:
    """Until SIGTERM."""
    place = Place.read(portal)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app = App(connector=PsycopgConnector(kwargs=place.conninfo("jobs"), min_size=1, max_size=3))
    add_clocks(app, place)
    app.run_worker(delete_jobs="successful", shutdown_graceful_timeout=0.5, fetch_job_polling_interval=30.0)


def add_clocks(app: App, place: Place) -> None:
    """Every hour, for a portal that was off at the one right minute of the day would otherwise lose that day."""

    @app.periodic(cron="7 * * * *")
    @app.task(name="sweep", queueing_lock="sweep", pass_context=False)
    def sweep_hourly(timestamp: int) -> None:
        sweep(place, datetime.fromtimestamp(timestamp, UTC))

    @app.periodic(cron="37 * * * *")
    @app.task(name="note_freshness", queueing_lock="note_freshness", pass_context=False)
    def note_hourly(timestamp: int) -> None:
        note_freshness(place, datetime.fromtimestamp(timestamp, UTC))


def sweep(place: Place, now: datetime) -> None:
    """Sealed files 14 days after they ended, receipts after 60 days, sessions and change sets 30 days after they ended."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        ended = [digest for (digest,) in connection.execute(ENDED, [now - kept.KEPT])]
        connection.execute("SELECT sessions_swept()")
        connection.execute("SELECT change_sets_swept()")
    files = kept.remove(place.folder, ended)
    receipts = receipt_box.forget(place.folder, now - RECEIPTS_KEPT)
    if files or receipts:
        _log.info("swept %d sealed files and %d receipts", files, receipts)


def note_freshness(place: Place, now: datetime) -> None:
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        row = connection.execute(EXPECTED).fetchone()
    if row is None or row[0] is None:
        return
    due = datetime.combine(now.astimezone(ZoneInfo(place.time_zone)), row[0], ZoneInfo(place.time_zone))
    if due > now:
        due -= timedelta(days=1)
    if row[1] is None or row[1] < due - timedelta(days=1):
        _log.warning(
            "the nightly file due at %s has not come; the last one was imported at %s", due, row[1] or "no time yet"
        )
