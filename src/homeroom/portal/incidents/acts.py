"""Acts of the incident office, and of people who read a letter about an incident."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act, two_person_act

HANDLE_INCIDENT = act("incidents", _("Declare incidents, keep their clocks, and count who is affected"), Risk.OFFICE, "administrator")
LIST_INCIDENTS = act("incidents to list", _("See which incidents have a count"), Risk.NONE, "data release")
LIST_AFFECTED = act("affected", _("List who an incident affects"), Risk.RECORD, "data release",
    kinds="names, contact names", seen_by="seen_affected", lists=True)  # fmt: skip
READ_BREACH_LETTER = act("breach letters", _("Read a notice of a data breach"), Risk.NONE, "family, student, staff")

two_person_act("later start", "second", _("Move the start of incident %(name)s to a later time"), carries_out="start_later", of_district=True)
two_person_act("contained account", "second", _("Close %(name)s’s account because of an incident"), carries_out="close_proposed", of_district=True)
two_person_act("breach letters", "second", _("Release the letters of incident %(name)s"), carries_out="release_letters", of_district=True)
two_person_act("second notice", "second", _("Release the second notice of incident %(name)s"), carries_out="release_letters", of_district=True)
