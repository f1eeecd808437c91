"""Who signs for a tutor, what was signed, and every way it ends (34 CFR 99.30)."""

import threading
import time
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees, tie
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import appoint, ask
from homeroom.portal.membership.ties.tests.keeping import one
from homeroom.portal.membership.tutors.tests.tutoring import (
    allow,
    answer,
    asked,
    consent,
    decline,
    district_of,
    end,
    newest,
    seen,
    tie_of,
    today,
    wants,
)
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, calls_of, proof_of


@pytest.fixture
def district(own_school: School) -> School:
    return district_of(own_school)


# ── Who consents, who ends ──
ROLES = {  # role: statement that sets it up, person, side, may consent, may see and end
    "a mother": ("", "ana", "family", True, True),
    "a father without the right": ("UPDATE tie SET may_consent = false WHERE uuid = %(jo)s", "jo", "family", False, True),
    "a father under challenge": ("UPDATE tie SET state = 'under challenge' WHERE uuid = %(jo)s", "jo", "family", False, True),
    "a suspended father": ("UPDATE tie SET state = 'suspended' WHERE uuid = %(jo)s", "jo", "family", False, False),
    "a father whose tie is over": ("UPDATE tie SET end_date = today() WHERE uuid = %(jo)s", "jo", "family", False, False),
    "a barred father": ("""INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
        SELECT gen_random_uuid(), adult_id, student_id, 'court order', today() FROM tie WHERE uuid = %(jo)s""", "jo", "family", False, False),
    "the student": ("", "nina", "student", False, True),
    "another tutor": ("", "tia", "family", False, False),
    "another family": ("", "dee", "family", False, False),
    "her teacher": ("", "bo", "staff", False, False),
    "an administrator": ("", "carl", "staff", False, False),
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_each_role_can_consent_to_a_tutor_or_end_one_only_if_it_may(district: School, role: str) -> None:
    how, who, side, consents, ends = ROLES[role]
    asked(district)
    if how:
        with district.connect("owner") as owner:
            owner.execute(how.encode(), {"jo": identity("tie/jo/nina")})
    name = {"ana": "Ana Ruiz", "jo": "Jo Castillo"}.get(who, "Nina Ruiz")
    said = [identity("nina"), newest(district, "tutor_request")["uuid"]]
    assert (seen(district, who, "tutor_requests_of", "name", side=side) == ["Uma Frost"]) is consents
    given = ask(district, who, "SELECT give_consent(%s, %s, '{attendance}', %s)", [*said, name], side=side)
    assert given == ("given" if consents else "") and sees(district, "uma") is consents
    if not consents:
        assert ask(district, who, "SELECT decline_tutor(%s, %s)", said, side=side) == "" and consent(district) == "given"
    assert ("Uma Frost" in seen(district, who, "tutors_of", "name", side=side)) is ends
    assert end(district, who, side) == ("ended" if ends else "") and sees(district, "uma") is not ends


@pytest.mark.parametrize(("choice", "asks", "ticks", "then"), [
    ("with grades", ["grades", "attendance"], ("grades", "attendance"), "given"), ("with grades", ["attendance"], ("attendance", "grades"), "kinds"),
    ("with grades", ["grades", "attendance"], (), "kinds"), ("with grades", ["grades"], ("ledger",), "kinds"),
    ("with grades", ["grades", "attendance"], ("attendance", "contacts"), "kinds"), ("on", ["grades", "attendance"], ("grades",), "kinds"),
    ("on", ["grades", "attendance"], ("attendance",), "given"), ("off", ["attendance"], ("attendance",), "taken"),
])  # fmt: skip
def test_never_more_than_asked_ticked_and_allowed(district: School, choice: str, asks: list[str], ticks: tuple[str, ...], then: str) -> None:
    asked(district, kinds=asks)
    allow(district, choice)
    assert consent(district, kinds=ticks) == then
    assert (tie_of(district).get("view_kinds") or []) == (sorted(ticks) if then == "given" else [])


@pytest.mark.parametrize(("typed", "then"), [("", "signature"), ("Jo Castillo", "signature"), ("ana  ruíz", "given"), ("Ana", "signature")])
def test_a_parent_signs_with_her_own_name(district: School, typed: str, then: str) -> None:
    asked(district)
    assert consent(district, signature=typed) == then


def test_no_one_can_change_a_signed_consent(district: School) -> None:
    asked(district)
    consent(district)
    with pytest.raises(Exception, match="stays as it was signed"):
        district.change("UPDATE tutor_consent SET kinds = '{grades}'")


def test_the_adult_who_consented_is_shown_by_relation_or_not_at_all_if_kept_confidential(district: School) -> None:
    district.change("UPDATE tie SET relation = 'mother' WHERE uuid = %s", identity("tie/ana/nina"))
    asked(district)
    consent(district)
    assert seen(district, "jo", "tutors_of", "relation") == [None, "mother"]  # the district gave Tia access
    district.change("UPDATE tie SET is_confidential = true WHERE uuid = %s", identity("tie/ana/nina"))
    assert seen(district, "jo", "tutors_of", "relation") == [None, None]
    with district.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'who has looked', %s)", [proof_of("jo", "family"), identity("nina")]).fetchone() or (0,)
    with district.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("jo", "family"), entry])
        lines = app.execute("SELECT event, name FROM ledger_of(%s, '-infinity', 'infinity') WHERE event = 'tutor let in'", [identity("nina")]).fetchall()
    assert lines == [("tutor let in", None)]


