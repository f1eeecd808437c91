"""What turning 18 changed about a record, as its ledger says it."""

from django.utils.translation import gettext as _


def changes_at_18(relation: str) -> dict[str, str]:
    return {
        "turned 18": _("passed consent, correction and challenge to the student, who turned 18."),
        "not 18": _("gave consent, correction and challenge back to the parents: the birth date was wrong."),
        "birth date confirmed": _("confirmed which birth date counts."),
        "tie suspended by age": _("closed this record to an adult, since the student is 18: %(relation)s.") % {"relation": relation},
        "tie open after 18": _("opened this record to an adult again after 18: %(relation)s.") % {"relation": relation},
        "dependence recorded": _("recorded that the student is a dependent for tax purposes."),
        "dependence ended": _("took back that the student is a dependent for tax purposes."),
        "agreed at 18": _("agreed that an adult goes on seeing this record after 18: %(relation)s.") % {"relation": relation},
        "agreement ended": _("ended that an adult goes on seeing this record after 18: %(relation)s.") % {"relation": relation},
        "contact told on paper": _("printed a letter that tells a contact that somebody asks to see this record."),
        "told on paper": _("printed a letter that the student turns 18."),
    }
