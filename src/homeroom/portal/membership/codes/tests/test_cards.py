"""Teachers print sign-in cards only for their own students. A new card ends the old one, and the access log has all of it."""

import pytest
from django.conf import settings

from homeroom.portal.letters.card import digest, new_card
from homeroom.portal.membership.codes.actions import short_names
from homeroom.portal.membership.codes.queries import CardStudent
from homeroom.portal.membership.tests.acting import ask
from tests.browser import Browser
from tests.cast import identity
from tests.school import School

PRINT = "SELECT print_cards(%s, %s, %s)"


def prints(school: School, who: str, section: str, *students: str) -> int:
    cards = [digest(new_card(), settings.PLACE.slug) for _ in students]
    return int(ask(school, who, PRINT, [identity(section), [identity(name) for name in students], cards]))


def working(school: School) -> list[str]:
    with school.connect("owner") as owner:
        return [name for (name,) in owner.execute("SELECT sourced_id FROM card c JOIN person p ON p.id = c.person_id WHERE c.ended_at IS NULL ORDER BY 1")]


def events(school: School, student: str) -> list[tuple[str, str]]:
    with school.connect("owner") as owner:
        return owner.execute("""SELECT l.event, w.sourced_id FROM ledger l JOIN ledger_student s ON s.entry_id = l.id JOIN person w ON w.id = l.person_id
            WHERE s.student_id = %s AND l.event LIKE 'card %%' ORDER BY l.id""", [school.ids[student]]).fetchall()


def test_bo_prints_cards_for_his_class_and_each_child_reads_of_it(own_school: School) -> None:
    assert prints(own_school, "bo", "algebra", "nina", "max") == 2
    assert working(own_school) == ["max", "nina"]
    assert events(own_school, "nina") == [("card printed", "bo")]


@pytest.mark.parametrize(("who", "section", "student"), [
    ("dana", "algebra", "nina"),  # not her class
    ("bo", "english", "nina"),
    ("bo", "algebra", "kai"),  # not in it
    ("dana", "english", "kai"),  # her own child
    ("pat", "algebra", "nina"),  # principal, and doesn't teach it
    ("carl", "algebra", "nina"),
    ("rosa", "algebra", "nina"),
])  # fmt: skip
def test_only_the_teacher_of_a_class_prints_cards_for_it_and_not_for_their_own_child(own_school: School, who: str, section: str, student: str) -> None:
    assert prints(own_school, who, section, student) == 0
    assert working(own_school) == []


def test_no_card_is_printed_if_one_of_the_students_is_not_in_the_class(own_school: School) -> None:
    assert prints(own_school, "bo", "algebra", "nina", "kai") == 0
    assert working(own_school) == []


@pytest.mark.parametrize("seat_ends", [None, 0, 5])
def test_bo_still_reads_the_scores_of_a_class_that_is_over_but_prints_no_card(own_school: School, seat_ends: int | None) -> None:
    """`seat_ends` is how many days ago his enrollment ended. Many files never say so, and only the term's end shows it."""
    assert prints(own_school, "bo", "algebra", "nina") == 1
    own_school.change("UPDATE term SET end_date = today() - coalesce(%s, 5)::integer WHERE sourced_id = 'fall'", seat_ends)
    own_school.change("UPDATE enrollment SET end_date = today() - %s::integer WHERE key = %s", seat_ends, identity("algebra/bo"))
    bo, place = Browser("bo", "staff"), f"/classes/{own_school.uuid('algebra')}"
    assert bo.open(place).status == 200 and bo.open(f"{place}/cards").status == 404
    assert prints(own_school, "bo", "algebra", "max") == 0 and working(own_school) == ["nina"]


def test_a_student_not_yet_or_no_longer_in_the_class_gets_no_card_for_it(own_school: School) -> None:
    for days in ("begin_date = today() + 1", "begin_date = NULL, end_date = today()", "end_date = NULL, ended_at = now()"):
        own_school.change(f"UPDATE enrollment SET {days} WHERE key = %s", identity("algebra/nina"))
        assert prints(own_school, "bo", "algebra", "nina") == 0, days
    own_school.change("UPDATE enrollment SET ended_at = NULL WHERE key = %s", identity("algebra/nina"))
    assert prints(own_school, "bo", "algebra", "nina") == 1


def test_a_new_card_ends_the_one_before(own_school: School) -> None:
    assert prints(own_school, "bo", "algebra", "nina") == prints(own_school, "dana", "english", "nina") == 1
    with own_school.connect("owner") as owner:
        assert owner.execute("SELECT count(*) FROM card WHERE ended_at IS NOT NULL").fetchone() == (1,)
    assert working(own_school) == ["nina"]


