"""A grant to support needs two administrators, is short and small, and ends when any of them says so."""

import psycopg
import pytest

from homeroom.portal.membership.tests.acting import (
    SEEN,
    age_proofs,
    another_sign_in,
    appoint,
    ask,
    listed,
    newest,
    second,
    stop,
)
from homeroom.portal.support.tests.supported import ALL_READS, add, asked, counts, grant, propose, sign_in
from tests.browser import Browser
from tests.school import School

END = "SELECT end_support(%s, 'Enough seen')"
FOUND = "SELECT count(*) FROM students_for_support()"
GRANTS = "SELECT count(*) FROM support_grant"
EVENTS = "SELECT event, capacity, p.sourced_id FROM ledger l LEFT JOIN person p ON p.id = l.person_id WHERE event LIKE 'support%' ORDER BY l.id"
TOLD = "SELECT DISTINCT p.sourced_id, n.what FROM account_notice n JOIN account a ON a.id = n.account_id JOIN person p ON p.id = a.person_id"


@pytest.fixture
def office(own_school: School) -> School:
    """Carl, Pat and Dana are administrators of the district. Dana is Kai's mother."""
    appoint(own_school, "pat", "dana")
    return own_school


def grants(school: School) -> int:
    with school.connect("owner") as owner:
        return int((owner.execute(GRANTS).fetchone() or (0,))[0])


def test_one_administrator_alone_lets_no_one_in(office: School) -> None:
    assert propose(office, add(office), "nina") == "proposed"
    assert grants(office) == 0 and not sign_in(office)
    assert second(office, "carl") == "mine" and second(office, "carl", proof=another_sign_in(office, "carl")) == "mine"
    assert grants(office) == 0 and not sign_in(office)
    assert second(office, "pat") == "carried out" and grants(office) == 1 and sign_in(office)


def test_an_unanswered_day_lets_no_one_in(office: School) -> None:
    propose(office, add(office), "nina")
    with office.connect("owner") as owner:
        assert owner.execute("SELECT lock_until FROM proposal").fetchone() == (None,)
    with office.connect("jobs") as jobs:
        assert jobs.execute("SELECT next_proposal_due()").fetchone() == (None,)


def test_no_more_than_twenty_students_and_four_hours(office: School) -> None:
    sol = add(office)
    assert propose(office, sol, *["nina"] * 21) == "many"
    assert [propose(office, sol, "nina", hours=hours) for hours in (0, 5, -1)] == ["hours"] * 3
    assert propose(office, sol, "nina", "nina") == ""
    assert propose(office, sol) == "proposed"


@pytest.mark.parametrize("change", ["registered_at = NULL, credential_id = NULL", "ended_at = now()", "uuid = gen_random_uuid()"])
def test_a_supporter_without_a_passkey_or_who_is_one_no_more_gets_no_grant(office: School, change: str) -> None:
    sol = add(office)
    office.change(f"UPDATE supporter SET {change} WHERE uuid = %s", sol)
    assert propose(office, sol, "nina") == ""


def test_the_table_itself_refuses_a_longer_and_a_larger_grant(office: School) -> None:
    made = grant(office, "nina")
    for change in ("until = began_at + interval '5 hours'", "students = array_fill(students[1], ARRAY[21])"):
        with pytest.raises(psycopg.errors.CheckViolation):
            office.change(f"UPDATE support_grant SET {change} WHERE uuid = %s", made)


def test_no_one_grants_support_a_view_of_their_own_child(office: School) -> None:
    sol = add(office)
    assert propose(office, sol, "kai", by="dana") == ""
    assert propose(office, sol, "nina", "kai", by="dana") == ""
    assert propose(office, sol, "nina", "kai") == "proposed"
    assert second(office, "dana") == "" and stop(office, "dana") == ""
    assert second(office, "pat") == "carried out"


def test_a_restricted_administrator_neither_finds_the_child_nor_sees_the_name(office: School) -> None:
    bar = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())"
    office.change(bar, office.ids["dana"], office.ids["nina"])
    assert listed(office, "dana", "support students", FOUND, words="nina") == 0
    assert listed(office, "carl", "support students", FOUND, words="nina") == 1
    grant(office, "nina", "max")
    names = "SELECT names FROM support_grants_shown(NULL)"
    assert listed(office, "dana", "support grants", names) == [None, "Max Moss"] and ask(office, "dana", names) is None
    assert ask(office, "dana", "SELECT payload->'names' FROM proposals_shown()") == [None, "Max Moss"]
    assert listed(office, "pat", "support grants", names) == ["Nina Ruiz", "Max Moss"]


