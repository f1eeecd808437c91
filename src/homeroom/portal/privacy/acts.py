"""Acts of the privacy office."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_EVERYTHING = act("everything kept", _("Read everything that is kept about a student"), Risk.RECORD, "family, student",
    kinds="ledger", seen_by="seen_of_record")  # fmt: skip
DOWNLOAD_EVERYTHING = act("everything download", _("Download everything that is kept about a student"), Risk.RECORD, "family, student",
    kinds="grades, attendance, ledger", seen_by="seen_with_log")  # fmt: skip
