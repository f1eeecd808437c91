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
    letters_of,
    preview,
    said,
    settings_of,
)
from tests.browser import Browser, numbers
from tests.cast import CANARY
from tests.school import School


def test_codes_without_a_meaning_come_first_with_their_count_and_last_day(unruled: School) -> None:
    page = carl()
    assert numbers(page.lead) == ["3", "4"], "three codes without a meaning, in four records"
    assert codes_on(page)[:3] == ["TX MED", "TX", "W"] and set(codes_on(page)[3:]) == {"absent", "present", "tardy"}
    title, marks, last, now, _ = page.rows[0]
    assert title.startswith("TX ") and title.endswith(" MED") and numbers(marks) == ["2"]
    assert re.fullmatch(r"last \w+, \w+ \d+", last) and now.startswith("No meaning Recorded")


def test_two_spellings_are_one_code(unruled: School) -> None:
    assert [code.casefold() for code in codes_on(carl())].count("tx med") == 1
    assert numbers(preview({("tx", "med"): ("", EXCUSED)}).lead) == ["2", "2"], "records and students"


def test_an_unmapped_code_shows_a_family_recorded_and_never_absent(unruled: School) -> None:
    assert "recorded" in attendance_of(unruled, "nina", "ana") and "R" in letters_of(unruled, "nina", "ana")


def test_the_preview_shows_old_next_to_new_and_changes_nothing(unruled: School) -> None:
    before = settings_of(unruled)
    page = preview({("tx", "med"): ("", EXCUSED), ("w", ""): ("", LATE)})
    assert numbers(page.lead) == ["3", "3"], "records and students"
    assert {before.split(".")[0] for *_, before, _after in page.rows} == {"Now: Recorded"}
    assert {after.split(",")[0] for *_, after in page.rows} == {"Then: Excused absence", "Then: Late."}
    assert settings_of(unruled) == before
    assert "recorded" in attendance_of(unruled, "nina", "ana")


def test_the_family_sees_a_saved_meaning_from_then_on(unruled: School) -> None:
    page = preview({("tx", "med"): ("", EXCUSED)})
    fields = {field.get("name", ""): field.get("value", "") for field in page.find("input") if field.get("name", "")[:3] in ("was", "to-")}
    assert Browser("carl", "staff").post(f"{PLACE}/meanings", fields).status == 302
    assert settings_of(unruled)["tx", "med"] == (2, 1)
    assert "E" in letters_of(unruled, "nina", "ana")
    assert carl(f"{PLACE}?then=kept").said == {"kept"}


def test_ended_marks_count_if_they_ended_when_the_student_left_that_school(unruled: School) -> None:
    """A family can still read these after the student left. Kai left the school at that moment, and Nina left another one."""
    unruled.change("UPDATE attendance_mark SET ended_at = '2026-01-01' WHERE student_id = %s", unruled.ids["nina"])
    unruled.change("UPDATE role SET ended_at = '2026-01-01' WHERE sourced_id = 'role/kai'")
    unruled.change("INSERT INTO role (sourced_id, person_id, school_id, role, ended_at) VALUES ('before', %s, %s, 'student', '2026-01-01')",
                   unruled.ids["nina"], unruled.ids["elementary"])  # fmt: skip
    assert numbers(preview({("tx", "med"): ("", EXCUSED)}).lead) == ["1", "1"]
    unruled.change("UPDATE role SET ended_at = '2026-01-01' WHERE sourced_id = 'role/nina'")
    assert numbers(preview({("tx", "med"): ("", EXCUSED)}).lead) == ["2", "2"]


def test_a_status_alone_speaks_for_every_excuse_code_without_a_meaning_of_its_own(unruled: School) -> None:
    assert numbers(preview({("tx", ""): ("", ABSENT)}).lead)[0] == "3"
    keep({("tx", ""): ("", ABSENT)})
    assert "Absent, from" in carl().words
    assert numbers(preview({("tx", "med"): ("", EXCUSED)}).lead)[0] == "2"


def test_a_meaning_taken_away_is_recorded_again(unruled: School) -> None:
    keep({("w", ""): ("", LATE)})
    page = preview({("w", ""): (LATE, "")})
    assert numbers(page.lead) == ["1", "1"] and "Late." in page.words
    keep({("w", ""): (LATE, "")})
    assert ("w", "") not in settings_of(unruled)


def test_a_code_may_stay_recorded_after_someone_reviewed_it(unruled: School) -> None:
    keep({("w", ""): ("", "0-0")})
    assert numbers(carl().lead)[0] == "2"
    assert settings_of(unruled)["w", ""] == (0, 0)


def test_the_page_and_the_ledger_show_who_changed_what_and_when(unruled: School) -> None:
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
def test_an_administrator_who_chose_nothing_gets_a_message_and_nothing_changes(unruled: School, wishes: dict[tuple[str, str], tuple[str, str]]) -> None:
    before = settings_of(unruled)
    for page in (preview(wishes), keep(wishes)):
        assert page.status == 422 and page.said == {"same"}
    assert settings_of(unruled) == before


def test_the_second_of_two_administrators_sees_a_notice_and_finds_what_was_chosen(unruled: School) -> None:
    keep({("tx", "med"): ("", EXCUSED)})
    for page in (preview({("tx", "med"): ("", LATE), ("w", ""): ("", LATE)}), keep({("tx", "med"): ("", LATE), ("w", ""): ("", LATE)})):
        assert page.status == 409 and page.said == {"taken"}
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


def test_the_second_of_two_changes_at_the_same_time_waits_and_is_refused(unruled: School) -> None:
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
    assert numbers(page.at("unmapped")) == ["3"]
    assert f"{PLACE}?then=guesses" in [a.get("href") for a in page.find("a")]
    keep({("tx", "med"): ("", EXCUSED), ("tx", ""): ("", ABSENT), ("w", ""): ("", LATE)})
    assert "attendance code" not in carl("/imports").words


def test_the_bar_leads_to_the_settings_and_they_to_the_codes(unruled: School) -> None:
    assert "/settings" in [a.get("href") for a in carl("/imports").find("a")]
    page = carl("/settings")
    assert numbers(page.line("Attendance codes")) == ["3"] and PLACE in page.links


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("rosa", "staff"), ("pat", "staff"), ("ana", "family"), ("nina", "student")])
def test_the_settings_page_does_not_exist_for_anyone_but_an_administrator(unruled: School, who: str, side: str) -> None:
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
    page = carl(language="es")
    assert numbers(page.lead)[0] == "3" and "códigos" in page.lead
