"""Expected answers about the access log for offices, a hidden entry, and support."""

from collections.abc import Callable

from tests.house.expected_offices import PROPOSED
from tests.house.expected_records import Record
from tests.house.expected_views import View
from tests.house.notation import DISTRICT, OFFICES, Act, Read

SUPPORT = "ray/support"


def office_lines(view: View) -> set[str]:
    """Returns every line with every name, if an administrator who manages Nina's access viewed her access log."""
    return (
        {"teacher/Bo_Larsen", "family/Tia_Bright", "family/Zoe_Bell", "family/Ana_Ruiz", "administrator/Carl_Webb"}
        if is_kept(view, "nina")
        else set()
    )


def is_kept(view: View, student: str) -> bool:
    return "ledger" in view.has and view.capacity == "administrator" and student in view.seen


def whose(view: View) -> set[str]:
    return {student for student in view.seen if is_kept(view, student)}


READS = {
    "ledger_settings": Read("SELECT * FROM ledger_settings('attendance codes')", "name", {OFFICES: "Carl_Webb"}),
    "security_events": Read(
        "SELECT DISTINCT replace(kind, ' ', '_') AS name FROM security_events('sign out', NULL, NULL, NULL, '-infinity', 'infinity', NULL, NULL)",
        "name",
        {DISTRICT: "sign_out"},
    ),
    "brakes_shown": Read("SELECT * FROM brakes_shown()", "name", {DISTRICT: "Oz_Finch"}),
    "week_viewers": Read(
        "SELECT * FROM week_viewers((now() AT TIME ZONE 'America/Los_Angeles')::date - 6)",
        "name",
        {DISTRICT: "Ada_Frost Bo_Larsen Cam_Doyle Carl_Webb Dana_Okafor Fay_Nolan Oz_Finch Pat_Quill Rosa_Lim Ruth_Cole Ted_Shaw"},
    ),
    "supporters_shown": Read("SELECT * FROM supporters_shown()", "uuid", {DISTRICT: "supporter supporter/sue"}),
    # Support, while a grant runs. It gets no student's data without a view.
    "asking_support": Read(
        "SELECT 'runs' AS name FROM asking_support() AS g WHERE g IS NOT NULL", "name", {SUPPORT: "runs"}
    ),
    "begin_support": Read(
        "SELECT w.* FROM jsonb_to_record(begin_support(decode(current_setting('homeroom.proof'), 'hex'))) AS w (name text,"
        " students integer) WHERE w.name IS NOT NULL",
        "name",
        {SUPPORT: "Ray_Stone"},
    ),
    "support_deliveries": Read(
        "SELECT * FROM support_deliveries()",
        "state received_at",
        {SUPPORT: "imported/now+0 held/now-1 imported/now-20"},
    ),
    "support_estimates": Read("SELECT e FROM support_estimates() AS e WHERE e IS NOT NULL", "e", {SUPPORT: "no"}),
}
TIES = {  # kind, state, and why it is closed
    "nina": "parent/approved/ parent/suspended/state tutor/approved/ parent/requested/state caseworker/approved/",
    "kai": "parent/approved/ guardian/approved/ parent/approved/not_begun",
}


def supported(rows: dict[str, str]) -> Callable[[View], set[str]]:
    """Returns what support's functions answer after a view of a student of the grant: numbers and dates, and no name."""
    return lambda view: set(rows[view.subject].split()) if view.act == "support" else set()


OF_SUPPORT = ("support", "child", "gradebook")
RECORDS = {
    "support_grants_shown": Record(
        "SELECT * FROM support_grants_shown(NULL)", "uuid", lambda view: {"grant"} if view.act == "support grants" else set()
    ),
    "students_named_for_support": Record(
        "SELECT * FROM students_named_for_support('{{{nina},{kai}}}')",
        "uuid",
        lambda view: {"nina", "kai"} & set(view.seen) if view.act == "support students" else set(),
        "id",
    ),
    "students_for_support": Record(
        "SELECT * FROM students_for_support()", "uuid", lambda view: set(view.seen) if view.act == "support students" else set()
    ),
    "support_classes": Record(
        "SELECT * FROM support_classes()", "class", supported({"nina": "1 2", "kai": "1"}), after=OF_SUPPORT
    ),
    "support_work": Record(
        "SELECT * FROM support_work()",
        "class is_grade",
        supported({"nina": "1/yes 1/no 2/yes 2/no", "kai": "1/yes 1/no"}),
        after=OF_SUPPORT,
    ),
    "support_marks": Record(
        "SELECT * FROM support_marks('-infinity')",
        "day",
        supported({"nina": "today-2", "kai": "today-2"}),
        after=OF_SUPPORT,
    ),
    "support_ties": Record("SELECT * FROM support_ties()", "kind state closed_by", supported(TIES), after=OF_SUPPORT),
    "ledger_for_office": Record(
        "SELECT l.* FROM ledger_for_office('{nina}', {hidden_id} + 1) l",
        "capacity name",
        office_lines,
        "entry at",
        after=("ledger check", "adults", "child", "who has looked"),
    ),
    "child_of_lines": Record(
        "SELECT s.name, l.* FROM {who}, child_of_lines(s.uuid) l",
        "name",
        whose,
        after=("ledger check", "adults", "child", "who has looked"),
    ),
}

AGAIN = {"carl/stale": "again"}
DAY = "(now() AT TIME ZONE 'America/Los_Angeles')::date"
ACTS = {
    "propose_withholding": Act(
        f"propose_withholding('{{nina}}', {{bos_id}}, 'safety', {DAY} + 5, 'He is followed.')",
        {"carl/staff ada/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("withheld_entry")},
        view=("ledger check", "nina"),
    ),
    # Ada may not propose it, because Kai is among the students.
    "propose_support": Act(
        "propose_support('{supporter_sue}', 2, '{{{kai}}}', 'A score is missing.')",
        {"carl/staff": "proposed", **AGAIN},
        {"proposed": PROPOSED.format("support")},
    ),
    "raise_cap": Act(
        "raise_cap('{pat}', 100, 'She prints letters.')",
        {"carl/staff ada/staff": "raised", "carl/stale": "again"},
        {"raised": "account_notice+1(viewing_released>pat) cap_raise+1 ledger+1(viewing_limit_raised)"},
    ),
    "count_names": Act("count_names(ARRAY[1, 2, 3])", {"carl/staff ada/staff carl/stale": "3"}, {"3": "look_count~1"}, "0"),  # viewed already today
    "end_support": Act(
        "end_support('{grant}', '')",
        {"carl/staff ada/staff": "ended", **AGAIN},
        {
            "ended": "account_notice+3(support_ended>ada,carl,ira) ledger+1(support_ended) narrowing+1 support_grant~1 support_session~1"
        },
    ),
    "support_look": Act(
        "SELECT count(*) FROM support_look(decode(current_setting('homeroom.proof'), 'hex'), 1) AS entry WHERE entry > 0",
        {SUPPORT: "1"},
        {"1": "ledger+1(look:support:nina) ledger_student+1 support_opening+1"},
        "0",
    ),
}