def test_a_student_chosen_on_the_form_is_not_found_again_by_name(office: School) -> None:
    assert listed(office, "carl", "support students", FOUND, words=f"{office.uuid('nina')} nina") == 1


def test_a_list_of_grants_is_not_in_the_log_of_a_child_the_reader_is_restricted_from(office: School) -> None:
    bar = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), %s, %s, 'court order', today())"
    office.change(bar, office.ids["dana"], office.ids["nina"])
    grant(office, "nina", "max")
    listed(office, "dana", "support grants", "SELECT 1")
    with office.connect("owner") as owner:
        logged = "SELECT s.student_id FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'support grants'"
        assert owner.execute(logged).fetchall() == [(office.ids["max"],)]



def test_the_list_of_grants_is_a_view_by_pages_of_a_hundred_students(office: School) -> None:
    made = grant(office, "nina")
    office.change("UPDATE support_grant SET ended_at = now(), ended_by_id = %s", office.ids["pat"])
    office.change("""WITH made AS (INSERT INTO person (uuid, sourced_id, given_name, family_name, is_student, is_staff, grade_levels)
            SELECT gen_random_uuid(), 'many ' || n, 'Many', 'Zz ' || n, true, false, '{07}' FROM generate_series(1, 120) n RETURNING id),
        twenty AS (SELECT array_agg(id) AS ids, part FROM (SELECT id, ntile(6) OVER (ORDER BY id) AS part FROM made) m GROUP BY part),
        asked AS (INSERT INTO proposal (SELECT (jsonb_populate_record(p, jsonb_build_object('id', 1000 + t.part, 'uuid', gen_random_uuid()))).*
            FROM support_grant g JOIN proposal p ON p.id = g.proposal_id, twenty t) RETURNING id)
        INSERT INTO support_grant (uuid, supporter_id, proposal_id, students, began_at, until, ended_at, ended_by_id, words)
            SELECT gen_random_uuid(), g.supporter_id, 1000 + t.part, t.ids, g.began_at, g.until, g.ended_at, g.ended_by_id, g.words
            FROM support_grant g, twenty t, (SELECT count(*) FROM asked) done""")
    page = "SELECT jsonb_build_array(count(*), max(place) FILTER (WHERE has_more)) FROM support_grants_shown(%s)"
    assert ask(office, "pat", page, [None]) == [0, None]
    assert listed(office, "pat", "support grants", page, [None]) == [5, 5] and listed(office, "pat", "support grants", page, [5]) == [0, None]
    lines = "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'support grants'"
    with office.connect("owner") as owner:
        assert owner.execute(lines).fetchone() == (100,)
        owner.execute("DELETE FROM support_grant WHERE uuid <> %s", [made])
    assert listed(office, "pat", "support grants", page, [None]) == [1, None]
    assert "Nina Ruiz" in Browser("pat", "staff").open("/office/support").words


def test_the_second_approver_sees_who_gets_the_grant_and_for_which_students(office: School) -> None:
    propose(office, add(office), "nina", "max", hours=3)
    shown = ask(office, "pat", "SELECT payload FROM proposals_shown()")
    assert (shown["name"], shown["hours"], shown["names"]) == ("Sol Park", 3, ["Nina Ruiz", "Max Moss"])


def test_only_administrators_of_the_district_propose_and_end_and_read(office: School) -> None:
    sol, made = add(office), ""
    appoint(office, "rosa", at="middle")
    for who, side in (("rosa", "staff"), ("bo", "staff"), ("dana", "family"), ("nina", "student")):
        assert propose(office, sol, "max", by=who, side=side) == ""
    made = grant(office, "nina", supporter=sol)
    for who, side in (("rosa", "staff"), ("bo", "staff"), ("dana", "family"), ("nina", "student")):
        assert ask(office, who, END, [made], side=side) == ""
        assert [ask(office, who, f"SELECT count(*) FROM {what}", side=side) for what in ("supporters_shown()", "support_grants_shown(NULL)")] == [0, 0]
        assert listed(office, who, "support grants", "SELECT count(*) FROM support_grants_shown(NULL)", side=side) == 0
        assert listed(office, who, "support students", FOUND, words="max", side=side) == 0
    assert sign_in(office)


