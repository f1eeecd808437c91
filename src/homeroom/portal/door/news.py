"""What happened to an account, in words. The kinds are those of access/telling/acts.sql."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.asking import server_bound
from homeroom.portal.access.models import Session
from homeroom.portal.access.reading import Reading

MOST = 100  # on the page, newest first

WORDS: dict[str, Promise] = {
    "new device": _("Somebody signed in from a browser that was new to this account. If it was not you, change your password."),
    "password changed": _("The password was changed. Every other session was ended."),
    "password reset": _("The school office began a new start for your password. If you did not ask for it, call the office."),
    "passkey added": _("A passkey was added."),
    "passkey removed": _("A passkey was removed."),
    "app added": _("An app that makes codes was added."),
    "app removed": _("The app that makes codes was removed."),
    "recovery codes made": _("New recovery codes were made. The old ones no longer work."),
    "recovery code used": _("A recovery code was used. It works only once: cross it out."),
    "code given": _("The school office printed a one-use code for this account. If you did not ask for it, call the office."),
    "code used": _("A printed one-use code was used."),
    "card printed": _("A sign-in card was printed for this account."),
    "card taken back": _("The sign-in card of this account no longer works."),
    "e-mail verified": _("An email address was confirmed. It can be used if you forget your password."),
    "e-mail changed": _("The email address was changed."),
    "e-mail removed": _("The email address was removed."),
    "account woken": _("This account was opened."),
    "account changed by office": _("The school office changed something about this account."),
    "duty given": _("You were given a duty."),
    "duty ended": _("A duty of yours has ended."),
    "office given": _("You are an administrator now."),
    "office ended": _("You are no longer an administrator."),
    "waits for a second": _("Something waits for a second person."),
    "proposal decided": _("What waited for a second person was decided."),
    "setting changed": _("A setting of your district was changed. Its page under Settings says who changed it."),
    "inspection asked": _("Somebody asks to inspect the record of a student who left. The page Inspections says who, and by when to answer."),
    "administrators changed": _("Somebody is no longer an administrator. The page of administrators says who is one."),
    "board second named": _("The board named somebody who may confirm or stop what takes two people. The page of administrators says who."),
    "board second ended": _("The person whom the board had named no longer confirms or stops anything."),
    "request answered": _("The school office answered what you asked for. Your home page says what."),
    "somebody asks": _("Somebody asks to see a child’s record that you see, too. If you know of nobody, call the school office."),
    "contact asked about": _("Somebody asks to see the record of a child for whom the school has your address. If you know of nobody, call the school office."),
    "student account asked": _("Somebody asks for a student account for a record that you see. The school office checks who it is."),
    "student account opened": _("The school office opened a student account for a record that you see. If the student asked for none, call the office."),
    "request lapsed": _("Nobody answered something you had asked for within 60 days, so it was closed. You can ask again, or call the school office."),
    "requests wait": _("Requests wait for an answer for more than 7 days. The page Approvals, and for tutors the page Tutors, says which."),
    "tutor applied": _("Somebody applied to be a tutor. The page Tutors says who."),
    "parent added": _("The school office opened a record that you see to another adult. If you know of nobody, call the office."),
    "challenge waits": _("A family says that somebody should not be tied to its child. The page Challenges says who."),
    "challenge answered": _("The school office answered a challenge of yours. The child’s page “Challenge a parent account” says what."),
    "challenge ran out": _("The school office has not decided a challenge of yours yet, and the adult sees the record again. Call the office."),
    "tie closed": _("A child’s record is closed to you while the school office checks. “Children you asked for” says more."),
    "tie opened": _("A child’s record is open to you again. “Children you asked for” says more."),
    "tie ended": _("A child’s record is no longer open to you. If that is wrong, call the school office."),
    "school wrote": _("The school office wrote to you about who may see a child’s record: “Children you asked for” or “Challenge a parent account” says what."),
    "tutor asks": _("A tutor asks to read a child’s record. The child’s page “Tutors” says who, and what for."),
    "tutor let in": _("A tutor may read a child’s record that you see, too. The child’s page “Tutors” says who; you can end it there."),
    "tutor consent": _("A family lets you read a child’s record. Your home page says what of it, and until when."),
    "tutor ended": _("A tutor no longer reads a child’s record that you see."),
    "you turn 18": _("You turn 18 within 60 days. Your home page says what changes, and what you can decide."),
    "child turns 18": _("A student whose record you see turns 18 within 60 days. Your home page says what changes."),
    "you turned 18": _("You are 18: the rights to consent, correct and challenge are yours now. Your home page says who still sees your record."),
    "child turned 18": _("A student whose record you see is 18. You still see the record; the rights to consent, correct and challenge are the student’s now."),
    "closed at 18": _("A student’s record is closed to you, because the student is 18. Your home page says more."),
    "agreed for you": _("The school office noted that an adult goes on reading your record. Your home page says who. If it is wrong, call the office."),
    "open after 18": _("A student’s record is open to you again."),
    "record given": _("The school office opened a child’s record to you. Your home page shows it."),
    "record shut": _("A child’s record is closed to you for now. Your home page says more."),
    "record back": _("A child’s record is open to you again."),
    "support begun": _("Homeroom support may look at pages for a time. Any administrator can end it."),
    "support ended": _("Homeroom support can no longer look at pages."),
    "supporters changed": _("Whom Homeroom has as support changed. The page Support says who."),
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
    """The account's, newest first."""
    return NEWS(key=session.key, most=MOST)


def read(session: Session) -> None:
    """Everything is read now; but what began with this very session waits for another one: a thief reads nothing away."""
    server_bound("SELECT read_notices(%s)", (session.key,))
