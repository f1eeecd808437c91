"""Who can see a child: the page says what a view by each of them would really open."""

import random
from datetime import date
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from homeroom.portal.audit.lines import About
from homeroom.portal.audit.who_can_see_pages import page_of
from homeroom.portal.audit.who_can_see_queries import SEERS, Seer, seer_of
from tests.browser import Browser
from tests.cast import SIDES, identity
from tests.school import School, calls_of, proof_of

PATH = f"/children/{identity('nina')}/who-can-see"
TIE, PERSON = "UPDATE tie SET {} WHERE uuid = '%s'", "(SELECT id FROM person WHERE sourced_id = '{}')"
ANAS, TIAS, JOS = (TIE % identity(f"tie/{adult}/nina") for adult in ("ana", "tia", "jo"))
BAR = "INSERT INTO restriction (uuid, person_id, student_id, basis, start_date) VALUES (gen_random_uuid(), {}, " + PERSON.format("nina") + ", 'order', today())"
DUTY = """INSERT INTO duty (person_id, school_id, duty, start_date, end_date)
    VALUES ({}, (SELECT id FROM school WHERE sourced_id = 'middle'), '{}', today() - 1, {})"""
STANDS_IN = """UPDATE substitution SET person_id = (SELECT id FROM person WHERE sourced_id = 'vera'),
    section_id = (SELECT id FROM section WHERE sourced_id = 'algebra'), first_day = {}, last_day = {}"""
IN_ALGEBRA = "WHERE person_id = {} AND section_id = (SELECT id FROM section WHERE sourced_id = 'algebra')"
STATES = {
    "as they are": "SELECT 1",
    "the tutor's tie is suspended": TIAS.format("state = 'suspended'"),
    "the tutor's tie ended today": TIAS.format("end_date = today()"),
    "the mother is barred": BAR.format(PERSON.format("ana")),
    "the mother's tie begins tomorrow": ANAS.format("start_date = today() + 1"),
    "the mother sees attendance alone": ANAS.format("view_kinds = '{attendance}'"),
    "the challenged father is let in again": JOS.format("state = 'approved'"),
    "the father is under challenge": JOS.format("state = 'under challenge'"),
    "the teacher is barred": BAR.format(PERSON.format("bo")),
    "the teacher begins tomorrow": f"UPDATE enrollment SET begin_date = today() + 1 {IN_ALGEBRA.format(PERSON.format('bo'))}",
    "the teacher's account is closed": f"UPDATE account SET is_active = false WHERE person_id = {PERSON.format('bo')}",
    "the teacher is counselor too": DUTY.format(PERSON.format("bo"), "counselor", "NULL"),
    "the principal's duty is over": f"UPDATE duty SET end_date = today() WHERE person_id = {PERSON.format('pat')}",
    "the clerk's duty begins tomorrow": f"UPDATE duty SET start_date = today() + 1 WHERE person_id = {PERSON.format('rosa')}",
    "a mother of another child is registrar": DUTY.format(PERSON.format("dana"), "registrar", "today() + 9"),
    "somebody substitutes today": STANDS_IN.format("today()", "today()"),
    "somebody substitutes tomorrow": STANDS_IN.format("today() + 1", "today() + 1"),
    "the class was left": f"UPDATE enrollment SET end_date = today() - 1 {IN_ALGEBRA.format(PERSON.format('nina'))}",
    "the class is gone from the files": f"UPDATE enrollment SET ended_at = now() {IN_ALGEBRA.format(PERSON.format('nina'))}",
    "teachers see the school": "UPDATE district SET teachers_see_school = true",
    "the administrator is barred": BAR.format(PERSON.format("carl")),
}


CHANGED = ("tie", "restriction", "duty", "substitution", "enrollment", "account", "district")


def put_back(school: School, kept: dict[str, Any]) -> None:
    """Restores the rows of these tables as they were when the test began."""
    with school.connect("owner") as owner:
        for table, (rows,) in kept.items():
            key = "key" if table == "enrollment" else "id"
            columns = [name for name in rows[0] if name != key]
            owner.execute(f"DELETE FROM {table} WHERE NOT {key}::text = ANY (%s)".encode(), [[str(row[key]) for row in rows]])
            sets = ", ".join(f'"{name}" = k."{name}"' for name in columns)
            owner.execute(f"UPDATE {table} t SET {sets} FROM jsonb_populate_recordset(NULL::{table}, %s) k WHERE k.{key} = t.{key}".encode(), [Jsonb(rows)])


def put(school: School, *states: str) -> None:
    """People who were signed out by the change have signed in again: the page says what a sign-in would open."""
    for state in states:
        school.change(STATES[state])
    school.change("UPDATE session s SET ended_at = NULL FROM account a WHERE a.id = s.account_id AND a.is_active")


