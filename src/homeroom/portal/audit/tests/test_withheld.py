"""A line that Nina's family can't read until a day. Carl proposes, Pat confirms, and the access log and its chain keep it."""

import json
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.portal.membership.challenges.tests.challenging import tie
from homeroom.portal.membership.codes.tests.test_codes import prints
from homeroom.portal.membership.tests.acting import age_proofs, ask, newest, second
from homeroom.portal.membership.ties.tests.keeping import agreed, at, one, today
from tests.cast import identity
from tests.school import School

PROPOSE = "SELECT propose_withholding(%s, %s, %s, %s, %s)"
LINES = "SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'event', event)), '[]') FROM ledger_of(%s, '-infinity', 'infinity') WHERE NOT is_me"
OFFICE = "SELECT coalesce(jsonb_agg(to_jsonb(l)), '[]') FROM ledger_for_office(%s, NULL) l"
LATEST = """SELECT max(l.id) FROM ledger l JOIN ledger_student s ON s.entry_id = l.id JOIN person p ON p.id = s.student_id JOIN person w ON w.id = l.person_id
    WHERE p.sourced_id = %s AND w.sourced_id = %s"""


@pytest.fixture
def looked(own_school: School) -> School:
    """Bo and Pat viewed Nina's scores."""
    for who in ("bo", "pat"):
        with own_school.asked_by(who, "staff", ("gradebook", "algebra")):
            pass
    return own_school


def entry_of(school: School, who: str = "bo", child: str = "nina") -> int:
    return int(one(school, LATEST, child, who))


def propose(
    school: School, who: str = "carl", entry: int | None = None, basis: str = "safety", days: int = 90, why: str = "She is in danger", child: str = "nina"
) -> str:
    values = [identity(child), entry_of(school) if entry is None else entry, basis, today(school) + timedelta(days), why]
    return str(at(school, who, PROPOSE, values, act="ledger check", child=child))


def lines(school: School, who: str = "ana", child: str = "nina") -> list[tuple[str, str]]:
    """Returns the people whose lines the family can read, without Nina's own."""
    side = "student" if who == child else "family"
    with school.asked_by(who, side, ("who has looked", child)) as app:
        (found,) = app.execute(LINES, [identity(child)]).fetchone() or ([],)
    return [(each["name"], each["event"]) for each in found if each["name"] != "Nina Ruiz"]


def summary(school: School) -> Any:
    with school.asked_by("ana", "family", ("home", None)) as app:
        seen = app.execute("SELECT people, last_name FROM students_shown(ARRAY[%s::uuid], '-infinity')", [identity("nina")]).fetchone()
        return seen if seen and seen[0] else None


def last_day_of(school: School, who: str) -> object:
    with school.asked_by("ana", "family", ("who can see", "nina")) as app:
        (found,) = app.execute("SELECT last_on FROM who_can_see(%s) WHERE name = %s", [identity("nina"), who]).fetchone() or (None,)
        return found


def office(school: School, who: str = "carl") -> list[dict[str, Any]]:
    return [*at(school, who, OFFICE, [identity("nina")], act="ledger check")]


def test_a_withheld_line_is_in_no_list_count_or_day_of_the_family_and_stays_in_the_ledger(looked: School) -> None:
    rows = one(looked, "SELECT count(*) FROM ledger")
    assert ("Bo Larsen", "look") in lines(looked) and last_day_of(looked, "Bo Larsen") is not None
    assert propose(looked) == "proposed" and ("Bo Larsen", "look") in lines(looked)
    before = summary(looked)[0]
    assert agreed(looked) == "carried out"
    for who in ("ana", "nina"):
        assert not any(name == "Bo Larsen" or "withheld" in event for name, event in lines(looked, who)), who
    assert summary(looked)[0] == before - 1 and last_day_of(looked, "Bo Larsen") is None
    assert one(looked, "SELECT count(*) FROM ledger WHERE event = 'entry withheld'") == 2 and one(looked, "SELECT count(*) FROM ledger") > rows


def test_an_office_action_on_a_student_with_a_hidden_entry_does_not_count_as_a_view(looked: School) -> None:
    propose(looked)
    assert agreed(looked) == "carried out"
    before = summary(looked)
    looked.change("UPDATE duty SET duty = 'registrar' WHERE person_id = %s", looked.ids["rosa"])
    assert prints(looked, "rosa", "nina", "student") and summary(looked) == before


def test_another_students_family_reads_the_same_line_as_before(looked: School) -> None:
    propose(looked)
    assert agreed(looked) == "carried out" and ("Bo Larsen", "look") in lines(looked, "dee", "max")


def test_one_entry_hidden_from_two_families_is_shown_to_one_of_them(looked: School) -> None:
    propose(looked)
    assert agreed(looked) == "carried out"
    for child, days in (("max", 90), ("nina", 0)):
        assert propose(looked, child=child, days=days) == "proposed" and second(looked, "pat") == "carried out"
    assert ("Bo Larsen", "look") in lines(looked) and ("Bo Larsen", "look") not in lines(looked, "dee", "max")


