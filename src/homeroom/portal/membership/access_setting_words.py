"""The words of each choice. Settings of names() are on the page "Who sees what"; estimates and preview have pages of their own."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer


def names() -> dict[str, tuple[str, str]]:
    """In the page's order: its name, its sentence."""
    return {
        "teachers_see_school": (
            _("What teachers open"),
            _("Their own classes alone, or the gradebooks of every class of a school where they teach. Each look stands in the child’s ledger."),
        ),
        "registering": (
            _("Parents who register alone"),
            _("Whether they can, and how an office makes sure who it is. Nobody sees a record before an office said yes, or a letter’s code where you let it."),
        ),
        "registering_students": (
            _("Students who register alone"),
            _("Whether they can, and how an office makes sure who it is. Cards and printed codes go on in any case."),
        ),
        "code_approves": (
            _("Codes on letters"),
            _("Whether a code approves at once. Only with the record’s own email address of that contact, unchanged for 14 days and answered."),
        ),
        "letters_by_child": (_("Letters sent home"), _("Whether a letter with a code may go home with the child.")),
        "tutors": (_("Tutors"), _("Whether tutors may apply, and what a family may tick for one. A tutor reads nothing before a parent signed.")),
        "preferred_names": (
            _("Preferred names"),
            _("Who sees the names that people use, as your file has them. They can tell a family what a student told only the school."),
        ),
        "leaving_days": (
            _("After a student left"),
            _("How long families and the student go on reading. Afterwards they ask for inspection; the school opens it again or shows it on paper."),
        ),
    }


def choice_said(setting: str, choice: str) -> str:
    if setting == "registering_students":
        setting = "registering"
    if setting == "leaving_days":
        return ngettext("%(n)s day", "%(n)s days", int(choice)) % {"n": choice}
    return {
        ("teachers_see_school", "false"): _("Teachers open their own classes"),
        ("teachers_see_school", "true"): _("Teachers open every class of their school"),
        ("registering", "closed"): _("Nobody registers alone; the office makes accounts"),
        ("registering", "in person"): _("An office approves only whom it saw in person"),
        ("registering", "approve first"): _("An office approves after it checked the record"),
        ("registering", "limited first"): _("The same, and until then they read school news"),
        ("code_approves", "false"): _("A code fills the office’s queue"),
        ("code_approves", "true"): _("A code approves at once"),
        ("letters_by_child", "false"): _("By mail, or handed out at the office"),
        ("letters_by_child", "true"): _("By mail, at the office, or with the child"),
        ("tutors", "off"): _("No tutors"),
        ("tutors", "on"): _("Tutors; a family may tick attendance"),
        ("tutors", "with grades"): _("Tutors; a family may tick attendance and grades"),
        ("preferred_names", "off"): _("Nobody; Homeroom does not read them"),
        ("preferred_names", "staff"): _("Staff alone"),
        ("preferred_names", "everyone"): _("Everyone who sees a name, also the student’s family"),
        ("estimates", "false"): _("Families see only grades that the school sent"),
        ("estimates", "true"): _("Families see an estimate if the school sent no grade"),
        ("preview", "false"): _("Homeroom applies a file right away, unless a limit holds it"),
        ("preview", "true"): _("Every file waits until an administrator approves it"),
    }.get((setting, choice), choice)


def capacity_said(capacity: str) -> str:
    return {"teacher": _("Teachers"), "tutor": _("Tutors"), "family": _("Families"), "student": _("Students")}[capacity]


def kind_said(kind: str) -> str:
    return {"grades": _("grades"), "attendance": _("attendance")}[kind]


def said_after(then: Answer | str) -> tuple[str, bool] | None:
    """What the page says of what was just done, and whether it was done."""
    return {
        Answer.KEPT: (_("Kept. It holds from this moment on, and every administrator is told."), True),
        Answer.PROPOSED: (_("Proposed. It lets more people see, so another person must confirm it on the page Two people."), True),
        Answer.SAME: (_("Nothing was changed: it is chosen already."), False),
        Answer.ODD: (_("Nothing was changed. Choose one of the choices in the list; of days, 30 to 365."), False),
        Answer.TAKEN: (_("Somebody else changed it meanwhile, or the same waits already. Look at what stands here now."), False),
        "late": (_("Nothing was changed. The portal is too busy to work out who would see what. Try again in some minutes, or in the evening."), False),
        Answer.BUSY: (_("Nothing was changed. Somebody else previews a choice at this moment. Try again in a minute."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    }.get(then)
