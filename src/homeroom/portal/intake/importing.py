"""Runs one import: open the sealed file, stage, decide, then apply it or put it on hold. It has a process of its own, so that
its memory is freed. If it is killed at any point, it starts again and ends the same way.
"""

from collections.abc import Mapping, Sequence
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
from homeroom.judging.decide import Found, Held, Hold, Limits, LimitsOdd, Refuse, Why, decide
from homeroom.judging.reading import has_more_days
from homeroom.judging.receipt import Outcome, counts_of, groups_of, held, left_out, notes_of, refused, text_of
from homeroom.judging.refusals import Late, NotYet, Refused
from homeroom.judging.shapes import PERSON, ROLE, SECTION
from homeroom.portal.intake import answering, beside, same_person
from homeroom.portal.intake.applying import Written, apply
from homeroom.portal.intake.arrival import Signed, check_signer, check_time, open_into
from homeroom.portal.intake.change_set import name_newcomers, write_change_set
from homeroom.portal.intake.counting import count
from homeroom.portal.intake.deciding import Decision, done
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
from homeroom.portal.intake.fingerprint import write_fingerprint
from homeroom.portal.intake.images import begin_images
from homeroom.portal.intake.leaving_out import leave_out
from homeroom.portal.intake.line import must_wait, note_files, undone_before
from homeroom.portal.intake.night import Night
from homeroom.portal.intake.opening_frames import OpenerAway
from homeroom.portal.intake.reading import Read
from homeroom.portal.intake.sidecar import write_sidecar
from homeroom.portal.intake.staging import stage
from homeroom.portal.intake.stale import clear_stale, note_stale
from homeroom.portal.intake.store import NoRoom, Store
from homeroom.portal.intake.switched_off import Off, as_chosen, empty, switched_off, tolerances
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
        self.night = Night(connection, delivery.id, now, now.date())

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
        self._begin_night(is_settling=self.decision is not None)

    def _begin_night(self, *, is_settling: bool) -> None:
        if self.signed is None:
            raise ValueError("A night begins with a file whose signature was read.")
        self.night = Night(self.connection, self.delivery.id, self.signed.at, self._day(self.signed.at))
        self.night.is_first = is_first(self.night)
        self.night.is_settling = is_settling

    def _import(self, store: Store, hindered: Late | None = None) -> Outcome:
        """`hindered` is why answers could not be carried out with the file."""
        manifest = read_manifest(open_package(cast(BinaryIO, store)), may_propose=Tolerance.NO_MANIFEST in self.let_pass)
        self._note(manifest)
        if self.signed and must_wait(self.connection, self.delivery, self.signed, manifest):
            if self.decision:
                raise NotYet(Late.NOT_ITS_TURN)
            return held(Hold((Why(Held.BEHIND),)), {}, self.night.found)
        self.connection.execute("SET CONSTRAINTS ALL IMMEDIATE")  # otherwise millions of checks would wait for the commit
        if self.night.is_settling:
            begin_images(self.night)  # staging writes sourcedIds of people
        reads = stage(self.night, as_chosen(manifest.files, self.off, self.let_pass), store)
        found = count(self.night, reads)
        preview, is_rollover = _chosen(self.night)
        found = replace(found, undone=undone_before(self.connection, self.delivery), unordered=self.night.found.unordered)
        verdict = Hold((Why(hindered),)) if hindered else decide(found, self.limits, preview=preview, is_rollover=is_rollover)
        if isinstance(verdict, Refuse):
            raise Refused.by(verdict)
        if isinstance(verdict, Hold) and not self.night.is_settling:
            write_change_set(self.night, reads)
            same_person.write_questions(self.night)
            return held(verdict, counts_of(found), self.night.found)
        if same_person.is_answered(self.night) and not self.night.is_settling:
            return self._import_settled(store)
        if not self.night.is_settling:
            begin_images(self.night)
        if self.decision:
            found = leave_out(self.night, reads, found, self.decision)
        written_rows = write(self.night, reads, found, store)
        return self._outcome(counts_of(found, {name: (each.new, each.changed, each.ended) for name, each in written_rows.items()}))

    def _note(self, manifest: Manifest) -> None:
        self.night.found.note(*manifest.notes)
        self.night.declared, self.night.reads_all_marks = manifest.days, self._has_more_days(manifest.days[0])
        note_files(self.connection, self.delivery, manifest)

    def _has_more_days(self, first: date | None) -> bool:
        before = days_before(self.connection)
        return has_more_days(first, before and (*before[:2], self._day(before[2])))

    def _day(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.place.time_zone)).date()

    def _import_settled(self, store: Store) -> Outcome:
        """Starts again from the beginning, because answers decide which person the compared rows belong to."""
        self.connection.rollback()
        self._begin_night(is_settling=True)
        try:
            return self._import(store)
        except NotYet as why:  # every try would fail and all later files would wait. Administrators must change an answer
            self.connection.rollback()
            self._begin_night(is_settling=False)
            return self._import(store, Late(why.code))

    def _outcome(self, counts: Mapping[str, Mapping[str, int]]) -> Outcome:
        notes = notes_of(self.night.found)
        if self.decision:
            notes += left_out(self.decision.schools, self.decision.tables)
        return Outcome("imported", None, {}, counts, self.night.found.rows, notes, groups=groups_of(self.night.found))

    def _refuse(self, why: Refused) -> None:
        self.connection.rollback()
        self._end(refused(why, self.night.found))

    def _end(self, outcome: Outcome) -> None:
        if self.signed:
            notes = (*self.signed.notes, *outcome.notes)
            outcome = replace(outcome, notes=notes, signer=self.signed.signer, signed_at=self.signed.at)
        if outcome.state != "refused" and self.night.spoken_days:
            first, last = self.night.spoken_days
            outcome = replace(outcome, days={ATTENDANCE.file: (first.isoformat(), last.isoformat())})
        text = text_of(outcome, self.place.slug, self.delivery.digest, self.delivery.received_at, self.now)
        key = read_secrets(self.place.folder / "secrets" / "receipts.pgp")[0]
        end(self.connection, self.delivery, outcome, sign_receipt(text, key))
        if self.decision:
            done(self.connection, self.decision)
        self.connection.commit()