def test_administrators_read_the_entries_of_thirteen_months(looked: School) -> None:
    nina = looked.ids["nina"]
    for act, days in (("recent", 395), ("old", 397)):
        looked.change("WITH e AS (INSERT INTO ledger (at, event, act, xid) VALUES (now() - make_interval(days => %s), 'look', %s, 3) RETURNING id, at)"
                      " INSERT INTO ledger_student (entry_id, student_id, at, kinds) SELECT id, %s, at, '{}' FROM e", days, act, nina)  # fmt: skip
    assert [line["act"] for line in office(looked) if line["act"] in ("recent", "old")] == ["recent"]


def test_administrators_see_that_an_entry_is_hidden_and_why_by_which_people_and_until_when(looked: School) -> None:
    entry = entry_of(looked)
    propose(looked, entry=entry, basis="sealed order")
    assert agreed(looked) == "carried out"
    (line,) = [each for each in office(looked) if each["entry"] == entry]
    assert (line["basis"], line["withholder"], line["seconder"], line["is_note"]) == ("sealed order", "Carl Webb", "Pat Quill", False)
    assert line["until"] == (today(looked) + timedelta(90)).isoformat()
    notes = [each for each in office(looked) if each["is_note"]]
    assert {each["name"] for each in notes} == {"Carl Webb", "Pat Quill"} and not any(each["may_withhold"] for each in notes)


def test_a_hidden_entry_shows_again_on_its_end_date_with_the_people_who_hid_it(looked: School) -> None:
    propose(looked)
    agreed(looked)
    looked.change("UPDATE withheld_entry SET until = today()")
    shown = lines(looked)
    assert ("Bo Larsen", "look") in shown and ("Carl Webb", "entry withheld") in shown and ("Pat Quill", "entry withheld") in shown


def test_two_renew_it_and_two_show_it_before(looked: School) -> None:
    entry = entry_of(looked)
    propose(looked, entry=entry)
    assert propose(looked, entry=entry, days=0) == "days"
    agreed(looked)
    assert propose(looked, entry=entry, days=365) == "proposed" and second(looked, "pat") == "carried out"
    assert one(looked, "SELECT until FROM withheld_entry") == today(looked) + timedelta(365) and ("Bo Larsen", "look") not in lines(looked)
    assert propose(looked, entry=entry, days=0) == "proposed" and ("Bo Larsen", "look") not in lines(looked)
    assert second(looked, "pat") == "carried out" and ("Bo Larsen", "look") in lines(looked) and ("Carl Webb", "entry shown") in lines(looked)


def test_a_renewal_hides_the_first_notes_as_long_and_hiding_anew_leaves_them_shown(looked: School) -> None:
    def notes() -> int:
        return sum(event == "entry withheld" for _, event in lines(looked))

    entry = entry_of(looked)
    propose(looked, entry=entry)
    agreed(looked)
    assert propose(looked, entry=entry, days=365) == "proposed" and second(looked, "pat") == "carried out" and notes() == 0
    looked.change("UPDATE withheld_entry SET until = today()")
    assert notes() == 4
    assert propose(looked, entry=entry) == "proposed" and second(looked, "pat") == "carried out" and notes() == 4


def test_one_alone_withholds_nothing_and_it_asks_who_it_is_anew(looked: School) -> None:
    assert propose(looked) == "proposed" and propose(looked) == "taken" and second(looked, "carl") == "mine"
    assert newest(looked)[1] == "waiting" and ("Bo Larsen", "look") in lines(looked)
    age_proofs(looked)
    assert propose(looked, days=80) == "again"


@pytest.mark.parametrize(
    ("said", "odd"),
    [({"basis": "shame"}, "basis"), ({"days": 367}, "days"), ({"days": -1}, "days"), ({"why": " "}, "why"), ({"entry": 1 << 60}, "")],
)
def test_it_has_a_basis_of_the_list_a_day_within_a_year_and_a_reason(looked: School, said: dict[str, Any], odd: str) -> None:
    assert propose(looked, **said) == odd


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(days=st.integers(-800, 800))
def test_no_day_further_than_a_year_and_none_that_is_over(school: School, days: int) -> None:
    with school.asked_by("bo", "staff", ("gradebook", "algebra")):
        pass
    allowed = 0 < days <= (today(school).replace(year=today(school).year + 1) - today(school)).days
    assert propose(school, days=days) in (("proposed", "taken") if allowed else ("days",))


