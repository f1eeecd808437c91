"""The words for stages, clocks and what was recorded. Pure functions."""

from django.utils.translation import gettext as _

DATA = ("names", "grades", "attendance", "contacts", "birth date", "ledger", "changes", "contact names", "credentials")


def stages() -> dict[str, str]:
    return {
        "assess": _("Assess"), "contain": _("Contain"), "notify": _("Notify"), "resolve": _("Resolve"), "review": _("Review"), "closed": _("Closed"),
    }  # fmt: skip


def to_do() -> dict[str, tuple[str, ...]]:
    """Returns what to do in each stage."""
    return {
        "assess": (_("Write down what is known, and when it was discovered."), _("Count who is affected."), _("Say which of the three rules apply.")),
        "contain": (
            _("End the sessions of the account, or close it."), _("Check whether a backup or an export was taken."),
            _("Notify law enforcement with the district, or record why not."),
        ),
        "notify": (_("Notify the district, and then the people who are affected."), _("Write the letters. A second administrator releases them.")),
        "resolve": (_("Fix the cause, and record how."), _("Send the second notice: what happened, and what you did so that it doesn’t happen again.")),
        "review": (_("Record what went well and what didn’t, and what changes."),),
        "closed": (),
    }  # fmt: skip


def clock_names() -> dict[str, str]:
    return {
        "leads met": _("The operator’s leads meet"), "district notified": _("The district is notified"),
        "police notified": _("Law enforcement is notified, if required"), "users notified": _("Affected people get a first notice"),
        "portal notice": _("A notice is on the portal"), "resolved": _("The incident is resolved"),
        "residents notified": _("Affected residents get the letter"), "attorney general": _("The Attorney General gets a sample"),
        "cal-csic": _("Cal-CSIC gets a report"), "second notice": _("Affected people get the second notice"),
    }  # fmt: skip


def sources() -> dict[str, str]:
    """Returns how long each clock runs, with its source."""
    return {
        "leads met": _("24 hours (security policy)"), "district notified": _("24 hours (security policy)"),
        "police notified": _("24 hours (security policy)"), "users notified": _("24 hours (security policy)"),
        "portal notice": _("24 hours, for more than 500 people (security policy)"), "resolved": _("72 hours (security policy)"),
        "residents notified": _("30 days (California Civil Code 1798.82). Agencies: without unreasonable delay (1798.29)."),
        "attorney general": _("15 days after the residents’ letter, for more than 500 residents (California Civil Code 1798.82)"),
        "cal-csic": _("For more than 500 people (California Education Code 35266)"),
        "second notice": _("When the incident is resolved (security policy)"),
    }  # fmt: skip


def triggers() -> dict[str, str]:
    return {
        "records": _("Student records were disclosed without authorization."),
        "policy": _("The policy’s personal data: sign-in data, permanent student IDs, addresses, phone numbers."),
        "statute": _("The statute’s personal information (California Civil Code 1798.82)."),
    }


def data_names() -> dict[str, str]:
    return {
        "names": _("Names"), "grades": _("Grades and work"), "attendance": _("Attendance"), "contacts": _("Contact details"), "birth date": _("Birth dates"),
        "ledger": _("Access logs"), "changes": _("Changes by a file"), "contact names": _("Names of contacts"), "credentials": _("Sign-in data"),
    }  # fmt: skip


def causes() -> dict[str, str]:
    """Returns why everyone is affected."""
    return {
        "login": _("A login of the database was stolen, other than the one for pages."), "root": _("Someone was root on the portal’s computer."),
        "shares": _("Two shares of the recovery key and an erasure key were taken."), "backup": _("A backup was taken, and its key with it."),
        "file": _("A district’s file was taken before it was sealed."), "restore": _("A restore lost part of this time."),
        "other": _("Another cause. The reason says which."),
    }  # fmt: skip


def of_sign_in() -> dict[str, str]:
    """Returns what a count of a sign-in can be about."""
    return {
        "session": _("Only this session"), "address": _("Every session from this address"), "device": _("Every session of this account on such a device"),
    }  # fmt: skip


def sides() -> dict[str, str]:
    return {"family": _("family account"), "student": _("student account"), "staff": _("staff account")}


def ways() -> dict[str, str]:
    """Returns the ways of letters to their readers."""
    return {
        "portal": _("On the portal"), "email": _("By email"), "paper": _("On paper"), "hand": _("By hand, because a name or an address is protected"),
        "undecided": _("Waiting for a decision, because only hidden entries name the student"), "district": _("By the district itself"),
        "none": _("Not sent, as two administrators decided"),
    }  # fmt: skip


def states() -> dict[str, str]:
    return {
        "there": _("On the portal"), "waiting": _("Waiting"), "sending": _("Being sent"), "sent": _("Taken by the relay"), "printed": _("Printed"),
        "done": _("Done"),
    }  # fmt: skip


def titles() -> dict[str, str]:
    """Returns the title of each notice. The statute names the first one's (Civ. Code 1798.82(d))."""
    return {"first notice": _("Notice of Data Breach"), "second notice": _("Second Notice of Data Breach")}


def parts(notice: str) -> dict[str, str]:
    """Returns the parts of a letter that someone writes, by their headings (Civ. Code 1798.82(d)). The second notice has the safeguards that were made."""
    doing = _("What We Changed So That It Doesn’t Happen Again") if notice == "second notice" else _("What We Are Doing")
    return {"what_happened": _("What Happened"), "doing": doing, "can_do": _("What You Can Do")}
