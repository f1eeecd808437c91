"""Expected answers about administrators, duties, substitutes, second approvals, access settings, codes, cards and a restore."""

from tests.house.expected_records import Record
from tests.house.notation import DISTRICT, EVERYONE, OFFICES, Act, Read

# No one decides about themselves, their own child, or another adult of that child. For Ada, these are Kai, Dana, Pia and Oz.
NAMED = "(VALUES ('bo', '{bo}'::uuid), ('dana', '{dana}'), ('oz', '{oz}'), ('ada', '{ada}'), ('nina', '{nina}')) AS n (name, uuid)"
OTHERS = "carl/staff fay/staff"
REGISTRAR = "ruth/staff"
SETTINGS = "teachers_see_school registering registering_students code_approves letters_by_child tutors preferred_names leaving_days estimates preview"
SETTINGS += " directory_name directory_birth_date directory_email directory_phone directory_attendance_dates"
NOTES = {"max": "Gus_Moss/Max_Moss", "kai": "Dana_Okafor/Kai_Okafor"}

READS = {
    "staff_found": Read(
        "SELECT f.* FROM unnest(ARRAY['bo', 'dana', 'ada', 'vera']) w, staff_found(w) f",
        "uuid",
        {OTHERS: "bo dana ada", "ada/staff": "bo"},
    ),
    "staff_named": Read(
        f"SELECT n.name AS who, f.* FROM {NAMED}, staff_named(n.uuid) f",
        "who",
        {OTHERS: "bo dana oz ada", "ada/staff": "bo"},
        "id",
    ),
    # Only administrators see who is an administrator.
    "administrators_shown": Read("SELECT * FROM administrators_shown()", "uuid", {OFFICES: "carl ada ira fay"}),
    "board_second_shown": Read("SELECT * FROM board_second_shown()", "name", {OFFICES: "Vera_Holt"}),
    "duties_shown": Read(
        "SELECT * FROM duties_shown(NULL)",
        "duty name",
        {
            DISTRICT: "attendance_clerk/Rosa_Lim principal/Pat_Quill registrar/Ruth_Cole [principal registrar attendance_clerk data_release]/Oz_Finch",
            OFFICES: "counselor/Cam_Doyle",
        },
        "uuid",
    ),
    "substitutions_shown": Read("SELECT * FROM substitutions_shown(NULL)", "name", {OFFICES: "Rosa_Lim Oz_Finch"}),
    "my_substitute_classes": Read(
        "SELECT * FROM my_substitute_classes()", "section", {"rosa/staff oz/staff": "reading"}
    ),
    "classes_found": Read(
        "SELECT f.* FROM unnest(ARRAY['{middle}', '{elementary}']::uuid[]) s, classes_found(s, '') f",
        "uuid",
        {DISTRICT: "algebra english art science", OFFICES: "reading"},
    ),
    # Students of a class that one teaches, without one's own child, students one is restricted from, and students who left the class.
    "students_for_cards": Read(
        "SELECT c.name AS class, f.* FROM {classes}, students_for_cards(c.uuid) f",
        "class uuid",
        {"bo/staff": "algebra/[nina max]", "dana/staff": "english/[nina max]", "ted/staff": "science/[ned ivy]"},
        "id",
    ),
    # Acts that wait for a second approval. Ada sees none about Kai, and the board second sees no support grant.
    "proposals_shown": Read(
        "SELECT * FROM proposals_shown()",
        "uuid",
        {
            DISTRICT: "duty/bo office/cam unmask/ned support/sue wider support/ray",
            "carl/staff": "shown/quin",
            "vera/staff": "duty/bo office/cam unmask/ned shown/quin wider",
            "fay/staff": "office/cam",
        },
        "seen",
    ),
    "access_settings_shown": Read(
        "SELECT * FROM access_settings_shown()",
        "setting",
        {
            OFFICES: SETTINGS
        },
        "choices",
    ),
    # The public page about privacy shows them, so they are no secret.
    "settings_published": Read(
        "SELECT * FROM settings_published()",
        "setting",
        {EVERYONE + " ray/support": SETTINGS, "": SETTINGS},
    ),
    "preview_setting": Read(
        "SELECT * FROM (SELECT s.name, preview_setting(s.name, s.choice) AS shown FROM (VALUES ('tutors', 'off'))"
        " s (name, choice) OFFSET 0) w WHERE w.shown IS NOT NULL",
        "name",
        {DISTRICT: "tutors"},
    ),
    "i_act_for_district": Read(
        "SELECT is_so FROM i_act_for_district() AS is_so WHERE is_so", "is_so", {DISTRICT: "yes"}
    ),
    "restoration_shown": Read("SELECT * FROM restoration_shown()", "uuid", {DISTRICT: "restoration"}),
}

