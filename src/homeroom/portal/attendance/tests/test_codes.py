"""Carl sets the meanings of the district's attendance codes, after a preview. No one else can."""

import json
import re
from threading import Thread
from typing import Any

import pytest

from homeroom.portal.attendance.codes import name_of
from homeroom.portal.attendance.tests.speaking import (
    ABSENT,
    EXCUSED,
    LATE,
    PLACE,
    as_carl,
    attendance_of,
    carl,
    codes_on,
    keep,
    preview,
    said,
    settings_of,
)
from tests.browser import Browser
from tests.cast import CANARY
from tests.school import School


def test_what_nobody_gave_a_meaning_comes_first_with_how_often_and_when(unruled: School) -> None:
    page = carl()
    assert "3 codes have no meaning yet. 4 records have this code." in page.words
    assert codes_on(page)[:3] == ["TX MED", "TX", "W"] and set(codes_on(page)[3:]) == {"absent", "present", "tardy"}
    assert re.search(r"TX Excuse code MED 2 records,\s*last \w+, \w+ \d+\s*No meaning\s*Recorded", page.words.replace("\xa0", " "))


def test_two_spellings_are_one_code(unruled: School) -> None:
    assert [code.casefold() for code in codes_on(carl())].count("tx med") == 1
    assert "2 records would read differently, on the pages of 2 students." in preview({("tx", "med"): ("", EXCUSED)}).words


def test_a_code_nobody_mapped_is_recorded_and_never_absent_to_a_family(unruled: School) -> None:
    words = attendance_of(unruled, "nina", "ana")
    assert "recorded" in words and "The school used a code that this page doesn’t know." in words


def test_the_preview_shows_old_beside_new_and_changes_nothing(unruled: School) -> None:
    before = settings_of(unruled)
    page = preview({("tx", "med"): ("", EXCUSED), ("w", ""): ("", LATE)})
    assert "3 records would read differently, on the pages of 3 students." in page.words
    assert "Recorded. The school used a code that" in page.words and "Excused absence, all day." in page.words and "Late." in page.words
    assert settings_of(unruled) == before
    assert "recorded" in attendance_of(unruled, "nina", "ana")


def test_what_is_kept_is_what_the_family_reads_from_then_on(unruled: School) -> None:
    page = preview({("tx", "med"): ("", EXCUSED)})
    fields = {field.get("name", ""): field.get("value", "") for field in page.find("input") if field.get("name", "")[:3] in ("was", "to-")}
    assert Browser("carl", "staff").post(f"{PLACE}/meanings", fields).status == 302
    assert settings_of(unruled)["tx", "med"] == (2, 1)
    assert "excused absence, all day" in attendance_of(unruled, "nina", "ana")
    assert "Saved. Families now see these meanings." in carl(f"{PLACE}?then=kept").words


def test_of_marks_that_ended_those_count_that_ended_with_the_students_own_time_at_that_school(unruled: School) -> None:
    """A family can still read these after the student left. Kai left the school at that moment, and Nina left another one."""
    unruled.change("UPDATE attendance_mark SET ended_at = '2026-01-01' WHERE student_id = %s", unruled.ids["nina"])
    unruled.change("UPDATE role SET ended_at = '2026-01-01' WHERE sourced_id = 'role/kai'")
    unruled.change("INSERT INTO role (sourced_id, person_id, school_id, role, ended_at) VALUES ('before', %s, %s, 'student', '2026-01-01')",
                   unruled.ids["nina"], unruled.ids["elementary"])  # fmt: skip
    assert "1 record would read differently, on the page of 1 student." in preview({("tx", "med"): ("", EXCUSED)}).words
    unruled.change("UPDATE role SET ended_at = '2026-01-01' WHERE sourced_id = 'role/nina'")
    assert "2 records would read differently, on the pages of 2 students." in preview({("tx", "med"): ("", EXCUSED)}).words


def test_a_status_alone_speaks_for_every_excuse_code_without_a_meaning_of_its_own(unruled: School) -> None:
    assert "3 records would read differently" in preview({("tx", ""): ("", ABSENT)}).words
    keep({("tx", ""): ("", ABSENT)})
    assert "Absent, from the status only" in carl().words
    assert "2 records would read differently" in preview({("tx", "med"): ("", EXCUSED)}).words


def test_a_meaning_taken_away_is_recorded_again(unruled: School) -> None:
    keep({("w", ""): ("", LATE)})
    page = preview({("w", ""): (LATE, "")})
    assert "1 record would read differently, on the page of 1 student." in page.words and "Late." in page.words
    keep({("w", ""): (LATE, "")})
    assert ("w", "") not in settings_of(unruled)


def test_a_code_may_be_left_recorded_by_somebody_who_looked_at_it(unruled: School) -> None:
    keep({("w", ""): ("", "0-0")})
    assert "2 codes have no meaning yet." in carl().words
    assert settings_of(unruled)["w", ""] == (0, 0)


