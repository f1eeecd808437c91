"""Carl sees which columns are read and for what, and turns off those that his district doesn't want. No one else can."""

import json
from threading import Thread
from typing import Any

import pytest

from homeroom.formats.choices import OPTIONAL
from homeroom.formats.oneroster import TABLES
from homeroom.formats.spec import Purpose
from homeroom.formats.versions import VERSIONS, only_in_11
from homeroom.portal.intake.office.column_pages import purposes
from tests.browser import Browser, Page, numbers
from tests.house.test_inventory import INVENTORY, NOTHING_PERSONAL
from tests.school import School, proof_of

PLACE = "/settings/columns"
COMMENT, EMAIL = ("results.csv", "comment"), ("users.csv", "email")  # the comment column is turned off in the cast


def carl(path: str = PLACE, language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def post(path: str, shown: dict[tuple[str, str], bool], ticked: list[tuple[str, str]]) -> Page:
    values: dict[str, Any] = {f"was {' '.join(key)}": "on" if was else "off" for key, was in shown.items()}
    return Browser("carl", "staff").post(f"{PLACE}/{path}", {**values, "read": [" ".join(key) for key in ticked]})


def off(school: School) -> set[tuple[str, str]]:
    with school.connect("owner") as owner:
        return {(file, name) for file, name in owner.execute("SELECT file, column_name FROM unread_column").fetchall()}


def test_every_column_of_every_file_is_in_the_one_table_with_its_purpose(school: School) -> None:
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in carl().find("tr")]
    shown = [(cells[0], cells[2]) for cells in rows[1:] if len(cells) == 4]
    columns = [column for table in TABLES.values() if table.into for column in (*table.columns, *only_in_11(table))]
    assert shown == [(column.name, column.purpose.value if column.purpose else "") for column in columns]
    assert [cells[0] for cells in rows if len(cells) == 1] == [table.file for table in TABLES.values() if table.into]


def test_columns_found_only_in_an_older_version_are_listed_as_read(school: School) -> None:
    """The page names every column that is read, whatever version a district uses."""
    rows = [["".join(cell.itertext()).strip() for cell in row] for row in carl().find("tr")]
    older = [(cells[0], cells[1]) for cells in rows if cells[-1] == "Only in files of OneRoster 1.1"]
    assert older == [("orgSourcedIds", "Read"), ("role", "Read"), ("gradingPeriodSourcedId", "Read")]
    shown = {cells[0] for cells in rows}
    for tables in VERSIONS.values():
        assert {column.name for table in tables.values() if table.into for column in table.read_columns} <= shown


def test_the_page_says_the_purposes_own_words() -> None:
    assert {purpose: purpose.value for purpose in Purpose} == purposes()


def test_a_column_that_can_be_turned_off_is_read_not_required_and_in_the_inventory(school: School) -> None:
    with school.connect("owner") as owner:
        for file, names in OPTIONAL.items():
            table = next(table for table in TABLES.values() if table.file == file)
            for name in names:
                assert table.column(name).is_read and not table.column(name).required and name not in table.key
                (place,) = owner.execute("SELECT column_place(%s, %s)", [file, name]).fetchone() or (None,)
                assert place and (place[0] in NOTHING_PERSONAL or place[1] in INVENTORY[place[0]]["columns"])
        assert owner.execute("SELECT column_place('demographics.csv', 'birthDate')").fetchone() == (None,)


def test_the_preview_says_what_is_emptied_and_changes_nothing(own_school: School) -> None:
    page = post("preview", {EMAIL: True}, [])
    assert all(words in page.part("off") for words in ("users.csv email", "deletes", "Undo"))
    assert page.part("on") == "" and off(own_school) == {COMMENT}
    page = post("preview", {COMMENT: False}, [COMMENT])
    assert "results.csv comment" in page.part("on") and page.part("off") == ""


