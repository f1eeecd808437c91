"""Administrators give duties at a school, and substitutes who read names on named days and nothing else."""

from datetime import date, timedelta
from typing import Any

import pytest

from homeroom.portal.membership.due import carry_out_due
from homeroom.portal.membership.tests.acting import SEEN, age_proofs, appoint, ask, newest, pass_time, second, stop
from tests.browser import Browser
from tests.cast import identity
from tests.school import School, names_read, proof_of, scores_read

GIVE = "SELECT give_duty(%s, %s, %s, %s, %s, 'The office is short of hands')"
NAME = "SELECT give_substitution(%s, %s, %s, %s, 'Bo is ill')"
BAR = """INSERT INTO restriction (uuid, person_id, student_id, basis, start_date)
    VALUES (gen_random_uuid(), %s, %s, 'court order', today() - 1)"""
@pytest.fixture
def office(own_school: School) -> School:
    """Carl and Dana are administrators of the district. Dana is Kai's mother."""
    appoint(own_school, "dana")
    return own_school


def day(school: School, after: int = 0) -> date:
    """Returns the district's date this many days from today."""
    with school.connect("owner") as owner:
        (today,) = owner.execute("SELECT today()").fetchone() or (date.min,)
    return today + timedelta(after)


def give(school: School, who: str, to: str, duty: str = "registrar", at: str = "middle", first: int = 0, last: int | None = 30) -> str:
    end = None if last is None else day(school, last)
    return str(ask(school, who, GIVE, [identity(to), identity(at), duty, day(school, first), end]))


def substitute(school: School, who: str, to: str, *classes: str, first: int = 0, last: int = 0) -> str:
    return str(ask(school, who, NAME, [identity(to), [identity(each) for each in classes], day(school, first), day(school, last)]))


def duties_of(school: School, name: str) -> list[Any]:
    with school.connect("owner") as owner:
        of = "SELECT duty FROM duty WHERE person_id = %s AND (end_date IS NULL OR end_date > today()) ORDER BY id"
        return owner.execute(of, [school.ids[name]]).fetchall()


def look(school: School, who: str, act: str, subject: str) -> int:
    with school.connect("app", autocommit=True) as app:
        return int((app.execute("SELECT look(%s, %s, %s)", [proof_of(who, "staff"), act, identity(subject)]).fetchone() or (0,))[0])


def test_a_duty_is_given_with_dates_a_notice_and_a_ledger_entry(office: School) -> None:
    assert give(office, "carl", "bo") == "given" and duties_of(office, "bo") == [("registrar",)]
    with office.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM account_notice WHERE what = 'duty given'").fetchone() == (1,)
        assert owner.execute("SELECT reason FROM ledger WHERE event = 'duty given'").fetchone() == ("registrar: The office is short of hands",)
    assert give(office, "carl", "bo") == "taken"


def test_the_same_duty_at_another_school_is_another_duty(office: School) -> None:
    assert give(office, "carl", "bo") == give(office, "carl", "bo", at="elementary") == "given"


def test_a_duty_that_opens_a_school_takes_a_second_or_a_day(office: School) -> None:
    assert give(office, "carl", "bo", "principal") == "proposed" and duties_of(office, "bo") == []
    assert second(office, "dana") == "carried out" and duties_of(office, "bo") == [("principal",)]
    assert give(office, "carl", "rosa", "counselor") == "proposed"
    pass_time(office)
    with office.connect("jobs") as jobs:
        assert carry_out_due(jobs) == 1
    assert duties_of(office, "rosa") == [("attendance clerk",), ("counselor",)]


def test_a_duty_whose_last_day_went_by_while_it_waited_is_not_given(office: School) -> None:
    assert give(office, "carl", "bo", "principal", last=5) == "proposed"
    office.change("ALTER TABLE proposal DISABLE TRIGGER USER")
    office.change("UPDATE proposal SET payload = payload || jsonb_build_object('last', today() - 1)")
    office.change("ALTER TABLE proposal ENABLE TRIGGER USER")
    assert second(office, "dana") == "not possible" and duties_of(office, "bo") == []


