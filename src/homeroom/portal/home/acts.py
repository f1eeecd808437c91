"""Acts on one child's record."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

READ_CHILD = act("child", _("Read a child’s grades and attendance"), Risk.RECORD, "family, student",
    kinds="grades, attendance, ledger", seen_by="seen_of_child", about="child_itself", asks="accounts_of_child")  # fmt: skip
