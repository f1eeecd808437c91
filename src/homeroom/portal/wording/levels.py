"""Grade levels in words."""

from django.utils.translation import gettext as _


def grade_level(code: str) -> str:
    """Returns words such as "Grade 7". Grade levels are CEDS codes: 07, KG, PK …"""
    if code.isdecimal():
        return _("Grade %(number)s") % {"number": int(code)}
    named = {"KG": _("Kindergarten"), "TK": _("Transitional kindergarten"), "PK": _("Preschool"), "PR": _("Preschool")}
    return named.get(code.upper(), code)
