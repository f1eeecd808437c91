"""Acts of the privacy office."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_EVERYTHING = act("everything kept", _("Read everything that is kept about a student"), Risk.RECORD, "family, student",
    kinds="ledger", seen_by="seen_of_record")  # fmt: skip
DOWNLOAD_EVERYTHING = act("everything download", _("Download everything that is kept about a student"), Risk.RECORD, "family, student",
    kinds="grades, attendance, ledger", seen_by="seen_with_log")  # fmt: skip
CORRECT = act("corrections", _("Ask to correct a record"), Risk.RECORD, "family, student",
    kinds="grades, attendance, ledger", seen_by="seen_with_log")  # fmt: skip
SHARE = act("sharing", _("See and choose what may be shared about a student"), Risk.NONE, "family, student")
SIGN_CONSENT = act("consent signed", _("Sign a consent to share part of a record"), Risk.NONE, "family, student")
SEE_REQUESTS = act("correction list", _("See requests to inspect or correct a record"), Risk.OFFICE, "administrator, registrar")
ANSWER_CORRECTION = act("correction case", _("Read and answer a request to correct a record"), Risk.RECORD, "administrator, registrar",
    kinds="birth date, names", seen_by="seen_in_correction")  # fmt: skip
