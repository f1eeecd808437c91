"""Reads an administrator's forms about decisions, filters and columns, and says what is wrong with a form or an uploaded file."""

from collections.abc import Iterable, Sequence

from django.http import QueryDict
from django.utils.translation import gettext as _

from homeroom.portal.intake.office.actions import DecisionForm
from homeroom.portal.intake.office.change_queries import Count, Wanted
from homeroom.portal.intake.office.pages_words import SENTENCES, sentence

MOST_WORDS = 2_000
VERDICTS = ("approve", "reject", "undo")


def asked_in(form: QueryDict) -> DecisionForm:
    number = "".join(letter for letter in form.get("number", "") if letter not in ", .\u00a0")
    is_part = form.get("verdict") == "approve"
    return DecisionForm(
        form.get("verdict", ""),
        form.get("why", "").replace("\x00", "").strip()[:MOST_WORDS],
        number,
        tuple(form.getlist("school")) if is_part else (),
        tuple(form.getlist("table")) if is_part else (),
        tuple(form.get("later", "").split()),
    )


def wrong_with(asked: DecisionForm, counts: Sequence[Count], later: Sequence[int], *, is_odd: bool) -> dict[str, str]:
    """Maps fields to what to do. `is_odd` means that a limit put the file on hold, and not only the review setting. `later` are later imports."""
    wrong = {}
    if asked.verdict not in VERDICTS:
        wrong["verdict"] = _("Choose whether to reject or to approve.")
    if not asked.why and (asked.verdict != "approve" or is_odd):
        wrong["why"] = _("Write a reason. Other administrators can read it.")
    if asked.verdict == "undo" and asked.later != tuple(map(str, later)):
        wrong["verdict"] = _("Another file was imported or undone in the meantime. Check the list again.")
    if asked.verdict == "approve":
        wrong |= _with_approval(asked, counts)
    return wrong


def _with_approval(asked: DecisionForm, counts: Sequence[Count]) -> dict[str, str]:
    ends = going(counts)
    if not {*asked.schools} <= {count.school for count in counts} or not {*asked.tables} <= {count.shape for count in counts}:
        return {"part": _("The file changes nothing there. Choose something else to leave out.")}
    if counts and all(count.school in asked.schools or count.shape in asked.tables for count in counts):
        return {"part": _("This would leave out the whole file. Reject it instead.")}
    if ends and asked.number != str(ends):
        return {"number": _("Type %(n)s to confirm that this many rows of the whole file will end.") % {"n": ends}}
    return {}


def going(counts: Sequence[Count]) -> int:
    return sum(count.rows for count in counts if count.kind == "going")


def wanted_in(query: QueryDict, form: QueryDict, after: int) -> Wanted:
    """Reads a filter from the form, and what isn't in it from the address. A name comes only from the form, because an address stays in the browser's
    history. Removes NUL, because PostgreSQL's text can't store it."""
    given = {"school": "", "table": "", "kind": "", "odd": ""} | query.dict() | {"name": ""} | form.dict()
    words = {name: str(given[name]).replace("\x00", "")[:200] for name in ("school", "table", "kind", "name")}
    return Wanted(words["school"], words["table"], words["kind"], words["name"].strip(), bool(given["odd"]), after)


def wrong_with_file(code: str) -> str:
    """Says what to do. `code` is the front's, the inbox's or a reason of the seal. An unknown code gets a general sentence."""
    own = {
        "no-file": _("Choose the sealed file first."),
        "empty": _("The file is empty. Nothing was saved. Seal the export again, then send it."),
        "plain": _("The file isn’t sealed, so Homeroom kept nothing. Seal it as shown below, then send the sealed file."),
        "two-files": _("Nothing was saved. Send one file at a time."),
        "busy": _("Nothing was saved. Another upload is running: yours in another window, or several from other people. Try again after it finishes."),
        "too-many": _("Nothing was saved. You sent 20 files within an hour. Wait an hour, or send by SFTP."),
        "too-slow": _("Nothing was saved. The upload stalled for a minute or took longer than two hours. Try again on a faster connection."),
        "no-room": _("Nothing was saved. The portal’s disk is full or failing. Contact the portal’s host, and send it again later."),
        "inbox-away": _("The portal didn’t confirm the file. If it isn’t in the list in a minute, send it again. A file counts only once."),
    }
    if code in own:
        return own[code]
    if code in SENTENCES:
        return sentence(code, {})
    return _("Nothing was saved. The form arrived incomplete. Open the page again and send the file.")


def columns_in(form: QueryDict, known: Iterable[tuple[str, str]]) -> tuple[dict[tuple[str, str], bool], dict[tuple[str, str], bool]]:
    """Returns whether each column of the form is to be read, and whether it was when the form was shown."""
    ticked, chosen, shown = set(form.getlist("read")), {}, {}
    for file, column in known:
        was = form.get(f"was {file} {column}")
        if was in ("on", "off"):
            shown[file, column] = was == "on"
            chosen[file, column] = f"{file} {column}" in ticked
    return chosen, shown
