"""The jobs process carries out what is due once, even if it is killed, and emails the board once."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from homeroom.portal.intake.tests.smtp_server import Post, relay_on_loopback
from homeroom.portal.jobs import two_people
from homeroom.portal.membership.tests.acting import appoint, newest, offices_of, pass_time, propose, second
from homeroom.portal.place import Place
from homeroom.portal.relay import read_relay
from tests.database import PORTAL_TOML
from tests.school import School

SLOW = "CREATE TRIGGER slowly AFTER INSERT ON administrator FOR EACH ROW EXECUTE FUNCTION slowly()"
SLOWLY = """CREATE FUNCTION slowly() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_sleep(60); RETURN NULL; END $$"""
SLEEPS = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND usename = 'jobs' AND wait_event = 'PgSleep'"


@pytest.fixture
def post() -> Iterator[Post]:
    with relay_on_loopback() as made:
        yield made


@pytest.fixture
def place(own_school: School, post: Post, tmp_path: Path) -> Path:
    """Returns Lincoln's folder as the jobs process reads it. Carl, Pat and Dana are administrators, and the board has an address."""
    appoint(own_school, "pat", "dana")
    own_school.change("UPDATE district SET board_mail = 'board@lincoln.example'")
    (tmp_path / "secrets").mkdir()
    (tmp_path / "secrets" / "jobs").write_text(own_school.server.passwords["jobs"])
    toml = PORTAL_TOML.format(sockets=own_school.server.cluster.sockets).replace("///homeroom", f"///{own_school.database}")
    relay = f'[mail]\nrelay = "127.0.0.1:{post.port}"\nfrom = "homeroom@lincoln.example"\nsecurity = "none"\n'
    (tmp_path / "portal.toml").write_text(f"{toml}\n{relay}")
    return tmp_path


def look(folder: Path) -> None:
    """Runs what the jobs process does each minute."""
    place = Place.read(folder)
    two_people(place, read_relay(place))


def confirmed(school: School) -> None:
    """Bo is confirmed, and the day's time lock is over."""
    propose(school, "carl", "bo")
    second(school, "pat")
    pass_time(school)


def test_the_board_gets_one_email_about_a_proposal_with_a_time_lock_and_it_names_no_one(own_school: School, place: Path, post: Post) -> None:
    propose(own_school, "carl", "bo")
    look(place)
    look(place)
    assert post.recipients == ["<board@lincoln.example>"]
    words = post.mails[0].get_content()
    assert "becomes an administrator" in words and "not before" in words and "http://127.0.0.1:8000/office/two-people" in words
    assert not {word for word in ("Bo", "Larsen", "Carl", "Webb", "runs the office") if word in post.mails[0].as_string()}


def test_a_relay_that_says_no_is_asked_again(own_school: School, place: Path, post: Post) -> None:
    propose(own_school, "carl", "bo")
    post.answers["DATA"] = "451 later"
    look(place)
    post.answers.clear()
    look(place)
    assert len(post.mails) == 1


def test_no_one_is_emailed_without_a_board_address(own_school: School, place: Path, post: Post) -> None:
    own_school.change("UPDATE district SET board_mail = ''")
    propose(own_school, "carl", "bo")
    look(place)
    assert post.mails == []


def test_the_clock_carries_out_an_approved_proposal_once(own_school: School, place: Path) -> None:
    confirmed(own_school)
    look(place)
    look(place)
    assert offices_of(own_school, "bo") == 1 and newest(own_school)[1] == "carried out"


def test_the_next_run_after_a_kill_carries_out_the_proposal_once(own_school: School, place: Path) -> None:
    confirmed(own_school)
    own_school.change(SLOWLY)
    own_school.change(SLOW)
    worker = multiprocessing.get_context("forkserver").Process(target=look, args=(place,))
    worker.start()
    with own_school.server.connect("postgres", "postgres", autocommit=True) as admin:
        while admin.execute(SLEEPS, [own_school.database]).fetchone() != (1,):
            assert worker.is_alive()
        os.kill(worker.pid or 0, signal.SIGKILL)
        worker.join()
        admin.execute("SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity WHERE datname = %s AND usename = 'jobs'", [own_school.database])
    assert (offices_of(own_school, "bo"), newest(own_school)[1]) == (0, "confirmed")
    own_school.change("DROP TRIGGER slowly ON administrator")
    look(place)
    look(place)
    assert (offices_of(own_school, "bo"), newest(own_school)[1]) == (1, "carried out")


def test_two_rounds_at_the_same_time_send_one_email(own_school: School, place: Path, post: Post) -> None:
    propose(own_school, "carl", "bo")
    post.meanwhile["RCPT"] = lambda: (post.meanwhile.clear(), look(place))
    look(place)
    assert len(post.mails) == 1
