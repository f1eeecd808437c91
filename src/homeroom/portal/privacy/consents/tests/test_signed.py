"""One list of everything that a family signed: who signs, who ends, what it lets whom do, and who notices a change (34 CFR 99.30, Ed. Code 49075)."""

import json
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.utils import timezone

from homeroom.ops.portal.ledger_checking import CHANGED_CONSENTS
from homeroom.portal.membership.eighteen.tests.aging import of_age
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.restore.tests.narrowing import plain_notes
from homeroom.portal.membership.restore.tests.test_replaying import backed_up, replayed
from homeroom.portal.membership.tests.acting import age_proofs, ask
from homeroom.portal.membership.tutors.tests.tutoring import asked, consent, district_of
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

SIGN = "SELECT sign_consent(%s, %s, %s, %s, timezone('PST8PDT', now())::date + %s::integer, %s)"
ALLOWED = "SELECT consent_for((SELECT id FROM person WHERE sourced_id = 'nina'), %s, %s, %s) IS NOT NULL"
NEWEST = "SELECT uuid FROM signed_consent ORDER BY id DESC LIMIT 1"
SECOND_PARENT = "UPDATE tie SET state = 'approved', may_consent = true WHERE uuid = %s"
PATH = f"/children/{identity('nina')}/sharing"
GRADES = ["grades", "attendance"]


def sign(school: School, who: str = "ana", side: str = "family", **said: Any) -> str:
    typed = {"records": GRADES, "purpose": "Therapy", "recipient": "Lee Clinic", "days": 30, "signature": "Ana Ruiz"} | said
    return str(ask(school, who, SIGN, [identity("nina"), *typed.values()], side=side))


def end(school: School, who: str = "ana", side: str = "family", child: str = "nina") -> str:
    return str(ask(school, who, "SELECT end_consent(%s, %s)", [identity(child), one(school, NEWEST)], side=side))


def allowed(school: School, records: list[str] | None = None, purpose: str = "Therapy", recipient: str = "Lee Clinic") -> bool:
    """Returns whether a later disclosure may rely on a consent today."""
    with school.connect("owner") as owner:
        return owner.execute(ALLOWED, [GRADES if records is None else records, purpose, recipient]).fetchone() == (True,)


def shown(school: School, who: str = "ana", side: str = "family") -> list[dict[str, Any]]:
    return list(ask(school, who, "SELECT json_agg(w) FROM consents_shown(%s) w", [identity("nina")], side=side) or [])


def changed(school: School) -> int:
    with school.connect("owner") as owner:
        return int((owner.execute(CHANGED_CONSENTS).fetchone() or (0,))[0])


def test_a_mother_signs_for_these_records_this_purpose_and_this_recipient(own_school: School) -> None:
    assert not allowed(own_school) and sign(own_school) == "given" and allowed(own_school)
    assert allowed(own_school, ["grades"], "therapy ", "LEE  clinic") and not allowed(own_school, [])
    assert not allowed(own_school, ["grades", "name"]) and not allowed(own_school, purpose="Research") and not allowed(own_school, recipient="Lee")
    (row,) = shown(own_school, "ana")[:1]
    assert (row["records"], row["by_whom"], row["counts"], row["is_tutors"]) == (["attendance", "grades"], "own", True, False)
    assert sign(own_school, recipient="lee clinic") == "taken"


@pytest.mark.parametrize(("said", "then"), [
    ({"records": []}, "kinds"), ({"records": ["grades", "shoe size"]}, "kinds"), ({"purpose": " "}, "odd"), ({"purpose": "x" * 501}, "odd"),
    ({"recipient": ""}, "odd"), ({"recipient": None}, "odd"), ({"days": -1}, "days"), ({"days": 367}, "days"), ({"days": None}, "days"),
    ({"signature": "Jo Ruiz"}, "signature"), ({"signature": None}, "signature"),
])  # fmt: skip
def test_a_consent_with_a_missing_part_is_not_signed(own_school: School, said: dict[str, Any], then: str) -> None:
    assert sign(own_school, **said) == then and one(own_school, "SELECT count(*) FROM signed_consent") == 0


