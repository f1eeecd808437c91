"""Carl puts every file on hold until an administrator has viewed its changes. No one else can."""

import pytest

from homeroom.portal.intake.tests.export import Export
from homeroom.portal.intake.tests.lincoln import Lincoln
from homeroom.portal.intake.tests.office import asked_by
from homeroom.portal.membership.choices.words import choice_said
from homeroom.portal.membership.tests.acting import appoint, ask
from tests.browser import Browser, Page, numbers
from tests.school import School

PLACE = "/settings/review"
CHOOSE = "SELECT change_setting('preview', 'false', 'true')"


def carl(path: str = PLACE, language: str = "en") -> Page:
    return Browser("carl", "staff", language).open(path)


def post(path: str, who: str = "carl", **values: str) -> Page:
    return Browser(who, "staff").post(f"{PLACE}/{path}", values)


def waits(school: School) -> bool:
    with school.connect("owner") as owner:
        return owner.execute("SELECT preview FROM district").fetchone() == (True,)


def test_carl_switches_it_on_and_off_after_a_preview(own_school: School) -> None:
    assert carl().lead == f"{choice_said('preview', 'false')}."
    page = post("preview", becomes="true")
    assert numbers(page.part("choice")) == ["1", "1"] and not waits(own_school)
    assert post("choice", was="false", becomes="true").headers["Location"] == f"{PLACE}?then=kept" and waits(own_school)
    words = carl(f"{PLACE}?then=kept").words
    assert f"Carl Webb. Before: {choice_said('preview', 'false')}" in words
    assert choice_said("preview", "true") in carl("/settings").linked(PLACE)
    assert "stays on hold" in post("preview", becomes="false").words
    assert post("choice", was="true", becomes="false").status == 302 and not waits(own_school)


def test_the_next_file_waits(office: Lincoln, export: Export) -> None:
    with asked_by(office, "carl", "staff") as app:
        assert app.execute(CHOOSE).fetchone() == ("kept",)
    export.row("users", "leo")["familyName"] = "Ruiz-Castillo"
    receipt = office.send(export)
    assert (receipt["state"], receipt["reason"]) == ("held", "preview")


def test_a_choice_that_is_none_the_same_or_too_late_changes_nothing(own_school: School) -> None:
    for was, becomes, status in (("false", "perhaps", 422), ("false", "false", 422), ("true", "false", 409)):
        assert post("choice", was=was, becomes=becomes).status == status
    assert [post("preview", becomes=word).status for word in ("perhaps", "false")] == [422, 422]
    assert not waits(own_school)


@pytest.mark.parametrize(("who", "side"), [("bo", "staff"), ("rosa", "staff"), ("ana", "family"), ("nina", "student")])
def test_the_settings_page_does_not_exist_for_anyone_but_an_administrator(own_school: School, who: str, side: str) -> None:
    for path in ("", "/preview", "/choice"):
        assert Browser(who, side).open(PLACE + path).status == 404
        assert not path or Browser(who, side).post(PLACE + path, {"was": "false", "becomes": "true"}).status == 404
    assert ask(own_school, who, CHOOSE, side=side) == "" and not waits(own_school)


def test_an_administrator_of_one_school_reads_it_and_changes_nothing(own_school: School) -> None:
    appoint(own_school, "pat", at="middle")
    page = Browser("pat", "staff").open(PLACE)
    assert page.status == 200 and not [form for form in page.find("form") if "review" in str(form.get("action"))]
    assert [post(path, "pat", was="false", becomes="true").status for path in ("preview", "choice")] == [404, 404]
    assert not waits(own_school)


def test_the_page_speaks_spanish(school: School) -> None:
    assert carl(language="es").heading.startswith("Revisión")
