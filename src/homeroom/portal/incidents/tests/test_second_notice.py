"""The second notice of an incident, and its review."""

import pytest
from psycopg import errors

from homeroom.portal.incidents.tests.incidents import (
    LETTER,
    OFFICE,
    count,
    declare,
    draft,
    drafted,
    letters,
    look,
    note,
    proposed,
    released,
    stolen,
)
from homeroom.portal.membership.leaving.tests.test_leaving import one
from homeroom.portal.membership.requests.tests.registering import told
from homeroom.portal.membership.tests.acting import ask, second
from tests.browser import Browser
from tests.school import School

SECOND = {
    "en": {"what_happened": "We found out how.", "doing": "Every teacher has a passkey now.", "can_do": "Change your password."},
    "es": {"what_happened": "Supimos cómo.", "doing": "Cada maestro tiene una llave de acceso.", "can_do": "Cambie su contraseña."},
}


@pytest.fixture
def office(own_school: School) -> School:
    return stolen(own_school)


def sent(school: School) -> dict[str, str]:
    """Releases both notices. Returns who got the second."""
    which = drafted(school)
    released(school, which)
    draft(school, which, SECOND, "second notice")
    assert proposed(school, which, "second notice") == "proposed" and second(school, "pat") == "carried out"
    return dict(letters(school, "second notice"))


def test_everyone_who_got_the_first_notice_gets_the_second_once(office: School) -> None:
    assert sent(office) == letters(office) == {"Ana Ruiz": "portal", "Dee Moss": "portal", "Bo Larsen": "portal"}
    assert told(office, "ana", "family")[-2:] == ["breach notice"] * 2
    page = Browser("ana").open("/breach-letters")
    assert "Second Notice of Data Breach" in page.words and "Every teacher has a passkey now." in page.words
    assert "What We Changed So That It Doesn’t Happen Again" in page.words and "Someone used a teacher’s account." in page.words


def test_there_is_no_second_notice_before_the_first(office: School) -> None:
    which = drafted(office)
    assert draft(office, which, SECOND, "second notice") == "recorded" and proposed(office, which, "second notice") == "odd"
    assert draft(office, which, SECOND, "third notice") == "odd"


def test_a_father_who_was_restricted_meanwhile_gets_no_second_notice_about_the_child(office: School) -> None:
    which = drafted(office)
    released(office, which)
    office.change("UPDATE restriction SET person_id = %s", office.ids["dee"])
    draft(office, which, SECOND, "second notice")
    proposed(office, which, "second notice")
    assert second(office, "pat") == "carried out" and "Dee Moss" not in letters(office, "second notice")


def test_a_name_that_is_protected_meanwhile_makes_the_second_notice_go_by_hand(office: School) -> None:
    which = drafted(office)
    released(office, which)
    office.change("UPDATE masking SET student_id = %s, start_date = start_date - 60", office.ids["max"])
    draft(office, which, SECOND, "second notice")
    proposed(office, which, "second notice")
    assert second(office, "pat") == "carried out" and letters(office, "second notice")["Dee Moss"] == "hand"


def test_the_second_notice_that_was_changed_or_is_on_hold_goes_to_no_one(office: School) -> None:
    which = drafted(office)
    released(office, which)
    draft(office, which, SECOND, "second notice")
    proposed(office, which, "second notice")
    draft(office, which, SECOND | {"es": LETTER["es"]}, "second notice")
    assert second(office, "pat") == "not possible"
    proposed(office, which, "second notice")
    assert ask(office, "carl", "SELECT hold_notices(%s, 'Sheriff, case 12', NULL)", [which]) == "recorded"
    assert second(office, "pat") == "not possible" and letters(office, "second notice") == {}


def test_a_larger_count_brings_both_notices_to_new_people_only(office: School) -> None:
    which = drafted(office)
    released(office, which)
    draft(office, which, SECOND, "second notice")
    proposed(office, which, "second notice")
    second(office, "pat")
    assert proposed(office, which, "second notice") == "taken"
    look(office, "dana", "gradebook", "english")
    count(office, which, "dana")
    released(office, which)
    assert proposed(office, which, "second notice") == "proposed" and second(office, "pat") == "carried out"
    assert letters(office, "second notice").keys() == letters(office).keys() > {"Ana Ruiz", "Dana Okafor"}
    many = "SELECT count(*) = count(DISTINCT (person_id, notice)) FROM breach_letter WHERE released_at > now() - interval '1 day'"
    assert one(office, many) is True


def test_the_database_refuses_a_second_letter_of_one_notice(office: School) -> None:
    released(office)
    again = """INSERT INTO breach_letter (release_id, incident_id, notice, person_id, children, is_own, channel, way, state)
        SELECT release_id, incident_id, notice, person_id, children, is_own, channel, way, state FROM breach_letter"""
    with pytest.raises(errors.UniqueViolation):
        office.change(again)


def test_carl_is_led_to_the_second_notice_and_its_clock_is_done(office: School) -> None:
    which = drafted(office)
    released(office, which)
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}"
    note(office, which, "stage", "resolve", "")
    assert "Write the second notice" in carl.open(path).part("now")
    form = {f"{part}_{language}": words for language, parts in SECOND.items() for part, words in parts.items()}
    assert carl.post(f"{path}/second-notice", form).status == 302
    assert "Second Notice of Data Breach" in carl.open(f"{path}/second-notice").words
    assert carl.open(f"{path}/letter").words.count("Every teacher has a passkey now.") == 0, "the first notice is another text"
    assert carl.client.get(f"{path}/second-notice?pdf", HTTP_HOST=carl.host).content.startswith(b"%PDF")
    assert carl.post(f"{path}/decide/release-second", {"why": "It is over"}).status == 302 and second(office, "pat") == "carried out"
    page = carl.open(path)
    assert "second notice: imported" in page.said and "done" in page.said
    assert "Second notice" in page.part("letters") and "Released the second notice" in page.part("diary")


def test_the_review_is_recorded_in_its_stage(office: School) -> None:
    which = declare(office)
    said = "SELECT review_incident(%s, %s)"
    assert ask(office, "carl", said, [which, "Too early"]) == "odd"
    note(office, which, "stage", "review", "")
    carl, path = Browser("carl", "staff"), f"{OFFICE}/{which}"
    assert carl.post(f"{path}/record/review", {"said": " "}).status == 422
    assert carl.post(f"{path}/record/review", {"said": "The passkeys come in January."}).status == 302
    page = carl.open(path)
    assert "Recorded the review. The passkeys come in January." in page.part("diary") and "done" in page.said
    assert ask(office, "dana", said, [which, "x"]) == ""
