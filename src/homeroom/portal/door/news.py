"""The words for what happened to an account. The kinds are those of access/telling/acts.sql."""

from dataclasses import dataclass
from datetime import datetime
from typing import cast

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.actor import NewSignIns
from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading

MOST = 100  # on the page, newest first

WORDS: dict[str, Promise] = {
    "new device": _("You signed in from a new browser. If it wasn’t you, change your password or tell the school office."),
    "password changed": _("The password was changed. Homeroom ended every other session."),
    "password saved again": _("Your password was saved in a stronger form. If it doesn’t work anymore, call the school office."),
    "password reset": _("A code was used to choose a new password. If it wasn’t you, call the school office."),
    "username changed": _("The username was changed. If it wasn’t you, call the school office."),
    "reset waits": _("Someone typed a password reset code for your account in a new browser. If it wasn’t you, stop the reset here."),
    "reset stopped": _("A password reset was stopped. If you want to reset your password, ask for another email."),
    "passkey added": _("A passkey was added."),
    "passkey removed": _("A passkey was removed."),
    "app added": _("An authenticator app was added."),
    "app removed": _("The authenticator app was removed."),
    "recovery codes made": _("New recovery codes were made. The old ones don’t work anymore."),
    "recovery code used": _("A recovery code was used. It works only once, so cross it out."),
    "second factor wrong": _("Someone entered your password and then a wrong second step. If it wasn’t you, change your password."),
    "code given": _("The school office printed a one-use code for this account. If you did not ask for it, call the office."),
    "code used": _("A printed one-use code was used."),
    "card printed": _("A sign-in card was printed for this account."),
    "card taken back": _("This account’s sign-in card no longer works."),
    "card changes undone": _("Homeroom removed sign-in methods that someone added to a student’s account with a sign-in card. The Security events page "
                             "lists them."),
    "e-mail verified": _("An email address was confirmed. It can be used if you forget your password."),
    "e-mail changed": _("The email address was changed."),
    "e-mail removed": _("The email address was removed."),
    "account woken": _("This account was opened."),
    "account changed by office": _("The school office changed something about this account."),
    "duty given": _("You have a new duty."),
    "duty ended": _("One of your duties has ended."),
    "office given": _("You are an administrator now."),
    "office ended": _("You are no longer an administrator."),
    "waits for a second": _("Something needs a second approval."),
    "proposal decided": _("A second approval was decided."),
    "setting changed": _("A district setting was changed. Its page under Settings says who changed it."),
    "incident declared": _("Someone declared an incident. The Incidents page says what was noticed, and what is due when."),
    "incident suspect": _("An account was named as a suspect, or cleared. The Incidents page says which."),
    "incident overdue": _("An incident has overdue deadlines. The Incidents page says which."),
    "signer revoked": _("A sender’s key was revoked in an incident, so its files aren’t imported. If that is wrong, call the operator. The Incidents page "
                        "says who did it."),
    "breach notice": _("There is a notice of a data breach for you. Open “Notices of a data breach” on the Account page."),
    "inspection asked": _("Someone asked to inspect a student’s record. The Requests page says who, and when an answer is due."),
    "correction asked": _("Someone asked to correct a student’s record. The Requests page says who, and when an answer is due."),
    "hearing asked": _("Someone asked for a hearing about a student’s record. The Requests page says who, and by when."),
    "statement added": _("Someone in a family added a statement to a student’s record. The Requests page says who."),
    "correction open again": _("A file took a correction back that the office agreed to. The Requests page says which."),
    "correction passed": _("A parent asked the school to correct your record. You are 18 now, so the request is yours."),
    "consent signed": _("Someone signed a consent to share part of a child’s record. The page What may be shared shows it, and you can end it there."),
    "consent ended": _("Someone ended a consent to share part of a child’s record. The page What may be shared shows it."),
    "opt-out taken back": _("The school may share a kind of directory information again. An adult in the family, or the student, took an opt-out back."),
    "corrected": _("The record has a correction that you asked for. Everything that is kept leads to it."),
    "inspection passed": _("A parent asked the school to show your record. You are 18 now, so the request is yours."),
    "administrators changed": _("Someone is no longer an administrator. See the list of administrators."),
    "board second named": _("The board named someone who can confirm or stop second approvals. The Administrators page says who."),
    "board second ended": _("The person named by the board can no longer confirm or stop second approvals."),
    "request answered": _("The school office answered your request. Your home page shows the answer or links to it."),
    "somebody asks": _("Someone asked to see a child’s record that you can also see. If you don’t know who, call the school office."),
    "contact asked about": _("Someone asked to see the record of a child, and the school has your address for that child. If you don’t know "
                             "who it is, call the school office."),
    "student account asked": _("Someone asked for a student account for a record that you can see. The school office checks who it is."),
    "student account opened": _("The school office opened a student account for a record that you can see. If the student didn’t ask, call the office."),
    "request lapsed": _("No one answered your request within 60 days, so it was closed. You can ask again, or call the school office."),
    "requests wait": _("Some requests are overdue. The Approvals, Requests and Tutors pages say which."),
    "tutor applied": _("Someone applied to be a tutor. The Tutors page says who."),
    "parent added": _("The school office gave another adult access to a record that you can see. If you don’t know who, call the office."),
    "challenge waits": _("A family challenged an adult’s access to its child. The Challenges page says who."),
    "challenge answered": _("The school office answered your challenge. See the child’s page “Challenge a parent account”."),
    "challenge ran out": _("The school office hasn’t decided your challenge yet. The adult can see the record again. Call the office."),
    "tie closed": _("You can’t see a child’s record while the school office checks. See “Children you asked for”."),
    "tie opened": _("You can see a child’s record again. See “Children you asked for”."),
    "tie ended": _("You can no longer see a child’s record. If that is wrong, call the school office."),
    "school wrote": _("The school office wrote to you about access to a child’s record. See “Children you asked for” or “Challenge a parent account”."),
    "tutor asks": _("A tutor asked to see a child’s record. The child’s Tutors page says who, and why."),
    "tutor let in": _("A tutor can see a child’s record that you can also see. The child’s Tutors page says who. You can end the access there."),
    "tutor consent": _("A family gave you access to a child’s record. Your home page says what you can see, and until when."),
    "tutor ended": _("A tutor can no longer see a child’s record that you can see."),
    "you turn 18": _("Your 18th birthday is within 60 days. Your home page says what changes, and what you can decide."),
    "child turns 18": _("A student whose record you can see has their 18th birthday within 60 days. Your home page says what changes."),
    "you turned 18": _("You are 18: the rights to consent, correct and challenge are yours now. Your home page says who still sees your record."),
    "child turned 18": _("A student whose record you can see is 18. You can still see it. The student now has the rights to consent, correct and challenge."),
    "closed at 18": _("You can’t see a student’s record because the student is 18. Your home page says more."),
    "agreed for you": _("The school office noted that an adult keeps access to your record. Your home page says who. If that is wrong, call the office."),
    "open after 18": _("You can see a student’s record again."),
    "record given": _("The school office gave you access to a child’s record. See your home page."),
    "record shut": _("You can’t see a child’s record for now. Your home page says more."),
    "record back": _("You can see a child’s record again."),
    "support begun": _("Homeroom support can view pages for a limited time. Any administrator can end this."),
    "support ended": _("Homeroom support can no longer view pages."),
    "half of limit": _("You viewed unusually many people today. If it wasn’t you, change your password and call the district."),
    "limit reached": _("You reached today’s limit of people viewed. If it wasn’t you, change your password and call the district."),
    "many viewed": _("A staff member viewed unusually many people. The Viewing limits page says who."),
    "viewing released": _("An administrator raised your limit of people viewed, for one day."),
    "weekly views": _("Last week’s summary of viewed records is there. See “Last week” on the Viewing limits page."),
    "supporters changed": _("Homeroom’s list of support people changed. The Support page says who is on it."),
}


@dataclass(frozen=True, slots=True)
class News:
    at: datetime
    what: str
    is_new: bool

    @property
    def words(self) -> Promise:
        return WORDS[self.what]


NEWS = Reading(News, "notices_shown", key="bytea", most="integer")


def news_of(session: Session) -> list[News]:
    """Returns the account's notices, newest first."""
    return NEWS(key=session.key, most=MOST)


def new_sign_ins(session: Session) -> NewSignIns | None:
    """Returns unread sign-ins from new browsers. None if something else is unread, too."""
    unread = [notice for notice in news_of(session) if notice.is_new]
    is_all = all(notice.what == "new device" for notice in unread)
    return NewSignIns(len(unread), unread[0].at) if unread and is_all else None


def reset_waits(session: Session) -> datetime | None:
    """Returns when an emailed code works in a new browser. None if there isn't one."""
    return cast(datetime | None, server_bound("SELECT reset_waits(%s)", (session.key,)))


def stop_reset(session: Session) -> None:
    server_bound("SELECT stop_reset(%s)", (session.key,))


def read(session: Session) -> None:
    """Marks every notice as read. A notice about this very session stays unread until another session shows it, so that a thief can't hide it."""
    server_bound("SELECT read_notices(%s)", (session.key,))
