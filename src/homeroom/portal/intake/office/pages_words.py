"""Translates the receipts' sentences into the reader's language, and names tables in plain words."""

from collections.abc import Mapping
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.formats.reasons import SENTENCES as OF_FORMATS
from homeroom.judging.decide import Held
from homeroom.judging.receipt import NOTE_SENTENCES, parts_of
from homeroom.judging.refusals import HOLDS, readable
from homeroom.judging.refusals import SENTENCES as OF_REFUSALS
from homeroom.portal.intake.office.field_words import field
from homeroom.seal.broken import SENTENCES as OF_SEAL

OF_INTAKE = {**OF_REFUSALS, **HOLDS}

# By code. The English is where the reason is defined. The Spanish is in this room's locale, under the whole sentence.
SENTENCES: dict[str, str] = {
    **{str(reason): words for reason, words in OF_SEAL.items()},
    **{str(reason): words for reason, words in OF_FORMATS.items()},
    **{str(reason): words for reason, words in OF_INTAKE.items()},
    **NOTE_SENTENCES,
}


def sentence(code: str, numbers: Mapping[str, Any]) -> str:
    """Says why a file or a row was refused, or what was noted. A code that only another release knows is shown as it is."""
    try:
        said = translation.gettext(SENTENCES[code])
        said = said.format_map(_named(numbers)) if code in OF_INTAKE else said
    except LookupError:  # written by another release, with a code or numbers that are not known here
        return _("The reason is “%(code)s”, which this page does not know.") % {"code": code}
    where = ", ".join(str(numbers[word]) for word in ("file", "column") if numbers.get(word))
    return f"{where}: {said}" if where else said


def _named(numbers: Mapping[str, Any]) -> dict[str, Any]:
    named = readable(numbers)
    if "table" in named:
        named["table"] = table(str(named["table"])).lower()
    if "what" in named:  # receipts write a column's name with spaces
        named["what"] = field(str(named["what"]).replace(" ", "_")).replace("_", " ").lower()
    if "kind" in named:
        named["kind"] = {"students": _("students"), "staff": _("staff")}.get(str(named["kind"]), named["kind"])
    return named


def note(said: str) -> str:
    """Translates a delivery's note. It has code, file and column, separated by spaces, and the number of rows."""
    code, where, rows = parts_of(said)
    words = sentence(code, {}) if rows is None else f"{sentence(code, {})} {rows_in_words(rows)}"
    return f"{where.replace(' ', ', ', 1)}: {words}" if where else words


def rows_in_words(rows: int) -> str:
    return ngettext("%(n)s row.", "%(n)s rows.", rows) % {"n": f"{rows:,}"}


def table(name: str) -> str:
    return tables().get(name, name)


def tables() -> dict[str, str]:
    """Returns tables in reading order, because JSON in the database keeps no order."""
    return {
        "school": _("Schools"),
        "term": _("Terms"),
        "course": _("Courses"),
        "section": _("Classes"),
        "person": _("People"),
        "contact_detail": _("Email and phones"),
        "role": _("Roles at schools"),
        "demographic": _("Birth dates"),
        "enrollment": _("Class enrollments"),
        "category": _("Kinds of work"),
        "line_item": _("Assignments"),
        "result": _("Scores"),
        "score_scale": _("Score scales"),
        "line_item_score_scale": _("Score scales of assignments"),
        "result_score_scale": _("Score scales of scores"),
        "attendance_mark": _("Attendance marks"),
        "contact": _("Contacts of students"),
        "agent": _("Adults linked to students"),
    }


def state(code: str, reason: str = "") -> tuple[str, str]:
    """Returns a kind of tag and its word. `reason` says why a file is not read yet."""
    if (code == "arrived" and reason) or reason == Held.BEHIND:
        return ("waiting", _("Waits"))
    states = {
        "imported": ("imported", _("Imported")),
        "refused": ("refused", _("Refused")),
        "arrived": ("waiting", _("Being read")),
        "held": ("held", _("On hold")),
        "rejected": ("refused", _("Rejected")),
        "undone": ("undone", _("Undone")),
    }
    return states.get(code, ("plain", code))
