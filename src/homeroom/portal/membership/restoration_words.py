"""A note of a restoration in plain words. A kind that is not in said() shows as its code: add its sentence there, and nothing else."""

from django.utils.translation import gettext as _

from homeroom.portal.membership.restoration_queries import Note


def said() -> dict[str, str]:
    """By kind. name: of the adult, or whoever it is; child: of the student; what: in the note's own words."""
    return {
        "restriction": _("%(name)s was barred from %(child)s."),
        "tie ended": _("The tie of %(name)s to %(child)s ended."),
        "tie suspended": _("The tie of %(name)s to %(child)s was suspended."),
        "account closed": _("The account of %(name)s was closed."),
        "no parent accounts": _("The record of %(child)s was closed to parents’ accounts."),
        "opt-out": _("The family of %(child)s opted out of something."),
        "masked": _("%(child)s was given an alias."),
        "duty ended": _("A duty of %(name)s ended."),
        "administrator ended": _("%(name)s ceased to be an administrator."),
        "code taken back": _("A code or a card of %(name)s was taken back."),
        "withheld line": _("A line of the ledger was withheld from the family of %(child)s."),
        "erasure": _("A record was erased."),
        "hold": _("The record of %(child)s was put on hold."),
        "setting narrowed": _("A setting was narrowed."),
        "support ended": _("Support’s leave to look ended."),
    }


def note_said(note: Note) -> str:
    if note.is_kept:
        return _("This note is about somebody with whom you have to do. Another administrator reads it.")
    person, student = note.person or _told(note, "person"), note.student or _told(note, "student")
    about = {"name": person or student or _("somebody"), "child": student or _("a student")}
    known = said().get(note.kind)
    if known is None:
        words = ": ".join(filter(None, (note.kind, ", ".join(filter(None, (person, student))))))
    else:
        words = known % about
    what = _told(note, "what")
    return f"{words} ({what})" if what else words


def _told(note: Note, which: str) -> str:
    """Kept words may be of any kind: only text is shown."""
    value = note.told.get(which)
    return value if isinstance(value, str) else ""


def outcome_said(outcome: str) -> tuple[str, str]:
    """Kind and words of a tag."""
    return {
        "applied": ("imported", _("Done again")),
        "already": ("closed", _("Was in the backup")),
        "unknown": ("refused", _("Not in the backup")),
    }.get(outcome, ("plain", outcome))