def listed(school: School, who: str = "nina", side: str = "student", child: str = "nina") -> list[Seer]:
    with school.asked_by(who, side, ("who can see", child)) as app:
        return [seer_of(*row) for row in app.execute(SEERS.statement, {"child": identity(child)}).fetchall()]


def looked(school: School, who: str, side: str, *asked: tuple[str, str]) -> frozenset[str]:
    """Returns the kinds of data that these views (act, subject) really open of Nina."""
    with school.connect("app", autocommit=True) as app, school.connect("owner") as owner:
        answers = [app.execute("SELECT look(%s, %s, %s)", [proof_of(who, side), act, identity(subject)]).fetchone() for act, subject in asked]
        entries = [row[0] for row in answers if row]
        found = owner.execute(
            "SELECT DISTINCT unnest(kinds) FROM ledger_student WHERE entry_id = ANY (%s) AND student_id = %s", [entries, school.ids["nina"]]
        ).fetchall()
    return frozenset(kind for (kind,) in found)


def really(school: School) -> dict[tuple[str, str], frozenset[str]]:
    """Returns what views of Nina's page and of the classes open, for each person and role of the cast."""
    asked = [("child", "nina"), *((act, name) for act in ("gradebook", "class names") for name in ("algebra", "english", "art", "reading"))]
    found = {(name, side): looked(school, name, side, *asked) for name, sides in SIDES.items() for side in sides}
    return {hat: kinds for hat, kinds in found.items() if kinds}


def said(school: School, rows: list[Seer]) -> dict[tuple[str, str], frozenset[str]]:
    """Returns the page's people by role. A registrar is listed for what may be asked of them, whether it was or not."""
    names = {identity(name): name for name in school.ids}
    sides = {"family": "family", "tutor": "family", "student": "student"}
    found: dict[tuple[str, str], frozenset[str]] = {}
    for row in rows:
        if row.people and row.who and row.capacities != ("duty: registrar",):
            hat = (names[row.who], sides.get(row.part, "staff"))
            found[hat] = found.get(hat, frozenset()) | frozenset(row.kinds)
    return found


def test_the_page_says_which_records_views_would_open(own_school: School) -> None:
    """Checks each state separately. A school takes seconds to make, so this one is restored each time."""
    with own_school.connect("owner") as owner:
        kept = {table: owner.execute(f"SELECT jsonb_agg(to_jsonb(t)) FROM {table} t".encode()).fetchone() for table in CHANGED}
    for state in STATES:
        put(own_school, state)
        found = really(own_school)
        assert said(own_school, listed(own_school)) == found and found, state
        put_back(own_school, kept)


@pytest.mark.parametrize("seed", range(2))
def test_whatever_comes_together_the_page_agrees(own_school: School, seed: int) -> None:
    chosen = random.Random(seed).sample(sorted(STATES), len(STATES))
    for state in chosen[:12]:
        put(own_school, state)
        assert said(own_school, listed(own_school)) == really(own_school), chosen[: chosen.index(state) + 1]


def test_the_rows_list_the_administrators_and_registrars_a_case_would_let_in(own_school: School) -> None:
    put(own_school, "a mother of another child is registrar")
    office = {row.part: row for row in listed(own_school) if row.part == "administrator" or row.capacities == ("duty: registrar",)}
    assert office["administrator"].people == 1 and office["school"].name == "Dana Okafor" and office["school"].last_day is not None
    for case in (("tie check", "challenge"), ("request", "asked"), ("changes", "changes/nina"), ("same person", "question")):
        assert looked(own_school, "carl", "staff", case) <= set(office["administrator"].kinds), case
    assert looked(own_school, "dana", "staff", ("request", "asked")) <= set(office["school"].kinds)
    own_school.change(BAR.format(PERSON.format("carl")))
    assert not [row for row in listed(own_school) if row.part == "administrator"]


def test_a_hidden_challenge_changes_no_row(own_school: School) -> None:
    put(own_school, "the father is under challenge")
    before = listed(own_school)
    own_school.change("DELETE FROM challenge_message")
    own_school.change("DELETE FROM challenge")
    own_school.change("DELETE FROM registration")
    assert listed(own_school) == before


def test_a_family_does_not_learn_who_the_administrators_are(own_school: School) -> None:
    own_school.change("INSERT INTO administrator (person_id, start_date) VALUES (%s, today() - 1)", own_school.ids["pat"])
    rows = listed(own_school, "ana", "family")
    (office,) = [row for row in rows if row.part == "administrator"]
    assert (office.people, office.who, office.name) == (2, None, None)
    page = Browser("ana").open(PATH).words
    assert "Carl Webb" not in page and "2 administrators" in page and "9 people today" in page  # Pat counts twice, or the sum would reveal it


