"""The filter of a file's changes. It is a form, so a typed name is in no address."""

from urllib.parse import parse_qsl

import pytest

from homeroom.portal.intake.tests.test_decision_pages import held as held
from homeroom.portal.intake.tests.test_first_people import carl, people
from tests.browser import Browser, Page


def filtered(file: int, filter: str, query: str = "") -> Page:
    """`filter` is what the form says, written like a query."""
    return Browser("carl", "staff").post(f"/imports/{file}/changes{query}", dict(parse_qsl(filter)))


@pytest.mark.parametrize(
    ("filter", "found"),
    [("name=RUIZ", 1), ("odd=1", 1), ("kind=new", 0), ("table=result&kind=changed", 62), ("school=middle", 62), ("school=elementary", 0),
     ("name=%25", 0), ("table=result&name=zoe", 60), ("name=%00", 62)],
)  # fmt: skip
def test_a_filter_finds_who_it_should(held: int, filter: str, found: int) -> None:
    assert f"{found} found" in filtered(held, filter).words


@pytest.mark.parametrize(("query", "found"), [("odd=1", 1), ("kind=new", 0), ("after=x", 62), ("name=RUIZ", 62)])
def test_an_address_filters_by_anything_but_a_name(held: int, query: str, found: int) -> None:
    assert f"{found} found" in carl(f"/imports/{held}/changes?{query}").words


def test_no_form_of_a_held_file_puts_a_typed_name_into_an_address(held: int) -> None:
    for path in (f"/imports/{held}", f"/imports/{held}/changes"):
        assert {form.get("method") for form in carl(path).find("form")} == {"post"}, path


def test_the_next_page_of_a_filter_keeps_its_name_out_of_the_address(held: int) -> None:
    first = filtered(held, "table=result&name=zoe")
    [more] = [form.get("action", "").partition("#")[0] for form in first.find("form") if "after=" in form.get("action", "")]
    assert "table=result" in more and "zoe" not in more
    second = filtered(held, "name=zoe", more)
    assert "60 found" in second.words and [len(people(page)) for page in (first, second)] == [50, 10]


def test_every_person_is_on_one_page_of_the_list(held: int) -> None:
    query, seen = "?kind=changed", []
    while query:
        page = carl(f"/imports/{held}/changes{query}")
        seen += people(page)
        query = next((a.get("href", "").partition("#")[0] for a in page.find("a") if "after=" in a.get("href", "")), "")
    assert len(seen) == len(set(seen)) == 62