def test_an_ended_card_signs_out_who_was_signed_in_by_it(own_school: School) -> None:
    prints(own_school, "bo", "algebra", "nina", "max")
    own_school.change("UPDATE session SET method = 'card' WHERE side = 'student'")
    assert ask(own_school, "bo", "SELECT end_cards(%s, %s)", [identity("algebra"), [identity("nina")]]) == 1
    assert working(own_school) == ["max"] and ("card ended", "bo") in events(own_school, "nina")
    assert Browser("nina", "student").open("/").status == 302 and Browser("max", "student").open("/").status == 200


def test_an_old_proof_prints_no_card(own_school: School) -> None:
    own_school.change("UPDATE session SET proven_at = now() - interval '11 minutes'")
    assert prints(own_school, "bo", "algebra", "nina") == 0


def test_one_invalid_digest_keeps_every_card_of_the_class_from_printing(own_school: School) -> None:
    cards = [digest(new_card(), settings.PLACE.slug), b"31 bytes long, and so no digest"]
    assert ask(own_school, "bo", PRINT, [identity("algebra"), [identity("nina"), identity("max")], cards]) == 0 and working(own_school) == []


def test_the_page_prints_a_sheet_and_says_who_has_a_card(own_school: School) -> None:
    browser, place = Browser("bo", "staff"), f"/classes/{own_school.uuid('algebra')}/cards"
    page = browser.open(place)
    assert "No card" in page.words and not [box for box in page.find("input") if box.get("checked") is not None]
    both = {"do": "print", "student": [own_school.uuid("nina"), own_school.uuid("max")]}
    sheet = browser.client.post(f"{place}/change", both, headers={"host": "127.0.0.1:8000"})
    assert sheet.status_code == 200 and sheet.content.startswith(b"%PDF")
    page = browser.open(place)
    assert page.words.count("Card printed") == 2
    assert browser.post(f"{place}/change", {"do": "end", "student": own_school.uuid("max")}).headers["Location"] == f"{place}?then=ended"
    assert working(own_school) == ["nina"]
    assert browser.post(f"{place}/change", {"do": "print"}).headers["Location"] == f"{place}?then=none"


def test_a_sheet_for_students_without_a_card_replaces_no_card(own_school: School) -> None:
    browser, place = Browser("bo", "staff"), f"/classes/{own_school.uuid('algebra')}/cards"
    cards = "SELECT jsonb_object_agg(p.given_name, c.id ORDER BY c.id) FROM card c JOIN person p ON p.id = c.person_id WHERE c.ended_at IS NULL"
    assert prints(own_school, "bo", "algebra", "nina") == 1
    with own_school.connect("owner") as owner:
        ((before,),) = owner.execute(cards).fetchall()
        sheet = browser.client.post(f"{place}/change", {"do": "lacking"}, headers={"host": "127.0.0.1:8000"})
        assert sheet.content.startswith(b"%PDF")
        ((after,),) = owner.execute(cards).fetchall()
    assert before.items() < after.items() and len(after) > 1


def test_a_card_names_a_child_no_more_than_the_class_needs() -> None:
    people = [("Nina", "Ruiz"), ("Nina", "Reyes"), ("Max", "Moss"), ("Ana", "Li"), ("Ana", "Li")]
    students = [CardStudent(n, identity(f"{n}"), *names, None) for n, names in enumerate(people)]
    assert list(short_names(students).values()) == ["Nina Ru.", "Nina Re.", "Max M.", "Ana Li", "Ana Li"]


FOR_CARDS = "SELECT coalesce(jsonb_agg(first_name ORDER BY first_name), '[]') FROM students_for_cards(%s)"


@pytest.mark.parametrize(("change", "listed"), [
    ("UPDATE enrollment SET begin_date = today() + 1 WHERE key = '{seat}'", ["Max"]),
    ("UPDATE person SET ended_at = now() WHERE sourced_id = 'nina'", ["Max"]),
    ("UPDATE term SET end_date = today() - 5 WHERE sourced_id = 'fall'", []),
    ("UPDATE tie SET adult_id = {bo} WHERE uuid = '{tie}'", ["Max"]),
    ("UPDATE tie SET adult_id = {bo}, state = 'ended' WHERE uuid = '{tie}'", ["Max", "Nina"]),
])  # fmt: skip
def test_the_page_of_cards_lists_who_is_in_the_class_today_and_no_child_of_the_teachers_own(own_school: School, change: str, listed: list[str]) -> None:
    own_school.change(change.format(bo=own_school.ids["bo"], seat=identity("algebra/nina"), tie=identity("tie/jo/nina")))
    assert ask(own_school, "bo", FOR_CARDS, [identity("algebra")]) == listed
