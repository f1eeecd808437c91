"""Expected answers about requests to correct a record (34 CFR 99.20, Ed. Code 49070)."""

from tests.house.expected_ages import AGAIN, OF_MIDDLE
from tests.house.expected_records import SEATS, Record
from tests.house.expected_ties import DAY
from tests.house.expected_views import View
from tests.house.notation import Act, Read, names

OWN = {"ned": "correction/[ora refused heard scored named]", "kai": "correction"}
CORRECTS = "ana/family dana/family ada/family dee/family ora/family ivy/student"  # who may ask for corrections


def correctable(view: View) -> set[str]:
    """Returns what a request can name, and how many of each. Each class has a score and a grade, and everyone was absent for a day."""
    if view.act != "corrections" or view.role not in CORRECTS.split():
        return set()
    (student,) = view.seen
    many = dict.fromkeys(("first_name", "middle_name", "last_name", "birth_date", "grade_level", "attendance"), 1)
    many |= dict.fromkeys(("score", "class_grade"), len(SEATS[student].split()))
    return {f"{student}/{about}/{count}" for about, count in many.items()}


FAMILY = {
    "ana/family": "nina leo", "zoe/family nina/student": "nina", "dana/family ada/family": "kai", "dee/family max/student": "max",
    "ora/family ned/student": "ned", "pia/family ivy/student": "ivy", "leo/student": "leo",
}  # fmt: skip
CATEGORIES = "[name birth_date email phone attendance_dates]"
READS = {
    "directory_shown": Read(
        "SELECT s.name AS student, d.* FROM {who}, directory_shown(s.uuid) d",
        "student category",
        {who: " ".join(f"{child}/{CATEGORIES}" for child in children.split()) for who, children in FAMILY.items()},
    ),
    "consents_shown": Read(
        "SELECT s.name AS student, d.* FROM {who}, consents_shown(s.uuid) d",
        "student uuid",
        {
            "ana/family leo/student": "leo/tie/uma/leo",
            "ora/family ned/student": "ned/[signed/ora signed/over]",
        },
    ),
    "corrections_shown": Read(
        "SELECT * FROM corrections_shown()", "uuid", {"carl/staff ruth/staff": "correction", OF_MIDDLE: "correction/[ora refused heard]"}, "due is_late"
    ),
}
RECORDS = {
    "correctable_shown": Record(
        "SELECT s.name AS student, w.about, count(*) AS many FROM {who}, unnest(ARRAY['', 'score', 'class grade', 'attendance']) k,"
        " correctable_shown(s.uuid, k) w GROUP BY 1, 2",
        "student about many",
        correctable,
        after=("corrections", "everything kept", "child", "gradebook"),
    ),
    "my_corrections": Record(
        "SELECT w.* FROM {who}, my_corrections(s.uuid) w",
        "uuid",
        lambda view: names(OWN[view.subject]) if view.act == "corrections" and view.role in ("ora/family", "dana/family") else set(),
        "due",
        after=("corrections", "everything kept", "child", "correction case"),
    ),
    "correction_shown": Record(
        "SELECT * FROM correction_shown('{correction_ora}')",
        "uuid",
        lambda view: {"correction/ora"} if view.act == "correction case" else set(),
        after=("correction case", "corrections", "people", "request"),
    ),
}
OFFICE_OF_NED = "carl/staff ada/staff ruth/staff"
ACTS = {
    "ask_for_correction": Act(
        "ask_for_correction('{nina}', 'last name', NULL, 'Vega', 'inaccurate', 'Her birth certificate says so.')",
        {"ana/family": "asked"},
        {"asked": "account_notice+4(correction_asked>ada,carl,ira,ruth) correction+1 ledger+1(correction_asked:nina) ledger_student+1"},
    ),
    "ask_for_correction: same": Act("ask_for_correction('{nina}', 'last name', NULL, ' RUIZ', 'inaccurate', 'x')", {"ana/family": "same"}),
    "withdraw_correction": Act(
        "withdraw_correction('{correction_ora}')",
        {"ora/family": "withdrawn"},
        {"withdrawn": "correction~1 ledger+1(correction_withdrawn:ned) ledger_student+1"},
    ),
    "answer_correction": Act(
        "answer_correction('{correction_ora}', 'agreed', 'Parker', '', '')",
        {OFFICE_OF_NED: "agreed", **AGAIN},
        {"agreed": "account_notice+1(request_answered>ora) correction~1 ledger+1(correction_agreed:ned) ledger_student+1"},
    ),
    "opt_out": Act(
        "opt_out('{nina}', 'name')", {"ana/family": "kept"}, {"kept": "directory_opt_out+1 ledger+1(directory_opted_out:nina) ledger_student+1 narrowing+1"}
    ),
    "take_back_opt_out": Act("take_back_opt_out('{nina}', 'name')", {"ana/family": "same"}),
    "take_back_opt_out: ended": Act(
        "take_back_opt_out('{ned}', 'name')",
        {"ora/family": "ended"},
        {"ended": "account_notice+1(opt-out_taken_back>ned) directory_opt_out~1 ledger+1(opt-out_taken_back:ned) ledger_student+1"},
    ),
    "sign_consent": Act(
        f"sign_consent('{{nina}}', '{{{{grades}}}}', 'Therapy', 'Lee Clinic', {DAY} + 9, 'Ana Ruiz')",
        {"ana/family": "given"},
        {"given": "account_notice+2(consent_signed>nina,zoe) ledger+1(consent_signed:nina) ledger_student+1 signed_consent+1"},
    ),
    "end_consent": Act(
        "end_consent('{ned}', '{signed_ora}')",
        {"ora/family ned/student": "ended"},
        {
            "ora/family ended": "account_notice+1(consent_ended>ned) ledger+1(consent_ended:ned) ledger_student+1 narrowing+1 signed_consent~1",
            "ned/student ended": "account_notice+2(consent_ended>ned,ora) ledger+1(consent_ended:ned) ledger_student+1 narrowing+1 signed_consent~1",
        },
    ),
    "ask_for_hearing": Act("ask_for_hearing('{correction_ora}')", {"ora/family": "over"}),
    "ask_for_hearing: asked": Act(
        "ask_for_hearing('{correction_refused}')",
        {"ora/family": "asked"},
        {"asked": "account_notice+4(hearing_asked>ada,carl,ira,ruth) correction~1 ledger+1(hearing_asked:ned) ledger_student+1"},
    ),
    "add_statement": Act("add_statement('{correction_ora}', 'X')", {"ora/family": "over"}),
    "add_statement: refused": Act(
        "add_statement('{correction_refused}', 'We disagree.')",
        {"ora/family": "kept"},
        {"kept": "account_notice+4(statement_added>ada,carl,ira,ruth) correction~1 ledger+1(statement_added:ned) ledger_student+1"},
    ),
    "set_hearing": Act(f"set_hearing('{{correction_ora}}', {DAY} + 9, 'Room 4')", {OFFICE_OF_NED: "taken", **AGAIN}),
    "set_hearing: set": Act(
        f"set_hearing('{{correction_heard}}', {DAY} + 9, 'Room 4')",
        {OFFICE_OF_NED: "set", **AGAIN},
        {"set": "account_notice+1(request_answered>ora) correction~1 ledger+1(hearing_set:ned) ledger_student+1"},
    ),
    "answer_correction: heard": Act(
        "answer_correction('{correction_heard}', 'refused', '', 'No.', '')",
        {OFFICE_OF_NED: "refused", **AGAIN},
        {"refused": "account_notice+1(request_answered>ora) correction~1 ledger+1(hearing_refused:ned) ledger_student+1"},
    ),
    "finish_correction": Act("finish_correction('{correction_ora}')", {OFFICE_OF_NED: "taken", **AGAIN}),
}
