"""The operator's commands about people: the same acts as on the office's pages, by no one of the district."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from homeroom.ops.answers import NotDone
from homeroom.ops.people.code_people import make_code
from homeroom.ops.people.people import (
    TieWish,
    create_administrator,
    create_tie,
    end_duty,
    end_restriction,
    end_tie,
    give_duty,
    restrict,
)
from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.eighteen.tests.aging import due, record, turning
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.ties.tests.keeping import one, today
from homeroom.portal.roster.models import Person
from homeroom.portal.roster.models import School as Place
from tests.school import School, pointed_at

SECRET = """INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, is_confidential)
    VALUES (gen_random_uuid(), 'secret', %s, 'Dee Moss', 'mother', true)"""
HIDDEN = "SELECT is_confidential FROM tie WHERE adult_id = %s AND student_id = %s AND state <> 'ended'"
LAST = "SELECT jsonb_build_array(event, capacity, person_id, reason) FROM ledger WHERE capacity = 'operator' ORDER BY id DESC LIMIT 1"
ON_FILE = """INSERT INTO person (sourced_id, given_name, family_name)
    SELECT 'ana on file', given_name, family_name FROM person WHERE sourced_id = 'ana'"""
ORDER, SAFE = "court order", "office, safe"
NOBODY_TOLD = "DELETE FROM account_notice"


@pytest.fixture
def command(own_school: School) -> Iterator[School]:
    """Connects as owner, as the operator's commands do."""
    own_school.change(NOBODY_TOLD)
    with pointed_at(own_school.server, "owner", own_school.database):
        yield own_school


def two_of(adult: str, student: str) -> tuple[Person, Person]:
    return Person.objects.get(sourced_id=adult), Person.objects.get(sourced_id=student)


def tie(school: School, adult: str = "dee", student: str = "nina", **said: Any) -> None:
    create_tie(TieWish(*two_of(adult, student), "mother", today(school), **said))


def test_access_from_the_command_sends_the_same_notices_as_the_office_and_names_no_maker(command: School) -> None:
    tie(command, rights=("consent",))
    assert sees(command, "dee") and told(command, "dee") == ["record given"] and told(command, "ana") == ["parent added"]
    assert one(command, LAST) == ["tie made", "operator", None, "in person"]
    with pytest.raises(NotDone, match="already has one"):
        tie(command)


def test_the_command_gives_a_confidential_adult_confidential_access(command: School) -> None:
    """Dee is in a shelter, and the operator did not say --confidential."""
    command.change(SECRET, command.ids["nina"])
    tie(command)
    assert one(command, HIDDEN, command.ids["dee"], command.ids["nina"]) is True
    assert told(command, "dee") == ["record given"] and told(command, "ana") == [] == told(command, "nina", "student")


def test_the_command_gives_no_access_to_an_adult_the_family_challenged(command: School) -> None:
    """Jo can't get access while Ana's challenge is open, and for a year after it ended his access. Being a contact on record doesn't help, because no
    administrator decides here."""
    command.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s", command.ids["jo"])
    with pytest.raises(NotDone, match="This adult has an open challenge"):
        tie(command, "jo")
    command.change("UPDATE challenge SET outcome = 'ended', decided_at = now()")
    with pytest.raises(NotDone, match="This adult has an open challenge"):
        tie(command, "jo")
    assert one(command, HIDDEN, command.ids["jo"], command.ids["nina"]) is None
    command.change("UPDATE challenge SET decided_at = now() - interval '13 months'")
    tie(command, "jo")
    assert one(command, HIDDEN, command.ids["jo"], command.ids["nina"]) is False


def test_the_command_gives_no_access_to_an_adult_with_a_court_restriction(command: School) -> None:
    command.change("UPDATE tie SET state = 'ended' WHERE adult_id = %s", command.ids["gus"])
    with pytest.raises(NotDone, match="has a restriction for this student"):
        tie(command, "gus", "max")


def test_the_command_gives_a_parent_no_access_to_a_student_of_18_before_the_clock_and_after_it(command: School) -> None:
    """34 CFR 99.5. Nina's rights have not passed yet, because the jobs process is off or a minute late."""
    turning(command, 0)
    command.change(NOBODY_TOLD)
    for _ in range(2):
        with pytest.raises(NotDone, match="18 or older"):
            tie(command)
        assert one(command, HIDDEN, command.ids["dee"], command.ids["nina"]) is None and told(command, "dee") == []
        due(command)


def test_the_command_gives_access_to_a_student_of_18_where_a_rule_lets_it(command: School) -> None:
    """A dependent's parent can see the record (34 CFR 99.31(a)(8)), without the rights. A conservator has the rights."""
    turning(command, 0)
    tie(command, "vera", kind="conservator", basis="court order", rights=("consent",))
    record(command, ["nina"])
    tie(command, rights=("consent",))
    consents = "SELECT jsonb_agg(may_consent ORDER BY id DESC) FROM tie WHERE adult_id = ANY (%s) AND student_id = %s AND state = 'approved'"
    assert one(command, consents, [command.ids["vera"], command.ids["dee"]], command.ids["nina"]) == [False, True] and sees(command, "dee")


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"kind": "guardian"}, "Choose a document"),
        ({"kind": "caseworker", "basis": "agency letter"}, "ends within a year"),
        ({"kind": "foster caregiver", "basis": "placement", "views": ["grades"]}, "grades and attendance"),
        ({"kind": "tutor", "rights": ["consent"]}, "can consent, correct or challenge"),
        ({"proof": "claimed"}, "how you checked this person"),
        ({"views": []}, "Check what this person can see"),
        ({"adult": "max"}, "must be a student"),
        ({"student": "ana"}, "must be a student"),
    ],
)
def test_the_command_refuses_access_that_the_office_form_refuses(command: School, said: dict[str, Any], why: str) -> None:
    with pytest.raises(NotDone, match=why):
        tie(command, **said)
    assert not sees(command, "dee")


