"""Runs one import: open the sealed file, stage, decide, then apply it or put it on hold. It has a process of its own, so that
its memory is freed. If it is killed at any point, it starts again and ends the same way.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any, BinaryIO, cast
from zoneinfo import ZoneInfo

import psycopg
from psycopg import Connection

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.manifest import Manifest, read_manifest
from homeroom.formats.package import open_package
from homeroom.formats.reasons import PackageRefused
from homeroom.formats.tolerances import Tolerance
from homeroom.judging.decide import Apply, Held, Hold, Limits, LimitsOdd, Refuse, Why, decide
from homeroom.judging.found import Found
from homeroom.judging.reading import has_more_days
from homeroom.judging.receipt import Outcome, counts_of, groups_of, held, left_out, notes_of, refused, text_of
from homeroom.judging.refusals import Late, NotYet, Refused
from homeroom.portal.intake.applying.images import begin_images
from homeroom.portal.intake.applying.writing import write
from homeroom.portal.intake.deciding.change_set import write_change_set
from homeroom.portal.intake.deciding.counting import Counted, count
from homeroom.portal.intake.deciding.decisions import Decision, done
from homeroom.portal.intake.deciding.leaving_out import leave_out
from homeroom.portal.intake.delivery import (
    Delivery,
    begin,
    days_before,
    end,
    is_first,
    limits_of,
    put_receipt,
    say_why_it_waits,
    take_back,
    try_again,
)
from homeroom.portal.intake.import_sql import ImportSql
from homeroom.portal.intake.line import must_wait, note_files, undone_before
from homeroom.portal.intake.opening.arrival import Signed, check_signer, check_time, open_into
from homeroom.portal.intake.opening.frames import OpenerAway
from homeroom.portal.intake.opening.store import NoRoom, Store
from homeroom.portal.intake.people.same_person import is_answered, write_questions
from homeroom.portal.intake.reading.files import Staging
from homeroom.portal.intake.reading.switched_off import Off, as_chosen, empty, switched_off, tolerances
from homeroom.portal.intake.staging import Settled, stage
from homeroom.portal.place import Place
from homeroom.seal.broken import SealBroken
from homeroom.seal.keys import read_secrets
from homeroom.seal.sealing import sign_receipt

ONE_AT_A_TIME = 4_117_303  # the advisory lock of imports. The number has no meaning


def connect(place: Place) -> Connection[Any]:
    """Connects as intake and locks. A second import waits until the first one's session has ended. Raises OSError."""
    return made_ready(psycopg.connect(**place.conninfo("intake")))


def made_ready(connection: Connection[Any]) -> Connection[Any]:
    connection.execute("SELECT pg_advisory_lock(%s)", [ONE_AT_A_TIME])
    connection.execute("SET work_mem = '192MB'")
    connection.execute("SET temp_buffers = '32MB'")
    connection.execute("SET default_statistics_target = 10")  # for stages. Their sizes matter, and a file has dozens
    connection.commit()
    return connection


def import_file(place: Place, connection: Connection[Any], digest: str, now: datetime) -> bool:
    """Imports a file. Returns whether there was anything to do. After OpenerAway or psycopg.OperationalError, try again later."""
    delivery = begin(connection, place.folder / "inbox", digest)
    is_new = delivery.state == "arrived"
    if is_new:
        Import(place, connection, delivery, now).run()
    put_receipt(place.folder, connection, digest)
    return is_new


