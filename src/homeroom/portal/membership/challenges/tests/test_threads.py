"""How many messages a person may write in a thread of a challenge, and who is notified of which challenge."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import (
    challenge,
    decide,
    family_of,
    give_address,
    mails,
    newest,
    tie,
    write,
)
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.cast import identity
from tests.school import School


@pytest.fixture
def challenged(own_school: School) -> School:
    family_of(own_school)
    assert challenge(own_school) == "sent"
    return own_school


def test_twenty_messages_of_one_thread_leave_room_in_the_other(challenged: School) -> None:
    assert [write(challenged, "challenger", "Please call") for _ in range(21)] == ["sent"] * 20 + ["many"]
    assert write(challenged, "challenged", "Please call") == "sent"


def test_twenty_messages_of_yesterday_leave_room_for_today(challenged: School) -> None:
    for _ in range(20):
        write(challenged, "challenger", "Please call")
    challenged.change("UPDATE challenge_message SET at = at - interval '1 day'")
    assert write(challenged, "challenger", "Please call") == "sent"


def test_bo_is_notified_when_jo_writes_about_the_open_challenge(challenged: School) -> None:
    """Bo is Leo's father, so he may not decide about Ana's challenges. Hers is over, and Dee's is open."""
    appoint(challenged, "bo")
    tie(challenged, "bo", "leo")
    tie(challenged, "dee", "nina")
    assert decide(challenged, "restored", how="known") == "restored"
    challenged.change("UPDATE challenge SET decided_at = now() - interval '1 year'")
    assert challenge(challenged, "dee") == "sent" and write(challenged, "challenged", "Bring an ID") == "sent"
    before = told(challenged, "bo", "staff")
    assert ask(challenged, "jo", "SELECT write_about_my_check(%s, 'I come on Monday')", [identity("tie/jo/nina")], side="family") == "sent"
    assert told(challenged, "bo", "staff") == [*before, "challenge waits"]


def test_bo_is_notified_when_dee_writes_about_her_own_challenge(challenged: School) -> None:
    """Bo is Leo's father, so he isn't notified of Ana's challenge. Dee challenges an adult of Max's."""
    appoint(challenged, "bo")
    tie(challenged, "bo", "leo")
    tie(challenged, "lou", "max", "claimed")
    assert challenge(challenged, "dee", "tie/lou/max", "max") == "sent" and write(challenged, "challenger", "Who is he?") == "sent"
    before = told(challenged, "bo", "staff")
    assert ask(challenged, "dee", "SELECT write_about_my_challenge(%s, 'A neighbor')", [newest(challenged)["uuid"]], side="family") == "sent"
    assert told(challenged, "bo", "staff") == [*before, "challenge waits"]


def test_twenty_messages_of_the_office_leave_room_for_anas(challenged: School) -> None:
    for _ in range(20):
        write(challenged, "challenger", "Please call")
    assert ask(challenged, "ana", "SELECT write_about_my_challenge(%s, 'I did')", [newest(challenged)["uuid"]], side="family") == "sent"


def test_the_family_account_alone_is_mailed_that_the_school_wrote_while_it_is_open(challenged: School) -> None:
    """Ana also has a staff account."""
    challenged.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'ana.staff')", challenged.ids["ana"])
    for name, side in (("ana", "family"), ("ana", "staff"), ("jo", "family")):
        give_address(challenged, name, side)
    challenged.change("DELETE FROM account_mail")
    challenged.change("UPDATE account SET is_active = false WHERE sign_in_name = 'ana.family'")
    assert write(challenged, "challenger", "Please call") == write(challenged, "challenged", "Please call") == "sent"
    assert mails(challenged) == [("written", "jo.family")]
