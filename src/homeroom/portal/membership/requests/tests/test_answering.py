"""An office answers a request to see a child: who it may approve, what it sees next to the claim, and what is in the access log."""

from datetime import date
from typing import Any

import pytest

from homeroom.portal.membership.challenges.tests.challenging import give_address, mails
from homeroom.portal.membership.eighteen.tests.aging import born
from homeroom.portal.membership.requests.tests.registering import (
    ANSWER,
    BORN,
    EVERYTHING,
    ON_FILE,
    answers,
    asks,
    match,
    newest,
    office_of,
    put_on_record,
    register,
    shown,
    ties_of,
    told,
)
from homeroom.portal.membership.tests.acting import age_proofs, ask
from tests.cast import identity
from tests.school import School, proof_of, scores_read

LINES = """SELECT l.act, l.capacity, l.reason, s.kinds FROM ledger l JOIN ledger_student s ON s.entry_id = l.id
    WHERE s.student_id = %s AND l.event = %s ORDER BY l.id"""


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def test_the_registrar_approves_and_mia_sees_nina(office: School) -> None:
    register(office)
    match(office)
    assert answers(office, "rosa") == "approved"
    assert ties_of(office, "mia") == [("nina", "parent", "in person", "approved", True)]
    assert told(office, "mia") == ["request answered"] and told(office, "ana") == ["somebody asks", "parent added"]
    with office.asked_by("mia", "family", ("child", "nina")) as app:
        assert scores_read(app) > 0
    with office.connect("owner") as owner:
        lines = owner.execute(LINES.encode(), [office.ids["nina"], "tie made"]).fetchall()
    assert lines == [("", "duty: registrar", "in person", [])]


def test_an_approved_request_for_nina_at_18_gives_no_access_until_she_agrees(office: School) -> None:
    """The clock hasn't run yet, so the access is suspended until Nina agrees (34 CFR 99.5)."""
    register(office)
    match(office)
    born(office, 0)
    assert answers(office, "rosa") == "approved"
    assert ties_of(office, "mia") == [("nina", "parent", "in person", "suspended", False)]
    with office.asked_by("mia", "family", ("child", "nina")) as app:
        assert scores_read(app) == 0


def test_a_relative_with_the_affidavit_reads_and_consents_to_nothing(office: School) -> None:
    register(office, relation="aunt")
    match(office)
    assert answers(office, "rosa", how="photo id") == "evidence"
    assert answers(office, "rosa", how="affidavit", kinds=["attendance"]) == "approved"
    assert ties_of(office, "mia") == [("nina", "caregiver by affidavit", "in person", "approved", False)]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT view_kinds FROM tie WHERE adult_id = %s", [office.ids["mia"]]).fetchone() == (["attendance", "ledger"],)


@pytest.mark.parametrize(("who", "about"), [
    ("bo", "nina"),  # teaches Nina, and has no office
    ("pat", "nina"),  # a principal only reads answered requests
    ("rosa", "leo"),  # at another school
    ("rosa", "max"),  # a student who doesn't match the request
    ("rosa", "ana"),  # not a student
])  # fmt: skip
def test_out_of_reach_is_out_of_reach(office: School, who: str, about: str) -> None:
    register(office)
    match(office)
    assert answers(office, who, about=about) == ""
    assert ties_of(office, "mia") == [] and newest(office)["state"] == "waiting"


def test_a_registrar_answers_for_her_own_school(office: School) -> None:
    """Two students are named Nina Ruiz, and the other one is at another school. Rosa sees only hers. Carl sees both."""
    office.change("UPDATE person SET given_name = 'Nina' WHERE id = %s", office.ids["leo"])
    register(office)
    match(office)
    assert [each["name"] for each in beside(office, "carl")] == ["Nina Ruiz", "Nina Ruiz"] and len(beside(office, "rosa")) == 1
    assert answers(office, "rosa", about="leo") == ""


def test_no_one_decides_about_a_child_they_have_access_to_or_are_restricted_from(office: School) -> None:
    """Kai's mother Dana becomes a registrar, and so does Gus, who is restricted from Max."""
    office.change("INSERT INTO duty (uuid, person_id, school_id, duty, start_date) SELECT gen_random_uuid(), %s, %s, 'registrar', today() - 1",
                  office.ids["dana"], office.ids["middle"])  # fmt: skip
    register(office, given_name="Kai", family_name="Okafor", birth_date=date(2014, 5, 5))
    match(office)
    assert shown(office, "dana") == [] and answers(office, "dana", about="kai") == answers(office, "dana", "declined") == ""
    assert answers(office, "rosa", about="kai") == "approved"


