"""The pages about 18th birthdays: Rosa's lists, Nina's own page, and what Ana reads at home."""

import pytest

from homeroom.portal.membership.eighteen.tests.aging import born, due, of_age, one, pass_days, record, sees, turning
from homeroom.portal.membership.tests.acting import ask, listed
from tests.browser import Browser, classes, words_of
from tests.cast import identity
from tests.school import School

MOTHER = str(identity("tie/ana/nina"))
LIFT, BULK = "/office/ages/lift", "/office/ages/dependence"


@pytest.fixture
def rosa(own_school: School) -> Browser:
    turning(own_school, 60)
    return Browser("rosa", "staff")


def test_ana_reads_at_home_that_it_comes_and_then_that_it_is_closed(own_school: School) -> None:
    turning(own_school, 60)
    due(own_school)
    ana = Browser("ana", "family")
    assert "if Nina agrees" in ana.open("/").part("at-18")
    of_age(own_school)
    page = ana.open("/")
    assert "no longer see" in page.part("at-18") and "Nina is 18." in page.part("at-18") and "Hi" not in page.text
    own_school.change("UPDATE tie SET state = 'ended' WHERE uuid = %s", identity("tie/ana/leo"))
    assert "no longer see" in ana.open("/").part("at-18")


def test_nina_is_led_to_her_page_agrees_and_ends_it(own_school: School) -> None:
    turning(own_school, 61)
    nina = Browser("nina", "student")
    assert "/turning-18" not in nina.open("/").text and nina.open("/turning-18").status == 404
    of_age(own_school)
    assert "/turning-18" in nina.open("/").text
    page = nina.open("/turning-18").text
    assert "Ana Ruiz" in page and "Jo Castillo" in page and "Tia" not in page
    assert nina.post("/turning-18/agree", {"agree": MOTHER}).status == 302 and sees(own_school, "ana")
    assert nina.post("/turning-18/agree", {"end": MOTHER}).status == 302 and not sees(own_school, "ana")
    for nobody in ("x", str(identity("tie/dee/max"))):
        assert nina.post("/turning-18/agree", {"agree": nobody}).status == 404


def test_rosa_lifts_a_suspension_and_sees_a_message_if_she_chooses_no_reason(own_school: School, rosa: Browser) -> None:
    of_age(own_school)
    assert "Ana Ruiz" in rosa.open("/office/ages").text
    wrong = rosa.post(LIFT, {"tie": MOTHER, "reason": ""})
    assert wrong.status == 422 and wrong.said == {"odd"}
    assert rosa.post(LIFT, {"tie": MOTHER, "reason": "dependent/tax return"}).status == 302 and sees(own_school, "ana")
    assert rosa.post(LIFT, {"tie": MOTHER, "reason": "court/"}).status == 404


def test_the_list_says_until_when_each_student_is_a_dependent(own_school: School) -> None:
    turning(own_school)
    born(own_school, 40, "max")
    due(own_school)
    for act, number, until in (("record", "nina", "2099-01-01"), ("end", "nina", None), ("record", "nina", "2098-01-01"), ("record", "max", "2097-01-01")):
        assert record(own_school, [number], act, until=until) == {}
    said = listed(own_school, "rosa", "birthdays", "SELECT jsonb_object_agg(name, dependent_until) FROM ages_soon()")
    assert said == {"Nina Ruiz": "2098-01-01", "Max Moss": "2097-01-01"}


def test_a_pasted_list_has_one_sentence_for_each_odd_line(own_school: School, rosa: Browser) -> None:
    of_age(own_school)
    page = rosa.post(BULK, {"numbers": "nina\r\nmax, leo;  <b>", "basis": "tax return", "act": "record", "until": ""})
    assert page.status == 422 and page.said == {"done 2", "odd"} and sees(own_school, "ana")
    assert "“leo”" in page.part("odd") and "“<b>”" in page.part("odd")
    assert rosa.post(BULK, {"numbers": "nina", "act": "end"}).headers["Location"] == "/office/ages?act=end&done=1" and not sees(own_school, "ana")


@pytest.mark.parametrize(
    ("numbers", "basis", "until"), [("", "tax return", ""), ("nina", "", ""), ("nina", "tax return", "soon"), ("nina", "tax return", "2001-01-01")]
)
def test_a_dependence_form_with_missing_or_invalid_values_records_no_one(own_school: School, rosa: Browser, numbers: str, basis: str, until: str) -> None:
    assert rosa.post(BULK, {"numbers": numbers, "basis": basis, "until": until, "act": "record"}).status == 422
    assert one(own_school, "SELECT count(*) FROM dependence") == 0


