"""Expected answers about imports, for administrators of the district or a school. A change set shows the line of a student with an alias only to people who
see the real name.
"""

from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, OFFICES, Act, Read

ALL = "NULL, NULL, 9"


def compared(view: View) -> set[str]:
    """Returns questions about people whose birth date the view opened, for people who answer them. A registrar answers none, and Ada answers none about Kai."""
    about = {"question": "nina", "question/kai": "kai", "merge": "max"}
    is_answered = "birth date" in view.has and view.role != "ruth/staff"
    return {question for question, student in about.items() if is_answered and student in view.seen}


def changed(view: View) -> set[str]:
    return {view.subject} if view.act == "changes" else set()


LINES = {"nina": "Nina_Ruiz", "ned": "Ned_Park"}
READS = {
    "deliveries_shown": Read(
        f"SELECT * FROM deliveries_shown({ALL})", "state number", {OFFICES: "imported/1 held/2 imported/3"}
    ),
    "recent_deliveries": Read("SELECT * FROM recent_deliveries(9)", "number", {OFFICES: "1 2 3"}),
    "nightly_expected": Read("SELECT 'expected' AS name, * FROM nightly_expected()", "name", {OFFICES: "expected"}),
    "delivery_of_digest": Read(
        "SELECT number FROM delivery_of_digest(repeat('0', 64)) AS number WHERE number IS NOT NULL",
        "number",
        {OFFICES: "1"},
    ),
    "receipt_shown": Read("SELECT text FROM receipt_shown({file_id})", "text", {OFFICES: "signed_by_the_portal"}),
    "refused_rows_shown": Read(
        "SELECT * FROM refused_rows_shown({file_id}, 0, 9)", "file", {OFFICES: "results.csv"}, "number"
    ),
    "signing_keys_shown": Read("SELECT * FROM signing_keys_shown()", "sender", {OFFICES: "lincoln-it"}),
    "tolerances_shown": Read("SELECT * FROM tolerances_shown()", "tolerance", {OFFICES: "blank-due-dates"}),
    "columns_off_shown": Read("SELECT * FROM columns_off_shown()", "column_name", {OFFICES: "comment preferredGivenName preferredFamilyName"}),
    "change_counts_shown": Read("SELECT * FROM change_counts_shown({file_id})", "kind", {OFFICES: "changed"}),
    "changes_counted": Read(
        "SELECT counted FROM changes_counted({file_id}, '', '', false, '', 9) AS counted WHERE counted > 0",
        "counted",
        {DISTRICT: "3", "fay/staff": "2"},
    ),
    # A newcomer has no record yet, so no view comes first.
    "change_shown": Read(
        "SELECT w.* FROM (VALUES ('{changes_ida}'::uuid), ('{changes_nina}'), ('{changes_ned}')) c (uuid), change_shown({file_id}, c.uuid, false) w",
        "name",
        {OFFICES: "Ida_Novak"},
    ),
    # No one decides about a child they have access to. So Ada decides nothing about Kai.
    "questions_of": Read(
        "SELECT * FROM questions_of({file_id})",
        "sourced_id kind",
        {OFFICES: "nina/reused max-2/returned", "carl/staff fay/staff": "kai/reused"},
        "undone_at",
    ),
    "decisions_of": Read("SELECT * FROM decisions_of({file_id})", "verdict decider", {OFFICES: "approve/Carl_Webb"}),
    "uploader_of": Read(
        "SELECT name FROM uploader_of({file_id}) AS name WHERE name IS NOT NULL", "name", {OFFICES: "Carl_Webb"}
    ),
}
OF_OFFICES = ("same person", "changes", "adults", "request", "birthdays")
RECORDS = {
    # This portal's students that the view named, and people whom the file would add and who have no record yet.
    "changes_shown": Record(
        "SELECT * FROM changes_shown({file_id}, '', '', false, '', 0, 9)",
        "name",
        lambda view: {LINES[student] for student in view.seen if view.act == "change list"},
        always={OFFICES: "Ida_Novak"},
    ),
    "change_shown: viewed": Record(
        "SELECT 'changes/' || c.name AS line, w.* FROM (VALUES ('nina', '{changes_nina}'::uuid), ('ned', '{changes_ned}')) c (name, uuid),"
        " change_shown({file_id}, c.uuid, true) w",
        "line",
        changed,
        after=OF_OFFICES,
    ),
    "question_beside": Record(
        "SELECT * FROM (SELECT q.name, question_beside(q.uuid) AS beside FROM (VALUES ('question', '{question}'::uuid), ('question/kai', '{question_kai}'),"
        " ('merge', '{merge}')) q (name, uuid) OFFSET 0) w WHERE w.beside IS NOT NULL",
        "name",
        compared,
        after=OF_OFFICES,
    ),
}

ANYBODY_OF_AN_OFFICE = "carl/staff ada/staff fay/staff"
ACTS = {
    "set_unread_columns": Act(
        """set_unread_columns('[{{"file": "users.csv", "name": "sms", "was": true, "now": false}}]')""",
        {ANYBODY_OF_AN_OFFICE: "true"},
        {"true": "ledger+1(setting:columns) narrowing+1 unread_column+1"},
        "false",
    ),
    "set_tolerances": Act(
        "set_tolerances('{{blank-due-dates}}', '{{date-times}}')",
        {ANYBODY_OF_AN_OFFICE: "true"},
        {"true": "delivery~1 district~1 ledger+1(setting:tolerances)"},
        "false",
    ),
    "begin_upload": Act("begin_upload() IS NOT NULL", {ANYBODY_OF_AN_OFFICE: "true"}, {"true": "upload+1"}, "false"),
    "write_decision": Act(
        "write_decision({file_id}, 'undo', '', '{{}}', '{{}}')",
        {ANYBODY_OF_AN_OFFICE: "true"},
        {"true": "decision+1 ledger+1(import_undo)"},
        "false",
    ),
    "propose_answer": Act(
        "propose_answer('{question}', 'new person')", {ANYBODY_OF_AN_OFFICE: "answered"}, {"answered": "answer+1"}
    ),
    # By someone other than Ira, who proposed it, and not about one's own child.
    "confirm_answer": Act(
        "confirm_answer('{question_kai}', 'same person')",
        {"carl/staff fay/staff": "answered"},
        {"answered": "answer~1"},
    ),
    "withdraw_answer": Act("withdraw_answer('{question_kai}')", {"carl/staff fay/staff": "open"}, {"open": "answer-1"}),
    "undo_merge": Act(
        "undo_merge('{merge}')",
        {"carl/staff fay/staff": "undone"},
        {"undone": "ledger+2(merge_undone:kai;_merge_undone:max) ledger_student+2 merge~1 narrowing+1 row_image+1"},
    ),
}
