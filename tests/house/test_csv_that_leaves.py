"""Every CSV that a person gets is written by write_table(), which lets no cell be a formula. A new writer needs a line here."""

import re
from pathlib import Path

import pytest

SRC = Path(__file__).parents[2] / "src" / "homeroom"
WRITES = re.compile(r"\bcsv\.(writer|DictWriter)\b|from csv import|text/csv|tab-separated-values|spreadsheetml|ms-excel|opendocument\.spreadsheet")
NAMES = re.compile(r"\.(csv|tsv|xlsx?|ods)[\"']")
READ = ("formats/", "judging/", "portal/intake/", "portal/roster/migrations/", "portal/membership/erasing/acts.sql")  # they name a district's files
# Files with a CSV that leaves, by the call that writes it.
LEAVE = {
    "formats/leaving.py": "plain(cell) for cell in row",
    "portal/home/views.py": "table_of(",
    "portal/privacy/download.py": "write_table(",
    "portal/incidents/letter_sheets.py": "write_table(",
}
# Files that write a district's export. Homeroom reads it, and an apostrophe would change a value.
EXPORTS = {
    "formats/example.py": "the example that a district checks its own file against, with fixed rows",
    "ops/demo/madeup/bench.py": "a made-up export for measuring",
    "ops/demo/madeup/sheets.py": "a made-up export of the demonstration",
    "ops/demo/madeup/variants.py": "the same in the forms of other systems",
    "ops/demo/own_export.py": "a copy of the district's own export for a rehearsal, as it came",
}


def writes(name: str, text: str) -> bool:
    return bool(WRITES.search(text) or (NAMES.search(text) and not name.startswith(READ)))


def test_every_csv_that_leaves_is_written_by_the_one_function() -> None:
    files = {str(path.relative_to(SRC)): path.read_text() for kind in ("py", "sql", "js", "html") for path in SRC.rglob(f"*.{kind}")}
    ours = {name: text for name, text in files.items() if "tests" not in Path(name).parts}
    assert {name for name, text in ours.items() if writes(name, text)} == {*LEAVE, *EXPORTS}
    assert {name for name, call in LEAVE.items() if call not in ours[name]} == set()
    assert "write_table(text, columns(), rows_of(actor, student))" in ours["portal/home/download.py"], "where table_of() is"


@pytest.mark.parametrize("text", [
    "csv.writer(text)", "from csv import DictWriter", 'HttpResponse(rows, content_type="text/csv")', 'packed.writestr("letters.csv", ",".join(row))',
    "(folder / 'people.tsv').write_text(rows)", 'content_type="text/tab-separated-values"',
])  # fmt: skip
def test_a_writer_is_found(text: str) -> None:
    assert writes("ops/portal/new_commands.py", text)