def write(night: Night, reads: Sequence[Read], found: Found, store: Store) -> dict[str, Written]:
    done: dict[str, Written] = {}
    for read in reads:
        name = read.shape.name or read.shape.table
        done[name] = apply(night, read, found.tables[name])
        if read.shape is SECTION:
            beside.write_section_terms(night)
        if read.shape is PERSON:
            beside.write_contact_details(night)
        if read.shape is ROLE and read.is_delta and not night.keeps_roles:
            beside.write_people_of_roles(night)
        _write_hashes(night, read, store)
    beside.mark_grades(night, reads)
    beside.write_ledger(night)
    if not night.is_first and any(name in done and done[name].ended for name in ("person", "role")):
        night.run("SELECT close_staff_accounts(%(delivery)s)")  # takes 40 ms with 6,000 staff accounts, and on most nights no one's role ends
    if night.is_settling:
        answering.finish(night)
    name_newcomers(night)
    return done


def _write_hashes(night: Night, read: Read, store: Store) -> None:
    """Writes the hashes that the next file is compared with."""
    if read.is_delta:
        note_stale(night, read.shape, read.file)
    elif read.shape.is_big:
        gone = read.difference.gone if read.difference else None
        write_sidecar(night, read.shape, read.file, read.scheme, gone, store)
        clear_stale(night, read.file, read.stale)
    elif read.fingerprint and read.shape is not SECTION:  # classes are read every night
        write_fingerprint(night, read.file, read.scheme, read.fingerprint)


def _chosen(night: Night) -> tuple[bool, bool]:
    """Returns whether the district reviews every file first, and whether a rollover is announced for the day of the export."""
    during = "coalesce(%(today)s BETWEEN rollover_from AND rollover_until, false)"
    return night.run(f"SELECT preview, {during} FROM district").fetchone() or (False, False)
