"""Emails to the district's IT contact. Each is sent once and names no one, whatever the relay answers and whichever process is killed."""

import multiprocessing
import os
import re
import signal
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest

from homeroom.judging.receipt import IMPORTED, IN_PART
from homeroom.portal.audit.chain import verify_chain
from homeroom.portal.audit.sealer import chain_new
from homeroom.portal.intake.reports.message import MISSED, SUBJECTS
from homeroom.portal.intake.reports.nightly import Nightly
from homeroom.portal.intake.reports.sending import KEPT, YOUNG
from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.portal.intake.tests.test_receipts import decide, hold
from homeroom.portal.jobs import report, sweep
from homeroom.portal.place import Place
from homeroom.portal.relay import read_relay

IT = "it@lincoln.example"
MINUTE = timedelta(minutes=1)


@pytest.fixture
def post() -> Iterator[Post]:
    with relay_on_loopback() as made:
        yield made


@pytest.fixture
def told(settled: Lincoln, post: Post) -> Lincoln:
    """Yields Lincoln with a relay and an IT contact. The email about its first file is already read and removed."""
    name_relay(settled, post.port)
    settled_jobs(settled)
    with settled.connect() as owner:
        owner.execute("UPDATE district SET it_mail = %s", [IT])
    look(settled)
    post.mails.clear()
    return settled


def name_relay(portal: Lincoln, port: int) -> None:
    with (portal.folder / "portal.toml").open("a") as file:
        file.write(f'\n[mail]\nrelay = "127.0.0.1:{port}"\nfrom = "homeroom@lincoln.example"\nsecurity = "none"\n')


def settled_jobs(portal: Lincoln) -> None:
    (portal.folder / "secrets" / "jobs").write_text(portal.server.passwords["jobs"])


def look(portal: Lincoln, now: datetime | None = None) -> None:
    """Does what the jobs process does each minute."""
    look_in(portal.folder, now or datetime.now(UTC))


def look_in(folder: Path, now: datetime) -> None:
    place = Place.read(folder)
    report(place, read_relay(place), now)


def words(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n{mail.get_content()}"


def test_one_email_reports_an_import_with_its_counts_and_its_page(told: Lincoln, export: Export, post: Post) -> None:
    export.add("courses", sourcedId="art", title="Art", orgSourcedId="middle")
    assert told.send(export)["state"] == "imported"
    for _ in range(3):
        look(told)
    (mail,) = post.mails
    assert mail["To"] == IT and mail["Subject"] == f"Lincoln Unified: {SUBJECTS['imported']}"
    assert mail["Auto-Submitted"] == "auto-generated" and post.recipients[-1] == f"<{IT}>"
    number = told.ask("SELECT max(id) FROM delivery")
    assert f"/imports/{number}" in words(mail) and told.sent[-1] in words(mail)
    course = next(line for line in words(mail).splitlines() if line.strip().startswith("course"))
    assert course.split()[1] == "1"


def test_held_then_rejected_are_two_mails_that_say_why(told: Lincoln, export: Export, post: Post) -> None:
    digest = hold(told, export)
    look(told)
    decide(told, digest, "reject")
    told.work(digest)
    look(told)
    held, rejected = map(words, post.mails)
    first, last = told.receipts(digest)
    assert SUBJECTS["held"] in held and first["state"] == "held" and first["sentence"] in held
    assert SUBJECTS["rejected"] in rejected and last["state"] == "rejected" and last["sentence"] in rejected


def test_a_file_approved_in_part_is_reported_as_such(told: Lincoln, export: Export, post: Post) -> None:
    digest = hold(told, export)
    decide(told, digest, "approve")
    with told.connect() as owner:
        owner.execute("UPDATE decision SET tables = '{contact}'")
    told.work(digest)
    look(told)
    assert f"{IMPORTED} {IN_PART}" in words(post.mails[-1])


def test_a_refused_file_is_reported_with_its_reason(told: Lincoln, post: Post) -> None:
    assert told.send(b"no export at all")["state"] == "refused"
    look(told)
    assert "a file was refused" in words(post.mails[0]) and "ZIP" in words(post.mails[0])


def test_a_file_that_is_still_being_read_is_not_reported(told: Lincoln, post: Post) -> None:
    with told.connect() as owner:
        owner.execute("UPDATE delivery SET state = 'arrived', ended_at = NULL, received_at = now()")
        owner.execute("DELETE FROM report")
        assert owner.execute("SELECT count(*) FROM deliveries_told(now() - interval '1 day')").fetchone() == (0,)


def test_each_email_has_the_current_head_of_the_access_log(told: Lincoln, post: Post) -> None:
    """Emails before any entry is chained and after it, about a file and about a missed night."""
    told.send(b"refused")
    look(told)
    with told.connect(autocommit=True) as owner:
        owner.execute("UPDATE district SET nightly_by = '06:00', nightly_weekends = true")
        chain_new(owner, 0)
        head = verify_chain(owner).head
    look(told, datetime.now(UTC) + timedelta(days=2))
    before, after = (re.findall(r"Head of the access log: (\S+)", words(mail)) for mail in post.mails)
    assert before == [f"0:{'0' * 64}"] and after == [str(head)] and head.number > 0
    assert all(f"`homeroom ledger verify {Place.read(told.folder).slug} --known`" in words(mail) for mail in post.mails)


def test_no_mail_names_anybody(told: Lincoln, export: Export, post: Post) -> None:
    export.row("users", "nina")["enabledUser"] = "perhaps"
    told.send(export)
    hold(told, export)
    look(told)
    said = "".join(map(words, post.mails)).lower()
    people = {word.lower() for row in export.tables["users"] for word in (row["familyName"], row["givenName"]) if len(word) > 3}
    assert len(post.mails) == 2 and not {name for name in people if name in said}


def test_a_missed_night_is_reported_once_and_the_next_one_is_reported_too(told: Lincoln, post: Post) -> None:
    """Lincoln's file just came, in time for the next 6:00 a.m., whatever the hour is. Then none comes for two nights."""
    with told.connect() as owner:
        owner.execute("UPDATE district SET nightly_by = '06:00', nightly_weekends = true")
    first = Nightly(time(6), Place.read(told.folder).zone, weekends=True).next_due(datetime.now(UTC))
    missed = []
    for hour in range(24 * 2 + 6):
        look(told, first + timedelta(hours=hour))
        missed.append(len(post.mails))
    assert missed[0] == 0 and set(missed) == {0, 1, 2} and missed[-1] == 2
    for mail in post.mails:
        assert MISSED in words(mail) and "6:00 a.m." in words(mail)
        assert "Families see" in words(mail) and ".." not in words(mail)
    assert len({mail["Message-ID"] for mail in post.mails}) == 2


def test_no_import_is_missed_without_a_rule_and_no_email_goes_out_without_an_address(told: Lincoln, post: Post) -> None:
    look(told, datetime.now(UTC) + timedelta(days=9))
    with told.connect() as owner:
        owner.execute("UPDATE district SET it_mail = '', nightly_by = '06:00'")
    told.send(b"refused")
    look(told, datetime.now(UTC) + timedelta(days=9))
    assert post.mails == []


def test_an_event_older_than_two_days_when_the_address_is_added_is_not_reported(told: Lincoln, post: Post) -> None:
    told.send(b"refused")
    look(told, datetime.now(UTC) + YOUNG + MINUTE)
    assert post.mails == []


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "words"])
def test_a_mail_that_the_relay_does_not_take_is_tried_again_with_a_pause(told: Lincoln, post: Post, step: str) -> None:
    told.send(b"refused")
    post.answers[step] = "451 later, it@lincoln.example"
    now = datetime.now(UTC)
    look(told, now)
    assert "lincoln" not in told.ask("SELECT answer FROM report ORDER BY id DESC LIMIT 1")
    post.answers.clear()
    look(told, now + timedelta(seconds=30))
    assert post.mails == []
    look(told, now + MINUTE)
    assert len(post.mails) == 1
    look(told, now + 2 * MINUTE)
    assert len(post.mails) == 1