def test_the_second_reads_which_duty_at_which_school_and_until_when(office: School) -> None:
    give(office, "carl", "bo", "principal")
    page = Browser("dana", "staff").open("/office/two-people")
    assert page.status == 200
    for words in ("Bo Larsen", "principal", "Lincoln Middle", "The office is short of hands"):
        assert words in page.words


def test_a_time_lock_that_was_stopped_gives_nothing(office: School) -> None:
    give(office, "carl", "bo", "principal")
    assert stop(office, "dana") == "stopped"
    pass_time(office)
    with office.connect("jobs") as jobs:
        assert carry_out_due(jobs) == 0
    assert duties_of(office, "bo") == []


def test_no_one_gives_themselves_a_duty_or_confirms_their_own(office: School) -> None:
    assert give(office, "carl", "carl") == "" and give(office, "dana", "dana", "principal") == ""
    appoint(office, "rosa", at="middle")
    give(office, "carl", "rosa", "principal")
    assert second(office, "rosa", seen=str(ask(office, "carl", SEEN, [newest(office)[0]]))) == ""


def test_a_duty_opens_no_child_its_holder_is_restricted_from_no_matter_who_gave_it(office: School) -> None:
    """Carl is restricted from Nina. He can't give himself a duty, and a duty from Dana leaves Nina out."""
    office.change(BAR, office.ids["carl"], office.ids["nina"])
    assert give(office, "carl", "carl", "principal") == ""
    give(office, "dana", "carl", "principal")
    pass_time(office)
    with office.connect("jobs") as jobs:
        carry_out_due(jobs)
    assert duties_of(office, "carl") == [("principal",)]
    assert look(office, "carl", "child", "nina") == 0 and look(office, "carl", "child", "max") > 0


def test_a_school_s_administrator_gives_for_that_school_alone(office: School) -> None:
    appoint(office, "rosa", at="middle")
    assert give(office, "rosa", "bo", at="elementary") == "" and give(office, "rosa", "bo") == "given"
    assert substitute(office, "rosa", "bo", "reading") == "" and substitute(office, "rosa", "bo", "english") == "given"


def test_days_that_are_over_or_in_no_order_are_refused(office: School) -> None:
    assert give(office, "carl", "bo", first=-1) == "days" and give(office, "carl", "bo", first=3, last=2) == "days"
    assert substitute(office, "carl", "bo", "english", last=31) == "days"


def test_an_old_proof_gives_nothing(office: School) -> None:
    age_proofs(office)
    assert (give(office, "carl", "bo"), substitute(office, "carl", "bo", "english")) == ("again", "again")


def test_a_duty_that_ends_opens_nothing_and_signs_its_holder_out(office: School) -> None:
    assert look(office, "pat", "child", "nina") > 0
    assert ask(office, "carl", "SELECT end_duty(%s, 'Pat leaves')", [identity("duty")]) == "ended"
    assert look(office, "pat", "child", "nina") == 0
    assert Browser("pat", "staff").open("/classes").headers["Location"].startswith("/sign-in")


def test_an_administrator_ends_neither_a_duty_nor_a_substitution_of_their_own_nor_one_of_another_school(office: School) -> None:
    end, stop_it = "SELECT end_duty(%s, 'x')", "SELECT end_substitution(%s, 'x')"
    appoint(office, "pat", "rosa")
    appoint(office, "bo", at="middle")
    assert ask(office, "pat", end, [identity("duty")]) == "" and ask(office, "rosa", end, [identity("duty")]) == "ended"
    assert ask(office, "rosa", stop_it, [identity("substitution")]) == ask(office, "bo", stop_it, [identity("substitution")]) == ""
    assert ask(office, "carl", stop_it, [identity("substitution")]) == "ended"


