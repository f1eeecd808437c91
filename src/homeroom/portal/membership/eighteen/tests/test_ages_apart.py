"""An 18th birthday concerns one student. Other students, and adults with another right to read, are not affected."""

import pytest

from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.eighteen.tests.aging import (
    agree,
    born,
    due,
    lift,
    majority,
    moved,
    of_age,
    one,
    pass_days,
    record,
    tie_of,
    turning,
)
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask, listed
from tests.cast import identity
from tests.school import TODAY, School, calls_of, proof_of


@pytest.fixture
def nina(own_school: School) -> School:
    return turning(own_school, 3000)


def test_one_students_date_that_moves_is_no_other_students(nina: School) -> None:
    """Max's birth date must be confirmed. Nina's changes while no birthday is near, and again when she is 18."""
    born(nina, 2000, "max")
    moved(nina, -5, "max")
    held = majority(nina, "max")
    moved(nina, 2900)
    assert held and majority(nina, "max") == held and majority(nina) is None
    born(nina, 0)
    assert due(nina) == ["announced", "applied"]
    moved(nina, -20)
    now = majority(nina)
    assert now and now["in_days"] == -20 and not now["held_at"] and majority(nina, "max") == held


def test_an_adults_birth_date_moves_nothing(nina: School) -> None:
    born(nina, 2000, "jo")
    moved(nina, -5, "jo")
    assert majority(nina, "jo") is None


def test_a_conservator_is_in_the_way_of_no_dependence(own_school: School) -> None:
    """Dana, Kai's mother, may not decide about Jo, his father. A dependence would give Jo access as Nina's parent. As her conservator he has it anyway."""
    of_age(own_school)
    own_school.change("UPDATE duty SET person_id = %s WHERE duty = 'registrar'", own_school.ids["dana"])
    tie(own_school, "jo", "kai")
    assert record(own_school, ["nina"], who="dana") == {"nina": "unknown"}
    own_school.change("UPDATE tie SET kind = 'conservator' WHERE uuid = %s", identity("tie/jo/nina"))
    assert record(own_school, ["nina"], who="dana") == {}


def test_a_registrar_lifts_no_suspension_of_the_mother_of_her_own_child(own_school: School) -> None:
    of_age(own_school)
    tie(own_school, "rosa", "leo")
    assert lift(own_school) == "" and lift(own_school, which="tie/jo/nina") == "opened"


def test_no_day_that_is_over_lifts_a_suspension(own_school: School) -> None:
    of_age(own_school)
    until = f"SELECT lift_suspension_by_age(%s, 'dependent', 'tax return', {TODAY} + %s)"
    assert [ask(own_school, "rosa", until, [identity("tie/ana/nina"), days]) for days in (-1, 0, 1)] == ["odd", "odd", "opened"]


def test_a_later_dependence_leaves_when_an_earlier_one_ended(own_school: School) -> None:
    of_age(own_school)
    for who in ("rosa", "carl", "rosa"):
        assert record(own_school, ["nina"], who=who) == {}
    ended = one(own_school, "SELECT array_agg(ended_by_id ORDER BY id) FROM dependence WHERE student_id = %s", own_school.ids["nina"])
    assert ended == [own_school.ids["carl"], own_school.ids["rosa"], None]


def test_an_agreement_that_lasts_is_in_the_way_of_no_other(own_school: School) -> None:
    of_age(own_school)
    own_school.change("INSERT INTO age_agreement (tie_id) SELECT id FROM tie WHERE uuid = %s", identity("tie/ana/nina"))
    assert lift(own_school, "agreed") == "opened"


# ── A dependence that is over ──
OVER = "INSERT INTO dependence (student_id, basis, until, recorded_by_id) VALUES (%s, 'tax return', today() + %s, %s)"


def depends(school: School, days: int, name: str = "nina") -> None:
    school.change(OVER, school.ids[name], days, school.ids["rosa"])


@pytest.fixture
def adult(own_school: School) -> School:
    """Nina is 18. Both of her parents have access as parents of a dependent student, until today."""
    of_age(own_school)
    depends(own_school, 1)
    for which in ("tie/ana/nina", "tie/jo/nina"):
        own_school.change("UPDATE age_effect SET closed_at = NULL WHERE tie_id = (SELECT id FROM tie WHERE uuid = %s)", identity(which))
        own_school.change("UPDATE tie SET state = 'approved' WHERE uuid = %s", identity(which))
    assert due(own_school) == []
    own_school.change("UPDATE dependence SET until = today()")
    return own_school