@pytest.mark.parametrize(("who", "side"), [
    ("jo", "family"), ("tia", "family"), ("dee", "family"), ("gus", "family"), ("nina", "student"), ("bo", "staff"), ("carl", "staff"),
])  # fmt: skip
def test_no_one_else_signs(own_school: School, who: str, side: str) -> None:
    assert sign(own_school, who, side) == ""


def test_only_with_a_fresh_proof_and_the_right(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'under challenge' WHERE uuid = %s", identity("tie/ana/nina"))
    assert sign(own_school) == ""
    own_school.change("UPDATE tie SET state = 'approved', may_consent = false WHERE uuid = %s", identity("tie/ana/nina"))
    assert sign(own_school) == ""
    own_school.change("UPDATE tie SET may_consent = true WHERE uuid = %s", identity("tie/ana/nina"))
    age_proofs(own_school)
    assert sign(own_school) == "again"


def test_it_ends_on_its_last_day(own_school: School) -> None:
    sign(own_school, days=0)
    assert allowed(own_school)
    own_school.change("ALTER TABLE signed_consent DISABLE TRIGGER signed_as_signed")
    own_school.change("UPDATE signed_consent SET last_day = today() - 1")
    assert not allowed(own_school) and not shown(own_school)[0]["counts"]


@pytest.mark.parametrize("statement", [
    "UPDATE tie SET state = 'ended' WHERE uuid = %s", "UPDATE tie SET may_consent = false WHERE uuid = %s", "UPDATE tie SET is_shut = true WHERE uuid = %s",
    """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
        SELECT gen_random_uuid(), adult_id, student_id, 'court order', today() FROM tie WHERE uuid = %s""",
])  # fmt: skip
def test_it_counts_only_while_the_person_who_signed_holds_the_right(own_school: School, statement: str) -> None:
    sign(own_school)
    own_school.change(statement, identity("tie/ana/nina"))
    assert not allowed(own_school)


def test_at_18_a_parents_consent_ends_and_the_student_signs(own_school: School) -> None:
    sign(own_school)
    of_age(own_school)
    assert not allowed(own_school) and sign(own_school) == ""
    assert sign(own_school, "nina", "student", signature="Nina Ruiz") == "given" and allowed(own_school)
    own_school.change("UPDATE session SET method = 'card' WHERE person_id = %s", own_school.ids["nina"])
    assert end(own_school, "nina", "student") == "" and sign(own_school, "nina", "student", signature="Nina Ruiz") == ""


def test_everyone_with_access_is_notified_and_can_end_it(own_school: School) -> None:
    own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    sign(own_school)
    assert told(own_school, "jo")[-1] == "consent signed" and shown(own_school, "jo")[0]["by_whom"] == "adult"
    assert end(own_school, "dee", child="nina") == end(own_school, "dee", child="max") == end(own_school, "tia") == "" and allowed(own_school)
    assert end(own_school, "jo") == "ended" and not allowed(own_school) and end(own_school) == "taken"
    assert told(own_school, "ana")[-1] == "consent ended"
    assert sign(own_school) == "given", "the old one has ended"


def test_the_student_can_end_it(own_school: School) -> None:
    sign(own_school)
    assert shown(own_school, "nina", "student")[0]["by_whom"] == "adult" and end(own_school, "nina", "student") == "ended" and not allowed(own_school)


def test_a_tutors_consent_is_in_the_same_list_and_is_not_copied(own_school: School) -> None:
    district = asked(district_of(own_school))
    sign(district)
    assert consent(district) == "given" and one(district, "SELECT count(*) FROM signed_consent") == 1
    found = {row["recipient"].partition(",")[0]: row for row in shown(district)}
    assert found["Uma Frost"]["is_tutors"] and found["Uma Frost"]["counts"] and not found["Lee Clinic"]["is_tutors"]
    district.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", found["Uma Frost"]["uuid"])
    assert not next(row for row in shown(district) if row["recipient"].startswith("Uma"))["counts"]


def test_no_one_changes_a_signed_consent(own_school: School) -> None:
    sign(own_school)
    with own_school.connect("owner") as owner, pytest.raises(psycopg.errors.RaiseException):
        owner.execute("UPDATE signed_consent SET recipient = 'A shop'")
    for login in ("app", "door", "jobs", "intake", "sealer"):
        with own_school.connect(login) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("UPDATE signed_consent SET ended_at = NULL")


@pytest.mark.parametrize("change", [
    "UPDATE signed_consent SET recipient = 'A shop'", "UPDATE signed_consent SET last_day = last_day + 90", "UPDATE signed_consent SET records = '{name}'",
    "DELETE FROM signed_consent", "UPDATE tutor_consent SET purpose = 'x' WHERE purpose <> 'Math'",
    """INSERT INTO signed_consent (student_id, consenter_id, records, purpose, recipient, last_day, signature)
        SELECT student_id, consenter_id, records, 'x', 'x', last_day, signature FROM signed_consent""",
], ids=["recipient", "last day", "records", "deleted", "tutor", "put in"])  # fmt: skip
def test_a_consent_that_the_owner_of_the_database_changed_is_found(own_school: School, change: str) -> None:
    district = asked(district_of(own_school))
    district.change("DELETE FROM tutor_consent")
    assert sign(district) == consent(district) == "given" and changed(district) == 0
    for table, trigger in (("signed_consent", "signed_as_signed"), ("tutor_consent", "consent_as_signed")):
        district.change(f"ALTER TABLE {table} DISABLE TRIGGER {trigger}")
    district.change(change)
    assert changed(district) == 1


def test_a_consent_that_the_owner_opened_again_is_found(own_school: School) -> None:
    sign(own_school)
    end(own_school)
    assert changed(own_school) == 0
    own_school.change("UPDATE signed_consent SET ended_at = NULL")
    assert changed(own_school) == 1


def test_a_tutors_consent_from_before_digests_is_not_called_changed(own_school: School) -> None:
    district = asked(district_of(own_school))
    consent(district)
    district.change("UPDATE ledger SET reason = 'consent' WHERE event = 'tutor let in'")
    assert changed(district) == 0


def test_an_ended_consent_stays_ended_after_a_restore(own_school: School) -> None:
    sign(own_school)
    with backed_up(own_school) as backup:
        end(own_school)
        with own_school.connect("owner") as owner:
            notes = plain_notes(owner)
        assert allowed(backup)
        replayed(backup, notes)
        assert not allowed(backup)


# ── The page ──
def form(**said: Any) -> dict[str, Any]:
    last = timezone.localdate() + timedelta(days=20)
    return {"record": ["grades"], "purpose": "Therapy", "recipient": "Lee Clinic", "last": last.isoformat(), "signature": "Ana Ruiz"} | said


def test_a_mother_signs_on_the_page_reads_it_and_ends_it(own_school: School) -> None:
    assert Browser("ana").post(f"{PATH}/consents", form()).status == 302
    page = Browser("ana").open(PATH)
    assert "consent/imported" in page.said and "Lee Clinic" in page.words and "You signed it" in page.words
    assert "signed a consent" in (log := Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words)
    assert str(one(own_school, NEWEST)) not in log, "the digest is not for readers"
    assert Browser("ana").post(PATH, {"consent": str(one(own_school, NEWEST))}).status == 302
    assert "consent/closed" in Browser("ana").open(PATH).said


@pytest.mark.parametrize("said", [{"record": []}, {"last": ""}, {"last": "2020-01-01"}, {"purpose": ""}, {"signature": "A"}])
def test_a_form_with_a_missing_part_comes_back_as_typed(own_school: School, said: dict[str, Any]) -> None:
    page = Browser("ana").post(f"{PATH}/consents", form(recipient="Lee and Sons") | said)
    assert page.status == 422 and "Lee and Sons" in page.text


def test_a_student_has_no_form_to_sign(own_school: School) -> None:
    assert Browser("ana").open(PATH).part("sign") and not Browser("nina", "student").open(PATH).part("sign")


def test_the_access_log_of_a_tutors_consent_says_it_in_words(own_school: School) -> None:
    district = asked(district_of(own_school))
    consent(district)
    assert json.dumps("By a signed consent.")[1:-1] in Browser("ana").open(f"/children/{identity('nina')}/who-has-looked").words