def test_ending_access_by_the_command_sends_the_same_notice_as_the_office(command: School) -> None:
    ended = end_tie(*two_of("ana", "nina"), "moved away")
    assert (ended.state, ended.end_date) == ("ended", today(command)) and not sees(command, "ana")
    assert told(command, "ana") == ["tie ended"] and one(command, LAST) == ["tie ended", "operator", None, "moved away"]
    with pytest.raises(NotDone, match="no open access"):
        end_tie(*two_of("ana", "nina"), "moved away")


def test_the_tutor_and_the_family_get_a_notice_when_the_command_ends_a_tutors_access(command: School) -> None:
    end_tie(*two_of("tia", "nina"), "district")
    assert told(command, "tia") == ["tie ended"] and told(command, "ana") == ["tutor ended"] and not sees(command, "tia")


def test_a_person_the_command_restricts_is_restricted_under_their_own_account_too(command: School) -> None:
    """Ana on file is one person in the record, and Ana with the account is another."""
    command.change(ON_FILE)
    made, sentence = restrict(*two_of("ana on file", "nina"), ORDER, today(command), None, SAFE)
    assert made.paper_kept_at == SAFE and made.made_by is None and "every other adult" in sentence and not sees(command, "ana")
    assert end_restriction(*two_of("ana", "nina")).end_date == today(command) and sees(command, "ana")
    assert one(command, LAST)[:3] == ["restriction ended", "operator", None]
    with pytest.raises(NotDone, match="not restricted"):
        end_restriction(*two_of("ana", "nina"))


def test_the_same_restriction_is_not_set_twice(command: School) -> None:
    assert "outweighs any access" in restrict(*two_of("ana", "nina"), ORDER, today(command), None, SAFE)[1] and not sees(command, "ana")
    with pytest.raises(NotDone, match="already has one"):
        restrict(*two_of("ana", "nina"), ORDER, today(command), None, SAFE)
    with pytest.raises(NotDone, match="must be a student"):
        restrict(*two_of("nina", "ana"), ORDER, today(command), None, SAFE)


@pytest.mark.parametrize(("basis", "paper", "why"), [("a word", "safe", "Choose a document"), ("court order", " ", "where the paper is kept")])
def test_the_command_refuses_a_restriction_that_the_form_refuses(command: School, basis: str, paper: str, why: str) -> None:
    with pytest.raises(NotDone, match=why):
        restrict(*two_of("ana", "nina"), basis, today(command), None, paper)
    assert sees(command, "ana")


def test_the_command_alone_gives_a_tutor_access_without_a_familys_consent(command: School) -> None:
    tie(command, "lou", kind="tutor", basis="", views=["grades"])
    assert one(command, "SELECT kind FROM tie WHERE adult_id = %s AND state = 'approved'", command.ids["lou"]) == "tutor"


def test_a_duty_given_by_the_command_sends_a_notice_and_is_not_given_twice(command: School) -> None:
    work = Person.objects.get(sourced_id="bo"), Place.objects.get(sourced_id="middle"), "registrar"
    assert give_duty(*work, None, None) == today(command)
    assert told(command, "bo", "staff") == ["duty given"] and one(command, LAST) == ["duty given", "operator", None, "registrar"]
    with pytest.raises(NotDone, match="on some of these days already"):
        give_duty(*work, today(command), None)
    assert end_duty(*work).end_date == today(command)
    assert told(command, "bo", "staff") == ["duty given", "duty ended"] and one(command, LAST) == ["duty ended", "operator", None, "registrar"]
    with pytest.raises(NotDone, match="no such duty"):
        end_duty(*work)


def test_the_command_refuses_a_duty_that_the_form_refuses(command: School) -> None:
    work = Place.objects.get(sourced_id="middle"), "registrar"
    with pytest.raises(NotDone, match="from today on"):
        give_duty(Person.objects.get(sourced_id="bo"), *work, today(command) - timedelta(1), None)
    with pytest.raises(NotDone, match="staff only"):
        give_duty(Person.objects.get(sourced_id="ana"), *work, today(command), None)


def test_a_code_made_by_the_command_ends_the_previous_one_and_sends_a_notice(command: School) -> None:
    bo = Person.objects.get(sourced_id="bo")
    make_code(bo, "staff"), make_code(bo, "staff")
    assert told(command, "bo", "staff") == ["code given", "code given"]
    assert one(command, "SELECT count(*) FROM code WHERE person_id = %s AND used_at IS NULL AND ended_at IS NULL", bo.id) == 1
    assert one(command, LAST) == ["code printed", "operator", None, f"password for {bo.uuid}"]


def test_the_first_two_administrators_are_the_commands_and_no_third(command: School) -> None:
    command.change("DELETE FROM administrator")
    for name in ("Vera", "Hugo"):
        made = create_administrator(name, "Holt")
        assert one(command, "SELECT school_id IS NULL FROM administrator WHERE person_id = %s", made.id) is True
    assert one(command, LAST) == ["administrator made", "operator", None, "first two"]
    with pytest.raises(NotDone, match="two administrators already"):
        create_administrator("Ida", "Holt")
