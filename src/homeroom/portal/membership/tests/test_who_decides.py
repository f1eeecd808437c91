"""Who may not decide: about their own child in the record or in a request, about themselves in another account, or about something that has changed."""

import json
from datetime import date

import pytest

from homeroom.portal.letters.code import digest, new_code
from homeroom.portal.membership.challenges.tests.challenging import challenge, decide, family_of, sees, state_of, tie
from homeroom.portal.membership.requests.tests.registering import (
    ON_FILE,
    answers,
    asks,
    looked,
    match,
    newest,
    office_of,
    prove,
    put_on_record,
    register,
    shown,
    ties_of,
)
from homeroom.portal.membership.tests.acting import appoint, ask, second
from tests.cast import identity
from tests.school import School, proof_of

BESIDE = "SELECT coalesce(jsonb_agg(name), '[]') FROM records_beside(%s)"


@pytest.fixture
def office(own_school: School) -> School:
    return office_of(own_school)


def on_file(school: School, person: str, child: str = "nina", relation: str = "mother") -> None:
    school.change("""INSERT INTO contact (uuid, sourced_id, student_id, person_id, relationship, delivery_id)
        SELECT gen_random_uuid(), %s, %s, %s, %s, max(id) FROM delivery""",
        f"{person} of {child}", school.ids[child], school.ids[person], relation)  # fmt: skip


# ── Not about one's own ──
def test_a_registrar_on_file_as_the_mother_answers_nothing_about_her_child(office: School) -> None:
    on_file(office, "rosa")
    register(office)
    match(office)
    assert answers(office, "rosa") == "" and shown(office, "rosa") == [] and answers(office, "carl") == "approved"


def test_an_administrator_who_requests_a_child_cannot_end_anyones_access_to_that_child(own_school: School) -> None:
    family_of(own_school, "in person")
    appoint(own_school, "dana")
    assert asks(own_school, "dana") == "asked"
    match(own_school)
    end = "SELECT end_tie(%s, %s)"
    assert looked(own_school, "dana", "adults", identity("nina"), end, identity("nina"), identity("tie/jo/nina")) == ""
    assert state_of(own_school) == "approved"
    assert looked(own_school, "carl", "adults", identity("nina"), end, identity("nina"), identity("tie/jo/nina")) == "ended"


def test_an_administrator_still_decides_about_an_adult_who_asks_for_the_administrators_child(own_school: School) -> None:
    """Jo asks for Kai, Dana's child. Dana still decides about him in a challenge about Nina."""
    family_of(own_school)
    appoint(own_school, "dana")
    asks(own_school, "jo", given_name="Kai", family_name="Okafor", birth_date=date(2014, 5, 5))
    match(own_school)
    assert challenge(own_school) == "sent" and decide(own_school, "ended", "dana") == "ended"


@pytest.mark.parametrize("by", ["name", "address"])
def test_a_registrar_cannot_approve_anyone_who_may_be_herself(office: School, by: str) -> None:
    register(office, "rosa2", *(("Rosa", "Lim") if by == "name" else ("Ros", "Linn")))
    if by == "address":
        prove(office, "rosa2", "rosa@mail.example")
        office.change("""INSERT INTO mail_address (account_id, address, proven_at) SELECT id, 'Rosa@mail.example', now()
            FROM account WHERE sign_in_name = 'rosa.staff'""")  # fmt: skip
    match(office)
    assert shown(office, "rosa") == [] and answers(office, "rosa", how="known") == "" and answers(office, "carl", how="known") == "approved"


def test_a_registrar_prints_no_password_code_for_an_adult_restricted_from_the_registrars_own_child(office: School) -> None:
    """Jo has access to Nina and is restricted from Kai. Dana is Kai's mother."""
    office.change("UPDATE duty SET person_id = %s WHERE duty = 'registrar'", office.ids["dana"])
    office.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity("tie/jo/nina"))
    printed = "SELECT print_code(%s, 'family', 'password', %s, 'photo id')"
    assert ask(office, "dana", printed, [identity("jo"), digest(new_code())])
    office.change("INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())",
                  office.ids["jo"], office.ids["kai"])  # fmt: skip
    assert not ask(office, "dana", printed, [identity("jo"), digest(new_code())])


