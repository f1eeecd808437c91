"""Writes docs/files.md from the tables in homeroom.formats: `python -m tests.house.files_page`."""

from pathlib import Path

from homeroom.formats.choices import is_optional, is_preferred
from homeroom.formats.lines import LARGEST_ROW
from homeroom.formats.oneroster import TABLES
from homeroom.formats.package import Limits
from homeroom.formats.spec import Column, Kind, Table
from homeroom.formats.values import FIRST_DAY, LAST_DAY
from homeroom.formats.versions import only_in_11
from homeroom.seal.envelope import LARGEST

PAGE = Path(__file__).parents[2] / "docs" / "files.md"
HEAD = """# What a file may contain, and what Homeroom reads

Homeroom reads only the columns that this page marks as read. It skips every other column: not staged, not kept, not logged. If a column looks like
Social Security numbers, Homeroom refuses the whole file. It never reads `password` cells, and the receipt asks you to stop sending them. This page is
written from the program's own tables.

Send one ZIP. It has the OneRoster 1.2 or 1.1 files at its root with `manifest.csv`. Put `attendance.csv` (Clever's columns) and `contacts.csv` next
to them if you have them. In bulk mode, a file is the whole table. Rows that it leaves out are ended, never deleted. In delta mode, each row needs
status and dateLastModified. A row that says tobedeleted otherwise needs only its key. Rows that the file leaves out are not ended. In 1.1, roles are
two columns of users.csv (orgSourcedIds, role), and lineItems.csv says gradingPeriodSourcedId.

An administrator can turn off the columns that are marked "unless switched off" for the district, under Settings. From the next file on, Homeroom
doesn't read such a column, and it empties the values that it kept.

In `attendance.csv`, a mark is one student, school, class (empty for the whole day) and date. The rows need no sourcedId. Homeroom refuses a second
row with the same four values. The file is complete for certain days: from its first mark to the day of the export. Homeroom removes a mark of these
days that the file leaves out. Marks of other days stay. If your file has another range, or if no mark is left on its first day, say so in
manifest.csv: `attendance.firstDay,2026-08-24` and `attendance.lastDay,2026-11-25`. The page of the file and its receipt (`days`) show the days.

An administrator can undo an import for 30 days. The next file with one of its tables is then put on hold (`after-undo`), because it may have the same
fault. A file is also put on hold if too many rows of a table can't be read (`rows-bad`). The limit is more than half, or at least five rows and more
than 5%.

Homeroom reads a score as the grade of a class if the category of its line item holds class grades. An administrator chooses these categories under
Settings, Grades. A new portal starts with six titles: Term Grade, Final Grade, Class Grade, Quarter Grade, Semester Grade and Progress Grade. Capital
letters make no difference. A score that names its class (classSourcedId in results.csv) is a class grade, too, if at most half of all line items have
such scores. Every other score belongs to an assignment. A change takes effect right away, also for files that were imported before. If the school
sent no grade for the term, families read "No grade yet". If an administrator turned estimates on, they read an estimate from the scores.

In OneRoster, endDate is the first day after a term. Many systems send the last day of the term instead, and a file does not say which. Homeroom keeps
the date as it was sent and follows the standard: on that day, the term is over. A page that names the day calls it the end date in the school's file,
which is true either way. If your export has the last day, change it to send the day after. The date decides which grade is current, how long a tutor
may read, and when a class closes to its teacher (30 days later).

Some student systems write files that differ from the standard. They have dates with a time or with slashes, letters as scores in OneRoster 1.1, blank
due dates, or no manifest.csv. Homeroom accepts none of these at first. An administrator turns each on under Settings, "How files are read". The page
of a file that was put on hold or refused offers the setting that would help. Homeroom reads dates with slashes in the order that the whole file
shows. If a file shows no order, it is put on hold, and an administrator is asked.

Homeroom reads the files of one sender in the order in which they were signed. If a file is on hold until an administrator decides, later files wait
behind it. Homeroom reads them one by one after the decision. An export does not wait if all of it is bulk and it has every file of the waiting ones.
Once it is imported, it replaces them, and they are rejected (`overtaken`).

`homeroom check --example example.zip` writes an example of every file on this page, manifest.csv included. A portal imports it without a note.
`homeroom check export.zip` shows what a portal would do with your file: the same receipt, in seconds, on your own computer. With `--after
yesterday.zip`, it also shows what would put the file on hold. `--accept NAME` reads the file as a district with that setting does (`date-times`,
`slash-dates`, `month-first`, `day-first`, `letter-scores`, `blank-due-dates`, `no-manifest`).

The command does not know what only a portal knows: files before yesterday's, answers about people, and columns that your district turned off. It also
doesn't know which people were merged, erased or given another sourcedId. It uses the default limits. `--limit growth=0.3` sets one that your district
changed. The portal's operator prints them with `homeroom portal limits`.
"""
LIMITS = Limits()
VALUES = f"""
A sealed file has at most {LARGEST >> 30} GiB. Its name doesn't matter. The ZIP has at most {LIMITS.members:,} files. It has no password, no other
archive, and no name that leads out of its folder. Unpacked, all files together have at most {LIMITS.total >> 30} GiB, and each at most {LIMITS.ratio} times
its packed size, or {LIMITS.ratio_floor >> 20} MiB if that is more. A row has at most {LARGEST_ROW >> 10} KiB. Homeroom checks this before it unpacks and
while it does, and unpacks nothing to a disk. No page gives out a file that a district sent.

The tables below say what a cell may have. Days and years are from {FIRST_DAY.year} to {LAST_DAY.year}. If a cell that is read has something else, the row
isn't imported, and the receipt names the row, the column and the reason.
"""
KINDS = {
    Kind.TEXT: "text", Kind.GUID: "id, 255 characters at most", Kind.GUIDS: "ids with commas between them", Kind.DATE: "day, as 2026-08-17",
    Kind.DATETIME: "time, as 2026-08-17T08:30:00Z", Kind.YEAR: "year, as 2027", Kind.GRADES: "grade levels (CEDS codes) with commas between them",
    Kind.SCALE: "pairs, as {A:90-100}",
}  # fmt: skip


def page() -> str:
    return HEAD + VALUES + "".join(_section(table) for table in TABLES.values() if table.into)


def _section(table: Table) -> str:
    spans = [f"{begin} is not after {end}.\n" for begin, end in table.spans]
    lines = [f"\n## {table.file}\n", *spans, "| column | required | read | value | what for |", "|---|---|---|---|---|"]
    for column in table.columns:
        required = "yes" if column.required else ""
        read = "yes, unless switched off" if is_optional(table.file, column.name) else "yes" if column.purpose else "no"
        read = "no, unless turned on" if is_preferred(table.file, column.name) else read
        value, purpose = (_value(column), column.purpose.value) if column.purpose else ("", "")
        lines.append(f"| {column.name} | {required} | {read} | {value} | {purpose} |")
    lines += [f"| {column.name} | in 1.1 | yes, in 1.1 | {_value(column)} | {column.purpose} |" for column in only_in_11(table)]
    return "\n".join(lines) + "\n"


def _value(column: Column) -> str:
    if column.kind is Kind.NUMBER:
        return f"number from {column.least:,.0f} to {column.most:,.0f}"
    if column.kind is Kind.WORD:
        return ", ".join(column.enum) + (", or ext: and a word" if column.is_open else "")
    return KINDS[column.kind]


if __name__ == "__main__":
    PAGE.write_text(page())
