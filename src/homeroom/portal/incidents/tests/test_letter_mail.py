"""Letters about an incident by email: to verified addresses that were not exposed, each once, also if the jobs process is killed or the relay is away."""

import os
from collections.abc import Iterator
from multiprocessing import get_context
from pathlib import Path
from shutil import copy
from signal import SIGKILL
from typing import Any

import psycopg
import pytest

from homeroom.portal.incidents.letter_mail import send_due
from homeroom.portal.incidents.tests.incidents import (
    count,
    declare,
    draft,
    drafted,
    letters,
    look,
    proposed,
    released,
    stolen,
)
from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.tests.acting import ask, second
from homeroom.portal.place import Place
from homeroom.portal.relay import Relay
from tests.browser import Browser
from tests.school import School

NEW = "released_at > now() - interval '1 day'"
WAYS = f"SELECT jsonb_object_agg(p.given_name, l.way || ' ' || l.state) FROM breach_letter l JOIN person p ON p.id = l.person_id WHERE l.{NEW}"
ADDRESS = """INSERT INTO mail_address (account_id, address, language, proven_at)
    SELECT id, sign_in_name || '@mail.example', CASE sign_in_name WHEN 'dee.family' THEN 'es' ELSE 'en' END, now() FROM account
    WHERE sign_in_name = ANY (%s) ON CONFLICT DO NOTHING"""


@pytest.fixture
def office(own_school: School) -> School:
    own_school.change("UPDATE mail_address SET ended_at = now()")
    own_school.change(ADDRESS, ["ana.family", "dee.family", "bo.staff"])
    return stolen(own_school)


@pytest.fixture
def post() -> Iterator[Post]:
    with relay_on_loopback() as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    copy(Path(__file__).parents[5] / "tests" / "portal" / "portal.toml", tmp_path)
    return Place.read(tmp_path)


def send(school: School, place: Place, post: Post | None) -> int:
    """Uses a connection of its own, because a run holds its lock until the connection ends."""
    with psycopg.connect(**school.server.words("jobs", school.database)) as jobs:
        return send_due(jobs, place, Relay("127.0.0.1", post.port, "none", "homeroom@lincoln.example") if post else None)


def killed_at(step: str, school: School, place: Place, post: Post) -> None:
    """Runs in a process that is killed with -9 when the relay gets to this step for the first time."""
    run = get_context("fork").Process(target=send, args=(school, place, post))

    def kill() -> None:
        post.meanwhile.clear()
        os.kill(run.pid or 0, SIGKILL)
        run.join(10)

    post.meanwhile[step] = kill
    run.start()
    run.join(20)
    assert run.exitcode == -SIGKILL


def ways(school: School) -> Any:
    return one(school, WAYS)


def again(school: School) -> None:
    school.change("UPDATE breach_letter SET next_at = now()")


def test_readers_with_a_verified_address_get_the_whole_letter_and_the_relays_yes_is_the_proof(office: School, place: Place, post: Post) -> None:
    assert released(office) == {"Ana Ruiz": "email", "Dee Moss": "email", "Bo Larsen": "portal"}, "Bo's sign-in was exposed"
    assert send(office, place, post) == 2 and send(office, place, post) == 0
    mails = {mail["To"]: mail.get_content() for mail in post.mails}
    anas, dees = mails["ana.family@mail.example"], mails["dee.family@mail.example"]
    assert "the record of Nina" in anas and "WHAT HAPPENED" in anas and "Alguien usó la cuenta" in anas and "Max" not in anas and "Dee" not in anas
    assert dees.index("Aviso".upper()) < dees.index("NOTICE"), "Dee chose Spanish" and "http" not in dees
    assert ways(office) == {"Ana": "email sent", "Dee": "email sent", "Bo": "portal there"}
    assert one(office, f"SELECT count(*) FROM breach_letter WHERE proven_at IS NOT NULL AND {NEW}") == 2
    assert "Someone used a teacher’s account." in Browser("ana").open("/breach-letters").words, "it is on the portal, too"


def test_no_email_goes_to_someone_whose_contact_details_were_seen(office: School) -> None:
    assert look(office, "carl", "adults", "max")
    which = declare(office)
    count(office, which, "carl")
    draft(office, which)
    proposed(office, which)
    assert second(office, "pat") == "carried out" and letters(office)["Dee Moss"] == "portal"


@pytest.mark.parametrize("step", ["EHLO", "MAIL", "RCPT", "DATA", "words"])
def test_a_run_that_is_killed_at_any_step_mails_no_one_twice_and_leaves_no_one_out(office: School, place: Place, post: Post, step: str) -> None:
    released(office)
    killed_at(step, office, place, post)
    for _ in range(3):
        send(office, place, post)
    to = [mail["To"] for mail in post.mails]
    assert len(to) == len(set(to)), "no one twice"
    found = ways(office)
    assert {found["Ana"], found["Dee"]} <= {"email sent", "paper waiting"} and found["Bo"] == "portal there", "no one left out"
    assert [state for state in found.values() if state == "paper waiting"] == (["paper waiting"] if step == "words" else [])


