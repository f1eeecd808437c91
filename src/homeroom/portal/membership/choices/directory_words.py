"""The texts of the district's choices about directory information (34 CFR 99.37, Ed. Code 49073)."""

from django.utils.translation import gettext as _


def directory_names() -> dict[str, tuple[str, str]]:
    """Returns name and sentence of each setting, in the page's order."""
    public = _("Whether the school may share it with anyone, for students whose family didn’t opt out. Tell families in the annual notice first.")
    return {
        "directory_name": (_("Directory information: name"), public),
        "directory_birth_date": (_("Directory information: birth date"), public),
        "directory_email": (_("Directory information: the student’s email"), public),
        "directory_phone": (_("Directory information: the student’s phone"), public),
        "directory_attendance_dates": (_("Directory information: dates of attendance"), public),
    }


def directory_choices() -> dict[tuple[str, str], str]:
    said = {"false": _("Not shared without a consent"), "true": _("Shared with anyone, unless the family opted out")}
    return {(setting, choice): words for setting in directory_names() for choice, words in said.items()}


def directory_lead(becomes: str) -> str:
    if becomes == "true":
        return _("No account sees more. The school may share this with anyone, and school news may name students, unless the family opted out.")
    return _("No account sees less. The school stops sharing this without a consent.")
