"""Acts that everyone may do."""

from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act

SEE_HOME = act("home", _("Open the first page"), Risk.NONE, "family, student, staff, administrator, board second",
    kinds="grades, attendance, ledger", seen_by="seen_at_home", reaches="reached_at_home", by_card=True)  # fmt: skip
SEE_ACCOUNT = act("account", _("See and change one’s own account"), Risk.NONE, "family, student, staff, administrator, board second")
