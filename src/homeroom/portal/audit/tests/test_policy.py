"""Who can see what: the page of administrators says the rules that are in force, all of them, in words."""

import re

import pytest
from django.utils import translation

from homeroom.portal.access.policy import RULES, Act
from homeroom.portal.audit.policy_pages import acts_listed
from homeroom.portal.audit.policy_words import acts, rules, tables
from tests.browser import Browser
from tests.school import School

PATH = "/office/who-can-see-what"
ABOUT_STUDENTS = """SELECT DISTINCT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attname IN ('student_id', 'students') AND c.relname <> 'look_count'
    UNION SELECT polrelid::regclass::text FROM pg_policy WHERE pg_get_expr(polqual, polrelid) LIKE '%opened%'"""


def test_every_act_has_words_and_a_row() -> None:
    assert acts().keys() == RULES.keys() == set(Act)
    assert len(acts_listed()) == len(Act) and acts_listed()[0].opens


def test_every_table_about_students_has_a_row(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        assert {table for (table,) in owner.execute(ABOUT_STUDENTS).fetchall()} <= set(tables())
    page = Browser("carl", "staff").open(PATH)
    for name in tables():
        assert name in [element.text for element in page.find("code")]


def test_the_rows_are_the_catalogue_s(own_school: School) -> None:
    page = Browser("carl", "staff").open(PATH).words
    assert "Birth dates demographic Pages: whoever looked just now, of the student the look was about." in re.sub(r"(?<=[a-z])(?=Pages|demographic)", " ", page)
    assert "Pages: nobody. Functions of the database answer what each person may have of it." in page
    assert not re.search(r"(by|of|after)_[a-z_]+", page.replace("former_id", "")), "a rule without words"
    own_school.change("CREATE POLICY demographic_read_by_anybody ON demographic FOR SELECT TO app USING (true)")
    assert "by_anybody" in Browser("carl", "staff").open(PATH).words


@pytest.mark.parametrize(("who", "side"), [("ana", "family"), ("nina", "student"), ("bo", "staff"), ("pat", "staff"), ("vera", "staff")])
def test_it_is_the_administrators_page(school: School, who: str, side: str) -> None:
    assert Browser(who, side).open(PATH).status == 404


def test_the_office_leads_to_it(school: School) -> None:
    assert PATH in Browser("carl", "staff").open("/office/two-people").text


def test_it_speaks_spanish(school: School) -> None:
    with translation.override("es"):
        said = {**acts(), **tables(), **rules()}
    with translation.override("en"):
        assert not [key for key, words in {**acts(), **tables(), **rules()}.items() if said[key] == words]