def test_a_registrar_does_not_answer_her_own_request(office: School) -> None:
    office.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'family', 'rosa.family')", office.ids["rosa"])
    office.change("""INSERT INTO registration (person_id, school_id, office_id, child_given_name, child_family_name, child_birth_date, relation)
        VALUES (%s, %s, %s, 'Nina', 'Ruiz', %s, 'mother')""", office.ids["rosa"], office.ids["middle"], office.ids["middle"], BORN)  # fmt: skip
    match(office)
    assert shown(office, "rosa") == [] and answers(office, "rosa") == ""
    assert answers(office, "carl") == "approved"


def test_a_restricted_adult_is_not_approved(office: School) -> None:
    """34 CFR 99.4: Gus has an account and asks for Max. A court order restricts him from Max."""
    assert asks(office, "gus", given_name="Max", family_name="Moss", birth_date=date(2014, 7, 1)) == "asked"
    match(office)
    assert answers(office, "rosa", about="max") == "barred"


def test_an_adult_who_already_has_access_does_not_get_it_twice(office: School) -> None:
    assert asks(office, "ana") == "asked"
    match(office)
    assert answers(office, "rosa") == "tied"


def test_a_district_that_sees_everybody_in_person_takes_no_call(office: School) -> None:
    office.change("UPDATE district SET registering = 'in person'")
    register(office)
    match(office)
    assert answers(office, "rosa", how="called back") == "evidence"
    assert answers(office, "rosa", how="known") == "approved"


@pytest.mark.parametrize("how", ["", "record", "he said so"])
def test_evidence_must_be_one_of_the_ways_an_office_sees_someone(office: School, how: str) -> None:
    """Only the database may say that the record matches. A form may not."""
    register(office)
    match(office)
    assert answers(office, "rosa", how=how) == "evidence"


def test_the_office_cannot_answer_without_a_view_of_the_record(office: School) -> None:
    register(office)
    match(office)
    assert ask(office, "rosa", "SELECT answer_registration(%s, 'approved', %s, 'photo id', '{}')", [newest(office)["uuid"], identity("nina")]) == ""


def test_a_view_of_one_request_cannot_answer_another(office: School) -> None:
    """Rosa viewed a request for Max and uses that view to answer Mia's request for Nina. Mia gets no access to Max."""
    register(office, "zoe", "Zoe", "Moss", given_name="Max", family_name="Moss", birth_date=date(2014, 7, 1))
    maxs = newest(office)["uuid"]
    register(office)
    match(office)
    with office.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'request', %s)", [proof_of("rosa", "staff"), maxs]).fetchone() or (0,)
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        said = app.execute(ANSWER, [newest(office)["uuid"], "approved", identity("max"), "photo id", EVERYTHING]).fetchone()
    assert entry > 0 and said == ("",) and ties_of(office, "mia") == []


def test_no_answer_on_an_old_proof(office: School) -> None:
    register(office)
    match(office)
    age_proofs(office)
    assert answers(office, "rosa") == "again"


def test_the_second_answer_gets_a_message_that_there_is_one_already(office: School) -> None:
    register(office)
    match(office)
    assert answers(office, "rosa") == "approved"
    assert answers(office, "carl", "declined") == "taken"


def test_a_principal_reads_what_the_office_answered(office: School) -> None:
    register(office)
    match(office)
    assert shown(office, "pat", "answered") == shown(office, "pat") == []
    answers(office, "rosa")
    assert shown(office, "pat", "answered") == ["Mia Ruiz"] and shown(office, "bo", "answered") == []


# ── The record next to the claim ──
BESIDE = "SELECT coalesce(jsonb_agg(to_jsonb(b)), '[]') FROM records_beside(%s) b"


def beside(school: School, who: str) -> list[dict[str, Any]]:
    which = newest(school)["uuid"]
    with school.asked_by(who, "staff") as app:
        before = app.execute(BESIDE, [which]).fetchone()
    assert before == ([],), "without a look"
    with school.connect("app", autocommit=True) as app:
        (entry,) = app.execute("SELECT look(%s, 'request', %s)", [proof_of(who, "staff"), which]).fetchone() or (0,)
    with school.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of(who, "staff"), entry])
        row = app.execute(BESIDE, [which]).fetchone()
    return list(row[0]) if row else []