def test_an_old_proof_neither_proposes_nor_ends(office: School) -> None:
    sol = add(office)
    made = grant(office, "nina", supporter=sol)
    age_proofs(office)
    assert ask(office, "pat", END, [made]) == "again" and propose(office, add(office, "Kim Vo", b"other"), "nina") == "again"


def test_a_supporter_who_has_no_passkey_or_was_ended_gets_no_grant(office: School) -> None:
    with office.connect("owner") as owner:
        (kim,) = owner.execute("SELECT add_supporter('Kim Vo', 'x')::text").fetchone() or ("",)
    assert propose(office, kim, "nina") == ""
    sol = add(office)
    propose(office, sol, "nina")
    with office.connect("owner") as owner:
        assert owner.execute("SELECT end_supporter(%s)", [sol]).fetchone() == (True,)
    assert second(office, "pat") == "not possible" and grants(office) == 0
    assert propose(office, sol, "nina") == ""


def test_support_is_not_let_in_if_one_of_the_students_is_no_longer_a_student(office: School) -> None:
    assert propose(office, add(office), "nina", "max") == "proposed"
    office.change("UPDATE person SET is_student = false WHERE id = %s", office.ids["max"])
    assert second(office, "pat") == "not possible" and grants(office) == 0


def test_the_board_second_is_not_an_administrator_and_cannot_let_anyone_in(office: School) -> None:
    propose(office, add(office), "nina")
    seen = str(ask(office, "carl", SEEN, [newest(office)[0]]))
    assert ask(office, "vera", "SELECT count(*) FROM proposals_shown()") == 0
    assert second(office, "vera", seen=seen) == "" and stop(office, "vera") == "" and newest(office)[1] == "waiting"


def test_a_supporter_has_one_grant_at_a_time(office: School) -> None:
    sol = add(office)
    assert propose(office, sol, "max") == "proposed"
    waiting, _ = newest(office)
    grant(office, "nina", supporter=sol)
    assert propose(office, sol, "kai") == "runs"
    seen = ask(office, "pat", "SELECT seen FROM proposals_shown() WHERE uuid = %s", [waiting])
    assert ask(office, "pat", "SELECT second_proposal(%s, %s, '')", [waiting, seen]) == "not possible" and grants(office) == 1


def test_any_administrator_ends_it_whatever_children_they_have_and_the_page_in_flight_closes(office: School) -> None:
    """Dana ends it in the middle of Sol's request, which is about Dana's own son."""
    made = grant(office, "kai")
    sign_in(office)
    with asked(office, 1) as app:
        assert all(counts(app, ALL_READS).values())
        assert ask(office, "dana", END, [made]) == "ended"
        assert not any(counts(app, ALL_READS).values())
    assert not sign_in(office) and ask(office, "pat", END, [made]) == ""


def test_ending_one_grant_ends_no_other(office: School) -> None:
    sol = grant(office, "kai")
    sign_in(office)
    grant(office, "nina", supporter=add(office, "Kim Vo", b"kim's passkey"))
    kim = grants(office)
    sign_in(office, passkey=b"kim's passkey", token="kim's browser")
    assert kim == 2 and ask(office, "pat", END, ["00000000-0000-0000-0000-000000000000"]) == "" and ask(office, "pat", END, [sol]) == "ended"
    with asked(office, 1, "kim's browser") as app:
        assert all(counts(app).values())


def test_every_step_is_in_the_ledger_and_every_administrator_is_notified(office: School) -> None:
    made = grant(office, "nina")
    sign_in(office)
    ask(office, "dana", END, [made])
    with office.connect("owner") as owner:
        events, told = owner.execute(EVENTS).fetchall(), owner.execute(TOLD).fetchall()
    admin = [("support: proposed", "carl"), ("support: confirmed", "pat"), ("support granted", "pat"), ("support: carried out", "pat")]
    assert events[2:6] == [(event, "administrator", who) for event, who in admin]
    assert events[:2] == [("supporter added", "operator", None), ("supporter registered", "support", None)]
    assert events[6:] == [("support signed in", "support", None), ("support ended", "administrator", "dana")]
    for what in ("supporters changed", "waits for a second", "support begun", "support ended"):
        assert {who for who, said in told if said == what} >= {"carl", "pat", "dana"}
