"""Expected answers about rights transfer at 18, former students, aliases and notices on paper."""

from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, Act, Read

OF_MIDDLE = f"{DISTRICT} ruth/staff"  # offices for Lincoln Middle's students


def soon(view: View) -> set[str]:
    """Returns students who are 18 soon or whose birth date changed, if the view opened birth dates. Ada doesn't decide about Kai, nor an office about other
    schools.
    """
    return {
        student
        for student in ("max", "kai")
        if "birth date" in view.has and student in view.seen and view.role != "fay/staff"
    }


READS = {
    "ages_counted": Read(
        "SELECT * FROM ages_counted()",
        "soon held closed without on_paper",
        {"carl/staff ruth/staff": "1/1/1/1/1", "ada/staff": "1/0/1/1/1", "fay/staff": "0/0/0/0/0"},
    ),
    "my_majority": Read(
        "SELECT * FROM (SELECT 'mine' AS whose, my_majority() AS shown OFFSET 0) w WHERE w.shown IS NOT NULL",
        "whose",
        {"max/student ivy/student": "mine"},
    ),
    # An adult who is restricted, or whose access has not begun, doesn't see it.
    "my_children_at_18": Read(
        "SELECT * FROM my_children_at_18()",
        "child_name",
        {"dee/family": "Max", "ora/family": "Ivy", "dana/family ada/family": "Kai"},
    ),
    "my_children_shut": Read("SELECT * FROM my_children_shut()", "child_name", {"ora/family": "Sia"}),
    "my_inspections": Read(
        "SELECT * FROM my_inspections()",
        "uuid",
        {
            "ana/family": "nina leo",
            "nina/student zoe/family": "nina",
            "leo/student": "leo",
            "dee/family max/student": "max",
            "dana/family ada/family": "kai",
            "ora/family": "hal ned",
            "hal/student": "hal",
            "pia/family ivy/student": "ivy",
            "ned/student": "ned",
        },
        "left_on last_day due latest",
    ),
    "inspections_shown": Read(
        "SELECT * FROM inspections_shown()", "uuid", {OF_MIDDLE: "inspection inspection/ora"}, "due latest is_late"
    ),
}
ALIASES = {"leo": "masking", "ned": "masking/ned"}
RECORDS = {
    "student_for_masking": Record(
        "SELECT s.name AS who, m.* FROM {who}, student_for_masking(s.uuid) m",
        "who",
        lambda view: set(view.seen) if view.act == "masked" else set(),
    ),
    "maskings_shown": Record(
        "SELECT * FROM maskings_shown()",
        "uuid",
        lambda view: {ALIASES[student] for student in view.seen if view.act == "masked" and student in ALIASES},
        "number has_more",
    ),
    "students_for_masking": Record(
        "SELECT * FROM students_for_masking()", "uuid", lambda view: set(view.seen) if view.act == "masked" else set()
    ),
    "without_birth_date": Record(
        "SELECT * FROM without_birth_date()", "number", lambda view: set(view.seen) if view.act == "no birth date" else set()
    ),
    "suspended_by_age": Record(
        "SELECT * FROM suspended_by_age()", "tie", lambda view: {"tie/ora/ivy"} if view.act == "ages" else set()
    ),
    "told_on_paper": Record(
        "SELECT * FROM told_on_paper()",
        "addressee student",
        lambda view: {"Dee_Moss/Max_Moss"} if view.act == "papers" else set(),
        "number",
    ),
    "ages_soon": Record(
        "SELECT * FROM ages_soon()", "student", soon, after=("birthdays", "same person", "request", "adults")
    )
}