def test_the_office_reads_the_record_after_a_view_that_the_family_sees(office: School) -> None:
    register(office)
    match(office)
    (record,) = beside(office, "rosa")
    assert (record["name"], record["same_name"], record["same_birth"], record["is_barred"]) == ("Nina Ruiz", True, True, False)
    assert record["contact"] is None  # Ana Ruiz and Jo Castillo are on file, and neither given name is Mia
    with office.connect("owner") as owner:
        looked = owner.execute(LINES.encode(), [office.ids["nina"], "look"]).fetchall()
    assert looked == [("request", "duty: registrar", "", ["contacts", "birth date"])]


@pytest.mark.parametrize(("last", "is_shown"), [("today()", False), ("today() + 1", True), ("NULL", True)])
def test_a_restriction_is_shown_until_its_last_day(office: School, last: str, is_shown: bool) -> None:
    register(office)
    match(office)
    office.change(f"UPDATE restriction SET student_id = %s, start_date = today() - 9, end_date = {last}", office.ids["nina"])
    assert [record["is_barred"] for record in beside(office, "rosa")] == [is_shown]


def test_only_the_contact_that_matches_is_shown(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    register(office)
    match(office)
    (record,) = beside(office, "rosa")
    assert record["contact"]["emails"] == [ON_FILE]


CONTACT = """INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, phone, person_id, ended_at)
    VALUES (gen_random_uuid(), gen_random_uuid(), %s, %s, 'mother', %s, %s, %s)"""


def test_a_full_name_match_is_shown_before_a_phone_match_even_if_the_given_name_has_two_words(office: School) -> None:
    for name in ("Abe Ruiz", "Mary Ann Ruiz"):
        office.change(CONTACT, office.ids["nina"], name, "555 010 0177" if name == "Abe Ruiz" else "", None, None)
    register(office, "mary", "Mary Ann", phone="555 010 0177")
    match(office)
    (record,) = beside(office, "rosa")
    assert record["contact"]["name"] == "Mary Ann Ruiz" and record["contact"]["contact"] is not None


def test_an_office_joins_neither_of_two_contacts_that_share_only_the_given_name(office: School) -> None:
    for name in ("Mia Vega", "Mia Moss"):
        office.change(CONTACT, office.ids["nina"], name, "", None, None)
    register(office)
    match(office)
    (record,) = beside(office, "rosa")
    assert record["contact"]["name"] == "Mia Vega" and record["contact"]["contact"] is None


def test_contact_details_that_a_file_removed_are_not_shown(office: School) -> None:
    for phone, ended in (("555 010 0177", None), ("555 010 0166", BORN)):
        office.change(CONTACT, office.ids["nina"], "Mia Ruiz", phone, office.ids["lou"], ended)
    register(office)
    match(office)
    (record,) = beside(office, "rosa")
    assert record["contact"]["phones"] == ["555 010 0177"] and record["contact"]["emails"] == []


def test_a_teacher_who_asked_as_a_mother_is_mailed_as_a_mother_that_it_is_answered(office: School) -> None:
    for side in ("staff", "family"):
        give_address(office, "dana", side)
    assert asks(office, "dana") == "asked" and match(office) == 1
    assert answers(office, "rosa", "declined") == "declined"
    assert [who for kind, who in mails(office) if kind == "answered"] == ["dana.family"]


def test_a_confidential_contact_is_never_shown(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    office.change("UPDATE contact SET is_confidential = true WHERE sourced_id = 'mia on file'")
    register(office)
    match(office)
    (record,) = beside(office, "rosa")
    assert record["contact"] is None


def test_the_office_sees_only_that_a_restriction_exists(office: School) -> None:
    register(office, given_name="Max", family_name="Moss", birth_date=date(2014, 7, 1))
    match(office)
    (record,) = beside(office, "rosa")
    assert record["is_barred"] and "court order" not in str(record) and "Gus" not in str(record)


def test_an_adult_who_matches_a_confidential_contact_gets_confidential_access(office: School) -> None:
    """A mother in a shelter is approved. No list for the family names her."""
    office.change("""INSERT INTO contact (uuid, sourced_id, student_id, name, relationship, is_confidential)
        VALUES (gen_random_uuid(), 'secret', %s, 'Mia Ruiz', 'mother', true)""", office.ids["nina"])  # fmt: skip
    register(office)
    match(office)
    assert answers(office, "rosa") == "approved"
    with office.connect("owner") as owner:
        assert owner.execute("SELECT is_confidential FROM tie WHERE adult_id = %s", [office.ids["mia"]]).fetchone() == (True,)
    named = "SELECT coalesce(jsonb_agg(name), '[]') FROM challengeable(%s)"
    assert "Mia Ruiz" not in ask(office, "ana", named, [identity("nina")], side="family")
