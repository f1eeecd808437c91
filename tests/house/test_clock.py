"""A day is the district's day. The server's day is another for some hours of each night."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from tests.school import School, rewrite_cast

ROOT = Path(__file__).parents[2]
SERVERS_DAY = "current_" + "date"
# A test that kills the cluster's server leaves unlogged tables empty, in the template, too.
LASTING = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relpersistence = 'p'"


def test_nothing_asks_the_server_for_its_day() -> None:
    files = [path for top in ("src", "tests", "benchmarks") for kind in ("*.py", "*.sql") for path in (ROOT / top).rglob(kind)]
    assert len(files) > 300
    assert [path.name for path in files if SERVERS_DAY in path.read_text().lower()] == []


def test_a_suite_that_passes_midnight_has_the_cast_of_the_new_day(own_school: School) -> None:
    def read() -> tuple[list[date], dict[str, int]]:
        with own_school.connect("postgres") as admin:
            tables = [name for (name,) in admin.execute(LASTING)]
            rows = {table: len(admin.execute(f"SELECT FROM {table}".encode()).fetchall()) for table in tables}
            return [day for (day,) in admin.execute("SELECT DISTINCT day FROM attendance_mark")], rows

    days, rows = read()
    assert rewrite_cast(own_school.server, own_school.database, datetime.now(UTC) + timedelta(1)) == own_school.ids
    later, others = read()
    assert later == [day + timedelta(1) for day in days]
    assert {table: (rows[table], others[table]) for table in rows if rows[table] != others[table]} == {}
