"""Every function of the database: who may call it, how it is closed off, and what a stranger's arguments get."""

from typing import Any

import psycopg
import pytest

from homeroom.portal.access.protect import protect
from tests.house.at_psql import claim_of, look_of, psql
from tests.house.expected import VERBS
from tests.house.tries import TRIES
from tests.school import School, proof_of

# The functions that each login may execute. Only the owner and other functions may execute the rest.
MAY_CALL = {
    "app": """
        begin_request(bytea,bigint) look(bytea,text,uuid,text[],text,integer)
        students_shown(uuid[],timestampwithtimezone) child_shown(uuid,timestampwithtimezone,date,date)
        seats_shown(integer[],date) work_shown(uuid,date,date) scores_shown(integer[],integer[],integer,date,date,date)
        earlier_seats_shown(integer,date) earlier_work_shown(integer,integer[],timestampwithtimezone[])
        classes_i_teach(date,date,integer) classes_of_my_schools() class_shown() class_students_shown(date) class_work_shown() class_results_shown(date)
        attendance_codes_shown() marks_shown(integer[],date,date) first_mark_shown(integer)
        attendance_schools_shown() absences_counted(uuid,text) absences_shown(uuid,text) kinds_shown() students_of_school_shown()
        schools_listed() class_titled(uuid) class_names_shown() news_shown(uuid,integer) letters_go_by_child() i_act_for_district() support_estimates()
        deliveries_shown(integer,integer,integer) recent_deliveries(integer) nightly_expected() delivery_of_digest(text) receipt_shown(integer)
        refused_rows_shown(integer,bigint,integer) signing_keys_shown() columns_off_shown() tolerances_shown() change_counts_shown(integer)
        brakes_shown() raise_cap(uuid,integer,text) week_viewers(date) count_names(bigint[]) prints_left()
        security_events(text,text,bigint,bytea,timestampwithtimezone,timestampwithtimezone,timestampwithtimezone,bigint)
        changes_shown(integer,text,text,boolean,text,integer,integer) changes_counted(integer,text,text,boolean,text,integer)
        change_shown(integer,uuid,boolean)
        ledger_of(uuid,timestampwithtimezone,timestampwithtimezone) who_can_see(uuid) everything_shown(uuid)
        questions_of(integer) question_beside(uuid) propose_answer(uuid,text) confirm_answer(uuid,text) withdraw_answer(uuid)
        undo_merge(uuid)
        write_decision(integer,text,text,text[],text[]) decisions_of(integer)
        attendance_codes_met(integer) attendance_codes_counted(text,text,date) attendance_codes_touched(text[],text[])
        grade_categories_shown(integer) grade_categories_previewed(text[]) classes_ungraded_shown() set_grade_categories(text[],text[])
        set_attendance_codes(jsonb) ledger_settings(text) set_unread_columns(jsonb) set_tolerances(text[],text[])
        begin_upload() uploader_of(integer)
        second_proposal(uuid,text,text) stop_proposal(uuid,text) proposals_shown()
        duties_shown(uuid) give_duty(uuid,uuid,text,date,date,text) end_duty(uuid,text) substitutions_shown(uuid) end_substitution(uuid,text)
        my_substitute_classes() classes_found(uuid,text) give_substitution(uuid,uuid[],date,date,text)
        staff_found(text) staff_named(uuid) administrators_shown() board_second_shown() propose_administrator(uuid,uuid,text) end_administrator(uuid,uuid,text)
        people_to_print_for() person_to_print_for(uuid,text) print_code(uuid,text,text,bytea,text)
        students_for_cards(uuid) print_cards(uuid,uuid[],bytea[]) end_cards(uuid,uuid[])
        ask_for_child(jsonb) my_registrations() withdraw_registration(uuid) registrations_counted(uuid) registrations_shown(text,uuid,integer)
        contacts_for_letters(uuid) print_letters(uuid[],bytea[],text) contacts_on_letters(uuid[])
        challengeable(uuid) begin_challenge(uuid,uuid,text,text) my_challenges() messages_of_my_challenge(uuid) write_about_my_challenge(uuid,text)
        my_checks() messages_of_my_check(uuid) write_about_my_check(uuid,text)
        challenges_shown(text) challenge_shown(uuid) challenge_messages(uuid)
        write_in_challenge(uuid,text,text) decide_challenge(uuid,text,text,text) give_leave(uuid)
        tutor_terms_shown() my_application() my_students() my_tutor_requests() ask_for_student(jsonb) withdraw_tutor_request(uuid)
        my_say_on_consents(uuid) tutor_requests_of(uuid) tutors_of(uuid) give_consent(uuid,uuid,text[],text) decline_tutor(uuid,uuid) end_tutor(uuid,uuid)
        tutor_applications_shown() answer_tutor(uuid,text,text) tutor_ties_shown() end_tutor_by_office(uuid)
        ages_counted() without_birth_date() suspended_by_age() ages_soon() lift_suspension_by_age(uuid,text,text,date)
        record_dependence(text,text[],text,date) confirm_birth_date(uuid,text) told_on_paper() paper_printed(integer[])
        schools_i_publish_for() publish_news(jsonb) take_down_news(uuid) news_published()
        students_for_ties() ties_of_adult() child_kept(uuid) ties_of_child(uuid) adults_found() set_tie(uuid,uuid,text,jsonb) change_tie(uuid,uuid,jsonb)
        end_tie(uuid,uuid) set_tie_confidential(uuid,uuid,boolean) restrictions_shown(uuid) bar(uuid,uuid,jsonb) people_to_bar()
        bar_longer(uuid,uuid,date) propose_lifting(uuid,uuid,text) contacts_of_child(uuid) keep_contact(uuid,uuid) propose_contact_shown(uuid,uuid,text)
        join_contact(uuid,uuid,uuid) part_contact(uuid,uuid)
        close_to_parents(uuid,text,text) propose_opening_to_parents(uuid,text) my_children_shut()
        child_of_lines(uuid) ledger_for_office(uuid,bigint) propose_withholding(uuid,bigint,text,date,text)
        my_majority() agree_at_18(uuid) end_agreement(uuid) my_children_at_18()
        correctable_shown(uuid,text) my_corrections(uuid) corrections_shown() correction_shown(uuid)
        ask_for_correction(uuid,text,uuid,text,text,text) withdraw_correction(uuid) ask_for_hearing(uuid) set_hearing(uuid,date,text) add_statement(uuid,text)
        answer_correction(uuid,text,text,text,text) finish_correction(uuid)
        directory_shown(uuid) opt_out(uuid,text) take_back_opt_out(uuid,text)
        consents_shown(uuid) sign_consent(uuid,text[],text,text,date,text) end_consent(uuid,uuid)
        incidents_shown() incident_facts(uuid) incident_accounts(text,uuid) incident_sign_ins(uuid) incident_imports() letters_counted(uuid)
        breach_letters_shown()
        declare_incident(uuid,text,text,timestampwithtimezone) note_incident(uuid,text,text,text,timestampwithtimezone)
        start_earlier(uuid,timestampwithtimezone,text) propose_later_start(uuid,timestampwithtimezone,text)
        hold_notices(uuid,text,timestampwithtimezone) end_hold(uuid,text) name_suspect(uuid,uuid,boolean,text)
        count_affected(uuid,text,text,text,timestampwithtimezone,timestampwithtimezone,text)
        contain(uuid,text,text,text) incident_containing(uuid) incident_effects(uuid) incidents_to_list() affected_shown(uuid)
        set_count_aside(uuid,uuid,text) draft_letter(uuid,text,jsonb) propose_letters(uuid,text,text) open_breach_letters() review_incident(uuid,text)
        breach_letters_listed(uuid,text,integer) batch_letters_shown(uuid) choose_notifier(uuid,boolean,text) print_breach_letters(uuid,text)
        batch_mailed(uuid,uuid,timestampwithtimezone,text) letter_given(uuid,uuid,timestampwithtimezone,text) letter_came_back(uuid,uuid,text)
        propose_letter_way(uuid,uuid,text,text)
        my_inspections() ask_for_inspection(uuid,text) withdraw_inspection(uuid) inspections_shown() answer_inspection(uuid,text,integer)
        access_settings_shown() settings_published() change_setting(text,text,text) preview_setting(text,text)
        students_for_masking() student_for_masking(uuid) mask_student(uuid,text,text,text,date,date) maskings_shown() propose_unmasking(uuid,text)
        registration_shown(uuid) records_beside(uuid) answer_registration(uuid,text,uuid,text,text[],uuid) approve_exact(uuid[])
        supporters_shown() students_for_support() students_named_for_support(uuid[]) propose_support(uuid,integer,uuid[],text)
        support_grants_shown(integer) end_support(uuid,text)
        restoration_shown() restoration_lines_shown(integer) propose_opening(uuid,text)
        asking_support() begin_support(bytea,bigint) support_look(bytea,integer) support_classes() support_work() support_marks(date) support_ties()
        support_deliveries()
    """,
    "door": """
        rename_account(uuid,text,bytea)
        account_named(text) session_shown(bytea) sessions_shown(bytea) other_side(bytea) addresses_shown(bytea) notices_shown(bytea,integer)
        step_shown(bytea,text) has_password(uuid) asks_second(uuid) factors_shown(uuid) apps_shown(uuid) passkeys_shown(uuid) passkey_shown(bytea)
        recovery_codes_left(uuid) is_known_browser(bytea,timestampwithtimezone) code_of(bytea) is_made_of_names(uuid,text,text[])
        code_wait(bytea,bytea) reset_waits(bytea)
        end_session(bytea,text) end_other_sessions(bytea,text,text) hold_session(bytea,text) keep_session(bytea,bytea,boolean,text)
        read_notices(bytea) factor_offered(bytea)
        begin_step(bytea,text,uuid,jsonb,interval) end_step(bytea) keep_password(uuid,text,boolean) change_password(bytea,text,boolean)
        add_passkey(uuid,text,bytea,bytea,bigint,bytea[],bytea) use_passkey(bytea,bigint) add_app(uuid,text,bytea,bigint,bytea[],bytea) use_app(uuid,bigint)
        rename_factor(uuid,uuid,text,bytea) remove_factor(uuid,uuid,bytea) keep_recovery_codes(uuid,bytea[],bytea) use_recovery_code(uuid,bytea)
        use_code(bytea,text,bytea) begin_code_wait(bytea,bytea) stop_reset(bytea) use_card(bytea) ask_for_reset(text,text)
        name_address(uuid,text,text,bytea) prove_address(uuid,bytea,bytea) remove_address(uuid,bytea)
        schools_listed() register(text,text,text,jsonb) register_student(text,text,text,jsonb) apply_as_tutor(text,text,text,jsonb)
        count_try(bytea,bytea,integer,interval) forget_tries(bytea,bytea,bytea[]) take_back_try(bytea,bytea[])
        try_password(text,bytea,timestampwithtimezone,bytea,bytea,interval,bytea,integer,bytea[],text,text) note_failure(text,text,uuid,text,text,text)
        begin_session(uuid,bytea,bytea,text,boolean,text,boolean,interval,interval,interval,bytea,bytea,integer,bytea,bytea,bytea[],text)
        supporter_of_code(bytea) register_supporter(bytea,bytea,bytea,bigint) supporter_of_passkey(bytea) begin_support_session(bytea,bigint,bytea)
        end_support_session(bytea) unconfirmed_since()
    """,
    "intake": """
        ledger_import(integer,integer[],jsonb[]) ledger_undo(integer) ledger_answers(integer) move_corrections(integer)
        first_load_open(text) first_load_close(text) images_begin(integer)
        undo_rows(integer) mark_grades() name_news_again(integer) erased_ids() claim_upload(integer,uuid) empty_column(text,text)
        close_staff_accounts(integer) open_staff_accounts(integer) staff_seen_lately()
    """,
    "jobs": """
        sessions_swept() sessions_outlived() events_swept() brakes_to_mail() brake_mailed(integer,boolean) weekly_views_told() scores_changed_told()
        incidents_running() incident_overdue_told(integer)
        change_sets_swept() uploads_swept() images_swept(timestampwithtimezone)
        next_registration_matched() next_tutor_request_matched() next_challenge_due() next_birthday_due() next_tie_over()
        next_request_lapsed() next_tutor_request_lapsed() next_inspection_over() next_correction_due() overdue_told() lapsed_swept()
        next_proposal_due() begin_reports() end_reports() ledger_head() board_mails_due() mark_board_told(integer,boolean) codes_swept() support_swept()
        last_files() deliveries_told(timestampwithtimezone) delivery_told(integer) files_ended(timestampwithtimezone)
        notes_due() note_sealed(bigint) notes_swept() account_mails_due() hand_account_mail(bigint,bytea) account_mail_answered(bigint,bytea,text,boolean)
        letters_to_mail() begin_letter_mail(boolean) hand_letter_mail(bigint) letter_mail_answered(bigint,text,text)
    """,
    "sealer": "entries_unlinked(bigint,bigint,integer) students_unlinked(bigint[])",
    "watcher": "end_overdue()",
    "forwarder": "events_due(text,bigint,bigint,integer) events_forwarded(text,bigint,bigint)",
}
OURS = """FROM pg_proc p WHERE pronamespace = 'public'::regnamespace AND NOT starts_with(proname, 'procrastinate_')
    AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')"""
