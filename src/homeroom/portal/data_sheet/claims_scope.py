"""Who sees what by the settings of now, what differs from the security policy, how long data stays, who else gets data, and what doesn't exist yet."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from homeroom.portal.data_sheet.live import CHOICES
from homeroom.portal.data_sheet.proving import Claimed, Lacking, Line, SheetPart
from homeroom.portal.membership.choices.words import choice_said, names

MATRIX = "tests/house/test_matrix.py::test_each_role_gets_exactly_the_rows_and_changes_that_the_rules_give_it"
GRADEBOOK = "src/homeroom/portal/grades/tests/test_gradebook.py"
SUPPORT = "src/homeroom/portal/support/tests"


def who(read: Mapping[str, str]) -> SheetPart:
    """Has one line for each setting. The declared acts are a table of their own."""
    lines = tuple(Claimed(f"{names()[each][0]}: {choice_said(each, read[each]) if each in read else ''}.", (f"setting: {each}",)) for each in CHOICES)
    return SheetPart("who", _("Who can see what"), _("These are the district’s choices at this moment. Families see only their own children."), lines)


def compared(read: Mapping[str, str]) -> SheetPart:
    if read.get("teachers_see_school") == "true":
        teachers = _("As wide as the policy: teachers see every class of their school, because the district chose so.")
    else:
        teachers = _("Tighter than the policy: teachers see their own classes only. The policy lets all certificated staff in.")
    return SheetPart("compared", _("Compared with the security policy"), _("The policy names students, parents, certificated staff and approved tutors."), (
        Claimed(teachers, ("setting: teachers_see_school", f"{GRADEBOOK}::test_another_persons_class_gets_the_same_page_as_a_class_that_does_not_exist")),
        Claimed(_("Tighter: an adult sees a child’s record only after an office approved it."), (
            "src/homeroom/portal/membership/requests/tests/test_answering.py::test_the_registrar_approves_and_mia_sees_nina",)),
        Claimed(_("Tighter: a tutor needs the signed consent of a parent, and sees only what it names."), (
            "setting: tutors", "src/homeroom/portal/membership/tutors/tests/test_tutor_consent.py::test_never_more_than_asked_ticked_and_allowed")),
        Claimed(_("Wider: registrars, attendance clerks, counselors and principals see records of their school, by a duty with dates."), (
            MATRIX, f"{GRADEBOOK}::test_pat_opens_a_class_by_her_duty_and_it_is_in_ninas_access_log")),
        Claimed(_("Wider: support sees numbers of at most 20 students for four hours, after two administrators agreed."), (
            f"{SUPPORT}/test_grants.py::test_no_more_than_twenty_students_and_four_hours",
            f"{SUPPORT}/test_masked.py::test_support_reads_no_name_no_address_no_birth_date_and_no_ones_words")),
        Lacking(_("Different: the policy names firewalls and CloudFlare. The operator chooses these, and Homeroom brings none.")),
    ))  # fmt: skip


def retention(read: Mapping[str, str]) -> SheetPart:
    erasing = "src/homeroom/portal/membership/erasing/tests/test_erasing.py"
    days = read.get("leaving_days", "")
    return SheetPart("retention", _("How long data stays"), _("This is how it works today. The printed data sheet has the time for each table."), (
        Lacking(_("Homeroom removes no student record by itself. The district decides when a record goes.")),
        Claimed(_("The district can have a student’s record erased. No later file and no restore brings it back."), (
            f"{erasing}::test_nothing_says_who_an_erased_student_was",
            f"{erasing}::test_a_restore_of_yesterdays_backup_brings_no_erased_student_back"), "AB 801; 16 CFR 312.10"),
        Claimed(_("A court’s hold stops erasing."), (f"{erasing}::test_a_record_that_must_be_kept_is_not_erased",)),
        Claimed(_("Families and students who left keep access for %(days)s days.") % {"days": days}, (
            "setting: leaving_days",
            "src/homeroom/portal/membership/leaving/tests/test_leaving.py::test_it_is_open_while_here_and_for_the_districts_days_after")),
        Claimed(_("The state before an import is kept for 30 days, to undo it."), (
            "src/homeroom/portal/intake/tests/test_undo.py::test_after_thirty_days_it_is_too_late_and_what_was_before_is_gone",)),
        Claimed(_("The access log stays as long as the record."), (
            "tests/house/test_verbs.py::test_every_verb_on_every_table_is_allowed_or_refused_as_written",), "34 CFR 99.32(a)(2)"),
    ))  # fmt: skip


def receivers(read: Mapping[str, str], *, is_public: bool) -> SheetPart:
    """Returns who gets data by the settings of now. The public page doesn't say where the operator's own servers are."""
    found = [
        (_("Mail server: gets emails with addresses, links and codes. They name no student."), "mail relay"),
        (_("Receiver of security events: gets events without names."), "security events"),
        (_("Proxy in front of the pages: sees what pages show, if it ends TLS."), "proxies"),
        (_("Database server on another computer: holds all data."), "database"),
    ]
    lines: list[Line] = [
        Claimed(says if is_public and name != "mail relay" else f"{says} {_('Set to: %(value)s.') % {'value': read[name]}}", (f"setting: {name}",))
        for says, name in found if read.get(name)
    ]  # fmt: skip
    stores = read.get("backup stores", "")
    if "://" in stores:
        says = _("Stores of backups on other computers: hold sealed copies, which they can’t open.")
        lines.append(Claimed(says if is_public else f"{says} {_('Set to: %(value)s.') % {'value': stores}}", ("setting: backup stores",)))
    if not lines:
        settings = tuple(f"setting: {name}" for name in ("mail relay", "security events", "proxies", "database", "backup stores"))
        lines.append(Claimed(_("No other company gets data from this portal. Its settings name none."), settings))
    lines.append(Lacking(_("The operator names its data center, and everyone else who can reach the computer itself.")))
    return SheetPart("receivers", _("Other companies that get data"), _("Read from this portal’s settings. A new one appears here by itself."), tuple(lines))


def missing(_read: Mapping[str, str]) -> SheetPart:
    return SheetPart("missing", _("Not built yet"), _("A contract must not promise these."), (
        Lacking(_("A schedule that removes records by class and date, adopted by the district."), "5 CCR 432, 437"),
        Lacking(_("A register of disclosures outside the portal, and sealed disclosures with a second approval."), "34 CFR 99.32"),
        Lacking(_("Annual notices with proof of delivery."), "34 CFR 99.7"),
        Lacking(_("Deletion that a family asks for online, after a student left."), "AB 801"),
        Lacking(_("Single sign-on with the district’s accounts.")),
        Lacking(_("One command that exports everything at the end of the contract. The district has the files that it sent.")),
    ))  # fmt: skip
