"""Finds out what a portal would do with an export, without a portal. It applies the same rules to rows in memory and makes the same receipt."""

import json
from collections.abc import Collection
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any, BinaryIO

from homeroom.formats.attendance import ATTENDANCE
from homeroom.formats.choices import PREFERRED
from homeroom.formats.manifest import read_manifest
from homeroom.formats.package import open_package
from homeroom.formats.reasons import PackageRefused
from homeroom.formats.spec import Table
from homeroom.formats.tolerances import Tolerance, tolerant
from homeroom.judging.decide import Hold, Limits, Refuse, decide
from homeroom.judging.differences import found_in
from homeroom.judging.memory import Records, Trial
from homeroom.judging.receipt import Outcome, counts_of, groups_of, held, notes_of, refused, text_of
from homeroom.judging.refusals import Refused
from homeroom.judging.staging import Tell, stage


def check(
    export: BinaryIO,
    today: date,
    let_pass: Collection[Tolerance] = (),
    before: Records | None = None,
    tell: Tell = lambda _done, _size: None,
    limits: Limits | None = None,
) -> tuple[Outcome, Records]:
    """Returns what the receipt would say, and what the portal would have afterwards. `before` is what the portal has, if it imported a file."""
    trial = Trial(today, before)
    try:
        outcome = _judged(trial, export, let_pass, tell, limits or Limits())
    except PackageRefused as odd:
        return refused(Refused.by(odd), trial.found), before or Records()
    if outcome.state != "refused" and trial.spoken_days:
        first, last = trial.spoken_days
        outcome = replace(outcome, days={ATTENDANCE.file: (first.isoformat(), last.isoformat())})
    return outcome, trial.kept_after()


def _judged(trial: Trial, export: BinaryIO, let_pass: Collection[Tolerance], tell: Tell, limits: Limits) -> Outcome:
    """Raises PackageRefused."""
    manifest = read_manifest(open_package(export), may_propose=Tolerance.NO_MANIFEST in let_pass)
    trial.found.note(*manifest.notes)
    trial.declared = manifest.days
    stage(trial, [replace(listed, table=as_delivered(listed.table, let_pass)) for listed in manifest.files], tell)
    found = found_in(trial)
    verdict = decide(found, limits)
    if isinstance(verdict, Refuse):
        return refused(Refused.by(verdict), trial.found)
    if isinstance(verdict, Hold):
        return held(verdict, counts_of(found), trial.found)
    return Outcome("imported", None, {}, counts_of(found), trial.found.rows, notes_of(trial.found), groups=groups_of(trial.found))


def as_delivered(table: Table, let_pass: Collection[Tolerance]) -> Table:
    """Leaves out preferred names, which are off until a district turns them on."""
    return tolerant(table, let_pass).without(PREFERRED.get(table.file, ()))


def receipt_of(outcome: Outcome, digest: str, at: datetime) -> dict[str, Any]:
    """Returns a receipt as a portal writes it. It names no portal, because none sent it."""
    said: dict[str, Any] = json.loads(text_of(outcome, "", digest, at.astimezone(UTC), at))
    return said