# ── How it ends ──
def test_it_ends_with_the_day_that_was_asked(district: School) -> None:
    asked(district)
    consent(district)
    assert tie_of(district)["end_date"] == today(district).fromordinal(today(district).toordinal() + 21).isoformat()
    district.change("UPDATE tie SET end_date = today() WHERE uuid = %s", tie_of(district)["uuid"])
    assert not sees(district, "uma")


def test_no_consent_is_signed_for_a_tutor_who_already_has_access(district: School) -> None:
    asked(district)
    tie(district, "uma", "nina")
    assert consent(district) == "tied" and newest(district, "tutor_request")["state"] == "waiting"


def test_a_consent_keeps_the_moment_of_its_end(district: School) -> None:
    asked(district)
    assert consent(district) == "given" and end(district, "ana") == "ended"
    ended = newest(district, "tutor_consent")["ended_at"]
    for state in ("approved", "ended"):
        district.change("UPDATE tie SET state = %s WHERE uuid = %s", state, tie_of(district)["uuid"])
    assert ended is not None and newest(district, "tutor_consent")["ended_at"] == ended


def test_it_ends_with_the_term_that_a_file_shortened_meanwhile(district: School) -> None:
    asked(district)
    district.change("UPDATE term SET end_date = today() + 5 WHERE sourced_id = 'fall'")
    assert consent(district) == "given"
    assert tie_of(district)["end_date"] == today(district).fromordinal(today(district).toordinal() + 5).isoformat()


@pytest.mark.parametrize("change", ["state = 'ended'", "state = 'suspended'", "end_date = today()", "may_consent = false"])
def test_tutor_access_lasts_while_the_parent_who_consented_keeps_access_and_the_right_to_consent(district: School, change: str) -> None:
    asked(district)
    consent(district)
    assert sees(district, "uma")
    district.change(f"UPDATE tie SET {change} WHERE uuid = %s", identity("tie/ana/nina"))
    assert not sees(district, "uma")
    if change == "state = 'ended'":
        assert tie_of(district)["state"] == "ended" and newest(district, "tutor_consent")["ended_at"] and told(district, "jo")[-1] == "tutor ended"


def test_a_restriction_on_the_person_who_consented_closes_the_access_too(district: School) -> None:
    asked(district)
    consent(district)
    district.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                    district.ids["ana"], district.ids["nina"])  # fmt: skip
    assert not sees(district, "uma")


def test_an_administrator_of_the_school_ends_it(district: School) -> None:
    asked(district)
    consent(district)
    appoint(district, "pat", at="elementary")
    assert ask(district, "pat", "SELECT end_tutor_by_office(%s)", [tie_of(district)["uuid"]]) == ""
    appoint(district, "bo", at="middle")
    assert ask(district, "bo", "SELECT end_tutor_by_office(%s)", [tie_of(district)["uuid"]]) == "ended" and not sees(district, "uma")
    assert told(district, "uma")[-1] == "tie ended" and told(district, "ana")[-1] == "tutor ended"


def test_ended_the_account_stays_while_the_approval_does(district: School) -> None:
    asked(district)
    consent(district)
    assert end(district, "jo") == "ended" and end(district, "ana") == "taken" and wants(district) == "asked"


@pytest.mark.parametrize(("choice", "kinds"), [("on", ["attendance"]), ("off", None), ("with grades", ["attendance", "grades"])])
def test_tutor_access_that_the_district_turns_off_closes_right_away(district: School, choice: str, kinds: list[str] | None) -> None:
    asked(district)
    consent(district, kinds=("grades", "attendance"))
    allow(district, choice)
    assert (tie_of(district)["view_kinds"] if tie_of(district)["state"] == "approved" else None) == kinds and sees(district, "uma") is bool(kinds)
    allow(district, "with grades")
    assert sees(district, "uma") is bool(kinds) and sees(district, "tia"), "it opens nothing again, and the district's own tie is none of it"


