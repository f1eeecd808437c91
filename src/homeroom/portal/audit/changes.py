"""Words for what was done with ties, rights and codes. Rows in, words out."""

from django.utils.translation import gettext as _

from homeroom.portal.audit.age_words import changes_at_18
from homeroom.portal.audit.queries import LogRow

DIGESTED = ("statement added", "consent signed", "consent ended")  # their reason is a digest or a number


def change_line(row: LogRow) -> tuple[str, str, str]:
    """Returns who, what they did, and why. The adult whose tie was made or ended is not named, as everywhere in the access log."""
    who = _("You") if row.is_me else row.name or (_("Another adult") if row.capacity == "family" else _("The district’s office"))
    relation = relation_of(row.relation)
    did = (changes_at_18(relation) | closings(relation) | sharings() | {
        "tie made": _("opened this record to an adult: %(relation)s.") % {"relation": relation},
        "tie ended": _("closed this record to an adult: %(relation)s.") % {"relation": relation},
        "same person": _("decided that this record and one in a file belong to the same person."),
        "new person": _("decided that a record in a file belongs to a different person."),
        "merge": _("decided that this record and another belong to one person, and joined them."),
        "merge undone": _("separated this record from another one again."),
        "tie changed": _("changed until when, or how much, an adult reads this record: %(relation)s.") % {"relation": relation},
        "tie closed": _("closed this record to an adult while the school checks: %(relation)s.") % {"relation": relation},
        "tie opened": _("opened this record to an adult again: %(relation)s.") % {"relation": relation},
        "letter printed": _("printed a letter with a code to an adult on file."),
        "student account opened": _("opened an account for the student."),
        "tutor let in": _("gave a tutor access to part of this record."),
        "tutor ended": _("ended a tutor’s access to this record."),
        "shown to the operator": _("saw this student’s name, school, grade and a warning before a command that gives access."),
        "code printed": _("printed a one-use code for this account."),
        "code used": _("used a one-use code."),
        "sign-in changed": _("changed a way to sign in to this account."),
        "card printed": _("printed a sign-in card."),
        "card ended": _("ended a sign-in card."),
    }).get(row.event, _("changed who may see this record."))
    return who, did, why_changed("" if row.event in DIGESTED else row.reason.partition(" ")[0] if row.event == "tutor let in" else row.reason)


def sharings() -> dict[str, str]:
    """Words for what may be shared outside the school."""
    return {
        "directory opted out": _("opted out of sharing directory information about this student."),
        "consent signed": _("signed a consent to share part of this record."),
        "consent ended": _("ended a consent to share part of this record."),
        "opt-out taken back": _("took back an opt-out from sharing directory information."),
    }


def closings(relation: str) -> dict[str, str]:
    """Words for what restricts someone, hides something, or opens a closed record for a time."""
    return {
        "closed to parents": _("closed this record to parents’ accounts."),
        "opened to parents": _("opened this record to parents’ accounts again."),
        "entry withheld": _("hid an entry of this list until a date, with a second approval."),
        "entry shown": _("showed a hidden entry of this list again."),
        "student masked": _("gave this student an alias. People who don’t need the name see the alias."),
        "student unmasked": _("ended the alias. People see the name again."),
        "inspection asked": _("asked the school to show this record."),
        "inspection withdrawn": _("withdrew the request that the school show this record."),
        "inspection passed": _("passed a parent’s request to see this record on to the student, who is 18."),
        "inspection closed": _("closed a request to see this record."),
        "correction asked": _("asked the school to correct this record."),
        "correction withdrawn": _("withdrew a request to correct this record."),
        "correction agreed": _("agreed to correct this record."),
        "correction refused": _("did not agree to correct this record."),
        "correction done": _("brought a correction that was asked for."),
        "correction open again": _("took a correction of this record back, so the request is open again."),
        "correction passed": _("passed a parent’s request to correct this record on to the student, who is 18."),
        "hearing asked": _("asked for a hearing about this record."),
        "hearing set": _("set the day of a hearing about this record."),
        "hearing agreed": _("recorded that a hearing decided to correct this record."),
        "hearing refused": _("recorded that a hearing decided not to correct this record."),
        "statement added": _("added a statement to this record."),
        "correction closed": _("closed a request to correct this record."),
        "inspection opened": _("opened this record again for a time to a person who asked to inspect it: %(relation)s.") % {"relation": relation},
        "inspection on paper": _("showed this record on paper to a person who asked to inspect it: %(relation)s.") % {"relation": relation},
    }


def why_changed(reason: str) -> str:
    """Returns a reason that is not a code as it was written."""
    proofs = {
        "in person": _("Identity was checked in person."),
        "district record": _("The district had this on record."),
        "code": _("The adult had the code that the district sent by letter."),
        "post": _("It was sent by US mail."),
        "office": _("It was handed over at the office."),
        "child": _("It went home with the child."),
        "checked": _("The school checks who may see it."),
        "claimed": _("The adult’s own statement. No one checked it."),
        "photo id": _("Identity was checked by a photo ID."),
        "known": _("The office knows the person."),
        "called back": _("The office called back the number on file."),
        "consent": _("By a signed consent. The page Tutors shows who, what and why."),
        "district": _("The district decided it."),
        "ended": "",
        "wake": _("The username and password were chosen with it."),
        "password": _("A new password was chosen with it."),
        "dependent": _("The student is a dependent for tax purposes."),
        "agreed": _("The student agreed."),
        "court": _("A court order was shown."),
        "not of age": _("The birth date was wrong."),
        "tax return": _("A tax return was shown."),
        "parent statement": _("A parent signed it."),
        "student statement": _("The student signed it."),
        "factors": _("It removed a lost second factor, with the password."),
    }
    return (proofs | why_over() | why_withheld() | why_shared()).get(reason, reason)


def why_shared() -> dict[str, str]:
    """Returns the categories of directory information."""
    return {
        "name": _("Name"), "birth date": _("Birth date"), "email": _("The student’s own email"), "phone": _("The student’s own phone"),
        "attendance dates": _("Dates of attendance"),
    }  # fmt: skip


def why_over() -> dict[str, str]:
    return {"day over": _("Its last day has passed."), "consent over": _("The person who signed for it can no longer see this record.")}


def why_withheld() -> dict[str, str]:
    return {"child protection": _("To protect the child."), "sealed order": _("A court sealed it."), "safety": _("For a person’s safety.")}


def relation_of(relation: str | None) -> str:
    """Returns kinds of ties and the usual relations in the reader's language, and any other as the district wrote it."""
    known = {
        "mother": _("mother"),
        "father": _("father"),
        "parent": _("parent"),
        "guardian": _("guardian"),
        "grandmother": _("grandmother"),
        "grandfather": _("grandfather"),
        "aunt": _("aunt"),
        "uncle": _("uncle"),
        "tutor": _("tutor"),
        "student": _("student"),
        "caregiver by affidavit": _("caregiver by affidavit"),
        "foster caregiver": _("foster caregiver"),
        "foster agency": _("foster agency"),
        "caseworker": _("caseworker"),
        "education-rights holder": _("education-rights holder"),
        "conservator": _("conservator"),
    }
    return known.get((relation or "").casefold(), relation or _("an adult"))
