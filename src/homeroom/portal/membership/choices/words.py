"""The texts of each choice. The page "Who sees what" has the settings of names(). Estimates and preview have their own pages."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from homeroom.portal.access.acting import Answer, Reply, words_for
from homeroom.portal.membership.choices.directory_words import directory_choices, directory_names


def names() -> dict[str, tuple[str, str]]:
    """Returns name and sentence of each setting, in the page's order."""
    return {
        "teachers_see_school": (
            _("What teachers can see"),
            _("Only their own classes, or every gradebook of a school where they teach. Each view is recorded in the child’s access log."),
        ),
        "registering": (
            _("Parents who register online"),
            _("Whether they can, and how an office checks their identity. Only an office, or a letter’s code if you allow it, gives access."),
        ),
        "registering_students": (
            _("Students who register online"),
            _("Whether they can, and how an office checks their identity. Sign-in cards and printed codes work either way."),
        ),
        "code_approves": (
            _("Codes on letters"),
            _("Whether a code approves immediately. Only for the contact’s email address in the record, unchanged for 14 days and confirmed."),
        ),
        "letters_by_child": (_("Letters sent home"), _("Whether a letter with a code may go home with the child.")),
        "tutors": (_("Tutors"), _("Whether tutors can apply, and what a family can share with one. A tutor can’t see any records until a parent signs.")),
        "preferred_names": (
            _("Preferred names"),
            _("Who sees the preferred names in your file. A preferred name can tell a family what a student told only the school."),
        ),
        "leaving_days": (
            _("After a student leaves"),
            _("How long families and the student keep access. After that, they ask to inspect the record. The school opens it again or shows it on paper."),
        ),
    } | directory_names()


def choice_said(setting: str, choice: str) -> str:
    if setting == "registering_students":
        setting = "registering"
    if setting == "leaving_days":
        return ngettext("%(n)s day", "%(n)s days", int(choice)) % {"n": choice}
    return {
        ("teachers_see_school", "false"): _("Teachers see their own classes"),
        ("teachers_see_school", "true"): _("Teachers see every class of their school"),
        ("registering", "closed"): _("No online registration. The office makes accounts"),
        ("registering", "in person"): _("An office approves only people it checked in person"),
        ("registering", "approve first"): _("An office approves after it checks the record"),
        ("registering", "limited first"): _("The same, and they can read school news in the meantime"),
        ("code_approves", "false"): _("A code puts the request in the office’s queue"),
        ("code_approves", "true"): _("A code approves immediately"),
        ("letters_by_child", "false"): _("By US mail, or handed out at the office"),
        ("letters_by_child", "true"): _("By US mail, at the office, or sent home with the child"),
        ("tutors", "off"): _("No tutors"),
        ("tutors", "on"): _("Tutors allowed. A family can share attendance"),
        ("tutors", "with grades"): _("Tutors allowed. A family can share attendance and grades"),
        ("preferred_names", "off"): _("No one. Homeroom doesn’t import them"),
        ("preferred_names", "staff"): _("Only staff"),
        ("preferred_names", "everyone"): _("Everyone who can see the name, including the student’s family"),
        **directory_choices(),
        ("estimates", "false"): _("Families see only grades that the school sent"),
        ("estimates", "true"): _("Families see an estimate if the school sent no grade"),
        ("preview", "false"): _("Homeroom applies a file right away, unless a limit holds it"),
        ("preview", "true"): _("Every file waits until an administrator approves it"),
    }.get((setting, choice), choice)


def capacity_said(capacity: str) -> str:
    return {"teacher": _("Teachers"), "tutor": _("Tutors"), "family": _("Families"), "student": _("Students")}[capacity]


def kind_said(kind: str) -> str:
    return {"grades": _("grades"), "attendance": _("attendance")}[kind]


def said_after(then: Answer | str) -> Reply | None:
    """Returns the message about the last act, and whether it succeeded."""
    return words_for(then, {
        Answer.KEPT: (_("Saved. It takes effect immediately, and every administrator is notified."), True),
        Answer.PROPOSED: (_("Proposed. It lets more people see records, so it needs a second approval."), True),
        Answer.SAME: (_("Nothing was changed. This choice is already set."), False),
        Answer.ODD: (_("Nothing was changed. Choose an option from the list, or 30 to 365 days."), False),
        Answer.TAKEN: (_("Someone else has already changed or proposed this. This page shows the current state."), False),
        "late": (_("Nothing was changed. The portal is too busy to calculate the preview. Try again in a few minutes, or in the evening."), False),
        Answer.BUSY: (_("Nothing was changed. Someone else is previewing a setting now. Try again in a minute."), False),
        Answer.AGAIN: (_("Too much time has passed. Confirm it’s you again."), False),
    })
