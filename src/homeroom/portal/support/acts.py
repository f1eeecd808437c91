"""What takes two people about support."""

from django.utils.translation import ngettext

from homeroom.portal.access.policy import two_person_act


def let_in(said: dict[str, str]) -> str:
    return ngettext("Let %(name)s of support look, for %(n)s hour", "Let %(name)s of support look, for %(n)s hours", int(said["n"])) % said


two_person_act("support", "second", let_in,
    carries_out="make_support_grant", shows="support_proposed", about="students_of_support", of_district=True)  # fmt: skip
