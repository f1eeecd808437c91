"""The reasons to refuse a whole file, from every source: one code, one sentence and numbers, and never a value about a person."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from homeroom.formats.reasons import SENTENCES as FORMAT_SENTENCES
from homeroom.formats.reasons import PackageRefused
from homeroom.formats.reasons import Reason as FormatReason
from homeroom.judging.decide import Held, Refuse
from homeroom.seal.broken import SENTENCES as SEAL_SENTENCES
from homeroom.seal.broken import Inside, Outside, SealBroken, reason_of


class Late(StrEnum):
    """Faults in when and by whom a file was signed, and faults of Homeroom."""

    AHEAD = "signed-ahead"
    LONG_AGO = "signed-long-ago"
    OLDER = "older-than-last"
    REPEATED = "repeated"
    FAILED = "import-failed"
    BY_NOBODY = "sent-by-nobody"
    LIMITS_ODD = "limits-odd"
    NOT_CARRIED_OUT = "not-carried-out"
    DECIDED = "decided-already"
    REJECTED = "rejected"
    UNDONE = "undone"
    OVERTAKEN = "overtaken"
    UNDO_TOO_LATE = "undo-too-late"
    UNDO_NEWER_FIRST = "undo-newer-first"
    UNDO_WRITTEN_SINCE = "undo-written-since"
    UNDO_RESTED_ON = "undo-rested-on"
    UNDO_UPGRADED = "undo-upgraded"
    QUESTIONS = "questions-open"
    TWICE = "answered-twice"
    ANSWERED_ABOUT = "answered-about"
    NOT_ITS_TURN = "not-its-turn"


SENTENCES: dict[str, str] = {
    Late.AHEAD: "The file was signed more than 10 minutes ahead of now. Set the clock of the computer that signs.",
    Late.LONG_AGO: "The file was signed more than 7 days ago. Export and seal it again.",
    Late.OLDER: "A later export of the same sender is already imported. Nothing was changed; send a new export.",
    Late.REPEATED: "This export, or another one signed in the same second, is already imported. Nothing was changed; send a new "
    "export.",
    Late.FAILED: "The import stopped several times because of a fault in Homeroom. Nothing was changed. Contact the portal's host. Seal the "
                 "export again, then send the new file.",
    Late.BY_NOBODY: "The file came through the browser, but no administrator sent it. Nothing was changed. Seal the export again, sign in and "
                    "send it.",
    Late.LIMITS_ODD: "A limit set for this portal can't be read. The file waits, and nothing was changed. The portal's host can fix the limit "
                     "with `homeroom portal limits`. Homeroom then reads the file automatically.",
    Late.NOT_CARRIED_OUT: "It stopped because of a fault in Homeroom. This decision changed nothing. Contact the portal's host, then decide "
                          "again.",
    Late.DECIDED: "Someone else decided first. This decision changed nothing.",
    Late.REJECTED: "An administrator reviewed the file and rejected it. Nothing was changed.",
    Late.UNDONE: "An administrator undid the import. Every row is as it was before.",
    Late.OVERTAKEN: "The file was on hold, and a later file was imported before anyone decided. Homeroom used nothing from it.",
    Late.UNDO_TOO_LATE: "An import can be undone for 30 days, unless a record was erased since. Nothing was changed. Correct the rows in your "
                        "own system and send a new export.",
    Late.UNDO_NEWER_FIRST: "A later import depends on this one. Nothing was changed. Undo the later import first.",
    Late.UNDO_WRITTEN_SINCE: "Someone has since changed rows from this import, and that work would be lost. Nothing was changed. Send a "
                             "corrected export instead.",
    Late.UNDO_RESTED_ON: "An account, someone's access or a role depends on rows from this import. Nothing was changed. Send a corrected "
                         "export instead.",
    Late.UNDO_UPGRADED: "The portal has been upgraded, and this import's changes are now stored differently. Nothing was changed. Send a "
                        "corrected export instead.",
    Late.QUESTIONS: "The file has open questions about people, so it stays on hold. Answer them, then approve it.",
    Late.TWICE: "Two answers conflict about which records are one person. The file stays on hold. Check the answers about people again.",
    Late.ANSWERED_ABOUT: "You left out a person whose question was answered. Nothing was changed, and the file stays on hold. Leave out less, "
                         "or withdraw the answer.",
    Late.NOT_ITS_TURN: "An earlier file from this sender is on hold, and this one builds on it. Nothing was changed. Decide about the earlier file "
    "first.",
    Held.NO_STUDENTS: "Homeroom couldn't read any student in the export. Nothing was changed. Check the listed rows and that each student has "
                      "a role. Then send the export again.",
}

# Reasons that hold a file. The receipt and the page add that nothing has changed yet.
HOLDS: dict[str, str] = {
    Held.SCHOOL_EMPTY: "The school {school} would have no students left, of {before}.",
    Held.PEOPLE_LEAVE: "{share} of the {kind} at {school} would leave: {count} of {of}. The limit is {limit}. A cut-off export looks like this.",
    Held.ROWS_LEAVE: "{share} of the rows for {table} would end: {count} of {of}. The limit is {limit}. A cut-off export looks like this.",
    Held.GROWTH: "{count} rows would be added to {of} of {table}: more than {limit}.",
    Held.NAMES_CHANGE: "{count} of {of} people would have another name: more than {limit}. A column may have "
    "shifted.",
    Held.BIRTH_DATES_CHANGE: "{count} of {of} people would have another birth date: more than {limit}. A column "
    "may have shifted.",
    Held.EMAILS_CHANGE: "{count} of {of} people would have another email address: more than {limit}. A column may have shifted.",
    Held.VALUES_LEAVE: "{count} of {of} rows of {table} would lose this field: {what}. The limit is {limit}. A column may be missing or "
                       "blank.",
    Held.VALUES_CHANGE: "{count} of {of} rows of {table} would change in this field: {what}. The limit is {limit}. Columns may be in the "
                        "wrong order.",
    Held.ROWS_BAD: "{count} of {of} rows for {table} cannot be read: more than {limit}. The rows are "
    "listed.",
    Held.OTHER_PERSON: "sourcedIds with another name and another birth date than before: {count}. They may have been "
    "given to other people.",
    Held.CAME_BACK: "New sourcedIds with the name and birth date of a person who just left: {count}. They may be the same people.",
    Held.DATE_ORDER: "Dates such as 3/4/2026 can be read in two ways, and these files do not show which: {files}. Choose the order on the page "
    "“How files are read” in Settings. If you approve the file, the month is read first.",
    Held.AGAIN: "The district changed how its files are read. Homeroom reads this file again within a minute.",
    Held.AFTER_UNDO: "An earlier import of the same tables was undone. This file may bring its fault back. Check what the file would change before "
    "you approve it.",
    Held.BEHIND: "An earlier file from this sender is on hold, and this one waits behind it. Homeroom reads it after an administrator decides "
    "about the earlier file. A bulk export of all files replaces both.",
    Held.PREVIEW: "The district reviews every file before it is applied.",
}


class Refused(Exception):
    """The file is refused, and nothing in it is kept."""

    def __init__(
        self, code: str, numbers: Mapping[str, Any] | None = None, file: str | None = None, column: str | None = None
    ) -> None:
        super().__init__(code)
        self.code, self.numbers = code, dict(numbers or {})
        if file:
            self.numbers["file"] = file
        if column:
            self.numbers["column"] = column

    @classmethod
    def by(cls, cause: SealBroken | PackageRefused | Refuse) -> "Refused":
        if isinstance(cause, PackageRefused):
            return cls(cause.reason, file=cause.file, column=cause.column)
        if isinstance(cause, Refuse):
            return cls(cause.why.reason, cause.why.numbers)
        return cls(cause.reason)


class NotYet(Refused):
    """The decision can't be carried out now. The file stays as it was."""