def test_a_waiting_proposal_is_not_carried_out_once_its_proposer_has_a_tie_to_the_child(own_school: School) -> None:
    family_of(own_school, "in person")
    appoint(own_school, "bo")
    lift = "SELECT propose_lifting(%s, %s, 'It is over')"
    assert looked(own_school, "bo", "adults", identity("max"), lift, identity("max"), identity("restriction")) == "proposed"
    tie(own_school, "bo", "max")
    assert second(own_school, "carl") == "not possible"


def test_an_administrator_of_one_school_opens_no_change_of_anothers_student(own_school: School) -> None:
    appoint(own_school, "bo", at="elementary")
    with own_school.connect("app", autocommit=True) as app:
        opened = [app.execute("SELECT look(%s, 'changes', %s)", [proof_of(who, "staff"), identity("changes/nina")]).fetchone() for who in ("bo", "carl")]
    assert opened[0] == (0,) and opened[1] is not None and opened[1][0] > 0


# ── A challenge holds, whatever is asked next ──
def challenged_request(school: School) -> None:
    register(school)
    match(school)
    assert ask(school, "ana", "SELECT begin_challenge(%s, %s, 'stranger', '')", [identity("nina"), newest(school)["uuid"]], side="family") == "sent"


def test_a_challenged_requester_does_not_get_in_by_asking_again(office: School) -> None:
    challenged_request(office)
    asks(office, "mia")
    match(office)
    assert answers(office, "rosa", how="photo id") == "challenged" and ties_of(office, "mia") == []


def test_a_challenged_requester_does_not_get_in_by_withdrawing_and_asking_again(office: School) -> None:
    challenged_request(office)
    assert ask(office, "mia", "SELECT withdraw_registration(%s)", [newest(office)["uuid"]], side="family")
    asks(office, "mia")
    match(office)
    assert answers(office, "rosa", how="photo id") == "challenged" and ties_of(office, "mia") == []


def test_access_ended_by_a_challenge_is_given_again_only_by_an_administrator_with_the_record(own_school: School) -> None:
    """Jo, who still sees Leo, asks for Nina again."""
    family_of(own_school)
    own_school.change("UPDATE contact SET person_id = NULL, name = 'Somebody' WHERE uuid = %s", identity("contact/jo/nina"))
    tie(own_school, "jo", "leo")
    assert challenge(own_school) == "sent" and decide(own_school, "ended") == "ended"
    asks(own_school, "jo", relation="father")
    match(own_school)
    assert answers(own_school, "rosa", how="photo id") == answers(own_school, "carl", how="photo id") == "challenged"
    on_file(own_school, "jo", relation="father")
    assert answers(own_school, "rosa", how="photo id") == "challenged" and not sees(own_school, "jo")
    assert answers(own_school, "carl", how="photo id") == "approved" and sees(own_school, "jo")


