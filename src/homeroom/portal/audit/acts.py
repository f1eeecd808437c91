"""Acts about the access log, and about who can see a record."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act, two_person_act

READ_LEDGER = act("who has looked", _("Read a record’s access log"), Risk.RECORD, "family, student",
    kinds="ledger", seen_by="seen_of_record")  # fmt: skip
SEE_WHO = act("who can see", _("Read who can see a record, and why"), Risk.RECORD, "family, student",
    kinds="ledger", seen_by="seen_of_record")  # fmt: skip
CHECK_LEDGER = act("ledger check", _("Read a student’s access log, and hide an entry with a second approval"), Risk.RECORD, "administrator",
    kinds="ledger", seen_by="seen_by_office")  # fmt: skip
SEE_POLICY = act("policy", _("See who can see what"), Risk.OFFICE, "administrator")

two_person_act("withheld entry", "second", _("Keep a line about %(name)s from the family of %(child)s until %(day)s"), carries_out="withhold_entry")
