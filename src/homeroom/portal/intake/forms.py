"""What an administrator may ask in a decision's form, and what is wrong with it."""

from collections.abc import Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.portal.intake.actions import Asked
from homeroom.portal.intake.change_queries import Count, Wanted

MOST_WORDS = 2_000
VERDICTS = ("approve", "reject", "undo")


def asked_in(form: QueryDict) -> Asked:
    number = "".join(letter for letter in form.get("number", "") if letter not in ", .\u00a0")
    is_part = form.get("verdict") == "approve"
    return Asked(
        form.get("verdict", ""),
        form.get("why", "").replace("\x00", "").strip()[:MOST_WORDS],
        number,
        tuple(form.getlist("school")) if is_part else (),
        tuple(form.getlist("table")) if is_part else (),
    )


def wrong_with(asked: Asked, counts: Sequence[Count], *, is_odd: bool) -> dict[str, str]:
    """Field → what to do. is_odd: a limit held the file, and not only the district's wish to look first."""
    wrong = {}
    if asked.verdict not in VERDICTS:
        wrong["verdict"] = _("Choose whether to reject or to approve.")
    if not asked.why and (asked.verdict != "approve" or is_odd):
        wrong["why"] = _("Say why in a few words: the next person reads it here.")
    if asked.verdict == "approve":
        wrong |= _with_approval(asked, counts)
    return wrong


def _with_approval(asked: Asked, counts: Sequence[Count]) -> dict[str, str]:
    ends = going(counts)
    if not {*asked.schools} <= {count.school for count in counts} or not {*asked.tables} <= {count.shape for count in counts}:
        return {"part": _("The file changes nothing there. Choose again what to leave out.")}
    if counts and all(count.school in asked.schools or count.shape in asked.tables for count in counts):
        return {"part": _("Nothing would be left of the file. Reject it instead.")}
    if ends and asked.number != str(ends):
        return {"number": _("Type %(n)s to say that so many rows may end.") % {"n": ends}}
    return {}


def going(counts: Sequence[Count]) -> int:
    return sum(count.rows for count in counts if count.kind == "going")


def wanted_in(query: QueryDict, after: int) -> Wanted:
    """A filter from the address; PostgreSQL's text holds no NUL."""
    words = {name: query.get(name, "").replace("\x00", "")[:200] for name in ("school", "table", "kind", "name")}
    return Wanted(words["school"], words["table"], words["kind"], words["name"].strip(), bool(query.get("odd")), after)
