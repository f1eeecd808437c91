"""Acts on one child's record, and finding a student of a school."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_CHILD = act("child", _("Read a child’s grades and attendance"), Risk.RECORD, "family, student, attendance clerk, counselor, principal",
    kinds="grades, attendance, ledger", seen_by="seen_of_child", about="child_itself", asks="accounts_of_child", by_card=True)  # fmt: skip
DOWNLOAD = act("record download", _("Download a record’s grades and attendance"), Risk.RECORD, "family, student",
    kinds="grades, attendance", seen_by="seen_of_record")  # fmt: skip
FIND_STUDENTS = act("students", _("Find a student of your school, and see whose page you opened recently"), Risk.RECORD, "counselor, principal",
    kinds="names", seen_by="seen_of_school", lists=True)  # fmt: skip
