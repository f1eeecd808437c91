"""The words of the access log for what changed at 18."""

from django.utils.translation import gettext as _


def changes_at_18(relation: str) -> dict[str, str]:
    return {
        "turned 18": _("transferred the rights to consent, correct and challenge to the student at 18."),
        "not 18": _("gave consent, correction and challenge back to the parents: the birth date was wrong."),
        "birth date confirmed": _("confirmed which birth date counts."),
        "tie suspended by age": _("ended an adult’s access because the student is 18: %(relation)s.") % {"relation": relation},
        "tie open after 18": _("opened this record to an adult again after 18: %(relation)s.") % {"relation": relation},
        "dependence recorded": _("recorded that the student is a dependent for tax purposes."),
        "dependence ended": _("removed the note that the student is a dependent for tax purposes."),
        "agreed at 18": _("agreed that an adult keeps access after 18: %(relation)s.") % {"relation": relation},
        "agreement ended": _("ended an adult’s access after 18: %(relation)s.") % {"relation": relation},
        "contact told on paper": _("printed a letter that tells a contact about a request to see this record."),
        "told on paper": _("printed a letter about the student’s 18th birthday."),
    }
