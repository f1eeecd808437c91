"""Acts on the district's files."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

SEE_IMPORTS = act("imports", _("See files and their results"), Risk.OFFICE, "administrator")
DECIDE_IMPORT = act("decision", _("Approve, reject and undo a file"), Risk.OFFICE, "administrator")
SEND_FILE = act("file", _("Send a file from the browser"), Risk.OFFICE, "administrator")
READ_CHANGES = act("changes", _("See what a file would change about a person"), Risk.RECORD, "administrator",
    kinds="changes", seen_by="seen_in_change")  # fmt: skip
LIST_CHANGES = act("change list", _("List the people a file would change"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_in_changes", lists=True)  # fmt: skip
COMPARE_PEOPLE = act("same person", _("Compare two records that may be one person’s"), Risk.RECORD, "administrator",
    kinds="birth date", seen_by="seen_in_question")  # fmt: skip
ANSWER_QUESTION = act("answer", _("Answer whether two records are one person’s"), Risk.OFFICE, "administrator")
