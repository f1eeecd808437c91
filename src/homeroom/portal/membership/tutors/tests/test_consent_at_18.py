"""Nina is 18 and consents to Uma as her tutor herself (34 CFR 99.5(a)(1), 99.30). Her mother Ana can only read now."""

from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import sees
from homeroom.portal.membership.eighteen.tests.aging import of_age
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import age_proofs, ask
from homeroom.portal.membership.tutors.tests.tutoring import (
    asked,
    consent,
    district_of,
    end,
    newest,
    seen,
    tie_of,
    wants,
)
from homeroom.portal.membership.tutors.tests.tutoring import match as match_tutors
from tests.cast import identity
from tests.school import School


@pytest.fixture
def adult(own_school: School) -> School:
    district_of(own_school)
    dependent = "INSERT INTO dependence (student_id, basis, recorded_by_id) VALUES (%s, 'tax return', %s)"
    own_school.change(dependent, own_school.ids["nina"], own_school.ids["carl"])
    of_age(own_school)
    asked(own_school, birth_date=born(own_school))
    return own_school


def born(school: School) -> Any:
    with school.connect("owner") as owner:
        return (owner.execute("SELECT birth_date FROM demographic WHERE person_id = %s", [school.ids["nina"]]).fetchone() or (None,))[0]


def signs(school: School, who: str = "nina", side: str = "student", kinds: str = "{attendance}", name: str = "Nina Ruiz") -> str:
    said = [identity("nina"), newest(school, "tutor_request")["uuid"], kinds, name]
    return str(ask(school, who, "SELECT give_consent(%s, %s, %s, %s)", said, side=side))


def test_the_student_sees_a_notice_and_signs_and_the_tutor_can_read(adult: School) -> None:
    assert told(adult, "nina", "student")[-1] == "tutor asks" and "tutor asks" not in told(adult, "ana")
    assert seen(adult, "nina", "tutor_requests_of", "name", side="student") == ["Uma Frost"]
    assert signs(adult) == "given" and sees(adult, "uma")
    signed = newest(adult, "tutor_consent")
    assert (signed["consenter_id"], signed["consenter_tie_id"], signed["signature"]) == (adult.ids["nina"], None, "Nina Ruiz")


def test_no_parent_signs_any_more(adult: School) -> None:
    assert seen(adult, "ana", "tutor_requests_of", "name") == [] and consent(adult) == "" and not sees(adult, "uma")


def test_the_family_reads_that_the_student_signed_and_may_end_it(adult: School) -> None:
    signs(adult)
    assert "student" in seen(adult, "ana", "tutors_of", "relation") and True in seen(adult, "nina", "tutors_of", "is_mine", side="student")
    assert end(adult, "nina", "student") == "ended" and not sees(adult, "uma")


def test_the_ledger_says_that_the_student_did_it(adult: School) -> None:
    signs(adult)
    with adult.connect("owner") as owner:
        row = owner.execute("SELECT capacity, person_id FROM ledger WHERE event = 'tutor let in' ORDER BY id DESC LIMIT 1").fetchone()
    assert row == ("student", adult.ids["nina"])


@pytest.mark.parametrize(("how", "then"), [
    ({"kinds": "{}"}, "kinds"), ({"kinds": "{ledger}"}, "kinds"), ({"name": "Ana Ruiz"}, "signature"), ({"who": "dee", "side": "family"}, ""),
])  # fmt: skip
def test_a_consent_with_a_missing_part_or_from_someone_else_opens_no_access(adult: School, how: dict[str, str], then: str) -> None:
    assert signs(adult, **how) == then and tie_of(adult) == {}


def test_not_on_an_old_proof_and_not_by_a_card(adult: School) -> None:
    """Teachers print cards."""
    age_proofs(adult)
    assert signs(adult) == "again"
    adult.change("UPDATE session SET method = 'card', proven_at = now() WHERE person_id = %s", adult.ids["nina"])
    assert signs(adult) == "" and seen(adult, "nina", "tutor_requests_of", "name", side="student") == []


def test_a_17_year_old_cannot_sign_anything(own_school: School) -> None:
    district_of(own_school)
    asked(own_school)
    assert signs(own_school) == "" and seen(own_school, "nina", "tutor_requests_of", "name", side="student") == []
    assert "tutor asks" not in told(own_school, "nina", "student")


def test_a_consent_is_valid_only_while_the_student_is_of_age(adult: School) -> None:
    signs(adult)
    adult.change("UPDATE majority SET applied_at = NULL WHERE student_id = %s", adult.ids["nina"])  # the birth date was wrong
    assert not sees(adult, "uma") and "Uma Frost" not in seen(adult, "nina", "tutors_of", "name", side="student")


def test_a_student_keeps_their_own_consent_when_a_parents_access_ends(adult: School) -> None:
    signs(adult)
    adult.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/nina"))
    assert sees(adult, "uma")


def test_she_declines_and_is_not_asked_again(adult: School) -> None:
    said = [identity("nina"), newest(adult, "tutor_request")["uuid"]]
    assert ask(adult, "nina", "SELECT decline_tutor(%s, %s)", said, side="student") == "declined"
    assert wants(adult, birth_date=born(adult)) == "asked" and match_tutors(adult) == 1
    assert seen(adult, "nina", "tutor_requests_of", "name", side="student") == []