def test_a_schools_administrator_ends_no_duty_of_the_whole_district(office: School) -> None:
    """Giving it again takes two people of the district and a day. An incident's list of people would wait that long."""
    appoint(office, "rosa", at="middle")
    office.change("INSERT INTO duty (uuid, person_id, school_id, duty, start_date) VALUES (%s, %s, %s, 'data release', today() - 1)",
                  identity("release"), office.ids["bo"], office.ids["middle"])  # fmt: skip
    shown, end = "SELECT may_end FROM duties_shown(%s)", "SELECT end_duty(%s, 'x')"
    assert ask(office, "rosa", shown, [identity("bo")]) is False and ask(office, "rosa", end, [identity("release")]) == ""
    assert ask(office, "carl", shown, [identity("bo")]) is True and ask(office, "carl", end, [identity("release")]) == "ended"
    assert give(office, "rosa", "bo") == "given" and ask(office, "rosa", shown, [identity("bo")]) is True


def test_nothing_is_given_at_a_school_or_in_a_class_that_no_longer_exists(office: School) -> None:
    office.change("UPDATE school SET ended_at = now() WHERE sourced_id = 'elementary'")
    office.change("UPDATE section SET ended_at = now() WHERE sourced_id = 'reading'")
    assert give(office, "carl", "bo", at="elementary") == "" and give(office, "carl", "bo") == "given"
    assert substitute(office, "carl", "bo", "reading") == substitute(office, "carl", "bo", "english", "reading") == ""
    assert substitute(office, "carl", "bo", "english") == "given"


def test_a_person_substitutes_again_in_one_class_on_other_days_or_after_a_withdrawal(office: School) -> None:
    def days() -> int:
        return int(ask(office, "carl", "SELECT count(*) FROM substitutions_shown(NULL) WHERE name = 'Bo Larsen'"))

    for first in (0, 0, 2):
        assert substitute(office, "carl", "bo", "english", first=first, last=first) == "given"
    assert days() == 2
    office.change("UPDATE substitution SET ended_at = now() WHERE person_id = %s", office.ids["bo"])
    assert substitute(office, "carl", "bo", "english") == "given" and days() == 1


def test_a_substitute_reads_the_names_of_the_class_and_no_grade(office: School) -> None:
    entry = look(office, "rosa", "class names", "reading")
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert names_read(app) == {"Leo Ruiz"}
        assert scores_read(app) == 0 and app.execute("SELECT count(*) FROM class_work_shown()").fetchone() == (0,)
    assert look(office, "rosa", "gradebook", "reading") == 0


def test_a_substitute_views_nothing_of_who_dropped_the_class(office: School) -> None:
    substitute(office, "carl", "rosa", "english")
    office.change("UPDATE enrollment SET ended_at = now() WHERE section_id = %s AND person_id = %s", office.ids["english"], office.ids["max"])
    assert look(office, "rosa", "class names", "english") > 0
    with office.connect("owner") as owner:
        viewed = owner.execute("SELECT DISTINCT p.sourced_id FROM ledger_student s JOIN person p ON p.id = s.student_id ORDER BY 1").fetchall()
    assert viewed == [("kai",), ("nina",)]


def test_a_substitute_reads_nothing_on_other_days_or_once_it_is_taken_back(office: School) -> None:
    assert look(office, "rosa", "class names", "reading") > 0
    office.change("UPDATE substitution SET first_day = first_day + 9, last_day = last_day + 9")
    assert look(office, "rosa", "class names", "reading") == 0
    office.change("UPDATE substitution SET first_day = first_day - 18, last_day = last_day - 18")
    assert look(office, "rosa", "class names", "reading") == 0
    office.change("UPDATE substitution SET first_day = first_day + 9, last_day = last_day + 9")
    assert ask(office, "carl", "SELECT end_substitution(%s, 'Sam is back')", [identity("substitution")]) == "ended"
    assert look(office, "rosa", "class names", "reading") == 0


