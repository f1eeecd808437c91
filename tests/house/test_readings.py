"""Rows come from functions through `Reading`, and each Reading has the columns, the types and the arguments that the database has."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import is_dataclass
from datetime import date, datetime, time, timedelta
from importlib import import_module
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

import pytest
from django.db.models import Model

from homeroom.portal.access.reading import Reading
from tests.house.test_app_functions import OURS
from tests.school import School

type Functions = Mapping[str, tuple[list[str], dict[str, str], bool]]

SOURCE = Path(__file__).parents[2] / "src"
BY_HAND = re.compile(r"\b(?:FROM|JOIN)\s+([a-z_]+)\(")
PLAIN = {
    "uuid": UUID, "text": str, "bytea": bytes, "boolean": bool, "smallint": int, "integer": int, "bigint": int, "double precision": float,
    "date": date, "time without time zone": time, "timestamp with time zone": datetime, "interval": timedelta,
}  # fmt: skip
JSON = ("json", "jsonb")  # the catalog doesn't say what is in them

# Statements that name a function's rows and have no Reading: module and function.
OTHERS = {
    "portal/door/sessions.py begin_session": "an act",
    "portal/door/signing_in.py try_password": "an act; its password is not kept in a class's repr",
    "portal/audit/watcher.py end_overdue": "an act",
    "portal/events/forwarding.py events_due": "rows of a table, of which the SIEM gets all columns",
    "portal/audit/sealer.py entries_unlinked": "rows of a table; the chain names their columns for its hash",
    "portal/intake/reports/sending.py deliveries_told": "written into a table by the same statement",
    "portal/membership/tutors/queries.py my_say_on_consents": "asked whether it has a row",
}
# These statements run as owner or intake.
NOT_SERVING = (
    "ops", "portal/processes", "portal/access/catalogue.py", "portal/membership/restore/replays.py", "portal/intake/reading/erased.py",
    "portal/intake/reading/roles.py",
)  # fmt: skip
# Columns that only other functions read, and no page.
NOT_SHOWN = {"ledger_of": {"entry_id"}}


def modules() -> Iterator[tuple[str, str]]:
    for path in sorted(SOURCE.rglob("*.py")):
        name = path.relative_to(SOURCE / "homeroom")
        if not {"tests", "check", "migrations"} & set(name.parts):
            yield str(name), path.read_text()


for found, text in modules():
    if "= Reading(" in text:
        import_module("homeroom." + found.removesuffix(".py").replace("/", "."))


@pytest.fixture(scope="module")
def functions(school: School) -> Functions:
    """Returns argument types and columns of every function that answers with rows of its own."""
    with school.connect("owner") as owner:
        rows = owner.execute(
            f"""SELECT proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(proargtypes) t),
                ARRAY(SELECT ARRAY[name, format_type(type, NULL)] FROM unnest(proallargtypes, proargmodes, proargnames) a (type, mode, name)
                    WHERE mode IN ('t', 'o')), has_function_privilege('app', p.oid, 'EXECUTE') OR has_function_privilege('door', p.oid, 'EXECUTE')
                {OURS} AND (proretset OR proargmodes IS NOT NULL)"""
        ).fetchall()
    return {name: (arguments, dict(columns), is_served) for name, arguments, columns, is_served in rows}


def types_of(row: type) -> dict[str, Any]:
    """Returns the types of a class's fields and of the classes in it. A Django model has no types."""
    if issubclass(row, Model):
        return {}
    hints = get_type_hints(row)
    parts = [hint for hint in hints.values() if is_dataclass(hint)]
    return {name: hint for part in parts for name, hint in get_type_hints(part).items()} | hints


def innermost(hint: Any) -> Any:
    """Returns the innermost type: str for list[list[str | None]] | None."""
    if get_origin(hint) in (UnionType, Union):
        (hint,) = [each for each in get_args(hint) if each is not type(None)]
        return innermost(hint)
    return innermost(get_args(hint)[0]) if get_args(hint) else hint


def is_of(kind: str, hint: Any) -> bool:
    """Says whether a column of this type fits the field. The catalog doesn't say whether it may be NULL."""
    if kind in JSON:
        return True
    is_list = any(get_origin(each) in (list, tuple, Sequence) for each in (hint, *get_args(hint)))
    return innermost(hint) is PLAIN[kind.removesuffix("[]")] and is_list == kind.endswith("[]")


def odd_columns(reading: Reading[Any], columns: Mapping[str, str]) -> Iterator[str]:
    shown = [name for name in columns if name not in NOT_SHOWN.get(reading.function, ())]
    if sorted(shown) != sorted(reading.columns):
        yield f"{reading.function} has {shown}, and its Reading {reading.columns}"
    hints = types_of(reading.row)
    by_place = [*hints.values()] if len(hints) == len(reading.columns) else []
    for place, name in enumerate(reading.columns):
        hint = hints.get(name, by_place[place] if by_place else None)
        if hint is not None and name in columns and not is_of(columns[name], hint):
            yield f"{reading.function}: {name} is {columns[name]}, and in {reading.row.__name__} {hint}"


def test_each_reading_has_the_columns_and_the_arguments_of_its_function(functions: Functions) -> None:
    assert len(Reading.all) > 100
    odd = []
    for reading in Reading.all:
        arguments, columns, _is_served = functions[reading.function]
        given = [kind.replace("timestamptz", "timestamp with time zone") for kind in reading.arguments.values()]
        odd += [*odd_columns(reading, columns), *([f"{reading.function}{given}, and {arguments}"] if given != arguments else [])]
    assert odd == []


def test_every_function_of_rows_that_a_page_may_call_has_its_reading(functions: Functions) -> None:
    served = {name for name, (_arguments, _columns, is_served) in functions.items() if is_served}
    others = {statement.split()[1] for statement in OTHERS}
    assert served - {reading.function for reading in Reading.all} - others == set()


def test_no_other_statement_names_the_rows_of_a_function(functions: Functions) -> None:
    by_hand = {
        f"{name} {function}"
        for name, text in modules()
        if not name.startswith(NOT_SERVING)
        for function in BY_HAND.findall(text)
        if function in functions
    }
    assert by_hand == set(OTHERS)


def test_a_column_that_differs_is_noticed() -> None:
    reading = next(each for each in Reading.all if each.function == "my_checks")
    columns = {"uuid": "uuid", "child_name": "text", "is_closed": "boolean", "is_open": "boolean", "state": "text"}
    assert [*odd_columns(reading, columns)] == []
    assert [*odd_columns(reading, columns | {"state": "smallint"})] != []
    assert [*odd_columns(reading, columns | {"state": "text[]"})] != []
    assert [*odd_columns(reading, columns | {"more": "text"})] != []