def test_a_relay_that_goes_away_in_the_middle_gets_the_rest_later(office: School, place: Place, post: Post) -> None:
    released(office)
    post.meanwhile["words"] = lambda: post.answers.update(MAIL="421 closing")
    assert send(office, place, post) == 1
    assert sorted(ways(office).values()) == ["email sent", "email waiting", "portal there"]
    post.answers.clear()
    post.meanwhile.clear()
    assert send(office, place, post) == 0, "it waits a minute"
    again(office)
    assert send(office, place, post) == 1 and len({mail["To"] for mail in post.mails}) == len(post.mails) == 2
    with psycopg.connect(**office.server.words("jobs", office.database)) as jobs:
        office.change("UPDATE breach_letter SET state = 'waiting', next_at = now() WHERE way = 'email'")
        assert send_due(jobs, place, Relay("127.0.0.1", 1, "none", "a@b.example")) == 0
    assert "email waiting" in ways(office).values() and one(office, "SELECT max(tries) FROM breach_letter") < 3, "no relay at all is no letter's fault"


@pytest.mark.parametrize(("step", "answer", "way"), [
    ("RCPT", "550 no such user", "paper waiting"), ("words", "554 no", "paper waiting"), ("RCPT", "450 later", "email waiting"),
    ("MAIL", "530 sign in", "email waiting"), ("words", "silence", "paper waiting"),
], ids=["no such user", "refused text", "greylisted", "relay's own trouble", "no answer"])  # fmt: skip
def test_a_letter_that_the_relay_refuses_for_good_goes_on_paper(
    office: School, place: Place, post: Post, monkeypatch: pytest.MonkeyPatch, step: str, answer: str, way: str
) -> None:
    monkeypatch.setattr("homeroom.portal.relay.PATIENCE", 0.5)
    released(office)
    post.answers[step] = answer
    assert send(office, place, post) == 0
    assert {ways(office)["Ana"], ways(office)["Dee"]} == {way}
    if way == "email waiting":
        office.change("UPDATE breach_letter SET tries = 19")
        again(office)
        send(office, place, post)
        assert "paper waiting" in ways(office).values(), "after 20 tries"


def test_an_email_that_came_back_later_goes_on_paper(office: School, place: Place, post: Post) -> None:
    which = drafted(office)
    released(office, which)
    send(office, place, post)
    letter = one(office, f"SELECT uuid FROM breach_letter l WHERE {NEW} AND person_id = %s", office.ids["ana"])
    carl, path = Browser("carl", "staff"), f"/office/incidents/{which}/record/came-back"
    assert "It came back" not in carl.open(f"{path}?about={letter}").words
    assert carl.post(path, {"about": str(letter), "said": "Mailbox full"}).status == 302
    assert ways(office)["Ana"] == "paper waiting"
    assert ask(office, "carl", "SELECT letter_came_back(%s, %s, 'Again')", [which, letter]) == "odd"


def test_a_hold_stops_emails_that_wait(office: School, place: Place, post: Post) -> None:
    which = drafted(office)
    released(office, which)
    assert ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff, case 12', NULL)", [which]) == "recorded"
    assert send(office, place, post) == 0 and not post.mails
    with psycopg.connect(**office.server.words("jobs", office.database)) as jobs:
        for (number,) in jobs.execute("SELECT generate_series(1, 9)").fetchall():
            assert jobs.execute("SELECT hand_letter_mail(%s)", [number]).fetchone() == (False,), "also if the hold came after the list"
    assert ask(office, "carl", "SELECT end_hold(%s, 'The sheriff called')", [which]) == "recorded"
    assert send(office, place, post) == 2


def test_without_a_relay_letters_stay_on_the_portal_and_nothing_is_sent(office: School, place: Place) -> None:
    released(office)
    assert send(office, place, None) == 0 and set(ways(office).values()) == {"portal there"}
    assert "Someone used a teacher’s account." in Browser("ana").open("/breach-letters").words


def test_an_address_that_was_removed_and_a_name_that_is_protected_meanwhile_get_no_email(office: School, place: Place, post: Post) -> None:
    released(office)
    office.change("UPDATE mail_address SET ended_at = now() WHERE address LIKE 'ana%%'")
    office.change("UPDATE masking SET student_id = %s, start_date = start_date - 60", office.ids["max"])
    assert send(office, place, post) == 0
    assert ways(office) == {"Ana": "portal there", "Dee": "hand waiting", "Bo": "portal there"}


def test_only_one_run_sends(office: School, place: Place, post: Post) -> None:
    released(office)
    with psycopg.connect(**office.server.words("jobs", office.database)) as other:
        assert other.execute("SELECT begin_letter_mail(true)").fetchone() == (True,)
        other.commit()
        assert send(office, place, post) == 0
    assert send(office, place, post) == 2