# ── Who matches the record ──
def test_a_neighbour_on_file_is_no_parent_in_bulk(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    office.change("UPDATE contact SET relationship = 'neighbor', name = 'Olga Petrov' WHERE sourced_id = 'mia on file'")
    register(office)
    prove(office, "mia", ON_FILE)
    match(office)
    assert not newest(office)["is_exact"]


def test_an_address_from_last_nights_file_puts_no_one_on_record(own_school: School) -> None:
    """The contact's row is a month old. The address is on the person and comes from last night's file."""
    family_of(own_school)
    own_school.change("UPDATE delivery SET ended_at = now() - interval '30 days'")
    own_school.change("UPDATE contact SET person_id = %s, email = '' WHERE uuid = %s", own_school.ids["lou"], identity("contact/jo/nina"))
    own_school.change("INSERT INTO contact_detail (person_id, email, delivery_id) SELECT %s, 'jo@mail.example', max(id) FROM delivery", own_school.ids["lou"])
    prove(own_school, "jo", "jo@mail.example")
    on_record = "SELECT is_on_record(%s, %s)"
    with own_school.connect("owner") as owner:
        assert owner.execute(on_record, [own_school.ids["jo"], own_school.ids["nina"]]).fetchone() == (True,)
        owner.execute("""INSERT INTO delivery SELECT (jsonb_populate_record(d, jsonb_build_object(
            'id', 900, 'uuid', gen_random_uuid(), 'digest', 'y', 'ended_at', now()))).* FROM delivery d ORDER BY d.id LIMIT 1""")  # fmt: skip
        owner.execute("UPDATE contact_detail SET delivery_id = 900 WHERE person_id = %s", [own_school.ids["lou"]])
        assert owner.execute(on_record, [own_school.ids["jo"], own_school.ids["nina"]]).fetchone() == (False,)


def test_the_record_is_found_by_the_contacts_address_or_phone_where_the_name_is_mistyped(office: School) -> None:
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    office.change("UPDATE contact SET phone = '(555) 010-0123' WHERE sourced_id = 'mia on file'")
    register(office, given_name="Nyna", family_name="Ruis")
    match(office)
    which = newest(office)["uuid"]
    assert looked(office, "rosa", "request", which, BESIDE, which) == []
    prove(office, "mia", ON_FILE)
    assert looked(office, "rosa", "request", which, BESIDE, which) == ["Nina Ruiz"]
    office.change("UPDATE mail_address SET ended_at = now()")
    office.change("UPDATE registration SET phone = '1 555 010 0123' WHERE uuid = %s", which)
    assert looked(office, "rosa", "request", which, BESIDE, which) == ["Nina Ruiz"]
    office.change("UPDATE contact SET is_confidential = true WHERE sourced_id = 'mia on file'")
    assert looked(office, "rosa", "request", which, BESIDE, which) == []


def test_a_contact_is_found_by_the_email_and_phone_in_the_persons_details(office: School) -> None:
    on_file(office, "lou")
    office.change("INSERT INTO contact_detail (person_id, email, phone) VALUES (%s, 'Lou@mail.example', '(555) 010-0123') ON CONFLICT (person_id)"
                  " DO UPDATE SET email = excluded.email, phone = excluded.phone", office.ids["lou"])  # fmt: skip
    register(office, given_name="Nyna", family_name="Ruis", phone="+1 555.010.0123")
    match(office)
    which = newest(office)["uuid"]
    assert looked(office, "rosa", "request", which, BESIDE, which) == ["Nina Ruiz"]
    for table in ("registration", "contact_detail"):
        office.change(f"UPDATE {table} SET phone = '010 0123'")
    assert looked(office, "rosa", "request", which, BESIDE, which) == [], "seven digits are many people's"
    prove(office, "mia", "lou@mail.example")
    assert looked(office, "rosa", "request", which, BESIDE, which) == ["Nina Ruiz"]


@pytest.mark.parametrize(("asked", "indexes"), [
    ("SELECT count(*) FROM registration r, students_by_contact(r)",
     ["contact_address", "contact_detail_address", "contact_phone_end", "contact_detail_phone_end"]),
    ("SELECT count(*) FROM registration r, people_like(r.person_id)", ["mail_address_proven"]),
])  # fmt: skip
def test_an_index_answers_whose_it_is(office: School, asked: str, indexes: list[str]) -> None:
    """An expression that differs from the index would find the same, but would read every contact of the district."""
    register(office, phone="555 010 0123")
    prove(office, "mia", ON_FILE)
    with office.connect("owner") as owner:
        owner.execute("SET enable_seqscan = off")
        owner.execute(asked.encode())
        used = owner.execute("SELECT array_agg(n) FROM unnest(%s::text[]) n WHERE pg_stat_get_xact_numscans(n::regclass) > 0", [indexes]).fetchone()
    assert used == (indexes,)


def test_the_record_that_matches_in_more_ways_comes_first(office: School) -> None:
    """Kai has the birth date and name. Nina has these and the contact's address."""
    office.change("UPDATE person SET given_name = 'Nina', family_name = 'Ruiz', preferred_given_name = '' WHERE id = %s", office.ids["kai"])
    office.change("UPDATE demographic SET birth_date = '2014-04-09' WHERE person_id = %s", office.ids["kai"])
    put_on_record(office, "nina", ON_FILE, days_ago=30)
    register(office)
    prove(office, "mia", ON_FILE)
    match(office)
    which = newest(office)["uuid"]
    first = "SELECT student::text FROM records_beside(%s)"
    assert looked(office, "rosa", "request", which, first, which) == str(identity("nina"))
    office.change("UPDATE contact SET student_id = %s WHERE sourced_id = 'mia on file'", office.ids["kai"])
    assert looked(office, "rosa", "request", which, first, which) == str(identity("kai"))


# ── One man, two rows ──
def mia_on_file(office: School) -> None:
    """Nina's contact is in the file. Mia registers and asks for Nina."""
    office.change("""INSERT INTO person (uuid, sourced_id, given_name, family_name, is_student, is_staff, grade_levels)
        VALUES (%s, 'on file', 'Mia', 'Ruiz', false, false, '{}')""", identity("on file"))  # fmt: skip
    office.change("""INSERT INTO contact (uuid, sourced_id, student_id, person_id, relationship, delivery_id)
        SELECT gen_random_uuid(), 'mia of nina', %s, (SELECT id FROM person WHERE sourced_id = 'on file'), 'mother', max(id) FROM delivery""",
        office.ids["nina"])  # fmt: skip
    register(office)
    match(office)


def bars(office: School, whom: str) -> object:
    said = json.dumps({"basis": "court order", "start": today(office), "paper": "Safe 2"})
    return looked(office, "carl", "adults", identity("nina"), "SELECT bar(%s, %s, %s)", identity("nina"), identity(whom), said)


def test_an_adult_restricted_as_a_contact_in_the_file_is_restricted_under_their_own_account(office: School) -> None:
    mia_on_file(office)
    assert answers(office, "rosa") == "approved" and sees(office, "mia")
    assert bars(office, "on file") == "alike"
    assert not sees(office, "mia") and sees(office, "ana")


@pytest.mark.parametrize(("verdict", "then"), [("", "alike"), ("declined", "barred")])
def test_so_is_who_asks_for_the_child_and_whose_request_was_declined_is_not(office: School, verdict: str, then: str) -> None:
    mia_on_file(office)
    assert not verdict or answers(office, "rosa", verdict) == verdict
    assert bars(office, "on file") == then


def test_a_restriction_does_not_affect_another_parent_with_the_same_address(office: School) -> None:
    on_file(office, "gus", relation="father")
    on_file(office, "ana")
    office.change("UPDATE contact SET email = 'home@mail.example' WHERE sourced_id IN ('gus of nina', 'ana of nina')")
    prove(office, "ana", "home@mail.example")
    assert bars(office, "gus") == "barred" and sees(office, "ana")


def test_an_address_once_on_file_does_not_restrict_another_adult_who_has_it(office: School) -> None:
    on_file(office, "gus", relation="father")
    office.change("UPDATE contact SET email = 'home@mail.example', ended_at = now(), sourced_id = 'gus once' WHERE sourced_id = 'gus of nina'")
    on_file(office, "gus", relation="father")
    prove(office, "ana", "home@mail.example")
    assert bars(office, "gus") == "barred" and sees(office, "ana")


# ── Access that is over ──
def test_an_adult_whose_access_expired_can_be_approved_again(own_school: School) -> None:
    family_of(own_school)
    own_school.change("UPDATE tie SET end_date = today() WHERE uuid = %s", identity("tie/jo/nina"))
    asks(own_school, "jo", relation="father")
    match(own_school)
    assert not sees(own_school, "jo") and answers(own_school, "rosa") == "approved"
    assert sees(own_school, "jo") and state_of(own_school) == "ended"


def today(school: School) -> str:
    with school.connect("owner") as owner:
        return str((owner.execute("SELECT today()").fetchone() or ("",))[0])


def test_a_name_that_only_begins_with_ones_own_is_someone_elses(office: School) -> None:
    office.change("INSERT INTO person (sourced_id, given_name, family_name) VALUES ('x1', 'Rosalind', 'Lima'), ('x2', 'Rosa', 'Lim')")
    with office.connect("owner") as owner:
        found = owner.execute("SELECT p.sourced_id FROM people_like(%s) w JOIN person p ON p.id = w", [office.ids["rosa"]])
        assert found.fetchall() == [("x2",)]
