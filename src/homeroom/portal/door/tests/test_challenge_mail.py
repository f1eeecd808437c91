"""Emails about a challenge: they name no one, an alert goes first, and a closed account is still notified that it is closed."""

import re
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest
from procrastinate import App
from procrastinate.testing import InMemoryConnector

from homeroom.portal.door.tests.test_recovery import send
from homeroom.portal.intake.tests.smtp_server import Post
from homeroom.portal.jobs import add_clocks
from homeroom.portal.place import Place
from tests.cast import NAMES
from tests.school import School

PROVEN = """INSERT INTO mail_address (account_id, address, language, proven_at)
    SELECT id, sign_in_name || '@mail.example', %s, now() FROM account WHERE sign_in_name = %s"""
ASKED = "INSERT INTO account_mail (account_id, kind, address_id, language) SELECT account_id, %s, id, language FROM mail_address"


def due(school: School) -> list[str]:
    with school.connect("jobs") as jobs:
        return [kind for (kind,) in jobs.execute("SELECT kind FROM account_mails_due()").fetchall()]


@pytest.mark.parametrize("language", ["en", "es"])
@pytest.mark.parametrize("kind", ["challenge", "written", "closed"])
def test_a_challenge_email_names_no_one_and_has_at_most_one_link(door: School, place: Place, post: Post, kind: str, language: str) -> None:
    door.change(PROVEN, language, "ana.family")
    door.change(ASKED, kind)
    assert send(door, place, post) == 1
    words = post.mails[0].get_content()
    assert not {name for full in NAMES.values() for name in full.split()} & set(re.findall(r"\w+", words))
    assert words.count("http") == (kind != "closed") and ("escuela" in words or "Familia" in words or "familia" in words) is (language == "es")


def test_two_hundred_other_mails_keep_no_alert_waiting(door: School, place: Place, post: Post) -> None:
    door.change(PROVEN, "en", "ana.family")
    door.change("INSERT INTO account_mail (account_id, kind, address_id) SELECT account_id, 'answered', id FROM mail_address, generate_series(1, 200)")
    door.change(ASKED, "challenge")
    kinds = due(door)
    assert kinds[0] == "challenge" and len(kinds) == 200
    door.change("UPDATE account_mail SET handed_at = now() WHERE kind = 'answered'")  # the most that the relay takes in an hour
    assert send(door, place, post) == 1
    door.change(ASKED, "answered")
    for change in ("handed_at = now()", "handed_at = NULL, made_at = now() - interval '25 hours'"):
        door.change(f"UPDATE account_mail SET {change} WHERE kind = 'challenge'")
        assert due(door) == [], "an alert that is out, or too old to go out, takes no other mail along"


def test_an_alert_waits_a_day_for_a_relay_that_is_down(door: School) -> None:
    door.change(PROVEN, "en", "ana.family")
    for kind in ("challenge", "answered"):
        door.change(ASKED, kind)
    door.change("UPDATE account_mail SET made_at = now() - interval '23 hours'")
    assert due(door) == ["challenge"]


def test_news_wait_a_day_for_a_relay_that_is_down_and_leave_room_for_a_passwords_mail(door: School) -> None:
    door.change(PROVEN, "en", "ana.family")
    door.change("""INSERT INTO account_mail (account_id, kind, address_id, made_at)
        SELECT account_id, 'written', id, now() - interval '23 hours' FROM mail_address, generate_series(1, 101)""")
    door.change(ASKED, "reset")
    kinds = due(door)
    assert kinds.count("written") == 100 and kinds.count("reset") == 1
    door.change("UPDATE account_mail SET handed_at = now() WHERE id IN (SELECT id FROM account_mail WHERE kind = 'written' LIMIT 100)")
    assert due(door) == ["reset"]
    door.change("UPDATE account_mail SET made_at = now() - interval '25 hours', handed_at = NULL WHERE kind = 'written'")
    assert due(door) == ["reset"]


def test_a_closed_account_is_only_notified_that_it_is_closed(door: School) -> None:
    door.change(PROVEN, "en", "ana.family")
    for kind in ("closed", "written"):
        door.change(ASKED, kind)
    door.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert due(door) == ["closed"]


def test_mail_is_looked_for_often_enough_that_an_alert_is_out_within_a_minute(place: Place) -> None:
    app = App(connector=InMemoryConnector())
    add_clocks(app, place, None)
    clock: Any = next(each for each in app.periodic_registry.periodic_tasks.values() if each.task.name == "account mail")
    moments = [clock.croniter.get_next(float) for _ in range(4)]
    assert all(timedelta(seconds=later - earlier) <= timedelta(seconds=20) for earlier, later in pairwise(moments))
