"""Acts on the attendance of a school."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_ABSENCES = act("absences", _("Read the absences of a school"), Risk.RECORD, "attendance clerk, counselor, principal",
    kinds="attendance", seen_by="seen_absent", lists=True)  # fmt: skip