def test_the_18th_birthdays_have_their_own_page_with_a_date_that_moved(own_school: School, rosa: Browser) -> None:
    due(own_school)
    page = rosa.open("/office/ages/soon")
    [label] = [words_of(each) for each in page.find("label") if "Nina Ruiz" in words_of(each)]
    assert "18th birthday:" in label and "Ana Ruiz (parent):" in label and "suspended" in label
    own_school.change("UPDATE demographic SET birth_date = birth_date - 60 WHERE person_id = %s", own_school.ids["nina"])
    assert "record" in [button.get("value") for button in rosa.open("/office/ages/soon").find("button") if button.get("name") == "says"]
    assert rosa.post(f"/office/ages/{identity('nina')}/date", {"says": "record"}).status == 302
    assert due(own_school) == ["announced", "applied"] and not sees(own_school, "ana")


def test_letters_are_printed_in_both_languages_and_checked_off(own_school: School, rosa: Browser) -> None:
    due(own_school)
    page = rosa.open("/office/ages/letters").text
    assert "Jo Castillo" in page and "Nina Ruiz’s 18th" in page and "cumple 18 años" in page
    numbers = one(own_school, "SELECT jsonb_agg(id) FROM paper_notice")
    for number in numbers:
        assert rosa.post("/office/ages/letters", {"letter": str(number)}).status == 302
    assert "letter" not in [field.get("name") for field in rosa.open("/office/ages/letters").find("input")]


def test_names_without_a_birth_date_are_listed_when_asked_for(own_school: School, rosa: Browser) -> None:
    own_school.change("DELETE FROM demographic WHERE person_id = %s", own_school.ids["kai"])
    assert "Kai Okafor" not in rosa.open("/office/ages").text and "Kai Okafor" in rosa.open("/office/ages/without").text
    born(own_school, 60)


def test_the_access_log_shows_what_turning_18_changed(own_school: School) -> None:
    of_age(own_school)
    page = Browser("nina", "student").open(f"/children/{identity('nina')}/who-has-looked")
    events = [item.get("data-said") for item in page.find("li") if "ledger-line" in classes(item)]
    assert "turned 18" in events and not {"tie made", "tie opened"} & set(events[: events.index("tie suspended by age")])


def test_a_mother_sees_when_access_ends_at_18_and_later_that_it_ended_but_a_restricted_father_does_not(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    reads = "SELECT coalesce(jsonb_agg(jsonb_build_array(child_name, is_closed, goes_on)), '[]') FROM my_children_at_18()"
    own_school.change("UPDATE restriction SET person_id = %s, student_id = %s", own_school.ids["jo"], own_school.ids["nina"])
    assert ask(own_school, "ana", reads, side="family") == [["Nina", False, ""]] and ask(own_school, "jo", reads, side="family") == []
    pass_days(own_school, 30)
    due(own_school)
    assert ask(own_school, "ana", reads, side="family") == [["Nina", True, ""]] and ask(own_school, "jo", reads, side="family") == []
    assert ask(own_school, "tia", reads, side="family") == []
    born(own_school, 0)


def test_a_tie_that_shows_the_birth_date_reads_the_day_and_a_turned_off_or_future_tie_reads_nothing(own_school: School) -> None:
    turning(own_school)
    due(own_school)
    reads = "SELECT coalesce(jsonb_agg(jsonb_build_array(day IS NOT NULL, is_held)), '[]') FROM my_children_at_18()"
    set_ana = "UPDATE tie SET {} WHERE uuid = %s"
    assert ask(own_school, "ana", reads, side="family") == [[True, False]]
    own_school.change(set_ana.format("view_kinds = '{grades,attendance}'"), identity("tie/ana/nina"))
    assert ask(own_school, "ana", reads, side="family") == [[False, False]]
    home = Browser("ana").open("/")
    assert "birthday is soon." in home.part("at-18") and "checking your birth" not in home.words
    for hidden in ("is_shut = true", "is_shut = false, start_date = today() + 1"):
        own_school.change(set_ana.format(hidden), identity("tie/ana/nina"))
        assert ask(own_school, "ana", reads, side="family") == []