RECORDS = {
    # People that the view's search found. An administrator is never among them.
    "people_to_print_for": Record(
        "SELECT * FROM people_to_print_for()",
        "uuid side",
        lambda view: {f"{student}/student" for student in view.seen} if view.act == "codes" else set(),
    ),
    # Ada is Kai's guardian, so that note names no one to her.
    "restoration_lines_shown": Record(
        "SELECT * FROM restoration_lines_shown(NULL)",
        "person student",
        lambda view: {NOTES[student] for student in view.seen} if view.act == "restoration" else set(),
        always={"ada/staff": "-/-"},
    ),
    # A student only after a view of that student.
    "person_to_print_for": Record(
        "SELECT * FROM (SELECT n.name, s.side, person_to_print_for(n.uuid, s.side) AS shown FROM (VALUES ('bo', '{bo}'::uuid),"
        " ('nina', '{nina}'), ('ana', '{ana}'),"
        " ('dana', '{dana}'), ('ada', '{ada}')) n (name, uuid), unnest(ARRAY['family', 'staff', 'student']) s (side) OFFSET 0) w"
        " WHERE w.shown IS NOT NULL",
        "name side",
        lambda view: {"nina/student"} if view.act in ("code", "ties") and "nina" in view.seen else set(),
        always={"carl/staff ruth/staff": "bo/staff ana/family dana/[staff family]", "ada/staff": "bo/staff ana/family", "fay/staff": "ana/family"},
    ),
}