@pytest.mark.parametrize("login", VERBS)
def test_a_login_may_call_what_is_listed_and_nothing_else(school: School, login: str) -> None:
    with school.connect("owner") as owner:
        assert may_call(owner, login) == set(MAY_CALL[login].split())


def may_call(connection: psycopg.Connection[Any], login: str) -> set[str]:
    found = connection.execute(f"SELECT p.oid::regprocedure::text {OURS} AND has_function_privilege(%s, p.oid, 'EXECUTE')".encode(), [login])
    return {name.replace(" ", "") for (name,) in found}


def test_nothing_is_executable_by_everybody(school: School) -> None:
    with school.connect("owner") as owner:
        rights = "aclexplode(coalesce(proacl, acldefault('f', proowner))) a WHERE a.grantee = 0"
        open_to_all = owner.execute(f"SELECT p.oid::regprocedure::text {OURS} AND EXISTS (SELECT FROM {rights})")
        assert open_to_all.fetchall() == []


def test_a_function_made_later_is_not_open_to_everybody_either(own_school: School) -> None:
    with own_school.connect("owner") as owner:
        owner.execute("CREATE FUNCTION later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        assert owner.execute("SELECT has_function_privilege('app', 'later()', 'EXECUTE')").fetchone() == (False,)


def test_a_function_that_protect_does_not_make_is_closed_by_it(own_school: School) -> None:
    """The queue's functions come from elsewhere, and PostgreSQL opens them to everyone."""
    with own_school.connect("owner") as owner:
        owner.execute("CREATE FUNCTION procrastinate_later() RETURNS int LANGUAGE sql AS 'SELECT 1'")
        owner.execute("GRANT EXECUTE ON FUNCTION procrastinate_later() TO PUBLIC, app")
        protect(owner)
        held = owner.execute("SELECT has_function_privilege('app', 'procrastinate_later()', 'EXECUTE')")
        assert held.fetchone() == (False,)


def test_the_sets_of_one_side_are_empty_on_another(school: School) -> None:
    """Calls them as owner, who may call all of them. Each one checks the role itself, no matter what calls it."""
    sets = {
        "family": ("open_ties()",),
        "staff": ("sections_i_teach()", "my_duties()", "my_offices()"),
        "student": (),
    }
    hats = {"family": ("dana", "family"), "staff": ("dana", "staff"), "student": ("nina", "student")}
    with school.connect("owner") as owner:
        for side, (person, _) in hats.items():
            owner.execute("SELECT begin_request(%s)", [proof_of(person, side)])
            for of_side, functions in sets.items():
                for function in functions:
                    (count,) = owner.execute(f"SELECT count(*) FROM {function}").fetchone() or (0,)
                    if of_side != side:
                        assert count == 0, f"{function} on the {side} side"
        owner.execute("SELECT begin_request(%s)", [proof_of("dana", "family")])
        assert owner.execute("SELECT count(*) FROM open_ties()").fetchone() == (1,)  # the control


def test_every_function_has_its_search_path_fixed_and_a_temporary_table_comes_last(school: School) -> None:
    with school.connect("owner") as owner:
        functions = owner.execute(
            f"SELECT p.oid::regprocedure::text, prosecdef, proconfig, proowner::regrole::text {OURS}"
        ).fetchall()
    assert len(functions) > 30
    for name, is_definer, settings, owned_by in functions:
        assert owned_by == "owner"
        assert settings is not None, f"{name} takes its caller's search_path"
        (path,) = [setting for setting in settings if setting.startswith("search_path=")]
        assert path in ("search_path=public, pg_temp", "search_path=pg_catalog, pg_temp"), name
        assert is_definer or path == "search_path=pg_catalog, pg_temp", f"{name} reads public tables as its caller"


def test_a_function_that_reads_openings_uses_the_index_no_matter_how_it_was_planned(school: School) -> None:
    """A connection may keep a plan that it made while no one viewed anything. It would read everyone's openings of half a minute."""
    with school.connect("owner") as owner:
        readers = owner.execute(
            f"SELECT p.oid::regprocedure::text, proconfig, prosrc {OURS} AND prosrc LIKE '%FROM open_opening%'"
        ).fetchall()
    assert [name for name, *_rest in readers] == ["viewed()"]
    for name, settings, body in readers:
        assert "enable_seqscan=off" in settings, name
        assert "asking_look()" not in body.partition("BEGIN")[2], f"{name}: a number in a variable takes the key's index"


@pytest.mark.parametrize("name", TRIES)
def test_a_strangers_ids_get_nothing_out_of_a_function(own_school: School, name: str) -> None:
    """Dee, signed in and with the number of Ana's view, tries Nina's ids. Ana has Nina's page open at that moment."""
    call, answer = TRIES[name]
    anas = psql(own_school, f"SELECT {look_of('ana', 'family', 'child', 'nina', own_school)};")
    proof = claim_of("dee", "family").split("'")[1].removeprefix("\\x")
    named = """nina bo carl middle reading duty substitution supporter grant restriction asked challenge wanted applied inspection correction masking
        incident letter fair algebra question merge consent"""
    words = {word: own_school.uuid(word) for word in named.split()} | {
        "proof": proof, "contact": own_school.uuid("contact/ana/nina"), "tie": own_school.uuid("tie/jo/nina"), "tutoring": own_school.uuid("tie/tia/nina"),
        "changes": own_school.uuid("changes/nina"), "anas_look": anas, "file": own_school.ids["file"], "nina_id": own_school.ids["nina"],
        "algebra_id": own_school.ids["algebra"],
    }  # fmt: skip
    script = f"BEGIN; SELECT {claim_of('dee', 'family', anas)} IS NULL; SELECT {call.format(**words)};"
    assert psql(own_school, script).splitlines()[1:] == ([answer] if answer else [])


LINES = """SELECT name, has_time, entry_id IS NULL, at = date_trunc('day', at, 'America/Los_Angeles')
    FROM ledger_of(%s, '-infinity', {})"""
MASK_TIA = """UPDATE tie SET is_confidential = true, relation = 'caseworker'
    WHERE adult_id = (SELECT id FROM person WHERE sourced_id = 'tia')"""


def test_the_ledger_shows_the_day_and_not_the_time_of_another_adults_view(own_school: School) -> None:
    """Narrow bounds and the number of the entry don't reveal it, either."""
    with own_school.connect("app") as app:
        for person, side in (("tia", "family"), ("bo", "staff")):
            act, subject = ("child", "nina") if side == "family" else ("gradebook", "algebra")
            app.execute(f"SELECT {look_of(person, side, act, subject, own_school)}")
            app.commit()
        (entry,) = app.execute(f"SELECT {look_of('ana', 'family', 'who has looked', 'nina', own_school)}").fetchone() or (0,)
        app.commit()
        app.execute(f"SELECT {claim_of('ana', 'family', entry)}")
        ago, nina = "now() - interval '1 minute'", [own_school.uuid("nina")]
        lines = app.execute(LINES.format("'infinity'"), nina).fetchall()
        recent = app.execute(LINES.format("'infinity'") + f" WHERE at > {ago}", nina).fetchall()
        bound = app.execute(LINES.format(ago), nina).fetchall()
    assert set(lines) == {
        ("Ana Ruiz", True, False, False),
        ("Bo Larsen", True, False, False),
        ("Tia Bright", False, True, True),
    }
    assert {name for name, *_ in recent} == {"Ana Ruiz", "Bo Larsen"}
    assert {name for name, *_ in bound} == {"Tia Bright"}


def test_confidential_access_shows_neither_name_nor_relation_nor_reason(own_school: School) -> None:
    """Tia's access is confidential. Ana reads Tia's views, and the operator's line about the access."""
    own_school.change(MASK_TIA)
    own_school.change("""SELECT ledger_change('tie made', t.student_id, NULL, 'operator', t.id, 'foster agency')
        FROM tie t JOIN person p ON p.id = t.adult_id WHERE p.sourced_id = 'tia'""")
    with own_school.connect("app") as app:
        app.execute(f"SELECT {look_of('tia', 'family', 'child', 'nina', own_school)}")
        app.commit()
        (entry,) = app.execute(f"SELECT {look_of('ana', 'family', 'who has looked', 'nina', own_school)}").fetchone() or (0,)
        app.commit()
        app.execute(f"SELECT {claim_of('ana', 'family', entry)}")
        lines = app.execute(
            """SELECT event, name, relation, proven_at, reason, is_hidden
               FROM ledger_of(%s, '-infinity', 'infinity') WHERE NOT is_me""",
            [own_school.uuid("nina")],
        ).fetchall()
    assert sorted(lines) == [("look", None, None, None, "", True), ("tie made", None, None, None, "", True)]