SHARES = ("limit", "share")
PLAIN = {"agent": "contact", "student": "students"}  # tables and kinds of people as the sentences name them


def readable(numbers: Mapping[str, Any]) -> dict[str, Any]:
    """Shows shares in percent, as exactly as a district sets a limit: 0.5% and not 0%. Separates thousands by commas."""
    if numbers.get("of") and "count" in numbers:
        numbers = {**numbers, "share": numbers["count"] / numbers["of"]}
    return {word: _readable(word, number) for word, number in numbers.items()}


def _readable(word: str, value: Any) -> Any:
    if word in SHARES:
        return f"{value * 100:.3g}%"
    if word in ("table", "kind"):
        return PLAIN.get(value, value)
    return f"{value:,}" if isinstance(value, int) else value


def sentence(code: str, numbers: Mapping[str, Any]) -> str:
    """Returns the English sentence for the receipt. Pages translate by code. Raises ValueError for an unknown code."""
    if code in SENTENCES or code in HOLDS:
        return {**SENTENCES, **HOLDS}[code].format_map(readable(numbers))
    where = ", ".join(str(numbers[word]) for word in ("file", "column") if word in numbers)
    said = FORMAT_SENTENCES[FormatReason(code)] if code in set(FormatReason) else SEAL_SENTENCES[reason_of(code)]
    return f"{where}: {said}" if where else said


# Codes must distinguish formats' reasons from the seal's. "empty" is in both and means the same.
SHARED = {"empty"}
if ({*map(str, FormatReason)} & {*map(str, Inside), *map(str, Outside)}) - SHARED:
    raise AssertionError("A code of a refusal stands for two reasons.")