def test_the_end_of_one_students_dependence_closes_no_other_students_access(adult: School) -> None:
    depends(adult, 0, "max")
    depends(adult, 0, "leo")
    assert due(adult) == ["closed"] * 2


def test_no_right_is_looked_up_while_a_dependence_lasts(adult: School) -> None:
    for days, is_asked in ((0, True), (1, False)):
        adult.change("UPDATE dependence SET until = today() + %s", days)
        assert (calls_of(adult, "goes_on_by", "SELECT next_birthday_due()") > 0) is is_asked


@pytest.mark.parametrize(("before", "n"), [
    ("UPDATE majority SET held_at = now()", 0),
    ("UPDATE majority SET applied_at = NULL, effective_on = today() + 9", 0),
    ("UPDATE dependence SET ended_at = now()", 0),
    ("UPDATE tie SET state = 'ended' WHERE uuid = %(jo)s", 1),
    ("UPDATE tie SET state = 'suspended' WHERE uuid = %(jo)s", 1),
    ("INSERT INTO age_agreement (tie_id) SELECT id FROM tie WHERE uuid = %(jo)s", 1),
    ("UPDATE age_effect SET closed_at = now() WHERE tie_id = (SELECT id FROM tie WHERE uuid = %(jo)s)", 1),
])  # fmt: skip
def test_a_dependence_that_is_over_closes_what_rests_on_it_alone(adult: School, before: str, n: int) -> None:
    with adult.connect("owner") as owner:
        owner.execute(before.encode(), {"jo": identity("tie/jo/nina")})
    assert due(adult) == ["closed"] * n


def test_a_birth_date_that_is_held_is_not_announced(own_school: School) -> None:
    turning(own_school, 60)
    held = "INSERT INTO majority (student_id, of_birth_date, effective_on, held_at) VALUES (%s, today(), today() + 30, now())"
    own_school.change(held, own_school.ids["nina"])
    assert due(own_school) == []


# ── Open again ──
CHALLENGED = """INSERT INTO challenge (tie_id, challenger_id, reason, tie_was, suspended_until, remind_at, decided_at, outcome)
    SELECT id, {jo}, 'stranger', 'approved', now() + interval '5 days', now(), {decided} FROM tie WHERE uuid = %s"""


@pytest.mark.parametrize(("decided", "state", "n"), [("now(), 'set aside'", "approved", 1), ("NULL, ''", "suspended", 0)])
def test_an_adult_nina_agrees_to_regains_access_and_gets_a_notice_unless_a_challenge_closes_it(own_school: School, decided: str, state: str, n: int) -> None:
    of_age(own_school)
    own_school.change(CHALLENGED.format(jo=own_school.ids["jo"], decided=decided), identity("tie/ana/nina"))
    assert agree(own_school) == "agreed" and tie_of(own_school)["state"] == state
    assert told(own_school, "ana").count("open after 18") == n
    assert one(own_school, "SELECT count(*) FROM ledger WHERE event = 'tie open after 18'") == n


# ── Many numbers together ──
def test_at_most_2000_numbers_are_accepted_together(own_school: School) -> None:
    of_age(own_school)
    assert record(own_school, ["nobody"] * 2001) == {"": "odd"} and record(own_school, ["nobody"] * 2000) == {"nobody": "unknown"}


def test_a_dependence_ends_without_a_word_of_how_it_was_shown(own_school: School) -> None:
    of_age(own_school)
    assert record(own_school, ["nina"]) == {}
    assert record(own_school, ["nina"], act="end", how="") == {}


def test_whether_the_office_keeps_a_dependence_is_asked_of_students_alone(own_school: School) -> None:
    of_age(own_school)
    recorded = "SELECT begin_request(%s), record_dependence('record', ARRAY[%s], 'tax return', NULL)"
    for name, n in (("nina", 1), ("bo", 0)):
        assert calls_of(own_school, "i_keep_dependence_of", recorded, proof_of("rosa", "staff"), name) == n


def test_an_adult_who_keeps_access_through_another_child_is_not_notified_that_this_one_turned_18(own_school: School) -> None:
    turning(own_school, 60)
    due(own_school)
    tie(own_school, "jo", "kai")
    own_school.change("UPDATE tie SET kind = 'foster caregiver' WHERE uuid = %s", identity("tie/jo/kai"))
    pass_days(own_school, 60)
    due(own_school)
    assert "closed at 18" in told(own_school, "jo") and "child turned 18" not in told(own_school, "jo")


TURNED = "SELECT count(*) FROM ledger WHERE event = 'turned 18'"


