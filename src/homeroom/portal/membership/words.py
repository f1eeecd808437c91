"""Texts that pages of several subjects show: how an identity was checked, kinds of data, and a moment."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from homeroom.portal.wording import dates


def evidences() -> dict[str, str]:
    """Returns how an office checked a person's identity. This is only a note. No paper is kept."""
    return {
        "photo id": _("I checked a photo ID"),
        "known": _("I know this person well"),
        "called back": _("I called back the number on file"),
        "affidavit": _("I checked a photo ID and the caregiver’s affidavit"),
        "code": _("Only the letter’s code"),
        "record": _("the record has this confirmed email address"),
    }


def kinds() -> dict[str, str]:
    return {
        "grades": _("Grades and work"),
        "attendance": _("Attendance"),
        "contacts": _("Contact details"),
        "birth date": _("Birth date"),
    }


def moment(at: datetime) -> str:
    """Returns a text such as: Thu, Nov 26, 2:10 p.m."""
    local = timezone.localtime(at)
    return f"{dates.day(local.date())}, {dates.clock(local)}"
