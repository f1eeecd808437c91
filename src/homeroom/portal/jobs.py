"""The jobs process: clocks and emails. It deletes what is kept too long, notes when the nightly file didn't come, and emails reports.

Every task may be missed or run twice. Each checks what there is to do, and the next run makes up for a missed one.
"""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psycopg
from procrastinate import App, PsycopgConnector

from homeroom.portal.access.reading import Reading
from homeroom.portal.door import mailing
from homeroom.portal.events import brake_mail, forwarding
from homeroom.portal.incidents import letter_mail, reminding
from homeroom.portal.intake.inbox import expired, receipt_box
from homeroom.portal.intake.reports import sending
from homeroom.portal.membership import due
from homeroom.portal.membership.restore import noting
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay, read_relay

RECEIPTS_KEPT = timedelta(days=60)
ENDED = Reading(str, "files_ended", ("digest",), before="timestamptz")
_log = logging.getLogger("jobs")


def run(portal: Path) -> None:
    """Runs until SIGTERM. Raises PlaceOdd."""
    place = Place.read(portal)
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    app = App(connector=PsycopgConnector(kwargs=lambda: place.conninfo("jobs"), min_size=1, max_size=3))
    add_clocks(app, place, read_relay(place))
    forwarding.start(place)
    app.run_worker(delete_jobs="successful", shutdown_graceful_timeout=0.5, fetch_job_polling_interval=30.0)


def add_clocks(app: App, place: Place, relay: Relay | None) -> None:
    """Adds the clocks. The sweep is hourly, because a portal that was off at one fixed minute would lose that day."""

    @app.periodic(cron="7 * * * *")
    @app.task(name="sweep", queueing_lock="sweep", pass_context=False)
    def sweep_hourly(timestamp: int) -> None:
        sweep(place, datetime.fromtimestamp(timestamp, UTC))

    @app.periodic(cron="* * * * *")
    @app.task(name="report", queueing_lock="report", pass_context=False)
    def report_each_minute(timestamp: int) -> None:
        report(place, relay, datetime.fromtimestamp(timestamp, UTC))

    @app.periodic(cron="* * * * * */20")  # administrators are notified of a challenge within a minute
    @app.task(name="account mail", queueing_lock="account mail", pass_context=False)
    def account_mail_thrice_a_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        account_mail(place, relay)

    @app.periodic(cron="* * * * * */30")
    @app.task(name="breach letters", queueing_lock="breach letters", pass_context=False)
    def breach_letters_twice_a_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        breach_letters(place, relay)

    @app.periodic(cron="* * * * * */15")  # an act that takes access away is noted for the vault within a minute of its commit
    @app.task(name="notes", queueing_lock="notes", pass_context=False)
    def notes_four_times_a_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        notes(place)

    add_clocks_of_membership(app, place, relay)


def add_clocks_of_membership(app: App, place: Place, relay: Relay | None) -> None:
    """Adds the clocks that run each minute for families and offices."""

    @app.periodic(cron="* * * * *")
    @app.task(name="requests", queueing_lock="requests", pass_context=False)
    def requests_each_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        match_requests(place)

    @app.periodic(cron="* * * * *")
    @app.task(name="two people", queueing_lock="two people", pass_context=False)
    def two_people_each_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        two_people(place, relay)

    @app.periodic(cron="* * * * *")
    @app.task(name="challenges", queueing_lock="challenges", pass_context=False)
    def challenges_each_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        challenges(place)

    @app.periodic(cron="* * * * *")  # the first minute of the day is the one that counts
    @app.task(name="birthdays", queueing_lock="birthdays", pass_context=False)
    def birthdays_each_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        birthdays(place)

    @app.periodic(cron="* * * * *")
    @app.task(name="ties", queueing_lock="ties", pass_context=False)
    def ties_each_minute(timestamp: int) -> None:  # noqa: ARG001  the database's own clock says what is due
        ties(place)


def sweep(place: Place, now: datetime) -> None:
    """Deletes sealed files 14 days after they ended, sessions, change sets and row images after 30, and receipts and reports after 60.
    Notifies offices and teachers of what they get once a day or a week."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        ended = ENDED.on(connection, before=now - expired.KEPT)
        connection.execute("SELECT sessions_outlived(), sessions_swept(), events_swept(), images_swept(%s)", [now])
        connection.execute("SELECT change_sets_swept(), uploads_swept(), codes_swept(), support_swept(), lapsed_swept(), overdue_told(), notes_swept()")
        connection.execute("SELECT scores_changed_told(), weekly_views_told()")
        reminding.remind(connection, place.time_zone, now)
        sending.forget(connection, now)
    files = expired.remove(place.folder, ended)
    receipts = receipt_box.forget(place.folder, now - RECEIPTS_KEPT)
    if files or receipts:
        _log.info("swept %d sealed files and %d receipts", files, receipts)


def report(place: Place, relay: Relay | None, now: datetime) -> None:
    """Reports what happened to files since the last time, and the night whose file did not come. Emails it if there is a relay."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        if due := sending.note_missed(connection, place.time_zone, now):
            _log.warning("no file that could be used came by %s, when the nightly one was expected", due)
        if relay is not None:
            sending.note_files(connection, now)
            sending.send_waiting(connection, place, relay, now)


def account_mail(place: Place, relay: Relay | None) -> None:
    """Sends the codes that people asked for at the door. Without a relay no one gets an email, and the office prints codes."""
    if relay is not None:
        with psycopg.connect(**place.conninfo("jobs")) as connection:
            mailing.send_due(connection, place, relay)
            brake_mail.send_due(connection, place, relay)


def breach_letters(place: Place, relay: Relay | None) -> None:
    """Emails letters about an incident for ten seconds. The connection holds a lock, so that only one run sends."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        letter_mail.send_due(connection, place, relay)


def notes(place: Place) -> None:
    """Seals notes about access that was taken away to the district's restore key, in files that the vault takes.
    Without such a key they wait in the database."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        noting.hand_over(connection, place)


def two_people(place: Place, relay: Relay | None) -> None:
    """Carries out acts that got their second approval, or that no one stopped, after their time lock. Notifies the board of what was proposed."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        if relay is not None:
            due.tell_board(connection, place, relay)
        due.carry_out_due(connection)


def challenges(place: Place) -> None:
    """Opens closed access when its time is over, and notifies the district's administrators of challenges that no one answered."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.mind_challenges(connection)


def birthdays(place: Place) -> None:
    """Announces students whose 18th birthday is within 60 days. On that day the rights pass, and ties that nothing extends are suspended."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.mind_birthdays(connection)


def ties(place: Place) -> None:
    """Ends ties after their last day: of tutors, caseworkers, foster caregivers, and anyone else with access until a day."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.end_ties_over(connection)


def match_requests(place: Place) -> None:
    """Matches requests of parents, students and tutors with records, and closes requests that no one answered for 60 days, or whose person may no
    longer ask. Closes requests for corrections that a file brought. Each runs in its own transaction."""
    with psycopg.connect(**place.conninfo("jobs")) as connection:
        due.match_registrations(connection)
        due.lapse_one_of_each(connection)
        due.mind_corrections(connection)
