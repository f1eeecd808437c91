"""People see their own checks, children near 18, closed records and inspections. They see nothing that has ended or is another person's."""

import json
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import challenge, decide, family_of, write
from homeroom.portal.membership.challenges.tests.challenging import newest as newest_challenge
from homeroom.portal.membership.eighteen.tests.aging import due as birthdays
from homeroom.portal.membership.eighteen.tests.aging import of_age, turning
from homeroom.portal.membership.requests.tests.registering import match, newest, office_of, register
from homeroom.portal.membership.tests.acting import ask
from homeroom.portal.membership.ties.tests.keeping import close
from tests.cast import identity
from tests.school import School, proof_of

CHECKS = "SELECT coalesce(jsonb_agg(to_jsonb(c) - 'uuid'), '[]') FROM my_checks() c"
BAR = "UPDATE restriction SET person_id = %s, student_id = %s"
LEFT = "UPDATE role SET ended_at = now() - make_interval(days => %s) WHERE person_id = %s"
IN_NO_FILE = "UPDATE person SET ended_at = now() - make_interval(days => %s) WHERE id = %s"
SAID = """INSERT INTO challenge_message (tie_id, registration_id, author_id, is_of_office, words, at)
    VALUES ((SELECT id FROM tie WHERE uuid = %s), (SELECT id FROM registration WHERE uuid = %s), %s, %s, 'Hello', now() - make_interval(days => %s))"""


@pytest.fixture
def family(own_school: School) -> School:
    """Ana challenged Jo, who keeps access in the meantime."""
    family_of(own_school, "in person")
    assert challenge(own_school) == "sent"
    return own_school


@pytest.fixture
def office(own_school: School) -> School:
    """Mia asked for Nina, Ana challenged it, and the office has written nothing."""
    office_of(own_school)
    register(own_school)
    match(own_school)
    began = "SELECT begin_challenge(%s, %s, 'stranger', '')"
    assert ask(own_school, "ana", began, [identity("nina"), newest(own_school)["uuid"]], side="family") == "sent"
    return own_school


def said(school: School, tie: str | None, request: object = None, author: str = "carl", *, is_of_office: bool = True, days: int = 0) -> None:
    school.change(SAID, tie and identity(tie), request, school.ids[author], is_of_office, days)


def checks(school: School, who: str, side: str = "family") -> list[dict[str, Any]]:
    return list(ask(school, who, CHECKS, side=side))


def asked_by_owner(school: School, who: str, side: str, statement: str, *values: Any) -> Any:
    """Returns what a function that app may not call answers for this person."""
    with school.connect("owner") as owner:
        owner.execute("SELECT claim(%s, NULL)", [proof_of(who, side)])
        return (owner.execute(statement.encode(), values).fetchone() or (None,))[0]


# ── Checks ──
def test_an_adult_who_keeps_access_sees_a_check_only_once_the_office_writes_in_it(family: School) -> None:
    """Messages of the office to Gus, or earlier ones to Jo, don't count."""
    said(family, "tie/gus/max")
    said(family, "tie/jo/nina", days=3)
    assert checks(family, "jo") == []
    write(family, "challenged", "Come by with an ID")
    assert [check["state"] for check in checks(family, "jo")] == ["under challenge"] and checks(family, "dee") == []
    family.change(BAR, family.ids["jo"], family.ids["nina"])
    assert checks(family, "jo") == []


@pytest.mark.parametrize(("is_of_office", "days", "is_read"), [(True, 0, True), (True, 59, True), (True, 61, False), (False, 0, False)])
def test_a_requester_sees_a_check_for_sixty_days_after_the_office_wrote(office: School, is_of_office: bool, days: int, is_read: bool) -> None:
    said(office, None, newest(office)["uuid"], "carl" if is_of_office else "mia", is_of_office=is_of_office, days=days)
    assert (checks(office, "mia") != []) is is_read and checks(office, "dee") == []


def test_a_check_of_a_request_is_open_while_its_own_challenge_is(office: School) -> None:
    said(office, None, newest(office)["uuid"])
    assert [check["is_open"] for check in checks(office, "mia")] == [True]
    assert decide(office, "set aside") == "set aside"
    assert [check["is_open"] for check in checks(office, "mia")] == [False]
    again = {"id": 900, "uuid": identity("another challenge"), "decided_at": None, "outcome": ""}
    register(office, "zoe", "Zoe", "Stone")
    office.change("""INSERT INTO challenge SELECT (jsonb_populate_record(c, %s::jsonb
        || jsonb_build_object('registration_id', (SELECT max(id) FROM registration)))).* FROM challenge c WHERE uuid = %s""",
        json.dumps(again, default=str), newest_challenge(office)["uuid"])  # fmt: skip
    assert [check["is_open"] for check in checks(office, "mia")] == [False], "Zoe's is open, and not hers"


GONE = "state = 'withdrawn', child_given_name = '', child_family_name = '', child_birth_date = NULL"