@pytest.mark.parametrize(("ended", "is_named"), [(0, True), (1, False)])
def test_a_substitute_is_named_as_one_through_the_last_day(office: School, ended: int, is_named: bool) -> None:
    """`ended` is how many days ago the last day was."""
    office.change("UPDATE substitution SET first_day = today() - 9, last_day = today() - %s::integer", ended)
    assert ("substitute" in named(office)) is is_named
    office.change("UPDATE substitution SET ended_at = now()")
    assert "substitute" not in named(office)


def named(school: School) -> list[str]:
    """Returns Rosa's duties, as each of her pages gets them."""
    with school.connect("app") as app:
        (duties,) = app.execute("SELECT begin_request(%s)->'duties'", [proof_of("rosa", "staff")]).fetchone() or ([],)
    return list(duties)


def test_names_that_a_view_opened_close_with_the_substitution(office: School) -> None:
    entry = look(office, "rosa", "class names", "reading")
    with office.connect("app") as app:
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert names_read(app) == {"Leo Ruiz"}
        app.rollback()
        ask(office, "carl", "SELECT end_substitution(%s, 'Sam is back')", [identity("substitution")])
        app.execute("SELECT begin_request(%s, %s)", [proof_of("rosa", "staff"), entry])
        assert names_read(app) == set()


def test_a_substitute_who_is_restricted_from_a_child_sees_the_others(office: School) -> None:
    substitute(office, "carl", "rosa", "english")
    office.change(BAR, office.ids["rosa"], office.ids["kai"])
    page = Browser("rosa", "staff").open(f"/substitute/{office.uuid('english')}")
    assert page.status == 200 and "Moss, Max" in page.words and "Okafor, Kai" not in page.words
    with office.connect("owner") as owner:
        looked = owner.execute("SELECT DISTINCT p.sourced_id FROM ledger_student s JOIN person p ON p.id = s.student_id").fetchall()
    assert sorted(looked) == [("max",), ("nina",)]


def test_a_substitute_signs_in_with_a_second_factor(office: School) -> None:
    """The file only says that Sam is an aide, and he has no duty."""
    role = "INSERT INTO role (sourced_id, person_id, school_id, role) VALUES ('aide', %s, %s, 'aide')"
    office.change(role, office.ids["sam"], office.ids["middle"])
    office.change("DELETE FROM enrollment WHERE person_id = %s", office.ids["sam"])
    strong = "SELECT must_be_strong(%s, 'staff')"
    with office.connect("owner") as owner:
        assert owner.execute(strong, [office.ids["sam"]]).fetchone() == (False,)
    office.change("UPDATE person SET is_staff = true WHERE id = %s", office.ids["sam"])
    assert substitute(office, "carl", "sam", "english") == "given"
    with office.connect("owner") as owner:
        assert owner.execute(strong, [office.ids["sam"]]).fetchone() == (True,)


def test_a_staff_search_names_the_schools_where_the_person_works_today(own_school: School) -> None:
    role = "INSERT INTO role (uuid, sourced_id, person_id, school_id, role, ended_at) VALUES (gen_random_uuid(), %s, %s, %s, 'teacher', %s)"
    own_school.change(role, "now", own_school.ids["bo"], own_school.ids["middle"], None)
    own_school.change(role, "before", own_school.ids["bo"], own_school.ids["elementary"], "2026-01-01")
    assert ask(own_school, "carl", "SELECT schools FROM staff_found('bo lar')") == "Lincoln Middle"


def test_carl_chooses_a_duty_himself(own_school: School) -> None:
    page = Browser("carl", "staff").open("/office/duties/new/" + own_school.uuid("bo"))
    (duty,) = [select for select in page.find("select") if select.get("name") == "duty"]
    assert next(option.get("value") for option in duty) == "" and not [option for option in duty if option.get("selected") is not None]