AGAIN = {"carl/stale": "again"}
DAY = "(now() AT TIME ZONE 'America/Los_Angeles')::date"
PROPOSED = "account_notice+4(waits_for_a_second>ada,carl,ira,vera) ledger+1({}:_proposed) proposal+1"
DECIDED = "account_notice+4(proposal_decided>ada,carl,ira,vera)"
ACTS = {
    "propose_administrator": Act(
        "propose_administrator('{bo}', NULL, '')",
        {"carl/staff ada/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("new_administrator")},
    ),
    # By someone else, and two administrators of the district must stay.
    "end_administrator": Act(
        "end_administrator('{ira}', NULL, '')",
        {"carl/staff ada/staff": "ended", **AGAIN},
        {
            "ended": "account_notice+3(administrators_changed>ada,carl;_office_ended>ira) administrator~1 closing+1"
            " ledger+1(administrator_ended) narrowing+1 session~1"
        },
    ),
    "end_administrator: of a school": Act(
        "end_administrator('{fay}', '{elementary}', '')",
        {"carl/staff ada/staff": "ended", **AGAIN},
        {
            "ended": "account_notice+4(administrators_changed>ada,carl,ira;_office_ended>fay) administrator~1 closing+1"
            " ledger+1(administrator_ended) narrowing+2 proposal~1 session~1"
        },
    ),
    "give_duty": Act(
        f"give_duty('{{bo}}', '{{middle}}', 'registrar', {DAY}, NULL, '')",
        {"carl/staff ada/staff": "given", **AGAIN},
        {"given": "account_notice+1(duty_given>bo) duty+1 ledger+1(duty_given)"},
    ),
    # A duty that opens a whole school waits for a second approval, or a day.
    "give_duty: wide": Act(
        f"give_duty('{{ted}}', '{{middle}}', 'counselor', {DAY}, NULL, '')",
        {"carl/staff ada/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("wide_duty")},
    ),
    "end_duty": Act(
        "end_duty('{duty}', '')",
        {"carl/staff ada/staff": "ended", **AGAIN},
        {"ended": "account_notice+1(duty_ended>pat) closing+1 duty~1 ledger+1(duty_ended) narrowing+1 session~1"},
    ),
    "give_substitution": Act(
        f"give_substitution('{{bo}}', '{{{{{{english}}}}}}', {DAY}, {DAY}, '')",
        {"carl/staff ada/staff": "given", **AGAIN},
        {"given": "account_notice+1(duty_given>bo) ledger+1(substitute_given) substitution+1"},
    ),
    "end_substitution": Act(
        "end_substitution('{substitution}', '')",
        {"carl/staff ada/staff fay/staff": "ended", **AGAIN},
        {"ended": "account_notice+1(duty_ended>rosa) closing+1 ledger+1(substitute_ended) narrowing+1 substitution~1"},
    ),
    # By someone other than Carl, who proposed it, and for what was shown.
    "second_proposal": Act(
        "second_proposal('{duty_bo}', '{seen_as_bo}', '')",
        {"ada/staff vera/staff": "carried out", "carl/staff": "mine", **AGAIN},
        {
            "carried out": "account_notice+9(duty_given>bo;_proposal_decided>ada,carl,ira,vera) duty+1"
            " ledger+3(duty_given;_wide_duty:_carried_out;_wide_duty:_confirmed) proposal~1"
        },
    ),
    "stop_proposal": Act(
        "stop_proposal('{duty_bo}', '')",
        {"ada/staff vera/staff": "stopped", "carl/staff": "withdrawn", **AGAIN},
        {
            "stopped": f"{DECIDED} ledger+1(wide_duty:_stopped) narrowing+1 proposal~1",
            "withdrawn": f"{DECIDED} ledger+1(wide_duty:_withdrawn) narrowing+1 proposal~1",
        },
    ),
    # A stricter choice takes effect right away. A wider one waits for a second approval.
    "change_setting": Act(
        "change_setting('tutors', 'on', 'off')",
        {"carl/staff ada/staff": "kept", **AGAIN},
        {
            "kept": "account_notice+5(setting_changed>ada,carl,ira;_tie_ended>uma;_tutor_ended>ana) closing+1 district~1"
            " ledger+2(setting:tutors;_tutor_ended:leo)"
            " ledger_student+1 narrowing+3 tie~1 tutor_consent~1"
        },
    ),
    "change_setting: wider": Act(
        "change_setting('registering', 'approve first', 'limited first')",
        {"carl/staff ada/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("wider_setting")},
    ),
    "propose_opening": Act(
        "propose_opening('{restoration}', '')",
        {"carl/staff ada/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("open_after_restoration")},
    ),
    "print_code": Act(
        "print_code('{nina}', 'student', 'password', sha256('code'), 'known') IS NOT NULL",
        {"carl/staff ada/staff ruth/staff": "true"},
        {"true": "account_notice+1(code_given>nina) code+1 ledger+1(code_printed:nina) ledger_student+1"},
        "false",
    ),
    "print_cards": Act(
        "print_cards('{algebra}', '{{{max}}}', ARRAY[sha256('card')])",
        {"bo/staff": "1"},
        {"1": "account_notice+1(card_printed>max) card+1 ledger+1(card_printed:max) ledger_student+1"},
        "0",
    ),
    "end_cards": Act(
        "end_cards('{algebra}', '{{{nina}}}')",
        {"bo/staff": "1"},
        {
            "1": "account_notice+1(card_taken_back>nina) card~1 ledger+1(card_ended:nina) ledger_student+1 narrowing+1 session~1"
        },
        "0",
    ),
}
