"""Whole tables and changes in any order. After each package every table has what a plain dictionary has."""

from collections.abc import Callable, Mapping

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from homeroom.formats.keys import key_of
from homeroom.portal.intake.tests.deltas import CHANGED, ended
from homeroom.portal.intake.tests.export import Export, Row
from homeroom.portal.intake.tests.lincoln import Lincoln

KEYS = [f"x{number}" for number in range(6)]
type Held = dict[str, str]
type Changes = dict[str, str | None]  # None means ended
type Package = dict[str, tuple[str, Changes]]  # stem → bulk or delta, and its rows
NO_LIMITS = '{"people_leave": 1, "rows_leave": 1, "growth": 1, "changed": 1, "rows_bad": 1, "few": 100000}'


def _result(key: str, value: str) -> Row:
    return {"sourcedId": key, "lineItemSourcedId": "algebra-quiz", "studentSourcedId": "nina", "scoreStatus": "fully graded",
            "score": value, "scoreDate": "2026-10-06"}  # fmt: skip


def _seat(key: str, value: str) -> Row:
    return {"sourcedId": key, "classSourcedId": "english", "schoolSourcedId": "middle", "userSourcedId": "dee", "role": "aide",
            "beginDate": f"2026-09-0{value}"}  # fmt: skip


def _user(key: str, value: str) -> Row:
    return {"sourcedId": key, "enabledUser": "true", "username": key, "givenName": value, "familyName": "Reed"}


ROWS: Mapping[str, tuple[Callable[[str, str], Row], str]] = {
    "results": (_result, "SELECT id::text, score::int::text FROM result"),
    "enrollments": (_seat, "SELECT key::text, extract(day FROM begin_date)::int::text FROM enrollment"),
    "categories": (lambda key, value: {"sourcedId": key, "title": value}, "SELECT sourced_id, title FROM category"),
    "users": (_user, "SELECT sourced_id, given_name FROM person"),
}
KEYED = {"results": "result", "enrollments": "enrollment"}

values = st.sampled_from("1234")
whole = st.tuples(st.just("bulk"), st.dictionaries(st.sampled_from(KEYS), values))
changes = st.tuples(st.just("delta"), st.dictionaries(st.sampled_from(KEYS), st.none() | values, min_size=1))
package = st.dictionaries(st.sampled_from(list(ROWS)), whole | changes, min_size=1)


def sent(export: Export, told: Package) -> Export:
    made = export.copy()
    made.tables = {}
    for stem, (mode, rows) in told.items():
        row = ROWS[stem][0]
        if mode == "bulk":
            made.tables[stem] = [*export.tables[stem], *(row(key, value or "") for key, value in rows.items())]
        else:
            each = [row(key, value) if value else ended(key) for key, value in rows.items()]
            made.tables[stem] = [{"status": "active", "dateLastModified": CHANGED, **cells} for cells in each]
            made.manifest[f"file.{stem}"] = "delta"
    return made


def after(held: dict[str, Held], told: Package) -> None:
    for stem, (mode, rows) in told.items():
        before = {} if mode == "bulk" else held[stem]
        held[stem] = {key: value for key, value in {**before, **rows}.items() if value is not None}


def there(portal: Lincoln, stem: str) -> Held:
    """Returns the portal's current rows with these keys."""
    names = {str(key_of(KEYED[stem], key)) if stem in KEYED else key: key for key in KEYS}
    with portal.connect() as owner:
        rows = owner.execute(f"{ROWS[stem][1]} WHERE ended_at IS NULL").fetchall()  # type: ignore[arg-type]
    return {names[key]: value for key, value in rows if key in names}


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(nights=st.lists(package, min_size=3, max_size=7))
def test_after_each_package_every_table_is_as_the_model_says(settled: Lincoln, export: Export, nights: list[Package]) -> None:
    with settled.connect() as owner:
        owner.execute("UPDATE district SET limits = %s", [NO_LIMITS])
    held: dict[str, Held] = {stem: {} for stem in ROWS}
    first: Package = {stem: ("bulk", {}) for stem in ROWS}
    for told in [first, *nights]:
        receipt = settled.send(sent(export, told))
        assert receipt["state"] == "imported", receipt["sentence"]
        assert receipt["rows"] == []
        after(held, told)
        assert {stem: there(settled, stem) for stem in ROWS} == held
    for table, stem in (("result", "results"), ("enrollment", "enrollments"), ("category", "categories"), ("person", "users")):
        current = settled.ask(f"SELECT count(*) FROM {table} WHERE ended_at IS NULL")
        assert current == len(export.tables[stem]) + len(held[stem])
