"""Declares the acts about people (access, requests, challenges, duties, administrators, settings) and the duties."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from homeroom.portal.access.policy import Risk, act, duty, two_person_act


def administrator_of(said: dict[str, str]) -> str:
    if not said["school"]:
        return gettext("Make %(name)s an administrator of the district") % said
    return gettext("Make %(name)s an administrator of %(school)s") % said


PRINCIPAL = duty("principal", _("principal"), _("principals"), opens="grades, attendance", has_classes=True)
COUNSELOR = duty("counselor", _("counselor"), _("counselors"), opens="grades, attendance", has_classes=True)
REGISTRAR = duty("registrar", _("registrar"), _("registrars"))
ATTENDANCE_CLERK = duty("attendance clerk", _("attendance clerk"), _("attendance clerks"), opens="attendance")
# The policy's "district leadership": whoever lets data of students leave the district, or lists whom an incident affects.
DATA_RELEASE = duty("data release", _("data release officer"), _("data release officers"), of_district=True)

SEE_CLASSES = act("classes", _("See your own classes"), Risk.NONE, "staff")
SEE_SETTINGS = act("settings", _("See settings"), Risk.OFFICE, "administrator")
CHANGE_SETTING = act("setting", _("Change a setting"), Risk.OFFICE, "administrator")
READ_CLASS_NAMES = act("class names", _("Read the names of a class, as a substitute"), Risk.RECORD, "staff",
    kinds="names", seen_by="seen_by_substitute", about="substitute_classes_of", asks="substitutes_of")  # fmt: skip
SEE_PROPOSALS = act("proposals", _("See what needs a second approval"), Risk.OFFICE, "administrator, board second")
ANSWER_PROPOSAL = act("second", _("Confirm or stop another person’s proposal"), Risk.OFFICE, "administrator, board second")
SEE_OFFICE = act("office", _("See administrators, duties and support"), Risk.OFFICE, "administrator")
DECIDE_OFFICE = act("proposal", _("Add and end administrators, duties, substitutes and support"), Risk.OFFICE, "administrator")
SEE_CODES = act("codes", _("Find a person to print a letter for"), Risk.RECORD, "administrator, registrar",
    kinds="names", seen_by="seen_for_codes", lists=True)  # fmt: skip
PRINT_CODE = act("code", _("Print a letter with a one-use code"), Risk.RECORD, "administrator, registrar",
    kinds="names", seen_by="seen_to_print_for", lists=True)  # fmt: skip
SEE_CARDS = act("cards", _("See sign-in cards of your own classes"), Risk.NONE, "staff")
PRINT_CARDS = act("card", _("Print and end sign-in cards"), Risk.OFFICE, "staff")
SEE_REQUESTS = act("requests", _("Ask to see a child’s record, and read the answer"), Risk.NONE, "family")
WITHDRAW_REQUEST = act("withdrawal", _("Withdraw your own request"), Risk.NONE, "family, student")
SEE_APPROVALS = act("approvals", _("See requests for access to a child’s record"), Risk.OFFICE, "administrator, registrar, principal")
COMPARE_REQUEST = act("request", _("Compare a request with records"), Risk.RECORD, "administrator, registrar",
    kinds="contacts, birth date", seen_by="seen_in_request")  # fmt: skip
APPROVE_EXACT = act("exact requests", _("Approve exact requests together"), Risk.OFFICE, "administrator, registrar")
CHALLENGE = act("challenge", _("Challenge a parent account"), Risk.NONE, "family, student")
SEE_CHECKS = act("checks", _("Answer the school while it checks your access"), Risk.NONE, "family")
SEE_LETTERS = act("letters", _("List contacts to write letters to"), Risk.RECORD, "administrator, registrar",
    kinds="contact names", seen_by="seen_for_letters", lists=True)  # fmt: skip
PRINT_LETTERS = act("letter", _("Print letters to contacts"), Risk.RECORD, "administrator, registrar",
    kinds="contact names", seen_by="seen_on_letters", lists=True)  # fmt: skip
SEE_CHALLENGES = act("challenges", _("See challenges of access"), Risk.OFFICE, "administrator")
CHECK_TIE = act("tie check", _("Check challenged access"), Risk.RECORD, "administrator",
    kinds="contacts", seen_by="seen_in_challenge")  # fmt: skip
TUTOR = act("tutoring", _("Ask to see a student, as a tutor"), Risk.NONE, "family")
SEE_TUTORS = act("tutors", _("See a child’s tutors and who asks to be one"), Risk.NONE, "family, student")
CONSENT = act("consent", _("Give a tutor access, and end it"), Risk.NONE, "family, student")
SEE_TUTOR_OFFICE = act("tutor office", _("See tutor applications and every tutor’s access"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_with_tutors", lists=True)  # fmt: skip
ANSWER_TUTOR = act("tutor", _("Answer a tutor’s application, and end a tutor’s access"), Risk.OFFICE, "administrator")
SEE_AGES = act("ages", _("See whose access changes at 18, and lift suspensions"), Risk.RECORD, "administrator, registrar",
    kinds="names", seen_by="seen_suspended_by_age", lists=True)  # fmt: skip
READ_BIRTHDAYS = act("birthdays", _("See upcoming 18th birthdays"), Risk.RECORD, "administrator, registrar",
    kinds="birth date", seen_by="seen_turning_18")  # fmt: skip
LIST_UNDATED = act("no birth date", _("List students without a birth date"), Risk.RECORD, "administrator, registrar",
    kinds="names", seen_by="seen_without_birth_date", lists=True)  # fmt: skip
LIST_PAPERS = act("papers", _("List letters about 18th birthdays and requests, and mark them as printed"), Risk.RECORD, "administrator, registrar",
    kinds="names, contact names", seen_by="seen_on_paper", lists=True)  # fmt: skip
TURN_18 = act("turning 18", _("Decide at 18 who keeps access to your record"), Risk.NONE, "student")
SEE_TIES = act("ties", _("Find who has access to a student’s record, and list restrictions"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_for_ties", lists=True)  # fmt: skip
KEEP_TIES = act("adults", _("Give and remove access, add restrictions, make a contact confidential, turn off parent access"), Risk.RECORD, "administrator",
    kinds="contacts", seen_by="seen_with_adults", searches=True)  # fmt: skip
FIND_PEOPLE = act("people", _("Find a person for a restriction"), Risk.RECORD, "administrator",
    kinds="contacts, names", seen_by="seen_with_people", searches=True)  # fmt: skip
INSPECT = act("inspection", _("Ask to inspect a record"), Risk.NONE, "family, student")
ANSWER_INSPECTION = act("inspections", _("See and answer requests to inspect a record"), Risk.OFFICE, "administrator, registrar")
SEE_MASKED = act("masked", _("See which students have an alias"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_for_masking", lists=True)  # fmt: skip
MASK_STUDENT = act("masking", _("Give a student an alias, and propose ending it"), Risk.OFFICE, "administrator")
SEE_RESTORATION = act("restoration", _("Read what was restored from a backup, and propose to open sign-in"), Risk.RECORD, "administrator",
    kinds="names", seen_by="seen_in_restoration", lists=True)  # fmt: skip

two_person_act("export", "second", "export")
two_person_act("destruction", "second", "destruction")
two_person_act("disclosure", "second", "disclosure")
two_person_act("safety emergency", "at once", "safety emergency")  # 34 CFR 99.36. 99.32(a)(5) says what to record
two_person_act("new administrator", "second and lock", administrator_of, carries_out="make_administrator")
two_person_act("wide duty", "second or lock", _("Give %(name)s the duty of %(duty)s at %(school)s"), carries_out="make_duty")
two_person_act("district duty", "second and lock", _("Give %(name)s the duty of %(duty)s for the district"), carries_out="make_duty", of_district=True)
# Each of the next four gives someone access or shows a name. The fifth reopens challenged access of an adult who isn't in the district's record.
two_person_act("lifted restriction", "second", _("Lift %(name)s’s restriction for %(child)s"), carries_out="lift_restriction")
two_person_act("contact shown", "second", _("Show the contact %(name)s to %(child)s’s family"), carries_out="show_contact")
two_person_act("parent accounts", "second", _("Turn parent access to %(child)s’s record back on"), carries_out="open_to_parents")
two_person_act("tie named", "second", _("Show %(name)s’s name to %(child)s’s family"), carries_out="name_tie")
two_person_act("lifted suspension", "second", _("Open %(child)s’s record to %(name)s again"),
    carries_out="lift_suspension", shows="suspension_proposed", about="student_of_challenge")  # fmt: skip
two_person_act("wider setting", "second", _("Set “%(setting)s” to: %(choice)s"), carries_out="widen_setting")
two_person_act("open after restoration", "second", _("Open sign-in after the restoration"), carries_out="open_after_restoration")
# A time lock isn't enough, because one administrator who wants to find the child could wait a day.
two_person_act("unmasking", "second", _("End %(name)s’s alias"), carries_out="unmask", about="student_unmasked")
