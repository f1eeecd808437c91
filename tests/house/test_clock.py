"""A day is the district's day: the server's is another for some hours of each night."""

from pathlib import Path

ROOT = Path(__file__).parents[2]
SERVERS_DAY = "current_" + "date"


def test_nothing_asks_the_server_for_its_day() -> None:
    files = [path for top in ("src", "tests", "benchmarks") for kind in ("*.py", "*.sql") for path in (ROOT / top).rglob(kind)]
    assert len(files) > 300
    assert [path.name for path in files if SERVERS_DAY in path.read_text().lower()] == []
