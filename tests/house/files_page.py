"""Writes docs/files.md from the formats' own tables: `python -m tests.house.files_page`."""

from pathlib import Path

from homeroom.formats.choices import is_optional, is_preferred
from homeroom.formats.oneroster import TABLES
from homeroom.formats.spec import Table
from homeroom.formats.versions import only_in_11

PAGE = Path(__file__).parents[2] / "docs" / "files.md"
HEAD = """# What a file may hold, and what is read of it

Homeroom reads an allow-list. A column that is not marked as read is skipped: not staged, not kept, not logged. A column that looks like a
Social Security number refuses the whole file; `password` cells are never read, and the receipt asks to stop sending them. One ZIP holds the
OneRoster 1.2 or 1.1 files at its root with `manifest.csv`, and beside them, if you have them, `attendance.csv` (Clever's columns) and `contacts.csv`.
In bulk mode a file is the whole table: what it leaves out is ended, never deleted. In delta mode each row needs status and dateLastModified, a
row that says tobedeleted needs nothing else but its key, and nothing left out is ended. In 1.1, roles are two columns of users.csv (orgSourcedIds,
role) and lineItems.csv says gradingPeriodSourcedId. What may be switched off an administrator switches off for the district under Settings: from
the next file on it is not read, and what was kept of it is emptied. This page is written from the program's own tables.

In `attendance.csv` a mark is one student, school, class (empty for the whole day) and date. The rows need no sourcedId, and a second row with the same four
is refused. The file is complete for certain days: from its first mark to the day of the export. A mark of these days that it lacks is withdrawn. Marks of
other days stay. If your file has another range, or if no mark is left on its first day, say so in manifest.csv: `attendance.firstDay,2026-08-24` and
`attendance.lastDay,2026-11-25`. The page of the file and its receipt (`days`) show the days.

An administrator can undo an import for 30 days. The next file with one of its tables is then held (`after-undo`), because it may have the same fault.
A file is also held if more than half of the rows of a table, or five rows and more than 5 %, can't be read (`rows-bad`).

Homeroom reads a score as the grade of a class if the category of its line item holds class grades. An administrator ticks these categories under
Settings, Grades. A new portal starts with six titles: Term Grade, Final Grade, Class Grade, Quarter Grade, Semester Grade and Progress Grade. Capital
letters make no difference. A score that names its class (classSourcedId in results.csv) is a class grade too, if at most half of all line items have
such scores. Every other score belongs to an assignment. A change takes effect right away, also for files that were imported before. If the school sent
no grade for the term, families read "No grade yet", or an estimate from the scores if an administrator turned estimates on.

In OneRoster, endDate is the first day after a term. Many systems send the last day of the term instead, and a file does not say which. Homeroom
keeps the date as it was sent and follows the standard: on that day the term no longer runs. A page that names the day calls it the end date in the
school's file, which is true either way. If your export has the last day, have it send the day after. The date decides which grade is the current
one, until when a tutor may read, and when a class closes to its teacher (30 days later).

Some student systems write files otherwise than the standard: dates with a time or with slashes, letters as scores in OneRoster 1.1, blank due dates, no
manifest.csv. Each is off at first. An administrator turns it on under Settings, "How files are read", and the page of a file that was held or refused
offers the one that would help. Dates with slashes are read in the order that the whole file shows. A file that shows none is held with the question.

Homeroom reads the files of one sender in the order in which they were signed. If a file is held until an administrator decides, later files wait
behind it. Homeroom reads them one by one after the decision. An export that is bulk throughout and has every file of the waiting ones does not wait.
Once it is imported, it replaces them, and they are rejected (`overtaken`).

`homeroom check --example example.zip` writes an example of every file on this page, manifest.csv included. A portal imports it without a note.
`homeroom check export.zip` says what a portal would do with your file: the same receipt, in seconds, on your own computer. With `--after yesterday.zip`
it also says what would be held. `--accept NAME` reads the file as a district does that lets this pass (`date-times`, `slash-dates`, `month-first`,
`day-first`, `letter-scores`, `blank-due-dates`, `no-manifest`). The command does not know what only a portal knows: files before yesterday's, people
who were merged, erased or given another sourcedId, answers about people, and columns that your district turned off. It uses the limits as delivered.
`--limit growth=0.3` gives one that your district changed; the portal's operator prints them with `homeroom portal limits`.
"""


def page() -> str:
    return HEAD + "".join(_section(table) for table in TABLES.values() if table.into)


def _section(table: Table) -> str:
    lines = [f"\n## {table.file}\n", "| column | required | read | what for |", "|---|---|---|---|"]
    for column in table.columns:
        required = "yes" if column.required else ""
        read = "yes, unless switched off" if is_optional(table.file, column.name) else "yes" if column.purpose else "no"
        read = "no, unless turned on" if is_preferred(table.file, column.name) else read
        lines.append(f"| {column.name} | {required} | {read} | {column.purpose.value if column.purpose else ''} |")
    lines += [f"| {column.name} | in 1.1 | yes, in 1.1 | {column.purpose} |" for column in only_in_11(table)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    PAGE.write_text(page())
