"""The acts about support, and the one that needs a second approval."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from homeroom.portal.access.policy import Risk, act, two_person_act

PROPOSE_SUPPORT = act("support students", _("Find students for a support session, and propose it"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_for_support", lists=True)  # fmt: skip

SEE_GRANTS = act("support grants", _("See when support had access, and to which students"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_in_grants", lists=True)  # fmt: skip


def let_in(said: dict[str, str]) -> str:
    return ngettext("Give %(name)s of support access for %(n)s hour", "Give %(name)s of support access for %(n)s hours", int(said["n"])) % said


two_person_act("support", "second", let_in,
    carries_out="make_support_grant", shows="support_proposed", about="students_of_support", of_district=True)  # fmt: skip
