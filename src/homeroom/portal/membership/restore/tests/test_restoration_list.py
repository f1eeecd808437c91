"""The notes of a restoration are a list. A view per page comes first, and each named student's access log has it."""

from typing import Any

import pytest

from homeroom.portal.membership.restore.tests.restoring import Told, back, propose, restore, value
from homeroom.portal.membership.tests.acting import appoint, ask, listed
from tests.school import School, proof_of

LOGGED = """SELECT array_agg(p.sourced_id ORDER BY p.sourced_id) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id
    JOIN person p ON p.id = s.student_id WHERE l.act = 'restoration' AND l.person_id = %s"""


@pytest.fixture
def office(own_school: School) -> School:
    """Carl and Pat are administrators of the district."""
    appoint(own_school, "pat")
    return own_school


def named_in_log(school: School, who: str) -> Any:
    return value(school, LOGGED, school.ids[who])


def test_an_administrator_who_is_the_childs_mother_views_no_note_about_her_child(office: School) -> None:
    appoint(office, "dana")
    restore(office, ("withheld line", None, "kai", "applied", {}), ("masked", None, "nina", "applied", {}))
    back(office, "dana", "carl")
    counts = [listed(office, who, "restoration", "SELECT count(*) FROM restoration_lines_shown(NULL)") for who in ("dana", "carl")]
    assert counts == [2, 2] and named_in_log(office, "dana") == ["nina"] and named_in_log(office, "carl") == ["kai", "nina"]


def test_carl_needs_a_view_of_nina_to_read_a_note_that_names_her_but_not_for_bo_or_no_one(office: School) -> None:
    restore(office, ("no parent accounts", None, "nina", "applied", {}), ("card", "max", None, "applied", {}), ("duty", "bo", None, "applied", {}),
            ("tie gone", None, None, "unknown", {"person": "Zoe Hall", "student": "Ida Novak"}))  # fmt: skip
    back(office, "carl")
    shown = "SELECT array_agg(kind ORDER BY place) FROM restoration_lines_shown(NULL)"
    assert ask(office, "carl", shown) == ["duty", "tie gone"] == listed(office, "carl", "ties", shown) and named_in_log(office, "carl") is None
    for _ in range(2):
        assert listed(office, "carl", "restoration", shown) == ["no parent accounts", "card", "duty", "tie gone"]
    assert named_in_log(office, "carl") == ["max", "nina"], "one line a day each"


def test_the_list_is_of_the_last_restoration_and_ends_with_its_last_note(office: School) -> None:
    restore(office, *[("card", who, None, "applied", {}) for who in ("nina", "leo", "max")])
    restore(office, ("card", "kai", None, "applied", {}))
    back(office, "carl")
    rows = "SELECT jsonb_agg(jsonb_build_array(person, has_more)) FROM restoration_lines_shown(NULL)"
    assert listed(office, "carl", "restoration", rows) == [["Kai Okafor", False]] and named_in_log(office, "carl") == ["kai"]


def test_a_view_of_notes_that_was_rolled_back_names_no_one(office: School) -> None:
    restore(office, ("no parent accounts", None, "nina", "applied", {}))
    back(office, "carl")
    with office.connect("app") as app:
        (entry,) = app.execute("SELECT look(%s, 'restoration', NULL)", [proof_of("carl", "staff")]).fetchone() or (0,)
        assert entry > 0
        app.rollback()
        app.execute("SELECT begin_request(%s, %s)", [proof_of("carl", "staff"), entry])
        assert app.execute("SELECT count(*) FROM restoration_lines_shown(NULL)").fetchone() == (0,)


def test_notes_are_shown_by_pages_that_name_a_hundred_students(office: School) -> None:
    """A page has 100 notes if each names one student, and 50 if each names two."""
    made = restore(office)
    back(office, "carl")
    office.change("""INSERT INTO person (uuid, sourced_id, given_name, family_name, is_student, is_staff, grade_levels)
        SELECT gen_random_uuid(), 'many ' || n, 'Many', 'Zz ' || n, true, false, '{07}' FROM generate_series(1, 130) n""")
    office.change("""INSERT INTO restoration_line (restoration_id, position, at, kind, student_id, outcome, told)
        SELECT %s, row_number() OVER (ORDER BY id), now(), 'masking', id, 'applied', '{}' FROM person WHERE given_name = 'Many'""", made)
    page = "SELECT jsonb_build_array(count(*), min(place), max(place), bool_and(has_more)) FROM restoration_lines_shown(%s)"
    assert listed(office, "carl", "restoration", page, [None]) == [100, 1, 100, True]
    assert value(office, "SELECT sum(students) FROM look_count") == 100
    assert listed(office, "carl", "restoration", page, [100], after=100) == [30, 101, 130, False]
    assert listed(office, "carl", "restoration", page, [100]) == [0, None, None, None], "the view was of the first page"
    assert listed(office, "carl", "restoration", page, [130], after=130) == [0, None, None, None]
    assert value(office, "SELECT count(*) FROM ledger_student s JOIN ledger l ON l.id = s.entry_id WHERE l.act = 'restoration'") == 130
    office.change("UPDATE restoration_line SET person_id = %s", office.ids["nina"])
    assert listed(office, "carl", "restoration", page, [None]) == [50, 1, 50, True]


def test_a_note_about_nina_shows_no_name_of_its_own_when_she_is_in_the_backup(office: School) -> None:
    """She may have an alias, so her name comes only from her record."""
    restore(office, ("masking", None, "nina", "applied", {"student": "Nina Ruiz", "what": "until May"}))
    back(office, "carl")
    shown = "SELECT array_agg((student, told)::text) FROM restoration_lines_shown(NULL)"
    assert listed(office, "carl", "restoration", shown) == ['("Nina Ruiz","{""what"": ""until May""}")']


SHOWN = "SELECT to_jsonb(r) FROM restoration_shown() r"
NOTE: Told = ("duty", "bo", None, "applied", {})


def test_the_page_is_of_the_last_restoration_its_notes_and_its_opening(office: School) -> None:
    restore(office, NOTE, NOTE)
    back(office, "carl")
    assert propose(office) == "proposed" and ask(office, "carl", SHOWN)["proposer"] == "Carl Webb"
    restore(office, NOTE)
    back(office, "carl")
    shown = ask(office, "carl", SHOWN)
    assert (shown["notes"], shown["waits"], shown["proposer"]) == (1, False, None)


@pytest.mark.parametrize(("kind", "state", "about"), [
    ("parent accounts", "waiting", "uuid"), ("open after restoration", "withdrawn", "uuid"), ("open after restoration", "waiting", "gen_random_uuid()"),
], ids=["another act", "withdrawn", "another restoration"])  # fmt: skip
def test_only_an_open_proposal_about_this_restoration_is_on_its_page(office: School, kind: str, state: str, about: str) -> None:
    restore(office)
    back(office, "carl")
    office.change(f"""INSERT INTO proposal (kind, reason, proposed_by_id, state, payload)
        SELECT %s, '', %s, %s, jsonb_build_object('restoration', {about}) FROM restoration""", kind, office.ids["carl"], state)
    shown = ask(office, "carl", SHOWN)
    assert (shown["waits"], shown["proposer"]) == (False, None)


def test_the_notes_of_another_restoration_stay_when_those_of_an_old_one_are_swept(office: School) -> None:
    restore(office, NOTE)
    office.change("UPDATE restoration SET confirmed_at = now() - interval '401 days'")
    newer = restore(office, NOTE)
    value(office, "SELECT sessions_swept()", login="jobs")
    assert value(office, "SELECT array_agg(restoration_id) FROM restoration_line") == [newer]
