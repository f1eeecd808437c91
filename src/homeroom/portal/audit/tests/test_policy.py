"""Who can see what: the administrators' page has all rules in force, in words."""

import re

import pytest
from django.utils import translation

from homeroom.portal.access.policy import acts
from homeroom.portal.audit.policy_pages import acts_listed
from homeroom.portal.audit.policy_words import readers, tables
from tests.browser import Browser, H, Page
from tests.school import School

PATH = "/office/who-can-see-what"
ABOUT_STUDENTS = """SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname IN ('student_id', 'students') AND c.relname <> 'look_count'
    UNION SELECT polrelid::regclass::text FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%opened%'"""


def test_every_act_has_words_and_a_row() -> None:
    listed = acts_listed()
    assert [line.what for line in listed if not line.what] == [] and len(listed) == len(list(acts())) > 50 and listed[0].opens


def test_every_table_about_students_has_a_row(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        assert {table for (table,) in owner.execute(ABOUT_STUDENTS).fetchall()} <= set(tables())
    page = Browser("carl", "staff").open(PATH)
    for name in tables():
        assert name in [row.get("data-table") for row in page.find("tr")]
    assert not page.find("code"), "people read plain names, and no table's"


def readers_of(page: Page) -> dict[str, list[str]]:
    """Returns each table with its lines, one per login."""
    rows = [row for row in page.find("tr") if row.get("data-table")]
    return {row.get("data-table", ""): [line.text or "" for line in row.iter(H + "div")] for row in rows}


def test_the_rows_are_the_catalogue_s(own_school: School) -> None:
    page = Browser("carl", "staff").open(PATH)
    said = readers_of(page)
    assert not [lines for lines in said.values() for line in lines if line.startswith("Pages")]
    by_intake = f"{readers()['intake']}: every row."
    assert said["demographic"] == [by_intake]
    assert said["ledger"] == said["card"] == ["No one else."]
    assert not re.search(r"(by|of|after)_[a-z_]+", page.words.replace("former_id", "")), "a rule without words"
    own_school.change("GRANT SELECT ON demographic TO app")
    own_school.change("GRANT SELECT ON demographic TO app")
    own_school.change("CREATE POLICY demographic_read_by_anybody ON demographic FOR SELECT TO app USING (true)")
    assert readers_of(Browser("carl", "staff").open(PATH))["demographic"] == ["Pages: by_anybody.", by_intake]


@pytest.mark.parametrize(("who", "side"), [("ana", "family"), ("nina", "student"), ("bo", "staff"), ("pat", "staff"), ("vera", "staff")])
def test_it_is_the_administrators_page(school: School, who: str, side: str) -> None:
    assert Browser(who, side).open(PATH).status == 404


def test_the_office_leads_to_it(school: School) -> None:
    assert PATH in Browser("carl", "staff").open("/office/two-people").text


def test_it_speaks_spanish(school: School) -> None:
    with translation.override("es"):
        said = words_said()
    with translation.override("en"):
        assert not [key for key, words in words_said().items() if said[key] == words]


def words_said() -> dict[str, str]:
    return {**{act: str(act.words) for act in acts()}, **tables()}