@pytest.mark.parametrize("change", ["relation = 'self'", GONE], ids=["of a student", "withdrawn"])
def test_a_person_cannot_read_a_request_from_another_role_or_a_withdrawn_one(office: School, change: str) -> None:
    said(office, None, newest(office)["uuid"])
    assert len(checks(office, "mia")) == len(registrations(office)) == 1
    office.change(f"UPDATE registration SET {change}")
    assert checks(office, "mia") == registrations(office) == []


def registrations(school: School) -> list[Any]:
    return list(ask(school, "mia", "SELECT coalesce(jsonb_agg(child), '[]') FROM my_registrations()", side="family"))


# ── Children near 18, and closed records ──
def test_access_that_ended_or_is_suspended_for_another_reason_is_not_closed_by_age(own_school: School) -> None:
    at_18 = "SELECT coalesce(jsonb_agg(is_closed), '[]') FROM my_children_at_18()"
    turning(own_school)
    birthdays(own_school)
    own_school.change("UPDATE tie SET state = 'suspended' WHERE uuid = %s", identity("tie/jo/nina"))
    assert [ask(own_school, who, at_18, side="family") for who in ("ana", "jo")] == [[False], []]
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    of_age(own_school)
    assert ask(own_school, "ana", at_18, side="family") == [True]
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/nina"))
    assert ask(own_school, "ana", at_18, side="family") == []


def test_a_parent_restricted_by_a_court_does_not_see_that_parent_access_is_turned_off(own_school: School) -> None:
    assert close(own_school) == "closed"
    shut = "SELECT count(*) FROM my_children_shut()"
    assert ask(own_school, "ana", shut, side="family") == 1
    own_school.change(BAR, own_school.ids["ana"], own_school.ids["nina"])
    assert ask(own_school, "ana", shut, side="family") == 0


# ── Students who left ──
@pytest.mark.parametrize(
    "change",
    ["kind = 'tutor', end_date = today() + 9", "is_shut = true", "state = 'suspended'", "start_date = today() + 1", "end_date = today()"],
    ids=["tutor", "shut", "suspended", "to come", "over"],
)
def test_a_former_students_record_is_open_to_inspection_only_if_the_access_would_be_open(own_school: School, change: str) -> None:
    former = "SELECT coalesce(jsonb_agg(name), '[]') FROM my_inspections() WHERE left_on IS NOT NULL"
    own_school.change(LEFT, 70, own_school.ids["nina"])
    assert ask(own_school, "ana", former, side="family") == ["Nina Ruiz"]
    own_school.change(f"UPDATE tie SET {change} WHERE uuid = %s", identity("tie/ana/nina"))
    assert ask(own_school, "ana", former, side="family") == []


def test_until_when_it_is_open_is_said_of_the_own_inspection_of_that_child(own_school: School) -> None:
    """Jo's inspection of Nina is open longer, and Ana's of Leo the longest. A restriction then ends Jo's."""
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    for child in ("nina", "leo"):
        own_school.change(LEFT, 70, own_school.ids[child])
    for who, child, days in (("ana", "nina", 5), ("jo", "nina", 9), ("ana", "leo", 12)):
        own_school.change("""INSERT INTO inspection (uuid, student_id, person_id, asked_at, state, open_until)
            VALUES (gen_random_uuid(), %s, %s, now(), 'opened', today() + %s::integer)""", own_school.ids[child], own_school.ids[who], days)  # fmt: skip
    until = "SELECT coalesce(jsonb_object_agg(name, last_day - today()), '{}') FROM my_inspections()"
    assert asked_by_owner(own_school, "ana", "family", until) == {"Nina Ruiz": 4, "Leo Ruiz": 11}
    assert asked_by_owner(own_school, "jo", "family", until) == {"Nina Ruiz": 8}
    own_school.change(BAR, own_school.ids["jo"], own_school.ids["nina"])
    assert asked_by_owner(own_school, "jo", "family", until) == {}


@pytest.mark.parametrize(
    ("change", "days", "is_asked"), [(LEFT, 10, True), (LEFT, 70, False), (IN_NO_FILE, 10, False)], ids=["ten days ago", "seventy", "in no file"]
)
@pytest.mark.parametrize("rule", ["my_say_on_consents", "my_standing"])
def test_a_student_who_left_has_a_say_while_a_file_has_her_and_it_is_open(own_school: School, rule: str, change: str, days: int, is_asked: bool) -> None:
    own_school.change(change, days, own_school.ids["nina"])
    asked = asked_by_owner(own_school, "nina", "student", f"SELECT count(*) FROM {rule}(%s)", identity("nina"))
    assert asked == (1 if is_asked else 0)


def test_a_mother_who_is_being_challenged_cannot_challenge_anyone(own_school: School) -> None:
    standing = "SELECT count(*) FROM my_standing(%s)"
    assert asked_by_owner(own_school, "ana", "family", standing, identity("nina")) == 1
    own_school.change("UPDATE tie SET state = 'under challenge' WHERE uuid = %s", identity("tie/ana/nina"))
    assert asked_by_owner(own_school, "ana", "family", standing, identity("nina")) == 0