def test_a_confidential_adult_is_counted_and_not_named(own_school: School) -> None:
    own_school.change(JOS.format("is_confidential = true, relation = 'father', state = 'approved', end_date = today() + 9"))
    with own_school.asked_by("jo", "family", ("child", "nina")):
        pass
    (row,) = [row for row in listed(own_school, "ana", "family") if row.is_hidden]
    assert (row.part, row.people, row.who, row.name, row.relation, row.proof, row.approved_on, row.last_day, row.last_on) == ("family", 1, *[None] * 7)
    page = Browser("ana").open(PATH)
    assert "confidential" in page.line("An adult") and "Castillo" not in page.words and "3 people" in page.words
    own_school.change(JOS.format("view_kinds = '{ledger}'"))
    assert "father" in Browser("jo").open(PATH).line("You, Jo Castillo")


def test_confidential_access_that_is_closed_does_not_appear(own_school: School) -> None:
    own_school.change(JOS.format("is_confidential = true"))
    assert "Castillo" not in str(listed(own_school, "ana", "family")) and not [row for row in listed(own_school) if row.is_hidden]


def test_the_page_does_not_say_why_someone_sees_nothing(own_school: School) -> None:
    own_school.change(JOS.format("relation = 'father', proof = 'in person'"))
    (suspended,) = [row for row in listed(own_school, "ana", "family") if row.name == "Jo Castillo"]
    own_school.change(JOS.format("state = 'approved'"))
    own_school.change(BAR.format(PERSON.format("jo")))
    (barred,) = [row for row in listed(own_school, "ana", "family") if row.name == "Jo Castillo"]
    assert barred == suspended and barred.people == 0 and barred.kinds == () and barred.relation == "father"
    line = Browser("ana").open(PATH).line("Jo Castillo")
    assert "father" in line and "No access" in line


def test_a_teacher_of_next_term_is_counted_and_not_named(own_school: School) -> None:
    own_school.change("INSERT INTO account (uuid, person_id, side, sign_in_name) VALUES (gen_random_uuid(), %s, 'staff', 'sam.staff')", own_school.ids["sam"])
    (row,) = [row for row in listed(own_school) if row.is_hidden]
    assert row.part == "teacher" and row.people == 1 and row.name is None and row.classes == ()
    page = Browser("ana").open(PATH)
    assert "begins later" in page.line("A teacher") and "Sam Reed" not in page.words and "Art 7" not in page.words


@pytest.mark.parametrize(("over", "is_there"), [(-30, True), (29, True), (30, False)])
def test_the_teacher_of_a_class_that_nina_dropped_is_listed_as_long_as_he_can_read_it(own_school: School, over: int, is_there: bool) -> None:
    """`over` is the number of days since the class's term ended."""
    put(own_school, "the class is gone from the files")
    own_school.change("UPDATE term SET end_date = today() - %s::integer WHERE sourced_id = 'fall'", over)
    rows = listed(own_school)
    assert [row.classes for row in rows if row.name == "Bo Larsen"] == ([("Algebra 1",)] if is_there else [])
    assert said(own_school, rows) == really(own_school)


def test_the_who_can_see_list_is_empty_without_its_view(own_school: School) -> None:
    for looks in ((), (("child", "leo"),)):
        with own_school.asked_by("ana", "family", *looks) as app:
            assert app.execute("SELECT count(*) FROM who_can_see(%s)", [identity("nina")]).fetchone() == (0,)


@pytest.mark.parametrize("hat", ["jo family", "tia family", "dee family", "bo staff", "pat staff", "carl staff", "max student"])
def test_no_one_else_has_the_who_can_see_page(own_school: School, hat: str) -> None:
    who, side = hat.split()
    assert Browser(who, side).open(PATH).status == 404 and not listed(own_school, who, side)


def test_asking_as_others_leaves_the_reader_who_she_is(own_school: School) -> None:
    with own_school.asked_by("ana", "family", ("who can see", "nina")) as app:
        before = app.execute("SELECT current_setting('homeroom.proof'), current_setting('homeroom.look')").fetchone()
        assert app.execute("SELECT count(*) > 5 FROM who_can_see(%s)", [identity("nina")]).fetchone() == (True,)
        assert app.execute("SELECT current_setting('homeroom.proof'), current_setting('homeroom.look')").fetchone() == before
        app.commit()
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM session WHERE idle_limit = interval '1 minute'").fetchone() == (0,)