def test_no_one_hides_their_own_entry_and_the_viewer_cannot_confirm_it(looked: School) -> None:
    with looked.asked_by("carl", "staff", ("adults", "nina")):
        pass
    assert propose(looked, entry=entry_of(looked, "carl")) == ""
    offered = {line["entry"]: line["may_withhold"] for line in office(looked)}
    assert offered[entry_of(looked, "pat")] and not offered[entry_of(looked, "carl")]
    assert propose(looked, entry=entry_of(looked, "pat")) == "proposed"
    looked.change("INSERT INTO administrator (person_id, start_date) VALUES (%s, today() - 9)", looked.ids["pat"])
    assert second(looked, "pat") == "" and newest(looked)[1] == "waiting"


def test_an_administrator_who_became_the_childs_adult_since_the_view_cannot_hide_an_entry(looked: School) -> None:
    values = [identity("nina"), entry_of(looked), "safety", today(looked) + timedelta(5), "x"]
    with looked.asked_by("carl", "staff", ("ledger check", "nina")) as app:
        tie(looked, "carl", "nina")
        assert app.execute(PROPOSE, values).fetchone() == ("",)


def test_no_one_can_hide_the_entry_that_says_an_entry_was_hidden(looked: School) -> None:
    assert propose(looked) == "proposed" and agreed(looked) == "carried out"
    carls = one(looked, "SELECT min(id) FROM ledger WHERE event = 'entry withheld'")
    assert propose(looked, "pat", carls) == ""
    assert propose(looked, "pat", entry_of(looked)) == "proposed"


@pytest.mark.parametrize("who", ["rosa", "pat", "bo", "vera", "dana"])
def test_no_one_else_reads_the_ledger_check_page_or_proposes_to_hide_an_entry(looked: School, who: str) -> None:
    assert at(looked, who, OFFICE, [identity("nina")], act="ledger check") == [] and propose(looked, who) == ""


def test_a_parent_with_the_child_open_reads_nothing_of_the_offices_page(looked: School) -> None:
    with looked.asked_by("ana", "family", ("who has looked", "nina")) as app:
        assert app.execute("SELECT count(*) FROM ledger_for_office(%s, NULL)", [identity("nina")]).fetchone() == (0,)
        values = [identity("nina"), entry_of(looked), "safety", today(looked) + timedelta(5), "x"]
        assert app.execute(PROPOSE, values).fetchone() == ("",)


def test_a_proposal_shown_to_the_second_approver_names_the_child_and_the_entry(looked: School) -> None:
    propose(looked)
    payload = json.loads(json.dumps(ask(looked, "carl", "SELECT payload FROM proposals_shown() WHERE kind = 'withheld entry'")))
    assert payload["child"] == "Nina Ruiz" and payload["basis"] == "safety"


def test_an_entry_waits_while_a_proposal_to_withhold_it_does(looked: School) -> None:
    def waits() -> bool:
        (line,) = [each for each in office(looked) if each["entry"] == entry]
        return bool(line["waits"])

    entry = entry_of(looked)
    looked.change("INSERT INTO proposal (kind, payload, reason, proposed_by_id) VALUES ('support', jsonb_build_object('entry', %s::bigint), 'x', %s)",
                  entry, looked.ids["carl"])  # fmt: skip
    assert not waits()
    assert propose(looked, entry=entry) == "proposed" and waits()
    assert agreed(looked) == "carried out" and not waits()


def test_an_entry_that_another_students_family_does_not_read_is_not_said_to_be_withheld_here(looked: School) -> None:
    entry = entry_of(looked)
    assert propose(looked, child="max") == "proposed" and agreed(looked) == "carried out"
    assert [each["basis"] for each in office(looked) if each["entry"] == entry] == [None]


@pytest.mark.parametrize(("until", "then"), [("today() - 1", "not possible"), ("today()", "not possible"), ("today() + 1", "carried out")])
def test_an_approval_after_the_last_day_of_a_hidden_entry_hides_nothing(looked: School, until: str, then: str) -> None:
    assert propose(looked, days=5) == "proposed"
    looked.change("ALTER TABLE proposal DISABLE TRIGGER USER")
    looked.change(f"UPDATE proposal SET payload = payload || jsonb_build_object('until', {until})")
    looked.change("ALTER TABLE proposal ENABLE TRIGGER USER")
    assert agreed(looked) == then and (("Bo Larsen", "look") in lines(looked)) is (then == "not possible")


def test_only_the_requested_one_of_two_hidden_entries_is_shown(looked: School) -> None:
    for who in ("bo", "pat"):
        assert propose(looked, entry=entry_of(looked, who)) == "proposed"
        looked.change("UPDATE proposal SET state = 'confirmed', decided_by_id = %s, decided_at = now() WHERE state = 'waiting'", looked.ids["vera"])
        looked.change("SELECT carry_out(p) FROM proposal p WHERE state = 'confirmed'")
    assert propose(looked, days=0) == "proposed" and agreed(looked) == "carried out"
    looks = [name for name, event in lines(looked) if event == "look"]
    assert "Bo Larsen" in looks and "Pat Quill" not in looks