class Import:
    """`decision` means that an administrator approved the file. Then no limit puts it on hold."""

    def __init__(
        self, place: Place, connection: Connection[Any], delivery: Delivery, now: datetime, decision: Decision | None = None
    ) -> None:
        self.place, self.connection, self.delivery, self.now = place, connection, delivery, now
        self.decision = decision
        self.signed: Signed | None = None
        self.limits = Limits()
        self.off: Off = {}
        self.let_pass: Sequence[Tolerance] = ()
        self.findings = Found()  # of the last try. A refused file's receipt has them, too

    def run(self) -> None:
        """Ends the delivery and commits."""
        try:
            with Store() as store:
                self._open(store)
                self._end(self._import(store))
        except SealBroken as broken:
            self._refuse(Refused.by(broken))
        except PackageRefused as odd:
            self._refuse(Refused.by(odd))
        except NotYet:
            take_back(self.connection, self.delivery)
            raise
        except Refused as why:
            self._refuse(why)
        except LimitsOdd:
            say_why_it_waits(self.connection, self.delivery, Late.LIMITS_ODD)
            raise
        except (psycopg.OperationalError, OpenerAway, NoRoom):
            take_back(self.connection, self.delivery)
            raise

    def _open(self, store: Store) -> None:
        if not self.delivery.is_allowed:
            raise Refused(Late.BY_NOBODY)
        if self.decision is None:  # an approved file needs no limits
            self.limits = limits_of(self.connection)
        verdict = open_into(store, self.connection, self.place.folder, self.delivery.digest)
        self.signed = check_signer(self.connection, verdict, self.now)
        check_time(self.connection, self.signed, self.now, was_held=self.decision is not None or self.delivery.state == "held")
        if self.decision is None:  # an approval counts its own tries, and the file stays on hold if it fails
            try_again(self.connection, self.delivery)
        self.off, self.let_pass = switched_off(self.connection), tolerances(self.connection)
        empty(self.connection, self.off)

    def _import(self, store: Store) -> Outcome:
        manifest = read_manifest(open_package(cast(BinaryIO, store)), may_propose=Tolerance.NO_MANIFEST in self.let_pass)
        sql = self._begin(manifest, is_settling=self.decision is not None)
        if self.signed and must_wait(self.connection, self.delivery, self.signed, manifest):
            if self.decision:
                raise NotYet(Late.NOT_ITS_TURN)
            return held(Hold((Why(Held.BEHIND),)), {}, self.findings)
        counted = self._count(sql, manifest, store)
        verdict = self._judge(sql, counted)
        if self.decision:
            return self._apply(sql, leave_out(sql, counted, self.decision), store)
        if isinstance(verdict, Hold):
            return self._hold(sql, counted, verdict)
        if is_answered(sql, counted.settled.questions):
            return self._import_with_answers(manifest, store)
        begin_images(sql)
        return self._apply(sql, counted, store)

    def _import_with_answers(self, manifest: Manifest, store: Store) -> Outcome:
        """Starts again from the beginning, because answers decide which person the compared rows belong to."""
        self.connection.rollback()
        try:
            sql = self._begin(manifest, is_settling=True)
            counted = self._count(sql, manifest, store)
            self._judge(sql, counted)
            return self._apply(sql, counted, store)
        except NotYet as why:  # every try would fail and all later files would wait. Administrators must change an answer
            self.connection.rollback()
            sql = self._begin(manifest, is_settling=False)
            return self._hold(sql, self._count(sql, manifest, store), Hold((Why(Late(why.code)),)))

    def _begin(self, manifest: Manifest, *, is_settling: bool) -> Staging:
        """Begins a try with findings of its own. `is_settling` means that the file will be applied."""
        self.findings = Found()
        self.findings.note(*manifest.notes)
        bulk = {listed.table.stem: not listed.table.is_delta for listed in manifest.files}
        sql = Staging(
            self.connection, self.delivery.id, self._today(), is_first(self.connection),
            findings=self.findings, is_settling=is_settling, stems=frozenset(bulk), has_all_marks=bulk.get(ATTENDANCE.stem, False),
            declared=manifest.days, reads_all_marks=self._has_more_days(manifest.days[0]),
        )  # fmt: skip
        note_files(self.connection, self.delivery, manifest)
        return sql

    def _count(self, sql: Staging, manifest: Manifest, store: Store) -> Counted:
        self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # otherwise millions of checks would wait for the commit
        if sql.is_settling:
            begin_images(sql)  # staging writes sourcedIds of people
        return count(sql, stage(sql, as_chosen(manifest.files, self.off, self.let_pass), store))

    def _judge(self, sql: ImportSql, counted: Counted) -> Apply | Hold:
        """Raises Refused."""
        preview, is_rollover = _chosen(sql)
        found = replace(counted.found, undone=undone_before(self.connection, self.delivery))
        verdict = decide(found, self.limits, preview=preview, is_rollover=is_rollover)
        if isinstance(verdict, Refuse):
            raise Refused.by(verdict)
        return verdict

    def _hold(self, sql: ImportSql, counted: Counted, verdict: Hold) -> Outcome:
        placed = write_change_set(sql, counted)
        write_questions(sql, counted.settled.questions, placed.roles)
        return _with_days(held(verdict, counts_of(counted.found), self.findings), counted.settled)

    def _apply(self, sql: ImportSql, counted: Counted, store: Store) -> Outcome:
        done = {name: (each.new, each.changed, each.ended) for name, each in write(sql, counted, store).items()}
        notes = notes_of(self.findings)
        if self.decision:
            notes += left_out(self.decision.schools, self.decision.tables)
        counts = counts_of(counted.found, done)
        outcome = Outcome("imported", None, {}, counts, self.findings.rows, notes, groups=groups_of(self.findings))
        return _with_days(outcome, counted.settled)

    def _has_more_days(self, first: date | None) -> bool:
        before = days_before(self.connection)
        return has_more_days(first, before and (*before[:2], self._day(before[2])))

    def _today(self) -> date:
        if self.signed is None:
            raise ValueError("An import begins after its file's signature was read.")
        return self._day(self.signed.at)

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.place.time_zone)).date()

    def _refuse(self, why: Refused) -> None:
        self.connection.rollback()
        self._end(refused(why, self.findings))

    def _end(self, outcome: Outcome) -> None:
        if self.signed:
            notes = (*self.signed.notes, *outcome.notes)
            outcome = replace(outcome, notes=notes, signer=self.signed.signer, signed_at=self.signed.at)
        text = text_of(outcome, self.place.slug, self.delivery.digest, self.delivery.received_at, self.now)
        key = read_secrets(self.place.folder / "secrets" / "receipts.pgp")[0]
        end(self.connection, self.delivery, outcome, sign_receipt(text, key))
        if self.decision:
            done(self.connection, self.decision)
        self.connection.commit()


def _with_days(outcome: Outcome, settled: Settled) -> Outcome:
    if settled.days is None:
        return outcome
    first, last = settled.days
    return replace(outcome, days={ATTENDANCE.file: (first.isoformat(), last.isoformat())})


def _chosen(sql: ImportSql) -> tuple[bool, bool]:
    """Returns whether the district reviews every file first, and whether a rollover is announced for the day of the export."""
    during = "coalesce(%(today)s BETWEEN rollover_from AND rollover_until, false)"
    return sql.run(f"SELECT preview, {during} FROM district").fetchone() or (False, False)
