"""Tests which logins have rights on tables about people, and which code queries them. Compares the inventory with the catalog, and checks the portal's
modules.
"""

import ast
from pathlib import Path

import pytest

from homeroom.portal.access.protect import ROOMS, SERVING
from tests.house.test_inventory import INVENTORY
from tests.school import School

# intake loads files by COPY, which can't use a function, and it serves no page. dump and owner don't serve pages.
FUNCTIONS_ALONE = [login for login in SERVING if login != "intake"]
HELD = """SELECT c.relname::text FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm')
    AND (has_table_privilege(%(login)s, c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER, MAINTAIN')
        OR has_any_column_privilege(%(login)s, c.oid, 'SELECT, INSERT, UPDATE, REFERENCES'))"""
MANAGERS = {"objects", "_default_manager", "_base_manager"}


@pytest.mark.parametrize("login", FUNCTIONS_ALONE)
def test_a_login_that_is_bound_by_functions_holds_no_table_about_people(school: School, login: str) -> None:
    with school.connect("owner") as owner:
        held = {name for (name,) in owner.execute(HELD, {"login": login})}
    assert held & set(INVENTORY) == set()
    assert all(name.startswith("procrastinate_") for name in held - {"district", "report", "ledger_link"})  # the queue of jobs, and nothing personal


def test_intake_is_the_control(school: School) -> None:
    with school.connect("owner") as owner:
        assert {"person", "result"} <= {name for (name,) in owner.execute(HELD, {"login": "intake"})} & set(INVENTORY)


def test_no_module_of_the_portal_asks_a_model_for_rows() -> None:
    """All code that runs as app or door is under portal. The operator's commands (homeroom.ops), migrations and tests run as owner and may do it."""
    asked = [f"{path.relative_to(ROOMS)}:{line}" for path in modules() for line in asks(path.read_text())]
    assert asked == []


def modules() -> list[Path]:
    return [path for path in ROOMS.rglob("*.py") if not {"tests", "migrations"} & set(path.relative_to(ROOMS).parts)]


def asks(text: str) -> list[int]:
    return [node.lineno for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute) and node.attr in MANAGERS]


def test_a_module_that_asks_one_would_be_found() -> None:
    assert len(modules()) > 200
    assert asks("from x import Account\n\nAccount.objects.get(id=1)\n") == [3]
