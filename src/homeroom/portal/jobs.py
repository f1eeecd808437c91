"""The jobs process: clocks and mail. It sweeps what is kept too long, notes when the nightly file did not come, and mails reports.

Every task may be missed or run twice: each looks at what there is, and the next hour makes up for a missed one.
"""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from procrastinate import App, PsycopgConnector

from homeroom.portal.access.reading import Reading
from homeroom.portal.door import mailing
from homeroom.portal.intake import kept, receipt_box, reporting
from homeroom.portal.membership import due, noting
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, read_relay

RECEIPTS_KEPT = timedelta(days=60)
ENDED = Reading(str, "files_ended", ("digest",), before="timestamptz")
_log = logging.getLogger("jobs")


def run(portal: Path) -> None:
    """Until SIGTERM. Raises PlaceOdd."""
    place = Place.read(portal)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app = App(connector=PsycopgConnector(kwargs=place.conninfo("jobs"), min_size=1, max_size=3))
    add_clocks(app, place, read_relay(place))
    app.run_worker(delete_jobs="successful", shutdown_graceful_timeout=0.5, fetch_job_polling_interval=30.0)


def add_clocks(app: App, place: Place, relay: Relay | None) -> None:
    """Swept every hour, for a portal that was off at the one right minute of the day would otherwise lose that day."""

    @app.periodic(cron="7 * * * *")
    @app.task(name="sweep", queueing_lock="sweep", pass_context=False)
    def sweep_hourly(timestamp: int) -> None:
        sweep(place, datetime.fromtimestamp(timestamp, UTC))

    @app.periodic(cron="* * * * *")
    @app.task(name="report", queueing_lock="report", pass_context=False)
    def report_each_minute(timestamp: int) -> None:
        report(place, relay, datetime.fromtimestamp(timestamp, UTC))

    @app.periodic(cron="* * * * * */20")  # a challenge is with its administrators within a minute
    @app.task(name="account mail", queueing_lock="account mail", pass_context=False)
    def account_mail_thrice_a_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        account_mail(place, relay)

    @app.periodic(cron="* * * * * */15")  # what narrows access is in the vault within a minute of its commit
    @app.task(name="notes", queueing_lock="notes", pass_context=False)
    def notes_four_times_a_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        notes(place)

    add_clocks_of_membership(app, place, relay)


def add_clocks_of_membership(app: App, place: Place, relay: Relay | None) -> None:
    """Each minute: what families and offices wait for."""

    @app.periodic(cron="* * * * *")
    @app.task(name="requests", queueing_lock="requests", pass_context=False)
    def requests_each_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        match_requests(place)

    @app.periodic(cron="* * * * *")
    @app.task(name="two people", queueing_lock="two people", pass_context=False)
    def two_people_each_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        two_people(place, relay)

    @app.periodic(cron="* * * * *")
    @app.task(name="challenges", queueing_lock="challenges", pass_context=False)
    def challenges_each_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        challenges(place)

    @app.periodic(cron="* * * * *")  # the first minute of the day is the one that counts
    @app.task(name="birthdays", queueing_lock="birthdays", pass_context=False)
    def birthdays_each_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        birthdays(place)

    @app.periodic(cron="* * * * *")
    @app.task(name="ties", queueing_lock="ties", pass_context=False)
    def ties_each_minute(timestamp: int) -> None:  # noqa: ARG001 - the database's own clock says what is due
        ties(place)


def sweep(place: Place, now: datetime) -> None:
    """Sealed files 14 days after they ended, sessions, change sets and row images after 30, receipts and reports after 60."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        ended = ENDED.on(connection, before=now - kept.KEPT)
        connection.execute("SELECT sessions_outlived(), sessions_swept(), images_swept(%s)", [now])
        connection.execute("SELECT change_sets_swept(), uploads_swept(), codes_swept(), support_swept(), lapsed_swept(), overdue_told(), notes_swept()")
        reporting.forget(connection, now)
    files = kept.remove(place.folder, ended)
    receipts = receipt_box.forget(place.folder, now - RECEIPTS_KEPT)
    if files or receipts:
        _log.info("swept %d sealed files and %d receipts", files, receipts)


def report(place: Place, relay: Relay | None, now: datetime) -> None:
    """What became of files since the last look, and the night whose file did not come; mailed where there is a relay."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        if due := reporting.note_missed(connection, place.time_zone, now):
            _log.warning("no file that could be used came by %s, when the nightly one was expected", due)
        if relay is not None:
            reporting.note_files(connection, now)
            reporting.send_waiting(connection, place, relay, now)


def account_mail(place: Place, relay: Relay | None) -> None:
    """Codes that somebody asked for at the door; without a relay nobody is mailed, and the office prints codes."""
    if relay is not None:
        with psycopg.connect(**place.conninfo("jobs")) as connection:
            mailing.send_due(connection, place, relay)


def notes(place: Place) -> None:
    """Seals what narrowed access to the district's restore key, into files that the vault takes; without such a key it waits in the database."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        noting.hand_over(connection, place)


def two_people(place: Place, relay: Relay | None) -> None:
    """Carries out what two people agreed on, or nobody stopped, once its time lock is over; and tells the board of what was proposed."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        if relay is not None:
            due.tell_board(connection, place, relay)
        due.carry_out_due(connection)


def challenges(place: Place) -> None:
    """Opens what was closed for as long as it may be, and tells the district's administrators of what nobody touched."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.mind_challenges(connection)


def birthdays(place: Place) -> None:
    """Announces who turns 18 within 60 days; on the day the rights pass, and ties that rest on nothing else are suspended."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.mind_birthdays(connection)


def ties(place: Place) -> None:
    """Ends the ties whose last day is over: of tutors, caseworkers, foster caregivers, and whoever else was let in until a day."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.end_ties_over(connection)


def match_requests(place: Place) -> None:
    """Looks for the records that parents or students who registered, or tutors, may mean, and closes what nobody answered for 60 days; each is a
    transaction of its own."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.match_registrations(connection)
        due.lapse_one_of_each(connection)
