"""The text of each note of a restoration. A kind that isn't in said() shows as its code. To fix that, only add its sentence there."""

from django.utils.translation import gettext as _

from homeroom.portal.membership.restore.queries import Note


def said() -> dict[str, str]:
    """Returns a sentence per kind. `name` is the adult or other person. `child` is the student."""
    return {
        "restriction": _("A restriction for %(name)s and %(child)s was added."),
        "tie": _("%(name)s’s access to %(child)s ended, was suspended or was reduced."),
        "tie gone": _("%(name)s’s access to %(child)s was removed."),
        "no parent accounts": _("Parent access to %(child)s’s record was turned off."),
        "masking": _("%(child)s was given an alias."),
        "contact": _("A contact of %(child)s was made confidential."),
        "withheld line": _("An access log entry was hidden from %(child)s’s family."),
        "challenge": _("Someone challenged %(name)s’s access to %(child)s."),
        "challenge upheld": _("A challenge ended %(name)s’s access to %(child)s."),
        "of age": _("%(child)s is 18 now, and parents’ access was suspended."),
        "agreement": _("%(child)s, who is 18, ended an agreement."),
        "dependence": _("%(child)s is no longer recorded as a dependent."),
        "consent": _("Consent for a tutor’s access to %(child)s was withdrawn."),
        "request": _("%(name)s’s request to see %(child)s was declined."),
        "tutor request": _("A tutor’s request for %(child)s was declined."),
        "tutor application": _("%(name)s’s application to be a tutor was declined."),
    } | said_of_accounts_and_offices()


def said_of_accounts_and_offices() -> dict[str, str]:
    return {
        "account": _("The account of %(name)s was closed."),
        "password": _("%(name)s’s password was canceled."),
        "passkey": _("A passkey of %(name)s was removed."),
        "authenticator": _("An authenticator app of %(name)s was removed."),
        "recovery code": _("A recovery code of %(name)s was used up."),
        "mail address": _("An email address of %(name)s was removed."),
        "code": _("A printed code for %(name)s was canceled."),
        "card": _("A sign-in card of %(name)s was canceled."),
        "letter": _("A letter’s code was canceled."),
        "duty": _("A duty of %(name)s ended."),
        "administrator": _("%(name)s is no longer an administrator."),
        "board second": _("%(name)s is no longer the board’s approver."),
        "substitution": _("A substitution of %(name)s ended."),
        "proposal": _("A proposal was stopped."),
        "setting": _("An access setting was made stricter."),
        "column": _("A column of the district’s files was turned off."),
        "news": _("A piece of school news was taken down."),
        "sender": _("A sender’s key was revoked."),
        "merge undone": _("Two merged records were separated."),
        "supporter": _("A support person was removed."),
        "support grant": _("Support access ended."),
        "erasure": _("A record was erased."),
        "incident fact": _("Something was recorded about an incident."),
        "breach letters": _("Letters about an incident were released. Count again, and release them again."),
        "signed consent": _("A consent to share part of %(child)s’s record was ended."),
        "directory opt-out": _("Someone opted out of sharing directory information about %(child)s."),
        "hold": _("A legal hold was placed on %(child)s’s record. It may not be erased."),
    }


def note_said(note: Note) -> str:
    if note.is_kept:
        return _("This note is about someone related to you. Another administrator can read it.")
    person, student = note.person or _told(note, "person"), note.student or _told(note, "student")
    about = {"name": person or student or _("someone"), "child": student or _("a student")}
    known = said().get(note.kind)
    if known is None:
        words = ": ".join(filter(None, (note.kind, ", ".join(filter(None, (person, student))))))
    else:
        words = known % about
    what = _told(note, "what")
    return f"{words} ({what})" if what else words


def _told(note: Note, which: str) -> str:
    """Returns '' unless the value is text, because the note's words may have any type."""
    value = note.told.get(which)
    return value if isinstance(value, str) else ""


def outcome_said(outcome: str) -> tuple[str, str]:
    """Returns kind and text of a tag."""
    return {
        "applied": ("imported", _("Repeated")),
        "already": ("closed", _("Was in the backup")),
        "unknown": ("refused", _("Not in the backup")),
        "by hand": ("refused", _("Repeat by hand")),
    }.get(outcome, ("plain", outcome))
