"""Expected answers about tutors: what the tutor reads and asks, what the family consents to, and what the district answers."""

from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, EVERYONE, Act, Read

READS = {
    "tutor_terms_shown": Read("SELECT 'now' AS at, * FROM tutor_terms_shown()", "at", {EVERYONE: "now"}),
    "my_application": Read(
        "SELECT * FROM my_application()",
        "organization",
        {"tia/family": "After-School_Center", "uma/family uma/weak": "Library", "oz/family": "Chess"},
    ),
    # A tutor reads a student's alias, and sees no student without a second factor.
    "my_students": Read(
        "SELECT * FROM my_students()", "name", {"tia/family": "Nina_Ruiz Rob_Vale", "uma/family": "Leo_Ruiz"}
    ),
    "my_tutor_requests": Read("SELECT * FROM my_tutor_requests()", "uuid", {"tia/family": "wanted"}),
    "my_say_on_consents": Read(
        "SELECT s.name, w.* FROM {who}, my_say_on_consents(s.uuid) w",
        "name",
        {
            "ana/family": "nina leo",
            "zoe/family nina/student": "nina",
            "dana/family ada/family": "kai",
            "dee/family max/student": "max",
            "ora/family ned/student": "ned",
            "pia/family ivy/student": "ivy",
            "leo/student": "leo",
        },
        "student_id tie_id",
    ),
    "tutor_requests_of": Read("SELECT r.* FROM {who}, tutor_requests_of(s.uuid) r", "uuid", {"ana/family": "wanted"}),
    "tutors_of": Read(
        "SELECT s.name AS child, t.* FROM {who}, tutors_of(s.uuid) t",
        "child uuid",
        {
            "ana/family": "nina/tie/tia/nina leo/tie/uma/leo",
            "zoe/family nina/student": "nina/tie/tia/nina",
            "leo/student": "leo/tie/uma/leo",
            "ora/family ned/student": "ned/tie/tia/ned",
        },
    ),
    # Only for the whole district's administrators, and not about an adult of one's own child, as Oz is for Ada.
    "tutor_applications_shown": Read(
        "SELECT * FROM tutor_applications_shown()",
        "uuid",
        {DISTRICT: "applied applied/uma", "carl/staff": "applied/oz"},
    ),
}


def tutored(view: View) -> set[str]:
    """Returns tutors' access to the students that the view listed."""
    ties = {"tie/tia/nina": "nina", "tie/tia/ned": "ned", "tie/uma/leo": "leo"}
    return {tie for tie, student in ties.items() if view.act == "tutor office" and student in view.seen}


RECORDS = {
    "tutor_ties_shown": Record("SELECT * FROM tutor_ties_shown()", "uuid", tutored, "number has_more"),
}

AGAIN = {"carl/stale": "again"}
ENDED = "closing+1 ledger+1(tutor_ended:{}) ledger_student+1 narrowing+{} tie~1"
OF_NINA = ENDED.format("nina", 1)
ACTS = {
    "ask_for_student": Act(
        """ask_for_student(jsonb_build_object('school', '{middle}', 'given_name', 'Tom', 'family_name', 'Vega', 'birth_date', '2015-03-08', 'purpose', 'Chess',
            'kinds', '["attendance"]'::jsonb, 'last_day', now()::date + 10))""",
        {"tia/family uma/family": "asked", "uma/weak": "factor"},
        {"asked": "tutor_request+1"},
    ),
    "withdraw_tutor_request": Act(
        "withdraw_tutor_request('{wanted}')", {"tia/family": "true"}, {"true": "narrowing+1 tutor_request~1"}, "false"
    ),
    # 34 CFR 99.30. By an adult with approved access and that right, and signed.
    "give_consent": Act(
        "give_consent('{leo}', '{wanted}', '{{attendance}}', 'Ana Ruiz')",
        {"ana/family": "given"},
        {
            "given": "account_notice+1(tutor_consent>tia) ledger+1(tutor_let_in:leo) ledger_student+1 tie+1 tutor_consent+1 tutor_request~1"
        },
    ),
    "decline_tutor": Act(
        "decline_tutor('{leo}', '{wanted}')", {"ana/family": "declined"}, {"declined": "narrowing+1 tutor_request~1"}
    ),
    "end_tutor": Act(
        "end_tutor('{nina}', '{tie_tia_nina}')",
        {"ana/family zoe/family nina/student": "ended"},
        {
            "ana/family ended": f"account_notice+3(tie_ended>tia;_tutor_ended>nina,zoe) {OF_NINA}",
            "zoe/family ended": f"account_notice+3(tie_ended>tia;_tutor_ended>ana,nina) {OF_NINA}",
            "nina/student ended": f"account_notice+4(tie_ended>tia;_tutor_ended>ana,nina,zoe) {OF_NINA}",
        },
    ),
    "answer_tutor": Act(
        "answer_tutor('{applied_oz}', 'approved', 'known')",
        {"carl/staff": "approved", **AGAIN},
        {"approved": "account_notice+1(request_answered>oz) ledger+1(tutor_approved) tutor_application~1"},
    ),
    "end_tutor_by_office": Act(
        "end_tutor_by_office('{tie_uma_leo}')",
        {"carl/staff ada/staff fay/staff": "ended", **AGAIN},
        {"ended": f"account_notice+2(tie_ended>uma;_tutor_ended>ana) {ENDED.format('leo', 2)} tutor_consent~1"},
    ),
}