def test_a_relay_that_falls_silent_after_the_words_is_not_given_them_again(told: Lincoln, post: Post) -> None:
    """The relay may have the email. The page and the receipt say the same."""
    told.send(b"refused")
    post.answers["words"] = "silence"
    look(told)
    post.answers.clear()
    look(told, datetime.now(UTC) + timedelta(hours=2))
    assert post.mails == []
    assert told.ask("SELECT answer FROM report ORDER BY id DESC LIMIT 1").startswith("unknown")


@pytest.mark.parametrize(("step", "least"), [("EHLO", 1), ("RCPT", 1), ("DATA", 0), ("words", 1), ("QUIT", 1)])
def test_the_next_run_after_a_kill_at_any_step_never_sends_a_second_email(told: Lincoln, post: Post, step: str, least: int) -> None:
    """Killed before the relay is asked for the text, the email is sent again. Between the answers 354 and 250 it may never be sent."""
    told.send(b"refused")
    worker = multiprocessing.get_context("forkserver").Process(target=look_in, args=(told.folder, datetime.now(UTC)))
    post.meanwhile[step] = lambda: worker.pid and os.kill(worker.pid, signal.SIGKILL)
    worker.start()
    worker.join()
    assert worker.exitcode == -signal.SIGKILL
    post.meanwhile.clear()
    for minutes in range(3):
        look(told, datetime.now(UTC) + minutes * MINUTE)
    assert least <= len(post.mails) <= 1


def test_two_jobs_processes_at_the_same_time_send_one_email(told: Lincoln, post: Post) -> None:
    told.send(b"refused")
    post.meanwhile["RCPT"] = lambda: (post.meanwhile.clear(), look(told))
    look(told)
    assert len(post.mails) == 1


def test_reports_go_after_sixty_days(told: Lincoln) -> None:
    (told.folder / "secrets" / "jobs").write_text(told.server.passwords["jobs"])
    sweep(Place.read(told.folder), datetime.now(UTC) + KEPT + MINUTE)
    assert told.ask("SELECT count(*) FROM report") == 0