def test_support_is_there_while_two_administrators_let_it(own_school: School) -> None:
    page = Browser("ana").open(PATH)
    assert "Homeroom’s support" not in page.words and "makers of Homeroom" in page.part("else")
    own_school.change("""WITH p AS (INSERT INTO proposal (kind, reason, proposed_by_id, state) VALUES ('support', 'x', %s, 'carried out') RETURNING id)
        INSERT INTO support_grant (supporter_id, proposal_id, students, until)
        SELECT (SELECT id FROM supporter), id, ARRAY[%s::integer], now() + interval '1 hour' FROM p""",
        own_school.ids["carl"], own_school.ids["nina"])  # fmt: skip
    page = Browser("ana").open(PATH)
    assert "Homeroom’s support" in page.words and "9 people today" in page.words and "Homeroom" not in page.part("else")
    own_school.change("UPDATE supporter SET ended_at = now()")
    assert "Homeroom’s support" not in Browser("ana").open(PATH).words


def test_no_time_of_anybody_is_on_the_page(own_school: School) -> None:
    Browser("bo", "staff").open(f"/classes/{identity('algebra')}")
    rows = {row.name: row for row in listed(own_school, "ana", "family")}
    assert type(rows["Bo Larsen"].last_on) is date
    assert ["Bo Larsen teacher", "Teaches Nina: Algebra 1.", "Sees: grades", "Last view: today"] in Browser("ana").open(PATH).rows


@pytest.mark.parametrize(("event", "days", "is_said"), [("look", 395, True), ("look", 397, False), ("duty given", 1, False)])
def test_the_last_view_is_a_view_of_the_last_thirteen_months(own_school: School, event: str, days: int, is_said: bool) -> None:
    own_school.change("WITH e AS (INSERT INTO ledger (at, event, person_id, capacity, xid) VALUES (now() - make_interval(days => %s), %s, %s, 'teacher', 3)"
                      " RETURNING id, at) INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT id, %s, at, '{}' FROM e",
                      days, event, own_school.ids["bo"], own_school.ids["nina"])  # fmt: skip
    (bo,) = [row for row in listed(own_school) if row.name == "Bo Larsen"]
    assert (bo.last_on is not None) == is_said


def test_the_child_reads_it_in_the_second_person_and_the_links_lead_here(own_school: School) -> None:
    page = Browser("nina", "student").open(PATH)
    assert "your record" in page.heading and "Teaches you: Algebra 1." in page.words and "You, Nina Ruiz" in page.words
    for path in (f"/children/{identity('nina')}", f"/children/{identity('nina')}/who-has-looked"):
        assert PATH in Browser("ana").open(path).text


def test_a_person_with_two_duties_is_one(own_school: School) -> None:
    put(own_school, "the teacher is counselor too")
    page = page_of(listed(own_school), About("", "Lincoln Unified"), date(2026, 11, 26))
    assert page.people == len({"ana", "nina", "tia", "bo", "dana", "pat", "rosa", "carl"})


def test_the_last_day_of_a_duty_is_said_of_the_person_who_has_it(own_school: School) -> None:
    own_school.change(DUTY.format(PERSON.format("bo"), "principal", "today() + 9"))
    principals = [row for row in listed(own_school) if "duty: principal" in row.capacities]
    assert {row.name: row.last_day is not None for row in principals} == {"Bo Larsen": True, "Pat Quill": False}


def test_the_who_can_see_list_checks_a_support_session_only_for_active_grants_that_name_the_child(own_school: School) -> None:
    """One grant about Nina is active and another ended. Max is in a third."""
    before = calls_of(own_school, "claim", "SELECT looks_of_everybody(%s)", own_school.ids["nina"])
    for child, ended in (("nina", None), ("nina", "now"), ("max", None)):
        own_school.change("""WITH p AS (INSERT INTO proposal (kind, reason, proposed_by_id, state) VALUES ('support', 'x', %s, 'carried out') RETURNING id)
            INSERT INTO support_grant (supporter_id, proposal_id, students, until, ended_at)
            SELECT (SELECT id FROM supporter), id, ARRAY[%s::integer], now() + interval '1 hour', %s FROM p""",
            own_school.ids["carl"], own_school.ids[child], ended)  # fmt: skip
    assert calls_of(own_school, "claim", "SELECT looks_of_everybody(%s)", own_school.ids["nina"]) == before + 1


def test_the_page_names_the_classes_taught_by_a_teacher_who_sees_the_whole_school(own_school: School) -> None:
    put(own_school, "teachers see the school")
    assert [row.classes for row in listed(own_school) if row.name == "Bo Larsen"] == [("Algebra 1",)]


def test_a_school_where_nina_works_but_learns_nothing_is_none_of_hers(own_school: School) -> None:
    own_school.change("INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('aide', %s, %s, 'aide')",
                      own_school.ids["nina"], own_school.ids["elementary"])  # fmt: skip
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT schools_of_child(%s)", [own_school.ids["nina"]]).fetchall() == [(own_school.ids["middle"],)]
