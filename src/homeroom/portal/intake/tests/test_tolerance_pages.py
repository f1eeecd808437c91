"""Carl chooses which habits may pass in his district's files. No one else can."""

import json

import pytest

from homeroom.formats.tolerances import Tolerance
from homeroom.portal.intake.office.pages_words import sentence
from homeroom.portal.intake.tests.test_imports_pages import carl as opened
from homeroom.portal.intake.tests.test_imports_pages import write
from tests.browser import Browser, Page
from tests.school import School, proof_of

PLACE = "/settings/files"
NOW = ["blank-due-dates"]  # in the cast


def carl(path: str = PLACE) -> Page:
    return opened(path)


def post(was: list[str], let: list[str], order: str = "", who: str = "carl") -> Page:
    return Browser(who, "staff").post(f"{PLACE}/choice", {"was": was, "let": let, "order": order})


def chosen(school: School) -> list[str]:
    with school.connect("owner") as owner:
        (found,) = owner.execute("SELECT tolerances FROM district").fetchone() or ([],)
    return sorted(found)


def test_the_page_shows_what_passes_now(school: School) -> None:
    boxes = {box.get("value"): box.get("checked") is not None for box in carl().find("input") if box.get("name") == "let"}
    assert boxes == {each: each == "blank-due-dates" for each in Tolerance if each not in (Tolerance.MONTH_FIRST, Tolerance.DAY_FIRST)}
    assert "Something more" in carl("/settings").linked(PLACE)


def test_a_choice_is_kept_in_the_page_the_history_and_the_access_log(own_school: School) -> None:
    assert post(NOW, ["slash-dates", "no-manifest"], "month-first").status == 302
    assert chosen(own_school) == ["month-first", "no-manifest", "slash-dates"]
    words = carl(f"{PLACE}?then=kept").words
    assert "Passes: Dates with slashes; Month first: 3/4/2026 is March 4; A ZIP without manifest.csv" in words and "Carl Webb," in words
    with own_school.connect("owner") as owner:
        (reason,) = owner.execute("SELECT reason FROM ledger WHERE event = 'setting' AND act = 'tolerances'").fetchone() or ("",)
    assert json.loads(reason) == {"was": NOW, "now": ["month-first", "no-manifest", "slash-dates"]}
    assert post(["month-first", "no-manifest", "slash-dates"], []).status == 302
    assert chosen(own_school) == [] and "Only what" in carl().part("history")


def test_an_order_without_slashes_is_left_out_and_an_unchanged_form_shows_a_notice(own_school: School) -> None:
    page = post(NOW, NOW, "day-first")
    assert page.status == 422 and "Nothing was changed" in page.words
    assert post(NOW, [*NOW, "made up"]).status == 422
    assert chosen(own_school) == NOW


def test_the_second_of_two_administrators_sees_a_notice(own_school: School) -> None:
    page = post([], ["date-times"])
    assert page.status == 409 and page.said == {"taken"}
    assert chosen(own_school) == NOW


def test_a_teacher_has_no_such_page_and_the_database_refuses_her(own_school: School) -> None:
    assert Browser("bo", "staff").open(PLACE).status == 404 and post(NOW, [], who="bo").status == 404
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("bo", "staff")])
        assert app.execute("SELECT set_tolerances('{blank-due-dates}', '{}')").fetchone() == (False,)
        assert app.execute("SELECT count(*) FROM tolerances_shown()").fetchone() == (0,)
    assert chosen(own_school) == NOW


def test_the_database_takes_no_choice_that_it_does_not_know(own_school: School) -> None:
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert app.execute("SELECT set_tolerances('{blank-due-dates}', '{made up}')").fetchone() == (False,)


def test_the_database_knows_every_choice(own_school: School) -> None:
    with own_school.connect("app") as app:
        app.execute("SELECT begin_request(%s)", [proof_of("carl", "staff")])
        assert app.execute("SELECT set_tolerances('{blank-due-dates}', %s)", [list(Tolerance)]).fetchone() == (True,)


@pytest.mark.parametrize("reason", ["rows-bad", "date-order"])
def test_a_held_file_is_read_again_after_a_choice_and_one_that_waits_keeps_its_turn(own_school: School, reason: str) -> None:
    held, waits = write(own_school, state="held", reason=reason), write(own_school, state="held", reason="waits-behind")
    assert post(NOW, ["date-times"]).status == 302
    with own_school.connect("owner") as owner:
        states = owner.execute("SELECT id, reason FROM delivery WHERE id IN (%s, %s) ORDER BY id", [held, waits]).fetchall()
    assert states == [(held, "read-again"), (waits, "waits-behind")]
    page = carl(f"/imports/{held}")
    assert sentence("read-again", {}) in page.words
    assert "Approve" not in ["".join(button.itertext()).strip() for button in page.find("button")]


def test_a_files_page_offers_what_would_let_its_rows_pass(own_school: School) -> None:
    number = write(own_school, state="held", reason="rows-bad")
    groups = json.dumps([["enrollments.csv", "beginDate", "date-form", 1204, [2, 3, 4, 5, 6], "", "slash-dates"],
                         ["results.csv", "lineItemSourcedId", "reference-dangling", 1, [9], "lineItems.csv", ""]])  # fmt: skip
    own_school.change(f"UPDATE delivery SET groups = '{groups}', counts = '{{\"result\": {{\"refused\": 1205}}}}' WHERE id = {number}")
    page = carl(f"/imports/{number}")
    assert [a.get("href") for a in page.find("a") if "".join(a.itertext()) == "Dates with slashes"] == [f"{PLACE}#slash-dates"]
    assert "enrollments.csv, beginDate: 1,204" in page.words and "lines 2, 3, 4, 5, 6 …" in page.words
    assert "lineItems.csv" in page.line("results.csv")


def test_a_refused_zip_without_a_manifest_offers_the_choice(own_school: School) -> None:
    number = write(own_school, state="refused", reason="manifest-missing")
    assert f"{PLACE}#no-manifest" in [a.get("href") for a in carl(f"/imports/{number}").find("a")]