def test_new_access_transfers_no_rights_because_another_student_is_due(own_school: School) -> None:
    turning(own_school, 30, "max")
    due(own_school)
    pass_days(own_school, 30, "max")
    tie(own_school, "dee", "nina")
    assert one(own_school, TURNED) == 0


def test_new_access_does_not_transfer_rights_twice(own_school: School) -> None:
    of_age(own_school)
    tie(own_school, "dee", "nina")
    assert one(own_school, TURNED) == 1


def test_new_access_transfers_no_rights_while_two_birth_dates_wait_for_the_office(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    moved(own_school, 31)
    pass_days(own_school, 40)
    tie(own_school, "dee", "nina")
    assert one(own_school, TURNED) == 0


def test_the_next_page_of_students_without_a_birth_date_goes_on_after_the_first(own_school: School) -> None:
    own_school.change("DELETE FROM demographic")
    names = "SELECT coalesce(jsonb_agg(name), '[]') FROM without_birth_date()"
    assert listed(own_school, "carl", "no birth date", names) == ["Max Moss", "Kai Okafor", "Leo Ruiz", "Nina Ruiz"]
    assert listed(own_school, "carl", "no birth date", names, after=2) == ["Leo Ruiz", "Nina Ruiz"]


# ── The state of access before the 18th birthday ──
WAS = "SELECT state_was FROM age_effect WHERE tie_id = (SELECT id FROM tie WHERE uuid = %s)"
BEFORE = """INSERT INTO challenge (tie_id, challenger_id, reason, tie_was, remind_at, decided_at, outcome)
    SELECT id, {dee}, 'stranger', 'suspended', now() + interval '90 days', {decided} FROM tie WHERE uuid = %s"""


@pytest.mark.parametrize(("whose", "decided", "was"), [
    ("tie/ana/nina", "NULL, ''", "suspended"),
    ("tie/ana/nina", "now(), 'restored'", "approved"),
    ("tie/jo/nina", "NULL, ''", "approved"),
])  # fmt: skip
def test_access_closed_by_age_records_the_state_in_its_own_open_challenge(own_school: School, whose: str, decided: str, was: str) -> None:
    turning(own_school, 60)
    due(own_school)
    own_school.change(BEFORE.format(dee=own_school.ids["dee"], decided=decided), identity(whose))
    pass_days(own_school, 60)
    due(own_school)
    assert one(own_school, WAS, identity("tie/ana/nina")) == was


def test_access_that_age_never_closed_is_not_reopened(own_school: School) -> None:
    turning(own_school, 0)
    assert record(own_school, ["nina"]) == {} and due(own_school) == ["announced", "applied"]
    settled = "SELECT settle_age(id, NULL, 'rule') FROM tie WHERE uuid = %s"
    assert calls_of(own_school, "open_after_age", settled, identity("tie/ana/nina")) == 0


def test_the_operator_cannot_create_a_parents_tie_to_a_student_of_age(own_school: School) -> None:
    """No office would see the operator's command, so no one would lift the suspension by age."""
    of_age(own_school)
    said = '{"basis": "birth record", "start": "2026-01-01", "views": ["grades"], "rights": [], "proof": "in person"}'
    assert one(own_school, "SELECT set_tie_by_operator(%s, %s, 'parent', %s)", own_school.ids["dee"], own_school.ids["nina"], said) == "of age"
    assert one(own_school, "SELECT count(*) FROM tie WHERE adult_id = %s AND student_id = %s", own_school.ids["dee"], own_school.ids["nina"]) == 0


def test_a_student_who_lost_the_birth_date_after_the_view_appears_in_the_next_one(own_school: School) -> None:
    turning(own_school)
    own_school.change("DELETE FROM demographic WHERE person_id = %s", own_school.ids["nina"])
    names = "SELECT coalesce(jsonb_agg(name), '[]') FROM without_birth_date()"
    with own_school.asked_by("rosa", "staff", ("no birth date", None)) as app:
        own_school.change("DELETE FROM demographic WHERE person_id = %s", own_school.ids["kai"])
        assert app.execute(names).fetchone() == (["Nina Ruiz"],)
    assert len(listed(own_school, "rosa", "no birth date", names)) == 2


def test_access_that_someone_else_opened_at_that_moment_is_not_reported_as_this_offices_act(own_school: School) -> None:
    of_age(own_school)
    opened = "UPDATE age_effect SET closed_at = NULL, opened_by = 'dependent', opened_at = now(), opener_id = {}"
    own_school.change(f"{opened.format(own_school.ids['carl'])}; SELECT tell_of_office_at_18({own_school.ids['nina']})")
    assert "agreed for you" not in told(own_school, "nina", "student")
