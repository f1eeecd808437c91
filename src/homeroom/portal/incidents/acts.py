"""Acts of the incident office, and of people who read a letter about an incident."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act, two_person_act


def way_of_letter(said: Mapping[str, str]) -> str:
    """Returns for example: Send a letter of incident 2026-1, whose student only hidden entries name, on paper."""
    ways = {
        "portal": _("Show a letter of incident %(name)s, whose student only hidden entries name, on the portal"),
        "paper": _("Send a letter of incident %(name)s, whose student only hidden entries name, on paper"),
        "hand": _("Give a letter of incident %(name)s, whose student only hidden entries name, by hand"),
        "none": _("Send no letter of incident %(name)s to someone whose student only hidden entries name"),
    }
    return str(ways[said["way"]]) % said


HANDLE_INCIDENT = act("incidents", _("Declare incidents, keep their clocks, and count who is affected"), Risk.OFFICE, "administrator")
LIST_INCIDENTS = act("incidents to list", _("See which incidents have a count"), Risk.NONE, "data release")
LIST_AFFECTED = act("affected", _("List who an incident affects"), Risk.RECORD, "data release",
    kinds="names, contact names", seen_by="seen_affected", lists=True)  # fmt: skip
READ_BREACH_LETTER = act("breach letters", _("Read a notice of a data breach"), Risk.NONE, "family, student, staff")

LIST_LETTERS = act("breach letter list", _("List letters about an incident that go by hand, and find one"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_with_letters", lists=True)  # fmt: skip
PRINT_BATCH = act("breach batch", _("Print released letters about an incident"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_on_batch", lists=True)  # fmt: skip

two_person_act("later start", "second", _("Move the start of incident %(name)s to a later time"), carries_out="start_later", of_district=True)
two_person_act("contained account", "second", _("Close %(name)s’s account because of an incident"), carries_out="close_proposed", of_district=True)
two_person_act("breach letters", "second", _("Release the letters of incident %(name)s"), carries_out="release_letters", of_district=True)
two_person_act("second notice", "second", _("Release the second notice of incident %(name)s"), carries_out="release_letters", of_district=True)
two_person_act("hidden letter", "second", way_of_letter, carries_out="decide_letter", about="students_of_letter", of_district=True)