def test_a_tutor_who_loses_nothing_is_not_touched(district: School) -> None:
    row = "SELECT xmin::text FROM tie WHERE uuid = %s"
    asked(district)
    consent(district)
    before = one(district, row, tie_of(district)["uuid"])
    allow(district, "on")
    assert tie_of(district)["view_kinds"] == ["attendance"] and one(district, row, tie_of(district)["uuid"]) == before
    assert end(district, "ana") == "ended"
    assert calls_of(district, "stop_tutor", "UPDATE district SET tutors = 'off'") == 0


# ── Races ──
def both(school: School, *acts: Any) -> list[str]:
    """Sets the sessions' last visit to now, because a page unlocks its session's row before it acts."""
    school.change("UPDATE session SET last_seen_at = now()")
    answers: dict[int, str] = {}

    def run(number: int, act: Any) -> None:
        answers[number] = act()

    threads = [threading.Thread(target=run, args=(number, act)) for number, act in enumerate(acts)]
    for thread in threads:
        thread.start()
        time.sleep(0.15)
    for thread in threads:
        thread.join()
    return [answers[number] for number in range(len(acts))]


def test_one_answer_counts_when_one_parent_consents_and_the_other_declines(district: School) -> None:
    asked(district)
    district.change("CREATE FUNCTION wait_a_little() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.6); RETURN NEW; END'")
    district.change("CREATE TRIGGER slow BEFORE INSERT ON tie FOR EACH ROW EXECUTE FUNCTION wait_a_little()")
    assert both(district, lambda: consent(district), lambda: decline(district, "jo")) == ["given", "taken"]
    assert newest(district, "tutor_request")["state"] == "consented"


def test_two_parents_consent_at_the_same_time_and_one_tie_is_made(district: School) -> None:
    asked(district)
    said = both(district, lambda: consent(district), lambda: consent(district, "jo", "Jo Castillo"))
    assert sorted(said) == ["given", "taken"]


def test_one_parent_ends_what_the_other_consented_to_a_moment_ago(district: School) -> None:
    asked(district)
    consent(district)
    assert sorted(both(district, lambda: end(district, "jo"), lambda: end(district, "ana"))) == ["ended", "taken"]
    assert not sees(district, "uma")


def test_a_consent_during_the_end_of_the_approval_lets_no_one_in(district: School) -> None:
    asked(district)
    district.change("CREATE FUNCTION wait_a_little() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.6); RETURN NEW; END'")
    district.change("CREATE TRIGGER slow BEFORE INSERT ON tie FOR EACH ROW EXECUTE FUNCTION wait_a_little()")
    both(district, lambda: consent(district), lambda: answer(district, "ended"))
    assert not sees(district, "uma") and tie_of(district).get("state", "ended") == "ended"


def test_a_consent_during_the_end_of_the_consenters_own_access_lets_no_one_in(district: School) -> None:
    asked(district)
    district.change("CREATE FUNCTION wait_a_little() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_sleep(0.6); RETURN NEW; END'")
    district.change("CREATE TRIGGER slow BEFORE INSERT ON tie FOR EACH ROW EXECUTE FUNCTION wait_a_little()")

    def ended() -> str:
        district.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/nina"))
        return "ended"

    both(district, lambda: consent(district), ended)
    assert not sees(district, "uma") and tie_of(district).get("state", "ended") == "ended"


def test_a_card_that_a_teacher_printed_ends_no_tutor(district: School) -> None:
    asked(district)
    assert consent(district) == "given"
    district.change("UPDATE session SET method = 'card' WHERE person_id = %s", district.ids["nina"])
    assert end(district, "nina", "student") == "" and tie_of(district)["state"] == "approved"
    page = Browser("nina", "student").open(f"/children/{identity('nina')}/tutors")
    assert page.said == {"card"}
    district.change("UPDATE session SET method = 'password' WHERE person_id = %s", district.ids["nina"])
    assert end(district, "nina", "student") == "ended"


def test_ending_a_tutor_does_not_end_a_consent_that_was_already_over(district: School) -> None:
    asked(district)
    assert consent(district) == "given"
    district.change("UPDATE tutor_consent SET ended_at = now(), ended_by_id = %s", district.ids["jo"])
    assert end(district, "ana") == "ended" and newest(district, "tutor_consent")["ended_by_id"] == district.ids["jo"]