AGAIN = {"carl/stale": "again"}
DAY = "(now() AT TIME ZONE 'America/Los_Angeles')::date"
ACTS = {
    "lift_suspension_by_age": Act(
        "lift_suspension_by_age('{tie_ora_ivy}', 'court', '', NULL)",
        {"carl/staff ada/staff ruth/staff": "opened", **AGAIN},
        {
            "opened": "account_notice+1(open_after_18>ora) age_effect~1 closing+1 ledger+1(tie_open_after_18:ivy) ledger_student+1 tie~1"
        },
    ),
    # No row means that all were done. Otherwise there is the reason, or the numbers that aren't the asker's students.
    "record_dependence": Act(
        "SELECT coalesce(string_agg(concat_ws(' ', number, word), ', '), 'done') FROM record_dependence('record', '{{max}}', 'tax return', NULL)",
        {"carl/staff ada/staff ruth/staff": "done", "carl/stale": "again", "fay/staff": "max unknown"},
        {"done": "dependence+1 ledger+1(dependence_recorded:max) ledger_student+1"},
    ),
    "confirm_birth_date": Act(
        "confirm_birth_date('{kai}', 'record')",
        {"carl/staff ruth/staff": "confirmed", **AGAIN},
        {"confirmed": "ledger+1(birth_date_confirmed:kai) ledger_student+1 majority-1"},
    ),
    "paper_printed": Act(
        "paper_printed(ARRAY[{paper_id}])",
        {f"{DISTRICT} carl/stale ruth/staff": "1"},
        {"1": "ledger+1(told_on_paper:max) ledger_student+1 paper_notice~1"},
        "0",
    ),
    # Only by the student, and never after signing in with a card.
    "agree_at_18": Act(
        "agree_at_18('{tie_ora_ivy}')",
        {"ivy/student": "agreed"},
        {
            "agreed": "account_notice+1(open_after_18>ora) age_agreement+1 age_effect~1 closing+1"
            " ledger+2(agreed_at_18:ivy;_tie_open_after_18:ivy) ledger_student+2 tie~1"
        },
    ),
    "end_agreement": Act(
        "end_agreement('{tie_pia_ivy}')",
        {"ivy/student": "ended"},
        {
            "ended": "account_mail+1 account_notice+1(closed_at_18>pia) age_agreement~1 age_effect~1 closing+1"
            " ledger+2(agreement_ended:ivy;_tie_suspended_by_age:ivy)"
            " ledger_student+2 narrowing+2 tie~1"
        },
    ),
    "ask_for_inspection": Act(
        "ask_for_inspection('{hal}', '')",
        {"hal/student": "asked", "ora/family": "taken"},
        {
            "asked": "account_notice+4(inspection_asked>ada,carl,ira,ruth) inspection+1 ledger+1(inspection_asked:hal) ledger_student+1"
        },
    ),
    "withdraw_inspection": Act(
        "withdraw_inspection('{hal}')",
        {"ora/family": "withdrawn"},
        {"withdrawn": "inspection~1 ledger+1(inspection_withdrawn:hal) ledger_student+1"},
    ),
    "answer_inspection": Act(
        "answer_inspection('{inspection_ora}', 'opened', 9)",
        {"carl/staff ada/staff ruth/staff": "opened", **AGAIN},
        {
            "opened": "account_notice+1(request_answered>ora) inspection~1 ledger+1(inspection_opened:hal) ledger_student+1"
        },
    ),
    # A restriction outweighs everything.
    "answer_inspection: barred": Act(
        "answer_inspection('{inspection}', 'opened', 9)", {"carl/staff ada/staff ruth/staff": "barred", **AGAIN}
    ),
    "mask_student": Act(
        f"mask_student('{{nina}}', 'Robin', 'Vale', 'threat', {DAY}, NULL)",
        {"carl/staff ada/staff": "masked", **AGAIN},
        {"masked": "closing+12 ledger+1(student_masked:nina) ledger_student+1 masking+1 narrowing+1"},
    ),
    "propose_unmasking": Act(
        "propose_unmasking('{masking}', '')",
        {"carl/staff ada/staff fay/staff": "proposed", **AGAIN},
        {
            "proposed": "account_notice+5(waits_for_a_second>ada,carl,fay,ira,vera) ledger+1(unmasking:_proposed) proposal+1"
        },
    ),
}