def test_who_changed_what_and_when_stands_on_the_page_and_in_the_ledger(unruled: School) -> None:
    keep({("tx", "med"): ("", EXCUSED)})
    words = re.sub("[\u2068\u2069]", "", carl().words)
    assert "tx / med: nothing said, then Absent, excused" in words and "Carl Webb," in words
    with unruled.connect("owner") as owner:
        rows = owner.execute(
            "SELECT p.sourced_id, l.act, l.capacity, l.reason FROM ledger l JOIN person p ON p.id = l.person_id WHERE event = 'setting'"
        ).fetchall()
    assert [row[:3] for row in rows] == [("carl", "attendance codes", "administrator")]
    assert json.loads(rows[0][3]) == [{"status": "tx", "excuse_code": "med", "was": None, "now": [2, 1]}]


@pytest.mark.parametrize("wishes", [{}, {("w", ""): ("", "")}, {("w", ""): ("", "9-9")}, {("never", "sent"): ("", ABSENT)}])
def test_who_chose_nothing_is_told_and_nothing_changes(unruled: School, wishes: dict[tuple[str, str], tuple[str, str]]) -> None:
    before = settings_of(unruled)
    for page in (preview(wishes), keep(wishes)):
        assert page.status == 422 and "Choose another meaning for at least one code" in page.words
    assert settings_of(unruled) == before


def test_the_second_of_two_administrators_is_told_and_finds_what_was_chosen(unruled: School) -> None:
    keep({("tx", "med"): ("", EXCUSED)})
    for page in (preview({("tx", "med"): ("", LATE), ("w", ""): ("", LATE)}), keep({("tx", "med"): ("", LATE), ("w", ""): ("", LATE)})):
        assert page.status == 409 and "Someone else changed a code" in page.words
        assert "tx / med: Absent, excused" in re.sub("[\u2068\u2069]", "", page.words)
        chosen = {select.get("name"): [o.get("value") for o in select if "selected" in o.attrib] for select in page.find("select")}
        assert chosen[f"to-{name_of(('w', ''))}"] == chosen[f"to-{name_of(('tx', 'med'))}"] == [LATE]
    assert settings_of(unruled)["tx", "med"] == (2, 1) and ("w", "") not in settings_of(unruled)


def test_a_code_that_gets_a_meaning_leaves_the_other_codes_of_its_status_alone(unruled: School) -> None:
    keep({("tx", ""): ("", ABSENT)})
    keep({("tx", "med"): ("", EXCUSED)})
    assert (settings_of(unruled)["tx", ""], settings_of(unruled)["tx", "med"]) == ((2, 0), (2, 1))


def test_two_administrators_with_different_codes_both_have_theirs_kept(unruled: School) -> None:
    assert keep({("tx", "med"): ("", EXCUSED)}).status == keep({("w", ""): ("", LATE)}).status == 302
    assert {("tx", "med"), ("w", "")} <= set(settings_of(unruled))


def test_of_two_at_the_same_moment_the_second_waits_and_is_refused(unruled: School) -> None:
    call, answers = "SELECT set_attendance_codes(%s::jsonb)", list[Any]()
    wish = json.dumps([{"status": "w", "excuse_code": "", "was": None, "now": [3, 0]}])
    other = json.dumps([{"status": "w", "excuse_code": "", "was": None, "now": [2, 0]}, {"status": "tx", "excuse_code": "", "was": None, "now": [2, 0]}])

    def second() -> None:
        with as_carl(unruled) as app:
            app.execute("SET lock_timeout = '60s'")
            app.execute("SET statement_timeout = '60s'")
            answers.append(app.execute(call, [other]).fetchone())

    with as_carl(unruled) as first:
        assert first.execute(call, [wish]).fetchone() == (True,)
        thread = Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert answers == []
        first.commit()
        thread.join(60)
    assert answers == [(False,)]
    assert settings_of(unruled)["w", ""] == (3, 0) and ("tx", "") not in settings_of(unruled)


def test_the_imports_page_leads_to_codes_without_a_meaning(unruled: School) -> None:
    page = carl("/imports")
    assert "3 attendance codes have no meaning yet" in page.words
    assert f"{PLACE}?then=guesses" in [a.get("href") for a in page.find("a")]
    keep({("tx", "med"): ("", EXCUSED), ("tx", ""): ("", ABSENT), ("w", ""): ("", LATE)})
    assert "attendance code" not in carl("/imports").words


def test_the_bar_leads_to_the_settings_and_they_to_the_codes(unruled: School) -> None:
    assert "/settings" in [a.get("href") for a in carl("/imports").find("a")]
    page = carl("/settings")
    assert "3 codes have no meaning yet." in page.words and PLACE in [a.get("href") for a in page.find("a")]


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("rosa", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student")])
def test_for_whoever_is_no_administrator_it_does_not_exist(unruled: School, who: str, side: str) -> None:
    browser, before = Browser(who, side), settings_of(unruled)
    nothing = browser.open("/settings/no-such-page")
    for path in (PLACE, "/settings", f"{PLACE}/preview", f"{PLACE}/meanings"):
        assert browser.open(path).status == nothing.status == 404
    for path in (f"{PLACE}/preview", f"{PLACE}/meanings"):
        assert browser.post(path, said({("w", ""): ("", ABSENT)})).status == 404
    assert settings_of(unruled) == before


def test_nothing_about_a_student_is_on_the_page(unruled: School) -> None:
    for page in (carl(), preview({("tx", "med"): ("", EXCUSED)})):
        assert "Ruiz" not in page.words and CANARY not in page.text


def test_the_pages_speak_spanish(unruled: School) -> None:
    assert "3 códigos todavía no tienen significado." in carl(language="es").words
