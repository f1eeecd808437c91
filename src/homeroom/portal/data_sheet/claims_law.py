"""Claims that a law asks for: no advertising, sale, profiles or AI, the terms of AB 1584, and the facts of a school official under FERPA."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from homeroom.portal.data_sheet.proving import Claimed, Lacking, SheetPart

PAGES_ALONE = "tests/house/test_outgoing.py::test_the_pages_of_a_day_make_no_outgoing_connection"
EVERY_COLUMN = "tests/house/test_inventory.py::test_every_column_of_a_table_about_people_is_tagged"
EVERY_TABLE = "tests/house/test_inventory.py::test_every_table_is_in_the_inventory_or_said_to_hold_nothing_personal"
NO_READER_KEPT = "src/homeroom/portal/access/tests/test_brakes.py::test_nothing_about_a_family_or_a_student_is_kept"
MAIL_WITHOUT_NAMES = "src/homeroom/portal/intake/tests/test_reports.py::test_no_mail_names_anybody"
REMOVED = "tests/ops/test_removing.py::test_a_portal_is_removed_while_everything_runs_and_the_other_portal_goes_on"
BACKUPS_END = "src/homeroom/vault/tests/test_retain.py::test_all_backups_follow_the_clock_after_the_contract_even_monthly_ones_and_the_newest"
VIEW_FIRST = "tests/house/test_reach.py::test_no_one_reads_a_record_without_a_view"
ALL_SHOWN = "src/homeroom/portal/privacy/tests/test_everything.py::test_every_column_about_people_is_on_the_page_or_has_a_reason"
DOWNLOADED = "src/homeroom/portal/privacy/tests/test_download_everything.py::test_each_value_is_in_the_page_and_in_the_table_of_her_mother"
CORRECTED = "src/homeroom/portal/privacy/corrections/tests/test_corrections.py::test_the_office_agrees_and_the_file_that_brings_the_value_closes_it"
CLOCKS = "src/homeroom/portal/incidents/tests/test_clocks.py::test_a_hold_stops_notices_to_people_and_nothing_else"
LETTERS = "src/homeroom/portal/incidents/tests/test_letters.py::test_two_administrators_release_letters_to_everyone_who_holds_rights_once_each"
DEADLINE = "src/homeroom/portal/membership/leaving/tests/test_leaving.py::test_the_clock_is_five_business_days_and_forty_five_days"
WIDER = "src/homeroom/portal/membership/choices/tests/test_access_settings.py::test_a_widening_holds_only_after_another_person_said_yes"
SUPPORT = "src/homeroom/portal/support/tests/test_grants.py::test_one_administrator_alone_lets_no_one_in"
INCIDENTS = "src/homeroom/portal/incidents/tests"
CONSENTS = "src/homeroom/portal/privacy/consents/tests"
NO_WAY_IN = "tests/house/test_doors.py::test_someone_not_signed_in_is_sent_to_sign_in_and_no_view_is_recorded"


def promises(_read: Mapping[str, str]) -> SheetPart:
    sopipa = "Bus. & Prof. Code 22584(b)"
    return SheetPart("promises", _("No advertising, sale, profiles or AI"), _("This version does none of these, and the proofs show it."), (
        Claimed(_("Pages carry no advertising. They load nothing from another company: no scripts, fonts, pictures or trackers."),
                ("setting: no other origin", PAGES_ALONE), sopipa),
        Claimed(_("Homeroom does not sell data. No table of its database holds advertising, sales or interests."), (EVERY_TABLE, EVERY_COLUMN), sopipa),
        Claimed(_("Homeroom makes no profile of students. It does not keep what families and students read."), (NO_READER_KEPT,), sopipa),
        Claimed(_("Homeroom has no AI, calls no AI service, and trains no model."), (PAGES_ALONE, EVERY_TABLE), "CA-NDPA, AI addendum"),
        Claimed(_("Emails go only to the one server that the operator named. Emails about files name no student."),
                ("setting: mail relay", MAIL_WITHOUT_NAMES)),
        Lacking(_("The operator of this portal must promise the same for everything it does outside of Homeroom.")),
    ))  # fmt: skip


def ab_1584(_read: Mapping[str, str]) -> SheetPart:
    law = "Ed. Code 49073.1(b)"
    return SheetPart("ab-1584", _("Checklist for AB 1584"), _("The terms that a contract about student records must have, in the order of the law."), (
        Lacking(_("The district owns and controls its student records. The contract must say so."), f"{law}(1)"),
        Claimed(_("The district’s own system keeps the records. Only its signed files change them."),
                ("tests/house/test_verbs.py::test_every_verb_on_every_table_is_allowed_or_refused_as_written",), f"{law}(1)"),
        Claimed(_("Families and students download everything that they entered, and everything else about the student."), (DOWNLOADED,), f"{law}(2)"),
        Claimed(_("Homeroom has no other use for student records. Its pages send them to no other computer."), (PAGES_ALONE,), f"{law}(3)"),
        Claimed(_("Families and students read everything that is kept about the student on one page."), (ALL_SHOWN,), f"{law}(4)"),
        Claimed(_("Families and students ask for corrections. The district corrects its system, and the next file brings the value."),
                (CORRECTED,), f"{law}(4)"),
        Claimed(_("Security controls are listed below, each with its test."), (VIEW_FIRST,), f"{law}(5)"),
        Lacking(_("The operator names the employees responsible for security and trains them. Homeroom has no training."), f"{law}(5)"),
        Claimed(_("After a breach, Homeroom finds who is affected and runs the clocks. Two administrators release the letters."),
                (CLOCKS, LETTERS), f"{law}(6)"),
        Claimed(_("Letters about a breach go by portal, by email, on paper or by hand. Each has a proof of delivery."),
                (f"{INCIDENTS}/test_letter_mail.py::test_readers_with_a_verified_address_get_the_whole_letter_and_the_relays_yes_is_the_proof",
                 f"{INCIDENTS}/test_delivery.py::test_a_batch_is_printed_downloaded_by_its_printer_and_handed_to_the_mail"), "Civ. Code 1798.82"),
        Claimed(_("At the end of the contract, one command removes the portal with its database and keys."), (REMOVED,), f"{law}(7)"),
        Claimed(_("Backups end with their days, at most 90 days after the contract."), (BACKUPS_END,), f"{law}(7)"),
        Lacking(_("The operator signs a certificate that no records are left. Homeroom prints what was removed."), f"{law}(7)"),
        Lacking(_("The district and the operator agree how they follow FERPA together. The next section has the facts."), f"{law}(8)"),
        Claimed(_("Homeroom has no targeted advertising, and no other advertising."), ("setting: no other origin", PAGES_ALONE), f"{law}(9)"),
    ))  # fmt: skip


def ferpa(_read: Mapping[str, str]) -> SheetPart:
    official = "34 CFR 99.31(a)(1)(i)(B)"
    return SheetPart("ferpa", _("The operator as a school official"), _("Facts for the exception that lets a school use an outside host (FERPA)."), (
        Claimed(_("Direct control: administrators of the district decide who sees records. Wider access needs a second approval."), (WIDER,), official),
        Claimed(_("Direct control: support sees a student only after two administrators agreed, and without names."), (
            SUPPORT, "src/homeroom/portal/support/tests/test_masked.py::test_support_reads_no_name_no_address_no_birth_date_and_no_ones_words"), official),
        Claimed(_("Limits of use: each view of a record is in the access log before the record opens."), (VIEW_FIRST,), "34 CFR 99.31(a)(1)(ii)"),
        Claimed(_("No redisclosure: someone without an account sees no record, and no page lists students for the public."), (NO_WAY_IN,), "34 CFR 99.33"),
        Claimed(_("A family can see who viewed the record, when, and why."),
                ("src/homeroom/portal/audit/tests/test_who_has_looked.py::test_ana_reads_that_bo_looked_and_why",), "34 CFR 99.32"),
        Claimed(_("A request to see a record is due in five business days, and in 45 days at most."), (DEADLINE,), "34 CFR 99.10; Ed. Code 49069.7"),
        Claimed(_("Directory information: nothing is public until the district adopts a category. Families opt out of each category."),
                (f"{CONSENTS}/test_directory.py::test_nothing_is_public_as_delivered",
                 f"{CONSENTS}/test_directory.py::test_one_parent_opts_out_of_one_category"), "34 CFR 99.37; Ed. Code 49073"),
        Claimed(_("Other companies that get data are listed below, from the portal’s settings."),
                ("setting: mail relay", "setting: security events", "setting: proxies", "setting: database", "setting: backup stores"), "34 CFR 99.33"),
        Lacking(_("An operator with full rights on the host can read the database. No log of Homeroom shows that."), official),
    ))  # fmt: skip