def test_a_saved_column_choice_is_in_the_table_the_history_and_the_ledger(own_school: School) -> None:
    assert post("choice", {EMAIL: True, COMMENT: False}, [COMMENT]).status == 302
    assert off(own_school) == {EMAIL}
    page = carl(f"{PLACE}?then=kept")
    history = page.part("history")
    assert f"{' '.join(EMAIL)} turned off" in history and f"{' '.join(COMMENT)} turned back on" in history and "Carl Webb," in history
    assert page.said == {"kept"} and numbers(carl("/settings").linked(PLACE)) == ["1"]
    with own_school.connect("owner") as owner:
        reasons = owner.execute("SELECT reason FROM ledger WHERE event = 'setting' AND act = 'columns'").fetchall()
    assert {(c["name"], c["was"], c["now"]) for (reason,) in reasons for c in json.loads(reason)} == {("email", True, False), ("comment", False, True)}


@pytest.mark.parametrize(("before", "on"), [
    ([("users.csv", "phone"), ("users.csv", "sms")], ("users.csv", "phone")),
    ([("users.csv", "email"), ("results.csv", "email")], ("users.csv", "email")),
])  # fmt: skip
def test_turning_a_column_back_on_leaves_other_columns_and_other_files_alone(own_school: School, before: list[tuple[str, str]], on: tuple[str, str]) -> None:
    for each in before:
        own_school.change("INSERT INTO unread_column (file, column_name) VALUES (%s, %s)", *each)
    assert post("choice", {on: False}, [on]).status == 302
    assert off(own_school) == {COMMENT, *before} - {on}


def test_one_column_after_another_of_the_same_file_or_of_the_same_name_is_switched_off(own_school: School) -> None:
    own_school.change("INSERT INTO unread_column (file, column_name) VALUES ('contacts.csv', 'email')")
    for each in (EMAIL, ("users.csv", "phone")):
        assert post("choice", {each: True}, []).status == 302
    assert off(own_school) == {COMMENT, ("contacts.csv", "email"), EMAIL, ("users.csv", "phone")}


def test_a_column_choice_that_changes_nothing_is_refused(own_school: School) -> None:
    for path in ("preview", "choice"):
        assert post(path, {EMAIL: True}, [EMAIL]).status == 422
        assert post(path, {("demographics.csv", "birthDate"): True}, []).status == 422
    assert off(own_school) == {COMMENT}


def test_the_second_of_two_administrators_sees_a_notice(own_school: School) -> None:
    for path in ("preview", "choice"):
        page = post(path, {COMMENT: True, EMAIL: True}, [])
        assert page.status == 409 and page.said == {"taken"}
    assert off(own_school) == {COMMENT}


def test_the_second_of_two_changes_at_the_same_time_waits_and_is_refused(own_school: School) -> None:
    call, answers = "SELECT set_unread_columns(%s::jsonb)", list[Any]()
    wish = json.dumps([{"file": "users.csv", "name": "email", "was": True, "now": False}])

    def second() -> None:
        with own_school.connect("app") as app:
            app.execute("SET lock_timeout = '60s'")
            app.execute("SET statement_timeout = '60s'")
            app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
            answers.append(app.execute(call, [wish]).fetchone())

    with own_school.connect("app") as first:
        first.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert first.execute(call, [wish]).fetchone() == (True,)
        thread = Thread(target=second)
        thread.start()
        thread.join(0.5)
        assert answers == []
        first.commit()
        thread.join(60)
    assert answers == [(False,)]


def test_the_database_refuses_to_switch_off_what_is_needed(own_school: School) -> None:
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        for file, name in (("demographics.csv", "birthDate"), ("users.csv", "givenName"), ("account", "sign_in_name")):
            wish = json.dumps([{"file": file, "name": name, "was": True, "now": False}])
            assert app.execute("SELECT set_unread_columns(%s::jsonb)", [wish]).fetchone() == (False,)


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("rosa", "staff"), ("ana", "family"), ("nina", "student")])
def test_the_settings_page_does_not_exist_for_anyone_but_an_administrator(own_school: School, who: str, side: str) -> None:
    browser = Browser(who, side)
    for path in ("", "/preview", "/choice"):
        assert browser.open(PLACE + path).status == 404
        assert not path or browser.post(PLACE + path, {f"was {' '.join(EMAIL)}": "on"}).status == 404
    assert off(own_school) == {COMMENT}


def test_the_page_speaks_spanish(school: School) -> None:
    assert "para nombrar" in carl(language="es").words
