"""Writes a counted export: each file's rows, what they imply, the hashes for the next file and the access log entry."""

from homeroom.judging.shapes import PERSON, ROLE, SECTION
from homeroom.portal.intake.applying import beside
from homeroom.portal.intake.applying.row_hashes import write_hashes
from homeroom.portal.intake.applying.tables import Written, apply
from homeroom.portal.intake.deciding.change_set import name_newcomers
from homeroom.portal.intake.deciding.counting import Counted
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.opening.store import Store
from homeroom.portal.intake.people import answering


def write(sql: ImportSql, counted: Counted, store: Store) -> dict[str, Written]:
    settled, done = counted.settled, dict[str, Written]()
    for read in settled.files:
        name = read.shape.name or read.shape.table
        done[name] = apply(sql, read, counted.found.tables[name])
        if read.shape is SECTION:
            beside.write_section_terms(sql, settled.terms)
        if read.shape is PERSON:
            beside.write_contact_details(sql)
        if read.shape is ROLE and read.is_delta and settled.roles:
            beside.write_people_of_roles(sql, settled.roles)
        write_hashes(sql, settled, read, store)
    beside.mark_grades(sql, settled.files)
    beside.write_ledger(sql)
    if not sql.is_first and any(name in done and done[name].ended for name in ("person", "role")):
        sql.run("SELECT close_staff_accounts(%(delivery)s)")  # takes 40 ms with 6,000 staff accounts, and on most nights no one's role ends
    if settled.is_settling:
        answering.finish(sql, settled.questions)
    name_newcomers(sql)
    sql.run("SELECT name_news_again(%(delivery)s)")  # news may name a student who is new
    return done
