"""A note of a restoration in plain words. A kind that is not in said() shows as its code: add its sentence there, and nothing else."""

from django.utils.translation import gettext as _

from homeroom.portal.membership.restoration_queries import Note


def said() -> dict[str, str]:
    """By kind. name: of the adult, or whoever it is; child: of the student; what: in the note's own words."""
    return {
        "restriction": _("%(name)s was barred from %(child)s."),
        "tie": _("The tie of %(name)s to %(child)s ended, was suspended or opened less."),
        "tie gone": _("The tie of %(name)s to %(child)s was taken away."),
        "no parent accounts": _("The record of %(child)s was closed to parents’ accounts."),
        "masking": _("%(child)s was given an alias."),
        "contact": _("A contact of %(child)s was made confidential."),
        "withheld line": _("A line of the ledger was withheld from the family of %(child)s."),
        "challenge": _("Somebody challenged the tie of %(name)s to %(child)s."),
        "challenge upheld": _("A challenge ended the tie of %(name)s to %(child)s."),
        "of age": _("%(child)s turned 18, and parents’ ties were suspended."),
        "agreement": _("%(child)s, who is 18, took back an agreement."),
        "dependence": _("%(child)s is no longer recorded as a dependent."),
        "consent": _("A consent to a tutor’s access to %(child)s was taken back."),
        "request": _("A request of %(name)s to see %(child)s was turned down."),
        "tutor request": _("A tutor’s request about %(child)s was turned down."),
        "tutor application": _("The application of %(name)s to be a tutor was turned down."),
    } | said_of_accounts_and_offices()


def said_of_accounts_and_offices() -> dict[str, str]:
    return {
        "account": _("The account of %(name)s was closed."),
        "password": _("The password of %(name)s was taken back."),
        "passkey": _("A passkey of %(name)s was removed."),
        "authenticator": _("An authenticator app of %(name)s was removed."),
        "recovery code": _("A recovery code of %(name)s was used up."),
        "mail address": _("An e-mail address of %(name)s was removed."),
        "code": _("A printed code of %(name)s was taken back."),
        "card": _("A sign-in card of %(name)s was taken back."),
        "letter": _("The code of a letter was taken back."),
        "duty": _("A duty of %(name)s ended."),
        "administrator": _("%(name)s ceased to be an administrator."),
        "board second": _("%(name)s ceased to be the board’s second."),
        "substitution": _("A substitution of %(name)s ended."),
        "proposal": _("A proposal of two people was stopped."),
        "setting": _("A setting of who sees what was narrowed."),
        "column": _("A column of the district’s files was switched off."),
        "news": _("A piece of school news was taken down."),
        "sender": _("A sender’s key was taken back."),
        "merge undone": _("Two records that had been joined were parted."),
        "supporter": _("A supporter was let go."),
        "support grant": _("Support’s leave to look ended."),
        "erasure": _("A record was erased."),
        "hold": _("The record of %(child)s was put on hold: it may not be erased."),
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
        "by hand": ("refused", _("Do it again by hand")),
    }.get(outcome, ("plain", outcome))
