"""Compares `homeroom check` with a portal: both must say the same of a file if only files made the portal."""

import io
from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from homeroom.formats.tolerances import Tolerance
from homeroom.judging.check import check, receipt_of
from homeroom.judging.memory import Records
from homeroom.judging.receipt import NOTE_SENTENCES
from homeroom.judging.refusals import SHARED, Late
from homeroom.seal.broken import Inside, Outside

SAID = ("state", "reason", "numbers", "sentence", "counts", "days", "groups", "rows", "notes")
# Reasons that only the portal gives, because only the sealed file shows how it was sealed, by whom and when.
OF_THE_SEAL = {*map(str, Late), *map(str, Inside), *map(str, Outside)} - SHARED
OF_THE_SEALED = {*NOTE_SENTENCES}  # notes


@dataclass(frozen=True, slots=True)
class Before:
    """Holds what the portal has, as far as a check can know it. None in `records` means that nothing was ever imported."""

    records: Records | None
    let_pass: Collection[Tolerance]


def compared(before: Before, content: bytes, today: date, receipt: dict[str, Any], *without: str) -> Records:
    """Returns what the portal has after the file. `without` names what the receipt lacks."""
    outcome, after = check(io.BytesIO(content), today, before.let_pass, before.records)
    if receipt["reason"] not in OF_THE_SEAL:
        by_check = receipt_of(outcome, "", datetime.now(UTC))
        checked, by_portal = said(by_check, *without), said(receipt, *without)
        unlike = {word: (checked[word], by_portal[word]) for word in checked if checked[word] != by_portal[word]}
        assert not unlike, f"homeroom check and the portal say: {unlike}"
    return after


def said(receipt: dict[str, Any], *without: str) -> dict[str, Any]:
    notes = [note for note in receipt["notes"] if note["reason"] not in OF_THE_SEALED]
    return {**{word: receipt[word] for word in SAID if word not in without}, "notes": notes}
