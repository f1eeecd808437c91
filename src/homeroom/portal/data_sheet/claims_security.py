"""Claims about security, each with the test that fails when it stops being true (Bus. & Prof. Code 22584(d), Ed. Code 49073.1(b)(5))."""

from collections.abc import Mapping

from django.utils.translation import gettext as _

from homeroom.portal.data_sheet.proving import Claimed, Lacking, Line, SheetPart

DOOR = "src/homeroom/portal/door/tests"


def security(read: Mapping[str, str]) -> SheetPart:
    lines = (*_access(), *_sign_in(), *_encryption(read), *_backups(read), *_watching())
    return SheetPart("security", _("Security controls"), _("Each control names tests. If one stops working, its test fails, and no release is made."), lines)


def _access() -> tuple[Line, ...]:
    return (
        Claimed(_("The database decides who sees each row. The web login has no right on any table."),
                ("tests/house/test_app_at_psql.py::test_app_holds_no_right_on_any_table_view_or_sequence",)),
        Claimed(_("Each role gets exactly the rows and changes that the rules give it."),
                ("tests/house/test_matrix.py::test_each_role_gets_exactly_the_rows_and_changes_that_the_rules_give_it",)),
        Claimed(_("A person who tries someone else’s ids and forms reaches no record."),
                ("tests/house/test_idor.py::test_no_one_can_send_another_persons_form",
                 "tests/house/test_idor.py::test_ids_in_a_query_or_in_the_headers_of_htmx_reach_nothing")),
        Claimed(_("A page that someone may not see answers like a page that does not exist."),
                ("tests/house/test_doors.py::test_a_page_that_a_stranger_may_not_see_answers_like_one_that_does_not_exist",)),
        Claimed(_("A restriction by a court keeps an adult out, whatever else gives access."),
                ("tests/ops/test_commands.py::test_a_court_keeps_ana_from_nina_until_the_order_ends",)),
        Claimed(_("Staff who view unusually many people must confirm who they are. Other administrators are notified."),
                ("src/homeroom/portal/access/tests/test_brakes.py::test_at_half_the_person_and_the_other_administrators_see_a_notice_once_a_day",
                 "src/homeroom/portal/access/tests/test_brakes.py::test_a_page_over_the_limit_asks_who_it_is_and_a_locked_one_says_who_can_help")),
    )  # fmt: skip


def _sign_in() -> tuple[Line, ...]:
    return (
        Claimed(_("Administrators, and staff who see records, need a second factor. Tutors need one, too."),
                (f"{DOOR}/test_must_be_strong.py::test_a_password_alone_signs_in_no_one_who_must_have_a_second_factor",), "SP 800-63B-4"),
        Lacking(_("Families and students may sign in without a second factor. Homeroom offers families a passkey.")),
        Claimed(_("A person can sign in with a passkey alone, without a password."), (f"{DOOR}/test_second_step.py::test_a_passkey_alone_signs_ana_in",)),
        Claimed(_("A password needs 15 characters, or 8 with a second factor. Breached passwords are refused."),
                (f"{DOOR}/test_passwords.py::test_a_password_needs_15_characters_alone_and_8_with_a_second_factor",
                 f"{DOOR}/test_passwords.py::test_a_breached_password_is_not_taken_in_any_case_or_with_a_year"), "SP 800-63B-4"),
        Claimed(_("Passwords are stored as slow hashes. No one can read them back."),
                (f"{DOOR}/test_accounts.py::test_no_password_is_kept_as_it_was_typed",)),
        Claimed(_("Staff are signed out after an hour without a click."),
                (f"{DOOR}/test_sign_in.py::test_staff_are_signed_out_after_an_hour_without_a_click",)),
        Claimed(_("An account is notified of each change of its password, factors or email."),
                (f"{DOOR}/test_ways_in.py::test_each_change_writes_one_notice_and_one_entry_even_at_psql",)),
    )  # fmt: skip


def _encryption(read: Mapping[str, str]) -> tuple[Line, ...]:
    tls = "src/homeroom/portal/processes/tests/test_front.py::test_front_with_a_certificate_speaks_tls_1_2_or_newer_only"
    if read.get("secure") == "yes":
        browsers: Line = Claimed(_("Browsers reach this portal by TLS. The portal’s own TLS is version 1.2 or newer."), ("setting: secure", tls))
    else:
        browsers = Lacking(_("This portal’s settings have no TLS. It must not be open to other computers like this."))
    return (
        browsers,
        Claimed(_("A file leaves the district sealed. Only this portal opens it, and the import server can’t."),
                ("src/homeroom/seal/tests/test_opening.py::test_harbors_portal_cannot_open_lincolns_file",
                 "tests/journeys/test_gateway_disk.py::test_gateways_disk_knows_no_child_at_any_moment")),
        Claimed(_("No unsealed copy of a file is left on a disk."),
                ("src/homeroom/portal/intake/tests/test_sidecar.py::test_the_store_keeps_no_plain_text_on_the_disk",)),
        Claimed(_("The district has its own processes, database and keys. Each process reads only its own secret."),
                ("tests/ops/test_portal_run.py::test_process_can_read_its_own_secret_only",
                 "tests/ops/test_portal_run.py::test_process_runs_as_its_own_user_and_can_gain_nothing")),
        Lacking(_("The running database is not encrypted by Homeroom. The operator encrypts the disks.")),
    )  # fmt: skip


def _backups(read: Mapping[str, str]) -> tuple[Line, ...]:
    if read.get("backups") != "set up":
        return (Lacking(_("This portal has no backups yet.")),)
    return (
        Claimed(_("Backups are sealed before they reach a disk. Someone with every store reads no name."),
                ("setting: backups", "src/homeroom/vault/tests/test_thieves.py::test_someone_with_the_whole_store_can_read_no_name")),
        Claimed(_("Backups stay 3 days in the store, 45 in the archive and 90 off-site. One a month stays until the contract ends."),
                ("setting: backups", "src/homeroom/vault/tests/test_keeping.py::test_the_tiers_are_those_of_the_policy")),
        Claimed(_("Access that was removed does not come back with a restore."),
                ("src/homeroom/portal/membership/restore/tests/test_replaying.py::test_no_one_reaches_more_after_any_acts_than_before_the_disk_was_lost",)),
    )  # fmt: skip


def _watching() -> tuple[Line, ...]:
    return (
        Claimed(_("No login changes the access log, and a chain of hashes shows a change by anyone else."),
                ("tests/house/test_verbs.py::test_every_verb_on_every_table_is_allowed_or_refused_as_written",
                 "src/homeroom/portal/audit/tests/test_chain_random.py::test_any_cut_swap_or_change_is_found_with_a_known_head")),
        Claimed(_("Sign-ins, failures and changes are security events, which no login can change. They have no names."),
                ("src/homeroom/portal/events/tests/test_events.py::test_no_login_changes_removes_or_forges_a_row",)),
        Claimed(_("A log has no value about a person."), ("tests/house/test_log.py::test_a_statement_that_fails_leaves_its_values_out_of_the_log",)),
        Claimed(_("Every page is tested for accessibility, by a program and by keyboard (WCAG 2.2 AA)."),
                ("tests/house/test_pages.py::test_every_page_as_each_person", "tests/house/test_keyboard.py::test_every_page_is_walked_by_tab")),
        Claimed(_("A program removes each defense, one after the other, and a test must notice."),
                ("tests/house/test_defences.py::test_every_row_fits_the_tree_and_names_a_test_that_is_there",)),
        Lacking(_("No accredited firm has tested Homeroom, and there is no SOC 2 report.")),
    )  # fmt: skip
